"""A video becomes one file: a transparent or opaque video with its sound, or an animated picture.

Not covered: what such a file can hold (`one_file`), going on after a stop (`job`).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import numpy as np

from kirinuki.cutting.found import Found
from kirinuki.cutting.one_file import OneFile
from kirinuki.cutting.outputs.output import Shown
from kirinuki.cutting.outputs.registry import OUTPUTS
from kirinuki.cutting.outputs.rendering import Rendering
from kirinuki.cutting.selection import Selection
from kirinuki.segmenter.segments import Segments
from kirinuki.tracking.follow import TrackedFrame, track
from kirinuki.video import Frame, VideoInfo, probe, read, write
from kirinuki.video.write_animation import ANIMATIONS, write_animation


class _StoppedError(Exception):
    """Asked to stop: no file."""


@dataclass(frozen=True)
class OneVideo:
    """One video, and the file that is asked for of it.

    Attributes:
        on_frame: called after each frame of the result.
        stopping: asked before each frame.
    """

    asked: OneFile
    selection: Selection
    on_frame: Callable[[Found], None] = lambda found: None
    stopping: Callable[[], bool] = lambda: False

    def cut(self, model: Segments) -> Found:
        """Find and follow the characters, and write the file; stopped, there is none.

        Raises:
            KirinukiError: the video cannot be read, or the file not be written.
        """
        asked = self.asked
        self.selection.check_video()
        info = probe(cast(Path, asked.source))
        start, end = asked.part.span_of(info)
        size_hw, every = asked.part.size_of(info), asked.part.every
        place = replace(asked.place, info=info, size_hw=size_hw)
        found = Found(place, notes=[*info.notes], total=asked.part.frames_of(info))
        with (
            read(info.path, start=start, end=end, every=every, size_hw=size_hw) as video,
            closing(self._frames(track(model, video), found)) as frames,
        ):
            try:
                self._write(frames, info, found)
            except _StoppedError:
                found.interrupted = True
            found.problems += video.problems
        found.count_video()
        if not found.interrupted:
            found.notes += self.selection.absent(found.people)
        return found

    def _write(self, frames: Iterator[Frame], info: VideoInfo, found: Found) -> None:
        asked, target = self.asked, cast(Path, self.asked.target)
        start, end = asked.part.span_of(info)
        if asked.suffix in ANIMATIONS:
            write_animation(target, frames, overwrite=asked.overwrite)
            found.notes += [f"{target.name} holds no sound"] if info.audio else []
            return
        found.notes += write(
            target,
            frames,
            like=info,
            codec=getattr(asked.options, "codec", None),
            crf=asked.options.crf,
            start=start,
            end=end,
            overwrite=asked.overwrite,
        )

    def _frames(self, tracked: Iterator[TrackedFrame], found: Found) -> Generator[Frame]:
        output = cast(Rendering, OUTPUTS[self.asked.output])
        for one in tracked:
            if self.stopping():
                raise _StoppedError
            frame, instances = one.frame, self.asked.edges(self.selection(one.instances))
            shown = Shown(found.counts["frames"], frame.picture, instances)
            painted = np.asarray(output.paints(self.asked.options, shown)[self.asked.output]())
            yield replace(
                frame,
                rgb=np.ascontiguousarray(painted[..., :3]),
                alpha=painted[..., 3] if painted.shape[2] == 4 else None,
            )
            found.count(one, instances)
            self.on_frame(found)
