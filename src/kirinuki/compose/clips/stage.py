"""What happens in a shot: who stands or walks where, and when.

The stage is the picture while the camera has not moved: x and y in pixels, the ground near its
lower edge. Cut art stands with its lower edge below the frame.

Not covered: camera and background (`shot`), drawing (`compose`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kirinuki.compose.clips.cast import Cast, Member
from kirinuki.compose.clips.cel import Puppet
from kirinuki.compose.clips.motion import Body, Way, draw_body, draw_lids, draw_mouth, fixed
from kirinuki.compose.clips.recipe import ClipRecipe

BELOW = 1.06
"""Where cut art ends, in heights of the frame: low enough for a shaking camera and for steps."""
LONG_STAGINGS = ("crossing", "leaving")
LONG = 2.5
"""Seconds that these need."""
CHIBI = 0.62
"""Height of a chibi beside others."""
PACE = 0.12
"""Widths of the frame a second from which on the limbs swing fully."""

Move = Callable[[float], Way]
"""A way for somebody whose half width in pixels is known."""


@dataclass(frozen=True, eq=False)
class Figure:
    """Somebody or something in a shot.

    Attributes:
        way: over time x of its middle, y of its lower edge and its height, in pixels of the stage.
        lids, mouth: (frames,) in [0, 1], see `Puppet.drawn`.
        hold: for how many frames a drawing is held.
        walks_with_camera: it keeps its place in the picture while the camera travels.
        is_character: else it is a thing, of which the truth knows nothing.
    """

    puppet: Puppet
    way: Way
    body: Body
    lids: NDArray[np.float64]
    mouth: NDArray[np.float64]
    hold: int
    mirrored: bool
    walks_with_camera: bool
    is_character: bool
    gender: str

    @property
    def is_whole(self) -> bool:
        return not any(self.puppet.flush)

    def walking(self, seconds: float, width: int) -> float:
        """How much it walks at a time, in [0, 1]; `width` is the frame's."""
        return 1.0 if self.walks_with_camera else min(1.0, self.way.speed(seconds) / (PACE * width))


@dataclass(frozen=True)
class Scale:
    """How near a shot is: heights in heights of the frame, from … to.

    Attributes:
        whole, cut, bust: of whole figures, of art that is cut at the legs, of busts.
        crop: how much of the background a shot shows less than a wide one.
    """

    whole: tuple[float, float]
    cut: tuple[float, float]
    bust: tuple[float, float]
    crop: tuple[float, float]


FAR = Scale((0.42, 0.75), (0, 0), (0, 0), (1.0, 1.15))
MEDIUM = Scale((1.15, 1.45), (0.95, 1.15), (0.68, 0.85), (1.15, 1.45))
NEAR = Scale((1.6, 2.0), (1.35, 1.7), (0.95, 1.15), (1.4, 1.9))


