"""Time in composed clips: eased ways from key to key, poses of a body, faces that blink and talk.

Not covered: who moves where (`stage`), drawing it (`cel`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BLINK = (0.6, 1.0, 0.6)
"""How far the eyes are shut in the drawings of a blink."""
MOUTHS = (0.0, 0.45, 1.0)
"""How far the mouth is open: three drawings, as animators draw them."""


@dataclass(frozen=True, eq=False)
class Way:
    """Values over time: key points, and what lies between them.

    Attributes:
        times: (K,) seconds, rising.
        values: (K, D) at those times; before the first and after the last nothing changes.
        ease: 0 for even motion between keys, 1 for a slow start and a slow stop.
    """

    times: NDArray[np.float64]
    values: NDArray[np.float64]
    ease: float = 1.0

    def at(self, seconds: float) -> NDArray[np.float64]:
        """Values (D,) at a time."""
        i = int(np.searchsorted(self.times, seconds, side="right")) - 1
        if i < 0 or i >= len(self.times) - 1:
            return np.asarray(self.values[max(i, 0)])
        share = (seconds - self.times[i]) / (self.times[i + 1] - self.times[i])
        share = (1 - self.ease) * share + self.ease * share * share * (3 - 2 * share)
        return np.asarray((1 - share) * self.values[i] + share * self.values[i + 1])

    def speed(self, seconds: float) -> float:
        """How fast the first value changes, per second."""
        step = 0.05
        return abs(float(self.at(seconds + step)[0] - self.at(seconds - step)[0])) / (2 * step)


def fixed(*values: float) -> Way:
    """The same values at all times."""
    return Way(np.zeros(1), np.array([values], np.float64))


@dataclass(frozen=True)
class Pose:
    """Turns of a body's parts, in radians; wind is a phase, or None in still air."""

    lean: float
    head: float
    left_arm: float
    right_arm: float
    legs: float
    wind: float | None


@dataclass(frozen=True, eq=False)
class Body:
    """How a body moves while it stands or walks.

    Attributes:
        gestures: lean, head, left arm and right arm over time.
        wind: seconds of one sway, or None in still air.
        stride: seconds of two steps.
    """

    gestures: Way
    wind: float | None
    stride: float

    def pose(self, seconds: float, walking: float) -> Pose:
        """The pose at a time; `walking` in [0, 1] is 1 at full pace."""
        lean, head, left, right = self.gestures.at(seconds).tolist()
        swing = walking * math.sin(2 * math.pi * seconds / self.stride)
        wind = None if self.wind is None else 2 * math.pi * seconds / self.wind
        return Pose(lean, head, left + 0.09 * swing, right + 0.09 * swing, 0.12 * swing, wind)

    def lift(self, seconds: float, walking: float) -> float:
        """How far the body is above the ground in a step, as a share of its height."""
        return 0.012 * walking * abs(math.sin(2 * math.pi * seconds / self.stride))


def draw_body(seconds: float, windy: bool, rng: np.random.Generator) -> Body:
    """A body for a shot of this length: it takes a pose now and then, and rests in between."""
    times, values = [0.0], [_gesture(rng)]
    at = float(rng.uniform(0.3, 1.5))
    while at < seconds:
        takes = float(rng.uniform(0.25, 0.7))
        times += [at, at + takes]
        values += [values[-1], _gesture(rng)]
        at += takes + float(rng.uniform(0.5, 1.8))
    gestures = Way(np.array(times), np.array(values))
    return Body(
        gestures,
        float(rng.uniform(1.6, 3.0)) if windy else None,
        float(rng.uniform(0.75, 1.05)),
    )


def _gesture(rng: np.random.Generator) -> NDArray[np.float64]:
    degrees = np.clip(rng.normal(0, (1.2, 2.5, 4, 4)), -6, 6)
    return np.asarray(np.radians(degrees))


def draw_lids(frames: int, fps: float, hold: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """How far the eyes are shut in each frame, (frames,) in [0, 1]: a blink now and then."""
    lids = np.zeros(frames)
    at = int(rng.uniform(0.2, 2.0) * fps)
    step = max(hold, round(fps / 24))
    while at < frames:
        start = at // hold * hold
        for i, shut in enumerate(BLINK):
            lids[start + i * step : start + (i + 1) * step] = shut
        at += int(rng.uniform(1.2, 3.5) * fps)
    return lids


def draw_mouth(frames: int, fps: float, hold: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """How far the mouth is open in each frame, (frames,) in [0, 1]: speech with pauses."""
    mouth = np.zeros(frames)
    at = int(rng.uniform(0, 0.5) * fps) // hold * hold
    step = -(-max(1, round(fps / 12)) // hold) * hold
    while at < frames:
        for _ in range(int(rng.integers(4, 14))):
            mouth[at : at + step] = rng.choice(MOUTHS)
            at += step
        mouth[at:] = 0
        at += int(rng.uniform(0.3, 1.0) * fps) // hold * hold + hold
    return mouth
