"""`warm`: a `Segmenter` that stays open between calls, one for each model.

Not covered: other providers, scores and threads than the usual: load a `Segmenter` of your own.
"""

from __future__ import annotations

import os
import threading
from functools import lru_cache
from pathlib import Path

from kirinuki.segmenter.segmenter import Segmenter, model_files

MOST_KEPT = 4
"""Models that are kept; each takes some 100 MB."""

_lock = threading.Lock()


def warm(model: str | Path | None = None) -> Segmenter:
    """The segmenter of this model, opened when it is first asked for. From any thread: two that ask
    at once get the same one.

    Args:
        model: as in `Segmenter.load`. A file that was replaced since is opened anew.

    Raises:
        ModelError: as `Segmenter.load`.
    """
    path = None if model is None else str(Path(model).absolute())
    with _lock:
        # A process that was forked off cannot use its parent's sessions: their threads are gone.
        return _loaded(path, tuple(_state(file) for file in model_files(path)), os.getpid())


@lru_cache(maxsize=MOST_KEPT)
def _loaded(path: str | None, states: tuple[tuple[int, int], ...], process: int) -> Segmenter:
    return Segmenter.load(path)


def _state(file: Path) -> tuple[int, int]:
    """Time and size, by which a replaced file is known; a missing one is for `load` to name."""
    try:
        stat = file.stat()
    except OSError:
        return 0, 0
    return stat.st_mtime_ns, stat.st_size
