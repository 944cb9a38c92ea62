"""Draw the clip of this folder again: ``python examples/make_clip.py``.

Six seconds in three shots, animated on twos: friends at the shore, one of whom walks by in front of
the others; two of them close up; and three small ones that hop. The tune is synthesised.

Needs the drawing studio: ``pip install . ./packages/kirinuki-draw``. Same Skia, same pixels.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from math import cos, pi, sin
from pathlib import Path

import av
import numpy as np
from make_examples import chibi, scene, sunset
from numpy.typing import NDArray

from kirinuki_draw.draw import (
    AFTERNOON,
    SUNSET,
    CharacterSpec,
    Figure,
    Hour,
    Scene,
    draw_background,
    draw_over,
)
from kirinuki_draw.strokes.spec import Arm, Pose

SIZE_HW = (540, 960)
RATE = 24
HELD = 2
"""Frames that a drawing is held: animation on twos."""
SOUND_RATE = 48_000


@dataclass(frozen=True)
class Shot:
    """One shot: so many drawings over one background.

    Attributes:
        figures: who stands where at a time in seconds, the one furthest back first.
    """

    drawings: int
    figures: Callable[[float], tuple[Figure, ...]]
    seed: int
    hour: Hour


def gust(time: float, at: float, most: float) -> float:
    """Wind that comes in slow waves, never from the other side."""
    return at + most * (0.6 * sin(2 * pi * time / 1.5) + 0.4 * sin(2 * pi * time / 0.85 + 1))


def blink(time: float, *moments: float) -> float:
    """How far eyes are open: shut for a moment at some times."""
    nearest = min((abs(time - moment) for moment in moments), default=1.0)
    return 1.0 if nearest > 0.13 else 0.12 + 0.5 * (nearest > 0.06)


def shore(time: float) -> tuple[Figure, ...]:
    """Two friends wait; the third walks past in front of them, waving."""
    boy, friend, girl = (figure.spec for figure in scene().figures)
    boy = replace(
        boy,
        wind=gust(time, 0.7, 0.2),
        tilt=5 + 2 * sin(2 * pi * time / 2.5),
        eye_open=blink(time, 0.75, 2.1),
        yaw=0.62,
    )
    friend = replace(
        friend,
        wind=gust(time + 0.3, 0.75, 0.22),
        tilt=4 + 2.5 * sin(2 * pi * time / 1.9 + 1),
        eye_open=blink(time, 1.3),
        mood="laugh" if 0.9 < time < 2.2 else "smile",
    )
    step = 2 * pi * time / 0.75
    wave = Arm(52, 150 + 16 * sin(2 * pi * time / 0.5), 12 * sin(2 * pi * time / 0.5), "open")
    swing = Arm(20 + 7 * sin(step / 2), -4 + 5 * sin(step / 2), 0, "fist", held="bag")
    girl = replace(
        girl,
        wind=gust(time, 0.9, 0.15),
        tilt=-5 + 2 * sin(step / 2),
        pose=replace(girl.pose, left=swing, right=wave, lean=2 * sin(step / 2)),
        eye_open=blink(time, 1.75),
    )
    x = 830 - 265 * time
    bob = 5 * abs(sin(step / 2))
    return (
        Figure(boy, 250, 222 + 1.5 * sin(2 * pi * time / 2.2), 112),
        Figure(friend, 650, 250 + 1.5 * sin(2 * pi * time / 1.8), 106),
        Figure(girl, x, 246 - bob, 124),
    )


def close_up(time: float) -> tuple[Figure, ...]:
    """Two girls talk, their hair in the evening wind."""
    tails, dark = (figure.spec for figure in sunset().figures)
    shake = sin(2 * pi * time / 0.55)
    talking = int(time * 12 / 2) % 2 == 0 and time < 1.2
    tails = replace(
        tails,
        wind=gust(time, 0.85, 0.25),
        tilt=-6 + 3 * sin(2 * pi * time / 1.4),
        mood="laugh" if talking else "smile",
        eye_open=blink(time, 1.45),
        pose=Pose(
            left=Arm(24, 132 + 14 * shake, 10 * shake, "open"),
            right=Arm(12, 6),
        ),
    )  # fmt: skip
    dark = replace(
        dark,
        wind=gust(time + 0.4, 0.8, 0.25),
        tilt=6 - 3 * sin(2 * pi * time / 1.7),
        mood="closed" if time < 1.0 else "laugh",
    )
    drift = 10 * time
    return (Figure(tails, 350 + drift, 330, 205), Figure(dark, 625 - drift, 352, 210))


def hops(time: float) -> tuple[Figure, ...]:
    """Three small ones hop, one after the other."""
    specs = [figure.spec for figure in chibi().figures]
    places = ((480, 300, 132), (230, 318, 136), (725, 318, 136))
    figures = []
    for i, (spec, (x, y, head)) in enumerate(zip(specs, places, strict=True)):
        phase = (time / 0.6 + i / 3) % 1
        up = max(0.0, sin(2 * pi * phase)) * 62
        lift = 55 * max(0.0, sin(2 * pi * phase))
        figures.append(Figure(_hopping(spec, time, lift, i), x, y - up, head))
    return tuple(figures)


def _hopping(spec: CharacterSpec, time: float, lift: float, number: int) -> CharacterSpec:
    held = spec.pose.right.held
    left = Arm(30 + lift, 20 + lift / 2, 0, "open")
    right = spec.pose.right if held != "nothing" else Arm(30 + lift, 20 + lift / 2, 0, "open")
    return replace(
        spec,
        wind=gust(time + number / 3, 0.5, 0.2),
        tilt=4 * cos(2 * pi * time / 0.6 + number),
        eye_open=blink(time, 0.4 + 0.35 * number),
        mood="laugh" if lift > 20 else "smile",
        pose=Pose(left=left, right=right),
    )


SHOTS = (
    Shot(35, shore, 1, AFTERNOON),
    Shot(20, close_up, 4, SUNSET),
    Shot(18, hops, 7, AFTERNOON),
)


def drawings() -> Iterator[tuple[int, Scene]]:
    """The number of the shot, and each drawing with its truth, once."""
    for number, shot in enumerate(SHOTS):
        background = draw_background(SIZE_HW, shot.seed, shot.hour)
        for i in range(shot.drawings):
            time = i * HELD / RATE
            yield number, draw_over(background, shot.figures(time), shot.hour)


def tune(seconds: float) -> NDArray[np.float32]:
    """A plucked melody in D, (2, N) float32, both channels a little apart."""
    notes = (0, 4, 7, 12, 9, 7, 4, 7, 2, 5, 9, 14, 12, 9, 7, 12)
    total = round(seconds * SOUND_RATE)
    sides = np.zeros((2, total))
    for i in range(int(seconds / 0.2)):
        at = round(i * 0.2 * SOUND_RATE)
        rest = np.arange(total - at) / SOUND_RATE
        pitch = 293.66 * 2 ** (notes[i % len(notes)] / 12)
        tone = sum(
            np.sin(2 * pi * pitch * k * rest) * np.exp(-rest * (3 + 2 * k)) / k for k in (1, 2, 3)
        )
        pan = 0.5 + 0.3 * sin(i)
        sides[:, at:] += np.outer([pan, 1 - pan], tone)
    fade = np.clip((seconds - np.arange(total) / SOUND_RATE) / 0.6, 0, 1)
    return (0.25 * sides * fade).astype(np.float32)


def write(path: Path) -> None:
    """Draw and encode everything."""
    frames = sum(shot.drawings for shot in SHOTS) * HELD
    with av.open(str(path), "w", options={"movflags": "faststart"}) as container:
        picture = container.add_stream(
            "libx264", rate=RATE, options={"crf": "21", "preset": "slow"}
        )
        picture.height, picture.width = SIZE_HW
        picture.pix_fmt = "yuv420p"
        context = picture.codec_context
        context.colorspace = context.color_primaries = context.color_trc = 1  # BT.709
        context.color_range = 1
        context.time_base = Fraction(1, RATE)
        sound = container.add_stream("aac", rate=SOUND_RATE, layout="stereo")
        _write_sound(container, sound, tune(frames / RATE))
        for i, (_, drawn) in enumerate(drawings()):
            for k in range(HELD):
                frame = av.VideoFrame.from_ndarray(drawn.picture, "rgb24")
                frame = frame.reformat(format="yuv420p", dst_colorspace=1, dst_color_range=1)
                frame.pts, frame.time_base = i * HELD + k, Fraction(1, RATE)
                container.mux(picture.encode(frame))
            print(f"\r{i + 1} drawings", end="", flush=True)
        container.mux(picture.encode(None))
    print(f"\n{path}")


def _write_sound(
    container: av.container.OutputContainer, stream: av.AudioStream, samples: NDArray[np.float32]
) -> None:
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), "fltp", "stereo")
    frame.sample_rate = SOUND_RATE
    container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def main() -> None:
    """Write the clip into a folder, this one by default."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path(__file__).parent)
    write(parser.parse_args().folder / "clip.mp4")


if __name__ == "__main__":
    main()
