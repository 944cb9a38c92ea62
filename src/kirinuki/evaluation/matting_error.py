"""How far a soft mask is from the true one, around the edge of a character.

Both measures are from Rhemann et al. 2009, "A Perceptually Motivated Online Benchmark for Image
Matting", section 4, over the unknown region of the trimap, with alpha in [0, 1]:

- MAE: mean of ``|α − α*|`` over the region (their SAD divided by the number of pixels);
- gradient error: sum of ``(|∇α| − |∇α*|)²`` over the region, with first-order Gaussian derivative
  filters of σ = 1.4; given in thousands, as matting papers do.

There is no hand-drawn trimap here. The unknown region is the band around the true edge: every
pixel that is near both something not fully inside and something not fully outside.

Not covered: how a prediction is matched to its character (`matching`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

BAND_RATIO = 0.01
"""Half width of the band as a share of the picture's diagonal: 15 px at 1280×720."""

GRADIENT_SIGMA = 1.4
"""Standard deviation, in pixels, of the Gaussian derivative filters (Rhemann et al. 2009)."""


@dataclass(frozen=True)
class MattingError:
    """Error of one soft mask: `mae` in [0, 1] of alpha, `gradient` in thousands (a sum)."""

    mae: float
    gradient: float


def matting_error(predicted: NDArray[np.uint8], true: NDArray[np.uint8]) -> MattingError | None:
    """Error of a soft mask within the band around the true edge, None where there is no edge.

    Args:
        predicted: (H, W) uint8 alpha.
        true: (H, W) uint8 alpha.

    Raises:
        ValueError: when the two differ in size.
    """
    if predicted.shape != true.shape:
        raise ValueError(f"predicted alpha must be {true.shape}, but got {predicted.shape}")
    band = unknown_band(true)
    if not band.any():
        return None
    rows, columns = np.flatnonzero(band.any(axis=1)), np.flatnonzero(band.any(axis=0))
    reach = len(_derivative_filter()) // 2  # beyond it a pixel no longer matters to the band
    window = (
        slice(max(int(rows[0]) - reach, 0), int(rows[-1]) + reach + 1),
        slice(max(int(columns[0]) - reach, 0), int(columns[-1]) + reach + 1),
    )
    first = predicted[window].astype(np.float64) / 255
    second = true[window].astype(np.float64) / 255
    inside = band[window]
    steps = (gradient_magnitude(first) - gradient_magnitude(second)) ** 2
    return MattingError(
        mae=float(np.abs(first - second)[inside].mean()),
        gradient=float(steps[inside].sum() / 1000),
    )


def unknown_band(true: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """The band (H, W) bool around the edge of a true alpha (H, W) uint8.

    Every pixel within the band's half width of something not fully outside and of something not
    fully inside; the frame of the picture is not an edge.
    """
    radius = max(1.0, BAND_RATIO * math.hypot(*true.shape))
    return _near(true > 0, radius) & _near(true < 255, radius)


def _near(pixels: NDArray[np.bool_], radius: float) -> NDArray[np.bool_]:
    """Pixels (H, W) bool at most `radius` away from one that is True."""
    if not pixels.any():
        return pixels
    # A distance transform, not a dilation: its time does not grow with the radius.
    distance = cv2.distanceTransform((~pixels).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    near: NDArray[np.bool_] = distance <= radius
    return near


def gradient_magnitude(alpha: NDArray[np.float64]) -> NDArray[np.float64]:
    """Magnitude (H, W) of the Gaussian-smoothed gradient of alpha (H, W) in [0, 1]."""
    along_x = _derivative_filter()
    gx = cv2.filter2D(alpha, cv2.CV_64F, along_x, borderType=cv2.BORDER_REPLICATE)
    gy = cv2.filter2D(alpha, cv2.CV_64F, along_x.T, borderType=cv2.BORDER_REPLICATE)
    magnitude: NDArray[np.float64] = np.hypot(gx, gy)
    return magnitude


def _derivative_filter() -> NDArray[np.float64]:
    """Gaussian smoothing down the rows times its derivative along them, of unit L2 norm.

    Cut off where the Gaussian falls below 0.01, like the benchmark's own code.
    """
    sigma = GRADIENT_SIGMA
    peak = 1 / (math.sqrt(2 * math.pi) * sigma)
    half = math.ceil(sigma * math.sqrt(-2 * math.log(0.01 / peak)))
    x = np.arange(-half, half + 1, dtype=np.float64)
    gaussian = peak * np.exp(-(x**2) / (2 * sigma**2))
    derivative = -x * gaussian / sigma**2
    kernel: NDArray[np.float64] = np.outer(gaussian, derivative)
    kernel /= np.sqrt((kernel**2).sum())
    return kernel
