"""Which measure of doubt finds the pictures that a model labelled badly, and which threshold leaves
least to correct: the numbers of docs/prelabel.md.

Labelled pictures are labelled anew by a model. The error of a picture is 1 − PQ, where
PQ = 2 Σ IoU of the pairs with IoU ≥ 0.5 / (finds + characters) (Kirillov et al. 2019, "Panoptic
Segmentation"); its corrections are the finds to delete, the characters to draw, and the outlines
with an IoU below 0.9. Printed of each measure: Spearman's rank correlation with both, and the share
of all corrections in the fifth of the pictures that it puts first.

    python benchmarks/prelabel_doubt.py DATASET [--model FILE] [--limit N]
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from kirinuki import Segmenter
from kirinuki.formats.registry import load_set
from kirinuki.formats.trace import MIN_IOU_OF_FINDS, drawn_iou, mask_to_polygons
from kirinuki.geometry import mask_iou
from kirinuki.instances import Instances
from kirinuki.labelling.uncertainty import Doubt, doubt_absence, doubt_of, in_mirror_image
from kirinuki.tracking.assign import match

LOWEST = 0.1
"""Score from which finds are kept to try thresholds."""
GOOD_OUTLINE = 0.9


@dataclass
class Seen:
    """One picture: what is there, what was found, and the same in its mirror image."""

    truth: list[NDArray[np.bool_]]
    found: Instances
    in_mirror: Instances


@dataclass
class Work:
    """What a picture's labels leave to do."""

    right: int
    delete: int
    draw: int
    improve: int
    error: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--limit", type=int, help="so many pictures, evenly over the set")
    options = parser.parse_args()
    segmenter = Segmenter.load(options.model, score=LOWEST)
    usual = segmenter.info.score
    seen = look(options.dataset, segmenter, options.limit)
    print(f"{len(seen)} pictures, {sum(len(s.truth) for s in seen)} characters\n")
    print_thresholds(seen, usual)
    print_measures(seen, usual / 2, usual)
    print_points(seen, usual / 2)


def look(dataset: Path, segmenter: Segmenter, limit: int | None) -> list[Seen]:
    pictures = list(load_set(dataset))
    if limit is not None:
        pictures = [pictures[i * len(pictures) // limit] for i in range(min(limit, len(pictures)))]
    seen = []
    for picture in pictures:
        rgb = picture.read().rgb
        truth = [one.mask(picture.size_hw) for one in picture.instances]
        looks = (rgb, np.ascontiguousarray(rgb[:, ::-1]))
        # Without the pictures: a set's would fill the memory.
        found, mirrored = (replace(segmenter(look), picture=None) for look in looks)
        seen.append(Seen([mask for mask in truth if mask.any()], found, mirrored))
    return seen


def work_of(seen: Seen, threshold: float) -> Work:
    found = seen.found[seen.found.scores >= threshold]
    masks = [found.mask(i) for i in range(len(found))]
    overlaps = np.array([[mask_iou(m, t) for t in seen.truth] for m in masks])
    overlaps = overlaps.reshape(len(masks), len(seen.truth))
    overlaps[overlaps < 0.5] = 0
    ious = [float(overlaps[pair]) for pair in match(overlaps)]
    everyone = len(masks) + len(seen.truth)
    return Work(
        right=len(ious),
        delete=len(masks) - len(ious),
        draw=len(seen.truth) - len(ious),
        improve=sum(iou < GOOD_OUTLINE for iou in ious),
        error=1 - 2 * sum(ious) / everyone if everyone else 0.0,
    )


def print_thresholds(seen: list[Seen], usual: float) -> None:
    print("| score from | right | to delete | to draw |\n|---|---|---|---|")
    for share in (0.25, 0.5, 0.75, 1.0, 1.25):
        works = [work_of(one, share * usual) for one in seen]
        right, delete, draw = (
            sum(getattr(w, k) for w in works) for k in ("right", "delete", "draw")
        )
        print(f"| {share:g} × {usual:g} | {right} | {delete} | {draw} |")
    print()


def print_measures(seen: list[Seen], threshold: float, usual: float) -> None:
    works = [work_of(one, threshold) for one in seen]
    errors = np.array([work.error for work in works])
    corrections = np.array([work.delete + work.draw + work.improve for work in works])
    print("| measure | error | corrections | in the first fifth |\n|---|---|---|---|")
    for name, values in measures(seen, threshold, usual).items():
        first = np.argsort(-values, kind="stable")[: len(values) // 5]
        share = corrections[first].sum() / max(corrections.sum(), 1)
        of_error, of_corrections = spearman(values, errors), spearman(values, corrections)
        print(f"| {name} | {of_error:.2f} | {of_corrections:.2f} | {share:.0%} |")
    print()


def measures(seen: list[Seen], threshold: float, usual: float) -> dict[str, NDArray[np.float64]]:
    """Each measure of doubt, (pictures,), high where errors are expected."""
    doubts: dict[str, Doubt] = {}
    entropies, margins, lowest, blurs = [], [], [], []
    for i, one in enumerate(seen):
        found, mirrored = (x[x.scores >= threshold] for x in (one.found, one.in_mirror))
        doubts[str(i)] = doubt_of(found, mirrored, usual)
        scores = np.clip(found.scores.astype(np.float64), 1e-3, 1 - 1e-3)
        entropy = -scores * np.log2(scores) - (1 - scores) * np.log2(1 - scores)
        entropies.append(entropy.max(initial=0))
        margins.append(1 - np.abs(one.found.scores - threshold).min(initial=1))
        lowest.append(1 - scores.min(initial=1))
        blurs.append(doubt_of(found, in_mirror_image(found), usual).uncertainty)
    random = np.random.default_rng(0).random(len(seen))
    shipped = np.array([d.uncertainty for d in doubt_absence(doubts).values()])
    alone = np.array([d.uncertainty for d in doubts.values()]) - np.array(blurs)
    return {
        "**as written to review.csv**": shipped,
        "disagreement with the mirror image alone": alone,
        "blur of the softest outline alone": np.array(blurs),
        "entropy of the most doubtful score": np.array(entropies),
        "nearness of a score to the threshold": np.array(margins),
        "lowest score": np.array(lowest),
        "at random": random,
    }


def print_points(seen: list[Seen], threshold: float) -> None:
    counts, ious = [], []
    for one in seen:
        found = one.found[one.found.scores >= threshold]
        for i in range(len(found)):
            polygons = mask_to_polygons(found.mask(i), MIN_IOU_OF_FINDS)
            if polygons is not None:
                counts.append(sum(map(len, polygons)))
                ious.append(drawn_iou(polygons, found.mask(i)))
    if counts:
        half, most = np.percentile(counts, [50, 90])
        print(f"points a character: median {half:.0f}, 90 % have at most {most:.0f};", end=" ")
        print(f"IoU with the mask: {min(ious):.3f} at least, {np.mean(ious):.3f} on average")


def spearman(a: NDArray[np.generic], b: NDArray[np.generic]) -> float:
    """Rank correlation, with mean ranks where values are equal."""
    return float(np.corrcoef(ranks(a), ranks(b))[0, 1])


def ranks(values: NDArray[np.generic]) -> NDArray[np.float64]:
    _, which, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[which], np.float64)


if __name__ == "__main__":
    cv2.setNumThreads(1)
    main()
