"""`Terminal`: what tables and lines of several colours are printed with.

A text is shown as it is: control characters of names and labels are written out, nothing in square
brackets or between colons means a style. Not covered: plain lines (`voice`).
"""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.text import Text

from kirinuki.errors import escaped


class Terminal(Console):
    """stdout, or stderr."""

    def __init__(self, *, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, markup=False, emoji=False, highlight=False, soft_wrap=True)

    def render_str(self, text: str, **how: Any) -> Text:
        """Every string on its way out: a line, a cell, a title."""
        return super().render_str(escaped(text), **how)
