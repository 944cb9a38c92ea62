"""Styles: a codec, how it is set up, and the container it lives in.

Lines of animation are sharp and its areas flat: the default qualities are a step above what live
action needs. Speeds are chosen for two slow cores: encoding must not hold up the models.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from kirinuki.video.info import VideoInfo


@dataclass(frozen=True)
class Style:
    """How a video is encoded.

    Attributes:
        encoder: FFmpeg's name of the encoder.
        suffix: of the result, which also names its container.
        pix_fmt: FFmpeg's name of the pixel format.
        crf: constant rate factor where the caller asks for none; None where there is no such thing.
        alpha: whether it keeps transparency.
        options: of the encoder.
        even: whether width and height must be even.
        smallest: pixels of the shorter side below which the encoder hangs or crashes.
    """

    encoder: str
    suffix: str
    pix_fmt: str = "yuv420p"
    crf: int | None = None
    alpha: bool = False
    options: dict[str, str] = field(default_factory=dict)
    even: bool = True
    smallest: int = 1

    @property
    def segment_suffix(self) -> str:
        """Of a piece of it. NUT keeps the exact time of each frame, and plays even where it was cut
        off; but of pixels' shape and colours it knows only what H.264 and HEVC say themselves."""
        keeps_all = self.encoder in ("libx264", "libx265")
        return ".nut" if keeps_all and self.suffix != ".webm" else self.suffix

    @property
    def square_pixels(self) -> bool:
        """Whether the shape of pixels is lost: Matroska's would have to be told by the muxer, which
        PyAV cannot ask for, and VP9 and AV1 do not say it themselves."""
        return self.suffix in (".webm", ".mkv") and self.encoder in ("libvpx-vp9", "libsvtav1")


_REALTIME = {"deadline": "realtime", "cpu-used": "7", "row-mt": "1", "b": "0"}

STYLES = {
    "h264": Style("libx264", ".mp4", crf=18, options={"preset": "veryfast", "tune": "animation"}),
    "hevc": Style(
        "libx265",
        ".mp4",
        crf=20,
        smallest=64,
        options={
            "preset": "superfast",
            "tune": "animation",
            "x265-params": "log-level=error:pools=2:frame-threads=1",
        },
    ),
    "av1": Style(
        "libsvtav1",
        ".mp4",
        crf=26,
        smallest=64,
        options={"preset": "10", "svtav1-params": "fast-decode=1:lp=2"},
    ),
    "vp9": Style("libvpx-vp9", ".mp4", crf=24, options=_REALTIME, even=False),
    "vp9-alpha": Style(
        "libvpx-vp9",
        ".webm",
        "yuva420p",
        crf=24,
        alpha=True,
        options={**_REALTIME, "auto-alt-ref": "0", "lag-in-frames": "0"},
        even=False,
    ),
    "prores-alpha": Style(
        "prores_ks",
        ".mov",
        "yuva444p10le",
        alpha=True,
        options={"profile": "4444", "vendor": "apl0", "alpha_bits": "8"},
        even=False,
    ),
}
"""All styles by name: opaque ones, and those whose name ends in "alpha"."""
OPAQUE = {".mp4": "h264", ".mkv": "h264", ".mov": "h264", ".webm": "vp9"}
"""Name of the style of an opaque video, by the suffix of its container."""
TRANSPARENT = {style.suffix: name for name, style in STYLES.items() if style.alpha}
"""The same of transparent videos."""


def style_for(source: VideoInfo, codec: str | None) -> Style:
    """The style of an opaque result: in the source's own kind of container where that holds the
    codec, so that all sound fits in, else in MP4.

    Args:
        codec: name of an opaque style; None is H.264, and for a WebM VP9.
    """
    suffix = source.path.suffix.lower()
    own = ".mkv" if "matroska" in source.container and suffix != ".webm" else suffix
    style = STYLES[codec or ("vp9" if own == ".webm" else "h264")]
    return replace(style, suffix=own) if style.encoder in _HOLDS.get(own, ()) else style


_HOLDS = {
    ".mkv": ("libx264", "libx265", "libsvtav1", "libvpx-vp9"),
    ".mov": ("libx264", "libx265"),
    ".webm": ("libsvtav1", "libvpx-vp9"),
}
"""Encoders whose packets a container holds; MP4 holds all."""
