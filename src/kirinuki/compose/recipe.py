"""`Recipe`: how training pictures are composed, as a JSON file with every field explained here.

Chances are in [0, 1]. A range (low, high) is drawn from uniformly unless said otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from kirinuki.compose.recipe_file import JsonRecipe, are_numbers, expect


@dataclass(frozen=True)
class Recipe(JsonRecipe):
    """All that composing is free to choose; the defaults train the shipped model."""

    name: str = "character"
    """Class name of every composed character."""
    side: tuple[int, int] = (512, 512)
    """Longer side of the picture in pixels."""
    aspects: tuple[tuple[int, int], ...] = ((16, 9), (16, 9), (4, 3), (1, 1), (3, 4), (9, 16))
    """Width : height of the picture, one drawn each time; repeat one to make it likelier."""
    counts: tuple[float, ...] = (0.20, 0.28, 0.22, 0.13, 0.09, 0.05, 0.03)
    """Relative chance of 0, 1, 2, … characters in a picture."""
    style_shares: dict[str, float] = field(
        default_factory=lambda: {
            "anime": 0.45,
            "anime3d": 0.20,
            "drawn": 0.22,
            "painted": 0.08,
            "cartoon": 0.05,
        }
    )
    """How the manifest's styles share the characters; a style not named counts by its files."""
    close_up: float = 0.25
    """Chance that the characters of a picture are larger than the frame."""
    small: float = 0.2
    """Chance that they are small figures."""
    lying: float = 0.08
    """Chance that a whole figure is turned by up to 90° (lying, flying, falling)."""
    upside_down: float = 0.01
    """Chance that it is turned any way."""
    limbs: float = 0.4
    """Chance that a character is turned in the hips, the knees and the neck, its limbs swung."""
    perspective: float = 0.25
    """Chance that it is seen from above or below: a larger head, or larger feet."""
    bend: float = 0.4
    """Chance that it is bent by a thin-plate spline: outlines vary more than the art at hand."""
    stretch: float = 0.3
    """Chance that it is made up to a third wider or narrower."""
    twins: float = 0.04
    """Chance that two characters of a picture are the same cutout, shaped and coloured apart."""
    group: float = 0.35
    """Chance that the characters stand close, of one size, one before the other's shoulder."""
    cut_off: float = 0.12
    """Chance that the frame cuts a part of a character off, on any side."""
    recolour: float = 0.4
    """Chance that a character's hue, saturation and brightness change."""
    recolour_parts: float = 0.35
    """Chance that its hair, skin and clothes change colour apart."""
    adorn: float = 0.3
    """Chance that it gets locks, ribbons, a cape, a skirt, wings or a staff: parts of its mask."""
    illustrate: float = 0.5
    """Chance of the light and the brush of an illustration: bloom, coloured light, particles."""
    relight: float = 0.3
    """Chance that a character takes on the tint of the background or a light from one side."""
    outline: float = 0.05
    """Chance of a sticker outline (not part of the mask) or a glow around a character."""
    shadow: float = 0.2
    """Chance of a soft shadow behind a character."""
    same_hue: float = 0.18
    """Chance that the background is tinted like a character of the picture."""
    plain_background: float = 0.12
    """Chance of a flat colour, a gradient or stripes in place of a background picture."""
    objects: float = 0.45
    """Chance of distracting objects (1 to 4) behind, between or in front of the characters."""
    impostors: float = 0.6
    """Chance that in a picture without characters objects are as large, and stand where, characters
    would."""
    posters: float = 0.1
    """Chance of posters, signs or pages of text in the scene."""
    min_visible: float = 0.3
    """Every character keeps at least this share of its pixels inside the frame visible."""
    reflection: float = 0.03
    """Chance of a mirrored, faded copy below the characters; it is no character."""
    manga: float = 0.08
    """Chance of a grey picture with screentone, like a manga page."""
    grey: float = 0.03
    """Chance of a plain grey picture."""
    night: float = 0.08
    """Chance of a dark, blue picture."""
    grade: float = 0.4
    """Chance of a change of contrast, gamma and white balance of the whole picture."""
    speed_lines: float = 0.05
    """Chance of radial or parallel lines drawn over everything (masks stay whole)."""
    text: float = 0.15
    """Chance of a subtitle, a title or lettering (masks stay whole)."""
    dialogue_box: float = 0.06
    """Chance of a box over the lower part, as in a visual novel; it hides what is behind it."""
    blur: float = 0.12
    """Chance that the whole picture is a little blurred or was upscaled from a smaller one."""
    background_blur: float = 0.3
    """Chance that the background is out of focus."""
    noise: float = 0.12
    """Chance of grain."""
    compression: float = 0.5
    """Chance of JPEG (or, one time in five, H.264) compression."""

    def __post_init__(self) -> None:
        low_high = are_numbers(self.side, whole=True) and len(self.side) == 2
        expect(low_high and 16 <= self.side[0] <= self.side[1], "side", "(low, high), 16 ≤ low")
        expect(
            are_numbers(self.counts) and min(self.counts, default=-1) >= 0 < sum(self.counts),
            "counts",
            "chances of 0, 1, 2, … characters that are not all 0",
        )
        pairs = isinstance(self.aspects, tuple) and len(self.aspects) > 0
        expect(
            pairs and all(are_numbers(p) and len(p) == 2 and min(p) > 0 for p in self.aspects),
            "aspects",
            "pairs (width, height) above 0",
        )
        shares = isinstance(self.style_shares, dict) and tuple(self.style_shares.values())
        expect(
            are_numbers(shares) and min(shares or (1,)) > 0,
            "style_shares",
            "shares above 0 by style",
        )
        expect(isinstance(self.name, str) and bool(self.name.strip()), "name", "a class name")
        self.expect_chances()
