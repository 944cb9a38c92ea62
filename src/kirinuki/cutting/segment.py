"""One segment of a video under way: every output's writer fed by a thread of its own.

Not covered: which frames belong to it (`moving`).
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from functools import partial
from typing import Any

from kirinuki.cutting.lanes import Lane
from kirinuki.cutting.outputs.output import Piece, Place, Shown, Writer
from kirinuki.cutting.outputs.registry import OUTPUTS

Pieces = dict[str, list[Piece]]
"""What was left of an input, by output."""


class Segment:
    """Takes frames until it is closed.

    Args:
        chosen: options by output.
        before: what the segment before it left.
    """

    def __init__(
        self, place: Place, chosen: Mapping[str, Any], number: int, before: Pieces
    ) -> None:
        self._lanes: dict[str, tuple[Writer, Lane]] = {}
        try:
            for name, options in chosen.items():
                writer = OUTPUTS[name].open(options, place, number, before.get(name, ()))
                self._lanes[name] = (writer, Lane(name))
        except BaseException:
            self.abort()
            raise

    def add(self, shown: Shown) -> None:
        """Hand a frame to all writers.

        Raises:
            OutputError: one of them cannot write.
        """
        for writer, lane in self._lanes.values():
            lane.put(partial(writer.add, shown))

    def close(self) -> Pieces:
        """Finish, and give what there is.

        Raises:
            OutputError: one of them cannot be written.
        """
        for _, lane in self._lanes.values():
            lane.finish()
        return {name: writer.close() for name, (writer, _) in self._lanes.items()}

    def abort(self) -> None:
        """Stop, and leave no half-written file behind."""
        with ExitStack() as all_of_them:  # also when one fails at it, on a full disk
            for writer, lane in self._lanes.values():
                all_of_them.callback(writer.abort)
                all_of_them.callback(lane.stop)
