"""Composed clips: the truth of a frame is what its pixels show, and who is the same."""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from kirinuki.cli import cli
from kirinuki.compose.clips.cel import Puppet, find_face
from kirinuki.compose.clips.compose import ClipFrame, Format, compose_clip
from kirinuki.compose.clips.dataset import ClipSetJob, compose_clips
from kirinuki.compose.clips.file import clip_writer
from kirinuki.compose.clips.motion import Pose, Way, draw_lids, draw_mouth
from kirinuki.compose.clips.recipe import ClipRecipe
from kirinuki.compose.held_out import read_sources
from kirinuki.compose.library import Library
from kirinuki.errors import DatasetError, KirinukiError, OutputError
from kirinuki.formats.registry import load_set
from kirinuki.work.results import JOURNAL_NAME
from made_library import COLOURS, figure, make_library, save

FORM = Format((96, 160), Fraction(12), 36)
PLAIN: dict[str, Any] = {
    **dict.fromkeys(("wind", "recolour", "relight", "shadow", "background_blur"), 0.0),
    **dict.fromkeys(("objects", "impostors", "subtitles", "dialogue_box", "night"), 0.0),
    **dict.fromkeys(("grade", "fade", "flash", "grain", "close_up"), 0.0),
    "shot_seconds": [3, 3],
    "cameras": {"still": 1},
}


def recipe(**changes: Any) -> ClipRecipe:
    return ClipRecipe.from_dict(json.loads(json.dumps({**PLAIN, **changes})))


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return Library.load(**make_library(tmp_path_factory.mktemp("library")))


def clip(library: Library, seed: int = 0, hold: int = 2, **changes: Any) -> list[ClipFrame]:
    return list(compose_clip(library, recipe(**changes), FORM, (hold,), seed))


def ids(frame: ClipFrame) -> list[int]:
    return sorted(seen.track_id for seen in frame.seen)


@pytest.mark.parametrize("staging", ["standing", "walking", "crossing", "leaving", "approaching"])
def test_masks_are_what_can_be_seen(library: Library, staging: str) -> None:
    """Every figure has a colour of its own: its pixels, and nobody else's, show it."""
    for seed in range(3):
        colour_of: dict[int, str] = {}
        for frame in clip(library, seed, stagings={staging: 1}):
            total = sum(seen.alpha.astype(int) for seen in frame.seen)
            assert np.max(total, initial=0) <= 255
            for seen in frame.seen:
                inside = frame.picture[seen.alpha == 255].astype(int)
                if not len(inside):
                    continue
                name = min(COLOURS, key=lambda n: np.abs(inside - COLOURS[n]).max())
                assert np.abs(inside - COLOURS[name]).max() <= 2
                # The same id is the same figure, through crossing and coming back.
                assert colour_of.setdefault(seen.track_id, name) == name
            for track_id, name in colour_of.items():
                there = np.abs(frame.picture.astype(int) - COLOURS[name]).max(axis=2) <= 2
                masks = [seen.alpha >= 128 for seen in frame.seen if seen.track_id == track_id]
                shown = masks[0] if masks else np.zeros_like(there)
                assert not (there & ~shown).sum() > 80
        assert colour_of


def test_those_who_cross_hide_each_other(library: Library) -> None:
    """Both are there before and after, on the other side of each other."""
    hidden = 0
    for seed in range(4):
        frames = clip(library, seed, stagings={"crossing": 1})
        first, last = frames[0], frames[-1]
        assert len(first.seen) >= 2
        assert ids(first) == ids(last)
        by_frame = [
            {seen.track_id: float(np.nonzero(seen.alpha)[1].mean()) for seen in frame.seen}
            for frame in (first, last)
        ]
        moved = [i for i in by_frame[0] if abs(by_frame[0][i] - by_frame[1][i]) > 40]
        assert len(moved) == 2
        areas = [sum(int((s.alpha >= 128).sum()) for s in frame.seen) for frame in frames]
        hidden += min(areas) < 0.9 * max(areas)
    assert hidden >= 3


