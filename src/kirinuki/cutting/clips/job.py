"""The job over one video: read, follow, paint and encode in segments, put together.

>>> summary = ClipJob(Path("ep01.mkv"), Path("out/ep01"), Segmenter.load(), ClipOutputs()).run()

Segments end at cuts, or after `MOST_FRAMES`; after each the journal knows all that is needed to go
on, so a killed job loses seconds, and what it ends with is the same. The results appear at the end;
after Ctrl-C or an error they hold what there is, whole and playable, and `resume` does the rest.

Not covered: several videos, progress bars (`cli`).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol

from kirinuki.cutting.batch import Finder
from kirinuki.cutting.clips.finish import finish
from kirinuki.cutting.clips.journal import ClipJournal
from kirinuki.cutting.clips.layout import Layout
from kirinuki.cutting.clips.outputs import ClipOutputs
from kirinuki.cutting.clips.part import Part
from kirinuki.cutting.clips.segments import Segment
from kirinuki.cutting.clips.stop import asked_to_stop
from kirinuki.cutting.clips.streams import Shown
from kirinuki.cutting.clips.summary import ClipSummary
from kirinuki.cutting.selection import Selection
from kirinuki.errors import OutputError, VideoError
from kirinuki.instances import Instances
from kirinuki.tracking.follow import Follower, Looker, TrackedFrame
from kirinuki.video import Frame, Video, probe, read
from kirinuki.video.prefetch import prefetch

FEWEST_FRAMES = 120
"""A segment does not end at a cut before: every segment costs a key frame."""
MOST_FRAMES = 480
"""A segment ends here, cut or not: so much work at most is lost in a kill."""


class ClipFinder(Finder, Looker, Protocol):
    """What a job asks of a segmenter."""


class ClipJob:
    """One job over one video; nothing is written before `run`.

    Args:
        source: the video.
        stem: beginning of the names of the results: ``OUT/ep01``.
        selection: which characters count, of those of `track_ids`.
        track_ids: only these ids; empty is all.
        overwrite: replace results that exist.
        resume: go on with a job that was stopped, and leave one alone that was finished.

    Raises:
        VideoError: the video cannot be read.
        OutputError: results exist, or an unfinished job, and nothing says what to do; or the job to
            go on with had other settings.
        KirinukiError: the model does not know a name of the selection, or tells no kinds.
    """

    def __init__(
        self,
        source: Path,
        stem: Path,
        finder: ClipFinder,
        outputs: ClipOutputs,
        *,
        part: Part | None = None,
        selection: Selection | None = None,
        track_ids: Iterable[int] = (),
        overwrite: bool = False,
        resume: bool = False,
    ) -> None:
        self._part = part or Part()
        self._selection = selection or Selection()
        self._track_ids = frozenset(track_ids)
        self._finder = finder
        self._selection.check(finder.names, finder.tells_kinds)
        outputs.backdrop  # noqa: B018 (a background that cannot be read is found out here)
        self.info = probe(source)
        work = stem.with_name(f".kirinuki-{stem.name}")
        self._layout = Layout(stem, work, self.info, self._part.size_of(self.info), outputs)
        self._span = self._part.span_of(self.info)
        self._journal = ClipJournal(work)
        self._overwrite = overwrite
        self._goes_on = resume and self._journal.exists
        there = self._layout.there()
        self._done_before = resume and not self._goes_on and self._layout.complete()
        if not (overwrite or self._goes_on or self._done_before):
            self._refuse(there)
        self._summary = ClipSummary(done_before=self._done_before)
        self._last: tuple[Instances, Instances] | None = None
        self._segment: Segment | None = None
        self._present: set[int] = set()
        self._end: Fraction | None = None

    def run(self, on_frame: Callable[[ClipSummary], None] = lambda summary: None) -> ClipSummary:
        """Do it. Ctrl-C ends it early, with all that is done in playable files.

        Args:
            on_frame: called after each frame of the results.

        Raises:
            OutputError: a result cannot be written.
            VideoError: the video cannot be read.
            ModelError: the model fails.
        """
        if self._done_before:
            return self._summary
        self._on_frame = on_frame
        self._summary.total = self._part.frames_of(self.info)
        if self.info.interlaced:
            self._summary.notes.append("is interlaced; deinterlace it first for clean edges")
        self._start_journal()
        records = self._journal.records
        if not records or records[-1]["next_pts"] is not None:
            try:
                self._follow()
            except BaseException:
                self._salvage()
                raise
        if not self._summary.interrupted:
            self._put_together(self._span[1])
            self._journal.remove()
        return self._summary

    def _start_journal(self) -> None:
        if self._goes_on:
            self._journal.resume(self._settings())
            for record in self._journal.records:
                self._count_again(record)
            self._summary.resumed = self._summary.frames
            return
        self._remove_folders()
        self._journal.start(self._settings())

    def _remove_folders(self) -> None:
        """Results that are folders of pictures, which fill while the job goes on."""
        for path in self._layout.there():
            if path.is_dir():
                shutil.rmtree(path)

    def _follow(self) -> None:
        """All frames that are not done yet, to the last segment's end."""
        follower = Follower(self._finder)
        start, end = self._span
        if self._journal.records:
            record = self._journal.records[-1]
            follower.restore(record["state"])
            start = record["next_pts"] * self.info.time_base
            self._present = set(record["present"])
        with read(
            self.info.path,
            start=start,
            end=end,
            every=self._part.every,
            size_hw=self._layout.size_hw,
        ) as video:
            with asked_to_stop() as stopping:
                self._take(video, follower, stopping)
            self._summary.problems += video.problems
            if not (self._summary.frames or self._summary.interrupted):
                raise VideoError(f"{self.info.path}: no frame in the part that is asked for")
            self._summary.speed_up = follower.speed_up

    def _take(self, video: Video, follower: Follower, stopping: Callable[[], bool]) -> None:
        pushed = 0
        for frame in prefetch(video):
            if stopping():
                self._summary.interrupted = True
                break
            cut = follower.is_cut(frame)
            full = pushed >= MOST_FRAMES
            if cut:
                self._show(follower.end_shot())
            elif full:
                self._show(follower.flush())
            if full or (cut and pushed >= FEWEST_FRAMES):
                self._close(follower, frame)
                pushed = 0
            self._show(follower.push(frame))
            pushed += 1
        self._show(follower.flush())
        if self._summary.interrupted:
            self._put_together(self._end)
        elif self._segment is not None:
            self._close(follower, None)

    def _close(self, follower: Follower, following: Frame | None) -> None:
        """End the segment before the frame `following`; None is the end of the video."""
        assert self._segment is not None
        state = follower.state()
        record = {
            "files": self._segment.close(),
            "frames": self._summary.frames,
            "next_pts": None if following is None else following.pts,
            "end": [self._end.numerator, self._end.denominator] if self._end else None,
            "state": state,
            "present": sorted(self._present),
            "reuse": dict(self._summary.reuse),
            "shots": self._summary.shots,
            "people": {str(i): count for i, count in self._summary.people.items()},
        }
        self._segment = None
        self._journal.add(record)
        follower.restore(state)  # as a job does that goes on here after a kill: the same results
        if following is not None:
            follower.is_cut(following)

    def _show(self, tracked: Iterable[TrackedFrame]) -> None:
        """Hand frames to the streams."""
        for one in tracked:
            if self._segment is None:
                number = len(self._journal.records)
                self._segment = Segment(self._layout, number, self._present)
            instances = self._chosen(one.instances)
            self._segment.add(Shown(self._summary.frames, one.frame, instances))
            assert instances.track_ids is not None
            self._present = set(instances.track_ids.tolist())
            self._end = (one.frame.pts + one.frame.duration) * one.frame.time_base
            self._count(one)
            self._on_frame(self._summary)

    def _chosen(self, everyone: Instances) -> Instances:
        """Those asked for. Frames that repeat get the same object again."""
        if self._last is None or self._last[0] is not everyone:
            kept = everyone
            if self._track_ids:
                assert everyone.track_ids is not None
                ids = everyone.track_ids.tolist()
                kept = everyone[[i for i, k in enumerate(ids) if k in self._track_ids]]
            self._last = everyone, self._selection(kept)
        return self._last[1]

    def _count(self, tracked: TrackedFrame) -> None:
        summary = self._summary
        summary.frames += 1
        summary.reuse[tracked.reuse] += 1
        summary.shots = tracked.shot + 1
        for i in sorted(self._present):
            summary.people[i] = summary.people.get(i, 0) + 1

    def _count_again(self, record: dict[str, Any]) -> None:
        summary = self._summary
        summary.frames = record["frames"]
        summary.reuse = dict(record["reuse"])
        summary.shots = record["shots"]
        summary.people = {int(i): count for i, count in record["people"].items()}
        self._end = Fraction(*record["end"]) if record["end"] else None

    def _put_together(self, end: Fraction | None) -> None:
        """Write the results from the finished segments and the one under way, if there is one."""
        files = {name: self._journal.files(name) for name in self._layout.stream_names()}
        begun: list[Path] = []
        if self._segment is not None:
            for name, names in self._segment.close().items():
                paths = [self._layout.work / file for file in names]
                files[name] += paths
                begun += paths
            self._segment = None
        if self._summary.frames:
            results, notes = finish(self._layout, files, self._finder.names, (self._span[0], end))
            self._summary.results += results
            self._summary.notes += notes
        for path in begun:
            path.unlink()

    def _salvage(self) -> None:
        """After an error: what is done in playable files if that can be, else in its segments."""
        with suppress(Exception):  # the first error is the one to tell
            segment, self._segment = self._segment, None
            if segment is not None:
                segment.abort()
        with suppress(Exception):
            if self._journal.records:
                self._put_together(Fraction(*self._journal.records[-1]["end"]))
            else:
                self._journal.remove()
                self._remove_folders()

    def _refuse(self, there: list[Path]) -> None:
        if self._journal.exists:
            raise OutputError(
                f"{self._layout.stem}: an unfinished job is there; pass --resume to go on with it, "
                "--overwrite to begin again"
            )
        if there:
            raise OutputError(f"{there[0]}: exists already; pass --overwrite to replace it")

    def _settings(self) -> dict[str, Any]:
        """All that the results depend on, as JSON."""
        path = self.info.path
        facts = path.stat()
        infos = (self._finder.info, self._finder.refiner_info)
        part = {k: None if v is None else str(v) for k, v in asdict(self._part).items()}
        return {
            "source": [path.name, facts.st_size, facts.st_mtime_ns],
            "models": [i and f"{i.arch} {i.version} {i.source_sha256}" for i in infos],
            "score": self._finder.score,
            "only": list(self._selection.only),
            "limit": self._selection.limit,
            "track_ids": sorted(self._track_ids),
            "outputs": asdict(self._layout.outputs),
            "part": part,
        }
