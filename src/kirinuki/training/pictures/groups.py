"""Groups: other labelled characters pasted into a labelled scene, or several set small in a wide
one (Ghiasi et al. 2021, "Simple Copy-Paste").

Whole illustrations mostly show one character alone; those that show several, touching and hiding
one another, are where a detector takes two for one.

Not covered: composing from cutouts (`kirinuki.compose`), which scenes are asked (`dataset`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from kirinuki.geometry import mask_to_box
from kirinuki.instances import HARD_MASK_ALPHA
from kirinuki.segmenter.detector import resize
from kirinuki.training.pictures.scene import Alpha, Scene, pixels_of, without_remnants

COUNTS = (0.45, 0.3, 0.15, 0.1)
"""Chance of one to four guests beside the characters of a scene."""
SMALL_COUNTS = (0.4, 0.25, 0.15, 0.1, 0.1)
"""Chance of one to five figures in a wide scene."""
OVERLAPPING = 0.6
"""Share of the guests that stand so near that one hides a part of the other."""
IN_FRONT = 0.5
"""Share of the guests that stand before the others."""
LIT_ALIKE = 0.6
"""Share of the guests that take on some of the light of where they stand."""
MOST_ENLARGED = 1.6
"""Enlarged further, art is blurred as no picture is."""
MIN_PIXELS = 900
"""A character with fewer pixels is not worth being pasted."""
CUT_PIXELS = 8
"""So many opaque pixels along a side of its picture mean that the frame cut a character there."""


@dataclass(frozen=True)
class Guest:
    """A labelled character cut out of its scene.

    Attributes:
        rgb, alpha: (h, w, 3) and (h, w) uint8, tight around it.
        label, gender: as in `Scene`.
        edge_trust: as in `Scene`.
        cut: which sides the frame cut: left, top, right, bottom.
    """

    rgb: NDArray[np.uint8]
    alpha: Alpha
    label: int
    gender: str
    edge_trust: float
    cut: tuple[bool, bool, bool, bool]


Draw = Callable[[], Guest | None]
"""A labelled character of any picture; None if the one that was drawn is of no use."""


def cut_out(scene: Scene, rng: np.random.Generator) -> Guest | None:
    """One character of a scene, mirrored half of the time; None if it is too small."""
    if not scene.alphas:
        return None
    i = int(rng.integers(len(scene.alphas)))
    box = mask_to_box(scene.alphas[i] >= HARD_MASK_ALPHA)
    if box is None or pixels_of(scene.alphas[i]) < MIN_PIXELS:
        return None
    x1, y1, x2, y2 = box
    rgb, alpha = scene.picture[y1:y2, x1:x2], scene.alphas[i][y1:y2, x1:x2]
    height, width = scene.size_hw
    edges = alpha[:, 0], alpha[0], alpha[:, -1], alpha[-1]
    at_frame = x1 == 0, y1 == 0, x2 == width, y2 == height
    left, top, right, bottom = (
        there and int(np.count_nonzero(edge >= HARD_MASK_ALPHA)) > CUT_PIXELS
        for there, edge in zip(at_frame, edges, strict=True)
    )
    if rng.random() < 0.5:
        rgb, alpha, left, right = rgb[:, ::-1], alpha[:, ::-1], right, left
    cut = left, top, right, bottom
    return Guest(rgb, alpha, scene.labels[i], scene.genders[i], scene.edge_trust, cut)


def with_guests(scene: Scene, draw: Draw, rng: np.random.Generator) -> Scene:
    """One to four others beside, before and behind the characters of a scene."""
    for _ in range(1 + int(rng.choice(len(COUNTS), p=COUNTS))):
        guest = draw()
        if guest is None or not scene.alphas:
            continue
        host = scene.alphas[int(rng.integers(len(scene.alphas)))]
        box = mask_to_box(host >= HARD_MASK_ALPHA)
        if box is not None:
            scale, x, y = _beside(guest, box, scene.size_hw, rng)
            scene = _pasted(scene, guest, (scale, x, y), bool(rng.random() < IN_FRONT), rng)
    return scene


def scattered(scene: Scene, draw: Draw, rng: np.random.Generator) -> Scene:
    """A few figures of about one size, most of them small, in a scene where nobody is."""
    height, width = scene.size_hw
    common = math.exp(rng.uniform(math.log(0.07), math.log(0.55))) * height
    floor = rng.uniform(0.55, 1.0) * height
    for _ in range(1 + int(rng.choice(len(SMALL_COUNTS), p=SMALL_COUNTS))):
        guest = draw()
        if guest is None or any(guest.cut):  # nothing cuts a small figure in the middle of a scene
            continue
        scale = common * math.exp(rng.normal(0, 0.25)) / guest.alpha.shape[0]
        w, h = (side * scale for side in guest.alpha.shape[::-1])
        feet = float(np.clip(floor + rng.normal(0, 0.06) * height, 0.3 * h, height))
        place = scale, rng.uniform(0, width) - w / 2, feet - h
        scene = _pasted(scene, guest, place, True, rng)
    return scene


def _beside(
    guest: Guest, box: tuple[int, int, int, int], size_hw: tuple[int, int], rng: np.random.Generator
) -> tuple[float, float, float]:
    """Scale, left and top of a guest of about the host's height, on one floor with the host; what
    its frame cut lies at this frame."""
    (x1, y1, x2, y2), (height, width) = box, size_hw
    tall = np.clip((y2 - y1) * math.exp(rng.normal(-0.05, 0.3)), 24, 1.5 * height)
    scale = min(MOST_ENLARGED, float(tall) / guest.alpha.shape[0])
    w, h = (side * scale for side in guest.alpha.shape[::-1])
    nearness = (0.2, 0.85) if rng.random() < OVERLAPPING else (0.85, 1.6)
    reach = (w + x2 - x1) / 2 * rng.uniform(*nearness)
    x = (x1 + x2) / 2 + (reach if rng.random() < 0.5 else -reach) - w / 2
    y = float(np.clip(y2 - h + rng.normal(0, 0.08) * height, -0.2 * h, height - 0.6 * h))
    left, top, right, bottom = guest.cut
    x = 0.0 if left else width - w if right else x
    y = height - h if bottom else 0.0 if top else y
    return scale, x, y


def _pasted(
    scene: Scene,
    guest: Guest,
    place: tuple[float, float, float],
    in_front: bool,
    rng: np.random.Generator,
) -> Scene:
    """The scene with one more character; the same scene if hardly anything of it would show."""
    art, alpha = _laid(guest, place, scene.size_hw)
    taken = np.sum(scene.alphas, axis=0, dtype=np.float32) if scene.alphas else np.zeros((1, 1))
    whole = alpha.astype(np.float32) / 255
    shown = whole if in_front else whole * (1 - np.minimum(taken, 255) / 255)
    seen = np.count_nonzero(shown >= 0.5)
    if seen < max(80, 0.25 * pixels_of(guest.alpha) * place[0] ** 2):
        return scene
    colours = art.astype(np.float32)
    if rng.random() < LIT_ALIKE:
        around = scene.picture[whole >= 0.5].mean(axis=0) - colours[whole >= 0.5].mean(axis=0)
        colours += rng.uniform(0.1, 0.4) * around
    mixed = scene.picture + (colours - scene.picture) * shown[..., None]
    through = (1 - shown if in_front else np.ones((1, 1))).astype(np.float32)
    crowded = replace(
        scene,
        picture=mixed.clip(0, 255).round().astype(np.uint8),
        alphas=(*(_dimmed(a, through) for a in scene.alphas), np.asarray(shown * 255, np.uint8)),
        labels=(*scene.labels, guest.label),
        genders=(*scene.genders, guest.gender),
        edge_trust=min(scene.edge_trust, guest.edge_trust),
        distractors=tuple(_dimmed(a, through) for a in scene.distractors),
        ignored=tuple(_dimmed(a, through) for a in scene.ignored),
    )
    return without_remnants(crowded, [*(float(pixels_of(a)) for a in scene.alphas), 0.0])


def _laid(
    guest: Guest, place: tuple[float, float, float], size_hw: tuple[int, int]
) -> tuple[NDArray[np.uint8], Alpha]:
    """Colours (H, W, 3) and alpha (H, W) of a guest in a picture of this size."""
    scale, x, y = place
    arrays = guest.rgb, guest.alpha
    if scale < 1:  # averaged first, for warping does not
        height, width = (max(1, round(side * scale)) for side in guest.alpha.shape)
        arrays = resize(guest.rgb, (width, height)), resize(guest.alpha, (width, height))
    grown = max(1.0, scale)
    matrix = np.array([[grown, 0, x], [0, grown, y]])
    rgb, alpha = (
        cv2.warpAffine(np.ascontiguousarray(array), matrix, size_hw[::-1]).astype(np.uint8)
        for array in arrays
    )
    return rgb, alpha


def _dimmed(alpha: Alpha, through: NDArray[np.float32]) -> Alpha:
    """What is left of an alpha behind something."""
    return np.asarray(alpha * through, np.uint8)