def test_who_comes_back_is_the_same(library: Library) -> None:
    for seed in range(4):
        frames = clip(library, seed, stagings={"leaving": 1})
        there = [set(ids(frame)) for frame in frames]
        gone = min(there, key=len)
        (who,) = there[0] - gone
        assert who in there[-1]
        present = [who in of_frame for of_frame in there]
        changes = sum(a != b for a, b in pairwise(present))
        assert changes == 2, "it leaves once and comes back once"


def test_after_a_cut_everybody_is_new(library: Library) -> None:
    frames = clip(library, 1, shot_seconds=[0.8, 1.2], stagings={"standing": 1}, same_place=1)
    shots = [frame.shot for frame in frames]
    assert shots[0] == 0
    assert len(set(shots)) >= 2
    assert all(b - a in (0, 1) for a, b in pairwise(shots))
    of_shot = {s: {i for f in frames if f.shot == s for i in ids(f)} for s in set(shots)}
    everybody = [i for members in of_shot.values() for i in members]
    assert len(everybody) == len(set(everybody))
    assert sorted(everybody) == list(range(1, len(everybody) + 1))


@pytest.mark.parametrize("hold", [1, 2, 3])
def test_drawings_are_held(library: Library, hold: int) -> None:
    """Where someone walks and the camera is still, frames repeat but every second, third, …"""
    frames = clip(library, 3, hold, stagings={"crossing": 1})
    repeats = [frame.repeats for frame in frames]
    assert all(repeats[f] for f in range(len(frames)) if f % hold)
    walking = repeats[12:24:hold]
    assert not any(walking)
    for before, frame in pairwise(frames):
        assert frame.repeats == np.array_equal(before.picture, frame.picture)
        if frame.repeats:
            pairs = zip(before.seen, frame.seen, strict=True)
            assert all(np.array_equal(a.alpha, b.alpha) for a, b in pairs)


@pytest.mark.parametrize("camera", ["pan", "zoom"])
def test_the_camera_moves_on_every_frame(tmp_path: Path, camera: str) -> None:
    folders = make_library(tmp_path)
    stripes = np.tile(np.arange(120, dtype=np.uint8)[None, :, None] * 2, (90, 1, 3))
    for file in folders["backgrounds"].rglob("*.png"):
        save(stripes, file)
    frames = clip(Library.load(**folders), 2, 3, cameras={camera: 1}, stagings={"standing": 1})
    assert not any(frame.repeats for frame in frames[6:-6])
    # A character moves with the stage, though its drawing is held.
    boxes = [cv2.boundingRect(frame.seen[0].alpha) for frame in frames]
    assert len(set(boxes)) > len(frames) / 4


def test_travelling_keeps_them_in_the_picture(library: Library) -> None:
    frames = clip(library, 0, 2, stagings={"travelling": 1})
    middles = [float(np.nonzero(frame.seen[0].alpha)[1].mean()) for frame in frames]
    assert max(middles) - min(middles) < 12


def test_in_white_and_in_the_dark_nobody_is_seen(library: Library) -> None:
    frames = clip(library, 5, flash=1, stagings={"standing": 1})
    white = [f for f, frame in enumerate(frames) if frame.picture.min() == 255]
    assert len(white) == 1
    assert not frames[white[0]].seen
    assert {frame.shot for frame in frames} == {0}, "a flash is no cut"
    assert ids(frames[white[0] - 1]) == ids(frames[white[0] + 1]) != []
    faded = clip(library, 5, fade=1, stagings={"standing": 1})
    dark = [frame for frame in faded if frame.picture.max() < 20]
    assert dark
    assert not any(frame.seen for frame in dark)


def test_things_are_nobody(library: Library) -> None:
    frames = clip(library, 0, stagings={"empty": 1}, impostors=1)
    assert not any(frame.seen for frame in frames)
    yellow = [np.abs(f.picture.astype(int) - (250, 250, 0)).max(axis=2) < 3 for f in frames]
    assert np.mean([there.mean() for there in yellow]) > 0.01


