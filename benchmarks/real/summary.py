"""From what models found in every picture to the numbers of the report, by group of pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from bootstrap import Difference, paired_difference, times_drawn
from looking import PictureResult
from measures import MEASURES, OVERLAP, parts, ratio
from oracles import Oracles, merged, split
from score_quality import ScoreQuality, score_quality
from worst import quality


@dataclass(frozen=True)
class Summary:
    """One model on one group of pictures; `measures` by name as in `MEASURES`."""

    pictures: int
    characters: int
    measures: dict[str, float | None]
    score: ScoreQuality


@dataclass(frozen=True)
class OracleSummary:
    """What loses most, on all pictures.

    Attributes:
        rows: by oracle, the measures of `OVERLAP`; the first row is what is shown.
        merged, finds: how many of the finds shown have merged characters.
        split, characters: how many of the characters are shown in parts.
    """

    rows: dict[str, dict[str, float | None]]
    merged: int
    finds: int
    split: int
    characters: int


def summary_of(results: Sequence[PictureResult]) -> Summary:
    """One model on some pictures."""
    shown = [result.shown for result in results]
    return Summary(
        pictures=len(results),
        characters=sum(len(result.picture.masks) for result in results),
        measures={name: ratio(parts(measure, shown)) for name, measure in MEASURES.items()},
        score=score_quality(
            np.concatenate([result.scores for result in results]),
            np.concatenate([result.right for result in results]),
        ),
    )


def differences(
    first: Sequence[PictureResult], second: Sequence[PictureResult]
) -> dict[str, Difference | None]:
    """Second model minus first on the same pictures, by name as in `MEASURES`."""
    drawn = times_drawn(len(first))
    shown = [[result.shown for result in results] for results in (first, second)]
    return {
        name: paired_difference(parts(measure, shown[0]), parts(measure, shown[1]), drawn)
        for name, measure in MEASURES.items()
    }


def oracle_summary(results: Sequence[PictureResult]) -> OracleSummary | None:
    """None where the oracles were not asked for."""
    oracles: list[Oracles] = [r.oracles for r in results if r.oracles is not None]
    if not oracles:
        return None
    shown = [result.shown for result in results]
    fits = {
        "as shown": shown,
        "everything from score .05": [one.everything for one in oracles],
        "perfect choice among detections": [one.perfect_choice for one in oracles],
        "truth boxes into the refiner": [one.truth_boxes for one in oracles],
    }
    return OracleSummary(
        rows={
            name: {m: ratio(parts(measure, row)) for m, measure in OVERLAP.items()}
            for name, row in fits.items()
        },
        merged=sum(merged(fit) for fit in shown),
        finds=sum(len(fit.found_areas) for fit in shown),
        split=sum(split(fit) for fit in shown),
        characters=sum(len(fit.true_areas) for fit in shown),
    )


def by_picture(results: Sequence[PictureResult]) -> list[dict[str, object]]:
    """Every picture's own numbers, for the report."""
    return [
        {
            "name": result.picture.name,
            "kind": result.picture.kind,
            "union": result.shown.union,
            "best": result.shown.best.tolist(),
            "boundary": result.shown.boundary.tolist(),
            "finds": len(result.shown.found_areas),
            "right": int(np.count_nonzero(result.shown.right)),
            "quality": quality(result),
        }
        for result in results
    ]


def picked(results: Sequence[PictureResult], members: Sequence[int]) -> list[PictureResult]:
    """The results of a group of pictures."""
    return [results[i] for i in members]


def report_of(
    models: Mapping[str, Sequence[PictureResult]], groups: Mapping[str, Sequence[int]]
) -> dict[str, object]:
    """Everything as plain dicts, lists and numbers; differences are from the first model."""
    names = list(models)
    content: dict[str, object] = {}
    for name, results in models.items():
        oracles = oracle_summary(results)
        content[name] = {
            "groups": {g: asdict(summary_of(picked(results, m))) for g, m in groups.items()},
            "oracles": asdict(oracles) if oracles else None,
            "pictures": by_picture(results),
        }
    others = {
        name: {
            g: {
                measure: asdict(found) if found else None
                for measure, found in differences(
                    picked(models[names[0]], m), picked(models[name], m)
                ).items()
            }
            for g, m in groups.items()
        }
        for name in names[1:]
    }
    return {"models": content, "minus_first": others}
