"""The numbers as tables of text: rows are measures, columns groups of pictures or models.

With one model a column is a group; with several there is a table a group, models side by side, each
after the first followed by its difference from the first. A dash: nothing to measure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bootstrap import Difference
from looking import PictureResult
from measures import MEASURES
from summary import OracleSummary, Summary, differences, oracle_summary, picked, summary_of

Table = list[list[str]]
SCORE_ROWS = {
    "log-loss of the score": "log_loss",
    "AUROC of the score": "auroc",
    "calibration, slope": "slope",
    "calibration, intercept": "intercept",
    "finds from score .05": "finds",
}


def tables_of(
    models: Mapping[str, Sequence[PictureResult]], groups: Mapping[str, Sequence[int]]
) -> Iterator[tuple[str, Table]]:
    """Every table with its title."""
    first, *others = models.values()
    if not others:
        columns = [(g, column(summary_of(picked(first, m)))) for g, m in groups.items()]
        yield next(iter(models)), joined(columns)
    else:
        for group, members in groups.items():
            yield f"{group} pictures", side_by_side(models, members)
    for name, results in models.items():
        oracles = oracle_summary(results)
        if oracles is not None:
            yield f"{name}, what loses most; {counts(oracles)}", oracle_table(oracles)


def side_by_side(models: Mapping[str, Sequence[PictureResult]], members: Sequence[int]) -> Table:
    """Models on one group of pictures."""
    first = picked(next(iter(models.values())), members)
    columns: list[tuple[str, list[str]]] = []
    for name, everything in models.items():
        results = picked(everything, members)
        columns.append((name, column(summary_of(results))))
        if len(columns) > 1:
            against = differences(first, results)
            cells = [difference(against[measure]) for measure in MEASURES]
            columns.append(("difference (95 %)", ["", "", *cells, *[""] * len(SCORE_ROWS)]))
    return joined(columns)


def joined(columns: Sequence[tuple[str, list[str]]]) -> Table:
    """Columns under their headings, with the rows' names before them."""
    names = ["pictures", "characters", *MEASURES, *SCORE_ROWS]
    cells = zip(names, *(column for _, column in columns), strict=True)
    return [["", *(heading for heading, _ in columns)], *map(list, cells)]


def column(summary: Summary) -> list[str]:
    """The cells of one model on one group of pictures."""
    score = [getattr(summary.score, attribute) for attribute in SCORE_ROWS.values()]
    values = [*summary.measures.values(), *score]
    return [str(summary.pictures), str(summary.characters), *map(number, values)]


def number(value: float | int | None) -> str:
    """Three digits after the point; counts as they are."""
    if value is None:
        return "–"
    return str(value) if isinstance(value, int) else f"{value:.3f}"


def difference(found: Difference | None) -> str:
    """A difference and its interval."""
    if found is None:
        return "–"
    if found.low is None or found.high is None:
        return f"{found.value:+.3f}"
    return f"{found.value:+.3f} ({found.low:+.3f} to {found.high:+.3f})"


def oracle_table(oracles: OracleSummary) -> Table:
    """A row an oracle."""
    heading = ["", *next(iter(oracles.rows.values()))]
    return [heading, *([name, *map(number, row.values())] for name, row in oracles.rows.items())]


def counts(oracles: OracleSummary) -> str:
    """How often characters were merged and split."""
    return (
        f"{oracles.merged} of {oracles.finds} finds merge characters, "
        f"{oracles.split} of {oracles.characters} characters are split"
    )