def test_effects_lie_on_the_glass(library: Library) -> None:
    """Subtitles, grading and grain change pixels, never the truth."""
    plain = clip(library, 2, stagings={"standing": 1})
    for effect in ("subtitles", "night", "grade", "grain"):
        changed = clip(library, 2, stagings={"standing": 1}, **{effect: 1})
        pairs = list(zip(plain, changed, strict=True))
        assert any(not np.array_equal(a.picture, b.picture) for a, b in pairs)
        for a, b in pairs:
            assert ids(a) == ids(b)
            for one, same in zip(a.seen, b.seen, strict=True):
                assert np.array_equal(one.alpha, same.alpha)
        if effect != "subtitles":  # which come and go
            assert all(b.repeats for a, b in pairs if a.repeats)
    assert not np.array_equal(changed[0].picture, changed[1].picture), "grain never repeats"


def test_a_box_hides_what_is_behind_it(library: Library) -> None:
    plain = clip(library, 4, stagings={"standing": 1})
    boxed = clip(library, 4, stagings={"standing": 1}, dialogue_box=1)
    seen = [sum(int((s.alpha >= 128).sum()) for s in f[0].seen) for f in (plain, boxed)]
    assert seen[1] < seen[0]


def test_long_clips_are_not_planned_ahead(library: Library) -> None:
    form = Format((96, 160), Fraction(24), 10**6)
    first = list(islice(compose_clip(library, recipe(), form, (2,), 0), 3))
    assert len(first) == 3


# --- motion --------------------------------------------------------------------------------------


def test_ways_are_eased_and_rest_at_their_ends() -> None:
    way = Way(np.array([1.0, 2.0]), np.array([[0.0], [10.0]]))
    assert [way.at(t)[0] for t in (0, 1, 1.5, 2, 9)] == [0, 0, 5, 10, 10]
    assert way.at(1.1)[0] < 1
    assert Way(way.times, way.values, ease=0).at(1.1)[0] == pytest.approx(1)
    assert way.speed(0.5) == way.speed(2.5) == 0


@pytest.mark.parametrize("hold", [1, 2, 3])
def test_eyes_and_mouths_change_with_the_drawing(hold: int) -> None:
    for make in (draw_lids, draw_mouth):
        values = make(240, 24, hold, np.random.default_rng(1))
        changes = np.flatnonzero(np.diff(values)) + 1
        assert len(changes) > 4
        assert not (changes % hold).any()
        assert values.min() == 0
        assert values.max() == 1


def test_a_blink_is_small_and_changes_no_mask() -> None:
    rng = np.random.default_rng(0)
    person = figure((40, 60, 160), (240, 120))
    cv2.circle(person, (60, 60), 24, (250, 214, 190, 255), -1)
    for x in (50, 70):
        cv2.circle(person, (x, 62), 5, (60, 20, 20, 255), -1)
    face = find_face(person)
    assert face is not None
    assert face.x == pytest.approx(0.5, abs=0.05)
    puppet = Puppet(person, (False,) * 4, face)
    still = Pose(0, 0, 0, 0, 0, None)
    awake = puppet.drawn(still, 0, 0)
    for lids, mouth in ((1, 0), (0, 1)):
        other = puppet.drawn(still, lids, mouth)
        assert np.array_equal(other[..., 3], awake[..., 3])
        changed = np.abs(other.astype(int) - awake).max(axis=2) > 10
        assert 5 < changed.sum() < 0.02 * (awake[..., 3] > 0).sum()
    noise = np.dstack([rng.integers(0, 99, (240, 120, 3), np.uint8), person[..., 3]])
    assert find_face(noise) is None


# --- files ---------------------------------------------------------------------------------------


