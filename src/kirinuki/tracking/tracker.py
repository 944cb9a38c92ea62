"""`Tracker`: the same character keeps the same id through a shot.

Each detection is given to the track that explains it best, all at once: overlap of boxes and masks
with where the track should be by now, nearness, and colours. A track that nothing fits is kept and
may come back: soon by place and colours, later by colours alone. Every detection gets an id at
once; a track seen only once or twice is forgotten soon.

Not covered: what is a new shot (`shots`), frames that repeat (`repeats`: they need no update), gaps
(`settle`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kirinuki.instances import Instances
from kirinuki.tracking.appearance import likeness
from kirinuki.tracking.assign import match
from kirinuki.tracking.tracklet import CELLS, Sight, Track, sight_of

MEMORY = 240
"""Updates for which an established track is remembered unseen: 10 s on ones."""
ESTABLISHED = 3
"""Sights after which a track is established; others are forgotten when missed that often."""
SURE = 1e-4
"""Probabilities are held this far from 0 and 1, so that one opinion never outweighs all."""

NEAR_WEIGHT = 0.4
"""What nearness counts for; overlap and colours count for 1 …"""
CONTRAST_WEIGHT = 2.0
"""… and for this, in which they differ from those of the others."""
NEEDED = 0.5
"""Evidence from which two are the same."""
REACH = 0.175
"""How far a detection may be from where it is expected to count as near, in its own sizes …"""
REACH_GROWTH = 0.125
"""… and how much farther for each frame missed."""
LOOKS_ALIKE = (0.4, 0.92)
"""Likeness that speaks for nothing and for all; less than the first speaks against."""


class Tracker:
    """Gives ids to the characters of one frame after the other."""

    def __init__(self) -> None:
        self._next_id = 1
        self._tracks: list[Track] = []

    def update(self, rgb: NDArray[np.uint8], instances: Instances) -> Instances:
        """The same instances in the same order, with what is known from the frames before.

        Args:
            rgb: the frame (H, W, 3) uint8.
            instances: the characters found in it.

        Returns:
            `track_ids` ≥ 1, never used again for anybody else; `female` is the mean over the
            track, of logits; `labels` the class most often given to the track.
        """
        sights = [sight_of(rgb, instances, i) for i in range(len(instances))]
        tracks = self._assign(sights)
        seen = {track.id for track in tracks}
        for track in self._tracks:
            track.missed += track.id not in seen
        self._tracks = [t for t in self._tracks if t.missed <= _memory(t)]
        return _described(instances, tracks)

    def cut(self) -> None:
        """Forget everyone; ids go on counting."""
        self._tracks = []

    def state(self) -> dict[str, Any]:
        """All that the tracker knows, as JSON; every bit of it."""
        return {"next_id": self._next_id, "tracks": [track.to_json() for track in self._tracks]}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Tracker:
        """A tracker that goes on exactly as the one that gave the `state` would."""
        tracker = cls()
        tracker._next_id = state["next_id"]
        tracker._tracks = [Track.from_json(track) for track in state["tracks"]]
        return tracker

    def _assign(self, sights: Sequence[Sight]) -> list[Track]:
        """The track of each sight, updated; new ones where none fits."""
        evidence, overlap = evidence_of(self._tracks, sights)
        found: dict[int, Track] = {}
        for t, s in match(evidence - NEEDED):
            found[s] = self._tracks[t]
            found[s].see(sights[s], overlap[t, s])
        for s, sight in enumerate(sights):
            if s not in found:
                found[s] = Track(self._next_id, sight)
                self._tracks.append(found[s])
                self._next_id += 1
        return [found[s] for s in range(len(sights))]


def evidence_of(
    tracks: Sequence[Track], sights: Sequence[Sight]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How much speaks for each track and sight being the same, (N, M), from -1; and the IoU
    (N, M) of what was expected and what is seen."""
    evidence = np.zeros((len(tracks), len(sights)))
    overlap = np.zeros((len(tracks), len(sights)))
    if not sights or not tracks:
        return evidence, overlap
    looks = np.stack([sight.look for sight in sights])
    low, high = LOOKS_ALIKE
    alike = np.stack([likeness(track.last.look, looks) for track in tracks])
    for t, track in enumerate(tracks):
        overlap[t], near = _place(track, sights)
        evidence[t] = overlap[t] + NEAR_WEIGHT * near
    evidence += np.clip((alike - low) / (high - low), -1, 1)
    return evidence + CONTRAST_WEIGHT * _contrast(alike), overlap


def _contrast(alike: NDArray[np.float64]) -> NDArray[np.float64]:
    """How much more alike a track and a sight (N, M) are than the sight and any other track: who
    part after they were found as one are where either could be, but look like themselves."""
    if len(alike) < 2:
        return np.zeros_like(alike)
    second, best = np.sort(alike, axis=0)[-2:]
    return np.asarray(alike - np.where(alike == best, second, best))


def _place(
    track: Track, sights: Sequence[Sight]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """IoU and nearness in [0, 1], each (M,), of sights with where the track should be."""
    shift = track.shift()
    expected = track.last.box + np.tile(shift, 2)
    boxes = np.stack([sight.box for sight in sights])
    low = np.maximum(expected[:2], boxes[:, :2])
    high = np.minimum(expected[2:], boxes[:, 2:])
    common = np.prod(np.maximum(high - low, 0), axis=1)
    areas = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    area = float(np.prod(expected[2:] - expected[:2]))
    iou = common / (area + areas - common)
    for s in np.flatnonzero(common).tolist():
        iou[s] = (iou[s] + _mask_iou(track.last, sights[s], shift)) / 2
    away = (boxes[:, :2] + boxes[:, 2:] - expected[:2] - expected[2:]) / 2
    reach = (REACH + REACH_GROWTH * track.missed) * math.sqrt(area)
    near = np.exp(-0.5 * (away**2).sum(axis=1) / reach**2)
    return iou, near


def _mask_iou(last: Sight, now: Sight, shift: NDArray[np.float64]) -> float:
    """IoU of the last mask, moved by `shift`, with that of now."""
    moved = np.array(last.corner) + np.round(shift * CELLS).astype(int)
    height, width = last.mask.shape
    x, y = (np.array(now.corner) - moved).tolist()  # of now's corner in the last mask
    first = last.mask[max(0, y) : y + now.mask.shape[0], max(0, x) : x + now.mask.shape[1]]
    second = now.mask[max(0, -y) : height - y, max(0, -x) : width - x]
    if not first.size or not second.size:
        return 0.0
    common = int(np.count_nonzero(first & second))
    return common / max(1, int(last.mask.sum()) + int(now.mask.sum()) - common)


def _memory(track: Track) -> int:
    return MEMORY if track.sights >= ESTABLISHED else track.sights


def _described(instances: Instances, tracks: Sequence[Track]) -> Instances:
    """The instances, with what their tracks know."""
    labels = instances.labels.copy()
    kind_scores = None if instances.kind_scores is None else instances.kind_scores.copy()
    for i, track in enumerate(tracks):
        label = int(instances.labels[i])
        track.labels[label] = track.labels.get(label, 0) + 1
        labels[i] = max(track.labels, key=lambda name: track.labels[name])
        if kind_scores is not None:
            p = min(max(float(kind_scores[i, 0]), SURE), 1 - SURE)
            track.logits += math.log(p / (1 - p))
            track.opinions += 1
            mean = 1 / (1 + math.exp(-track.logits / track.opinions))
            kind_scores[i] = mean, 1 - mean
    ids = np.array([track.id for track in tracks], np.int64)
    return replace(instances, track_ids=ids, labels=labels, kind_scores=kind_scores)
