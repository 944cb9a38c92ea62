"""Which sources of a library are held out: named, listed in a file, or chosen.

Not covered: splitting labelled data sets (`split`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from kirinuki.compose.library import Library, Piece
from kirinuki.errors import DatasetError
from kirinuki.outside_text import read_text


def read_sources(values: Iterable[str]) -> tuple[str, ...]:
    """Names of sources from names and files that hold one name a line, sorted, each once.

    A value that is the path of a file is read as one; blank lines and ``#`` comments are skipped.

    Raises:
        DatasetError: a file cannot be read, or holds no name.
    """
    names: set[str] = set()
    for value in values:
        if not Path(value).is_file():
            names.add(value)
            continue
        lines = read_text(Path(value), DatasetError).splitlines()
        listed = {line.strip() for line in lines if line.strip() and not line.startswith("#")}
        if not listed:
            raise DatasetError(f"{value}: names no source; expected one a line")
        names |= listed
    return tuple(sorted(names))


def choose_sources(library: Library, share: float = 0.15, seed: int = 0) -> tuple[str, ...]:
    """Sources that together hold about `share` of the characters and of the backgrounds, sorted.

    Seeded; a source that holds more than half of either is never taken, for the rest could not be
    trained on.

    Raises:
        DatasetError: the library comes from too few sources.
    """
    chosen: set[str] = set()
    order = np.random.default_rng((seed, 4))
    for pieces in (library.characters, library.backgrounds):
        counts = Counter(piece.source for piece in pieces)
        small = sorted(source for source in counts if counts[source] * 2 <= len(pieces))
        held = sum(counts[source] for source in chosen)
        for i in order.permutation(len(small)):
            if held >= share * len(pieces):
                break
            if small[i] not in chosen and _leaves_half(library, {*chosen, small[i]}):
                chosen.add(small[i])
                held += counts[small[i]]
        if not held:
            raise DatasetError(
                "the library comes from too few sources to hold some out for validation; name "
                "them (`held_out`), or give a labelled validation set (`val`)"
            )
    return tuple(sorted(chosen))


def _leaves_half(library: Library, sources: set[str]) -> bool:
    def left(pieces: tuple[Piece, ...]) -> int:
        return sum(piece.source not in sources for piece in pieces)

    return all(
        2 * left(pieces) >= len(pieces) for pieces in (library.characters, library.backgrounds)
    )
