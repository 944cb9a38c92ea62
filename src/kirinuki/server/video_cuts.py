"""A video becomes files, in a process of its own: the order that says so, and the work.

Not covered: pictures (`cuts`), the processes (`children`, `child`).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from kirinuki.cutting import cut
from kirinuki.cutting.edges import Edges
from kirinuki.cutting.found import Found, Outcome
from kirinuki.cutting.one_file import OneFile
from kirinuki.cutting.one_video import OneVideo
from kirinuki.cutting.outputs.registry import OUTPUTS
from kirinuki.cutting.part import Part
from kirinuki.cutting.selection import Selection
from kirinuki.errors import VideoError
from kirinuki.segmenter.segments import Segments
from kirinuki.server.faces import faces_of
from kirinuki.server.wire import frozen
from kirinuki.video import VideoInfo, probe

Note = Callable[[int, int | None], None]
"""Takes the frames done, and how many there are if that is known."""


@dataclass(frozen=True)
class VideoOrder:
    """A video to cut.

    Attributes:
        path: the file, of our own naming.
        out: an empty folder for the results.
        suffix: of the one file that is asked for; None is a folder of all that outputs write.
        outputs: options by output, as plain JSON.
        selection, edges, part: as those of `cutting.cut`.
        faces: make a small picture of everyone, too.
        frames, pixels: see `Limits`.
    """

    path: str
    out: str
    suffix: str | None
    outputs: dict[str, dict[str, Any]]
    selection: Selection
    edges: Edges
    part: Part
    faces: bool
    frames: int
    pixels: int

    def told(self) -> dict[str, Any]:
        """As plain JSON, for another process."""
        part = {
            name: str(value) if isinstance(value, Fraction) else value
            for name, value in asdict(self.part).items()
        }
        return {**asdict(self), "part": part}

    @classmethod
    def of(cls, told: dict[str, Any]) -> VideoOrder:
        """The inverse."""
        part: dict[str, Any] = {
            name: Fraction(value) if isinstance(value, str) else value
            for name, value in told["part"].items()
        }
        selection = {name: frozen(value) for name, value in told["selection"].items()}
        outputs = {
            output: {name: frozen(value) for name, value in options.items()}
            for output, options in told["outputs"].items()
        }
        made = {
            "outputs": outputs,
            "selection": Selection(**selection),
            "edges": Edges(**told["edges"]),
            "part": Part(**part),
        }
        return cls(**{**told, **made})


def cut_video(order: VideoOrder, segmenter: Segments, on_frame: Note) -> dict[str, Any]:
    """Cut a video, and say what outputs said (``lines``), what there was (``counts``), what is to
    be known of it (``notes``: damage, too), and everyone's ``faces`` if they are asked for.

    Raises:
        KirinukiError: it cannot be cut, or not within the limits.
    """
    info = probe(order.path)
    _check(order, info)
    seen = 0

    def note(found: Found) -> None:
        nonlocal seen
        seen = int(found.counts["frames"])
        on_frame(seen, found.total)

    work = _cut_all if order.suffix is None else _cut_one
    done = work(order, segmenter, note, lambda: seen > order.frames)
    if seen > order.frames:
        raise VideoError(_too_long(seen, order.frames))
    return {**done, "faces": _faces(order, info, done["lines"])}


def _faces(order: VideoOrder, info: VideoInfo, lines: list[str]) -> dict[str, str]:
    if not order.faces:
        return {}
    with suppress(VideoError):  # the results are there, without faces too
        return faces_of(info, order.part, json.loads(lines[0])["instances"])
    return {}


def _cut_one(
    order: VideoOrder, segmenter: Segments, note: Callable[[Found], None], stop: Callable[[], bool]
) -> dict[str, Any]:
    """As ``kirinuki cut -o FILE``."""
    ((name, said),) = order.outputs.items()
    options = OUTPUTS[name].options(**said)
    out = Path(order.out)
    out.mkdir()
    target = out / f"cut{order.suffix}"
    asked = OneFile(Path(order.path), target, True, name, options, order.edges, order.part)
    found = OneVideo(asked, order.selection, note, stop).cut(segmenter)
    return {"lines": [], "counts": dict(found.counts), "notes": _notes(found)}


def _cut_all(
    order: VideoOrder, segmenter: Segments, note: Callable[[Found], None], stop: Callable[[], bool]
) -> dict[str, Any]:
    """As ``kirinuki cut -o FOLDER --jsonl``."""
    lines: list[str] = []
    notes: list[str] = []

    def item(outcome: Outcome) -> None:
        lines.extend(outcome.lines)
        notes.extend(_notes(outcome.found) if outcome.found else ())

    summary = cut(
        [order.path],
        order.out,
        {**order.outputs, "jsonl": {}},
        model=segmenter,
        selection=order.selection,
        edges=order.edges,
        part=order.part,
        on_item=item,
        on_frame=note,
        stop=stop,
    )
    if summary.problems and not summary.done:
        raise VideoError(summary.problems[0].reason)
    return {"lines": lines, "counts": dict(summary.counts), "notes": notes}


def _notes(found: Found) -> list[str]:
    """Each once; what the command calls failed is a note where the results are there."""
    return list(dict.fromkeys([*found.notes, *found.problems]))


def _check(order: VideoOrder, info: VideoInfo) -> None:
    for what, (height, width) in (
        ("has frames of", info.size_hw),
        ("is to have frames of", order.part.size_of(info)),
    ):
        if height * width > order.pixels:
            raise VideoError(
                f"video: {what} {width}×{height} pixels; at most "
                f"{order.pixels / 1e6:,.1f} megapixels are taken here; make it smaller first"
            )
    frames = info.frames if order.part == Part() else order.part.frames_of(info)
    if frames is not None and frames > order.frames:
        raise VideoError(_too_long(frames, order.frames))


def _too_long(frames: int, most: int) -> str:
    return f"video: has {frames} frames; at most {most} are taken here; cut a shorter part of it"
