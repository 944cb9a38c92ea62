"""Throw 10,000 damaged pictures at the command.

    python benchmarks/robustness/damaged_pictures.py                            # seed 0
    python benchmarks/robustness/damaged_pictures.py --count 400 --seed 3 --folder kept
    python benchmarks/robustness/damaged_pictures.py --seed 3 --make 117  # that one, to look at

Our own drawing in every format, depth and way of storing it, changed at random (`mutations`).
"""

from __future__ import annotations

import random
import struct
import sys
import zlib
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms

sys.path.insert(0, str(Path(__file__).parent))

from campaign import Campaign, main
from mutations import mutated

SCENE = Path(__file__).parents[2] / "examples" / "scene.png"
SUFFIXES = (".png", ".jpg", ".webp", ".avif", ".gif", ".bmp", ".tif")


@cache
def good_pictures() -> tuple[bytes, ...]:
    """Small pictures of all kinds that are read."""
    rgb = Image.open(SCENE).convert("RGB").resize((96, 64))
    rgba = rgb.copy()
    rgba.putalpha(Image.linear_gradient("L").resize(rgb.size))
    grey_16 = Image.fromarray(np.asarray(rgb.convert("L")).astype(np.uint16) * 257)
    exif = Image.Exif()
    exif[0x0112] = 6
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    turned = [rgb.rotate(angle) for angle in (30, 60)]
    moving = {"save_all": True, "append_images": turned, "duration": 80}
    return (
        *(_saved(rgb, kind) for kind in ("PNG", "JPEG", "WEBP", "AVIF", "GIF", "BMP", "TIFF")),
        *(_saved(rgba, kind) for kind in ("PNG", "WEBP", "AVIF", "TIFF", "GIF")),
        *(_saved(rgb, kind, **moving) for kind in ("PNG", "WEBP", "AVIF", "GIF", "TIFF")),
        *(_saved(grey_16, kind) for kind in ("PNG", "TIFF")),
        *(_saved(rgb, kind, exif=exif) for kind in ("PNG", "JPEG", "WEBP", "AVIF", "TIFF")),
        *(_saved(rgb, "TIFF", compression=how) for how in ("tiff_lzw", "jpeg", "packbits")),
        _saved(rgb, "WEBP", lossless=True),
        _saved(rgb, "JPEG", progressive=True, subsampling=0),
        _saved(rgb.convert("CMYK"), "JPEG"),
        _saved(rgb.convert("P"), "PNG"),
        _saved(rgb.convert("P"), "BMP"),
        _saved(rgb.convert("1"), "TIFF", compression="group4"),
        _saved(rgb.convert("LAB"), "TIFF", icc_profile=profile),
        _hdr(_saved(rgb, "PNG")),
    )


def _saved(image: Image.Image, kind: str, **options: object) -> bytes:
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def _hdr(png: bytes) -> bytes:
    """The same PNG, which says that it is PQ."""
    chunk = b"cICP" + bytes([9, 16, 0, 1])
    return png[:33] + struct.pack(">I", 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) + png[33:]


def make(draw: random.Random, stem: Path) -> Path:
    """A damaged picture."""
    path = stem.with_suffix(draw.choice(SUFFIXES))
    path.write_bytes(mutated(draw, good_pictures()))
    return path


def good(stem: Path) -> Path:
    """The drawing."""
    path = stem.with_suffix(".png")
    path.write_bytes(good_pictures()[0])
    return path


PICTURES = Campaign(
    name="pictures",
    make=make,
    good=good,
    options=("--cutout", "--mask", "--labels", "labelme"),
    count=10_000,
    damaged=("damaged", "cut off"),  # one that moves is cut as a video
)

if __name__ == "__main__":
    main(PICTURES)
