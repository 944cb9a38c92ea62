"""High dynamic range to SDR: PQ and HLG pixels (ITU-R BT.2100) tone-mapped to BT.709, once, when
they are read, so that models, overlays and cutouts all see one picture.

White of SDR is the reference white of 203 cd/m² (BT.2408), the roll-off above the knee the EETF of
BT.2390-11, section 5.4.1, on luminance (its "YRGB": the three channels are scaled alike, so hues
stay). SDR is encoded with the curve of sRGB, as all other pictures here.

How far the roll-off reaches down depends on the brightest that is there: what the file says, else
what is measured (`brightest`). Were 1,000 cd/m² taken where a file says nothing, white of a clip
that goes no further would come out as 229 of 255.

Why not a library's: PyAV's FFmpeg has neither libplacebo nor zscale, and the colour management of
its `scale` gives white as 155 of 255 (perceptual) or cuts off above it (relative); `colour-science`
asks for SciPy. The curve is a page; tables make it fast.

Not covered: gain maps (the SDR picture is the base), Dolby Vision and HDR10+ (their base layer is
taken), profiles (ICC) of HDR.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

PQ, HLG = 16, 18
"""Transfer functions as ITU-T H.273 numbers them, table 3; so do PNG, AVIF and FFmpeg."""
WHITE = 203.0
"""cd/m² of SDR's white: BT.2408-7, section 2.2."""
USUAL_PEAK = 1000.0
"""cd/m² taken for the brightest where nobody knows: what nearly everything is graded on, and the
nominal peak of HLG."""
_HIGHLIGHTS = 99.9
"""Percentile of luminance that counts as the brightest: what is above may be noise or a glint."""
_SEEN = 1 << 18
"""About how many pixels are looked at to measure it."""
_PQ_PEAK = 10_000.0
_ROWS = 64
"""Rows that are mapped at a time: they stay in the processor's cache, and memory in bounds."""
_STEPS = 65_535
_FINE = 4_095

_XY = {
    1: ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060)),
    9: ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    12: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
}
"""Primaries (H.273, table 2: BT.709, BT.2020, P3 with D65) → chromaticities of red, green, blue."""
_D65 = (0.3127, 0.3290)


@dataclass(frozen=True)
class Hdr:
    """How HDR numbers mean light.

    Attributes:
        transfer: `PQ` or `HLG`.
        primaries: as H.273 numbers them; unknown ones are taken for BT.2020.
        peak: luminance in cd/m² of the brightest that is in it; None where nobody knows.
        white: number of 16 bits that means 1.
    """

    transfer: int
    primaries: int = 9
    peak: float | None = None
    white: int = 65_535

    @property
    def note(self) -> str:
        """What the user should know."""
        return f"HDR ({'PQ' if self.transfer == PQ else 'HLG'}), tone-mapped to SDR BT.709"


def tone_mapped(coded: NDArray[np.uint16], hdr: Hdr) -> NDArray[np.uint8]:
    """SDR pixels (H, W, 3) uint8 RGB, BT.709, of HDR pixels (H, W, 3) uint16 R'G'B', full range."""
    light, gains = _light(hdr.transfer, hdr.white), _gains(hdr.transfer, hdr.peak or USUAL_PEAK)
    to_xyz = _to_xyz(hdr.primaries)
    luminance = to_xyz[1:2]
    to_sdr = np.linalg.inv(_to_xyz(1)) @ to_xyz
    sdr = np.empty(coded.shape, np.uint8)
    for top in range(0, len(coded), _ROWS):
        rows = np.s_[top : top + _ROWS]
        linear = light[coded[rows].astype(np.uint16)]  # (h, W, 3) float32, 0…1
        y = cv2.transform(linear, luminance).reshape(linear.shape[:2])
        linear *= gains[_step(y, _STEPS)][..., None]
        sdr[rows] = _encoded()[_step(cv2.transform(linear, to_sdr), _FINE)]
    return sdr


def brightest(coded: NDArray[np.uint16], hdr: Hdr) -> float:
    """Luminance in cd/m² of the brightest in a picture, as `tone_mapped` takes it."""
    step = max(1, round((coded.shape[0] * coded.shape[1] / _SEEN) ** 0.5))
    some = coded[::step, ::step].astype(np.uint16)
    y = _light(hdr.transfer, hdr.white)[some] @ _to_xyz(hdr.primaries)[1]
    return float(_shown(np.percentile(y, _HIGHLIGHTS), hdr.transfer))


