from __future__ import annotations

import subprocess
import sys

import pytest

import kirinuki

PUBLIC = [
    "Instances",
    "KirinukiError",
    "ModelInfo",
    "Picture",
    "Segmenter",
    "read_picture",
    "save_png",
]
HEAVY = {"torch", "onnxruntime", "cv2", "PIL", "numpy", "av", "rich"}


def test_public_names_are_locked():
    assert kirinuki.__all__ == PUBLIC
    assert len(PUBLIC) <= 12


@pytest.mark.parametrize("name", PUBLIC)
def test_public_name_resolves_and_is_listed(name):
    assert getattr(kirinuki, name).__name__ == name
    assert name in dir(kirinuki)


def test_unknown_name():
    with pytest.raises(AttributeError, match="no attribute 'Segmentor'"):
        _ = kirinuki.Segmentor


@pytest.mark.parametrize("statement", ["import kirinuki", "import kirinuki.cli"])
def test_import_loads_nothing_heavy(statement):
    code = f"import sys; {statement}; print(*{{m.split('.')[0] for m in sys.modules}})"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert not HEAVY & set(result.stdout.split())


def test_help_loads_nothing_heavy():
    code = (
        "import sys; sys.argv = ['kirinuki', '--help']\n"
        "from kirinuki.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(*{m.split('.')[0] for m in sys.modules})"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert not HEAVY & set(result.stdout.splitlines()[-1].split())
