"""A set of composed clips on disk: what ``kirinuki data compose --clip`` writes.

``clip_0001.mp4`` …, ``annotations.json`` (CocoVID: visible masks as RLE, track ids, the shot of
each frame, whether it repeats the frame before, and on how many frames each clip is drawn) and
``recipe.json``. A clip depends on its format, seed and number only, so neither the number of clips
or processes nor a stop in between changes a byte. While the job runs, ``.parts/`` holds the truth
of each finished clip, a line a frame.

Soft alpha is not written: with several characters it would be a grey video for each of them, and
what is measured on clips (ids, masks, flicker) needs hard masks alone.

Not covered: composing itself (`compose`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from kirinuki.compose.clips.compose import ClipFrame, Format, compose_clip
from kirinuki.compose.clips.file import clip_writer
from kirinuki.compose.clips.recipe import ClipRecipe
from kirinuki.compose.library import Library
from kirinuki.compose.numbered_job import NumberedRun, pieces_hash, write_json
from kirinuki.errors import OutputError
from kirinuki.files import write_atomically
from kirinuki.formats.coco_video import tracked_mask, write_coco_video
from kirinuki.instances import HARD_MASK_ALPHA

MIXED = 0
"""What stands for "on" of a clip whose characters are drawn on different numbers of frames."""


def no_steps() -> None:
    """Shows no progress."""


@dataclass(frozen=True)
class ClipSetJob:
    """Which clips are to be composed, and where to.

    Attributes:
        count: clips.
        seed: the same seed gives the same clips; 0 or more.
    """

    library: Library
    recipe: ClipRecipe
    form: Format
    out: Path
    count: int
    seed: int = 0

    def __post_init__(self) -> None:
        height, width = self.form.size_hw
        if height % 2 or width % 2 or min(height, width) < 64:
            raise OutputError(
                f"{width}×{height}: H.264 needs an even width and height; at least 64×64"
            )

    def clip(self, number: int) -> Path:
        """Where clip `number` (from 1) goes."""
        return self.out / f"clip_{number:04d}.mp4"

    def part(self, number: int) -> Path:
        """Where the truth of a finished clip lies until the job is done."""
        return self.out / ".parts" / f"{number:04d}.jsonl"

    def holds(self, number: int) -> tuple[int, ...]:
        """For how many frames the drawings of a clip are held."""
        return self.recipe.holds[(number - 1) % len(self.recipe.holds)]

    def facts(self) -> dict[str, Any]:
        """What must be the same for a stopped job to go on."""
        form = {**asdict(self.form), "fps": str(self.form.fps)}
        return {
            "recipe": self.recipe.to_dict(),
            "clips": self.count,
            "form": form,
            "seed": self.seed,
            "pieces": pieces_hash(self.library),
        }

    def make(self, number: int, step: Callable[[], None] = no_steps) -> None:
        """Compose one clip and write it; its truth last, for that says that it is finished."""
        seed = self.seed * 1_000_003 + number
        low, high = self.recipe.crf
        crf = int(np.random.default_rng((seed, 3)).integers(low, high + 1))
        form = self.form
        with (
            write_atomically(self.part(number), overwrite=True) as truth,
            truth.open("w", encoding="ascii") as lines,
            write_atomically(self.clip(number), overwrite=True) as video,
            clip_writer(video, form.size_hw, form.fps, crf) as write,
        ):
            for frame in compose_clip(self.library, self.recipe, form, self.holds(number), seed):
                write(frame.picture)
                lines.write(json.dumps(_line(frame), separators=(",", ":")) + "\n")
                step()


@dataclass(frozen=True)
class ClipSet:
    """How much was made."""

    frames: int
    tracks: int
    cuts: int


def compose_clips(
    job: ClipSetJob,
    *,
    workers: int = 1,
    resume: bool = False,
    overwrite: bool = False,
    step: Callable[[], None] = no_steps,
) -> ClipSet:
    """Compose the clips of a job and write them with their truth.

    Args:
        workers: processes; 1 composes in this one.
        resume: keep the clips that a stopped job finished.
        overwrite: replace what an earlier job wrote there.
        step: called after every frame; when there are several processes, after each clip as often
            as it has frames.

    Raises:
        OutputError: the folder holds a data set already, or a stopped job of other options.
        DatasetError, PictureError: a piece of the library cannot be used; names the file.
    """
    with NumberedRun(job, resume=resume, overwrite=overwrite) as run:
        for _ in range(job.count - len(run.todo)):
            _steps(job, step)
        beside = min(workers, len(run.todo))
        for _ in run.made(beside, partial(job.make, step=step)):
            if beside > 1:
                _steps(job, step)
        if run.known is not None:
            return ClipSet(**run.known)
        write_json(job.recipe.to_dict(), job.out / "recipe.json")
        summary = _write_truth(job)
        run.complete(asdict(summary))
        return summary


def _steps(job: ClipSetJob, step: Callable[[], None]) -> None:
    for _ in range(job.form.frames):
        step()


def _line(frame: ClipFrame) -> dict[str, Any]:
    """The truth of a frame, all but the ids that its place in the set gives it."""
    seen = []
    for one in frame.seen:
        record = tracked_mask(one.alpha >= HARD_MASK_ALPHA, one.track_id)
        seen.append({**record, "kind": one.gender} if one.gender else record)
    return {"shot": frame.shot, "repeats": frame.repeats, "seen": seen}


def _write_truth(job: ClipSetJob) -> ClipSet:
    height, width = job.form.size_hw
    size = {"height": height, "width": width}
    fps = job.form.fps
    tracks: set[tuple[int, int]] = set()
    cuts = 0

    def lines() -> Iterator[tuple[int, int, int, dict[str, Any]]]:
        """Clip, frame of the clip from 0, image id, and truth."""
        image = 0
        for number in range(1, job.count + 1):
            with job.part(number).open(encoding="ascii") as part:
                for frame, line in enumerate(part):
                    image += 1
                    yield number, frame, image, json.loads(line)

    def images() -> Iterator[dict[str, Any]]:
        nonlocal cuts
        last_shot = 0
        for number, frame, image, line in lines():
            cuts += frame > 0 and line["shot"] != last_shot
            last_shot = line["shot"]
            name = f"{job.clip(number).stem}/{frame + 1:06d}.png"
            place = {"id": image, "video_id": number, "frame_id": frame, "file_name": name, **size}
            time = round(float(frame / fps), 6)
            yield {**place, "time": time, "shot": line["shot"], "repeats": line["repeats"]}

    def annotations() -> Iterator[dict[str, Any]]:
        count = 0
        for number, _, image, line in lines():
            for seen in line["seen"]:
                count += 1
                tracks.add((number, seen["track_id"]))
                yield {"id": count, "image_id": image, "video_id": number, **seen}

    videos = []
    for number in range(1, job.count + 1):
        held = job.holds(number)
        on = held[0] if len(set(held)) == 1 else MIXED
        name = job.clip(number).name
        videos.append({"id": number, "name": name, **size, "fps": float(fps), "on": on})
    path = job.out / "annotations.json"
    write_coco_video(path, videos, images(), annotations(), [job.recipe.name], overwrite=True)
    return ClipSet(job.count * job.form.frames, len(tracks), cuts)
