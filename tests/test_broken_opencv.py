"""What is said where OpenCV is broken, which two of its packages do to each other."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import kirinuki
from kirinuki.errors import KirinukiError, broken_opencv


@pytest.mark.parametrize(
    "error",
    [
        ImportError("libGL.so.1: cannot open shared object file: No such file or directory"),
        ModuleNotFoundError("No module named 'cv2'", name="cv2"),
        AttributeError("module 'cv2' has no attribute 'INTER_AREA'"),
    ],
)
def test_two_opencvs_beside_each_other_are_named(error, monkeypatch):
    names = ("opencv-python-headless", "numpy", "opencv-python")
    found = [SimpleNamespace(name=name) for name in names]
    monkeypatch.setattr(importlib.metadata, "distributions", lambda: found)
    told = str(broken_opencv(error))
    assert "installed: opencv-python, opencv-python-headless, of which one alone can be" in told
    assert "pip uninstall -y opencv-python opencv-python-headless; pip install" in told


def test_other_imports_that_fail_are_not_about_opencv():
    assert broken_opencv(ImportError("No module named 'pandas'", name="pandas")) is None


def test_so_does_python(monkeypatch):
    monkeypatch.setitem(sys.modules, "cv2", None)  # as if there were none
    monkeypatch.delitem(sys.modules, "kirinuki.render.overlay", raising=False)
    monkeypatch.delitem(kirinuki.__dict__, "overlay", raising=False)
    monkeypatch.setitem(kirinuki._HOMES, "overlay", ("render.overlay", "overlay"))
    with pytest.raises(KirinukiError, match="OpenCV cannot be loaded"):
        kirinuki.overlay  # noqa: B018


def test_the_command_says_it_in_one_line(tmp_path: Path, repository: Path):
    (tmp_path / "cv2.py").write_text("raise ImportError('libGL.so.1: cannot open')")
    command = (
        "import sys; sys.path.insert(0, sys.argv.pop(1)); from kirinuki.cli import main; main()"
    )
    picture = str(repository / "examples/chibi.png")
    run = subprocess.run(
        [sys.executable, "-c", command, str(tmp_path), "cut", picture, "-o", str(tmp_path / "out")],
        capture_output=True,
        text=True,
    )
    assert run.returncode == 1
    assert run.stderr.startswith("kirinuki: OpenCV cannot be loaded (libGL.so.1: cannot open)")
    assert run.stderr.count("\n") == 1
