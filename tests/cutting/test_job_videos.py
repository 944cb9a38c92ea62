"""The job over a video: results, ids, resume after a kill, Ctrl-C, refusals."""

from __future__ import annotations

import json
import shutil
from fractions import Fraction
from pathlib import Path

import av
import click
import numpy as np
import pytest
from PIL import Image

from blob_segmenter import RED, BlobSegmenter
from kirinuki.cli.cut import command as cut_verb
from kirinuki.cutting import moving
from kirinuki.cutting.cutter import Cutter
from kirinuki.cutting.found import Found, Outcome
from kirinuki.cutting.job import Job
from kirinuki.cutting.outputs.background import BackgroundOptions
from kirinuki.cutting.outputs.coco import CocoOptions
from kirinuki.cutting.outputs.cutout import CutoutOptions
from kirinuki.cutting.outputs.each import EachOptions
from kirinuki.cutting.outputs.labels import LabelsOptions
from kirinuki.cutting.outputs.matte import MatteOptions
from kirinuki.cutting.outputs.options import NoOptions
from kirinuki.cutting.outputs.registry import default_outputs
from kirinuki.cutting.part import Part
from kirinuki.cutting.selection import Selection
from kirinuki.errors import KirinukiError, OutputError, VideoError
from kirinuki.images.picture import read_picture
from kirinuki.video import probe
from kirinuki.work.plan import plan
from made_clips import write_clip

FRAMES = 60
CUT = 36
LABELS = {"labels": LabelsOptions("coco")}
ALL = {
    **default_outputs(),
    **LABELS,
    "background": BackgroundOptions(value="#00b140"),
    "each": EachOptions(),
    "mask": NoOptions(),
    "matte": MatteOptions(),
}


class Cut:
    """One job over the clip, and what came of it."""

    def __init__(self, clip, out, segmenter, outputs=None, **options):
        planned = plan([str(clip)], out, pictures=False)
        self.outcomes: list[Outcome] = []
        self.job = Job(planned, segmenter, outputs or default_outputs(), **options)

    def run(self, on_frame=lambda found: None):
        self.summary = self.job.run(self.outcomes.append, on_frame)
        return self

    @property
    def found(self) -> Found:
        assert self.outcomes[0].found is not None, self.outcomes[0].problem
        return self.outcomes[0].found

    @property
    def frames(self) -> int:
        return self.found.counts["frames"]


def picture(number: int) -> np.ndarray:
    """One patch that moves on twos; after the cut two patches on another background, one of which
    leaves."""
    drawn = np.full((64, 96, 3), (40, 90, 60) if number < CUT else (200, 210, 250), np.uint8)
    step = number // 2
    if number < CUT:
        drawn[20:40, 10 + step : 30 + step] = RED
    else:
        drawn[8:24, 60 - step : 80 - step] = RED
        if number < 50:
            drawn[40:56, 20:36] = RED
    return drawn


