"""Sizes that WebP and AVIF files declare. Their libraries have limits of their own, at other
numbers and in other words, and set memory aside before ours can be asked.

Not covered: other formats, whose headers Pillow reads and no more.
"""

from __future__ import annotations

LONGEST_HEADER = 1 << 20
"""Bytes within which a size stands."""


def declared_sizes(head: bytes) -> list[tuple[int, int]]:
    """Widths and heights in the beginning of a file; none of a format that is not covered."""
    if head[:4] == b"RIFF":
        return _of_webp(head[12:16], head[20:30])
    return _of_avif(head) if head[4:8] == b"ftyp" else []


def _of_webp(kind: bytes, body: bytes) -> list[tuple[int, int]]:
    """Of the canvas: RFC 9649, sections 2.7 and 3.4, and RFC 6386, section 9.1."""
    if len(body) < 10:
        return []
    if kind == b"VP8X":
        return [(1 + _number(body[4:7]), 1 + _number(body[7:10]))]
    if kind == b"VP8L":
        bits = _number(body[1:5])
        return [(1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))]
    return [(_number(body[6:8]) & 0x3FFF, _number(body[8:10]) & 0x3FFF)]


def _of_avif(head: bytes) -> list[tuple[int, int]]:
    """Of all pictures in it: ISO/IEC 23008-12, ImageSpatialExtentsProperty."""
    sizes, place = [], head.find(b"ispe")  # then version and flags, width, height
    while 0 <= place <= len(head) - 16:
        width, height = (int.from_bytes(head[place + n : place + n + 4]) for n in (8, 12))
        sizes.append((width, height))
        place = head.find(b"ispe", place + 4)
    return sizes


def _number(little: bytes) -> int:
    return int.from_bytes(little, "little")
