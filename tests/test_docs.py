"""Documentation that cannot fall behind: help texts, the CLI reference, links, examples."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import click
import pytest

import kirinuki
import kirinuki.interop


def script(path: Path) -> ModuleType:
    """A script of docs/, loaded and not run."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def generator(repository: Path) -> ModuleType:
    return script(repository / "docs" / "generate_cli.py")


def test_every_command_and_option_has_help(generator: ModuleType) -> None:
    missing = []
    for context, command in generator.commands():
        if not command.help:
            missing.append(context.command_path)
        for parameter in command.get_params(context):
            if isinstance(parameter, click.Option) and not parameter.help:
                missing.append(f"{context.command_path} {parameter.opts[-1]}")
    assert not missing


def test_cli_reference_is_up_to_date(repository: Path) -> None:
    """In a process of its own: click keeps in a command what `-h` was called the first time."""
    script = repository / "docs" / "generate_cli.py"
    made = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import runpy; print(runpy.run_path({str(script)!r})['reference']())",
        ],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        check=True,
    )
    written = script.with_name("cli.md").read_text(encoding="utf-8")
    assert written == made.stdout.removesuffix("\n"), "run: make docs"


def test_python_reference_is_up_to_date(repository: Path) -> None:
    written = (repository / "docs" / "python-reference.md").read_text(encoding="utf-8")
    assert written == script(repository / "docs" / "generate_python.py").reference(), (
        "run: make docs"
    )


def test_python_reference_has_every_public_name(repository: Path) -> None:
    names = {
        public.name for public in script(repository / "docs" / "generate_python.py").public_names()
    }
    assert {f"kirinuki.{name}" for name in kirinuki.__all__} <= names
    assert {f"kirinuki.interop.{name}" for name in kirinuki.interop.__all__} <= names
    page = (repository / "docs" / "python.md").read_text(encoding="utf-8")
    listed = page.split("## Public names")[1].split("; and")[0]
    assert sorted(re.findall(r"`(\w+)`", listed)) == kirinuki.__all__


def pages(repository: Path) -> list[Path]:
    packages = (repository / "packages").glob("*/README.md")
    return [*repository.glob("*.md"), *(repository / "docs").rglob("*.md"), *packages]


def test_links_between_pages_lead_somewhere(repository: Path) -> None:
    broken = []
    for page in pages(repository):
        text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            if re.match(r"[a-z]+:|#", target):
                continue
            if not (page.parent / target.split("#")[0]).exists():
                broken.append(f"{page.relative_to(repository)}: {target}")
    assert not broken


def test_commands_in_the_pages_exist(repository: Path, generator: ModuleType) -> None:
    known = {context.command_path: command for context, command in generator.commands()}
    wrong = []
    for page in pages(repository):
        for line in re.findall(r"^\s*\$?\s*(kirinuki .*)$", page.read_text(encoding="utf-8"), re.M):
            words = line.split()
            if words[1:3] == ["data", "draw"]:  # the studio's, which may not be installed
                continue
            path = max((p for p in known if words[: len(p.split())] == p.split()), key=len)
            options = {o for param in known[path].params for o in param.opts} | {"--help"}
            used = {word.split("=")[0] for word in words if re.match(r"--[a-z]", word)}
            if path == "kirinuki" and len(words) > 1 and re.match(r"[a-z]", words[1]):
                wrong.append(f"{page.relative_to(repository)}: {line}: no such command")
            elif used - options - {"--version"}:
                wrong.append(f"{page.relative_to(repository)}: {line}: {used - options}")
    assert not wrong
