"""Damage as files get it, and as somebody who means harm would make it, in a good file's bytes.

Not covered: what a good file is (`damaged_pictures`, `damaged_videos`).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

MOST = 4
"""Changes of one file."""
_EXTREMES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


def mutated(draw: random.Random, goods: Sequence[bytes]) -> bytes:
    """One of the good files, changed once to `MOST` times."""
    content = draw.choice(goods)
    for _ in range(draw.randint(1, MOST)):
        content = draw.choice(_CHANGES)(draw, content, draw.choice(goods))
    return content


def _place(draw: random.Random, content: bytes) -> int:
    """Somewhere; half of the time in the header, where more can go wrong."""
    return draw.randrange(max(1, min(len(content), 200 if draw.random() < 0.5 else len(content))))


def _flip(draw: random.Random, content: bytes, other: bytes) -> bytes:
    changed = bytearray(content or b"\0")
    for _ in range(draw.randint(1, 8)):
        changed[_place(draw, changed)] ^= 1 << draw.randrange(8)
    return bytes(changed)


def _junk(draw: random.Random, content: bytes, other: bytes) -> bytes:
    at = _place(draw, content)
    junk = draw.randbytes(draw.randint(1, 64))
    return content[:at] + junk + content[at + len(junk) :]


def _number(draw: random.Random, content: bytes, other: bytes) -> bytes:
    """A size, a count, an offset: zero, or as large as can be."""
    at, width = _place(draw, content), draw.choice((1, 2, 4))
    number = (draw.choice(_EXTREMES) & (256**width - 1)).to_bytes(
        width, draw.choice(("big", "little"))
    )
    return content[:at] + number + content[at + width :]


def _cut(draw: random.Random, content: bytes, other: bytes) -> bytes:
    return content[: _place(draw, content)]


def _without(draw: random.Random, content: bytes, other: bytes) -> bytes:
    at = _place(draw, content)
    return content[:at] + content[at + draw.randint(1, 300) :]


def _twice(draw: random.Random, content: bytes, other: bytes) -> bytes:
    at, size = _place(draw, content), draw.randint(1, 300)
    return content[: at + size] + content[at:]


def _inserted(draw: random.Random, content: bytes, other: bytes) -> bytes:
    at = _place(draw, content)
    return content[:at] + draw.randbytes(draw.randint(1, 300)) + content[at:]


def _spliced(draw: random.Random, content: bytes, other: bytes) -> bytes:
    """The beginning of one file, the end of another."""
    return content[: _place(draw, content)] + other[_place(draw, other) :]


def _zeroed(draw: random.Random, content: bytes, other: bytes) -> bytes:
    """A sector that was never written."""
    at, size = _place(draw, content), draw.choice((16, 64, 512, 4096))
    return content[:at] + bytes(min(size, len(content) - at)) + content[at + size :]


_CHANGES: tuple[Callable[[random.Random, bytes, bytes], bytes], ...] = (
    *(_flip, _flip, _junk, _number, _number, _cut, _without, _twice, _inserted, _spliced, _zeroed),
)
