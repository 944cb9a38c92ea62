"""How well cuts are found, beside PySceneDetect's detectors, on composed sequences.

    python benchmarks/video/shots.py [--rounds N] [--sprites DIR --backgrounds DIR]

Without folders everything is drawn by this project. PySceneDetect (`pip install scenedetect`) is
compared where it is installed; give it an environment of its own, for it brings opencv-python,
which overwrites opencv-python-headless. Its detectors run with their defaults, but for the length
of the shortest scene, which is that of these sequences.

A cut counts as found at its very frame. A fade through black or a dissolve between two shots may be
told once; each report more than that is a false one, and none is missed.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from collections.abc import Sequence as Many
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from markdown_table import markdown
from numpy.typing import NDArray
from shot_sequences import HARD, Sequence, sequences

from kirinuki.compose.library import Library
from kirinuki.tracking.shots import Shots

SHORTEST = 8
FPS = 24.0
Finder = Callable[[Many[NDArray[np.uint8]]], list[int]]


@dataclass
class Counts:
    """Cuts of one kind of sequence, as one finder told them."""

    found: int = 0
    true: int = 0
    false: int = 0

    def add(self, told: Many[int], truth: Sequence) -> None:
        hits = set(told) & set(truth.cuts)
        inside = [sum(first <= at <= last for at in told) for first, last in truth.open]
        allowed = sum(min(count, 1) for count in inside)
        self.found += len(hits)
        self.true += len(truth.cuts)
        self.false += len(told) - len(hits) - allowed

    def __str__(self) -> str:
        return f"{self.found}/{self.true}, {self.false}"


@dataclass
class Score:
    """What one finder told, by kind of sequence, and how long it took."""

    kinds: dict[str, Counts] = field(default_factory=dict)
    seconds: float = 0.0
    frames: int = 0

    def add(self, kind: str, finder: Finder, truth: Sequence) -> None:
        begun = time.perf_counter()
        told = finder(truth.frames)
        self.seconds += time.perf_counter() - begun
        self.frames += len(truth.frames)
        self.kinds.setdefault(kind, Counts()).add(told, truth)

    def rates(self, kinds: Many[str]) -> tuple[float, float]:
        """Recall and precision over these kinds."""
        counts = [self.kinds[kind] for kind in kinds]
        found = sum(c.found for c in counts)
        told = found + sum(c.false for c in counts)
        return found / sum(c.true for c in counts), found / told if told else 1.0


def ours(frames: Many[NDArray[np.uint8]]) -> list[int]:
    shots = Shots()
    return [i for i, frame in enumerate(frames) if shots.is_cut(frame)]


def peers() -> dict[str, Finder]:
    """PySceneDetect's detectors by name; none where it is not installed."""
    if find_spec("scenedetect") is None:
        return {}
    from scenedetect import detectors as kinds
    from scenedetect.common import FrameTimecode

    def finder(make: Callable[[], kinds.ContentDetector]) -> Finder:
        def find(frames: Many[NDArray[np.uint8]]) -> list[int]:
            detector, told = make(), []
            for i, frame in enumerate(frames):
                bgr = np.ascontiguousarray(frame[..., ::-1])
                told += detector.process_frame(FrameTimecode(i, FPS), bgr)
            told += detector.post_process(FrameTimecode(len(frames) - 1, FPS))
            return [cut.frame_num for cut in told]

        return find

    return {
        "content": finder(lambda: kinds.ContentDetector(min_scene_len=SHORTEST)),
        "adaptive": finder(lambda: kinds.AdaptiveDetector(min_scene_len=SHORTEST)),
        "histogram": finder(lambda: kinds.HistogramDetector(min_scene_len=SHORTEST)),
        "hash": finder(lambda: kinds.HashDetector(min_scene_len=SHORTEST)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=4, help="sequences of each kind")
    parser.add_argument("--first", type=int, default=0, help="seed of the first round")
    parser.add_argument("--sprites", type=Path, help="folder of cutouts with alpha")
    parser.add_argument("--backgrounds", type=Path, help="folder of pictures without characters")
    arguments = parser.parse_args()
    library = None
    if arguments.sprites and arguments.backgrounds:
        library = Library.load(arguments.sprites, arguments.backgrounds)
    finders = {"ours": ours, **peers()}
    scores = {name: Score() for name in finders}
    rounds = range(arguments.first, arguments.first + arguments.rounds)
    for kind, truth in sequences(library, rounds):
        for name, finder in finders.items():
            scores[name].add(kind, finder, truth)
    print(table(scores))


def table(scores: dict[str, Score]) -> str:
    """One row for each kind of sequence: cuts found of those that are, and false ones."""
    every = list(next(iter(scores.values())).kinds)
    hard = [kind.__name__.replace("_", " ") for kind in HARD]
    lines = [["found/true, false", *scores]]
    lines += [[kind, *(str(score.kinds[kind]) for score in scores.values())] for kind in every]
    for title, kinds in (("hard cuts", hard), ("all", every)):
        rates = [score.rates(kinds) for score in scores.values()]
        lines.append([f"{title}: recall", *(f"{recall:.3f}" for recall, _ in rates)])
        lines.append([f"{title}: precision", *(f"{precision:.3f}" for _, precision in rates)])
    times = [f"{1000 * score.seconds / score.frames:.2f}" for score in scores.values()]
    return markdown([*lines, ["ms a frame", *times]])


if __name__ == "__main__":
    main()