def _step(values: Any, steps: int) -> NDArray[np.uint16]:
    """Where values of 0…1 stand in a table that is fine where they are small."""
    return np.asarray(np.sqrt(np.clip(values, 0, 1)) * steps + 0.5, np.uint16)


@lru_cache
def _light(transfer: int, white: int) -> NDArray[np.float32]:
    """Code of 16 bits → light: of PQ as a share of 10,000 cd/m², of HLG that of the scene."""
    code = np.minimum(np.arange(65_536) / white, 1)
    light = pq_to_light(code) / _PQ_PEAK if transfer == PQ else _hlg_to_scene(code)
    return np.asarray(light, np.float32)


@lru_cache
def _gains(transfer: int, peak: float) -> NDArray[np.float32]:
    """Luminance in the unit of `_light`, as `_step` counts it → by how much it is multiplied, so
    that SDR's white is 1."""
    y = ((np.arange(_STEPS + 1) / _STEPS) ** 2).clip(1e-12)
    return np.asarray(rolled_off(_shown(y, transfer), peak) / WHITE / y, np.float32)


def _shown(y: Any, transfer: int) -> Any:
    """Luminance in the unit of `_light` → cd/m². The OOTF of HLG for a display of 1,000 cd/m² has
    the exponent 1.2: BT.2100, table 5."""
    return y * _PQ_PEAK if transfer == PQ else USUAL_PEAK * y**1.2


@lru_cache
def _encoded() -> NDArray[np.uint8]:
    """Light of SDR, as `_step` counts it → 8 bits (IEC 61966-2-1)."""
    x = (np.arange(_FINE + 1) / _FINE) ** 2
    curve = np.where(x <= 0.0031308, 12.92 * x, 1.055 * x ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(255 * curve), np.uint8)


def rolled_off(light: NDArray[np.float64], peak: float) -> NDArray[np.float64]:
    """The EETF of BT.2390-11, 5.4.1: luminance up to `peak` brought to at most `WHITE`, both in
    cd/m²; black is 0 on both sides."""
    if peak <= WHITE:
        return np.minimum(light, WHITE)
    top = light_to_pq(np.array(peak))
    most = light_to_pq(np.array(WHITE)) / top
    knee = 1.5 * most - 0.5
    e = np.minimum(light_to_pq(light) / top, 1)
    t = (e - knee) / (1 - knee)
    spline = (
        (2 * t**3 - 3 * t**2 + 1) * knee
        + (t**3 - 2 * t**2 + t) * (1 - knee)
        + (-2 * t**3 + 3 * t**2) * most
    )
    return pq_to_light(np.where(e < knee, e, spline) * top)


def light_to_pq(light: NDArray[np.float64]) -> NDArray[np.float64]:
    """cd/m² to PQ's 0…1: BT.2100, table 4."""
    y = (light / _PQ_PEAK) ** _M1
    return np.asarray(((_C1 + _C2 * y) / (1 + _C3 * y)) ** _M2)


def pq_to_light(code: NDArray[np.float64]) -> NDArray[np.float64]:
    """PQ's 0…1 to cd/m²: BT.2100, table 4."""
    e = code ** (1 / _M2)
    return np.asarray(_PQ_PEAK * (np.maximum(e - _C1, 0) / (_C2 - _C3 * e)) ** (1 / _M1))


_M1, _M2 = 2610 / 16384, 2523 / 4096 * 128
_C1, _C2, _C3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32


def _hlg_to_scene(code: NDArray[np.float64]) -> NDArray[np.float64]:
    """HLG's 0…1 to light of the scene, 0…1: BT.2100, table 5."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return np.where(code <= 0.5, code**2 / 3, (np.exp((code - c) / a) + b) / 12)


def _to_xyz(primaries: int) -> NDArray[np.float64]:
    """(3, 3): linear RGB to CIE XYZ, white of luminance 1 (SMPTE RP 177)."""
    columns = np.array([(x / y, 1, (1 - x - y) / y) for x, y in _XY.get(primaries, _XY[9])]).T
    x, y = _D65
    return np.asarray(columns * np.linalg.solve(columns, [x / y, 1, (1 - x - y) / y]))
