"""A data set of composed pictures on disk: what ``kirinuki data compose`` writes.

``images/000001.png``, ``alpha/000001_1.png`` (soft alpha of its first character, full size),
``annotations.json`` (COCO, masks as RLE, `alpha_file` for each) and ``recipe.json``. A picture
depends on seed and number only, so neither the number of processes nor a stop in between changes a
byte. While the job runs, ``.parts/`` holds the record of each finished picture.

Not covered: composing itself (`compose`), composing while training (`training.composed`).
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import cv2
from PIL import Image

from kirinuki.data.coco import (
    Annotation,
    Category,
    CocoDataset,
    CocoImage,
    annotation_from_mask,
    write_coco,
)
from kirinuki.data.compose import Composed, compose
from kirinuki.data.library import Library
from kirinuki.data.recipe import Recipe
from kirinuki.data.track import Track, no_progress
from kirinuki.errors import MissingExtraError, OutputError
from kirinuki.files import write_atomically
from kirinuki.images import save_png
from kirinuki.instances import HARD_MASK_ALPHA

JPEG_QUALITY = 92
OURS = re.compile(r"\d{6,}(_\d+)?\.(png|jpg|json)")


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
        pieces = (*self.library.characters, *self.library.objects, *self.library.backgrounds)
        names = "\n".join(f"{piece.source}/{piece.path.name}" for piece in pieces)
        return {
            "recipe": self.recipe.to_dict(),
            "count": self.count,
            "seed": self.seed,
            "suffix": self.suffix,
            "pieces": hashlib.sha256(names.encode()).hexdigest(),
        }


def compose_dataset(
    job: ComposeJob,
    *,
    workers: int = 1,
    resume: bool = False,
    overwrite: bool = False,
    track: Track = no_progress,
) -> CocoDataset:
    """Compose the pictures of a job and write them with their labels.

    Args:
        workers: processes; 1 composes in this one.
        resume: keep the pictures that a stopped job finished.
        overwrite: replace what an earlier job wrote there.

    Raises:
        OutputError: the folder holds a data set already, or a stopped job of other settings.
        DatasetError, PictureError: a piece of the library cannot be used; names the file.
        MissingExtraError: the recipe compresses, and PyAV is not installed.
    """
    if job.recipe.compression and find_spec("av") is None:
        raise MissingExtraError("composing pictures with video compression", "train")
    _begin(job, resume, overwrite)
    missing = [n for n in range(1, job.count + 1) if not job.part(n).exists()]
    with _made(job, missing, workers) as finished:
        for _ in track(finished, "Composing", len(missing)):
            pass
    dataset = _collect(job)
    _write_json(job.recipe.to_dict(), job.out / "recipe.json")
    write_coco(dataset, job.out / "annotations.json", overwrite=True)
    shutil.rmtree(job.out / ".parts")
    return dataset


def _begin(job: ComposeJob, resume: bool, overwrite: bool) -> None:
    marker = job.out / ".parts" / "job.json"
    facts = json.loads(json.dumps(job.facts()))
    done = (job.out / "annotations.json").exists()
    if resume and marker.exists():
        if json.loads(marker.read_text(encoding="utf-8")) != facts:
            raise OutputError(
                f"{job.out}: holds a stopped job with another recipe, seed, number, format or "
                "library; repeat its options, or pass --overwrite to start anew"
            )
        return
    if resume and done:
        raise OutputError(f"{job.out}: is complete, there is nothing to go on with")
    if (done or marker.exists()) and not overwrite:
        raise OutputError(
            f"{job.out}: holds a data set or a stopped job already; pass --resume or --overwrite"
        )
    _clear(job.out)
    _write_json(facts, marker)


def _clear(out: Path) -> None:
    """Remove what an earlier job wrote, and nothing else."""
    (out / "annotations.json").unlink(missing_ok=True)
    for folder in ("images", "alpha", ".parts"):
        for file in (out / folder).glob("*"):
            if OURS.fullmatch(file.name) or file.name == "job.json":
                file.unlink()


@contextmanager
def _made(job: ComposeJob, numbers: Sequence[int], workers: int) -> Iterator[Iterable[int]]:
    """Numbers of pictures as they get finished, in order."""
    if workers <= 1 or len(numbers) < 2:
        yield (_make(job, number) for number in numbers)
        return
    # Fresh processes: a copy of this one, with its threads, could lock up.
    pool = ProcessPoolExecutor(
        min(workers, len(numbers)), get_context("spawn"), _start_worker, (job,)
    )
    try:
        yield pool.map(_make_in_worker, numbers, chunksize=2)
    finally:
        pool.shutdown(cancel_futures=True)


_job: ComposeJob | None = None


def _start_worker(job: ComposeJob) -> None:
    global _job
    _job = job
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process stops the others
    cv2.setNumThreads(0)  # the processes are the parallelism


def _make_in_worker(number: int) -> int:
    assert _job is not None
    return _make(_job, number)


def _make(job: ComposeJob, number: int) -> int:
    """Compose one picture and write it; its record last, for that says that it is finished."""
    composed = compose(job.library, job.recipe, job.picture_seed(number))
    stem = f"{number:06d}"
    _save_picture(composed, job.out / "images" / f"{stem}{job.suffix}")
    records = []
    characters = zip(composed.alphas, composed.names, composed.genders, strict=True)
    for i, (alpha, name, gender) in enumerate(characters, 1):
        alpha_file = f"alpha/{stem}_{i}.png"
        save_png(alpha, job.out / alpha_file, overwrite=True)
        found = annotation_from_mask(alpha >= HARD_MASK_ALPHA, id=0, image_id=0, category_id=0)
        shape = {"segmentation": found.segmentation, "bbox": found.bbox, "area": found.area}
        records.append({"name": name, "kind": gender or None, "alpha_file": alpha_file, **shape})
    height, width = composed.picture.shape[:2]
    file_name = f"images/{stem}{job.suffix}"
    record = {"file_name": file_name, "height": height, "width": width, "characters": records}
    _write_json(record, job.part(number))
    return number


def _save_picture(composed: Composed, path: Path) -> None:
    if path.suffix == ".png":
        save_png(composed.picture, path, overwrite=True)
        return
    with write_atomically(path, overwrite=True) as temporary:
        Image.fromarray(composed.picture).save(temporary, "JPEG", quality=JPEG_QUALITY)


def _collect(job: ComposeJob) -> CocoDataset:
    images: list[CocoImage] = []
    annotations: list[Annotation] = []
    for number in range(1, job.count + 1):
        record = json.loads(job.part(number).read_text(encoding="utf-8"))
        images.append(CocoImage(number, record["file_name"], record["height"], record["width"]))
        for character in record["characters"]:
            annotations.append(
                Annotation(
                    id=len(annotations) + 1,
                    image_id=number,
                    category_id=1,
                    segmentation=character["segmentation"],
                    bbox=tuple(character["bbox"]),
                    area=character["area"],
                    alpha_file=character["alpha_file"],
                    kind=character["kind"],
                )
            )
    return CocoDataset(
        images=tuple(images),
        annotations=tuple(annotations),
        categories=(Category(1, job.recipe.name),),
        path=job.out / "annotations.json",
        pictures=job.out,
    )


def _write_json(content: dict[str, Any], path: Path) -> None:
    with write_atomically(path, overwrite=True) as temporary:
        text = json.dumps(content, indent=2, ensure_ascii=False)
        temporary.write_text(text + "\n", encoding="utf-8")


def default_workers() -> int:
    """Processes that leave a core for the rest of the machine; at most 8."""
    return max(1, min(8, (os.cpu_count() or 2) - 1))
