"""One segment of a video under way: every stream fed by a thread of its own.

Not covered: which frames belong to it (`job`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial

from kirinuki.cutting.clips.lanes import Lane
from kirinuki.cutting.clips.layout import Layout
from kirinuki.cutting.clips.streams import (
    EachPngStream,
    EachStream,
    PngStream,
    Shown,
    Stream,
    TracksStream,
    VideoStream,
)


class Segment:
    """Takes frames until it is closed.

    Args:
        present: ids that were there in the last frame of the segment before.
    """

    def __init__(self, layout: Layout, number: int, present: set[int]) -> None:
        self.frames = 0
        self._lanes: dict[str, tuple[Stream, Lane]] = {}
        try:
            for name, stream in _streams(layout, number, present):
                self._lanes[name] = (stream, Lane(name))
        except BaseException:
            self.abort()
            raise

    def add(self, shown: Shown) -> None:
        """Hand a frame to all streams.

        Raises:
            OutputError: one of them cannot be written.
        """
        for stream, lane in self._lanes.values():
            lane.put(partial(stream.add, shown))
        self.frames += 1

    def close(self) -> dict[str, list[str]]:
        """Finish all files; their names by stream, relative to the segments' folder.

        Raises:
            OutputError: one of them cannot be written.
        """
        for _, lane in self._lanes.values():
            lane.finish()
        return {name: stream.close() for name, (stream, _) in self._lanes.items()}

    def abort(self) -> None:
        """Stop, and leave no half-written file behind."""
        with ExitStack() as all_of_them:  # also when one fails at it, on a full disk
            for stream, lane in self._lanes.values():
                all_of_them.callback(stream.abort)
                all_of_them.callback(lane.stop)


def _streams(layout: Layout, number: int, present: set[int]) -> Iterator[tuple[str, Stream]]:
    """Each is made when it is asked for: if one cannot be, those before it are known."""
    outputs = layout.outputs
    for name, paint in outputs.streams().items():
        style = layout.style(name)
        if style is None:
            yield name, PngStream(layout.result(name), paint)
        else:
            path = layout.work / f"{number:05d}.{name}{style.segment_suffix}"
            yield name, VideoStream(path, layout.encoder(style), paint)
    if outputs.each:
        yield "each", _each(layout, number, present)
    if outputs.tracks:
        yield "tracks", TracksStream(layout.work / f"{number:05d}.tracks.jsonl")


def _each(layout: Layout, number: int, present: set[int]) -> Stream:
    style = layout.style("each")
    if style is None:
        return EachPngStream(layout.result_of)
    names = f"{number:05d}.{{id}}.{{part:04d}}.each{style.segment_suffix}"
    return EachStream(layout.work, names, layout.encoder(style), present)
