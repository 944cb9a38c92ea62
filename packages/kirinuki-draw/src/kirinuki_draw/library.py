"""A library of drawn characters on disk: what ``kirinuki data draw`` writes.

``sprites/00001.webp`` (lossless, exact alpha), ``backgrounds/001.webp`` and, last, ``manifest.csv``
with the columns that `library.Library` reads. A character depends on seed and number only.

Not covered: the drawing (`draw`), composing pictures from the library (`compose`).

Raises:
    MissingExtraError: at import, when skia-python is not installed.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from kirinuki.errors import OutputError
from kirinuki.files import write_atomically
from kirinuki.work.progress import Progress, no_progress
from kirinuki_draw.draw import (
    AFTERNOON,
    SUNSET,
    draw_character,
    draw_scene,
    head_for,
    random_spec,
)

COLUMNS = ("file", "kind", "source", "style", "licence", "character_id", "gender", "framing")
SOURCES = 10
"""The characters fall into so many sources, for there to be some that can be held out."""
SIDE = (400.0, 720.0)
"""Longer side of a cutout in pixels, from … to."""
_SCENE_HW = (720, 1280)


@dataclass(frozen=True)
class DrawJob:
    """What is to be drawn, and where to.

    Attributes:
        count: characters; one background is painted for every twenty of them, at least four.
        seed: the same seed gives the same characters; 0 or more.
    """

    out: Path
    count: int
    seed: int = 0

    def sprite(self, number: int) -> Path:
        """Where the cutout of a character (from 1) lies."""
        return self.out / "sprites" / f"{number:05d}.webp"

    def background(self, number: int) -> Path:
        """Where a background (from 1) lies."""
        return self.out / "backgrounds" / f"{number:03d}.webp"

    @property
    def manifest(self) -> Path:
        return self.out / "manifest.csv"

    @property
    def backgrounds(self) -> int:
        """How many backgrounds are painted."""
        return max(4, self.count // 20)


def draw_library(job: DrawJob, *, overwrite: bool = False, track: Progress = no_progress) -> Path:
    """Draw the characters and backgrounds of a job; the path of its manifest.

    What an earlier, larger job left there under higher numbers goes: a composer takes every file
    of a folder, listed or not.

    Raises:
        OutputError: the folder holds a library or a stopped job already, or cannot be written.
    """
    if not overwrite and (job.manifest.exists() or job.sprite(1).exists()):
        raise OutputError(
            f"{job.out}: holds drawn characters already; pass `overwrite` to replace them"
        )
    rows = [
        *track(_sprites(job, overwrite), "Drawing characters", job.count),
        *track(_backgrounds(job, overwrite), "Painting scenes", job.backgrounds),
    ]
    _write_manifest(job.manifest, rows, overwrite)
    _remove_beyond(job.sprite(job.count))
    _remove_beyond(job.background(job.backgrounds))
    return job.manifest


def _remove_beyond(last: Path) -> None:
    """Remove numbered files after the last one; others in the folder are not ours."""
    for path in last.parent.glob("*.webp"):
        if path.stem.isdecimal() and int(path.stem) > int(last.stem):
            path.unlink()


def _sprites(job: DrawJob, overwrite: bool) -> Iterator[dict[str, str]]:
    for number in range(1, job.count + 1):
        seed = job.seed * 1_000_003 + number
        spec = random_spec(seed)
        side = float(np.random.default_rng((seed, 33)).uniform(*SIDE))
        _save(draw_character(spec, head_for(spec, side)), job.sprite(number), overwrite)
        yield {
            "file": job.sprite(number).relative_to(job.out).as_posix(),
            "kind": "sprite",
            "source": f"drawn-{number % SOURCES}",
            "style": "drawn",
            "licence": "MIT",
            "character_id": f"drawn-{seed}",
            "gender": spec.gender,
            "framing": "full",
        }


def _backgrounds(job: DrawJob, overwrite: bool) -> Iterator[dict[str, str]]:
    for number in range(1, job.backgrounds + 1):
        hour = SUNSET if number % 3 == 0 else AFTERNOON
        scene = draw_scene([], _SCENE_HW, job.seed * 1_000_003 + number, hour)
        _save(scene.picture, job.background(number), overwrite)
        yield {
            "file": job.background(number).relative_to(job.out).as_posix(),
            "kind": "background",
            "source": f"bay-{number % 2}",
            "style": "drawn",
            "licence": "MIT",
        }


def _save(picture: NDArray[np.uint8], path: Path, overwrite: bool) -> None:
    """Save (H, W, 3 or 4) uint8 RGB(A) as lossless WebP."""
    with write_atomically(path, overwrite) as temporary:
        Image.fromarray(picture).save(temporary, lossless=True, method=2, exact=True)


def _write_manifest(path: Path, rows: Iterable[dict[str, str]], overwrite: bool) -> None:
    with (
        write_atomically(path, overwrite) as temporary,
        temporary.open("w", newline="", encoding="utf-8") as stream,
    ):
        writer = csv.DictWriter(stream, COLUMNS, restval="")
        writer.writeheader()
        writer.writerows(rows)
