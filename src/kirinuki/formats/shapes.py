"""One LabelMe shape: what it draws, and how to say a mask as shapes again.

What a shape draws is what LabelMe 3 to 7 itself draws (its ``shape_to_mask``): Pillow's polygon,
rectangle and ellipse, outline included, and for ``mask`` shapes the stored picture at its box, both
ends of which are inside. In LabelMe, pixel (0, 0) is the point (0, 0) and the pixel right of it
begins at x = 1, so a polygon through the outermost pixels draws them.

Not covered: lines, linestrips and points, which draw no area; label files (`labelme`).
"""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from kirinuki.errors import LabelError, PictureError
from kirinuki.geometry import mask_to_box
from kirinuki.images.picture import opened

Point = tuple[float, float]

AREA_TYPES = "polygon, rectangle, circle, oriented_rectangle or mask"
REMEDY = (
    "use polygon, rectangle, circle or mask, or leave it out: kirinuki data convert "
    "--skip-bad-shapes"
)
_FAR = 1e6
"""Pillow draws with 32-bit integers; points beyond this are damage."""
_FAR_RADIUS = 5e5
"""Pillow takes minutes for circles of a million pixels, for its integers are not enough."""
_MIN_POINTS = 3


def draw_shape(shape: Mapping[str, Any], size_hw: tuple[int, int]) -> NDArray[np.bool_]:
    """Mask (H, W) bool that LabelMe draws for one shape of a label file.

    Raises:
        LabelError: what is wrong with the shape, without the file's name and the shape's number.
    """
    kind = shape.get("shape_type") or "polygon"  # early LabelMe 3 files have no shape_type
    points = shape_points(shape)
    if kind == "mask":
        mask = _stored_mask(shape.get("mask"), points, size_hw)
    elif kind == "circle":
        _expect_count(kind, points, 2)
        mask = _circle(points[0], points[1], size_hw)
    elif kind == "rectangle" and len(points) == 2:
        mask = _rectangle(points[0], points[1], size_hw)
    elif kind in ("rectangle", "oriented_rectangle", "rotation"):  # the last: X-AnyLabeling's name
        _expect_count(kind, points, 4)
        mask = draw_polygon(points, size_hw)
    elif kind == "polygon":
        if len(points) < _MIN_POINTS:
            raise LabelError(f"polygon has {len(points)} points; expected at least {_MIN_POINTS}")
        mask = draw_polygon(points, size_hw)
    else:
        raise LabelError(f'type is "{kind}"; {REMEDY}')
    if not mask.any():
        raise LabelError(
            f"draws nothing inside the picture ({size_hw[1]}×{size_hw[0]}); move or delete it"
        )
    return mask


def shape_outline(shape: Mapping[str, Any]) -> NDArray[np.float64] | None:
    """The corners (N, 2) of a polygon or rectangle that `draw_shape` draws; None for others."""
    kind = shape.get("shape_type") or "polygon"
    if kind not in ("polygon", "rectangle", "oriented_rectangle", "rotation"):
        return None
    points = np.array(shape_points(shape), np.float64)
    if kind == "rectangle" and len(points) == 2:
        (x1, y1), (x2, y2) = points
        return np.array([(x1, y1), (x2, y1), (x2, y2), (x1, y2)])
    return points


def shape_points(shape: Mapping[str, Any]) -> list[Point]:
    """The points of a shape of a label file.

    Raises:
        LabelError: one is not two numbers within reach of a picture.
    """
    raw = shape.get("points")
    if not isinstance(raw, list):
        raise LabelError(f"points is {type(raw).__name__}; expected a list of [x, y]")
    points = []
    for i, point in enumerate(raw, 1):
        if not isinstance(point, list) or len(point) != 2 or not all(map(_is_coordinate, point)):
            raise LabelError(f"point {i} is {point!r}; expected [x, y] in pixels")
        points.append((float(point[0]), float(point[1])))
    return points


def _is_coordinate(value: object) -> bool:
    return (
        isinstance(value, (int, float))
        and not isinstance(value, bool)
        and abs(value) <= _FAR  # False for NaN, too
    )


def _expect_count(kind: str, points: Sequence[Point], count: int) -> None:
    if len(points) != count:
        wanted = "2 or 4" if kind == "rectangle" else str(count)
        raise LabelError(f"{kind} has {len(points)} points; expected {wanted}")


