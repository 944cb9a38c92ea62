"""Small clips for tests, encoded on the spot."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from kirinuki.video.priority import ordinary_priority


def moving(number: int, size_hw: tuple[int, int] = (48, 64)) -> np.ndarray:
    """A smooth (H, W, 3) picture that differs from frame to frame."""
    y, x = np.mgrid[: size_hw[0], : size_hw[1]]
    wave = (x * 3 + y * 2 + number * 7) % 256
    return np.dstack([wave, 255 - wave, np.full(size_hw, number * 5 % 256)]).astype(np.uint8)


@ordinary_priority()
def write_clip(
    path: Path,
    pictures: Sequence[np.ndarray],
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    *,
    pts: Sequence[int] | None = None,
    time_base: Fraction = Fraction(1, 24),
    options: dict[str, str] | None = None,
    shape: Fraction | None = None,
    tones: int = 0,
    cover: bool = False,
) -> Path:
    """Encode `pictures`, (H, W, 3 or 4) each, with as many tracks of sound as asked; `shape` is
    that of a pixel, `cover` adds a picture of the front."""
    with av.open(str(path), "w") as container:
        picture = container.add_stream("mjpeg", rate=1) if cover else None
        if picture is not None:
            picture.width, picture.height, picture.pix_fmt = 32, 32, "yuvj420p"
            picture.disposition = av.stream.Disposition.attached_pic
        stream = container.add_stream(codec, rate=24, options=options or {})
        stream.width, stream.height = pictures[0].shape[1], pictures[0].shape[0]
        stream.pix_fmt = pix_fmt
        stream.codec_context.time_base = time_base
        if shape is not None:
            stream.codec_context.sample_aspect_ratio = shape
        sounds = [container.add_stream("aac", rate=48000, layout="mono") for _ in range(tones)]
        if picture is not None:
            container.mux(picture.encode(av.VideoFrame(32, 32, "yuvj420p")))
        for number, pixels in enumerate(pictures):
            frame = _frame(pixels)
            frame.pts = number if pts is None else pts[number]
            frame.time_base = time_base
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        for number, sound in enumerate(sounds):
            container.mux(sound.encode(_tone(440 * (number + 1), len(pictures) / 24)))
            container.mux(sound.encode(None))
    return path


def _frame(pixels: np.ndarray) -> av.VideoFrame:
    return av.VideoFrame.from_ndarray(pixels, "rgba" if pixels.shape[2] == 4 else "rgb24")


def _tone(hertz: int, seconds: float) -> av.AudioFrame:
    time = np.arange(round(48000 * seconds), dtype=np.float32) / 48000
    wave = 0.2 * np.sin(2 * np.pi * hertz * time, dtype=np.float32)
    frame = av.AudioFrame.from_ndarray(wave[None], format="fltp", layout="mono")
    frame.sample_rate = 48000
    return frame


@ordinary_priority()
def write_planes(
    path: Path,
    planes: Sequence[np.ndarray],
    pix_fmt: str,
    *,
    matrix: int = 2,
    colour_range: int = 0,
    transfer: int = 2,
    primaries: int = 2,
    frames: int = 2,
    codec: str = "ffv1",
    options: dict[str, str] | None = None,
) -> Path:
    """A clip of given numbers, by default lossless: planes Y, U, V, each (H, W) of uint8 or
    uint16, and of a format with alpha A."""
    height, width = planes[0].shape
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=24, options=options or {})
        stream.width, stream.height, stream.pix_fmt = width, height, pix_fmt
        stream.codec_context.colorspace = matrix
        stream.codec_context.color_range = colour_range
        stream.codec_context.color_trc = transfer
        stream.codec_context.color_primaries = primaries
        for number in range(frames):
            frame = av.VideoFrame(width, height, pix_fmt)
            for plane, numbers in zip(frame.planes, planes, strict=True):
                rows = np.zeros((plane.height, plane.line_size), np.uint8)
                data = np.ascontiguousarray(numbers).view(np.uint8).reshape(plane.height, -1)
                rows[:, : data.shape[1]] = data
                plane.update(rows.tobytes())
            frame.colorspace, frame.color_range = matrix, colour_range
            frame.color_trc, frame.color_primaries = transfer, primaries
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path
