"""Rows of text as a Markdown table."""

from __future__ import annotations

from collections.abc import Sequence


def markdown(lines: Sequence[Sequence[str]]) -> str:
    """A heading and rows, the first column to the left, the others to the right."""
    aligned = ["---", *["---:"] * (len(lines[0]) - 1)]
    return "".join(f"| {' | '.join(line)} |\n" for line in (lines[0], aligned, *lines[1:]))
