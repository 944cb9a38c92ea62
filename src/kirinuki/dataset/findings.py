"""`Finding`: one thing that is wrong with a data set, with its file and shape. And the kinds.

An *error* would teach something false or stop a training; a *warning* is worth a look.

Not covered: looking for them (`check`), printing them (`cli.data.check`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from kirinuki.errors import one_line

Level = Literal["error", "warning"]

KINDS: dict[str, str] = {
    "empty-dataset": "empty data sets",
    "unreadable-labels": "label files that cannot be read",
    "broken-label": "labels that cannot be used",
    "read-otherwise": "labels that are read otherwise than they stand there",
    "missing-picture": "missing pictures",
    "unreadable-picture": "pictures that cannot be read",
    "size-mismatch": "sizes that do not match the picture",
    "empty-shape": "empty shapes",
    "self-crossing": "shapes whose outline crosses itself",
    "points-outside": "points outside the picture",
    "duplicate-shape": "shapes drawn twice",
    "tiny-shape": "tiny shapes",
    "duplicate-picture": "the same picture twice",
    "split-leak": "pictures on both sides of the split",
    "similar-names": "class names that look like a slip of the pen",
    "unlabelled-picture": "pictures without labels (good to have, if no character is in them)",
}
"""Every kind of finding in the order of the report, with the heading it gets there."""


@dataclass(frozen=True)
class Finding:
    """One fault.

    Attributes:
        kind: a key of `KINDS`.
        level: "error" or "warning".
        file: the label file, as it was named to us.
        picture: the picture inside that file, or None where the file as a whole is meant.
        shape: the shape or annotation, such as ``shape 2 ("hair")``, or None.
        message: what was found, what was expected and what to do, in one line.
    """

    kind: str
    level: Level
    file: str
    message: str
    picture: str | None = None
    shape: str | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind must be one of {sorted(KINDS)}, but got {self.kind!r}")

    @property
    def where(self) -> str:
        """File, picture and shape, as far as they are known."""
        return ", ".join(part for part in (self.file, self.picture, self.shape) if part)

    def __str__(self) -> str:
        return one_line(f"{self.where}: {self.message}")

    def to_json(self) -> dict[str, str | None]:
        """Plain values for a JSON file."""
        return {
            "kind": self.kind,
            "level": self.level,
            "file": self.file,
            "picture": self.picture,
            "shape": self.shape,
            "message": self.message,
        }


def in_report_order(findings: Iterable[Finding]) -> list[Finding]:
    """Errors first, then by kind as in `KINDS`; the order of discovery inside one kind."""
    rank = {kind: i for i, kind in enumerate(KINDS)}
    return sorted(findings, key=lambda found: (found.level != "error", rank[found.kind]))
