"""`kirinuki data frames`: distinct, sharp frames of videos, named by source and time."""

from __future__ import annotations

import csv
from fractions import Fraction
from pathlib import Path
from shutil import copyfile

import cv2
import numpy as np
import pytest
from click.testing import CliRunner
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from kirinuki.cli.data.frames import command
from kirinuki.dataset.grouping import frame_of
from kirinuki.errors import VideoError
from kirinuki.images.fingerprint import perceptual_hash
from kirinuki.labelling.frame_choice import ShotChoice
from kirinuki.labelling.frame_look import look_at
from kirinuki.labelling.frame_table import clock
from kirinuki.labelling.frames import Wanted, pick, write
from made_clips import write_clip

SIZE = (180, 320)
Rgb = NDArray[np.uint8]


def place(seed: int) -> Rgb:
    """A place full of shapes, another one for each seed."""
    rng = np.random.default_rng(seed)
    picture = np.full((*SIZE, 3), rng.integers(90, 200, 3), np.uint8)
    for _ in range(60):
        x, y = rng.integers(0, SIZE[1]), rng.integers(0, SIZE[0])
        w, h = rng.integers(8, 70, 2)
        colour = [int(c) for c in rng.integers(0, 255, 3)]
        cv2.rectangle(picture, (int(x), int(y)), (int(x + w), int(y + h)), colour, -1)
    return picture


