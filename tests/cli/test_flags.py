"""What the library says of its arguments, the command says of its flags."""

from __future__ import annotations

import ast
import re
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
from click import Context
from click.testing import CliRunner

import kirinuki
from fake_segmenter import draw
from kirinuki.cli import VERBS, cli
from kirinuki.cli.data import DATA_VERBS
from kirinuki.cli.flags import flag_of, in_flags
from kirinuki.errors import KirinukiError, OutputError, arguments_in
from kirinuki.files import write_atomically

SOURCE = Path(kirinuki.__file__).parent
WRITE_LABELS_ONLY = "cut", "video", "data/frames", "data/prelabel", "data/compose"
ON_THE_CPU = "train", "export", "doctor", *(f"data/{verb}" for verb in {*DATA_VERBS} - {"prelabel"})
NOT_RAISED = {
    *(("cli/train.py", "group_by"), ("cli/train.py", "val_share")),  # caught, and said otherwise
    ("cli/data/compose.py", "val"),  # only training chooses what to hold out
    ("cli/doctor.py", "overwrite"),  # it writes nothing
    *((f"cli/{verb}.py", "pictures") for verb in WRITE_LABELS_ONLY),
    *((f"cli/{verb}.py", "provider") for verb in ON_THE_CPU),
}
"""Arguments of which a verb never hears, though the files that speak of them are reached."""
PYTHON_ALONE = {
    "array",
    "codec",
    "display_score",
    "frames",
    "image_id",
    "instances",
    "like",
    "model",
    "names",
    "outputs",
    "size_hw",
    "target",
    "value",
}
"""What the command always gives, and gives right."""
VERB_FILES = [
    *(f"cli/{verb}.py" for verb in VERBS if verb not in ("data", "demo", "serve")),
    *(f"cli/data/{verb}.py" for verb in DATA_VERBS),
]
"""All but demo, which is cut with settings of its own that contradict nothing, and serve, which
says what it hears to its clients, in the words of its fields."""


def file_of(parts: list[str]) -> Path | None:
    """The file of a module of ours, or of what is imported from it."""
    for module in (parts, parts[:-1]):
        path = SOURCE.joinpath(*module[1:])
        for file in (path.with_suffix(".py"), path / "__init__.py"):
            if module and module[0] == "kirinuki" and len(module) > 1 and file.is_file():
                return file
    return None


@cache
def imports(path: Path) -> frozenset[Path]:
    """The files of ours that a file imports anywhere."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            found |= {file_of([*node.module.split("."), a.name]) for a in node.names}
    return frozenset(file for file in found if file is not None)


def reached(verb: str) -> set[Path]:
    """All files that a verb can run."""
    todo, seen = [SOURCE / verb], set[Path]()
    while todo:
        path = todo.pop()
        if path not in seen:
            seen.add(path)
            todo += imports(path)
    return seen


@cache
def spoken_of(path: Path) -> dict[str, int]:
    """Arguments in the messages of a file, and the line that speaks of each."""
    return {
        argument: node.lineno
        for node in ast.walk(without_docstrings(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for argument in arguments_in(node.value)
    }


def without_docstrings(path: Path) -> ast.Module:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            node.body = [s for s in node.body if not is_text(s)]
    return tree


def is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


@pytest.mark.parametrize("verb", VERB_FILES)
def test_a_verb_has_a_flag_for_every_argument_it_hears_of(verb: str) -> None:
    command = import_module("kirinuki." + verb[:-3].replace("/", ".")).command
    missing = {
        f"{argument} ({path.relative_to(SOURCE)}, line {line})"
        for path in reached(verb)
        for argument, line in spoken_of(path).items()
        if flag_of(argument, command) is None
        and argument not in PYTHON_ALONE
        and (verb, argument) not in NOT_RAISED
    }
    assert not missing


@pytest.mark.parametrize("verb", VERB_FILES)
def test_where_results_go_is_called_out(verb: str) -> None:
    command = import_module("kirinuki." + verb[:-3].replace("/", ".")).command
    options = [one.opts for one in command.params if "-o" in one.opts]
    assert all(opts[:2] == ["-o", "--out"] for opts in options)


@pytest.mark.parametrize("verb", VERB_FILES)
def test_help_speaks_of_flags(verb: str) -> None:
    command = import_module("kirinuki." + verb[:-3].replace("/", ".")).command
    told = [command.help, *(getattr(one, "help", None) for one in command.params)]
    assert not [text for text in told if text and "`" in text]


@pytest.mark.parametrize(
    "words",
    ["--grow 3 --shrink 3", "--hard --feather 2", "--name x", "--outline 4 --outline-colour nope"],
)
def test_wrong_usage_is_told_in_flags(words: str) -> None:
    outcome = CliRunner().invoke(cli, ["cut", "a.png", *words.split()])
    assert outcome.exit_code == 2
    assert "`" not in outcome.stderr
    assert words.split()[0].replace("--outline", "--outline-colour") in outcome.stderr


LIBRARY = [path for path in SOURCE.rglob("*.py") if path.relative_to(SOURCE).parts[0] != "cli"]
COMMAND_LINE = re.compile(r"(?<![\w`])(--[a-z]|(?<=.)--$|-o\b)")
"""A flag."""
WHOLE = re.compile("kirinuki |data |pip ")
"""Of a whole command to run, "kirinuki data check", which may have flags."""


@pytest.mark.parametrize("path", LIBRARY, ids=lambda path: str(path.relative_to(SOURCE)))
def test_the_library_speaks_of_no_flags(path: Path) -> None:
    said = [
        node.value
        for node in ast.walk(without_docstrings(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    assert not [
        s for s in said if COMMAND_LINE.search(s) and not re.search("kirinuki |data |pip ", s)
    ]


def test_an_error_names_its_arguments(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.touch()
    with pytest.raises(OutputError) as refused, write_atomically(path):
        pass
    assert refused.value.arguments == ("overwrite",)
    assert str(refused.value) == f"{path}: exists already; pass `overwrite` to replace it"
    assert KirinukiError("a.png: is no picture").arguments == ()


def test_backquotes_in_the_name_of_a_file_are_no_argument() -> None:
    for name in ("`model`.png", "a`out`", "in/`out`/b.png", "`out`-1.png", "x-`out`"):
        message = f"{name}: exists already; pass `overwrite`, or another folder (`out`)."
        assert KirinukiError(message).arguments == ("overwrite", "out")
        assert in_flags(f"{name}: no such file", cli.get_command(Context(cli), "cut")) == (
            f"{name}: no such file"
        )


def test_the_command_says_flags(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    draw(tmp_path / "a.png")
    (tmp_path / "sheet.png").touch()
    outcome = CliRunner().invoke(
        cli, ["data", "split", str(tmp_path), "--group-by", "(", "-o", str(tmp_path)]
    )
    assert "`" not in str(outcome.exception)
    cut = import_module("kirinuki.cli.cut").command
    told = "pass `resume`, or choose another folder (`out`); `to` was 1; `nonsense` stays"
    assert in_flags(told, cut) == (
        "pass --resume, or choose another folder (-o); --to was 1; `nonsense` stays"
    )
