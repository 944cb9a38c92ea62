"""Parts of a measured data set: the same numbers for some of its pictures, without running again.

The slice of a picture is the first folder of its file name (``crowd/0001.png`` belongs to
``crowd``), as the composed sets of ``benchmarks/quality`` have it.

Not covered: measuring (`evaluate`).
"""

from __future__ import annotations

from dataclasses import replace

from kirinuki.evaluation.collect import Collected
from kirinuki.formats.labelled import LabelledPicture


def slice_of(picture: LabelledPicture) -> str:
    """First folder of a picture's name, empty where it lies in none."""
    folder, slash, _ = picture.name.partition("/")
    return folder if slash else ""


def collected_slices(collected: Collected) -> dict[str, Collected]:
    """What was found, slice by slice, in order of their first pictures."""
    names = dict.fromkeys(slice_of(result.picture) for result in collected.results)
    return {name: _only(collected, name) for name in names}


def _only(collected: Collected, name: str) -> Collected:
    results = tuple(result for result in collected.results if slice_of(result.picture) == name)
    pictures = tuple(result.picture for result in results)
    part = replace(collected.classes.dataset, pictures=pictures)
    # Pictures that failed belong to the whole; which slice lost them is not of interest.
    return replace(
        collected, classes=replace(collected.classes, dataset=part), results=results, failed=()
    )
