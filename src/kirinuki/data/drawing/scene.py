"""A painted background: a summer evening above a bay, with clouds, a town, a railing and petals.

Pixels of the picture, not head units. Clouds and water are made with numpy, shapes with Skia.

Not covered: the characters.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from kirinuki.data.drawing.brush import Brush, Ramp, skia
from kirinuki.data.drawing.colour import Colour, mix, rgb, shadow
from kirinuki.data.drawing.curves import Points, curve, ellipse, join, tube

Layer = NDArray[np.float64]
"""(H, W) or (H, W, 3), values in [0, 1]."""

HORIZON = 0.575
"""Height of the horizon as a share of the picture."""


def noise(rng: np.random.Generator, size_hw: tuple[int, int], cells: int, octaves: int) -> Layer:
    """Fractal value noise in [-1, 1], (H, W); `cells` across the longer side in the first octave."""
    height, width = size_hw
    total, weight = np.zeros(size_hw), 1.0
    for octave in range(octaves):
        n = cells * 2**octave
        grid = rng.uniform(-1, 1, (max(2, n * height // max(size_hw)) + 2, n + 2))
        total += weight * cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC)
        weight *= 0.5
    result: Layer = total / (2 - 2 * weight)
    return result


def smooth(low: float, high: float, value: Layer) -> Layer:
    """0 below `low`, 1 above `high`, smooth between."""
    t = np.clip((value - low) / (high - low), 0, 1)
    result: Layer = t * t * (3 - 2 * t)
    return result


def ramp(value: Layer, stops: tuple[tuple[float, str], ...]) -> Layer:
    """Colours (H, W, 3) for values, by linear interpolation between the stops."""
    places = [place for place, _ in stops]
    colours = np.array([rgb(code) for _, code in stops])
    return np.stack([np.interp(value, places, colours[:, c]) for c in range(3)], axis=-1)


def over(below: Layer, colour: Layer, alpha: Layer) -> Layer:
    """`colour` (H, W, 3) over `below` with opacity `alpha` (H, W)."""
    result: Layer = below + (colour - below) * alpha[..., None]
    return result


def paint(size_hw: tuple[int, int], seed: int) -> NDArray[np.uint8]:
    """The whole background, (H, W, 3) uint8 RGB, without characters."""
    rng = np.random.default_rng((seed, 11))
    picture = _sky(size_hw)
    height, width = size_hw
    picture = _wisps(picture, rng)
    for x, base, w, h in ((0.86, 0.50, 0.34, 0.42), (0.12, 0.55, 0.30, 0.26), (0.52, 0.56, 0.40, 0.13)):
        colour, alpha = _cumulus(size_hw, rng, x * width, base * height, w * width, h * height)
        picture = over(picture, colour, alpha)
    picture = _sea(picture, rng)
    picture = _drawn(picture, lambda brush: _coast(brush, size_hw, rng), blur=1.1)
    picture = _sunlight(picture)
    picture = _drawn(picture, lambda brush: _railing(brush, size_hw), blur=0.7)
    picture = _drawn(picture, lambda brush: _branch(brush, size_hw, rng), blur=0.9)
    picture = _drawn(picture, lambda brush: _petals(brush, size_hw, rng), blur=0.6)
    grain = rng.normal(0, 0.006, size_hw)[..., None]
    return np.round(np.clip(picture + grain, 0, 1) * 255).astype(np.uint8)


def _grid(size_hw: tuple[int, int]) -> tuple[Layer, Layer]:
    y, x = np.mgrid[: size_hw[0], : size_hw[1]].astype(np.float64)
    return y / size_hw[0], x / size_hw[0]


def _sky(size_hw: tuple[int, int]) -> Layer:
    y, x = _grid(size_hw)
    stops = (
        (0.0, "#2f6fc4"), (0.18, "#4c93dc"), (0.34, "#86bfec"), (0.46, "#c9e2ee"),
        (0.54, "#ffe6c8"), (0.60, "#ffcfa6"),
    )  # fmt: skip
    sky = ramp(y, stops)
    glow = np.exp(-(((x - 0.42) / 0.62) ** 2) - ((y - 0.53) / 0.30) ** 2)
    return over(sky, np.broadcast_to(np.array(rgb("#fff0cf")), sky.shape), 0.75 * glow)


def _wisps(picture: Layer, rng: np.random.Generator) -> Layer:
    """Thin high clouds, stretched along the wind."""
    height, width = picture.shape[:2]
    field = noise(rng, (height, width), 3, 5)
    fine = noise(rng, (height * 2, width // 4), 10, 4)
    fine = cv2.resize(fine, (width, height), interpolation=cv2.INTER_CUBIC)
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), 9, 1.25)
    fine = cv2.warpAffine(fine, turn, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    y, _ = _grid((height, width))
    alpha = smooth(0.12, 0.75, field * 0.7 + fine * 0.6) * smooth(0.62, 0.2, y) * 0.75
    return over(picture, np.ones_like(picture) * np.array(rgb("#fdf6f2")), alpha)


def _cumulus(
    size_hw: tuple[int, int], rng: np.random.Generator, cx: float, base: float, w: float, h: float
) -> tuple[Layer, Layer]:
    """One heap of cloud: balls piled up, lit from the left, torn at their edges by noise."""
    height, width = size_hw
    y, x = np.mgrid[:height, :width].astype(np.float64)
    rough = noise(rng, size_hw, 22, 5)
    x = x + 9 * noise(rng, size_hw, 14, 4)
    y = y + 9 * noise(rng, size_hw, 14, 4)
    relief, cover = np.zeros(size_hw), np.full(size_hw, -1.0)
    for _ in range(150):
        u = rng.uniform(-1, 1)
        top = (1 - abs(u) ** 1.5) * (0.55 + 0.45 * np.cos(5.2 * u + cx))
        v = rng.uniform(0, 1) ** 0.8 * max(top, 0.06)
        r = h * (0.23 - 0.13 * v) * rng.uniform(0.6, 1.25)
        px, py = cx + u * w * (1 - 0.3 * v), base - v * h
        _puff(cover, relief, x, y, (px, py), r, 0.35 * v * h)
    body = cover > 0
    for _ in range(200):
        # small puffs sit on the outline of the big ones
        u = rng.uniform(-1, 1)
        column = int(np.clip(cx + u * w, 0, width - 1))
        filled = np.flatnonzero(body[:, column])
        if not len(filled):
            continue
        row = filled[0] + rng.exponential(0.10) * h
        r = h * rng.uniform(0.025, 0.08)
        _puff(cover, relief, x, y, (column + rng.uniform(-6, 6), row), r, 0.62 * r + 0.3 * (base - row))
    relief = cv2.GaussianBlur(relief, (0, 0), 1.0) + 2.2 * rough
    dy, dx = np.gradient(cv2.GaussianBlur(relief, (0, 0), 1.2))
    lit = (0.74 * dx + 0.50 * dy + 0.52) / np.sqrt(dx**2 + dy**2 + 1)
    lit = 0.55 * smooth(0.18, 0.62, lit) + 0.45 * smooth(-0.5, 0.95, lit)
    rise = np.clip((base - y) / h, 0, 1)
    lit = np.clip(lit * (0.55 + 0.6 * rise) + 0.12 * rise, 0, 1)
    stops = ((0.0, "#9db0d6"), (0.3, "#b9bfdf"), (0.52, "#e6d3dc"), (0.72, "#fdeadb"), (1.0, "#fffaf0"))
    alpha = smooth(0.0, 0.22, cover + 0.16 * rough) * smooth(-0.02, 0.30, rise + 0.05 * rough)
    return ramp(lit, stops), alpha


def _puff(
    cover: Layer, relief: Layer, x: Layer, y: Layer, at: tuple[float, float], r: float, lift: float
) -> None:
    """Add a ball of radius `r` to a cloud, in place; only the pixels near it are touched."""
    reach = r + 24
    rows = slice(max(0, int(at[1] - reach)), max(0, int(at[1] + reach)))
    columns = slice(max(0, int(at[0] - reach)), max(0, int(at[0] + reach)))
    part = (rows, columns)
    ball = 1 - ((x[part] - at[0]) ** 2 + (y[part] - at[1]) ** 2) / r**2
    cover[part] = np.maximum(cover[part], np.maximum(ball, -1))
    raised = np.where(ball > 0, np.sqrt(np.maximum(ball, 0)) * r + lift, 0)
    relief[part] = np.maximum(relief[part], raised)


def _sea(picture: Layer, rng: np.random.Generator) -> Layer:
    """Water in perspective: ripples are long and thin far off, and the sun glitters on them."""
    height, width = picture.shape[:2]
    y, x = _grid((height, width))
    depth = np.clip((y - HORIZON) / (1 - HORIZON), 0, 1)
    water = ramp(depth, ((0.0, "#f6d6b4"), (0.06, "#b5cfdb"), (0.25, "#6babd4"), (1.0, "#2c6aa6")))
    near = 1 / (depth + 0.3)
    tile = noise(rng, (1024, 1024), 32, 3)
    u, v = (x - 0.9) * near * 15 * 32, near * 46 * 32
    ripples = cv2.remap(
        tile, (u % 1023).astype(np.float32), (v % 1023).astype(np.float32), cv2.INTER_LINEAR
    )
    ripples = cv2.GaussianBlur(ripples, (0, 0), 0.6)
    glitter = np.exp(-(((x - 0.42) / (0.12 + 0.34 * depth)) ** 2))
    dark = smooth(0.02, 0.35, -ripples) * 0.42 * smooth(0.0, 0.2, depth)
    water = over(water, np.ones_like(water) * np.array(rgb("#23598f")), dark)
    pale = smooth(0.10, 0.40, ripples) * 0.30
    water = over(water, np.ones_like(water) * np.array(rgb("#a9d8ea")), pale)
    shine = smooth(0.22, 0.34, ripples + 0.42 * glitter - 0.18) * glitter
    water = over(water, np.ones_like(water) * np.array(rgb("#fff4d8")), np.clip(shine, 0, 1) * 0.95)
    return over(picture, water, smooth(HORIZON - 0.001, HORIZON + 0.002, y))


def _sunlight(picture: Layer) -> Layer:
    """Warm haze around the low sun at the left, screened over what lies far away."""
    y, x = _grid(picture.shape[:2])
    haze = 0.42 * np.exp(-(((x - 0.42) / 0.55) ** 2) - ((y - 0.54) / 0.24) ** 2)
    light = np.array(rgb("#ffd9a0")) * haze[..., None]
    result: Layer = 1 - (1 - np.clip(picture, 0, 1)) * (1 - light)
    return result


def _drawn(picture: Layer, draw: Any, blur: float) -> Layer:
    """Lay what `draw` does with a brush over the picture, a little out of focus."""
    height, width = picture.shape[:2]
    surface = skia.Surface(width, height)
    draw(Brush(surface.getCanvas(), light=(-0.8, -0.6)))
    rgba = surface.toarray(colorType=skia.kRGBA_8888_ColorType).astype(np.float64) / 255
    alpha = rgba[..., 3:]
    both = np.concatenate([rgba[..., :3] * alpha, alpha], axis=-1)
    both = cv2.GaussianBlur(both, (0, 0), blur)
    result: Layer = picture * (1 - both[..., 3:]) + both[..., :3]
    return result


def _ridge(rng: np.random.Generator, points: Points, rough: float) -> Points:
    """A skyline with small bumps: trees on a hill."""
    bumps = np.cumsum(rng.normal(0, rough, len(points)))
    bumps -= np.linspace(bumps[0], bumps[-1], len(points))
    return points + np.stack([np.zeros(len(points)), bumps - np.abs(rng.normal(0, rough, len(points)))], 1)


def _coast(brush: Brush, size_hw: tuple[int, int], rng: np.random.Generator) -> None:
    """Islands far off, and a wooded cape on the right with a town at its foot and a torii."""
    height, width = size_hw
    k, level = height / 720, HORIZON * height
    far = _ridge(rng, curve((0.30 * width, level), (0.38 * width, level - 20 * k), (0.45 * width, level - 9 * k), (0.53 * width, level - 26 * k), (0.66 * width, level), steps=24), 0.5 * k)
    brush.fill(join(far, (0.66 * width, level + 2)), rgb("#b3bcd6"))
    ridges = (
        (((0.55, 0), (0.66, -26), (0.78, -62), (0.88, -104), (1.02, -128)), "#8ea9c4", 0.9),
        (((0.66, 2), (0.76, -16), (0.85, -50), (0.93, -84), (1.02, -92)), "#6d93a4", 1.3),
    )
    for anchors, code, rough in ridges:
        top = curve(*[(x * width, level + y * k) for x, y in anchors], steps=40)
        top = _ridge(rng, top, rough * k)
        shape = join(top, (1.02 * width, level + 40 * k), (anchors[0][0] * width, level + 4))
        brush.fill(shape, Ramp((0, level - 110 * k), (0, level + 20 * k), (rgb(code), mix(rgb(code), rgb("#ffe0c0"), 0.45))))
    _town(brush, size_hw, rng)
    foot = float(np.interp(0.915 * width, top[:, 0], top[:, 1])) + 5 * k
    _torii(brush, 0.915 * width, foot, 19 * k)
    for dx, size in ((-26, 9), (-17, 6), (19, 8), (30, 10), (42, 7)):
        tree = ellipse(0.915 * width + dx * k, foot - 3 * k, size * k, size * 0.85 * k)
        brush.fill(tree, Ramp((0, foot - 14 * k), (0, foot + 6 * k), (rgb("#6f9a96"), rgb("#86a79c"))))


def _town(brush: Brush, size_hw: tuple[int, int], rng: np.random.Generator) -> None:
    height, width = size_hw
    k, level = height / 720, HORIZON * height
    shore = curve((0.62 * width, level + 3 * k), (0.8 * width, level + 9 * k), (1.02 * width, level + 26 * k), (1.02 * width, level + 60 * k), steps=12)
    brush.fill(join(shore, (0.9 * width, level + 22 * k), (0.62 * width, level + 5 * k)), rgb("#c9b9a4"))
    roofs = [rgb(c) for c in ("#c8735c", "#7c8fb0", "#a8655c", "#6f86a0", "#d09a6a", "#8aa0a8")]
    spots = sorted((rng.uniform(-0.9, 1.0), rng.uniform(0.645, 1.0)) for _ in range(95))
    for v, u in spots:
        rise = max(0.0, (u - 0.66) / 0.34)
        y = level + (8 * rise + 14 * rise * v * (1 if v > 0 else 2.6)) * k
        size = (3.2 + 6.5 * rise * (1.1 + 0.35 * v)) * k
        wall = mix(rgb("#fff1de"), rgb("#cdd3e0"), rng.uniform(0, 0.8))
        x, w = u * width, size * rng.uniform(0.9, 1.7)
        roof = roofs[int(rng.integers(len(roofs)))]
        haze = 0.42 * (1 - 0.6 * rise)
        wall, roof = mix(wall, rgb("#e6d6d2"), haze), mix(roof, rgb("#e6d6d2"), haze)
        h = size * rng.uniform(0.8, 1.5)
        brush.fill(join((x, y), (x + w, y), (x + w, y - h), (x, y - h)), wall)
        brush.fill(join((x + w * 0.6, y), (x + w, y), (x + w, y - h), (x + w * 0.6, y - h)), shadow(wall, 0.6))
        brush.fill(join((x - w * 0.12, y - h), (x + w * 0.2, y - h - size * 0.6), (x + w * 0.85, y - h - size * 0.6), (x + w * 1.12, y - h)), roof)
        if size > 6 * k:
            brush.fill(join((x + w * 0.15, y - h * 0.35), (x + w * 0.38, y - h * 0.35), (x + w * 0.38, y - h * 0.72), (x + w * 0.15, y - h * 0.72)), rgb("#7f92b4"))
        if rng.uniform() < 0.5:
            green = mix(rgb("#5f8f78"), rgb("#a9b89a"), rng.uniform(0, 0.7))
            brush.fill(ellipse(x - w * 0.3, y - size * 0.4, size * 0.6, size * 0.55), mix(green, rgb("#e6d6d2"), haze))


def _torii(brush: Brush, x: float, y: float, size: float) -> None:
    red = rgb("#d8553f")
    for side in (-1, 1):
        brush.fill(join((x + side * size * 0.62, y), (x + side * size * 0.52, y - size * 1.4), (x + side * size * 0.40, y - size * 1.4), (x + side * size * 0.48, y)), red)
    brush.fill(join((x - size * 0.75, y - size), (x + size * 0.75, y - size), (x + size * 0.75, y - size * 0.88), (x - size * 0.75, y - size * 0.88)), red)
    top = curve((x - size * 1.05, y - size * 1.52), (x, y - size * 1.40), (x + size * 1.05, y - size * 1.52))
    brush.fill(join(top, top[::-1] + np.array([0, size * 0.20])), red)


def _railing(brush: Brush, size_hw: tuple[int, int]) -> None:
    """The railing of a promenade: posts and three bars, lit from the left."""
    height, width = size_hw
    k = height / 720
    light, dark = rgb("#f4f1ee"), rgb("#8f9cc0")
    for y, thick in ((0.735, 13.0), (0.83, 7.0), (0.915, 7.0)):
        top = y * height
        bar = join((-5, top), (width + 5, top), (width + 5, top + thick * k), (-5, top + thick * k))
        brush.fill(bar, Ramp((0, top), (0, top + thick * k), (light, mix(light, dark, 0.3), dark), (0.0, 0.45, 1.0)))
    for i in range(6):
        x = (0.06 + 0.205 * i) * width
        w = 15 * k
        post = join((x, 0.72 * height), (x + w, 0.72 * height), (x + w, height + 5), (x, height + 5))
        brush.fill(post, Ramp((x, 0), (x + w, 0), (light, mix(light, dark, 0.35), dark), (0.0, 0.5, 1.0)))
        knob = curve((x - 3 * k, 0.723 * height), (x + w / 2, 0.706 * height), (x + w + 3 * k, 0.723 * height), (x + w / 2, 0.73 * height), closed=True)
        brush.fill(knob, Ramp((x, 0), (x + w, 0), (light, dark)))


def _branch(brush: Brush, size_hw: tuple[int, int], rng: np.random.Generator) -> None:
    """A cherry branch in flower that reaches in from the upper left."""
    k = size_hw[0] / 720
    bark = rgb("#6b4450")
    twigs = (
        ((-10, 18), (70, 30), (150, 62), (238, 70), (300, 96)),
        ((60, 28), (110, 12), (180, 10), (228, -6)),
        ((120, 50), (150, 92), (168, 140)),
        ((20, 20), (34, 66), (30, 118)),
        ((205, 68), (238, 46), (282, 40)),
    )
    spots = []
    for i, twig in enumerate(twigs):
        spine = curve(*[(x * k, y * k) for x, y in twig], steps=14)
        half = np.linspace(5.5 if i == 0 else 2.6, 0.9, len(spine)) * k
        brush.cel(tube(spine, half), bark, depth=2 * k, edge=0)
        for _ in range(52 if i == 0 else 24):
            base = spine[int(rng.uniform(0.05, 1) * (len(spine) - 1))]
            spots.append(base + rng.normal(0, 13 * k, 2))
    for x, y in spots:
        tone = mix(rgb("#ffd3de"), rgb("#fff6f5"), rng.uniform(0, 1))
        brush.fill(ellipse(x + 3 * k, y + 4 * k, 9 * k, 8 * k), rgb("#d98fb0"), 0.45)
        _blossom(brush, x, y, rng.uniform(5.5, 12) * k, rng.uniform(0, 72), tone)


def _blossom(brush: Brush, x: float, y: float, size: float, turn: float, tone: Colour) -> None:
    """A cherry flower of five notched petals."""
    petal = curve((0, 0), (-0.5, -0.45), (-0.34, -0.98), (0, -0.84), (0.34, -0.98), (0.5, -0.45), closed=True, steps=5)
    for i in range(5):
        with brush.at(x, y, turn + 72 * i, size) as local:
            local.fill(petal, Ramp((0, 0), (0, -1), (rgb("#f7a8c0"), tone, tone), (0.0, 0.35, 1.0)))
    brush.fill(ellipse(x, y, size * 0.16, size * 0.16), rgb("#d8668a"), 0.8)


def _petals(brush: Brush, size_hw: tuple[int, int], rng: np.random.Generator) -> None:
    """Cherry petals on the wind."""
    height, width = size_hw
    k = height / 720
    pink: Colour = rgb("#ffc4d2")
    for _ in range(70):
        x, y = rng.uniform(0, width), rng.uniform(0, height * 0.95)
        size = rng.uniform(3, 8.5) * k
        with brush.at(x, y, rng.uniform(0, 360), size) as local:
            squeeze = rng.uniform(0.35, 1.0)
            petal = curve((0, 0.9), (-0.6, 0.2), (-0.45, -0.7), (0, -0.5), (0.45, -0.7), (0.6, 0.2), closed=True)
            petal = petal * np.array([squeeze, 1.0])
            tone = mix(pink, rgb("#fff3f2"), rng.uniform(0, 0.8))
            local.fill(petal, Ramp((0, -1), (0, 1), (tone, mix(tone, rgb("#f28fb0"), 0.5))), 0.92)
