"""How well held drawings are recognised through a codec, and whether blinks and mouths are seen.

    python benchmarks/video/repeats.py [--drawings N]

Drawn characters blink and talk on ones, twos and threes, and one walks, all before still places.
Every clip is encoded at several qualities, and `Repeats` goes through it as `Follower` would,
looking where something changed. A small one is 120 pixels tall in 720p, its mouth two to four
pixels wide: where a codec leaves less than `SEEN` levels of such a change, it cannot be missed.
"""

from __future__ import annotations

import argparse
import dataclasses
import io
import time
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import av
import cv2
import numpy as np
from markdown_table import markdown
from numpy.typing import NDArray

from kirinuki.tracking.repeats import Repeats
from kirinuki.video import Frame
from kirinuki_draw.draw import AFTERNOON, draw_character, head_for, random_spec
from kirinuki_draw.strokes import scene

Rgb = NDArray[np.uint8]
SIZE_HW = (720, 1280)
FPS = 24
SEEN = 24
"""Levels of change that can be seen, after a blur over three pixels."""
FACES: tuple[dict[str, object], ...] = (
    {"mood": "calm"},
    {"mood": "calm", "eye_open": 0.55},
    {"mood": "closed"},
    {"mood": "surprised"},
    {"mood": "laugh"},
)


@dataclass(frozen=True)
class Coding:
    """How a clip is encoded."""

    codec: str
    crf: int
    preset: str = ""
    key_every: int = 250
    grain: float = 0.0

    def __str__(self) -> str:
        grain = f", grain {self.grain:g}" if self.grain else ""
        return f"{self.codec} crf {self.crf} {self.preset}, key {self.key_every}{grain}"


CODINGS = (
    Coding("libx264", 18, "medium"),
    Coding("libx264", 23, "veryfast"),
    Coding("libx264", 23, "medium", 12),
    Coding("libx264", 28, "veryfast"),
    Coding("libx264", 28, "medium", 12),
    Coding("libx265", 24, "veryfast"),
    Coding("libvpx-vp9", 30),
    Coding("libx264", 18, "veryfast", grain=3.0),
)


@dataclass
class Counts:
    """Frames of one coding."""

    repeats: int = 0
    recognised: int = 0
    real: int = 0
    seen: int = 0
    missed: int = 0
    blocks: int = 0
    wrong: int = 0
    seconds: float = 0.0

    def row(self) -> list[str]:
        frames = max(1, self.repeats + self.real)
        return [
            f"{100 * self.recognised / max(1, self.repeats):.1f} % of {self.repeats}",
            f"{self.missed} of {self.seen}",
            f"{self.real - self.seen} of {self.real}",
            f"{100 * self.wrong / max(1, self.blocks):.4f} %",
            f"{1000 * self.seconds / frames:.1f}",
        ]


def clips(drawings: int) -> Iterator[list[Rgb]]:
    """Clips of so many drawings; frames that show the same drawing are the same array."""
    for seed, (tall, hold) in enumerate(((120, 1), (120, 2), (120, 3), (350, 2), (900, 3))):
        rng = np.random.default_rng(seed)
        place = scene.paint(SIZE_HW, seed, AFTERNOON)
        faces = []
        for face in FACES:
            spec = dataclasses.replace(random_spec(seed + 20), **face)
            faces.append(laid(place, draw_character(spec, head_for(spec, tall)), 400, 700))
        shown = [faces[int(i)] for i in rng.integers(0, len(faces), drawings)]
        yield [drawing for drawing in shown for _ in range(hold)]
    place, spec = scene.paint(SIZE_HW, 9, AFTERNOON), random_spec(9)
    walker = draw_character(spec, head_for(spec, 400))
    steps = [laid(place, walker, 150 + 7 * i, 690) for i in range(drawings)]
    yield [drawing for drawing in steps for _ in range(2)]


def laid(place: Rgb, cutout: Rgb, left: int, foot: int) -> Rgb:
    """The place with a cutout before it, its top cut off where it is too tall."""
    part = cutout[-min(foot, cutout.shape[0]) :].astype(np.float32)
    picture = place.copy()
    under = picture[foot - part.shape[0] : foot, left : left + part.shape[1]]
    under[:] = np.round(under + (part[..., :3] - under) * (part[..., 3:] / 255))
    return picture


def through(frames: list[Rgb], coding: Coding) -> Iterator[Rgb]:
    """The frames as they come out of the codec."""
    file, rng = io.BytesIO(), np.random.default_rng(0)
    with av.open(file, "w", format="matroska") as out:
        stream = out.add_stream(coding.codec, rate=FPS)
        stream.height, stream.width = SIZE_HW
        stream.pix_fmt, stream.gop_size, stream.thread_count = "yuv420p", coding.key_every, 1
        stream.options = {"crf": str(coding.crf), "b": "0"} | (
            {"preset": coding.preset} if coding.preset else {"cpu-used": "5"}
        )
        for number, frame in enumerate(frames):
            noise = rng.normal(0, coding.grain, (*SIZE_HW, 1)) if coding.grain else 0
            grainy = np.clip(frame + noise, 0, 255).astype(np.uint8)
            picture = av.VideoFrame.from_ndarray(grainy, format="rgb24")
            picture.pts, picture.time_base = number, Fraction(1, FPS)
            out.mux(stream.encode(picture))
        out.mux(stream.encode(None))
    file.seek(0)
    with av.open(file) as source:
        for picture in source.decode(video=0):
            yield picture.to_ndarray(format="rgb24")


def apart(one: Rgb, other: Rgb) -> NDArray[np.uint8]:
    """(H, W) levels by which two frames differ after a small blur."""
    return cv2.absdiff(cv2.blur(one, (3, 3)), cv2.blur(other, (3, 3))).max(axis=2)


def follow(frames: list[Rgb], coding: Coding, counts: Counts) -> None:
    repeats = Repeats()
    looked = 0
    seen_then = frames[0]
    for i, frame in enumerate(through(frames, coding)):
        begun = time.perf_counter()
        changed = repeats.changed(Frame(frame, i, 1, Fraction(1, 24)))
        counts.seconds += time.perf_counter() - begun
        if changed is not None and frames[i] is frames[looked]:
            counts.repeats += 1
            counts.recognised += not changed.any()
            counts.blocks += changed.size
            counts.wrong += int(changed.sum())
        elif changed is not None:
            drawn = apart(frames[i], frames[looked]) >= SEEN
            if drawn.any():
                visible = bool((apart(frame, seen_then)[drawn] >= SEEN).any())
                counts.real += 1
                counts.seen += visible
                counts.missed += visible and not changed.any()
        if changed is None or changed.any():
            repeats.look()
            looked, seen_then = i, frame


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--drawings", type=int, default=24, help="drawings a clip")
    made = list(clips(parser.parse_args().drawings))
    title = ["coding", "repeats recognised", "real changes missed", "left out by the codec"]
    lines = [[*title, "blocks wrong", "ms a frame"]]
    for coding in CODINGS:
        counts = Counts()
        for frames in made:
            follow(frames, coding, counts)
        lines.append([str(coding), *counts.row()])
    print(markdown(lines))


if __name__ == "__main__":
    main()
