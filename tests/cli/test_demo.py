"""``kirinuki demo``, and what a shell and a terminal ask of the command."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import BashComplete
from click.testing import CliRunner

from fake_segmenter import draw, files_under
from kirinuki.cli import cli
from kirinuki.cli.demo import EXAMPLE


def test_the_example_in_the_package_is_cut_with_the_model_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        result = CliRunner().invoke(cli, ["demo"])
        assert result.exit_code == 0, result.output + str(result.exception)
    assert files_under(tmp_path / "kirinuki-demo") == [
        *("example_1.png", "example_2.png", "example_3.png"),
        *("example_background.png", "example_overlay.png"),
    ]
    assert "3 characters" in result.stderr
    assert result.stderr.splitlines()[-1] == "next: kirinuki cut YOUR-PICTURE.png"


def test_the_example_is_small() -> None:
    assert EXAMPLE.stat().st_size < 150_000


@pytest.mark.parametrize(
    ("before", "begun", "offered"),
    [
        ([], "c", {"cut"}),
        (["cut", "--matte"], "", {"everyone", "each"}),
        (["cut", "--labels"], "l", {"labelme"}),
        (["cut"], "--gr", {"--grow"}),
    ],
)
def test_a_shell_completes_verbs_options_and_choices(
    before: list[str], begun: str, offered: set[str]
) -> None:
    complete = BashComplete(cli, {}, "kirinuki", "_KIRINUKI_COMPLETE")
    assert {one.value for one in complete.get_completions(before, begun)} == offered


def test_the_script_that_the_page_names_completes(repository: Path) -> None:
    page = (repository / "docs" / "cut.md").read_text(encoding="utf-8")
    assert "_KIRINUKI_COMPLETE=bash_source kirinuki" in page
    program = [sys.executable, "-c", "from kirinuki.cli import main; main()"]
    asked = {**os.environ, "_KIRINUKI_COMPLETE": "bash_source"}
    done = subprocess.run(program, env=asked, capture_output=True, text=True, check=False)
    assert "complete -o nosort -F" in done.stdout


@pytest.mark.parametrize("colour", [True, False])
def test_no_color_is_heeded(colour: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from fake_segmenter import FakeSegmenter
    from kirinuki.segmenter.segmenter import Segmenter

    monkeypatch.setattr(Segmenter, "load", lambda *_, **__: FakeSegmenter())
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    if not colour:
        monkeypatch.setenv("NO_COLOR", "1")
    draw(tmp_path / "1.png")
    result = CliRunner().invoke(cli, ["cut", str(tmp_path / "1.png"), "-o", str(tmp_path / "out")])
    assert result.exit_code == 0
    assert ("\x1b[3" in result.stderr) == colour
