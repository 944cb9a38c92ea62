"""Throw 500 damaged videos at the command.

    python benchmarks/robustness/damaged_videos.py                              # seed 0
    python benchmarks/robustness/damaged_videos.py --count 50 --seed 3 --folder kept

Clips drawn on the spot, in every container and codec that is written here, with and without sound,
HDR, transparent, changed at random places (`mutations`).
"""

from __future__ import annotations

import random
import sys
import tempfile
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).parent))

from campaign import Campaign, main
from mutations import mutated

from made_clips import moving, write_clip, write_planes

CLIPS = (
    ("a.mkv", "libx264", "yuv420p", 1),
    ("b.mp4", "libx264", "yuv420p", 2),
    ("c.mov", "prores_ks", "yuva444p10le", 0),
    ("d.avi", "mpeg4", "yuv420p", 0),
    ("e.ts", "libx264", "yuv420p", 1),
    ("f.webm", "libvpx-vp9", "yuv420p", 0),
    ("g.mkv", "ffv1", "yuv444p", 0),
    ("h.avi", "mjpeg", "yuvj420p", 0),
)
"""Name, codec, pixel format, tracks of sound."""
MOVING = (".gif", ".apng", ".webp", ".avif")
SUFFIXES = (".mkv", ".mp4", ".mov", ".avi", ".ts", ".webm")


@cache
def good_videos() -> tuple[bytes, ...]:
    """Clips of 12 frames."""
    pictures = [moving(number) for number in range(12)]
    with tempfile.TemporaryDirectory() as folder:
        paths = [
            write_clip(Path(folder, name), pictures, codec, pix_fmt, tones=tones)
            for name, codec, pix_fmt, tones in CLIPS
        ]
        luma, chroma = np.full((48, 64), 500, np.uint16), np.full((24, 32), 512, np.uint16)
        hdr = Path(folder, "hdr.mkv")
        paths.append(
            write_planes(
                hdr, [luma, chroma, chroma], "yuv420p10le", matrix=9, colour_range=1, transfer=16,
                primaries=9, frames=6,
            )
        )  # fmt: skip
        contents = tuple(path.read_bytes() for path in paths)
    return contents + tuple(_moving(pictures, suffix) for suffix in MOVING)


def _moving(pictures: list[np.ndarray], suffix: str) -> bytes:
    first, *others = map(Image.fromarray, pictures)
    file = BytesIO()
    kind = {".apng": "PNG"}.get(suffix, suffix[1:].upper())
    first.save(file, kind, save_all=True, append_images=others, duration=80)
    return file.getvalue()


def make(draw: random.Random, stem: Path) -> Path:
    """A damaged video."""
    content = mutated(draw, good_videos())
    path = stem.with_suffix(draw.choice(MOVING if draw.random() < 0.3 else SUFFIXES))
    path.write_bytes(content)
    return path


def good(stem: Path) -> Path:
    """A clip."""
    path = stem.with_suffix(".mkv")
    path.write_bytes(good_videos()[0])
    return path


VIDEOS = Campaign(
    name="videos",
    make=make,
    good=good,
    options=("--overlay", "--cutout"),
    count=500,
    batch=50,
    seconds=20,
    damaged=("damaged", "cut off"),
)

if __name__ == "__main__":
    main(VIDEOS)
