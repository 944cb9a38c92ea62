"""Small data sets for tests: pictures of soft random blotches with LabelMe or COCO labels."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIZE = (96, 128)
SQUARE = [[10, 10], [60, 10], [60, 60], [10, 60]]


def scene(seed: int, size_hw: tuple[int, int] = SIZE) -> NDArray[np.uint8]:
    """A picture of soft random blotches: unlike that of any other seed."""
    coarse = np.random.default_rng(seed).integers(0, 256, (12, 16, 3)).astype(np.uint8)
    return cv2.resize(coarse, (size_hw[1], size_hw[0]), interpolation=cv2.INTER_CUBIC)


def shape(label: str = "waifu", points: Any = SQUARE, **more: Any) -> dict[str, Any]:
    return {"label": label, "points": points, "shape_type": "polygon", **more}


def labelme(folder: Path, stem: str, *shapes: dict[str, Any], seed: int | None = 0) -> Path:
    """A LabelMe file with its picture (none for seed None)."""
    folder.mkdir(parents=True, exist_ok=True)
    if seed is not None:
        Image.fromarray(scene(seed)).save(folder / f"{stem}.png")
    record = {
        "version": "5.5.0",
        "shapes": list(shapes),
        "imagePath": f"{stem}.png",
        "imageData": None,
        "imageHeight": SIZE[0],
        "imageWidth": SIZE[1],
    }
    path = folder / f"{stem}.json"
    path.write_text(json.dumps(record), encoding="utf-8")
    return path


def coco(folder: Path, name: str, seeds: dict[str, int], polygons: Any = None) -> Path:
    """A COCO file with one square character in each picture."""
    folder.mkdir(parents=True, exist_ok=True)
    images, annotations = [], []
    for number, (file_name, seed) in enumerate(seeds.items(), 1):
        Image.fromarray(scene(seed)).save(folder / file_name)
        images.append({"id": number, "file_name": file_name, "height": SIZE[0], "width": SIZE[1]})
        annotations.append(
            {
                "id": number,
                "image_id": number,
                "category_id": 1,
                "segmentation": polygons or [[10, 10, 60, 10, 60, 60, 10, 60]],
                "bbox": [10, 10, 50, 50],
                "area": 2500,
                "iscrowd": 0,
            }
        )
    path = folder / name
    content = {
        "images": images,
        "annotations": annotations,
        "categories": [{"id": 1, "name": "waifu"}],
    }
    path.write_text(json.dumps(content), encoding="utf-8")
    return path
