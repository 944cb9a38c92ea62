"""``--jsonl``: a line of JSON an input on stdout, for other programs; everything else that is said
goes to stderr.

A line has the input's ``path``, its ``size`` (height, width), its ``instances`` and the ``files``
written of it; of an input that failed, its ``path`` and ``error``. An instance has an ``id`` (of
a picture its number, as in NAME_1.png), ``name``, ``kind``, ``score`` and ``box`` (xyxy, half-open)
in the frame in which it is ``surest``, the ``first`` frame and in how many ``frames`` it is.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kirinuki.cutting.outputs.options import NoOptions
from kirinuki.cutting.outputs.output import Output, Piece, Place, Shown
from kirinuki.cutting.outputs.rendering import numbers_of
from kirinuki.errors import in_json

if TYPE_CHECKING:
    from kirinuki.cutting.results import Sink


class Jsonl(Output):
    """Lines on stdout, no files."""

    name = "jsonl"
    help = (
        "Write a line of JSON an input to stdout: path, instances with box, score and kind, files."
    )

    def open(
        self, options: NoOptions, place: Place, number: int, before: Sequence[Piece]
    ) -> JsonlWriter:
        return JsonlWriter()

    def join(
        self, options: NoOptions, place: Place, pieces: Sequence[Piece], sink: Sink
    ) -> list[str]:
        together: dict[int, Piece] = {}
        for piece in pieces:
            _merge(together, piece)
        line = {
            "path": str(place.source),
            "size": place.size_hw,
            "instances": list(together.values()),
            "files": [str(place.out / name) for name in sink.files],
        }
        sink.lines.append(in_json(json.dumps(line)))
        return []

    def failed(self, source: str, reason: str) -> list[str]:
        return [in_json(json.dumps({"path": source, "error": reason}))]


class JsonlWriter:
    """Counts who is seen in a segment."""

    def __init__(self) -> None:
        self._seen: dict[int, Piece] = {}

    def add(self, shown: Shown) -> None:
        instances = shown.instances
        for i, number in enumerate(numbers_of(instances)):
            seen = {
                "id": number,
                "name": instances[i].name,
                "kind": instances[i].kind,
                "score": round(float(instances.scores[i]), 6),
                "box": [round(value, 2) for value in instances.boxes[i].tolist()],
                "surest": shown.number,
                "first": shown.number,
                "frames": 1,
            }
            _merge(self._seen, seen)

    def close(self) -> list[Piece]:
        return list(self._seen.values())

    def abort(self) -> None:
        """Nothing is written."""


def _merge(seen: dict[int, Piece], more: dict[str, Any]) -> None:
    """Add a later sight of somebody: the surest one counts, kind and name as they are last."""
    known = seen.get(more["id"])
    if known is None:
        seen[more["id"]] = dict(more)
        return
    known["frames"] += more["frames"]
    known |= {key: more[key] for key in ("name", "kind")}
    if more["score"] > known["score"]:
        known |= {key: more[key] for key in ("score", "box", "surest")}