def someone(picture: Rgb, x: int, height: int = 120) -> Rgb:
    drawn = picture.copy()
    cv2.ellipse(drawn, (x, 180), (height // 3, height), 0, 0, 360, (230, 40, 90), -1)
    cv2.circle(drawn, (x, 180 - height), height // 3, (250, 220, 190), -1)
    return drawn


def written(picture: Rgb, text: str, xy: tuple[int, int], size: int) -> Rgb:
    """White words on a picture, in Pillow's own font: OpenCV 4 and 5 write otherwise."""
    drawn = Image.fromarray(picture)
    ImageDraw.Draw(drawn).text(xy, text, fill="white", font=ImageFont.load_default(size))
    return np.asarray(drawn)


def credit_roll() -> Rgb:
    picture = np.zeros((*SIZE, 3), np.uint8)
    for i in range(8):
        picture = written(picture, "ANIMATION DIRECTOR", (60, 8 + 20 * i), 15)
    return picture


def held(*drawings: Rgb, frames: int = 3) -> list[Rgb]:
    return [drawing for drawing in drawings for _ in range(frames)]


def blurred(picture: Rgb) -> Rgb:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 5), np.uint8)


def choose(pictures: list[Rgb], count: int = 2) -> tuple[list[int], dict[str, int]]:
    """Numbers of the chosen frames of one shot, and why others were not."""
    choice = ShotChoice(0)
    for number, picture in enumerate(pictures):
        choice.add(Fraction(number), picture)
    kept = choice.choose(count, [])
    return [int(one.time) for one in kept], dict(+choice.skipped)


def test_measures_of_a_frame() -> None:
    sharp = look_at(place(1))
    assert not sharp.blank
    assert not sharp.credits
    assert look_at(blurred(place(1))).sharpness < 0.3 * sharp.sharpness
    assert look_at(np.full((*SIZE, 3), 20, np.uint8)).blank
    assert look_at(credit_roll()).credits
    assert not look_at(credit_roll()).blank


def test_a_sign_is_no_credits() -> None:
    picture = place(3)
    assert not look_at(written(picture, "BAKERY", (90, 66), 30)).credits


def test_one_line_before_an_even_wall_is_a_title() -> None:
    picture = np.full((*SIZE, 3), (20, 30, 60), np.uint8)
    picture = written(picture, "EPISODE THREE", (60, 78), 15)
    assert look_at(picture).credits or look_at(picture).blank
    assert not look_at(someone(picture, 200, height=60)).credits


def test_distinct_frames_of_a_shot() -> None:
    background = place(1)
    a, b = someone(background, 70), someone(background, 250)
    kept, skipped = choose(held(a, someone(background, 76), b, someone(background, 244)))
    assert len(kept) == 2
    assert {n // 6 for n in kept} == {0, 1}
    assert skipped == {"like another": 2}


def test_no_more_than_asked_for() -> None:
    drawings = [someone(place(1), x) for x in (50, 160, 270)]
    kept, skipped = choose(held(*drawings), count=1)
    assert len(kept) == 1
    assert skipped == {"one too many of a shot": 2}


def test_what_is_chosen_of_a_shot_counts_when_it_is_shown_again() -> None:
    a, b, c = (someone(place(1), x) for x in (50, 160, 270))
    again = ShotChoice(1)
    for number, picture in enumerate(held(a, b, c)):
        again.add(Fraction(number), picture)
    hashes = [perceptual_hash(one) for one in (a, b, place(2))]
    kept = again.choose(2, [one for one in hashes if one is not None])
    assert kept == []
    assert +again.skipped == {"like another": 2, "one too many of a shot": 1}


def test_blurred_and_moving_frames_are_left_out() -> None:
    background = place(1)
    sharp = someone(background, 70)
    between = [blurred(someone(background, x)) for x in (110, 150, 190)]
    kept, skipped = choose([*held(sharp), *between, *held(blurred(someone(background, 250)))], 9)
    assert kept == [1]
    assert skipped["moving"] == 3
    assert skipped["blurred"] == 1


def test_a_shot_that_never_holds_gives_its_sharpest_frame() -> None:
    pictures = [np.roll(place(1), 5 * i, axis=1) for i in range(6)]
    pictures[:3] = map(blurred, pictures[:3])
    kept, _ = choose(pictures, 1)
    assert kept[0] >= 3


def test_blank_frames_credits_and_moments() -> None:
    black = np.zeros((*SIZE, 3), np.uint8)
    assert choose(held(black, credit_roll())) == ([], {"blank": 1, "credits": 1})
    assert choose(held(place(1), frames=2)) == ([], {"in a shot of a moment": 1})


def test_many_drawings_need_no_more_memory() -> None:
    choice = ShotChoice(0)
    for number in range(400):
        choice.add(Fraction(number), np.roll(place(number % 7), number, axis=0))
    assert len(choice._candidates) <= 48
    assert len(choice.choose(3, [])) == 3


@pytest.fixture(scope="module")
def episodes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two episodes with the same opening."""
    folder = tmp_path_factory.mktemp("episodes")
    opening = held(someone(place(1), 70), someone(place(1), 250), frames=6)
    for number in (1, 2):
        story = held(someone(place(10 * number), 100), someone(place(10 * number), 240), frames=6)
        black = held(np.zeros((*SIZE, 3), np.uint8), frames=6)
        end = held(credit_roll(), frames=6)
        write_clip(folder / f"ep{number:02d}.mp4", [*opening, *black, *story, *end])
    return folder


def run(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(command, [str(argument) for argument in arguments])
    return result.exit_code, result.output


def test_two_episodes(episodes: Path, tmp_path: Path) -> None:
    out = tmp_path / "my shots"
    code, output = run(episodes, "-o", out)
    assert code == 0
    files = sorted(path.relative_to(out).as_posix() for path in out.rglob("*.png"))
    assert sum(file.startswith("ep01/ep01_00h00m0") for file in files) == 4
    assert sum(file.startswith("ep02/ep02_00h00m0") for file in files) == 2  # no opening again
    assert "credits" in output
    assert "like another" in output
    assert f"next: kirinuki data prelabel '{out}'" in output
    with (out / "frames.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["file"] for row in rows] == files
    assert {row["source"] for row in rows} == {"ep01.mp4", "ep02.mp4"}


def test_the_picture_is_the_frame_at_its_time(episodes: Path, tmp_path: Path) -> None:
    picked = pick(episodes / "ep01.mp4", Wanted(per_shot=1))
    candidate = next(one for one in picked.frames if one.time > Fraction(18, 24))
    file = tmp_path / "ep01" / "1.png"
    assert write(episodes / "ep01.mp4", candidate.time, file)
    assert not write(episodes / "ep01.mp4", candidate.time, file)
    drawings = [someone(place(10), x) for x in (100, 240)]
    picture = np.asarray(Image.open(file), np.int16)
    assert min(np.abs(picture - drawing).mean() for drawing in drawings) < 6


def test_times_of_names_sort_and_split_understands_them() -> None:
    assert clock(Fraction(754567, 1000)) == "00h12m34s567"
    assert clock(Fraction(3600)) == "01h00m00s000"
    assert clock(Fraction(1, 3)) == "00h00m00s333"
    assert frame_of("ep01/ep01_00h12m34s567.png") == ("ep01/ep01_", 754_567_000_000)


def test_a_second_run_changes_nothing(episodes: Path, tmp_path: Path) -> None:
    run(episodes / "ep01.mp4", "-o", tmp_path)
    first = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    code, output = run(episodes / "ep01.mp4", "-o", tmp_path)
    assert code == 0
    assert "done already" in output
    assert "next: kirinuki" in output
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == first


def test_a_picture_that_was_removed_stays_away(episodes: Path, tmp_path: Path) -> None:
    run(episodes / "ep01.mp4", "-o", tmp_path)
    removed = min(tmp_path.rglob("*.png"))
    removed.unlink()
    run(episodes / "ep01.mp4", "-o", tmp_path)
    assert not removed.exists()
    assert removed.name not in (tmp_path / "frames.csv").read_text(encoding="utf-8")
    code, _ = run(episodes / "ep01.mp4", "-o", tmp_path, "--overwrite")
    assert (code, removed.exists()) == (0, True)


def test_other_settings_leave_what_is_there(episodes: Path, tmp_path: Path) -> None:
    run(episodes / "ep01.mp4", "-o", tmp_path)
    label = min(tmp_path.rglob("*.png")).with_suffix(".json")
    label.write_text("{}")
    code, output = run(episodes / "ep01.mp4", "-o", tmp_path, "--per-shot", "1")
    assert code == 0
    assert "3 frames (3 were there already)" in output
    assert len(list(tmp_path.rglob("*.png"))) == 4
    assert (tmp_path / "frames.csv").read_text(encoding="utf-8").count(",ep01.mp4,") == 4
    assert label.read_text() == "{}"


def test_a_new_episode_is_compared_with_those_done(episodes: Path, tmp_path: Path) -> None:
    run(episodes / "ep01.mp4", "-o", tmp_path)
    run(episodes / "ep02.mp4", "-o", tmp_path)
    text = (tmp_path / "frames.csv").read_text(encoding="utf-8")
    assert text.count(",ep01.mp4,") == 4
    assert text.count(",ep02.mp4,") == 2  # no opening again


def test_episodes_of_one_name_never_mix(episodes: Path, tmp_path: Path) -> None:
    for season in ("a", "b"):
        (tmp_path / season).mkdir()
        copyfile(episodes / f"ep0{'ab'.index(season) + 1}.mp4", tmp_path / season / "ep.mp4")
    code, _ = run(tmp_path / "a", tmp_path / "b", "-o", tmp_path / "both")
    assert code == 0
    assert {path.parent.name for path in (tmp_path / "both").rglob("*.png")} == {"ep"}
    assert len(list((tmp_path / "both" / "a" / "ep").glob("ep_*.png"))) == 4
    assert len(list((tmp_path / "both" / "b" / "ep").glob("ep_*.png"))) == 2
    run(tmp_path / "a", "-o", tmp_path / "one")
    code, output = run(tmp_path / "b", "-o", tmp_path / "one")
    assert code == 1
    assert "holds frames of another video" in output
    assert len(list((tmp_path / "one").rglob("*.png"))) == 4


def test_a_part_and_at_most(episodes: Path, tmp_path: Path) -> None:
    run(episodes / "ep01.mp4", "-o", tmp_path / "part", "--from", "0.7", "--to", "1.3")
    run(episodes / "ep01.mp4", "-o", tmp_path / "few", "--max", "2")
    assert len(list((tmp_path / "part").rglob("*.png"))) == 2
    few = sorted(path.name for path in (tmp_path / "few").rglob("*.png"))
    assert len(few) == 2
    assert few[0] < "ep01_00h00m00s600.png" < few[1]  # from the beginning and the end


def test_a_broken_video_costs_itself(episodes: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.mp4"
    bad.write_bytes(b"no video")
    code, output = run(bad, episodes / "ep01.mp4", "-o", tmp_path / "out")
    assert code == 1
    assert sum("bad.mp4" in line for line in output.splitlines()) == 1
    assert len(list((tmp_path / "out").rglob("*.png"))) == 4
    with pytest.raises(VideoError):
        pick(bad, Wanted())


def test_an_error_that_nobody_expected_costs_one_video(
    episodes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(path: Path, *arguments: object) -> object:
        if path.name == "ep01.mp4":
            raise RuntimeError("nobody expected this")
        return pick(path, *arguments)

    monkeypatch.setattr("kirinuki.labelling.frames_job.pick", failing)
    code, output = run(episodes, "-o", tmp_path / "out")
    assert code == 1
    assert "ep01.mp4: unexpected RuntimeError: nobody expected this" in output
    assert {path.parent.name for path in (tmp_path / "out").rglob("*.png")} == {"ep02"}


def test_nothing_worth_a_label(tmp_path: Path) -> None:
    write_clip(tmp_path / "black.mp4", held(np.zeros((*SIZE, 3), np.uint8), frames=9))
    result = CliRunner().invoke(command, [str(tmp_path / "black.mp4"), "-o", str(tmp_path / "out")])
    assert result.exit_code == 1
    assert "worth a label" in str(result.exception)
    assert not list((tmp_path / "out").rglob("*.[pc][ns][gv]"))


def test_times_that_make_no_sense(episodes: Path, tmp_path: Path) -> None:
    code, output = run(
        episodes / "ep01.mp4", "-o", tmp_path / "out", "--from", "0:30", "--to", "0:10"
    )
    assert code == 2
    assert "--to comes before --from" in output