def test_a_clip_has_all_frames_their_colours_and_sound(tmp_path: Path) -> None:
    fps = Fraction(24000, 1001)
    red, blue = (200, 60, 30), (20, 40, 220)
    path = tmp_path / "clip.mp4"
    with clip_writer(path, (64, 96), fps, 16) as write:
        for f in range(50):
            write(np.full((64, 96, 3), red if f < 25 else blue, np.uint8))
    with av.open(str(path)) as container:
        video, sound = container.streams.video[0], container.streams.audio[0]
        assert abs(float(video.duration * video.time_base) - float(50 / fps)) < 1e-3
        assert abs(float(sound.duration * sound.time_base) - float(50 / fps)) < 1e-3
        frames = list(container.decode(video=0))
    assert [frame.pts * frame.time_base for frame in frames] == [n / fps for n in range(50)]
    for f, colour in ((0, red), (24, red), (25, blue), (49, blue)):
        shown = frames[f].to_ndarray(format="rgb24").astype(int)
        assert np.abs(shown - colour).mean() < 2.5
    with av.open(str(path)) as container:
        wave = np.concatenate([b.to_ndarray()[0] for b in container.decode(audio=0)])
    spectrum = np.abs(np.fft.rfft(wave[4800:52800]))
    assert int(spectrum.argmax()) == 440


def job(library: Library, out: Path, count: int = 2, **changes: Any) -> ClipSetJob:
    form = Format((96, 160), Fraction(12), 14)
    made = recipe(holds=[[1], [2, 3]], stagings={"standing": 1, "empty": 0.3}, grain=0.5, **changes)
    return ClipSetJob(library, made, form, out, count, seed=3)


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != JOURNAL_NAME)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_a_set_of_clips_is_cocovid(library: Library, tmp_path: Path) -> None:
    made = compose_clips(job(library, tmp_path))
    truth = load_set(tmp_path / "annotations.json")
    videos = json.loads((tmp_path / "annotations.json").read_text())["videos"]
    assert [(v["name"], v["on"]) for v in videos] == [("clip_0001.mp4", 1), ("clip_0002.mp4", 0)]
    assert ClipRecipe.read(tmp_path / "recipe.json") == job(library, tmp_path).recipe
    assert made.frames == len(truth) == 28
    tracks = {(p.frame and p.frame.video, one.track_id) for p in truth for one in p.instances}
    assert made.tracks == len(tracks) > 0
    for video in videos:
        frames = [p.frame for p in truth if p.frame and p.frame.video.name == video["name"]]
        with av.open(str(tmp_path / video["name"])) as container:
            assert sum(1 for _ in container.decode(video=0)) == len(frames) == 14
        assert [f.time for f in frames] == pytest.approx([n / 12 for n in range(14)], abs=1e-6)
        assert frames[0].repeats is False
    of_set = job(library, tmp_path)
    expected = compose_clip(library, of_set.recipe, of_set.form, (1,), 3 * 1_000_003 + 1)
    for picture, frame in zip(truth.pictures[:14], expected, strict=True):
        found = {one.track_id: one.mask((96, 160)) for one in picture.instances}
        assert found.keys() == {seen.track_id for seen in frame.seen}
        for seen in frame.seen:
            assert np.array_equal(found[seen.track_id], seen.alpha >= 128)


def test_a_clip_depends_on_seed_and_number_only(library: Library, tmp_path: Path) -> None:
    compose_clips(job(library, tmp_path / "one", count=1))
    compose_clips(job(library, tmp_path / "three", count=3), workers=2)
    names = ["one/clip_0001.mp4", "three/clip_0001.mp4", "three/clip_0003.mp4"]
    first, same, other = ((tmp_path / name).read_bytes() for name in names)
    assert first == same != other


def test_a_stopped_job_goes_on(library: Library, tmp_path: Path) -> None:
    class Stopped(BaseException):
        pass

    steps = iter(range(20))

    def stop() -> None:
        if next(steps, None) is None:
            raise Stopped

    out = tmp_path / "stopped"
    with pytest.raises(Stopped):
        compose_clips(job(library, out), step=stop)
    assert [p.name for p in out.glob("*.mp4")] == ["clip_0001.mp4"]
    (out / ".kirinuki-0123456789abcdef.mp4").write_bytes(b"killed")
    with pytest.raises(OutputError, match="`resume`"):
        compose_clips(job(library, out))
    with pytest.raises(OutputError, match="another clips: 2, now it is 3"):
        compose_clips(job(library, out, count=3), resume=True)
    made = (out / "clip_0001.mp4").stat().st_mtime_ns
    count = 0

    def step() -> None:
        nonlocal count
        count += 1

    compose_clips(job(library, out), resume=True, step=step)
    assert count == 28
    assert (out / "clip_0001.mp4").stat().st_mtime_ns == made
    made_whole = compose_clips(job(library, tmp_path / "whole"))
    assert compose_clips(job(library, out), resume=True) == made_whole
    assert contents(out) == contents(tmp_path / "whole")
    (out / "mine.mp4").write_bytes(b"mine")
    compose_clips(job(library, out, count=1), overwrite=True)
    assert {p.name for p in out.glob("*.mp4")} == {"mine.mp4", "clip_0001.mp4"}


