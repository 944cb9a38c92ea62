"""All that the server asks of the rest of the house: a picture or a video becomes files.

Not covered: HTTP (`app`), processes (`children`), which outputs are asked for (`wishes`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kirinuki.cutting import cut
from kirinuki.cutting.outputs.output import Place, Shown
from kirinuki.cutting.outputs.registry import OUTPUTS
from kirinuki.cutting.outputs.rendering import Rendering
from kirinuki.cutting.results import Sink
from kirinuki.cutting.selection import Selection
from kirinuki.errors import VideoError
from kirinuki.images.picture import Picture
from kirinuki.instances import Instances
from kirinuki.render.cutout import cutout
from kirinuki.segmenter.segments import Segments
from kirinuki.video import probe

STEM = "picture"
"""How files of a picture begin: never by a name from outside."""


def files_of(
    picture: Picture, instances: Instances, outputs: Mapping[str, Any], names: tuple[str, ...]
) -> dict[str, bytes]:
    """What the outputs write of a picture, by name: the same bytes as the command writes."""
    with TemporaryDirectory(prefix="kirinuki-") as folder:
        out = Path(folder)
        place = Place(out, STEM, out / STEM, None, instances.size_hw, names)
        sink = Sink(out, (), overwrite=False)
        for name, options in outputs.items():
            writer = OUTPUTS[name].open(options, place, 0, ())
            writer.add(Shown(0, picture, instances))
            OUTPUTS[name].join(options, place, writer.close(), sink)
        return {name: (out / name).read_bytes() for name in sink.files}


def painted(name: str, options: Any, picture: Picture, instances: Instances) -> list[Any]:
    """The pictures that an output makes of a picture: arrays (H, W, 3 or 4) uint8 or PIL images;
    none where it makes other files. Of a picture without anybody, too, as ``kirinuki cut -``."""
    output = OUTPUTS[name]
    if not isinstance(output, Rendering):
        return []
    return [paint() for paint in output.paints(options, Shown(0, picture, instances)).values()]


def own_colours(picture: Picture, instances: Instances, index: int) -> NDArray[np.uint8]:
    """A character's own colours (`render.cutout`), and the picture's where it is not, (h, w, 3)
    uint8 RGB in its window: what it takes to change its alpha later."""
    x1, y1, x2, y2 = instances.window(index)
    colours = picture.rgb[y1:y2, x1:x2].copy()
    rgba = cutout(picture.rgb, instances, index, picture_alpha=picture.alpha)
    there = rgba[..., 3] > 0
    colours[there] = rgba[there, :3]
    return colours


@dataclass(frozen=True)
class VideoOrder:
    """A video to cut, in plain words that can be sent to another process.

    Attributes:
        path: the file, of our own naming.
        out: an empty folder for the results.
        outputs: options by output.
        only, track: see `Selection`.
        frames, pixels: see `Limits`.
    """

    path: str
    out: str
    outputs: dict[str, dict[str, Any]]
    only: tuple[str, ...]
    limit: int | None
    track: tuple[int, ...]
    frames: int
    pixels: int

    def told(self) -> dict[str, Any]:
        return asdict(self)


def cut_video(
    order: VideoOrder, segmenter: Segments, on_frame: Callable[[int, int | None], None]
) -> dict[str, Any]:
    """Cut a video, and say what outputs said (``lines``) and what there was (``counts``).

    Args:
        on_frame: called with the frames done, and how many there are if that is known.

    Raises:
        KirinukiError: it cannot be cut, or not within the limits.
    """
    _check(order)
    seen = 0
    lines: list[str] = []
    counts: dict[str, int] = {}
    problems: list[str] = []

    def note_frame(found: Any) -> None:
        nonlocal seen
        seen = int(found.counts["frames"])
        on_frame(seen, found.total)

    def note_item(outcome: Any) -> None:
        lines.extend(outcome.lines)
        if outcome.problem is not None:
            problems.append(outcome.problem.reason)
        elif outcome.found is not None:
            counts.update(outcome.found.counts)

    cut(
        [order.path],
        order.out,
        order.outputs,
        model=segmenter,
        selection=Selection(tuple(order.only), order.limit, tuple(order.track)),
        on_item=note_item,
        on_frame=note_frame,
        stop=lambda: seen > order.frames,
    )
    if problems:
        raise VideoError(problems[0])
    if seen > order.frames:
        raise VideoError(_too_long(seen, order.frames))
    return {"lines": lines, "counts": counts}


def _check(order: VideoOrder) -> None:
    info = probe(order.path)
    height, width = info.size_hw
    if height * width > order.pixels:
        raise VideoError(
            f"video: has frames of {width}×{height} pixels; at most "
            f"{order.pixels / 1e6:,.1f} megapixels are taken here; make it smaller first"
        )
    if info.frames is not None and info.frames > order.frames:
        raise VideoError(_too_long(info.frames, order.frames))


def _too_long(frames: int, most: int) -> str:
    return f"video: has {frames} frames; at most {most} are taken here; cut a shorter part of it"


def results_under(folder: Path) -> Iterator[tuple[str, Path]]:
    """Name and path of each result of a video: regular files, no links, nothing that is hidden, and
    not the journal. What made them had a stranger's file in hands."""
    root = folder.resolve()
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        hidden = any(part.startswith(".") for part in name.parts) or path.suffix == ".jsonl"
        ours = path.is_file() and not path.is_symlink() and path.resolve().is_relative_to(root)
        if ours and not hidden:
            yield name.as_posix(), path
