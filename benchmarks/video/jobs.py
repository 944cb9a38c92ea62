"""Whole jobs: a clip decoded, followed, drawn and encoded, `cutting.Job` beside a plain loop.

The plain loop is what one writes around a picture model: one frame after the other, each segmented,
drawn and encoded. Both write the same overlay with the same encoder, the model is loaded before.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from markdown_table import markdown
from variants import FRAME_BY_FRAME, OURS

from kirinuki import Segmenter
from kirinuki.cutting.job import Job
from kirinuki.cutting.outputs.overlay import OverlayOptions
from kirinuki.render.overlay import overlay
from kirinuki.tracking.follow import track
from kirinuki.video import read
from kirinuki.video.encoder import Encoder
from kirinuki.video.styles import style_for
from kirinuki.work.plan import plan

OUTPUTS = {"overlay": OverlayOptions()}


@dataclass
class Jobs:
    """Times whole jobs clip by clip, both ways in turns."""

    segmenter: Segmenter
    frames: int = 0
    ours: float = 0.0
    plain: float = 0.0
    ours_first: bool = False

    def add(self, clip: Path, frames: int) -> None:
        """Do one clip both ways."""
        with tempfile.TemporaryDirectory() as folder:
            for is_ours in (self.ours_first, not self.ours_first):
                start = time.perf_counter()
                if is_ours:
                    Job(plan([clip], folder, pictures=False), self.segmenter, OUTPUTS).run()
                    self.ours += time.perf_counter() - start
                else:
                    self.plain_loop(clip, Path(folder))
                    self.plain += time.perf_counter() - start
        self.frames += frames
        self.ours_first = not self.ours_first

    def plain_loop(self, clip: Path, folder: Path) -> None:
        """Frame by frame, without reuse, smoothing and overlap of the steps."""
        with read(clip) as video:
            style = style_for(video.info, None)
            path = folder / f"plain{style.suffix}"
            with Encoder(path, style, video.info, video.info.size_hw) as encoder:
                for one in track(self.segmenter, video, reuse=False, smooth=False):
                    picture = overlay(one.frame.rgb, one.instances)
                    encoder.write(picture, one.frame.pts, one.frame.duration)

    def table(self) -> str:
        """Frames a second of both."""
        rows = [[name, f"{self.frames / seconds:.2f}"] for name, seconds in self._seconds()]
        return markdown([["whole job", "frames a second"], *rows])

    def _seconds(self) -> list[tuple[str, float]]:
        return [(FRAME_BY_FRAME.name, self.plain), (OURS.name, self.ours)]