def test_odd_sizes_are_refused(library: Library, tmp_path: Path) -> None:
    with pytest.raises(KirinukiError, match="160×97: H"):
        ClipSetJob(library, recipe(), Format((97, 160), Fraction(12), 5), tmp_path, 1)


WRONG: Sequence[tuple[dict[str, Any], str]] = [
    ({"holds": [[0]]}, "holds"),
    ({"holds": []}, "holds"),
    ({"holds": [[]]}, "holds"),
    ({"shot_seconds": [0.1, 2]}, "shot_seconds"),
    ({"stagings": {"dancing": 1}}, "stagings"),
    ({"stagings": {"walking": 0}}, "stagings"),
    ({"cameras": {"pan": "much"}}, "cameras"),
    ({"crf": [30, 20]}, "crf"),
    ({"wind": 2}, "wind"),
    ({"gusts": 0.1}, "gusts"),
]


@pytest.mark.parametrize(("values", "field"), WRONG)
def test_wrong_recipes_are_named(values: dict[str, Any], field: str) -> None:
    with pytest.raises(DatasetError, match=field):
        ClipRecipe.from_dict(json.loads(json.dumps(values)))


def test_the_clips_that_are_measured_are_held_out(repository: Path) -> None:
    """Their recipe is one, and training saw none of their sources."""
    recipes = repository / "benchmarks" / "video" / "recipes"
    held = ClipRecipe.read(recipes / "clips.json").holds
    assert [sum(set(h) == {k} for h in held) for k in (1, 2, 3)] == [4, 4, 2]
    all_held_out = repository / "benchmarks" / "quality" / "held_out_sources.txt"
    assert set(read_sources([str(recipes / "sources.txt")])) < set(
        read_sources([str(all_held_out)])
    )


def test_the_default_recipe_composes(library: Library) -> None:
    """Every staging, camera and effect in turn, without an error."""
    for seed in range(12):
        form = Format((96, 160), Fraction(12), 32)
        frames = list(compose_clip(library, ClipRecipe(), form, (1, 2), seed))
        assert len(frames) == 32


def test_command_line(tmp_path: Path) -> None:
    folders = make_library(tmp_path / "library")
    sources = [f"--{name}={path}" for name, path in folders.items()]
    file = tmp_path / "recipe.json"
    file.write_text(json.dumps({**PLAIN, "stagings": {"standing": 1}}))
    options = ["data", "compose", *sources, "-o", str(tmp_path / "set"), "--workers", "1"]
    of_clips = ["--clip", "-n", "1", "--seconds", "0.5", "--fps", "12", "--size", "160x96"]
    held = ["--hold-out", "red", "--hold-out", "place_1", "--only-held-out"]
    words = [*options, *of_clips, *held, "--recipe", str(file)]
    done = CliRunner().invoke(cli, words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert "1 clip, 6 frames, 0 cuts, 1 track" in done.output
    (video,) = json.loads((tmp_path / "set" / "annotations.json").read_text())["videos"]
    assert (video["width"], video["fps"]) == (160, 12)
    for wrong, line in (
        (["--seconds", "2"], "--seconds needs --clip"),
        (["--clip", "--format", "png"], "--format is not for clips"),
        (["--clip", "--size", "160"], "no size"),
        (["--clip", "--fps", "0"], "no frame rate"),
        (["--clip", "--fps", "1/0"], "no frame rate"),
    ):
        refused = CliRunner().invoke(cli, [*options, *wrong])
        assert refused.exit_code == 2
        assert line in refused.output
