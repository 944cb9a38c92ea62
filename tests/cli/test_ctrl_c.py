"""Ctrl-C while the command and its libraries load: one line, status 130, no traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fake_segmenter import draw

if os.name == "nt":
    pytest.skip("signals differ", allow_module_level=True)

AT_IMPORT = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # tests may run where it is ignored

class CtrlC:
    def find_spec(self, name, path=None, target=None):
        if name == {name!r}:
            sys.meta_path.remove(self)
            {how}

def press():
    signal.raise_signal(signal.SIGINT)

def press_and_forget():
    try:
        press()
    except KeyboardInterrupt:
        pass

class Lost:
    def __del__(self):
        press()

sys.meta_path.insert(0, CtrlC())
sys.argv = ["kirinuki", "cut", "a.png", "-o", "out", "--cutout"]
from kirinuki.__main__ import main
main()
"""


def stopped_at(name: str, how: str, folder: Path) -> tuple[int, list[str]]:
    """Status and words of ``kirinuki cut`` which Ctrl-C meets at the import of a module."""
    draw(folder / "a.png")
    script = AT_IMPORT.format(name=name, how=how)
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=folder, timeout=60
    )
    assert not (folder / "out" / "a_1.png").exists()
    return done.returncode, done.stderr.splitlines()


@pytest.mark.parametrize("name", ["kirinuki.cli", "kirinuki.cli.cut", "rich", "onnxruntime"])
def test_it_ends_with_one_line(tmp_path: Path, name: str) -> None:
    assert stopped_at(name, "press()", tmp_path) == (130, ["kirinuki: stopped"])


def test_what_a_library_makes_of_it_is_no_fault_of_an_installation(tmp_path: Path) -> None:
    how = "press_and_forget(); raise ImportError('initialization failed')"
    assert stopped_at("onnxruntime", how, tmp_path) == (130, ["kirinuki: stopped"])


def test_what_a_callback_lost_comes_again(tmp_path: Path) -> None:
    status, said = stopped_at("onnxruntime", "Lost()", tmp_path)
    assert status == 130
    assert not [line for line in said if "Traceback" in line or "ignored" in line]


def test_what_a_library_swallowed_ends_the_job_that_begins_later(tmp_path: Path) -> None:
    status, said = stopped_at("onnxruntime", "press_and_forget()", tmp_path)
    assert status == 130
    assert "stopped with 1 input to go; go on with --resume" in said


def test_code_that_is_text_does_not_end_it_by_the_signal(tmp_path: Path) -> None:
    assert stopped_at("onnxruntime", "exec('press()')", tmp_path) == (130, ["kirinuki: stopped"])
