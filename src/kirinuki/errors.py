"""The error tree. Every message is one line fit for the terminal: where, got, expected, remedy.

A message speaks of arguments, each in backquotes: "a.png: exists already; pass `overwrite` to
replace it". `KirinukiError.arguments` are these; the command puts its flags in their place.

KirinukiError            anything we refuse; the command line prints it and exits with status 1
├── PictureError         a picture cannot be read, is too large, or is not a picture
├── VideoError           a video cannot be read
├── OutputError          a result cannot be written (exists already, no space, not writable)
├── ModelError           a model file is missing, damaged, or not one of ours
│   └── ProviderError    the hardware asked for is not available
├── LabelError           a label file or one of its shapes is wrong; names file and shape
├── DatasetError         a data set as a whole cannot be used
├── TrainingError        training cannot start or go on
└── MissingExtraError    an optional dependency is not installed; names the pip command
"""

from __future__ import annotations

import logging
import os
import re

LONGEST = 490
"""Characters of a message, ten less than of a line, which begins with who says it: what is left out
is in its middle."""
ARGUMENT = re.compile(r"(?<![\w.\\/-])`([a-z_]+)`(?![\w\\/-]|\.\w)")
"""An argument in a message; not a part of a file's name, which may have backquotes, too."""
_RAW = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, ends of lines, what turns the direction of writing, and halves of characters,
which JSON can say and names that are not UTF-8 come as, and no terminal can show."""
_BREAK = re.compile(r"\s*[\n\r\v\f\x85\u2028\u2029]\s*")


def escaped(text: str) -> str:
    """Words from outside, such as the name of a file, fit for a terminal and for one line: what
    would move its cursor, colour it, or turn what follows around, as Python writes it."""
    return _RAW.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


def in_json(text: str) -> str:
    """JSON fit for a terminal: what `escaped` writes out, between lines, as JSON's own escapes."""
    lines = text.split("\n")
    return "\n".join(_RAW.sub(lambda found: f"\\u{ord(found[0]):04x}", line) for line in lines)


def one_line(text: str) -> str:
    """A message: no ends of lines, all else `escaped`, of at most `LONGEST` characters."""
    line = escaped(_BREAK.sub(" ", text))
    if len(line) <= LONGEST:
        return line
    head = LONGEST * 3 // 5
    return f"{line[:head]} … {line[head + 3 - LONGEST :]}"


class KirinukiError(Exception):
    """Base of all errors that kirinuki raises on purpose: here every message becomes one line."""

    def __init__(self, message: str = "") -> None:
        super().__init__(one_line(message))

    @property
    def arguments(self) -> tuple[str, ...]:
        """The arguments that the message speaks of, in order: what to change."""
        return arguments_in(str(self))


class PictureError(KirinukiError):
    """A picture cannot be read."""


class VideoError(KirinukiError):
    """A video cannot be read."""


class OutputError(KirinukiError):
    """A result cannot be written."""


class ModelError(KirinukiError):
    """A model file cannot be used."""


class ProviderError(ModelError):
    """The execution provider (CPU, CUDA, …) that was asked for is not available."""


class LabelError(KirinukiError):
    """A label file, or a shape in it, is wrong."""


class DatasetError(KirinukiError):
    """A data set cannot be used as it is."""


class TrainingError(KirinukiError):
    """Training cannot start or go on."""


class MissingExtraError(KirinukiError):
    """An optional dependency is not installed."""

    def __init__(self, feature: str, extra: str) -> None:
        # No registry has kirinuki yet: what works is an install from its folder.
        super().__init__(
            f'{feature} needs more packages; in a clone of kirinuki run: pip install ".[{extra}]"'
        )


def broken_opencv(error: ImportError | AttributeError) -> KirinukiError | None:
    """What to say where OpenCV cannot be imported, or is half there; None if it is not about that.

    ``opencv-python`` and ``opencv-python-headless`` write the same files: to remove either breaks
    the other, and the first needs a display's libraries, such as libGL, which servers lack.
    """
    from importlib.metadata import distributions  # slow, and seldom wanted

    if not any(word in f"{error.name} {error}" for word in ("cv2", "libGL", "libgthread")):
        return None
    found = sorted({one.name for one in distributions() if one.name.startswith("opencv-")})
    beside = f"; installed: {', '.join(found)}, of which one alone can be" if len(found) > 1 else ""
    remove = f"pip uninstall -y {' '.join(found)}; " if found else ""
    return KirinukiError(
        f"OpenCV cannot be loaded ({' '.join(str(error).split())}){beside}; run: {remove}"
        "pip install --force-reinstall opencv-python-headless"
    )


def arguments_in(message: str) -> tuple[str, ...]:
    """The arguments that a message speaks of."""
    return tuple(dict.fromkeys(ARGUMENT.findall(message)))


def reason_of(error: Exception) -> str:
    """Why one input of a job failed, in one line: the error's own words, and where we did not raise
    it on purpose, that and what it is. A job goes on after either."""
    words = " ".join(str(error).split())
    logging.getLogger(__name__).debug("%s", words, exc_info=error)
    if isinstance(error, KirinukiError):
        return one_line(words)
    if isinstance(error, OSError) and error.strerror:
        where = "" if error.filename is None else f"{os.fsdecode(error.filename)}: "
        return one_line(where + error.strerror)
    return one_line(f"unexpected {type(error).__name__}: {words}")
