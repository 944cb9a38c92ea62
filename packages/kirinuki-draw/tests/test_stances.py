"""Stances: bones keep their lengths and sides, any kind can be drawn, whole and in one piece."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from kirinuki_draw.draw import CharacterSpec, draw_character, random_spec
from kirinuki_draw.strokes.figure import Body
from kirinuki_draw.strokes.skeleton import FOREARM, THIGH, UPPER_ARM, Skeleton, turn_x, turn_y
from kirinuki_draw.strokes.solids import chain, facing, hull
from kirinuki_draw.strokes.spec import Arm, Pose
from kirinuki_draw.strokes.stance import Limb, Stance
from kirinuki_draw.strokes.stances import KINDS, mirrored, random_stance

BODY = Body.of(CharacterSpec())


def test_a_turned_figure_looks_to_the_right_and_a_pitched_one_down() -> None:
    ahead = np.array([0.0, 0.0, 1.0])
    assert np.allclose(turn_y(90) @ ahead, (1, 0, 0))
    assert np.allclose(turn_x(90) @ ahead, (0, 1, 0))


def test_bones_in_the_plane_keep_their_length() -> None:
    side = Limb((1.0, 0.0, 0.0), (0.0, -1.0, 0.0))
    bones = Skeleton.of(BODY, Stance(left_arm=side, right_arm=side))
    for arm in bones.arms:
        assert np.isclose(np.linalg.norm(arm[1] - arm[0]), UPPER_ARM)
        assert np.isclose(np.linalg.norm(arm[2] - arm[1]), FOREARM)
    assert bones.arms[0, 1, 0] < bones.arms[0, 0, 0]
    assert bones.arms[1, 1, 0] > bones.arms[1, 0, 0]


def test_a_bone_that_points_at_us_is_still_seen() -> None:
    ahead = Limb((0.0, 0.0, 1.0), (0.0, 1.0, 0.0))
    bones = Skeleton.of(BODY, Stance(left_leg=ahead, right_leg=ahead))
    thigh = bones.legs[0, 1] - bones.legs[0, 0]
    assert 0.3 * THIGH < np.hypot(*thigh[:2]) < 0.4 * THIGH
    assert thigh[2] > 0.9 * THIGH


def test_from_behind_the_left_arm_is_on_the_right() -> None:
    bones = Skeleton.of(BODY, Stance(view=180.0))
    assert bones.arms[0, 0, 0] > 0 > bones.arms[1, 0, 0]
    assert bones.head_forward[2] < -0.9


def test_mirroring_twice_changes_nothing() -> None:
    stance = random_stance(np.random.default_rng(3))
    assert mirrored(mirrored(stance)) == stance
    assert mirrored(stance) != stance


def test_a_chain_goes_around_its_balls() -> None:
    outline = chain(np.array([[0.0, 0.0], [10.0, 0.0], [10.0, 10.0]]), [3.0, 2.0, 1.0])
    low, high = outline.min(axis=0), outline.max(axis=0)
    assert np.allclose(low, (-3, -3), atol=0.05)
    assert np.allclose(high, (12, 11), atol=0.05)


def test_facing_tells_which_way_a_polygon_turns() -> None:
    square = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    assert facing(square) == 1.0
    assert facing(square[::-1]) == -1.0
    assert len(hull(np.vstack([square, [[0.5, 0.5]]]))) == 4


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_stance_is_one_whole_figure(kind: str) -> None:
    rng = np.random.default_rng(len(kind))
    plain = CharacterSpec(hair_style="bob", wind=0.2, outfit="sailor")
    alpha = draw_character(replace(plain, stance=random_stance(rng, kind)), head=26)[..., 3]
    count, _, facts, _ = cv2.connectedComponentsWithStats((alpha >= 128).astype(np.uint8))
    areas = sorted(facts[1:, cv2.CC_STAT_AREA])
    assert count >= 2
    assert areas[-1] > 0.98 * sum(areas)
    assert alpha[0].any()
    assert alpha[:, -1].any()


def test_hands_on_hips_leave_two_holes() -> None:
    hip = Limb((0.85, 0.75, -0.1), (-0.85, 0.6, 0.15))
    fist = Arm(pose="fist")
    spec = CharacterSpec(
        hair_style="short", outfit="shirt", bottom="trousers", wind=0.0,
        stance=Stance(left_arm=hip, right_arm=hip), pose=Pose(left=fist, right=fist),
    )  # fmt: skip
    alpha = draw_character(spec, head=40)[..., 3]
    contours, tree = cv2.findContours(
        (alpha >= 128).astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE
    )
    holes = [c for c, node in zip(contours, tree[0], strict=True) if node[3] >= 0]
    assert sum(cv2.contourArea(hole) > 40 for hole in holes) >= 2


def test_random_characters_take_many_stances_and_builds() -> None:
    specs = [random_spec(seed) for seed in range(200)]
    stances = [spec.stance for spec in specs if spec.stance]
    assert 90 < len(stances) < 170
    assert sum(abs(s.view) > 100 for s in stances) > 10
    assert sum(abs(s.roll) > 45 or abs(s.pitch) > 45 for s in stances) > 15
    assert min(spec.age for spec in specs) < 0.3
    assert max(spec.age for spec in specs) > 1.2
