"""The commands that the steps of the labelling loop print can be run as they stand."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from kirinuki.cli.next_step import say_next


def test_a_shell_reads_back_the_words(capsys: pytest.CaptureFixture[str]) -> None:
    folder = Path("my show's [1] $HOME/第1話")
    say_next("data", "check", folder, "--val", "a b")
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("next: kirinuki data check ")
    words = shlex.split(said.err.removeprefix("next: "))
    assert words == ["kirinuki", "data", "check", str(folder), "--val", "a b"]


def test_a_file_is_not_taken_for_an_option(capsys: pytest.CaptureFixture[str]) -> None:
    say_next("cut", Path("-odd.png"), "--out", Path("cut"))
    assert capsys.readouterr().err == "next: kirinuki cut ./-odd.png --out cut\n"
