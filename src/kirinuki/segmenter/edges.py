"""Alpha at the resolution of the picture, by guided upsampling.

A refiner's crop is 288 pixels wide, a character of a 4K picture 2000: enlarged alone, alpha is a
blur of seven pixels along every strand. The picture itself knows where the edge is. The fast guided
filter (He & Sun 2015, "Fast Guided Filter", with a colour guide as in He et al. 2013, eq. 19–21)
finds, around each pixel of the crop, the linear function of the colours that is nearest to alpha,
and applies it to the pixels of the picture.

Three things are added to the paper. Where the colours explain alpha only in part, the fit is too
flat, and is made steeper; where they explain it wholly, as in an edge that is out of focus, it is
not. Alpha stays between the least and the largest that the refiner gave nearby, so that no pattern
of the clothes shines through and half-transparent things stay so. And where the colours explain
nothing, as with white on white, the refiner's own alpha counts.

Own code, because the one kept implementation (OpenCV's ``ximgproc``) is in ``opencv-contrib``,
which replaces OpenCV as a whole, and its fast variant does not separate fitting from applying.

Not covered: alpha itself (`refiner`).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from kirinuki.geometry import Window
from kirinuki.segmenter.detector import resize, sample

RADIUS = 1 / 48
"""Half side of the boxes in which alpha is fitted, as a share of the crop's side: 6 of 288."""
NOISE = 1e-4
"""Variance of a colour in [0, 1] from which it is trusted to say something: a step of 1 %."""
MAX_GAIN = 3.0
"""How much steeper a fit is made at most."""
REACH = 1 / 144
"""How far around the refiner's alpha bounds the fitted one, as a share of the crop's side: 2 of
288."""
FLAT = 1e-4
"""Variance of alpha below which there is nothing to explain."""
STRIP = 256
"""Rows of the picture at a time: bounds the memory."""


def upsample(
    alpha: NDArray[np.float32],
    crop: NDArray[np.float32],
    rgb: NDArray[np.uint8],
    part: Window | None = None,
) -> NDArray[np.uint8]:
    """Alpha of a small picture at the size of the large one that it was made from.

    Args:
        alpha: (h, w) float32 in [0, 1].
        crop: (h, w, 3) float32 RGB in [0, 1], the small picture.
        rgb: (H, W, 3) uint8, the large one.
        part: of the large picture, where alpha is needed; elsewhere it is enlarged alone. None: all
            of it.

    Returns:
        (H, W) uint8.
    """
    height, width = rgb.shape[:2]
    enlarged = resize(np.rint(alpha * 255).astype(np.uint8), (width, height))
    reach = 2 * max(1, round(REACH * max(alpha.shape))) + 1
    square = np.ones((reach, reach), np.uint8)
    least, most = cv2.erode(alpha, square), cv2.dilate(alpha, square)
    unsure = most - least > 1 / 255
    bounds = np.dstack([least, most]).astype(np.float32, copy=False)
    fit, explained = _fit(_half(alpha), _half(crop))
    step = np.array([alpha.shape[1] / width, alpha.shape[0] / height])  # crop a picture pixel
    fit_step = np.array([fit.shape[1] / width, fit.shape[0] / height])
    x1, y1, x2, y2 = part or (0, 0, width, height)
    for top in range(y1, y2, STRIP):
        bottom = min(top + STRIP, y2)
        rows = slice(max(0, int(top * step[1]) - 1), int(np.ceil(bottom * step[1])) + 1)
        columns = np.flatnonzero(unsure[rows].any(axis=0))
        if not len(columns):
            continue
        left = max(x1, int((columns[0] - 1) / step[0]))
        right = min(x2, int(np.ceil((columns[-1] + 2) / step[0])))
        if left >= right:
            continue
        size_wh = right - left, bottom - top
        first = np.array([left, top]) + 0.5
        limits = sample(bounds, step, first * step - 0.5, size_wh, cv2.BORDER_REPLICATE)
        start = first * fit_step - 0.5
        there = sample(fit, fit_step, start, size_wh, cv2.BORDER_REPLICATE)
        trust = sample(explained, fit_step, start, size_wh, cv2.BORDER_REPLICATE)
        target = enlarged[top:bottom, left:right]
        guided = _sum(there[..., :3], np.float32(1 / 255) * rgb[top:bottom, left:right])
        guided += there[..., 3]
        guided += (1 - trust) * (target * np.float32(1 / 255) - guided)
        np.clip(guided, limits[..., 0], limits[..., 1], out=guided)
        target[:] = np.rint(guided * 255)
    return enlarged


def _half(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """At half the size: the fits are smooth, and so cost a quarter."""
    size_wh = (values.shape[1] + 1) // 2, (values.shape[0] + 1) // 2
    halved = cv2.resize(values, size_wh, interpolation=cv2.INTER_AREA)
    return halved.astype(np.float32, copy=False)


def _fit(
    alpha: NDArray[np.float32], guide: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(h, w, 4) weights of the three colours and a constant, and (h, w) how well they explain alpha
    (the coefficient of correlation, in [0, 1]), averaged over all boxes that hold a pixel."""
    side = 2 * max(1, round(RADIUS * max(alpha.shape))) + 1

    def box(values: NDArray[np.float32]) -> NDArray[np.float32]:
        return cv2.blur(values, (side, side)).astype(np.float32, copy=False)

    mean, mean_alpha = box(guide), box(alpha)
    together = box(guide * alpha[..., None]) - mean * mean_alpha[..., None]  # covariances
    red, green, blue = cv2.split(guide)
    m_red, m_green, m_blue = cv2.split(mean)
    rr = box(red * red) - m_red * m_red + NOISE
    gg = box(green * green) - m_green * m_green + NOISE
    bb = box(blue * blue) - m_blue * m_blue + NOISE
    rg = box(red * green) - m_red * m_green
    rb = box(red * blue) - m_red * m_blue
    gb = box(green * blue) - m_green * m_blue
    # The inverse of a symmetric 3 × 3 matrix by its cofactors.
    c_rr, c_rg, c_rb = gg * bb - gb * gb, gb * rb - rg * bb, rg * gb - gg * rb
    c_gg, c_gb, c_bb = rr * bb - rb * rb, rg * rb - rr * gb, rr * gg - rg * rg
    determinant = rr * c_rr + rg * c_rg + rb * c_rb
    t_red, t_green, t_blue = cv2.split(together)
    weights = np.dstack(
        [
            c_rr * t_red + c_rg * t_green + c_rb * t_blue,
            c_rg * t_red + c_gg * t_green + c_gb * t_blue,
            c_rb * t_red + c_gb * t_green + c_bb * t_blue,
        ]
    )
    weights /= determinant[..., None]
    constant = mean_alpha - _sum(weights, mean)
    variance = np.maximum(box(alpha * alpha) - mean_alpha * mean_alpha, FLAT)
    explained = np.asarray(np.clip(_sum(weights, together) / variance, 0, 1), np.float32)  # R²
    # Regression dilution: the slope of a fit with R² < 1 is too small. The power was found by trial
    # on composed pictures; one half is where alpha stays what it is.
    gain = np.maximum(explained, MAX_GAIN**-0.5) ** -2
    steeper = (constant - 0.5) * gain + 0.5
    return box(np.dstack([weights * gain[..., None], steeper])), box(np.sqrt(explained))


def _sum(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.float32]:
    """Sum over the channels of a product, (h, w)."""
    ones = np.ones((1, first.shape[2]), np.float32)
    return cv2.transform(first * second, ones).astype(np.float32, copy=False)
