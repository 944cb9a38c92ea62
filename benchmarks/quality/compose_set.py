"""The validation set: slices of composed pictures, merged into one COCO file.

Every slice is a recipe in ``slices/NAME.json`` with its number of pictures and its seed. Half of
them are composed at 1280×720, half at 1024×1024, by `kirinuki.compose.compose_dataset`, into
``SET/NAME/wide`` and ``SET/NAME/square``; ``SET/annotations.json`` names them all, so that
``kirinuki eval`` measures the set, too.

Not covered: whether the set is the published one (`fingerprint`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kirinuki.compose.compose_dataset import ComposeJob, compose_dataset
from kirinuki.compose.held_out import read_sources
from kirinuki.compose.library import Library
from kirinuki.compose.recipe import Recipe
from kirinuki.errors import OutputError
from kirinuki.formats.labelled import LabelledSet
from kirinuki.formats.registry import FORMATS, load_set
from kirinuki.work.progress import Progress, no_progress

HERE = Path(__file__).parent
SLICES = HERE / "slices"
HELD_OUT = HERE / "held_out_sources.txt"

SHAPES: dict[str, dict[str, Any]] = {
    "wide": {"side": [1280, 1280], "aspects": [[16, 9]]},
    "square": {"side": [1024, 1024], "aspects": [[1, 1]]},
}
"""The two sizes of the set, as recipe fields."""
WITHOUT = {"recolour_parts": 0, "adorn": 0, "illustrate": 0}
"""What the composer has learnt since the set was made; the set stays what it was."""


@dataclass(frozen=True)
class Slice:
    """One part of the set: `pictures` of them by one recipe, half of each shape."""

    name: str
    pictures: int
    seed: int
    recipe: dict[str, Any]

    def jobs(self, library: Library, folder: Path) -> list[ComposeJob]:
        """What is to be composed for this slice, one job a shape."""
        counts = self.pictures - self.pictures // 2, self.pictures // 2
        return [
            ComposeJob(
                library=library,
                recipe=Recipe.from_dict({**WITHOUT, **self.recipe, **shape}, f"slice {self.name}"),
                out=folder / self.name / name,
                count=count,
                seed=self.seed + i,
            )
            for i, ((name, shape), count) in enumerate(zip(SHAPES.items(), counts, strict=True))
            if count
        ]


def read_slices(folder: Path = SLICES) -> list[Slice]:
    """The slices of a folder, in order of their seeds."""
    slices = [
        Slice(name=file.stem, **json.loads(file.read_text(encoding="utf-8")))
        for file in folder.glob("*.json")
    ]
    return sorted(slices, key=lambda part: part.seed)


def held_out_library(folder: Path) -> Library:
    """The held-out part of a library: ``sprites``, ``backgrounds``, ``objects``, ``manifest.csv``.

    Raises:
        DatasetError: a folder or the manifest is missing, or a held-out source is not in it.
    """
    whole = Library.load(
        folder / "sprites", folder / "backgrounds", folder / "objects", folder / "manifest.csv"
    )
    return whole.split(read_sources([str(HELD_OUT)]))[1]


def compose_set(
    library: Library,
    folder: Path,
    slices: Sequence[Slice],
    *,
    workers: int = 1,
    track: Progress = no_progress,
) -> LabelledSet:
    """Compose what is not there yet, and merge the slices. A stopped run goes on where it was."""
    parts = []
    for job in (job for part in slices for job in part.jobs(library, folder)):
        if (job.out / "annotations.json").exists():
            _expect_same(job)
            parts.append(load_set(job.out / "annotations.json"))
        else:
            parts.append(compose_dataset(job, workers=workers, resume=True, track=track))
    pictures = [picture for part in parts for picture in part]
    list(FORMATS["coco"].write(pictures, parts[0].names, folder / "annotations.json", True))
    return load_set(folder / "annotations.json")


def _expect_same(job: ComposeJob) -> None:
    recipe = Recipe.read(job.out / "recipe.json")
    count = len(list((job.out / "images").iterdir()))
    if (recipe, count) != (job.recipe, job.count):
        raise OutputError(f"{job.out}: composed by another recipe; remove it to compose it anew")
