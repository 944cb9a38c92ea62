"""The head without its hair: shape of the face, ears, eyes, brows, nose, mouth and blush.

The frame of a head: origin half-way between crown and chin, 100 units high, x to the viewer's
right. A turned head is faked as animators do: features slide and the far side narrows.

Not covered: hair (`hair`) and the neck (`figure`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kirinuki_draw.strokes.brush import Brush, Ramp
from kirinuki_draw.strokes.colour import (
    Colour,
    glow,
    line,
    mix,
    rgb,
    shadow,
    skin_line,
    skin_shadow,
)
from kirinuki_draw.strokes.curves import Points, curve, ellipse, join, profile, sides
from kirinuki_draw.strokes.spec import CharacterSpec

# The contour of a face that looks straight at us and one turned to the right, point by point,
# from the left temple over the chin to the right temple: (x straight, x turned, y).
_CONTOUR = (
    (-38.0, -36.0, -20.0),
    (-38.5, -36.5, 0.0),
    (-37.0, -35.0, 14.0),
    (-33.0, -29.5, 27.0),
    (-25.0, -19.0, 38.5),
    (-12.0, -4.0, 47.5),
    (0.0, 9.5, 50.8),
    (12.0, 17.5, 46.5),
    (25.0, 28.0, 36.0),
    (33.0, 34.0, 24.5),
    (37.0, 36.2, 14.0),
    (38.5, 33.6, 1.0),
    (38.0, 36.0, -18.0),
)
EYE_LINE = 12.5


class Head:
    """Places features on a head that is turned by `spec.yaw`."""

    def __init__(self, spec: CharacterSpec) -> None:
        self.spec = spec
        self.turn = abs(spec.yaw)
        self.sign = 1.0 if spec.yaw >= 0 else -1.0

    def x(self, straight: float, turned: float) -> float:
        """Where something lies whose x is known for a straight and for a turned head."""
        return self.sign * (straight + (turned - straight) * self.turn)

    def face(self) -> Points:
        """Outline of the face, closed over the top of the skull, (N, 2)."""
        squash = 1.0 if self.spec.girl else 1.03
        jaw = [
            (self.x(s * (1 if y < 20 else squash), t * (1 if y < 20 else squash)), y)
            for s, t, y in _CONTOUR
        ]
        top = [(self.x(30, 30), -40.0), (0.0, -49.0), (self.x(-30, -30), -40.0)]
        return join(curve(*jaw, steps=10), curve(*top, steps=8))

    def eye(self, far: bool) -> tuple[float, float]:
        """Centre x and width factor of the far or the near eye."""
        if far:
            return self.x(19.0, 23.5), 1 - 0.2 * self.turn
        return self.x(-19.0, -11.5), 1.0


def draw_face(brush: Brush, head: Head) -> None:
    """Skin, ear, blush, nose and mouth; eyes come later, above the shadow of the fringe."""
    spec = head.spec
    skin, dark = spec.skin, skin_shadow(spec.skin)
    face = head.face()
    _ear(brush, head)
    brush.outline([face], colour=skin_line(skin))
    brush.fill(
        face, Ramp((0, -20), (0, 50), (mix(skin, rgb("#fff6ee"), 0.35), skin, mix(skin, dark, 0.2)))
    )
    lx, _ = brush.light
    brush.crescent(face, (lx * 6, -1.6), dark)
    with brush.within(face):
        for far in (False, True):
            x, width = head.eye(far)
            cheek = x + head.sign * (3 if far else -4)
            brush.spot(cheek, 29, 13 * width, rgb("#ff6f6a"), 0.42 if spec.girl else 0.2)
            if spec.girl:
                for i in (-1, 0, 1):
                    base = cheek + i * 3.2
                    stroke = curve((base + 1.2, 26.6), (base - 1.2, 30.4))
                    brush.ink(stroke, 0.9, rgb("#e8605c"), alpha=0.7)
    _nose(brush, head, dark)
    _mouth(brush, head)


def _ear(brush: Brush, head: Head) -> None:
    skin = head.spec.skin
    x = head.x(-38, -34)
    out = -head.sign
    ear = curve((x, 2), (x + out * 6, -1), (x + out * 8.5, 6), (x + out * 5, 17), (x, 20), steps=8)
    brush.cel(join(ear, (x - out * 4, 10)), skin, dark=skin_shadow(skin), depth=2)
    brush.ink(
        curve((x + out * 1, 5), (x + out * 5.5, 4), (x + out * 4, 12)), 0.9, skin_line(skin, 0.6)
    )


def _nose(brush: Brush, head: Head, dark: Colour) -> None:
    x = head.x(0, 14.5)
    d = head.sign if head.turn > 0.15 else 1.0
    wedge = join(curve((x - d * 1.0, 23.5), (x + d * 1.9, 26.6), (x - d * 1.6, 27.8), steps=5))
    brush.fill(wedge, dark, 0.95)
    brush.ink(
        curve((x + d * 0.4, 23.8), (x + d * 1.9, 26.6), (x + d * 0.2, 27.4), steps=6),
        1.0,
        skin_line(head.spec.skin, 0.6),
    )


def _mouth(brush: Brush, head: Head) -> None:
    spec = head.spec
    x, ink = head.x(0, 11.5), skin_line(spec.skin, 0.95)
    if spec.mood == "laugh":
        top = curve((x - 7.5, 34.6), (x - 2, 36.0), (x + 3, 35.9), (x + 7.5, 34.2))
        low = curve((x + 7.5, 34.2), (x + 5.2, 40.0), (x, 42.6), (x - 5.0, 40.2), (x - 7.5, 34.6))
        mouth = join(top, low)
        brush.fill(mouth, Ramp((x, 34), (x, 43), (rgb("#8f2a35"), rgb("#b8434a"))))
        with brush.within(mouth):
            brush.fill(ellipse(x, 42.6, 5.2, 3.4), rgb("#f08a86"))
            brush.fill(join(top, top[::-1] + np.array([0, 1.9])), rgb("#fffaf4"))
        brush.ink(top, 1.2, ink, (0.15, 0.15))
        brush.ink(low, 1.0, ink, (0.2, 0.2))
    elif spec.mood == "surprised":
        brush.outline([ellipse(x, 37.6, 2.9, 3.4)], 0.8, ink)
        brush.fill(ellipse(x, 37.6, 2.9, 3.4), rgb("#a83a44"))
    else:
        up = 1.6 if spec.mood in ("smile", "closed") else 0.4
        lips = curve((x - 6, 37.2 - up), (x - 2, 37.9), (x + 2.2, 37.8), (x + 6, 37.0 - up))
        brush.ink(lips, 1.25, ink, (0.3, 0.3))
        brush.ink(curve((x - 2, 41.0), (x + 2, 41.0)), 0.8, skin_shadow(spec.skin))


def draw_eyes(brush: Brush, head: Head) -> None:
    """Both eyes, the far one first."""
    for far in (True, False):
        x, width = head.eye(far)
        outer = head.sign if far else -head.sign
        with brush.at(x, EYE_LINE) as local:
            Eye(local, head.spec, outer, width, head.sign * head.turn).draw()


def draw_brows(brush: Brush, head: Head) -> None:
    """Brows; painted over the fringe at low opacity, as is the custom."""
    ink = line(head.spec.hair, 0.55)
    raised = {"surprised": -3.0, "laugh": -1.5}.get(head.spec.mood, 0.0)
    heavy = 1.0 if head.spec.girl else 1.5
    for far in (True, False):
        x, width = head.eye(far)
        out = (head.sign if far else -head.sign) * width
        y = -6.5 + raised + (0 if head.spec.girl else 2.8)
        brow = curve((x - out * 9, y + 1.6), (x + out * 1, y - 1.6), (x + out * 12, y + 2.4))
        brush.ink(brow, 2.7 * heavy, ink, (0.25, 0.75))


class Eye:
    """One eye in its own frame: origin at its centre, `out` the sign of the outer corner."""

    def __init__(
        self, brush: Brush, spec: CharacterSpec, out: float, width: float, look: float
    ) -> None:
        self.brush, self.spec, self.look = brush, spec, look
        girl = spec.girl
        self.a = 12.4 * width * (1.0 if girl else 0.94)
        self.b = (11.6 if girl else 8.4) * spec.eye_open
        self.out = out
        self.lash = rgb("#2b1a22") if sum(spec.hair) < 2.0 else mix(rgb("#2b1a22"), spec.hair, 0.25)

    def at(self, *anchors: Sequence[float], steps: int = 8) -> Points:
        """A curve through points given in half widths (outwards) and half heights."""
        return curve(*[(self.out * u * self.a, v * self.b) for u, v in anchors], steps=steps)

    def draw(self) -> None:
        if self.spec.mood == "closed":
            self._closed()
            return
        up = self.at((-1, 0.30), (-0.78, -0.34), (-0.2, -0.80), (0.45, -0.74), (1.04, 0.06))
        low = self.at(
            (1.04, 0.06), (0.9, 0.62), (0.42, 0.98), (-0.30, 1.0), (-0.80, 0.72), (-1, 0.30)
        )
        white = join(up, low)
        brush = self.brush
        brush.fill(white, Ramp((0, -self.b), (0, self.b), (rgb("#e9e3ee"), rgb("#ffffff"))))
        with brush.within(white):
            self._iris()
            lid = join(up, up[::-1] + np.array([0, 0.34 * self.b]))
            brush.fill(lid, rgb("#5a4a78"), 0.5)
        self._lashes(up, low)

    def _iris(self) -> None:
        brush, colour, b = self.brush, self.spec.eyes, self.b
        x = self.look * 1.0
        rx, ry = 0.74 * self.a, 1.10 * b if self.spec.girl else 1.18 * b
        iris = ellipse(x, 0.02 * b, rx, ry)
        deep = mix(shadow(colour, 1.6), rgb("#1a1030"), 0.55)
        ramp = (deep, mix(colour, deep, 0.35), glow(colour, 0.15), glow(colour, 0.6))
        brush.fill(iris, deep)
        inner = ellipse(x, 0.02 * b, rx - 1.0, ry - 1.0)
        brush.fill(inner, Ramp((x, -0.8 * b), (x, 1.0 * b), ramp, (0.0, 0.4, 0.72, 1.0)))
        with brush.within(inner):
            brush.fill(ellipse(x, 0.74 * b, rx * 0.66, 0.3 * b), glow(colour, 0.75), 0.55, blur=0.8)
            brush.fill(ellipse(x, -0.62 * b, rx * 1.2, 0.62 * b), deep, 0.75, blur=1.2)
        brush.fill(ellipse(x, 0.02 * b, rx * 0.4, ry * 0.42), deep)
        white = rgb("#ffffff")
        brush.fill(ellipse(x - 0.3 * rx, -0.4 * b, rx * 0.36, b * 0.25, -18), white)
        brush.fill(ellipse(x + 0.42 * rx, 0.45 * b, rx * 0.2, b * 0.13, -18), white, 0.95)
        brush.fill(ellipse(x - 0.42 * rx, 0.42 * b, rx * 0.11, b * 0.07), glow(colour, 0.85), 0.8)

    def _lashes(self, up: Points, low: Points) -> None:
        brush, out = self.brush, self.out
        thick = 1.0 if self.spec.girl else 0.7
        swell = profile(up, (0, 0.4), (0.3, 2.3), (0.75, 3.4), (1, 2.0)) * thick
        one, two = sides(up, swell)
        upper = one if one[len(one) // 2, 1] < two[len(two) // 2, 1] else two
        lash = self.lash
        brush.fill(join(up, upper[::-1]), lash)
        tip = up[-1]
        flicks = ((7.0, -1.6, 0.86), (5.0, 2.2, 0.97)) if self.spec.girl else ((3.2, 0.2, 0.93),)
        for dx, dy, place in flicks:
            root = up[int(place * (len(up) - 1))]
            end = (tip[0] + out * dx * 0.62, tip[1] + dy - 1.0)
            mid = ((root[0] + end[0]) / 2 + out * 0.8, (root[1] + end[1]) / 2 + 0.9)
            brush.ink(curve(root - np.array([out * 1.5, 0.5]), mid, end), 3.2 * thick, lash, (0, 1))
        if self.spec.girl:
            for place, lean in ((0.42, 0.4), (0.6, 1.2)):
                root = upper[int(place * (len(upper) - 1))]
                end = root + np.array([out * lean * 1.6, -2.1])
                brush.ink(curve(root + np.array([0, 0.8]), end), 1.9, lash, (0, 1))
        cut = low[int(0.08 * len(low)) : int(0.62 * len(low))]
        brush.ink(cut, 1.15 * thick, lash, (0.3, 0.8), alpha=0.85)
        skin = self.spec.skin
        crease = self.at((-0.75, -0.72), (-0.1, -1.32), (0.62, -1.12), (0.98, -0.55))
        brush.ink(crease, 0.85, skin_line(skin, 0.45), (0.3, 0.5))

    def _closed(self) -> None:
        lid = self.at((-1, 0.25), (-0.45, -0.22), (0.2, -0.3), (0.8, 0.05), (1.1, 0.42))
        self.brush.ink(lid, 2.6, self.lash, (0.35, 0.25))
        for place, dx, dy in ((0.98, 3.6, 0.8), (0.84, 3.0, 2.6)):
            root = lid[int(place * (len(lid) - 1))]
            end = root + np.array([self.out * dx, dy])
            self.brush.ink(curve(root, end), 1.8, self.lash, (0, 1))
