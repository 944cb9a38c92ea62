"""Where everything of one video goes, and how each stream is encoded."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from kirinuki.cutting.clips.outputs import ALPHA_STYLES, ClipOutputs, is_transparent
from kirinuki.cutting.clips.streams import MakeEncoder
from kirinuki.video import VideoInfo
from kirinuki.video.encoder import Encoder
from kirinuki.video.styles import STYLES, Style, style_for


@dataclass(frozen=True)
class Layout:
    """Where everything of one video goes.

    Attributes:
        stem: beginning of the names of the results: ``OUT/a/ep01``.
        work: folder of the segments.
    """

    stem: Path
    work: Path
    info: VideoInfo
    size_hw: tuple[int, int]
    outputs: ClipOutputs

    def style(self, stream: str) -> Style | None:
        """How a stream is encoded; None where it is a folder of pictures."""
        if not (is_transparent(stream) or stream == "each"):
            return style_for(self.info, self.outputs.codec)
        if self.outputs.transparent == "png":
            return None
        return STYLES[ALPHA_STYLES[self.outputs.transparent]]

    def result(self, stream: str) -> Path:
        """The file of a stream, or its folder."""
        style = self.style(stream)
        suffix = "" if style is None else style.suffix
        return self.stem.with_name(f"{self.stem.name}_{stream}{suffix}")

    def result_of(self, track_id: int) -> Path:
        """The clip of one character, or its folder."""
        style = self.style("each")
        suffix = "" if style is None else style.suffix
        return self.stem.with_name(f"{self.stem.name}_{track_id}{suffix}")

    @property
    def tracks(self) -> Path:
        """The CocoVID file."""
        return self.stem.with_name(f"{self.stem.name}_tracks.json")

    def encoder(self, style: Style) -> MakeEncoder:
        """Makes the encoders of a stream."""
        crf = self.outputs.crf
        return lambda path: Encoder(path, style, self.info, self.size_hw, crf=crf)

    def stream_names(self) -> list[str]:
        """All streams, those that do not show the whole frame too."""
        outputs = self.outputs
        return [*outputs.streams(), *["each"] * outputs.each, *["tracks"] * outputs.tracks]

    def there(self) -> list[Path]:
        """Results of these names that exist."""
        there = [path for path in self._known() if path.exists()]
        if self.outputs.each:
            there += self.each_there()
        return there

    def each_there(self) -> list[Path]:
        """Clips of single characters, or their folders, that exist."""
        suffix = self.result_of(1).suffix
        pattern = re.compile(re.escape(self.stem.name) + r"_\d+" + re.escape(suffix))
        return sorted(p for p in self.stem.parent.glob("*") if pattern.fullmatch(p.name))

    def complete(self) -> bool:
        """Whether all results exist whose names are known beforehand, and there are some."""
        return bool(self.there()) and all(path.exists() for path in self._known())

    def _known(self) -> list[Path]:
        known = [self.result(stream) for stream in self.outputs.streams()]
        return known + [self.tracks] * self.outputs.tracks
