"""Put the segments of a video together: the results, with the sound of the source.

Not covered: how packets are joined and sound is copied (`video.assemble`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from kirinuki.cutting.clips.layout import Layout
from kirinuki.formats.coco_video import write_coco_video
from kirinuki.video.assemble import assemble


def finish(
    layout: Layout,
    files: dict[str, list[Path]],
    names: Sequence[str],
    span: tuple[Fraction | None, Fraction | None],
) -> tuple[list[Path], list[str]]:
    """Write all results; those that are there are replaced.

    Args:
        files: the segment files of each stream, in order.
        names: the model's classes.
        span: beginning and end of the part asked for, in seconds of the source; None is all.

    Returns:
        The results, and what the user should know of them.

    Raises:
        OutputError: one of them cannot be written.
    """
    results: list[Path] = []
    notes: list[str] = []
    start, end = span
    for stream in layout.outputs.streams():
        target = layout.result(stream)
        if layout.style(stream) is not None:
            said = assemble(
                target, files[stream], layout.info, start=start, end=end, overwrite=True
            )
            notes += [f"{target.name}: {line}" for line in said]
        results.append(target)
    if layout.outputs.each:
        results += _each(layout, files["each"])
    if layout.outputs.tracks:
        _tracks(layout, files["tracks"], names)
        results.append(layout.tracks)
    return results, notes


def _each(layout: Layout, files: list[Path]) -> list[Path]:
    """The clips of the characters, without sound; each begins with its first frame."""
    if layout.style("each") is None:
        return layout.each_there()
    by_id: dict[int, list[Path]] = {}
    for path in files:
        by_id.setdefault(int(path.name.split(".")[1]), []).append(path)
    targets = []
    for track_id, parts in sorted(by_id.items()):
        target = layout.result_of(track_id)
        assemble(target, parts, None, start=Fraction(0), overwrite=True)
        targets.append(target)
    return targets


def _tracks(layout: Layout, files: list[Path], names: Sequence[str]) -> None:
    height, width = layout.size_hw
    video = {
        "id": 1,
        "name": layout.info.path.name,
        "width": width,
        "height": height,
        "fps": None if layout.info.frame_rate is None else float(layout.info.frame_rate),
    }

    def images() -> Iterator[dict[str, Any]]:
        for line in _lines(files):
            yield {
                "id": line["number"] + 1,
                "video_id": 1,
                "frame_id": line["number"],
                "file_name": f"{layout.info.path.stem}/{line['number'] + 1:06d}.png",
                "height": height,
                "width": width,
                "time": line["time"],
            }

    def annotations() -> Iterator[dict[str, Any]]:
        count = 0
        for line in _lines(files):
            for annotation in line["annotations"]:
                count += 1
                yield {**annotation, "id": count, "image_id": line["number"] + 1}

    write_coco_video(layout.tracks, [video], images(), annotations(), names, overwrite=True)


def _lines(files: list[Path]) -> Iterator[dict[str, Any]]:
    for path in files:
        with path.open(encoding="utf-8") as file:
            yield from map(json.loads, file)
