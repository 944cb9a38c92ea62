"""A brush on a Skia canvas: fills, cel shading and tapered ink.

Not covered: what to draw (`face`, `hair`, `figure`, `clothes`, `scene`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import skia
from numpy.typing import NDArray

from kirinuki_draw.strokes.colour import INK, Colour, argb, glow, line, shadow
from kirinuki_draw.strokes.curves import Point, Points, along, normals


@dataclass(frozen=True)
class Ramp:
    """A linear gradient from point `start` to point `end`."""

    start: tuple[float, float]
    end: tuple[float, float]
    colours: tuple[Colour, ...]
    stops: tuple[float, ...] | None = None


def path_of(points: Points, closed: bool = True) -> Any:
    """A Skia path through the points."""
    return skia.Path.Polygon([skia.Point(float(x), float(y)) for x, y in points], closed)


def merged(outlines: Sequence[Points]) -> list[Points]:
    """The outlines of everything that lies inside any of the given ones."""
    builder = skia.OpBuilder()
    for outline in outlines:
        builder.add(path_of(outline), skia.kUnion_PathOp)
    contours: list[list[tuple[float, float]]] = []
    for verb, points in builder.resolve():
        if verb == skia.Path.kMove_Verb:
            contours.append([])
        if verb in (skia.Path.kMove_Verb, skia.Path.kLine_Verb):
            contours[-1].append((points[-1].fX, points[-1].fY))
    return [np.array(contour) for contour in contours if len(contour) > 2]


@dataclass(frozen=True)
class Brush:
    """Draws on `canvas`; in the present frame `light` points towards the light, `down` to the
    ground."""

    canvas: Any
    light: tuple[float, float] = (-0.64, -0.77)
    down: tuple[float, float] = (0.0, 1.0)
    weight: float = 0.95
    line_colour: Colour = field(default=INK)

    @contextmanager
    def at(self, x: float, y: float, angle: float = 0.0, scale: float = 1.0) -> Iterator[Brush]:
        """A brush in a moved, turned (degrees, clockwise) and scaled frame; same light."""
        self.canvas.save()
        self.canvas.translate(x, y)
        self.canvas.rotate(angle)
        self.canvas.scale(scale, scale)
        c, s = np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))
        lx, ly = self.light
        dx, dy = self.down
        try:
            yield replace(
                self,
                light=(c * lx + s * ly, c * ly - s * lx),
                down=(c * dx + s * dy, c * dy - s * dx),
            )
        finally:
            self.canvas.restore()

    @contextmanager
    def warped(self, origin: Point, right: Point, down: Point) -> Iterator[Brush]:
        """A brush in the frame with this origin and these steps along x and y."""
        (rx, ry), (dx, dy) = right, down
        self.canvas.save()
        x, y = origin
        self.canvas.concat(skia.Matrix.MakeAll(rx, dx, x, ry, dy, y, 0, 0, 1))
        back = np.linalg.inv(np.array([[rx, dx], [ry, dy]], np.float64))

        def inside(direction: tuple[float, float]) -> tuple[float, float]:
            turned = back @ np.asarray(direction)
            turned = turned / np.linalg.norm(turned)
            return float(turned[0]), float(turned[1])

        try:
            yield replace(self, light=inside(self.light), down=inside(self.down))
        finally:
            self.canvas.restore()

    @contextmanager
    def within(self, *outlines: Points) -> Iterator[None]:
        """Paint stays inside all the outlines."""
        self.canvas.save()
        for outline in outlines:
            self.canvas.clipPath(path_of(outline), skia.ClipOp.kIntersect, True)
        try:
            yield
        finally:
            self.canvas.restore()

    @contextmanager
    def without(self, outline: Points) -> Iterator[None]:
        """Paint stays outside the outline."""
        self.canvas.save()
        self.canvas.clipPath(path_of(outline), skia.ClipOp.kDifference, True)
        try:
            yield
        finally:
            self.canvas.restore()

    @contextmanager
    def layer(self, alpha: float) -> Iterator[None]:
        """What is painted inside is laid down as one, at this opacity."""
        self.canvas.saveLayerAlpha(None, round(255 * alpha))
        try:
            yield
        finally:
            self.canvas.restore()

    @contextmanager
    def fading(self, start: Point, end: Point) -> Iterator[None]:
        """What is painted inside is opaque up to `start` and gone beyond `end`."""
        self.canvas.saveLayer()
        try:
            yield
        finally:
            ends = [skia.Point(float(x), float(y)) for x, y in (start, end)]
            shader = skia.GradientShader.MakeLinear(ends, [0xFF000000, 0x00000000])
            self.canvas.drawPaint(skia.Paint(Shader=shader, BlendMode=skia.BlendMode.kDstIn))
            self.canvas.restore()

    @property
    def fall(self) -> float:
        """Degrees by which things that hang are turned in the present frame.

        Up to 30 degrees count as none: so far the drawing of a lock or a hem bends by itself.
        """
        turn = self.upright
        return float(np.sign(turn)) * max(0.0, abs(turn) - 30.0)

    @property
    def upright(self) -> float:
        """The angle for `at` at which y points to the ground."""
        return float(np.rad2deg(np.arctan2(-self.down[0], self.down[1])))

    def fill(
        self, outline: Points, colour: Colour | Ramp, alpha: float = 1.0, blur: float = 0.0
    ) -> None:
        """Fill an outline; `blur` softens its edge (standard deviation)."""
        paint = skia.Paint(AntiAlias=True)
        if isinstance(colour, Ramp):
            paint.setShader(_shader(colour))
            paint.setAlphaf(alpha)
        else:
            paint.setColor(argb(colour, alpha))
        if blur:
            paint.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, blur))
        self.canvas.drawPath(path_of(outline), paint)

    def crescent(self, outline: Points, shift: Point, colour: Colour, alpha: float = 1.0) -> None:
        """Paint the part of an outline that its copy, moved by `shift`, leaves bare."""
        self.canvas.save()
        self.canvas.clipPath(path_of(outline), skia.ClipOp.kIntersect, True)
        moved = path_of(outline + np.asarray(shift, np.float64))
        self.canvas.clipPath(moved, skia.ClipOp.kDifference, True)
        self.canvas.drawPaint(skia.Paint(Color=argb(colour, alpha)))
        self.canvas.restore()

    def cel(
        self,
        outline: Points,
        colour: Colour,
        *,
        fill: Ramp | None = None,
        dark: Colour | None = None,
        depth: float = 7.0,
        rim: float = 0.0,
        edge: float | None = None,
    ) -> None:
        """A cel-shaded piece: outline, base, shadow away from the light, optional lit rim."""
        self.outline([outline], edge, line(colour))
        self.fill(outline, fill or colour)
        lx, ly = self.light
        if depth:
            self.crescent(outline, (lx * depth, ly * depth), dark or shadow(colour))
        if rim:
            self.crescent(outline, (-lx * rim, -ly * rim), glow(colour), 0.8)

    def outline(
        self,
        outlines: Sequence[Points],
        width: float | None = None,
        colour: Colour | None = None,
    ) -> None:
        """The common outline of several shapes that are filled afterwards.

        Drawn under them, a little away from the light: lines swell on the shadow side, as an
        inked line does.
        """
        size = self.weight if width is None else width
        if size <= 0:
            return
        paint = skia.Paint(AntiAlias=True, Style=skia.Paint.kStroke_Style, StrokeWidth=2 * size)
        paint.setStrokeJoin(skia.Paint.kRound_Join)
        paint.setColor(argb(colour or self.line_colour))
        shift = np.asarray(self.light) * (-0.35 * size)
        for points in outlines:
            self.canvas.drawPath(path_of(points + shift), paint)

    def ink(
        self,
        stroke: Points,
        width: float | None = None,
        colour: Colour | None = None,
        taper: tuple[float, float] = (0.35, 0.5),
        alpha: float = 1.0,
    ) -> None:
        """A pen line that swells and tapers: `taper` is the share of it that thins at each end."""
        size = self.weight if width is None else width
        t = along(stroke)
        start, end = (max(share, 1e-6) for share in taper)
        thin = np.minimum(np.clip(t / start, 0, 1), np.clip((1 - t) / end, 0, 1)) ** 0.8
        offset = normals(stroke) * (thin * size / 2)[:, None]
        self.fill(
            np.concatenate([stroke + offset, (stroke - offset)[::-1]]),
            colour or self.line_colour,
            alpha,
        )

    def spot(self, x: float, y: float, radius: float, colour: Colour, alpha: float) -> None:
        """A soft round spot that fades out to its radius."""
        shader = skia.GradientShader.MakeRadial(
            skia.Point(x, y), radius, [argb(colour, alpha), argb(colour, 0)]
        )
        self.canvas.drawCircle(x, y, radius, skia.Paint(Shader=shader, AntiAlias=True))


def _shader(ramp: Ramp) -> Any:
    return skia.GradientShader.MakeLinear(
        [skia.Point(*ramp.start), skia.Point(*ramp.end)],
        [argb(colour) for colour in ramp.colours],
        list(ramp.stops) if ramp.stops else None,
    )


def paint_layer(
    size_hw: tuple[int, int], light: tuple[float, float], draw: Callable[[Brush], None]
) -> NDArray[np.uint8]:
    """A transparent layer that `draw` paints on: (H, W, 4) uint8, RGB premultiplied with alpha."""
    height, width = size_hw
    surface = skia.Surface(width, height)
    draw(Brush(surface.getCanvas(), light))
    info = skia.ImageInfo.Make(width, height, skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType)
    pixels = np.zeros((height, width, 4), np.uint8)
    surface.readPixels(info, pixels, pixels.strides[0], 0, 0)
    return pixels
