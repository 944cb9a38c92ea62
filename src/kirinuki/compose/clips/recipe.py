"""`ClipRecipe`: how clips with truth are composed, as a JSON file with every field explained here.

Chances are in [0, 1], per shot unless said otherwise. A range (low, high) is drawn from uniformly.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from kirinuki.compose.recipe import Recipe
from kirinuki.compose.recipe_file import JsonRecipe, are_numbers, expect

STAGINGS = ("standing", "walking", "crossing", "leaving", "approaching", "travelling", "empty")
"""What may happen in a shot: people stand and talk; walk through; walk past each other; leave the
frame and come back; come nearer; walk while the camera goes with them; nobody is there."""
CAMERAS = ("still", "pan", "zoom", "shake")
"""What the camera may do, on every frame, however long a drawing is held."""


@dataclass(frozen=True)
class ClipRecipe(JsonRecipe):
    """All that composing clips is free to choose."""

    name: str = "character"
    """Class name of every composed character."""
    holds: tuple[tuple[int, ...], ...] = ((2,), (3,), (1,), (2,), (1, 2, 3))
    """For how many frames a drawing is held: on ones, twos, threes. Clips take the entries in turn;
    of an entry with several each character draws its own."""
    shot_seconds: tuple[float, float] = (1.5, 4.0)
    """Length of a shot; a clip is a row of shots with hard cuts between them."""
    same_place: float = 0.4
    """Chance that a shot is set where the one before was: the background does not tell the cut."""
    stagings: dict[str, float] = field(
        default_factory=lambda: {
            "standing": 0.34,
            "walking": 0.16,
            "crossing": 0.16,
            "leaving": 0.12,
            "approaching": 0.07,
            "travelling": 0.08,
            "empty": 0.07,
        }
    )
    """Relative chance of what happens; what is not named does not. Crossing and leaving need two
    seconds and a half, and give way to walking in a shorter shot."""
    cameras: dict[str, float] = field(
        default_factory=lambda: {"still": 0.55, "pan": 0.2, "zoom": 0.17, "shake": 0.08}
    )
    """Relative chance of what the camera does; what is not named does not happen."""
    style_shares: dict[str, float] = field(default_factory=lambda: Recipe().style_shares)
    """How the manifest's styles share the characters; a style not named counts by its files."""
    close_up: float = 0.25
    """Chance that standing people are shown from near."""
    wind: float = 0.4
    """Chance that hair and cloth sway all the time; else a drawing rests between two poses."""
    recolour: float = 0.3
    """Chance, per character, that hue, saturation and brightness change."""
    relight: float = 0.3
    """Chance that the characters take on the tint of the background or a light from one side."""
    shadow: float = 0.7
    """Chance of soft shadows under the feet of those who stand on the ground."""
    background_blur: float = 0.35
    """Chance that the background is out of focus."""
    objects: float = 0.3
    """Chance of one to three things that are no characters, behind or in front."""
    impostors: float = 0.6
    """Chance that where nobody is a large thing stands or moves as a character would."""
    subtitles: float = 0.3
    """Chance of a subtitle for a part of the shot (masks stay whole)."""
    dialogue_box: float = 0.05
    """Chance of a visual novel's box over the lower part; it hides what is behind it."""
    night: float = 0.08
    """Chance of dark, blue pictures."""
    grade: float = 0.25
    """Chance of another contrast, gamma and white balance."""
    fade: float = 0.12
    """Chance that a shot begins or ends in black."""
    flash: float = 0.08
    """Chance of one white frame, in which nobody can be seen; it is no cut."""
    grain: float = 0.25
    """Chance, per clip, of film grain, another in every frame."""
    crf: tuple[int, int] = (17, 23)
    """Quality of the H.264 video: lower is better and larger."""

    def __post_init__(self) -> None:
        held = isinstance(self.holds, tuple) and len(self.holds) > 0
        expect(
            held and all(are_numbers(h, whole=True) and h and min(h) >= 1 for h in self.holds),
            "holds",
            "lists of whole numbers from 1",
        )
        seconds = are_numbers(self.shot_seconds) and len(self.shot_seconds) == 2
        expect(
            seconds and 0.5 <= self.shot_seconds[0] <= self.shot_seconds[1],
            "shot_seconds",
            "(low, high), 0.5 ≤ low",
        )
        quality = are_numbers(self.crf, whole=True) and len(self.crf) == 2
        expect(quality and 0 <= self.crf[0] <= self.crf[1] <= 51, "crf", "(low, high) in 0 … 51")
        expect(isinstance(self.name, str) and bool(self.name.strip()), "name", "a class name")
        _expect_shares(self.stagings, "stagings", STAGINGS)
        _expect_shares(self.cameras, "cameras", CAMERAS)
        shares = isinstance(self.style_shares, dict) and tuple(self.style_shares.values())
        is_shares = are_numbers(shares) and min(shares or (1,)) > 0
        expect(is_shares, "style_shares", "shares above 0 by style")
        self.expect_chances()


def _expect_shares(shares: object, name: str, known: tuple[str, ...]) -> None:
    values = isinstance(shares, dict) and set(shares) <= set(known) and tuple(shares.values())
    expect(
        are_numbers(values) and min(values or (-1,)) >= 0 < sum(values or (0,)),
        name,
        f"shares of {', '.join(known)} that are not all 0",
    )
