"""Whoever reads what the command says may go away first: ``kirinuki … | head -1``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fake_segmenter import draw
from made_sets import labelme, shape

if os.name == "nt":
    pytest.skip("pipes differ", allow_module_level=True)

READ_BY_NOBODY = [
    ["--help"],
    ["cut", "--help"],
    ["cut", "a.png", "-o", "out", "--jsonl"],
    ["data", "check", "set"],
    ["data", "stats", "set"],
    ["data", "check", "set", "--json", "-"],
]


@pytest.mark.parametrize("words", READ_BY_NOBODY, ids=" ".join)
def test_a_pipe_that_nobody_reads_ends_quietly(tmp_path: Path, words: list[str]) -> None:
    draw(tmp_path / "a.png")
    labelme(tmp_path / "set", "a", shape())
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "kirinuki", *words]
    done = subprocess.run(
        command, stdout=writing, stderr=subprocess.PIPE, text=True, cwd=tmp_path, timeout=60
    )
    os.close(writing)
    assert done.returncode == 1
    assert not [line for line in done.stderr.splitlines() if not line.startswith("model:")]


def test_a_picture_needs_a_stdout_and_a_stdin_that_are_open(tmp_path: Path) -> None:
    draw(tmp_path / "a.png")
    kirinuki = f"{sys.executable} -m kirinuki cut"
    for words, what in ((f"{kirinuki} a.png -o - >&-", "stdout"), (f"{kirinuki} - <&-", "stdin")):
        done = subprocess.run(words, shell=True, capture_output=True, text=True, cwd=tmp_path)
        assert done.returncode == 2
        assert f"Error: {what} is closed" in done.stderr


@pytest.mark.parametrize("stderr", ["2>&-", "2>/dev/full"])
def test_a_stderr_that_cannot_be_written_to_costs_nothing(tmp_path: Path, stderr: str) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    labelme(tmp_path / "set", "a", shape())
    command = f"{sys.executable} -m kirinuki data convert set -o labels.json {stderr}"
    assert subprocess.run(command, shell=True, cwd=tmp_path).returncode == 0
    assert (tmp_path / "labels.json").is_file()


def test_lines_that_are_results_need_a_stdout(tmp_path: Path) -> None:
    draw(tmp_path / "a.png")
    command = f"{sys.executable} -m kirinuki cut a.png --jsonl >&-"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 2
    assert "Error: stdout is closed; --jsonl writes there" in done.stderr
