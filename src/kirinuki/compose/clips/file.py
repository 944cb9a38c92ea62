"""A composed clip as a file: H.264 in MP4 with a sine tone, frame by frame.

The same frames give the same bytes with the same versions of the libraries. With PyAV itself, for
the video room keeps sound and does not make any.

Not covered: what is in the frames (`compose`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation

from kirinuki.compose.paint import Rgb

RATE = 48_000
"""Samples a second of the sound."""
TONE = 440.0
"""Hertz of the tone that all clips have as sound."""
LOUDNESS = 0.2
BLOCK = 1024
"""Samples that AAC takes at a time."""
KEY_SECONDS = 5
"""Seconds between key frames, at most."""
BT709 = 1
"""Matrix, primaries and transfer in FFmpeg's numbers; its limited range is 1, too."""


@contextmanager
def clip_writer(
    path: Path, size_hw: tuple[int, int], fps: Fraction, crf: int
) -> Iterator[Callable[[Rgb], None]]:
    """A function that takes the frames, (H, W, 3) uint8 RGB with even sides, in order.

    The sound is as long as the pictures. The file is complete when the block ends.
    """
    options = {"movflags": "+faststart", "fflags": "+bitexact"}
    with av.open(str(path), "w", format="mp4", options=options) as container:
        video = container.add_stream("libx264", rate=fps)
        video.height, video.width = size_hw
        video.pix_fmt = "yuv420p"
        video.time_base = video.codec_context.time_base = 1 / fps
        # x264's macroblock tree reads memory that nobody has written when pictures are small: the
        # same frames gave other packets with another MALLOC_PERTURB_.
        video.options = {"crf": str(crf), "preset": "medium", "mbtree": "0"}
        video.gop_size = round(KEY_SECONDS * fps)
        # x264's decisions depend on the number of its threads: they would on the machine, too.
        video.thread_count = 1
        coded = video.codec_context
        coded.colorspace = coded.color_primaries = coded.color_trc = coded.color_range = BT709
        sound = container.add_stream("aac", rate=RATE, layout="mono")
        for stream in (video, sound):
            stream.codec_context.flags |= av.codec.context.Flags.bitexact
        frames = samples = 0

        def add_sound(until: int, is_last: bool) -> None:
            nonlocal samples
            while until - samples >= BLOCK or (is_last and until > samples):
                block = _tone(samples, min(BLOCK, until - samples))
                samples += block.samples
                container.mux(sound.encode(block))

        def write(picture: Rgb) -> None:
            nonlocal frames
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(
                format="yuv420p",
                dst_colorspace=Colorspace.ITU709,
                dst_color_range=ColorRange.MPEG,
                interpolation=Interpolation.BICUBIC,
            )
            frame.pts, frame.time_base = frames, 1 / fps
            frames += 1
            container.mux(video.encode(frame))
            add_sound(int(frames * RATE / fps), is_last=False)

        yield write
        container.mux(video.encode())
        add_sound(int(frames * RATE / fps), is_last=True)
        container.mux(sound.encode())


def _tone(first: int, count: int) -> av.AudioFrame:
    """Samples of the tone from the first one on."""
    phase = 2 * np.pi * TONE / RATE * np.arange(first, first + count)
    wave = (LOUDNESS * np.sin(phase)).astype(np.float32)[None]
    block = av.AudioFrame.from_ndarray(wave, format="fltp", layout="mono")
    block.rate, block.pts, block.time_base = RATE, first, Fraction(1, RATE)
    return block
