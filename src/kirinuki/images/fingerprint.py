"""Fingerprints of pictures: which files show the same picture, or nearly the same frame.

Two per picture: a digest of the decoded pixels (the same picture saved twice as PNG has one
digest), and a perceptual hash (pHash: signs of the low frequencies of the cosine transform around
their median; Zauner 2010, "Implementation and Benchmarking of Perceptual Image Hash Functions").

`NEAR_BITS` was measured on 126 anime backgrounds with a drawn character put in front: the same
frame at half the size, as a poor JPEG, a little brighter, or with the character moved by 1 % of
the width differs in 0 to 28 of the 256 bits (medians 0 to 16); the same background behind another
character in 28 or more (median 89); two different pictures in 89 or more (median 128).

Not covered: mirrored, rotated or cropped copies; pictures of one flat colour have no hash.
"""

from __future__ import annotations

import hashlib
import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from kirinuki.errors import KirinukiError, PictureError
from kirinuki.images.picture import read_picture

HASH_SIDE = 16
"""The hash has HASH_SIDE × HASH_SIDE = 256 bits."""
NEAR_BITS = 32
"""Two hashes that differ in at most this many bits show nearly the same picture."""
_MAX_PRODUCTS = 1 << 24
FLAT_CONTRAST = 2.0
"""Standard deviation of grey, of 255, below which a picture is too flat to hash."""


@dataclass(frozen=True)
class Fingerprint:
    """What is remembered of one decoded picture.

    Attributes:
        size_hw: height and width in pixels, EXIF-upright.
        digest: BLAKE2b of size and RGB pixels, hexadecimal.
        bits: (256,) bool perceptual hash, or None for a picture of one flat colour.
    """

    size_hw: tuple[int, int]
    digest: str
    bits: NDArray[np.bool_] | None


def fingerprint(rgb: NDArray[np.uint8]) -> Fingerprint:
    """Fingerprint of a picture (H, W, 3) uint8 RGB."""
    height, width = rgb.shape[:2]
    digest = hashlib.blake2b(f"{height}×{width}".encode(), digest_size=16)
    digest.update(np.ascontiguousarray(rgb).data)
    return Fingerprint((height, width), digest.hexdigest(), perceptual_hash(rgb))


def perceptual_hash(rgb: NDArray[np.uint8]) -> NDArray[np.bool_] | None:
    """256 bits (bool) of a picture (H, W, 3) uint8 RGB; None where it is flat."""
    side = 2 * HASH_SIDE
    # Colours are averaged before they become grey: far fewer pixels to convert.
    small = cv2.resize(rgb, (side, side), interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32)
    if float(grey.std()) < FLAT_CONTRAST:
        return None
    waves = cv2.dct(grey)[:HASH_SIDE, :HASH_SIDE].ravel()  # (256,)
    waves[0] = 0  # the mean brightness says nothing about what is shown
    waves[np.abs(waves) < 1] = 0  # else the noise of an even picture would decide half the bits
    bits: NDArray[np.bool_] = waves > np.median(waves)
    return bits


def near_pairs(
    first: Sequence[NDArray[np.bool_] | None],
    second: Sequence[NDArray[np.bool_] | None] | None = None,
) -> Iterator[tuple[int, int]]:
    """Index pairs (i, j) of hashes that differ in at most `NEAR_BITS` bits.

    Args:
        first: N hashes; None never pairs.
        second: M hashes to compare with; None compares `first` with itself and gives i < j.
    """
    rows, left = _signs(first)
    columns, right = (rows, left) if second is None else _signs(second)
    if not len(rows) or not len(columns):
        return
    # Signs ±1: the dot product is (equal bits − different bits), and a matrix product is fast.
    least = HASH_SIDE * HASH_SIDE - 2 * NEAR_BITS
    chunk = max(1, _MAX_PRODUCTS // len(columns))
    for start in range(0, len(rows), chunk):
        alike = left[start : start + chunk] @ right.T >= least  # (chunk, M)
        for i, j in np.argwhere(alike).tolist():
            pair = (int(rows[start + i]), int(columns[j]))
            if second is not None or pair[0] < pair[1]:
                yield pair


def _signs(
    hashes: Sequence[NDArray[np.bool_] | None],
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Where the hashes are, (K,), and their bits as ±1, (K, 256)."""
    present = [(i, bits) for i, bits in enumerate(hashes) if bits is not None]
    where = np.array([i for i, _ in present], np.int64)
    bits = np.array([bits for _, bits in present], np.float32)
    bits = bits.reshape(-1, HASH_SIDE * HASH_SIDE)
    return where, 2 * bits - 1


def read_fingerprints(
    paths: Iterable[Path], workers: int | None = None
) -> Iterator[tuple[Path, Fingerprint | KirinukiError]]:
    """Open every picture, a few at a time, in order: its fingerprint, or why it cannot be read.

    Threads suffice: decoding and hashing release the interpreter lock. A broken file is an item
    of the result and stops nothing.
    """
    count = workers or min(8, os.cpu_count() or 1)
    waiting: deque[tuple[Path, Future[Fingerprint | KirinukiError]]] = deque()
    with ThreadPoolExecutor(count) as pool:
        for path in paths:
            waiting.append((path, pool.submit(_read_one, path)))
            if len(waiting) > 2 * count:  # so that a huge folder is not queued all at once
                ready, future = waiting.popleft()
                yield ready, future.result()
        for ready, future in waiting:
            yield ready, future.result()


def _read_one(path: Path) -> Fingerprint | KirinukiError:
    if not path.exists():
        return PictureError(f"{path}: there is no such picture")
    try:
        return fingerprint(read_picture(path).rgb)
    except KirinukiError as error:
        return error
