"""Colours of a drawing: parse, mix, and find the cel shadow and the line colour that go with one.

Not covered: colour management; everything is sRGB in [0, 1].
"""

from __future__ import annotations

import colorsys
from typing import TypeAlias

Colour: TypeAlias = tuple[float, float, float]
"""Red, green, blue; sRGB in [0, 1]."""

INK: Colour = (0.16, 0.09, 0.17)
"""The darkest line: a plum black, because pure black looks dead beside cel colours."""


def rgb(code: str) -> Colour:
    """A colour from its hexadecimal code, ``"#ffeedd"``."""
    value = int(code.lstrip("#"), 16)
    return ((value >> 16 & 255) / 255, (value >> 8 & 255) / 255, (value & 255) / 255)


def mix(first: Colour, second: Colour, amount: float) -> Colour:
    """`first` at 0, `second` at 1."""
    r, g, b = (a + (c - a) * amount for a, c in zip(first, second, strict=True))
    return (r, g, b)


def times(first: Colour, second: Colour) -> Colour:
    """Multiply two colours, as a transparent layer of paint does."""
    r, g, b = (a * c for a, c in zip(first, second, strict=True))
    return (r, g, b)


def shadow(colour: Colour, depth: float = 1.0) -> Colour:
    """The cel shadow of a colour: cooler, darker and a little more saturated."""
    tint = mix((1.0, 1.0, 1.0), (0.74, 0.68, 0.86), depth)
    hue, light, sat = colorsys.rgb_to_hls(*times(colour, tint))
    return colorsys.hls_to_rgb(hue, light, min(1.0, sat * (1 + 0.12 * depth)))


def glow(colour: Colour, amount: float = 0.5) -> Colour:
    """The lit side of a colour: towards warm white."""
    return mix(colour, (1.0, 0.97, 0.90), amount)


def line(colour: Colour, amount: float = 0.72) -> Colour:
    """The colour of the line art around an area of `colour`: coloured lines keep skin soft."""
    return mix(shadow(colour), INK, amount)


def sheen(colour: Colour) -> Colour:
    """The band of light on hair: the same hue, much lighter, never grey."""
    hue, light, sat = colorsys.rgb_to_hls(*colour)
    lit = colorsys.hls_to_rgb(
        hue, min(0.93, light + 0.30 + 0.1 * (1 - light)), min(1.0, sat * 1.05)
    )
    return mix(lit, (1.0, 0.95, 0.86), 0.22)


def skin_shadow(skin: Colour) -> Colour:
    """Shadow on skin is warm: light passes through it."""
    return times(skin, (0.953, 0.725, 0.706))


def skin_line(skin: Colour, amount: float = 0.8) -> Colour:
    """The colour of lines on skin: a warm brown."""
    return mix(times(skin, (0.92, 0.66, 0.62)), (0.33, 0.13, 0.15), amount)


def argb(colour: Colour, alpha: float = 1.0) -> int:
    """Packed for Skia: 0xAARRGGBB."""
    parts = (alpha, *colour)
    a, r, g, b = (round(255 * min(1.0, max(0.0, part))) for part in parts)
    return a << 24 | r << 16 | g << 8 | b
