"""What drawn characters wear and carry: all of it is in their alpha, plain ones stay common."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

import numpy as np
import pytest

from kirinuki_draw.draw import CharacterSpec, Figure, draw_alphas, random_spec
from kirinuki_draw.strokes import parts
from kirinuki_draw.strokes.parts import Parts
from kirinuki_draw.strokes.spec import Arm, HairStyle, Held, Pose

_KINDS = {
    "wings": parts.WingKind,
    "tail": parts.TailKind,
    "ears": parts.EarKind,
    "horns": parts.HornKind,
    "cape": parts.CapeKind,
    "bow": parts.BowKind,
    "hat": parts.HatKind,
    "armour": parts.ArmourKind,
    "gear": parts.GearKind,
}
_EACH = [(name, kind) for name, kinds in _KINDS.items() for kind in get_args(kinds)[1:]]
_MORE: list[tuple[str, Any]] = [("halo", True), ("scarf", 200.0), ("streamers", 3)]
_PLAIN = CharacterSpec(hair_style="short", wind=0.8)


def _area(spec: CharacterSpec) -> int:
    """Pixels of a character at 12 pixels a head, half covered or more."""
    return int((draw_alphas([Figure(spec, 150, 100, 12)], (240, 300))[0] >= 128).sum())


@pytest.mark.parametrize(("name", "kind"), _EACH + _MORE)
def test_every_part_adds_to_the_alpha(name: str, kind: Any) -> None:
    assert _area(replace(_PLAIN, parts=Parts(**{name: kind}))) > _area(_PLAIN)


@pytest.mark.parametrize("held", get_args(Held)[1:])
def test_what_is_held_adds_to_the_alpha(held: Held) -> None:
    arm = Arm(60, 60, 0, "fist")
    empty = replace(_PLAIN, pose=Pose(left=arm))
    assert _area(replace(_PLAIN, pose=Pose(left=replace(arm, held=held)))) > _area(empty)


def test_every_hair_style_has_an_outline_of_its_own() -> None:
    figures = [
        Figure(replace(_PLAIN, hair_style=style, hair_length=160), 150, 100, 12)
        for style in get_args(HairStyle)
    ]
    shapes = [draw_alphas([figure], (240, 300))[0].tobytes() for figure in figures]
    assert len(set(shapes)) == len(shapes)


def test_long_hair_of_a_lying_figure_falls_to_the_ground() -> None:
    from kirinuki_draw.strokes.brush import Brush, paint_layer
    from kirinuki_draw.strokes.face import Head
    from kirinuki_draw.strokes.hair import back_hair

    def middle(turn: float) -> float:
        def draw(brush: Brush) -> None:
            with brush.at(150, 150, turn, 0.4) as local:
                back_hair(local, Head(CharacterSpec(wind=0.0, hair_length=220)))

        rows = paint_layer((300, 300), (-0.6, -0.8), draw)[..., 3].nonzero()[0]
        return float(rows.mean())

    assert middle(90.0) > 170
    assert middle(-90.0) > 170


def test_plain_characters_stay_common() -> None:
    specs = [random_spec(seed) for seed in range(400)]
    still = [
        replace(spec.parts, size=1.0, updraft=0.0, strays=0.0, fringe="usual") for spec in specs
    ]
    plain = np.mean([part == Parts() for part in still])
    assert 0.35 < plain < 0.65
    female = np.mean([spec.gender == "female" for spec in specs])
    assert 0.45 < female < 0.7
