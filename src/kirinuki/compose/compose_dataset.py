"""A data set of composed pictures on disk: what ``kirinuki data compose`` writes.

``images/000001.png``, ``alpha/000001_1.png`` (soft alpha of its first character, full size),
``annotations.json`` (COCO, masks as RLE, `alpha_file` for each) and ``recipe.json``. A picture
depends on seed and number only, so neither the number of processes nor a stop in between changes a
byte of these. While the job runs, ``.parts/`` holds the record of each finished picture.

Not covered: composing itself (`compose`), composing while training (`training.pictures.composed`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from kirinuki.compose.compose import Composed, compose
from kirinuki.compose.library import Library
from kirinuki.compose.numbered_job import NumberedRun, pieces_hash, write_json
from kirinuki.compose.recipe import Recipe
from kirinuki.files import write_atomically
from kirinuki.formats.labelled import LabelledInstance, LabelledPicture, LabelledSet
from kirinuki.formats.picture_ref import FileRef
from kirinuki.formats.registry import FORMATS, load_set
from kirinuki.images.picture import save_png
from kirinuki.instances import HARD_MASK_ALPHA
from kirinuki.work.progress import Progress, no_progress

JPEG_QUALITY = 92
"""Of composed pictures written as JPEG, on Pillow's scale to 95."""


@dataclass(frozen=True)
class ComposeJob:
    """What is to be composed, and where to.

    Attributes:
        count: pictures.
        seed: the same seed gives the same pictures; 0 or more.
        suffix: ".png" or ".jpg".
    """

    library: Library
    recipe: Recipe
    out: Path
    count: int
    seed: int = 0
    suffix: str = ".png"

    def picture_seed(self, number: int) -> int:
        """Seed of picture `number` (from 1)."""
        return self.seed * 1_000_003 + number

    def part(self, number: int) -> Path:
        """Where the record of a finished picture lies until the job is done."""
        return self.out / ".parts" / f"{number:06d}.json"

    def facts(self) -> dict[str, Any]:
        """What must be the same for a stopped job to go on."""
        return {
            "recipe": self.recipe.to_dict(),
            "count": self.count,
            "seed": self.seed,
            "suffix": self.suffix,
            "pieces": pieces_hash(self.library),
        }

    def make(self, number: int) -> None:
        """Compose one picture and write it; its record last, for that says that it is finished."""
        composed = compose(self.library, self.recipe, self.picture_seed(number))
        stem = f"{number:06d}"
        _save_picture(composed, self.out / "images" / f"{stem}{self.suffix}")
        records = []
        characters = zip(composed.alphas, composed.names, composed.genders, strict=True)
        for i, (alpha, name, gender) in enumerate(characters, 1):
            alpha_file = f"alpha/{stem}_{i}.png"
            save_png(alpha, self.out / alpha_file, overwrite=True)
            found = LabelledInstance.from_mask(alpha >= HARD_MASK_ALPHA, name)
            shape = {"segmentation": found.segmentation, "box": found.box, "area": found.area}
            records.append(
                {"name": name, "kind": gender or None, "alpha_file": alpha_file, **shape}
            )
        height, width = composed.picture.shape[:2]
        file_name = f"images/{stem}{self.suffix}"
        record = {"file_name": file_name, "height": height, "width": width, "characters": records}
        write_json(record, self.part(number))


def compose_dataset(
    job: ComposeJob,
    *,
    workers: int = 1,
    resume: bool = False,
    overwrite: bool = False,
    track: Progress = no_progress,
) -> LabelledSet:
    """Compose the pictures of a job and write them with their labels.

    Args:
        workers: processes; 1 composes in this one.
        resume: keep the pictures that a stopped job finished.
        overwrite: replace what an earlier job wrote there.

    Raises:
        OutputError: the folder holds a data set already, or a stopped job of other options.
        DatasetError, PictureError: a piece of the library cannot be used; names the file.
    """
    labels = job.out / "annotations.json"
    with NumberedRun(job, resume=resume, overwrite=overwrite) as run:
        for _ in track(run.made(workers), "Composing", len(run.todo)):
            pass
        if run.known is not None:
            return load_set(labels)
        dataset = _collect(job)
        write_json(job.recipe.to_dict(), job.out / "recipe.json")
        list(FORMATS["coco"].write(dataset, dataset.names, labels, True))
        run.complete({})
        return dataset


def _save_picture(composed: Composed, path: Path) -> None:
    if path.suffix == ".png":
        save_png(composed.picture, path, overwrite=True)
        return
    with write_atomically(path, overwrite=True) as temporary:
        Image.fromarray(composed.picture).save(temporary, "JPEG", quality=JPEG_QUALITY)


def _collect(job: ComposeJob) -> LabelledSet:
    pictures = []
    for number in range(1, job.count + 1):
        record = json.loads(job.part(number).read_text(encoding="utf-8"))
        instances = tuple(
            LabelledInstance(
                name=job.recipe.name,
                segmentation=character["segmentation"],
                box=tuple(character["box"]),
                area=character["area"],
                alpha=job.out / character["alpha_file"],
                kind=character["kind"],
            )
            for character in record["characters"]
        )
        ref = FileRef(job.out / record["file_name"])
        size_hw = record["height"], record["width"]
        pictures.append(LabelledPicture(ref, size_hw, instances, record["file_name"]))
    return LabelledSet((job.recipe.name,), tuple(pictures), job.out / "annotations.json")
