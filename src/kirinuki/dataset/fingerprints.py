"""Fingerprints of the pictures of labels, be they files, embedded or frames of a video.

Not covered: what a fingerprint is, and comparing them (`images.fingerprint`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from kirinuki.errors import KirinukiError
from kirinuki.formats.picture_ref import FileRef, PictureRef
from kirinuki.images.fingerprint import Fingerprint, fingerprint, read_fingerprints


def fingerprints(
    refs: Iterable[PictureRef],
) -> Iterator[tuple[PictureRef, Fingerprint | KirinukiError]]:
    """The fingerprint of every picture, or why it cannot be read: files first, a few at a time."""
    files: dict[Path, list[PictureRef]] = defaultdict(list)
    others: list[PictureRef] = []
    for ref in refs:
        if isinstance(ref, FileRef) and not ref.missing:
            files[ref.path].append(ref)
        else:
            others.append(ref)
    for path, result in read_fingerprints(files):
        yield from ((ref, result) for ref in files[path])
    for ref in others:
        try:
            yield ref, fingerprint(ref.read().rgb)
        except KirinukiError as error:
            yield ref, error
