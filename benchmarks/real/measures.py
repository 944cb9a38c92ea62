"""The numbers of a set: each a sum over pictures divided by a count, so that it can be resampled.

Recall counts each character by its best find. That is one-to-one: finds share no pixel, nor do
characters, so that from IoU 0.5 on a find fits one character only, and a character one find.

Not covered: what the score is worth (`score_quality`), the intervals (`bootstrap`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from fit import Fit
from looking import PictureResult
from numpy.typing import NDArray

Part = tuple[float, float]
"""What one picture adds to the sum and to the count."""


def _union(fit: Fit) -> Part:
    return (0.0, 0.0) if fit.union is None else (fit.union, 1.0)


def _per_character(fit: Fit) -> Part:
    return float(fit.best.sum()), float(len(fit.best))


def _boundary(fit: Fit) -> Part:
    return float(fit.boundary.sum()), float(len(fit.boundary))


def _recall(threshold: float) -> Callable[[Fit], Part]:
    return lambda fit: (float(np.count_nonzero(fit.best >= threshold)), float(len(fit.best)))


def _precision(fit: Fit) -> Part:
    return float(np.count_nonzero(fit.right)), float(len(fit.right))


def _false_on_empty(fit: Fit) -> Part:
    return (float(len(fit.right)), 1.0) if not len(fit.best) else (0.0, 0.0)


OVERLAP: dict[str, Callable[[Fit], Part]] = {
    "union IoU": _union,
    "best match per character": _per_character,
    "recall at IoU .5": _recall(0.5),
    "recall at IoU .75": _recall(0.75),
    "recall at IoU .9": _recall(0.9),
    "boundary F": _boundary,
}
MEASURES = OVERLAP | {
    "precision": _precision,
    "false finds per empty picture": _false_on_empty,
}
"""Of what is shown; `OVERLAP` is what the oracles are measured by, too."""


def parts(measure: Callable[[Fit], Part], fits: Sequence[Fit]) -> NDArray[np.float64]:
    """Sum and count (P, 2) of each picture."""
    return np.array([measure(fit) for fit in fits], np.float64).reshape(-1, 2)


def ratio(picture_parts: NDArray[np.float64]) -> float | None:
    """The number of a set from the parts (P, 2) of its pictures; None where nothing counts."""
    total, count = picture_parts.sum(axis=0).tolist()
    return total / count if count else None


def groups_of(results: Sequence[PictureResult]) -> dict[str, list[int]]:
    """Pictures by index: all, those of each kind, and those of two characters or more."""
    groups: dict[str, list[int]] = {"all": list(range(len(results)))}
    for i, result in enumerate(results):
        groups.setdefault(result.picture.kind, []).append(i)
    groups["two or more"] = [i for i, r in enumerate(results) if len(r.picture.masks) > 1]
    return {name: members for name, members in groups.items() if members}