class Stage:
    """Places the characters of one shot.

    Attributes:
        scale: how near the shot is.
        figures: who and what is in it, back to front.
        travels: whether the camera goes with those who walk.
    """

    def __init__(
        self,
        cast: Cast,
        recipe: ClipRecipe,
        frames: int,
        fps: float,
        size_hw: tuple[int, int],
        ambient: NDArray[np.uint8],
        rng: np.random.Generator,
    ) -> None:
        self._recipe = recipe
        self._frames = frames
        self._fps = fps
        self._seconds = frames / fps
        self._height, self._width = size_hw
        self._ambient = ambient if rng.random() < recipe.relight else None
        self._rng = rng
        self.figures: list[Figure] = []
        self.staging = self._draw_staging()
        self.travels = self.staging == "travelling"
        self.scale = self._draw_scale(cast)
        members = cast.whole if self.scale is FAR else cast.members
        self._waiting = [members[int(i)] for i in rng.permutation(len(members))]
        self._common = float(rng.random())
        getattr(self, f"_{self.staging}")()
        self.figures.sort(key=lambda figure: float(figure.way.values[0, 1]))

    def _draw_staging(self) -> str:
        shares = {
            name: share
            for name, share in self._recipe.stagings.items()
            if self._seconds >= LONG or name not in LONG_STAGINGS
        }
        if not sum(shares.values()):
            return "walking"
        chances = np.array(list(shares.values())) / sum(shares.values())
        return str(self._rng.choice(list(shares), p=chances))

    def _draw_scale(self, cast: Cast) -> Scale:
        chance = self._rng.random()
        if self.staging == "standing" and chance < self._recipe.close_up:
            return NEAR
        # Two can cross only if two can stand on the ground.
        enough = len(cast.whole) >= (2 if self.staging == "crossing" else 1)
        return FAR if enough and self._rng.random() < 0.45 else MEDIUM

    def _standing(self) -> None:
        most = 2 if self.scale is NEAR else 3
        count = min(len(self._waiting), int(self._rng.choice(most, p=_few(most))) + 1)
        slots = (np.arange(count) + 0.5) / count + self._rng.normal(0, 0.12 / count, count)
        talks = int(self._rng.integers(count))
        for i, x in enumerate(slots.tolist()):
            self._enter(self._at(x), talks=i == talks)

    def _walking(self) -> None:
        right = bool(self._rng.random() < 0.5)
        kind = self._rng.choice(["in", "out", "through"])
        stop = float(self._rng.uniform(0.35, 0.65))

        def way(half: float) -> Way:
            outside = (-half, self._width + half)
            ends = outside if right else outside[::-1]
            middle = stop * self._width
            first, last = {
                "in": (ends[0], middle), "out": (middle, ends[1]), "through": ends
            }[str(kind)]  # fmt: skip
            begins, ends_at = self._times(0.05, 0.15), self._times(0.85, 1.0)
            return _ground_way([begins, ends_at], [first, last])

        self._enter(way)
        if self._rng.random() < 0.4:
            self._enter(self._at(float(self._rng.uniform(0.15, 0.85))))

    def _crossing(self) -> None:
        left, right = self._rng.uniform(0.15, 0.3), self._rng.uniform(0.7, 0.85)
        for first, last in ((left, right), (right, left)):
            times = [self._times(0.05, 0.2), self._times(0.75, 0.95)]
            places = [first * self._width, last * self._width]
            self._enter(self._along(times, places))
        if self._rng.random() < 0.3:
            self._enter(self._at(0.5))

    def _leaving(self) -> None:
        right = bool(self._rng.random() < 0.5)
        home, back = self._rng.uniform(0.5, 0.7, 2).tolist()

        def way(half: float) -> Way:
            times = [0.1, 0.38, self._rng.uniform(0.5, 0.62), 0.92]
            places = [home * self._width, self._width + half + 4]
            places += [places[1], back * self._width]
            if not right:
                places = [self._width - x for x in places]
            return _ground_way([t * self._seconds for t in times], places)

        self._enter(way)
        if self._rng.random() < 0.6:
            place = self._rng.uniform(0.15, 0.3)
            self._enter(self._at(float(place if right else 1 - place)), talks=True)

    def _approaching(self) -> None:
        start = float(self._rng.uniform(0.35, 0.65)) * self._width
        aside = float(self._rng.uniform(-0.12, 0.12)) * self._width
        times = [self._times(0.05, 0.2), self._times(0.8, 1.0)]
        grown = float(self._rng.uniform(1.2, 1.5))
        self._enter(self._along(times, [start, start + aside]), grown=grown)

    def _travelling(self) -> None:
        self._enter(self._at(float(self._rng.uniform(0.35, 0.65))), talks=True)
        if self._rng.random() < 0.4:
            self._enter(self._at(float(self._rng.choice([0.2, 0.8]))))

    def _empty(self) -> None:
        """Nobody."""

    def _times(self, low: float, high: float) -> float:
        return float(self._rng.uniform(low, high)) * self._seconds

    def _at(self, place: float) -> Move:
        return self._along([0.0], [place * self._width])

    def _along(self, times: list[float], x: list[float]) -> Move:
        return lambda half: _ground_way(times, x)

    def _enter(self, move: Move, talks: bool = False, grown: float = 1.0) -> None:
        """The next of the cast, if there is one, does this; `grown` times as high at its end."""
        if not self._waiting:
            return
        member = self._waiting.pop()
        tall = self._tall(member)
        half = tall * member.cutout.shape[1] / member.cutout.shape[0] * 0.62
        x = move(half)
        count = len(x.times)
        heights = np.linspace(1, grown, count) * tall
        ground = self._ground(member, tall)
        # Who comes nearer comes down to the lower edge of the picture, too; the head stays in it.
        down = 0.55 if self.scale is FAR else 0.95
        y = ground + (heights - tall) * down
        way = Way(x.times, np.column_stack([x.values[:, 0], y, heights]), x.ease)
        self.figures.append(self._figure(member, way, tall * grown, talks))

    def _tall(self, member: Member) -> float:
        low, high = self.scale.whole
        if not member.is_whole:
            low, high = self.scale.bust if member.is_bust else self.scale.cut
        own = float(self._rng.uniform(0.95, 1.05)) * (CHIBI if member.is_chibi else 1)
        return (low + (high - low) * self._common) * own * self._height

    def _ground(self, member: Member, tall: float) -> float:
        """Where the lower edge is: on the ground, or below the frame, with some air above."""
        if self.scale is FAR:
            return float(self._rng.uniform(0.86, 0.97)) * self._height
        air = float(self._rng.uniform(0.05, 0.13)) * self._height
        lowest = BELOW * self._height + self._rng.uniform(0, 0.02) * self._height
        return max(air + tall, lowest) if not member.is_whole else air + tall

    def _figure(self, member: Member, way: Way, tall: float, talks: bool) -> Figure:
        rng, hold = self._rng, member.hold
        speech = draw_mouth(self._frames, self._fps, hold, rng)
        return Figure(
            puppet=member.puppet(tall, self._ambient, rng),
            way=way,
            body=draw_body(self._seconds, bool(rng.random() < self._recipe.wind), rng),
            lids=draw_lids(self._frames, self._fps, hold, rng),
            mouth=speech if talks else np.zeros(self._frames),
            hold=hold,
            mirrored=bool(rng.random() < 0.5),
            walks_with_camera=self.travels,
            is_character=True,
            gender=member.gender,
        )

    def add_things(self, things: list[Member], are_large: bool) -> None:
        """Things at the ground, before and behind the others; large ones in the place of
        characters, some of which move."""
        rng = self._rng
        for thing in things:
            low, high = (0.4, 0.95) if are_large else (0.08, 0.2)
            nearness = 1.0 if self.scale is FAR else 1.5
            tall = float(rng.uniform(low, high)) * self._height * (1 if are_large else nearness)
            x = rng.uniform(0.1, 0.9, 2) * self._width
            ground = (0.82, 1.0) if self.scale is FAR else (0.97, 1.1)
            y = float(rng.uniform(*ground)) * self._height
            moves = are_large and rng.random() < 0.5
            ends = np.array([[x[0], y, tall], [x[1] if moves else x[0], y, tall]])
            way = Way(np.array([0.1, 0.9]) * self._seconds, ends)
            self.figures.insert(int(rng.integers(len(self.figures) + 1)), self._thing(thing, way))

    def _thing(self, thing: Member, way: Way) -> Figure:
        none = np.zeros(self._frames)
        return Figure(
            puppet=thing.puppet(float(way.values[0, 2]), self._ambient, self._rng),
            way=way,
            body=Body(fixed(0, 0, 0, 0), None, 1.0),
            lids=none,
            mouth=none,
            hold=thing.hold,
            mirrored=bool(self._rng.random() < 0.5),
            walks_with_camera=False,
            is_character=False,
            gender="",
        )


def _ground_way(times: list[float], x: list[float]) -> Way:
    """A way along the ground; y and height are still to come."""
    return Way(np.array(times), np.array(x)[:, None], ease=0.35)


def _few(most: int) -> list[float]:
    """Chances of 1, 2, … people: two are likelier than three."""
    return [0.5, 0.5] if most == 2 else [0.4, 0.4, 0.2]
