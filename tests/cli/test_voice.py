"""How much is said: -q and -v of every verb, -h and -V, python -m kirinuki."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from click.testing import CliRunner

import kirinuki
from fake_segmenter import FakeSegmenter, draw
from kirinuki.cli import VERBS, cli
from kirinuki.cli.data import DATA_VERBS
from kirinuki.cli.voice import LOG
from kirinuki.segmenter.segmenter import Segmenter


@pytest.fixture(autouse=True)
def usual_voice() -> Iterator[None]:
    before = LOG.level
    yield
    LOG.setLevel(before)


def cut(folder: Path, *flags: str) -> tuple[int, str]:
    outcome = CliRunner().invoke(cli, ["cut", str(folder), "-o", str(folder / "out"), *flags])
    return outcome.exit_code, outcome.stderr


@pytest.fixture
def pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(Segmenter, "load", lambda *args, **how: FakeSegmenter())
    draw(tmp_path / "good.png")
    (tmp_path / "bad.png").write_bytes(b"no picture")
    return tmp_path


def test_quiet_says_faults_alone(pictures: Path) -> None:
    status, said = cut(pictures, "-q")
    assert status == 1
    assert [line.split(":")[0] for line in said.splitlines()] == ["failed"]


def test_verbose_says_what_goes_on(pictures: Path) -> None:
    said = cut(pictures, "-v")[1]
    assert "good.png: looked at for " in said
    assert "Traceback" in said  # where the fault came from
    assert "looked at" not in cut(pictures, "--overwrite")[1]


def test_quiet_may_stand_before_the_verb(pictures: Path) -> None:
    outcome = CliRunner().invoke(cli, ["-q", "cut", str(pictures), "-o", str(pictures / "out")])
    assert [line.split(":")[0] for line in outcome.stderr.splitlines()] == ["failed"]
    both = CliRunner().invoke(cli, ["-q", "cut", str(pictures), "-v"])
    assert both.stderr.splitlines()[-1] == "Error: -q and -v exclude each other"


def test_quiet_and_verbose_exclude_each_other(pictures: Path) -> None:
    status, said = cut(pictures, "-q", "-v")
    assert (status, said.splitlines()[-1]) == (2, "Error: -q and -v exclude each other")


def test_every_verb_has_them() -> None:
    group = import_module("kirinuki.cli.data").command
    for verbs, parent in ((VERBS, cli), (DATA_VERBS, group)):
        for verb in verbs:
            command = parent.get_command(None, verb)
            options = [option for parameter in command.params for option in parameter.opts]
            assert options.count("-q") == options.count("-v") == 1, verb


def test_short_help_and_version() -> None:
    for words in (["-h"], ["cut", "-h"], ["data", "check", "-h"]):
        assert CliRunner().invoke(cli, words).output.startswith("Usage:")
    for words in (["-V"], ["cut", "-V"], ["data", "-V"], ["data", "check", "-V"]):
        assert (
            CliRunner().invoke(cli, words).output == f"kirinuki, version {kirinuki.__version__}\n"
        )


def test_a_group_without_a_verb_shows_its_help() -> None:
    outcome = CliRunner().invoke(cli, ["data"])
    assert outcome.stderr.splitlines()[0] == "Usage: cli data [OPTIONS] COMMAND [ARGS]..."
    assert "\n  check " in outcome.stderr


def test_quiet_may_stand_before_the_verb_of_a_group(pictures: Path) -> None:
    words = ["data", "-q", "prelabel", str(pictures)]
    outcome = CliRunner().invoke(cli, words)
    assert [line.split(":")[0] for line in outcome.stderr.splitlines()] == ["failed"]


def test_python_m_is_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "kirinuki", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"kirinuki, version {kirinuki.__version__}\n"
