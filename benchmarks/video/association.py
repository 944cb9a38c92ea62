"""Who is whom over time: id switches, IDF1, MOTA and HOTA of a clip, from overlaps alone.

CLEAR and identity come from py-motmetrics (Bernardin & Stiefelhagen 2008; Ristani et al. 2016),
with a mask IoU of 0.5 for a match, as in MOTS (Voigtlaender et al. 2019). Its releases have no
HOTA, so that is here, after Luiten et al., IJCV 2021; the tests compare it with the authors'
TrackEval, which cannot be a dependency because it replaces opencv-python-headless.

All counts of two clips may be added: characters of different clips never meet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import motmetrics
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

MATCH_IOU = 0.5
"""Overlap from which a find is of a character, for all but HOTA."""
HOTA_IOUS = np.arange(0.05, 0.99, 0.05)
"""HOTA is the mean over these overlaps."""


@dataclass(frozen=True)
class Moment:
    """One frame: ids of truth (N,) and finds (M,), and the IoU (N, M) of their masks."""

    truth: tuple[int, ...]
    found: tuple[int, ...]
    iou: NDArray[np.float64]


@dataclass(frozen=True)
class Switch:
    """The find that follows a character changes: a wrong id from this frame on."""

    frame: int
    character: int
    before: int
    after: int


def _none() -> NDArray[np.float64]:
    return np.zeros(len(HOTA_IOUS))


@dataclass(frozen=True, eq=False)
class Association:
    """Counts of one or more clips, and the scores that follow from them; nan where there is nothing
    to measure. `hota_…` are (19,), one for each of `HOTA_IOUS`; `hota_association` is the sum over
    the true positives c of |TPA(c)| / (|TPA(c)| + |FNA(c)| + |FPA(c)|)."""

    objects: int = 0
    misses: int = 0
    false_finds: int = 0
    switches: int = 0
    id_true: int = 0
    id_false: int = 0
    id_missed: int = 0
    across_cuts: int = 0
    hota_true: NDArray[np.float64] = field(default_factory=_none)
    hota_missed: NDArray[np.float64] = field(default_factory=_none)
    hota_false: NDArray[np.float64] = field(default_factory=_none)
    hota_association: NDArray[np.float64] = field(default_factory=_none)

    def __add__(self, other: Association) -> Association:
        names = self.__dataclass_fields__
        return Association(**{name: getattr(self, name) + getattr(other, name) for name in names})

    @property
    def idf1(self) -> float:
        return _share(2 * self.id_true, 2 * self.id_true + self.id_false + self.id_missed)

    @property
    def mota(self) -> float:
        return 1 - _share(self.misses + self.false_finds + self.switches, self.objects)

    @property
    def detection(self) -> float:
        """DetA: how well the characters are found, whoever they are."""
        return float(self._detections().mean())

    @property
    def association(self) -> float:
        """AssA: how well those found are told apart over time."""
        return float(self._associations().mean())

    @property
    def hota(self) -> float:
        return float(np.sqrt(self._detections() * self._associations()).mean())

    def _detections(self) -> NDArray[np.float64]:
        everything = self.hota_true + self.hota_missed + self.hota_false
        detections: NDArray[np.float64] = self.hota_true / np.maximum(1, everything)
        return detections

    def _associations(self) -> NDArray[np.float64]:
        associations: NDArray[np.float64] = self.hota_association / np.maximum(1, self.hota_true)
        return associations


def associate(moments: Sequence[Moment], shots: Sequence[int]) -> tuple[Association, list[Switch]]:
    """The counts of one clip, and where its switches are.

    Args:
        moments: every frame of the clip, in order. A character has the same id as long as it is to
            keep it: another one after a cut.
        shots: number of the true shot of each frame.
    """
    accumulator = motmetrics.MOTAccumulator()
    for frame, moment in enumerate(moments):
        distances = np.where(moment.iou >= MATCH_IOU, 1 - moment.iou, np.nan)
        accumulator.update(moment.truth, moment.found, distances, frameid=frame)
    counts = _clear_and_identity(accumulator)
    true, missed, false, association = _hota(moments)
    return (
        Association(
            **counts,
            across_cuts=ids_across_cuts(moments, shots),
            hota_true=true,
            hota_missed=missed,
            hota_false=false,
            hota_association=association,
        ),
        _switches(accumulator),
    )


def ids_across_cuts(moments: Sequence[Moment], shots: Sequence[int]) -> int:
    """How many ids of finds are used in more than one shot."""
    shots_of: dict[int, set[int]] = {}
    for moment, shot in zip(moments, shots, strict=True):
        for found in moment.found:
            shots_of.setdefault(found, set()).add(shot)
    return sum(len(seen) > 1 for seen in shots_of.values())


def _clear_and_identity(accumulator: motmetrics.MOTAccumulator) -> dict[str, int]:
    names = {
        "num_objects": "objects",
        "num_misses": "misses",
        "num_false_positives": "false_finds",
        "num_switches": "switches",
        "idtp": "id_true",
        "idfp": "id_false",
        "idfn": "id_missed",
    }
    summary = motmetrics.metrics.create().compute(accumulator, metrics=list(names))
    return {ours: int(summary[theirs].iloc[0]) for theirs, ours in names.items()}


def _switches(accumulator: motmetrics.MOTAccumulator) -> list[Switch]:
    switches = []
    last: dict[int, int] = {}
    for (frame, _), event in accumulator.mot_events.iterrows():
        if event.Type not in ("MATCH", "SWITCH"):
            continue
        character, found = int(event.OId), int(event.HId)
        if event.Type == "SWITCH":
            switches.append(Switch(int(frame), character, last[character], found))
        last[character] = found
    return switches


def _hota(moments: Sequence[Moment]) -> tuple[NDArray[np.float64], ...]:
    """True positives, misses, false finds and association summed, each (19,)."""
    rows = {i: k for k, i in enumerate(sorted({i for m in moments for i in m.truth}))}
    columns = {i: k for k, i in enumerate(sorted({i for m in moments for i in m.found}))}
    placed = [
        ([rows[i] for i in m.truth], [columns[i] for i in m.found], np.asarray(m.iou, np.float64))
        for m in moments
    ]
    truth_count = np.zeros((len(rows), 1))
    found_count = np.zeros((1, len(columns)))
    potential = np.zeros((len(rows), len(columns)))
    for truth, found, iou in placed:
        truth_count[truth] += 1
        found_count[0, found] += 1
        beside = iou.sum(0, keepdims=True) + iou.sum(1, keepdims=True) - iou
        potential[np.ix_(truth, found)] += iou / np.maximum(beside, 1e-9)
    # The matches of a frame are chosen so that they fit the whole clip (section 5.1 of the paper).
    alignment = potential / np.maximum(truth_count + found_count - potential, 1e-9)
    matches = np.zeros((len(HOTA_IOUS), len(rows), len(columns)))
    for truth, found, iou in placed:
        chosen = linear_sum_assignment(alignment[np.ix_(truth, found)] * iou, maximize=True)
        for r, c in zip(*chosen, strict=True):
            enough = iou[r, c] >= HOTA_IOUS - np.finfo(float).eps
            matches[enough, truth[r], found[c]] += 1
    true = matches.sum(axis=(1, 2))
    association = matches / np.maximum(1, truth_count + found_count - matches)
    return (
        true,
        truth_count.sum() - true,
        found_count.sum() - true,
        (matches * association).sum(axis=(1, 2)),
    )


def _share(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")