@pytest.fixture(scope="module")
def clip(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("clip") / "clip.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=24, options={"crf": "12"})
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        for number in range(FRAMES):
            frame = av.VideoFrame.from_ndarray(picture(number), "rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@pytest.fixture(autouse=True)
def short_segments(monkeypatch):
    monkeypatch.setattr(moving, "FEWEST_FRAMES", 8)
    monkeypatch.setattr(moving, "MOST_FRAMES", 14)


def decoded(path: Path) -> list[tuple[int, bytes]]:
    """Time in milliseconds and pixels of every frame."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert stream.time_base is not None
        return [
            (round(frame.pts * stream.time_base * 1000), frame.to_ndarray(format="rgb24").tobytes())
            for frame in container.decode(stream)
        ]


def contents(folder: Path) -> dict[str, object]:
    """Everything that a job wrote, so that it can be compared."""
    found: dict[str, object] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name[0] != "." and path.suffix != ".jsonl":
            name = path.relative_to(folder).as_posix()
            video = path.suffix in (".mkv", ".mp4", ".webm", ".mov")
            found[name] = decoded(path) if video else path.read_bytes()
    return found


def test_results(clip, tmp_path):
    segmenter = BlobSegmenter()
    seen = []
    done = Cut(clip, tmp_path, segmenter, ALL).run(lambda f: seen.append(f.counts["frames"]))
    assert seen == list(range(1, FRAMES + 1))
    expected = {"videos": 1, "frames": FRAMES, "shots": 2, "characters": 3, "without": 0}
    assert done.found.counts == expected
    assert done.found.total == FRAMES
    assert not done.summary.problems
    assert done.found.reuse["repeat"] >= FRAMES // 2 - 6
    assert not list(tmp_path.glob(".kirinuki-*"))
    results = [tmp_path / name for files in done.outcomes[0].files.values() for name in files]
    streams = {"overlay", "cutout", "mask", "matte", "background", "coco", "1", "2", "3"}
    assert {path.name.split(".")[0] for path in results} == {f"clip_{name}" for name in streams}
    source = [time for time, _ in decoded(clip)]
    for path in results:
        stream = path.stem.removeprefix("clip_")
        if path.suffix not in (".json", "") and not stream.isdigit():
            assert [time for time, _ in decoded(path)] == source, path


def test_masks_ids_and_cuts_in_the_label_file(clip, tmp_path):
    Cut(clip, tmp_path, BlobSegmenter(), LABELS).run()
    labels = json.loads((tmp_path / "clip_coco.json").read_text())
    assert [image["frame_id"] for image in labels["images"]] == list(range(FRAMES))
    assert labels["images"][24]["time"] == pytest.approx(1.0, abs=1e-3)
    before = {a["track_id"] for a in labels["annotations"] if a["image_id"] <= CUT}
    after = {a["track_id"] for a in labels["annotations"] if a["image_id"] > CUT}
    assert len(before) == 1
    assert len(after) == 2
    assert not before & after
    assert len({a["id"] for a in labels["annotations"]}) == len(labels["annotations"])


class KilledError(BaseException):
    """Stands for kill -9: nothing of the job runs after it."""


@pytest.mark.parametrize("at", [3, 13, 14, 22, 37, 49, 58])
def test_resume_after_a_kill_ends_in_the_same(clip, tmp_path, monkeypatch, at):
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    Cut(clip, whole, BlobSegmenter(), ALL).run()

    def kill(found):
        if found.counts["frames"] == at:
            raise KilledError

    monkeypatch.setattr(Cutter, "_salvage", lambda *rest: None)
    with pytest.raises(KilledError):
        Cut(clip, parts, BlobSegmenter(), ALL).run(kill)
    monkeypatch.undo()
    (parts / "clip_mask").mkdir(exist_ok=True)
    (parts / "clip_mask" / ".kirinuki-0123456789abcdef.png").write_bytes(b"half a picture")
    monkeypatch.setattr(moving, "FEWEST_FRAMES", 8)
    monkeypatch.setattr(moving, "MOST_FRAMES", 14)
    with pytest.raises(OutputError, match="`resume`"):
        Cut(clip, parts, BlobSegmenter(), ALL)
    summary = Cut(clip, parts, BlobSegmenter(), ALL, resume=True).run()
    counts = summary.found.counts
    assert (counts["frames"], counts["shots"], counts["characters"]) == (FRAMES, 2, 3)
    assert contents(parts) == contents(whole)
    assert not list(parts.rglob(".kirinuki-*"))


def test_ctrl_c_leaves_playable_results_and_resume_the_rest(clip, tmp_path, monkeypatch):
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    Cut(clip, whole, BlobSegmenter(), ALL).run()

    import signal

    def stop(found):
        if found.counts["frames"] == 30:
            signal.raise_signal(signal.SIGINT)

    summary = Cut(clip, parts, BlobSegmenter(), ALL).run(stop)
    assert summary.summary.interrupted
    assert 30 <= summary.frames < FRAMES
    overlay = next(parts.glob("clip_overlay.*"))
    assert len(decoded(overlay)) == summary.frames
    again = Cut(clip, parts, BlobSegmenter(), ALL, resume=True).run()
    assert not again.summary.interrupted
    assert contents(parts) == contents(whole)


def test_an_error_keeps_what_is_done(clip, tmp_path):
    class Failing(BlobSegmenter):
        def __call__(self, picture):
            if len(self.calls) > 20:
                raise KirinukiError("out of luck")
            return super().__call__(picture)

    failed = Cut(clip, tmp_path, Failing()).run()
    assert [str(problem) for problem in failed.summary.problems] == [f"{clip}: out of luck"]
    overlay = next(tmp_path.glob("clip_overlay.*"))
    assert 14 <= len(decoded(overlay)) < FRAMES
    summary = Cut(clip, tmp_path, BlobSegmenter(), None, resume=True).run()
    assert summary.frames == FRAMES
    assert summary.found.resumed >= 14
    assert len(decoded(overlay)) == FRAMES


def test_results_are_not_replaced_unasked(clip, tmp_path):
    Cut(clip, tmp_path, BlobSegmenter()).run()
    with pytest.raises(OutputError, match="`resume`"):
        Cut(clip, tmp_path, BlobSegmenter())
    done = Cut(clip, tmp_path, BlobSegmenter(), None, resume=True).run()
    assert done.summary.skipped == 1
    assert not done.outcomes
    segmenter = BlobSegmenter()
    Cut(clip, tmp_path, segmenter, None, overwrite=True).run()
    assert segmenter.calls


def test_resume_with_other_settings_is_refused(clip, tmp_path, monkeypatch):
    def kill(found):
        if found.counts["frames"] == 30:
            raise KilledError

    with pytest.raises(KilledError):
        Cut(clip, tmp_path, BlobSegmenter(), ALL).run(kill)
    with pytest.raises(OutputError, match=r"`score` was 0\.5, now it is 0\.7"):
        Cut(clip, tmp_path, BlobSegmenter(score=0.7), ALL, resume=True)


def test_part_of_a_video_at_another_size(clip, tmp_path):
    part = Part(Fraction(1, 2), Fraction(2), every=3, height=32)
    summary = Cut(clip, tmp_path, BlobSegmenter(), None, part=part).run()
    assert summary.frames == summary.found.total == 12
    frames = decoded(next(tmp_path.glob("clip_overlay.*")))
    assert [time for time, _ in frames] == [round(i * 125) for i in range(12)]
    assert len(frames[0][1]) == 32 * 48 * 3


def test_one_track_alone(clip, tmp_path):
    outputs = LABELS
    Cut(clip, tmp_path, BlobSegmenter(), outputs, selection=Selection(track_ids=(2,))).run()
    labels = json.loads((tmp_path / "clip_coco.json").read_text())
    assert {a["track_id"] for a in labels["annotations"]} == {2}


def test_an_id_that_nobody_has_is_told(clip, tmp_path):
    selection = Selection(track_ids=(2, 98, 99))
    summary = Cut(clip, tmp_path, BlobSegmenter(), LABELS, selection=selection).run()
    assert "nobody in it has the id 98 or 99" in summary.found.notes


def test_folders_of_png(clip, tmp_path):
    outputs = {
        "cutout": CutoutOptions(transparent="png"),
        "each": EachOptions(transparent="png"),
    }
    summary = Cut(clip, tmp_path, BlobSegmenter(), outputs).run()
    files = summary.outcomes[0].files
    assert sorted(name for names in files.values() for name in names) == [
        "clip_1",
        "clip_2",
        "clip_3",
        "clip_cutout",
    ]
    assert len(list((tmp_path / "clip_cutout").iterdir())) == FRAMES
    first = read_picture(tmp_path / "clip_cutout" / "000001.png")
    assert first.alpha is not None
    assert first.alpha[30, 20] == 255
    assert first.alpha[5, 5] == 0
    assert sorted(p.name for p in (tmp_path / "clip_1").iterdir())[-1] == f"{CUT:06d}.png"


def test_each_ends_with_nobody(clip, tmp_path):
    Cut(clip, tmp_path, BlobSegmenter(), {"each": EachOptions()}).run()
    lengths = {path.stem: len(decoded(path)) for path in tmp_path.glob("clip_*.webm")}
    assert sorted(lengths.values()) == [50 - CUT + 1, FRAMES - CUT, CUT + 1]


def test_what_the_model_does_not_know_is_refused_before_anything(clip, tmp_path):
    with pytest.raises(KirinukiError, match='knows no "dragon"'):
        Cut(
            clip,
            tmp_path,
            BlobSegmenter(),
            selection=Selection(("dragon",)),
        )
    assert not list(tmp_path.iterdir())


def test_the_first_error_is_the_one_told_and_all_that_was_begun_is_dropped(
    clip, tmp_path, monkeypatch
):
    """Also when one of the streams cannot be dropped, as on a full disk."""

    class Failing(BlobSegmenter):
        def __call__(self, picture):
            if len(self.calls) > 2:
                raise ZeroDivisionError("in the middle")
            return super().__call__(picture)

    def full(self):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("kirinuki.cutting.outputs.frame_labels._File.abort", full)
    failed = Cut(clip, tmp_path, Failing(refreshes=False), ALL).run()
    assert "ZeroDivisionError: in the middle" in str(failed.summary.problems[0])
    assert not list(tmp_path.iterdir())


def test_a_full_disk_in_the_middle_names_the_result_not_a_piece_of_it(clip, tmp_path, monkeypatch):
    def full(self, shown):
        raise OSError(28, "No space left on device", "a hidden piece")

    monkeypatch.setattr("kirinuki.cutting.outputs.frame_labels._File.add", full)
    failed = Cut(clip, tmp_path / "out", BlobSegmenter(), LABELS).run()
    said = f"{tmp_path / 'out' / 'clip_coco.json'}: cannot be written: No space left on device"
    assert [problem.reason for problem in failed.summary.problems] == [said]


def test_a_changed_part_is_named_by_its_flag_and_as_it_was_given(clip, tmp_path):
    Cut(clip, tmp_path, BlobSegmenter(), LABELS, part=Part(end=Fraction("0.4"))).run()
    with pytest.raises(OutputError, match=r"`to` was 0\.4, now it is 1;"):
        Cut(clip, tmp_path, BlobSegmenter(), LABELS, part=Part(end=Fraction(1)), resume=True)


def test_a_video_has_what_it_can_have_and_says_once_what_it_cannot(clip, tmp_path):
    inputs = [str(shutil.copy(clip, tmp_path / f"{name}.mkv")) for name in ("again", "clip")]
    outputs = {"ora": NoOptions(), "labels": LabelsOptions("labelme"), "matte": MatteOptions()}
    notes = []
    job = Job(plan(inputs, tmp_path / "out"), BlobSegmenter(), outputs)
    summary = job.run(lambda outcome: notes.append(outcome.found.notes))
    assert (summary.done, summary.problems) == (2, [])
    assert len(notes[0]) == 2
    assert "OpenRaster" in notes[0][1] + notes[0][0]
    assert not notes[1]
    assert sorted(contents(tmp_path / "out")) == ["again_matte.mkv", "clip_matte.mkv"]
    again = Job(plan(inputs, tmp_path / "out"), BlobSegmenter(), outputs, resume=True)
    assert again.todo == 0


def test_a_video_that_can_have_nothing_is_refused_and_leaves_nothing(clip, tmp_path):
    outputs = {"ora": NoOptions(), "labels": LabelsOptions("labelme")}
    failed = Cut(clip, tmp_path / "out", BlobSegmenter(), outputs).run()
    assert "one picture" in str(failed.summary.problems[0])
    assert not (tmp_path / "out").exists()


def test_a_mask_holds_the_ids(clip, tmp_path):
    Cut(clip, tmp_path, BlobSegmenter(), {"mask": NoOptions()}).run()
    last = np.asarray(Image.open(tmp_path / "clip_mask" / f"{FRAMES:06d}.png"))
    assert sorted(np.unique(last).tolist()) == [0, 2]


def test_an_output_asked_for_in_the_middle_makes_only_itself_after_the_others(clip, tmp_path):
    def kill(found):
        if found.counts["frames"] == 40:
            raise KilledError

    whole, parts = tmp_path / "whole", tmp_path / "parts"
    both = {**LABELS, "matte": MatteOptions()}
    Cut(clip, whole, BlobSegmenter(), both).run()
    with pytest.raises(KilledError):
        Cut(clip, parts, BlobSegmenter(), LABELS).run(kill)
    done = Cut(clip, parts, BlobSegmenter(), both, resume=True).run()
    assert done.summary.done == 1
    assert contents(parts) == contents(whole)
    assert not list(parts.glob(".kirinuki-*"))


def test_pictures_and_videos_stand_in_one_coco_file(clip, tmp_path):
    Image.fromarray(picture(0)).save(tmp_path / "still.png")
    inputs = [str(tmp_path / "still.png"), str(clip)]
    target = tmp_path / "all.json"
    outputs = {"coco": CocoOptions(target)}
    Job(plan(inputs, tmp_path / "out"), BlobSegmenter(), outputs).run()
    labels = json.loads(target.read_text())
    assert len(labels["videos"]) == 1
    assert len(labels["images"]) == FRAMES + 1
    assert [image["id"] for image in labels["images"]] == list(range(1, FRAMES + 2))
    still = [image["id"] for image in labels["images"] if "video_id" not in image]
    tracked = [a for a in labels["annotations"] if "track_id" in a]
    assert len(still) == 1
    assert {a["image_id"] for a in labels["annotations"] if "track_id" not in a} == {*still}
    assert len({a["id"] for a in labels["annotations"]}) == len(labels["annotations"])
    assert len(tracked) == len(labels["annotations"]) - 1


def test_an_unfinished_job_of_older_versions_is_refused_in_one_line(clip, tmp_path):
    folder = tmp_path / ".kirinuki-clip"
    folder.mkdir()
    (folder / "job.json").write_text("{}")
    refused = Cut(clip, tmp_path, BlobSegmenter(), LABELS, resume=True).run()
    assert "unfinished job of kirinuki 0.4 or 0.5" in str(refused.summary.problems[0])
    assert (folder / "job.json").exists()
    assert Cut(clip, tmp_path, BlobSegmenter(), LABELS, overwrite=True).run().summary.done == 1
    assert not folder.exists()


def test_killed_after_its_files_are_there_it_is_only_written_down(clip, tmp_path, monkeypatch):
    def kill(self, written):
        raise KilledError

    with monkeypatch.context() as patched:
        patched.setattr(Job, "_done", kill)
        with pytest.raises(KilledError):
            Cut(clip, tmp_path, BlobSegmenter(), LABELS).run()
    assert (tmp_path / "clip_coco.json").exists()
    segmenter = BlobSegmenter()
    assert Cut(clip, tmp_path, segmenter, LABELS, resume=True).run().summary.done == 1
    assert not segmenter.calls


def test_frames_are_not_scaled_to_what_no_memory_holds(tmp_path: Path) -> None:
    write_clip(tmp_path / "wide.mkv", [np.zeros((16, 640, 3), np.uint8)] * 3)
    with pytest.raises(VideoError, match=r"wide.mkv: would be 10,240 × 256 pixels, .*`height`$"):
        Part(height=256).size_of(probe(tmp_path / "wide.mkv"))
    height = next(param for param in cut_verb.params if param.name == "height")
    with pytest.raises(click.BadParameter):
        height.type.convert("999999", height, None)