def _canvas(size_hw: tuple[int, int]) -> Image.Image:
    return Image.new("L", (size_hw[1], size_hw[0]))


def draw_polygon(points: Sequence[Point], size_hw: tuple[int, int]) -> NDArray[np.bool_]:
    """Mask (H, W) bool of a polygon as LabelMe draws it: even-odd inside, outline included."""
    canvas = _canvas(size_hw)
    ImageDraw.Draw(canvas).polygon(list(points), outline=1, fill=1)
    return np.array(canvas, np.bool_)


def _rectangle(first: Point, second: Point, size_hw: tuple[int, int]) -> NDArray[np.bool_]:
    canvas = _canvas(size_hw)
    (x1, x2), (y1, y2) = sorted((first[0], second[0])), sorted((first[1], second[1]))
    ImageDraw.Draw(canvas).rectangle((x1, y1, x2, y2), outline=1, fill=1)
    return np.array(canvas, np.bool_)


def _circle(centre: Point, rim: Point, size_hw: tuple[int, int]) -> NDArray[np.bool_]:
    canvas = _canvas(size_hw)
    (x, y), radius = centre, math.dist(centre, rim)
    if radius > _FAR_RADIUS:
        raise LabelError(f"circle has a radius of {radius:,.0f} pixels; draw it again")
    box = (x - radius, y - radius, x + radius, y + radius)
    ImageDraw.Draw(canvas).ellipse(box, outline=1, fill=1)
    return np.array(canvas, np.bool_)


def _stored_mask(
    encoded: object, points: Sequence[Point], size_hw: tuple[int, int]
) -> NDArray[np.bool_]:
    """The stored mask at its box, cut off at the picture's edge as LabelMe does."""
    _expect_count("mask", points, 2)
    patch = _decode_patch(encoded)
    corners = np.asarray(points)  # (2, 2)
    x1, y1 = np.round(corners[0]).astype(int).tolist()
    x2, y2 = np.round(corners[1]).astype(int).tolist()
    box_hw = (y2 - y1 + 1, x2 - x1 + 1)
    # LabelMe 6 writes fractional boxes after moving a mask; then the stored size is what counts.
    if np.array_equal(corners, np.trunc(corners)) and patch.shape != box_hw:
        raise LabelError(
            f"its mask is {patch.shape[1]}×{patch.shape[0]} pixels, its box {box_hw[1]}×{box_hw[0]}"
            " (both ends are inside); draw it again"
        )
    mask = np.zeros(size_hw, np.bool_)
    left, top = max(x1, 0), max(y1, 0)
    right, bottom = min(x1 + patch.shape[1], size_hw[1]), min(y1 + patch.shape[0], size_hw[0])
    if left < right and top < bottom:
        mask[top:bottom, left:right] = patch[top - y1 : bottom - y1, left - x1 : right - x1]
    return mask


def _decode_patch(encoded: object) -> NDArray[np.bool_]:
    if not isinstance(encoded, str):
        raise LabelError("is of type mask but holds no mask; draw it again")
    try:
        with opened(BytesIO(base64.b64decode(encoded))) as image:
            values = np.array(image)
    except (ValueError, PictureError):
        raise LabelError("its mask is not a base64 PNG; draw it again") from None
    if values.ndim != 2:
        raise LabelError(f"its mask has {values.shape[-1]} channels; expected a one-channel PNG")
    return values.astype(np.bool_)


def polygon_shape(points: Sequence[Point] | NDArray[np.float64]) -> dict[str, Any]:
    """The parts of a LabelMe shape that say a polygon, points (N, 2)."""
    return {
        "points": [[round(float(x), 2), round(float(y), 2)] for x, y in points],
        "shape_type": "polygon",
        "mask": None,
    }


def mask_shape(mask: NDArray[np.bool_]) -> dict[str, Any]:
    """The parts of a LabelMe shape that say a mask (H, W) bool exactly. Not empty."""
    box = mask_to_box(mask)
    assert box is not None, "an empty mask has no shape"
    x1, y1, x2, y2 = box
    encoded = BytesIO()
    Image.fromarray(mask[y1:y2, x1:x2].astype(np.uint8)).save(encoded, format="PNG")
    return {
        "points": [[float(x1), float(y1)], [float(x2 - 1), float(y2 - 1)]],
        "shape_type": "mask",
        "mask": base64.b64encode(encoded.getvalue()).decode("ascii"),
    }
