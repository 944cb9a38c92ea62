from __future__ import annotations

import subprocess
import sys

import pytest

import kirinuki

PUBLIC = [
    "Instance",
    "Instances",
    "KirinukiError",
    "Picture",
    "Segmenter",
    "cutout",
    "cutouts",
    "overlay",
    "read_picture",
    "read_video",
    "save_png",
    "track",
    "write_video",
]
KNOWN_AS = {"read_video": "read", "write_video": "write"}
"""Names in their rooms, where it is clear what is read."""
SUBMODULES = {
    "cutting": ["cut"],
    "evaluation": ["Report", "evaluate"],
    "formats": ["LabelledInstance", "LabelledPicture", "LabelledSet", "load_set"],
    "interop": [
        *("from_coco", "from_label_map", "from_supervision", "from_torchvision"),
        *("to_coco", "to_label_map", "to_supervision", "to_torchvision"),
    ],
    "training": ["TrainConfig", "export_checkpoint", "load_measured", "train"],
}
HEAVY = {"torch", "onnxruntime", "cv2", "PIL", "numpy", "av", "rich"}


def test_public_names_are_locked():
    assert kirinuki.__all__ == PUBLIC
    assert len(PUBLIC) <= 13


@pytest.mark.parametrize("name", PUBLIC)
def test_public_name_resolves_and_is_listed(name):
    assert getattr(kirinuki, name).__name__ == KNOWN_AS.get(name, name)
    assert name in dir(kirinuki)


@pytest.mark.parametrize("name", SUBMODULES)
def test_names_of_public_submodules_are_locked(name):
    submodule = getattr(kirinuki, name)
    assert submodule.__all__ == SUBMODULES[name]
    if name != "training":  # that needs torch: tests/training
        assert all(callable(getattr(submodule, known)) for known in SUBMODULES[name])


def test_nothing_else_is_listed():
    listed = {name for name in dir(kirinuki) if not name.startswith("__")}
    assert listed == {*PUBLIC, *SUBMODULES}


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
