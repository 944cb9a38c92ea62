"""The job over a video: results, ids, resume after a kill, Ctrl-C, refusals."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from blob_segmenter import RED, BlobSegmenter
from kirinuki.cutting.clips import job as job_module
from kirinuki.cutting.clips.job import ClipJob
from kirinuki.cutting.clips.outputs import ClipOutputs
from kirinuki.cutting.clips.part import Part
from kirinuki.cutting.selection import Selection
from kirinuki.errors import KirinukiError, OutputError
from kirinuki.images.picture import read_picture

FRAMES = 60
CUT = 36
ALL = ClipOutputs(mask=True, background="#00b140", each=True, tracks=True)


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
    monkeypatch.setattr(job_module, "FEWEST_FRAMES", 8)
    monkeypatch.setattr(job_module, "MOST_FRAMES", 14)


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
        if path.is_file():
            name = path.relative_to(folder).as_posix()
            video = path.suffix in (".mkv", ".mp4", ".webm", ".mov")
            found[name] = decoded(path) if video else path.read_bytes()
    return found


def test_results(clip, tmp_path):
    segmenter = BlobSegmenter()
    seen = []
    summary = ClipJob(clip, tmp_path / "clip", segmenter, ALL).run(lambda s: seen.append(s.frames))
    assert seen == list(range(1, FRAMES + 1))
    assert (summary.frames, summary.total, summary.shots) == (FRAMES, FRAMES, 2)
    assert len(summary.people) == 3
    assert summary.people[1] == CUT
    assert not summary.problems
    assert summary.reuse["repeat"] >= FRAMES // 2 - 6
    assert not list(tmp_path.glob(".kirinuki-*"))
    names = {path.name.split(".")[0] for path in summary.results}
    streams = {"overlay", "cutout", "mask", "background", "tracks", "1", "2", "3"}
    assert names == {f"clip_{name}" for name in streams}
    source = [time for time, _ in decoded(clip)]
    for path in summary.results:
        stream = path.stem.removeprefix("clip_")
        if path.suffix != ".json" and not stream.isdigit():
            assert [time for time, _ in decoded(path)] == source, path


def test_masks_ids_and_cuts_in_the_label_file(clip, tmp_path):
    ClipJob(clip, tmp_path / "clip", BlobSegmenter(), ClipOutputs(False, False, tracks=True)).run()
    labels = json.loads((tmp_path / "clip_tracks.json").read_text())
    assert [image["frame_id"] for image in labels["images"]] == list(range(FRAMES))
    assert labels["images"][24]["time"] == pytest.approx(1.0, abs=1e-3)
    before = {a["track_id"] for a in labels["annotations"] if a["image_id"] <= CUT}
    after = {a["track_id"] for a in labels["annotations"] if a["image_id"] > CUT}
    assert len(before) == 1
    assert len(after) == 2
    assert not before & after
    assert len({a["id"] for a in labels["annotations"]}) == len(labels["annotations"])


class KilledError(Exception):
    """Stands for kill -9: nothing of the job runs after it."""


@pytest.mark.parametrize("at", [3, 13, 14, 22, 37, 49, 58])
def test_resume_after_a_kill_ends_in_the_same(clip, tmp_path, monkeypatch, at):
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    ClipJob(clip, whole / "clip", BlobSegmenter(), ALL).run()

    def kill(summary):
        if summary.frames == at:
            raise KilledError

    monkeypatch.setattr(ClipJob, "_salvage", lambda self: None)
    with pytest.raises(KilledError):
        ClipJob(clip, parts / "clip", BlobSegmenter(), ALL).run(kill)
    monkeypatch.undo()
    monkeypatch.setattr(job_module, "FEWEST_FRAMES", 8)
    monkeypatch.setattr(job_module, "MOST_FRAMES", 14)
    with pytest.raises(OutputError, match="--resume"):
        ClipJob(clip, parts / "clip", BlobSegmenter(), ALL)
    summary = ClipJob(clip, parts / "clip", BlobSegmenter(), ALL, resume=True).run()
    assert (summary.frames, summary.shots, len(summary.people)) == (FRAMES, 2, 3)
    assert contents(parts) == contents(whole)


def test_ctrl_c_leaves_playable_results_and_resume_the_rest(clip, tmp_path, monkeypatch):
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    ClipJob(clip, whole / "clip", BlobSegmenter(), ALL).run()

    import signal

    def stop(summary):
        if summary.frames == 30:
            signal.raise_signal(signal.SIGINT)

    summary = ClipJob(clip, parts / "clip", BlobSegmenter(), ALL).run(stop)
    assert summary.interrupted
    assert 30 <= summary.frames < FRAMES
    overlay = next(parts.glob("clip_overlay.*"))
    assert len(decoded(overlay)) == summary.frames
    again = ClipJob(clip, parts / "clip", BlobSegmenter(), ALL, resume=True).run()
    assert not again.interrupted
    assert contents(parts) == contents(whole)


def test_an_error_keeps_what_is_done(clip, tmp_path):
    class Failing(BlobSegmenter):
        def __call__(self, picture):
            if len(self.calls) > 20:
                raise KirinukiError("out of luck")
            return super().__call__(picture)

    with pytest.raises(KirinukiError, match="out of luck"):
        ClipJob(clip, tmp_path / "clip", Failing(), ClipOutputs()).run()
    overlay = next(tmp_path.glob("clip_overlay.*"))
    assert 14 <= len(decoded(overlay)) < FRAMES
    summary = ClipJob(clip, tmp_path / "clip", BlobSegmenter(), ClipOutputs(), resume=True).run()
    assert summary.frames == FRAMES
    assert summary.resumed >= 14
    assert len(decoded(overlay)) == FRAMES


def test_results_are_not_replaced_unasked(clip, tmp_path):
    ClipJob(clip, tmp_path / "clip", BlobSegmenter(), ClipOutputs()).run()
    with pytest.raises(OutputError, match="exists already"):
        ClipJob(clip, tmp_path / "clip", BlobSegmenter(), ClipOutputs())
    done = ClipJob(clip, tmp_path / "clip", BlobSegmenter(), ClipOutputs(), resume=True).run()
    assert done.done_before
    segmenter = BlobSegmenter()
    ClipJob(clip, tmp_path / "clip", segmenter, ClipOutputs(), overwrite=True).run()
    assert segmenter.calls


def test_resume_with_other_settings_is_refused(clip, tmp_path, monkeypatch):
    def kill(summary):
        if summary.frames == 30:
            raise KilledError

    with pytest.raises(KilledError):
        ClipJob(clip, tmp_path / "clip", BlobSegmenter(), ALL).run(kill)
    other = ClipJob(clip, tmp_path / "clip", BlobSegmenter(score=0.7), ALL, resume=True)
    with pytest.raises(OutputError, match=r"other settings \(score\)"):
        other.run()


def test_part_of_a_video_at_another_size(clip, tmp_path):
    part = Part(Fraction(1, 2), Fraction(2), every=3, height=32)
    summary = ClipJob(clip, tmp_path / "clip", BlobSegmenter(), ClipOutputs(), part=part).run()
    assert summary.frames == summary.total == 12
    frames = decoded(next(tmp_path.glob("clip_overlay.*")))
    assert [time for time, _ in frames] == [round(i * 125) for i in range(12)]
    assert len(frames[0][1]) == 32 * 48 * 3


def test_one_track_alone(clip, tmp_path):
    outputs = ClipOutputs(False, False, tracks=True)
    ClipJob(clip, tmp_path / "clip", BlobSegmenter(), outputs, track_ids=[2]).run()
    labels = json.loads((tmp_path / "clip_tracks.json").read_text())
    assert {a["track_id"] for a in labels["annotations"]} == {2}


def test_folders_of_png(clip, tmp_path):
    outputs = ClipOutputs(False, True, each=True, transparent="png")
    summary = ClipJob(clip, tmp_path / "clip", BlobSegmenter(), outputs).run()
    assert sorted(path.name for path in summary.results) == [
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
    ClipJob(clip, tmp_path / "clip", BlobSegmenter(), ClipOutputs(False, False, each=True)).run()
    lengths = {path.stem: len(decoded(path)) for path in tmp_path.glob("clip_*.webm")}
    assert sorted(lengths.values()) == [50 - CUT + 1, FRAMES - CUT, CUT + 1]


def test_what_the_model_does_not_know_is_refused_before_anything(clip, tmp_path):
    with pytest.raises(KirinukiError, match='knows no "dragon"'):
        ClipJob(
            clip,
            tmp_path / "clip",
            BlobSegmenter(),
            ClipOutputs(),
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

    monkeypatch.setattr("kirinuki.cutting.clips.streams.TracksStream.abort", full)
    with pytest.raises(ZeroDivisionError, match="in the middle"):
        ClipJob(clip, tmp_path / "clip", Failing(refreshes=False), ALL).run()
    assert not list(tmp_path.iterdir())
