"""One input after the other is looked at, and handed on to be written. A picture is a video of one
frame.

Not covered: many frames (`moving`), writing (`results`), the loop over all (`job`).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from contextlib import suppress
from typing import Any

from kirinuki.cutting.due import Due, Dues
from kirinuki.cutting.edges import Edges
from kirinuki.cutting.found import Found
from kirinuki.cutting.moving import Moving
from kirinuki.cutting.outputs.output import Place, Shown
from kirinuki.cutting.outputs.registry import OUTPUTS
from kirinuki.cutting.part import Part
from kirinuki.cutting.results import Results, Written
from kirinuki.cutting.selection import Selection
from kirinuki.errors import KirinukiError
from kirinuki.images.picture import read_picture
from kirinuki.segmenter.segments import Described
from kirinuki.video import probe
from kirinuki.work.loop import ended
from kirinuki.work.names import fits
from kirinuki.work.planned import Planned
from kirinuki.work.source import Source, source_of

LOG = logging.getLogger(__name__)


class Cutter:
    """Cuts the inputs of a job.

    Attributes:
        stopping: asked before each frame.
        on_frame: called after each frame of a video's results.
    """

    def __init__(
        self,
        segmenter: Described,
        selection: Selection,
        edges: Edges,
        part: Part,
        dues: Dues,
        results: Results,
    ) -> None:
        self.stopping: Callable[[], bool] = lambda: False
        self.on_frame: Callable[[Found], None] = lambda found: None
        self._segmenter = segmenter
        self._selection = selection
        self._edges = edges
        self._part = part
        self._dues = dues
        self._results = results
        self._out = results.plan.out
        self._said: set[str] = set()

    def begin(self, planned: Planned, pool: Executor) -> Future[Written]:
        """Look at an input, and hand its results to the pool; those of a video are written at
        once, before another input takes hours."""
        if planned.moves:
            return ended(lambda: self._cut_video(planned))
        try:
            due, source = self._ready(planned)
            found = self._look_at_picture(planned, due.chosen)
            self._results.announce_all(due, found, source)
            return pool.submit(self._results.write, due, found, source)
        except Exception as error:  # one input must not cost the rest
            failed: Future[Written] = Future()
            failed.set_exception(error)
            return failed

    def _ready(self, planned: Planned) -> tuple[Due, Source]:
        due = self._dues.of(planned)
        if not due.chosen:
            raise KirinukiError(f"{planned.source}: {self._dues.refusals(planned.moves)[0]}")
        return due, source_of(planned.source, self._out)

    def _look_at_picture(self, planned: Planned, chosen: Mapping[str, Any]) -> Found:
        """Find the characters of a picture, and hand it to its outputs."""
        picture = read_picture(planned.source)
        self._selection.check_picture(picture.rgb.shape[:2], str(planned.source))
        begun = time.perf_counter()
        everyone = self._segmenter(picture)
        seconds = time.perf_counter() - begun
        LOG.debug("%s: looked at for %.2f s, %d found", planned.source, seconds, len(everyone))
        instances = self._edges(self._selection(everyone))
        stem, names = planned.stem.as_posix(), self._segmenter.names
        place = Place(self._out, stem, planned.source, None, everyone.size_hw, names)
        found = Found(place, notes=[*self._notes(planned), *picture.notes])
        for name, options in chosen.items():
            writer = OUTPUTS[name].open(options, place, 0, ())
            writer.add(Shown(0, picture, instances))
            found.pieces[name] = writer.close()
        found.count_picture(instances, self._selection.unknown(everyone))
        return found

    def _notes(self, planned: Planned) -> list[str]:
        """What to know of an input beforehand: what it cannot have is said of the first one."""
        refusals = self._dues.refusals(planned.moves)
        notes = [f"{one}; the others are made" for one in refusals if one not in self._said]
        self._said.update(refusals)
        if not fits(planned.source, planned.stem):
            notes.append(f"its name fits no result: they are called {planned.stem}")
        return notes

    def _cut_video(self, planned: Planned) -> Written:
        self._selection.check_video()
        info = probe(planned.source)
        due, source = self._ready(planned)
        place = Place(
            self._out,
            planned.stem.as_posix(),
            planned.source,
            info,
            self._part.size_of(info),
            self._segmenter.names,
            self._part.span_of(info),
        )
        self._results.announce(due, place, source)
        moving = Moving(
            place,
            due.chosen,
            self._segmenter,
            lambda everyone: self._edges(self._selection(everyone)),
            self._part,
            due.parts,
            lambda facts: self._results.journal.part(place.stem, facts),
            self.stopping,
            self.on_frame,
        )
        moving.found.notes += self._notes(planned)
        try:
            found = moving.run()
            if not found.counts["frames"]:  # stopped before the first
                return Written(source, due, found, {})
            if not found.interrupted:
                found.notes += self._selection.absent(found.people)
            return self._written(due, found, source)
        except BaseException:
            with suppress(Exception):  # the first error is the one to tell
                self._salvage(due, source, moving)
            raise

    def _written(self, due: Due, found: Found, source: Source) -> Written:
        self._results.announce_all(due, found, source)
        return self._results.write(due, found, source)

    def _salvage(self, due: Due, source: Source, moving: Moving) -> None:
        """After an error: what is done of a video in playable files, or nothing at all."""
        found = None
        with suppress(OSError):
            found = moving.abort()
        if found is not None:
            self._written(due, found, source)
        elif not moving.parts:
            self._results.drop(due, moving.place)
