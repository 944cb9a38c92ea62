"""Times of day: the colours of light that a background and the figures in it share."""

from __future__ import annotations

from dataclasses import dataclass

from kirinuki_draw.strokes.colour import Colour
from kirinuki_draw.strokes.fields import Stops


@dataclass(frozen=True)
class Hour:
    """Colours of one time of day.

    Attributes:
        sky: from the zenith (0) to the horizon (about 0.6), by height in the picture.
        cloud: from shadow (0) to light (1).
        water: from the horizon (0) to our feet (1).
        rim: light on the edge of a figure towards the sun.
        tint: what falls on the figures as a whole, multiplied.
    """

    sky: Stops
    glow: str
    wisps: str
    cloud: Stops
    water: Stops
    ripple: str
    glitter: str
    haze: str
    rim: Colour
    tint: Colour


AFTERNOON = Hour(
    sky=(
        (0.0, "#2f6fc4"), (0.18, "#4c93dc"), (0.34, "#86bfec"), (0.46, "#c9e2ee"),
        (0.54, "#ffe6c8"), (0.60, "#ffcfa6"),
    ),
    glow="#fff0cf",
    wisps="#fdf6f2",
    cloud=(
        (0.0, "#9db0d6"), (0.3, "#b9bfdf"), (0.52, "#e6d3dc"), (0.72, "#fdeadb"), (1.0, "#fffaf0"),
    ),
    water=((0.0, "#f6d6b4"), (0.06, "#b5cfdb"), (0.25, "#6babd4"), (1.0, "#26619c")),
    ripple="#a9d8ea",
    glitter="#fff4d8",
    haze="#ffd9a0",
    rim=(1.0, 0.90, 0.70),
    tint=(1.0, 1.0, 1.0),
)  # fmt: skip

SUNSET = Hour(
    sky=(
        (0.0, "#3b3f8f"), (0.16, "#6a5bb0"), (0.30, "#b06fb5"), (0.42, "#f08fa0"),
        (0.52, "#ffb27a"), (0.60, "#ffdc8c"),
    ),
    glow="#ffe9a6",
    wisps="#ffb9b0",
    cloud=(
        (0.0, "#6b5aa0"), (0.3, "#8f6bb0"), (0.52, "#d97fa4"), (0.72, "#ffae8c"), (1.0, "#ffe6b0"),
    ),
    water=((0.0, "#ffd089"), (0.06, "#ef9c93"), (0.25, "#9a6cab"), (1.0, "#37377c")),
    ripple="#f0a0a8",
    glitter="#fff0b4",
    haze="#ffb060",
    rim=(1.0, 0.78, 0.45),
    tint=(1.0, 0.90, 0.90),
)  # fmt: skip
