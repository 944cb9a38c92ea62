"""`say_next`: what a step of the labelling loop prints last, the command of the step after it."""

from __future__ import annotations

import shlex
from pathlib import Path

from kirinuki.cli.voice import say


def say_next(*words: str | Path) -> None:
    """Say ``next: kirinuki …``, quoted so that a shell reads it back as these words.

    Args:
        words: the words after ``kirinuki``: verb, options and files, such as
            ``say_next("data", "check", path)``.
    """
    say(f"next: {shlex.join(['kirinuki', *map(_word, words)])}")


def _word(word: str | Path) -> str:
    """A path that starts with a dash would be read as an option."""
    text = str(word)
    return f"./{text}" if isinstance(word, Path) and text.startswith("-") else text
