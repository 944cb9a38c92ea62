"""``review.csv``: the pictures that a model labelled and nobody corrected yet, most doubtful first.

Columns: ``file`` (the picture, as seen from the folder of the list, with forward slashes),
``uncertainty`` in [0, 1], ``characters``, ``lowest_score`` (empty where nobody was found) and
``reasons`` (separated by "; "). UTF-8.

Not covered: where the doubt comes from (`uncertainty`).
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from kirinuki.errors import OutputError
from kirinuki.files import write_atomically
from kirinuki.labelling.uncertainty import Doubt, doubt_absence

REVIEW_NAME = "review.csv"
COLUMNS = ("file", "uncertainty", "characters", "lowest_score", "reasons")


def write_review(doubts: Mapping[str, Doubt], path: Path) -> None:
    """Write the list, over an older one but over no other file.

    Args:
        doubts: by name of the picture, as in the column ``file``.

    Raises:
        OutputError: it cannot be written, or the file there is no such list.
    """
    refuse_foreign(path)
    ordered = sorted(
        doubt_absence(doubts).items(), key=lambda item: (-item[1].uncertainty, item[0])
    )
    with (
        write_atomically(path, overwrite=True) as temporary,
        temporary.open("w", encoding="utf-8", errors="surrogateescape", newline="") as file,
    ):
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(_row(name, doubt) for name, doubt in ordered)


def refuse_foreign(path: Path) -> None:
    """Raise OutputError where the list would replace a file that is none."""
    if not path.exists():
        return
    try:
        with path.open("rb") as file:
            first = file.readline(1000).strip()
    except OSError as error:
        raise OutputError(f"{path}: cannot be read ({error.strerror})") from None
    if first and first != ",".join(COLUMNS).encode():
        raise OutputError(f"{path}: is not a list of kirinuki's; move it away or rename it")


def _row(name: str, doubt: Doubt) -> tuple[str, ...]:
    lowest = "" if doubt.lowest_score is None else f"{doubt.lowest_score:.3f}"
    reasons = "; ".join(doubt.reasons)
    return name, f"{doubt.uncertainty:.3f}", str(doubt.characters), lowest, reasons
