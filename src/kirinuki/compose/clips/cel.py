"""One character's drawings in a shot: the cutout in a pose, with eyes and mouth.

Not covered: which pose when (`motion`), where it stands (`stage`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from kirinuki.compose.clips.motion import Pose
from kirinuki.compose.paint import Rgba
from kirinuki.compose.warp import Flush, Points, grid_over, resampled, smooth, swung, turned

FACE_REACH = 0.5
"""The face lies in this upper part of a figure."""
EYES, MOUTH = 0.52, 0.83
"""Where they lie in a face, from the hair's edge to the chin."""


@dataclass(frozen=True)
class Face:
    """Where a face is in a cutout: x of the middle and width as shares of the cutout's width, top
    and bottom of its height."""

    x: float
    width: float
    top: float
    bottom: float


@dataclass(frozen=True, eq=False)
class Puppet:
    """A character that can be drawn in any pose.

    Attributes:
        cutout: premultiplied (h, w, 4) uint8, about as large as it will be shown.
        flush: which of its sides are straight cuts.
        face: None where none was found: it neither blinks nor talks.
    """

    cutout: Rgba
    flush: Flush
    face: Face | None

    def drawn(self, pose: Pose, lids: float, mouth: float) -> Rgba:
        """The character with `warp.margin_of` around it, premultiplied uint8.

        Args:
            lids: how far the eyes are shut, in [0, 1].
            mouth: how far the mouth is open, in [0, 1].
        """
        cutout = self.cutout
        if lids and self.face:
            cutout = _with_shut_eyes(cutout, self.face, lids)
        if mouth and self.face:
            cutout = _with_mouth(cutout, self.face, mouth)
        height, width = cutout.shape[:2]
        size = np.array([width, height], np.float64)
        points = _posed(grid_over((height, width)), size, any(self.flush), pose)
        return resampled(cutout, points, self.flush)


def find_face(cutout: Rgba) -> Face | None:
    """The largest patch of skin colour in the upper part of a cutout, if it can be a face."""
    height, width = cutout.shape[:2]
    upper = cutout[: round(FACE_REACH * height)]
    hsv = cv2.cvtColor(np.ascontiguousarray(upper[..., :3]), cv2.COLOR_RGB2HSV)
    hue, saturation, value = (hsv[..., i] for i in range(3))
    skin = (hue <= 17) & (saturation >= 15) & (saturation <= 120) & (value >= 190)
    skin &= upper[..., 3] >= 250
    side = max(3, width // 40) | 1
    kernel = np.ones((side, side), np.uint8)
    closed = cv2.morphologyEx(skin.astype(np.uint8), cv2.MORPH_CLOSE, kernel)
    _, _, stats, _ = cv2.connectedComponentsWithStats(closed)
    if len(stats) < 2:
        return None
    left, top, w, h, area = max(stats[1:].tolist(), key=lambda patch: patch[cv2.CC_STAT_AREA])
    if area < 0.004 * height * width or not 0.5 < h / w < 2.2:
        return None
    return Face((left + w / 2) / width, w / width, top / height, (top + min(h, 1.15 * w)) / height)


def _with_shut_eyes(cutout: Rgba, face: Face, lids: float) -> Rgba:
    """The eyes flattened, in a band across the face."""
    height, width = cutout.shape[:2]
    middle = height * (face.top + EYES * (face.bottom - face.top))
    reach = 0.24 * height * (face.bottom - face.top)
    first, last = max(0, math.floor(middle - reach)), min(height, math.ceil(middle + reach))
    y, x = np.mgrid[first:last, 0:width].astype(np.float32)
    up = (y - middle) / reach
    inside = smooth((0.62 - np.abs(x / width - face.x) / face.width) / 0.15)
    flatter = 1 + 1.2 * lids * inside * np.maximum(1 - up * up, 0) ** 2
    source = (middle + (y - middle) * flatter).astype(np.float32)
    shut = cutout.copy()
    shut[first:last] = cv2.remap(cutout, x, source, cv2.INTER_LINEAR)
    return _inside(cutout, shut)


def _with_mouth(cutout: Rgba, face: Face, mouth: float) -> Rgba:
    """An open mouth drawn over the face."""
    height, width = cutout.shape[:2]
    tall = height * (face.bottom - face.top)
    middle = round(16 * face.x * width), round(16 * (height * face.top + MOUTH * tall))
    axes = round(16 * 0.07 * face.width * width), round(16 * 0.06 * mouth * tall)
    talking = cutout.copy()
    for colour, thickness in (
        ((170, 74, 70, 255), -1),
        ((90, 40, 40, 255), max(1, round(tall / 60))),
    ):
        cv2.ellipse(talking, middle, axes, 0, 0, 360, colour, thickness, cv2.LINE_AA, 4)
    return _inside(cutout, talking)


def _inside(cutout: Rgba, changed: Rgba) -> Rgba:
    """The changed cutout where both are opaque, else the old one: no face changes an outline."""
    solid = (cutout[..., 3] == 255) & (changed[..., 3] == 255)
    return np.where(solid[..., None], changed, cutout)


def _posed(points: Points, size: Points, is_half: bool, pose: Pose) -> Points:
    """Where what is seen at the points comes from, when the body is in this pose."""
    width, height = size.tolist()
    middle = width / 2
    shoulders = height * (0.42 if is_half else 0.2)
    hips = height * (0.95 if is_half else 0.52)
    slim = width / height
    if pose.wind is not None:
        points = _swayed(points, size, pose.wind)
    if pose.legs and not is_half:
        legs = pose.legs * slim * 2
        points = swung(points, (middle, hips), (2 * height, 3 * height), (legs, -legs), size)
    arms = pose.left_arm * slim, pose.right_arm * slim
    points = swung(points, (middle, shoulders), (hips, hips + 0.25 * height), arms, size)
    soft = max(0.3 * height, 0.7 * width)
    for joint, angle in ((hips, pose.lean), (shoulders, pose.head)):
        points = turned(points, (middle, joint), soft, angle, downwards=False)
    return points


def _swayed(points: Points, size: Points, phase: float) -> Points:
    """Hair and cloth at the sides of a figure in the wind: a wave that runs downwards."""
    width, height = size.tolist()
    x, y = points[..., 0] / width - 0.5, points[..., 1] / height
    loose = smooth((np.abs(x) - 0.15) / 0.35) * smooth(y / 0.25)
    wave = np.sin(phase - 2 * math.pi * 1.3 * y + np.sign(x) * 0.6)
    moved = points.copy()
    moved[..., 0] += 0.018 * width * loose * wave
    return moved
