"""One input after the other is looked at, and handed on to be written.

Not covered: looking (`still`, `moving`), writing (`results`), the loop over all (`job`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from contextlib import suppress
from typing import Any

from kirinuki.cutting.due import Due, Dues
from kirinuki.cutting.found import Found
from kirinuki.cutting.moving import Moving
from kirinuki.cutting.outputs.output import Place
from kirinuki.cutting.outputs.registry import OUTPUTS
from kirinuki.cutting.part import Part
from kirinuki.cutting.results import Results, Written
from kirinuki.cutting.selection import Selection
from kirinuki.cutting.still import look_at_picture
from kirinuki.errors import KirinukiError
from kirinuki.segmenter.segments import Segments
from kirinuki.video import probe
from kirinuki.work.loop import ended
from kirinuki.work.planned import Planned
from kirinuki.work.source import Source, source_of


class Cutter:
    """Cuts the inputs of a job.

    Args:
        outputs: options by output.

    Attributes:
        stopping: asked before each frame.
        on_frame: called after each frame of a video's results.

    Raises:
        KirinukiError: an output's options cannot be used.
    """

    def __init__(
        self,
        segmenter: Segments,
        outputs: Mapping[str, Any],
        selection: Selection,
        part: Part,
        dues: Dues,
        results: Results,
    ) -> None:
        self.stopping: Callable[[], bool] = lambda: False
        self.on_frame: Callable[[Found], None] = lambda found: None
        self._segmenter = segmenter
        self._selection = selection
        self._part = part
        self._dues = dues
        self._results = results
        self._out = results.plan.out
        self._refusals = {moves: _refusal(outputs, moves) for moves in (False, True)}

    def begin(self, planned: Planned, pool: Executor) -> Future[Written]:
        """Look at an input, and hand its results to the pool; those of a video are written at
        once, before another input takes hours."""
        if planned.moves:
            return ended(lambda: self._cut_video(planned))
        try:
            due, source = self._ready(planned)
            found = look_at_picture(
                self._out, planned, due.chosen, self._segmenter, self._selection
            )
            self._results.announce_all(due, found, source)
            return pool.submit(self._results.write, due, found, source)
        except Exception as error:  # one input must not cost the rest
            failed: Future[Written] = Future()
            failed.set_exception(error)
            return failed

    def _ready(self, planned: Planned) -> tuple[Due, Source]:
        reason = self._refusals[planned.moves]
        if reason is not None:
            raise KirinukiError(f"{planned.source}: {reason}")
        return self._dues.of(planned), source_of(planned.source, self._out)

    def _cut_video(self, planned: Planned) -> Written:
        info = probe(planned.source)
        due, source = self._ready(planned)
        place = Place(
            self._out,
            planned.stem.as_posix(),
            planned.source,
            info,
            self._part.size_of(info),
            tuple(self._segmenter.names),
            self._part.span_of(info),
        )
        self._results.announce(due, place, source)
        moving = Moving(
            place,
            due.chosen,
            self._segmenter,
            self._selection,
            self._part,
            due.parts,
            lambda facts: self._results.journal.part(place.stem, facts),
            self.stopping,
            self.on_frame,
        )
        try:
            found = moving.run()
            if not found.counts["frames"]:  # stopped before the first
                return Written(source, due, found, {})
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


def _refusal(outputs: Mapping[str, Any], moves: bool) -> str | None:
    """Why one of the outputs has nothing to give; also raises what is wrong with any input."""
    reasons = [OUTPUTS[name].refuse(options, moves) for name, options in outputs.items()]
    return next(filter(None, reasons), None)
