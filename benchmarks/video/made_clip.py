"""A clip of any length with characters, a tone and subtitles, made from the pictures in examples/.

Every shot shows another picture, a little larger than the frame, over which the view moves a step
with every new drawing. The same arguments give the same frames. There is no truth to it: it is for
memory, speed and kills.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

EXAMPLES = Path(__file__).parents[2] / "examples"
FPS = 24
SAMPLE_RATE = 48_000
MARGIN = 1.15
"""The picture is so many times as large as the frame."""


@dataclass(frozen=True)
class Look:
    """What a made clip is like.

    Attributes:
        size_wh: of the frames, in pixels.
        on: frames that show the same drawing.
        shot: seconds between cuts.
    """

    size_wh: tuple[int, int] = (1920, 1080)
    on: int = 2
    shot: float = 6.0


def make_clip(path: Path, seconds: float, look: Look) -> Path:
    """Write a clip: H.264, AAC and SubRip in Matroska."""
    captions = path.with_suffix(".srt")
    captions.write_text(
        "".join(
            f"{i + 1}\n{_clock(i * look.shot)} --> {_clock(i * look.shot + 2)}\nShot {i + 1}\n\n"
            for i in range(math.ceil(seconds / look.shot))
        ),
        encoding="utf-8",
    )
    with av.open(str(path), "w") as out, av.open(str(captions)) as srt:
        video = out.add_stream("libx264", rate=FPS, options={"crf": "20", "preset": "veryfast"})
        video.width, video.height = look.size_wh
        video.pix_fmt = "yuv420p"
        sound = out.add_stream("aac", rate=SAMPLE_RATE)
        text = out.add_stream_from_template(srt.streams.subtitles[0])
        lines = [packet for packet in srt.demux() if packet.dts is not None]
        tones = _tone(seconds)
        for number, picture in enumerate(_pictures(round(seconds * FPS), look)):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            out.mux(video.encode(frame))
            now = number / FPS
            while lines and float(lines[0].pts * lines[0].time_base) <= now:
                line = lines.pop(0)
                line.stream = text
                out.mux(line)
            for tone in tones:
                out.mux(sound.encode(tone))
                if tone.pts / SAMPLE_RATE > now:
                    break
        out.mux(video.encode(None))
        out.mux(sound.encode(None))
    captions.unlink()
    return path


def _pictures(count: int, look: Look) -> Iterator[NDArray[np.uint8]]:
    width, height = look.size_wh
    large = math.ceil(width * MARGIN), math.ceil(height * MARGIN)
    examples = [
        np.asarray(ImageOps.fit(Image.open(path).convert("RGB"), large))
        for path in sorted(EXAMPLES.glob("*.png"))
    ]
    in_shot = max(1, round(look.shot * FPS))
    free_x, free_y = large[0] - width, large[1] - height
    for number in range(count):
        shot, drawing = number // in_shot, number % in_shot // look.on
        way = drawing * look.on / in_shot  # 0 to 1 within a shot
        x, y = round(free_x * way), round(free_y * (1 - way))
        yield np.ascontiguousarray(examples[shot % len(examples)][y : y + height, x : x + width])


def _tone(seconds: float) -> Iterator[av.AudioFrame]:
    step = 1024
    for start in range(0, round(seconds * SAMPLE_RATE), step):
        times = np.arange(start, start + step) / SAMPLE_RATE
        wave = (0.2 * np.sin(2 * np.pi * 440 * times)).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(wave[None], format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE, start, Fraction(1, SAMPLE_RATE)
        yield frame


def _clock(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours:02}:{minutes:02}:{rest:06.3f}".replace(".", ",")
