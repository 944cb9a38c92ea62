"""The short form of `benchmarks/robustness/command_lines.py`, and what it takes for wrong."""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

import pytest

pytest.importorskip("av")
if os.name == "nt":
    pytest.skip("no forks", allow_module_level=True)

ROBUSTNESS = Path(__file__).parents[2] / "benchmarks" / "robustness"
sys.path.insert(0, str(ROBUSTNESS))

from campaign import run_batches  # noqa: E402
from command_lines import Ended, Lines, faults_of, lost  # noqa: E402
from drawn_lines import SERVERS, WORKING, Line, drawn  # noqa: E402
from small_world import copy_world, make_world, state_of  # noqa: E402

from kirinuki.cli import VERBS  # noqa: E402
from kirinuki.cli.data import DATA_VERBS  # noqa: E402

SHORT = 60
"""Lines; the campaign has 500."""
PLAIN = Line(("cut", "a.png"), watched=False, fed=False)
WATCHED = Line(("cut", "a.png"), watched=True, fed=False)


@pytest.mark.slow
def test_no_line_breaks_it(tmp_path: Path) -> None:
    told = run_batches(Lines(7, tmp_path), SHORT, tmp_path / "notes.jsonl", workers=1)
    assert told.wrong == []
    assert told.counts.total() == SHORT


def test_a_line_depends_on_its_number_alone() -> None:
    lines = [drawn(random.Random(f"lines 0 {number}")) for number in range(300)]
    assert lines == [drawn(random.Random(f"lines 0 {number}")) for number in range(300)]
    assert len(set(lines)) > 290


def test_every_verb_is_drawn_but_servers() -> None:
    words = {tuple(line.split()[: 2 if line.startswith("data") else 1]) for line in WORKING}
    every = {(verb,) for verb in VERBS if verb != "data"} | {("data", verb) for verb in DATA_VERBS}
    servers = {("data", server) for server in SERVERS} | {(server,) for server in SERVERS}
    assert words == every - servers


@pytest.mark.parametrize(
    ("line", "status", "said", "fault"),
    [
        (PLAIN, -11, "", "status -11"),
        (PLAIN, 124, "", "hangs"),
        (PLAIN, 1, "Traceback (most recent call last):\n  x\nKeyError: 1\n", "said: Traceback"),
        (PLAIN, 1, "failed: a: unexpected KeyError: 1\n", "said: failed"),
        (PLAIN, 1, "", "status 1 without a word"),
        (PLAIN, 1, "kirinuki: a\nkirinuki: b\n", "more than one line"),
        (PLAIN, 2, "Usage: x\n", "0 lines about wrong usage"),
        (PLAIN, 1, f"kirinuki: {'x' * 500}\n", "a line of 510 characters"),
        (PLAIN, 1, "kirinuki: a\x1b[2Jb\n", "raw '\\x1b'"),
        (WATCHED, 1, "\x1b[32mbar\x1b[0m\r\x1b[2Kkirinuki: \x9b31m\n", "raw '\\x9b'"),
    ],
)
def test_what_is_wrong_is_noticed(line: Line, status: int, said: str, fault: str) -> None:
    found = list(faults_of(line, Ended(status, b"", said.encode("utf-8"))))
    assert found[0].startswith(fault)


def test_what_is_well_is_nothing_wrong() -> None:
    bar = b"\x1b[?25l\x1b[32mcutting\x1b[0m 1/2\r\x1b[2Kfailed: a.png: no such file\r\n1 failed\r\n"
    assert list(faults_of(WATCHED, Ended(1, b"", bar))) == []
    usage = b"Usage: x\nTry 'kirinuki cut -h' for help.\n\nError: No such option: --x\n"
    assert list(faults_of(PLAIN, Ended(2, b"", usage))) == []


def test_inputs_that_are_changed_and_files_that_are_half_there_are_noticed(tmp_path: Path) -> None:
    make_world(tmp_path / "world")
    place = tmp_path / "place"
    copy_world(tmp_path / "world", place)
    before = state_of(place)
    assert list(lost(PLAIN, before, place)) == []
    (place / "clip.mkv").unlink()
    (place / "coco.json").write_text("{}")
    (place / "new.png").write_bytes((place / "pics" / "a.png").read_bytes()[:300])
    (place / "new.json").write_text('{"a')
    (place / ".kirinuki-12.png").touch()
    found = {text.split("'")[1]: text.split("'")[2] for text in lost(PLAIN, before, place)}
    assert found["clip.mkv"] == " is gone"
    assert found["coco.json"] == " is changed"
    assert found[".kirinuki-12.png"] == ": is left over"
    assert found["new.png"].startswith(": is not whole")
    assert found["new.json"].startswith(": is not whole")
