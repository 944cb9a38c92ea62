"""Where labelled pictures come from, and how far the edges of their labels can be trusted.

Not covered: what the trust is for (`refiner_module`), what sources are for (`order`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kirinuki.errors import DatasetError
from kirinuki.outside_text import read_csv

EDGE_TRUST = {"exact": 1.0, "drawn": 0.5}
"""What a pixel beside an edge counts, by a word in what the list says of how its label was made:
exact are rendered and composed alphas, drawn those that a person drew."""
BLUNT = 0.25
"""What it counts otherwise: outlines of polygons, of other models, and whoever says nothing."""


@dataclass(frozen=True)
class Provenance:
    """Source of a labelled picture, and what a pixel beside its edges counts, in [0, 1]."""

    source: str
    edge_trust: float = BLUNT


def read_provenance(path: Path) -> dict[str, Provenance]:
    """What a CSV with the columns file and source, and if known how, says of labelled pictures, by
    the names of their files.

    Raises:
        DatasetError: it cannot be read, lacks a column, or says two things of one name.
    """
    rows = read_csv(path, DatasetError)
    for column in ("file", "source"):
        if not rows or column not in rows[0]:
            raise DatasetError(f'{path}: has no column "{column}"; expected file, source, how')
    known: dict[str, Provenance] = {}
    for row in rows:
        name = Path(row["file"] or "").name
        said = Provenance(row["source"] or "", _trust(row.get("how") or ""))
        if known.setdefault(name, said) != said:
            raise DatasetError(
                f'{path}: says two things of "{name}": files are told apart by their names alone; '
                "rename one, or leave both out"
            )
    return known


def provenance_of(picture: Path, known: Mapping[str, Provenance]) -> Provenance:
    """What is known of a picture; without a list its source is its folder."""
    return known.get(picture.name) or Provenance(str(picture.parent))


def _trust(how: str) -> float:
    words = how.lower().replace(",", " ").split()
    return next((trust for word, trust in EDGE_TRUST.items() if word in words), BLUNT)
