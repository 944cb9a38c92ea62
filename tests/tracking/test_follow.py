"""Following: what is looked at, what is reused, and what becomes of ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import cv2
import numpy as np
import pytest

from blob_segmenter import RED, BlobSegmenter
from kirinuki.errors import KirinukiError
from kirinuki.images.picture import Picture
from kirinuki.instances import Instances
from kirinuki.tracking import Follower, TrackedFrame, track
from kirinuki.tracking.follow import MOST_REFRESHES
from kirinuki.tracking.refresh import MOST_GROWTH, is_explained, who_changed
from kirinuki.video import Frame

SIZE = (96, 160)


def picture(*boxes: tuple[int, int, int, int], ground: int = 90) -> np.ndarray:
    """Patches of red on grey."""
    drawn = np.full((*SIZE, 3), ground, np.uint8)
    for x1, y1, x2, y2 in boxes:
        drawn[y1:y2, x1:x2] = RED
    return drawn


def frames(pictures: Sequence[np.ndarray]) -> list[Frame]:
    return [Frame(rgb, n, 1, Fraction(1, 24)) for n, rgb in enumerate(pictures)]


def kinds(done: Sequence[TrackedFrame]) -> list[str]:
    return [one.reuse for one in done]


def with_hand(up: bool) -> np.ndarray:
    """A character whose hand, inside its box, is up or down."""
    drawn = picture((40, 20, 90, 80))
    drawn[60:72, 60:76] = 40 if up else 200
    return drawn


def test_repeats_are_not_looked_at():
    cut = BlobSegmenter()
    on_twos = [picture((20 + 12 * (n // 2), 30, 60 + 12 * (n // 2), 70)) for n in range(8)]
    done = list(track(cut, frames(on_twos)))
    assert [one.frame.pts for one in done] == list(range(8))
    assert kinds(done)[1::2] == ["repeat"] * 4
    assert len(cut.calls) == 4
    for first, second in zip(done[::2], done[1::2], strict=True):
        assert second.instances.alphas is first.instances.alphas
        assert second.instances.picture.rgb is second.frame.rgb
    assert {tuple(one.instances.track_ids.tolist()) for one in done} == {(1,)}


def test_noise_is_a_repeat_and_a_blink_is_not():
    rng = np.random.default_rng(0)
    still = picture((40, 20, 90, 80))
    blink = still.copy()
    blink[40:46, 55:65] = 20
    noisy = np.clip(still.astype(int) + rng.normal(0, 2, still.shape), 0, 255).astype(np.uint8)
    assert kinds(list(track(BlobSegmenter(), frames([still, noisy, blink, still])))) == [
        "fresh",
        "repeat",
        "partial",
        "partial",
    ]


def test_who_moves_alone_is_refreshed_for_a_while():
    cut = BlobSegmenter()
    done = list(track(cut, frames([with_hand(n % 2 == 0) for n in range(2 * MOST_REFRESHES + 4)])))
    assert kinds(done)[: MOST_REFRESHES + 2] == ["fresh", *["partial"] * MOST_REFRESHES, "fresh"]
    assert cut.calls.count("look") == 2 + (len(done) - 1) // (MOST_REFRESHES + 1) - 1


class Growing(BlobSegmenter):
    """Takes in a little of the background at each refresh."""

    def refresh(self, picture, instances, which, redo=None):
        self.calls.append("refresh")
        alphas = []
        for alpha in instances.alphas:
            more = alpha.copy()
            solid = int((alpha.sum(axis=1) > 0).sum())
            more[: solid + 4] = 255
            alphas.append(more)
        return replace(instances, alphas=tuple(alphas))

    def __call__(self, picture):
        found = super().__call__(picture)
        high = found.alphas[0].copy()
        high[40:] = 0
        return replace(found, alphas=(high,))


def test_who_grows_step_by_step_is_looked_at():
    cut = Growing()
    done = list(track(cut, frames([with_hand(n % 2 == 0) for n in range(6)]), smooth=False))
    assert MOST_GROWTH < 48 / 40
    assert kinds(done) == ["fresh", "partial", "fresh", "partial", "fresh", "partial"]
    solid = [int((one.instances.alphas[0] > 0).any(axis=1).sum()) for one in done]
    assert solid == [40, 44] * 3


def test_where_refreshing_fails_a_look_follows():
    cut = BlobSegmenter(refreshes=False)
    done = list(track(cut, frames([with_hand(True), with_hand(False)])))
    assert kinds(done) == ["fresh", "fresh"]
    assert cut.calls == ["look", "refresh", "look"]


def test_a_function_can_be_followed_and_looks_at_what_changed():
    cut = BlobSegmenter()

    def find(picture: Picture) -> Instances:
        return cut(picture)

    shots = [with_hand(True), with_hand(True), with_hand(False)]
    done = list(track(find, frames(shots)))
    assert kinds(done) == ["fresh", "repeat", "fresh"]
    assert {tuple(one.instances.track_ids.tolist()) for one in done} == {(1,)}


def test_without_reuse_every_frame_is_looked_at():
    cut = BlobSegmenter()
    done = list(track(cut, frames([picture((40, 20, 90, 80))] * 5), reuse=False, smooth=False))
    assert kinds(done) == ["fresh"] * 5
    assert cut.calls == ["look"] * 5


def scenery(seed: int) -> np.ndarray:
    """A place like no other."""
    coarse = np.random.default_rng(seed).integers(0, 200, (12, 20, 3)).astype(np.uint8)
    coarse[..., 0] = coarse[..., 1]  # no red
    return cv2.resize(coarse, SIZE[::-1], interpolation=cv2.INTER_CUBIC)


def test_a_cut_gives_new_ids():
    first, second = scenery(1), scenery(2)
    first[20:80, 40:90] = RED
    second[10:70, 80:130] = RED
    shots = [first] * 6 + [second] * 6
    done = list(track(BlobSegmenter(), frames(shots)))
    assert [one.shot for one in done] == [0] * 6 + [1] * 6
    ids = [one.instances.track_ids.tolist() for one in done]
    assert ids == [[1]] * 6 + [[2]] * 6


def test_state_goes_on_as_if_nothing_had_come_between():
    clip = frames([picture((20 + 6 * (n // 2), 30, 60 + 6 * (n // 2), 70)) for n in range(16)])

    def run(restart: bool) -> list[TrackedFrame]:
        follower = Follower(BlobSegmenter())
        done: list[TrackedFrame] = []
        for number, frame in enumerate(clip):
            if number == 8:
                done += follower.flush()
                state = follower.state()
                if restart:
                    follower = Follower(BlobSegmenter())
                follower.restore(state)
            follower.is_cut(frame)
            done += follower.push(frame)
        return done + follower.flush()

    for one, other in zip(run(False), run(True), strict=True):
        assert one.reuse == other.reuse
        assert (one.instances.track_ids == other.instances.track_ids).all()
        pairs = zip(one.instances.alphas, other.instances.alphas, strict=True)
        assert all((a == b).all() for a, b in pairs)


def test_nobody_anywhere():
    done = list(track(BlobSegmenter(), frames([picture()] * 4)))
    assert kinds(done) == ["fresh", "repeat", "repeat", "repeat"]
    assert all(len(one.instances) == 0 for one in done)


def test_who_changed():
    found = BlobSegmenter()
    instances = found(Picture(picture((0, 0, 32, 32), (96, 48, 160, 96))))
    changed = np.zeros((6, 10), np.bool_)
    who = who_changed(instances, changed)
    assert who is not None
    assert not who[0].size
    assert not who[1].any()
    changed[1, 1] = True
    which, around = who_changed(instances, changed)
    assert [instances.window(i) for i in which] == [(0, 0, 32, 32)]
    assert around.tolist() == [[x < 3 and y < 3 for x in range(10)] for y in range(6)]
    changed[5, 7] = True
    assert len(who_changed(instances, changed)[0]) == 2
    changed[5, 3] = True  # on the ground between them
    assert who_changed(instances, changed) is None


def test_changes_that_nobody_explains_are_seen():
    """A limb that goes where no mask was, or somebody who was not found."""
    found = BlobSegmenter()
    before = found(Picture(picture((0, 0, 32, 96))))
    moved = found(Picture(picture((32, 0, 64, 96))))
    changed = np.zeros((6, 10), np.bool_)
    changed[:, :5] = True  # where they were, where they are, and the blocks beside these
    assert is_explained(before, moved, changed)
    changed[:4, 6:8] = True  # 8 blocks: petals
    assert is_explained(before, moved, changed)
    changed[4, 6] = True
    assert not is_explained(before, moved, changed)
    assert is_explained(moved, found(Picture(picture((96, 0, 128, 96)))), changed)


def test_speed_up_is_told():
    follower = Follower(BlobSegmenter())
    assert follower.speed_up is None
    for frame in frames([picture((40, 20, 90, 80))] * 6):
        follower.is_cut(frame)
        follower.push(frame)
    assert follower.speed_up is not None
    assert follower.speed_up > 0


@pytest.mark.parametrize("given", ["clip.mp4", [np.zeros((8, 8, 3), np.uint8)], 5])
def test_what_are_no_frames_is_one_line(given):
    with pytest.raises(KirinukiError, match=r"`frames`: got .*, expected frames as read_video"):
        list(track(BlobSegmenter(), given))


def test_a_frame_is_said_in_a_few_words():
    (frame,) = frames([np.zeros((8, 6, 3), np.uint8)])
    assert repr(frame) == "Frame(6×8 at 0.000 s)"
