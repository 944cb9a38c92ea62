"""A picture: a video of one frame.

Not covered: many frames (`moving`), writing results (`cut`).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kirinuki.cutting.found import Found
from kirinuki.cutting.outputs.output import Place, Shown
from kirinuki.cutting.outputs.registry import OUTPUTS
from kirinuki.cutting.selection import Selection
from kirinuki.images.picture import read_picture
from kirinuki.segmenter.segments import Segments
from kirinuki.work.planned import Planned


def look_at_picture(
    out: Path,
    planned: Planned,
    chosen: Mapping[str, Any],
    segmenter: Segments,
    selection: Selection,
) -> Found:
    """Find the characters of a picture, and hand it to its outputs.

    Raises:
        PictureError: it cannot be read.
        ModelError: the model fails on it.
    """
    picture = read_picture(planned.source)
    everyone = segmenter(picture)
    instances = selection(everyone)
    stem, names = planned.stem.as_posix(), tuple(segmenter.names)
    place = Place(out, stem, planned.source, None, everyone.size_hw, names)
    found = Found(place, notes=list(picture.notes))
    for name, options in chosen.items():
        writer = OUTPUTS[name].open(options, place, 0, ())
        writer.add(Shown(0, picture, instances))
        found.pieces[name] = writer.close()
    found.counts.update(
        pictures=1,
        characters=len(instances),
        without=int(not len(instances)),
        unknown=selection.unknown(everyone),
    )
    return found
