"""The small good inputs that command lines are tried on, and some odd ones beside them.

Not covered: the lines (`drawn_lines`).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from pathlib import Path

from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from fake_models import save_detector, save_refiner
from kirinuki.formats.registry import FORMATS, load_set
from made_clips import write_clip
from made_library import make_library
from made_sets import coco, labelme, scene, shape


def make_world(folder: Path) -> None:
    """Pictures, a clip, labels in three formats, a model, cutouts; a file that is empty, one that
    is no checkpoint, and names that are hard."""
    pictures = folder / "pics"
    pictures.mkdir(parents=True)
    for name in ("a.png", "b.jpg", os.fsdecode(b"caf\xe9.png"), "a\x1b]2;b\x07.png", "NUL.webp"):
        Image.fromarray(scene(len(name))).save(pictures / name)
    write_clip(folder / "clip.mkv", [scene(number // 6) for number in range(18)])
    for number in range(3):
        labelme(folder / "set", str(number), shape(), shape("b\x1b[31m"), seed=number)
    coco(folder, "coco.json", {"c0.png": 10, "c1.png": 11})
    labelled = load_set(folder / "set")
    list(FORMATS["yolo"].write(list(labelled), labelled.names, folder / "yolo", False))
    (folder / "model").mkdir()
    boxes = [[8, 6, 26, 34], [34, 4, 58, 35]]
    save_detector(folder / "model" / "detector.onnx", boxes, [0.9, 0.8], [0, 1])
    save_refiner(folder / "model" / "refiner.onnx", 1)
    make_library(folder / "library")
    shutil.move(folder / "library" / "sprites", folder / "sprites")
    shutil.rmtree(folder / "library")
    (folder / "empty.png").touch()
    (folder / "broken.ckpt").write_bytes(b"no checkpoint")


def copy_world(world: Path, folder: Path) -> None:
    """A copy to try a line in, with what cannot be copied."""
    shutil.copytree(world, folder)
    os.mkfifo(folder / "pipe")
    (folder / "loop").symlink_to("loop")


def state_of(folder: Path) -> dict[str, str]:
    """Every file below a folder → what is in it."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }
