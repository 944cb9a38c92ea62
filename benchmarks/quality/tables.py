"""The numbers of a run as a table: a column a slice, a row a number; for terminal and Markdown.

What every row means is said in ``docs/measure.md``. A dash stands where there is nothing to
measure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rich.table import Table

from kirinuki.evaluation.evaluate import HardRecall, Report

WHOLE = "all"
"""Name of the column of the whole set."""


def _of_characters(value: Callable[[Report], float | None]) -> Callable[[Report], float | None]:
    return lambda report: value(report) if report.characters else None


def _recall(sort: str) -> Callable[[Report], float | None]:
    def hard(report: Report) -> HardRecall:
        return next(one for one in report.hard_recall if one.sort == sort)

    return lambda report: hard(report).recall


ROWS: tuple[tuple[str, float, int, Callable[[Report], float | None]], ...] = (
    ("pictures", 1, 0, lambda r: r.pictures_measured),
    ("characters", 1, 0, lambda r: r.characters),
    ("mask AP", 100, 1, lambda r: r.mask.ap),
    ("mask AP50", 100, 1, lambda r: r.mask.ap_50),
    ("mask AP75", 100, 1, lambda r: r.mask.ap_75),
    ("boundary AP", 100, 1, lambda r: r.boundary.ap),
    ("best-match IoU, mean", 1, 3, _of_characters(lambda r: r.best_match.mean)),
    ("best-match IoU, median", 1, 3, _of_characters(lambda r: r.best_match.median)),
    ("… from score 0.05, mean", 1, 3, _of_characters(lambda r: r.best_match_from_floor.mean)),
    ("… from score 0.05, median", 1, 3, _of_characters(lambda r: r.best_match_from_floor.median)),
    ("alpha MAE in the band", 1, 4, lambda r: r.soft_edges.mae if r.soft_edges else None),
    ("alpha gradient error", 1, 3, lambda r: r.soft_edges.gradient if r.soft_edges else None),
    ("precision", 100, 1, _of_characters(lambda r: r.at_display.precision)),
    ("recall", 100, 1, _of_characters(lambda r: r.at_display.recall)),
    ("F1", 100, 1, _of_characters(lambda r: r.at_display.f1)),
    ("recall of small", 100, 1, _recall("small")),
    ("recall of overlapping", 100, 1, _recall("overlapping")),
    ("false finds per empty picture", 1, 2, lambda r: r.at_display.false_per_empty_picture),
    ("kind: accuracy", 100, 1, lambda r: r.kinds.accuracy if r.kinds else None),
    ("kind: share answered", 100, 1, lambda r: r.kinds.share_answered if r.kinds else None),
    ("ms per picture, median", 1, 0, lambda r: r.ms_per_picture),
)
"""Name, factor, digits and value of every row."""


def rows(reports: Mapping[str, Report]) -> list[list[str]]:
    """The table as text: a heading, then a row a number; `reports` by column."""
    lines = [["", *reports]]
    for name, factor, digits, value in ROWS:
        values = [value(report) for report in reports.values()]
        lines.append([name, *("–" if v is None else f"{factor * v:.{digits}f}" for v in values)])
    return lines


def terminal_table(lines: list[list[str]], title: str) -> Table:
    """Rows of text for the terminal."""
    table = Table(title=title, title_justify="left")
    for i, heading in enumerate(lines[0]):
        table.add_column(heading, justify="right" if i else "left")
    for line in lines[1:]:
        table.add_row(*line)
    return table


def markdown_table(lines: list[list[str]]) -> str:
    """Rows of text as Markdown, numbers to the right."""
    aligned = ["---", *["---:"] * (len(lines[0]) - 1)]
    return "".join(f"| {' | '.join(line)} |\n" for line in (lines[0], aligned, *lines[1:]))
