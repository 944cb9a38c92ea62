"""Does a model file compute what torch computes? Asked after every export, before the file counts.

The pictures are made up here, so that the answer depends on no data. A detector sees them with the
limit on scores chosen so that nobody, several and exactly one are found, in an order in which a
picture with somebody follows an empty one and the other way round: an exported Mask R-CNN once
failed on the picture after an empty one (pytorch/vision issue 2251).

Not covered: how good the model is (`evaluate`).
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from kirinuki.errors import ModelError
from kirinuki.segmenter.model_file import Kind, open_session, run
from kirinuki.segmenter.model_tensors import SIGNATURES

MATCHED_SHARE = 0.9
"""Share of the detections that must agree. Not all: at a cut (the best so many, NMS) a tie may fall
either way by the last bit."""

BOX_TOLERANCE = 0.25
"""Largest difference of a coordinate, in pixels of the input."""
SCORE_TOLERANCE = 1e-3
MASK_TOLERANCE = 1e-2
"""Largest mean difference of a coarse mask."""
ALPHA_TOLERANCE = 2e-3
"""Largest difference of alpha (half a level of 255), quality and kind."""

Found = list[NDArray[np.generic]]
"""boxes, scores, labels and masks of one picture."""


def check_detector(graph: nn.Module, path: Path) -> None:
    """Compare a detector file with its `DetectorGraph`.

    Raises:
        ModelError: they disagree; says on which picture and how.
    """
    session, info = open_session(path, kind="detector")
    long, short = info.input_size, max(info.input_size * 9 // 16, 1)
    pictures = [
        synthetic_picture(h, w, i) for i, (h, w) in enumerate([(short, long), (long, short)])
    ]
    scores = [_torch_finds(graph, picture, 0.0)[1] for picture in pictures]
    if min(len(s) for s in scores) < 2:
        raise ModelError("parity check: the detector proposes fewer than two boxes; is it trained?")
    only_best = float(scores[0][0] + scores[0][1]) / 2
    for name, picture, min_score, expected in (
        ("nobody", pictures[0], 1.0, 0),
        ("several", pictures[1], 0.0, len(scores[1])),
        ("nobody after several", pictures[1], 1.0, 0),
        ("one", pictures[0], only_best, 1),
        ("several after one", pictures[0], 0.0, len(scores[0])),
    ):
        theirs = _torch_finds(graph, picture, min_score)
        if len(theirs[1]) != expected:
            raise ModelError(f"parity check, {name}: torch finds {len(theirs[1])}, not {expected}")
        feed: dict[str, NDArray[np.generic]] = {
            "image": picture,
            "min_score": np.array(min_score, np.float32),
        }
        _compare_finds(name, run(session, feed, "detector"), theirs)


def check_refiner(graph: nn.Module, path: Path) -> None:
    """Compare a refiner file with its `RefinerGraph`, for batches of 1, 3 and 1.

    Raises:
        ModelError: they disagree; says by how much.
    """
    session, info = open_session(path, kind="refiner")
    size = info.input_size
    for seed, batch in enumerate((1, 3, 1)):
        crops = np.stack([_synthetic_crop(size, 10 * seed + i) for i in range(batch)])
        with torch.no_grad():
            expected = [part.numpy() for part in graph(torch.from_numpy(crops))]
        # All outputs in the file's order, which is the graph's: alpha, quality, female.
        for ours, theirs in zip(session.run(None, {"crops": crops}), expected, strict=True):
            _expect_shape("refiner", ours, theirs)
            difference = float(np.abs(ours - theirs).max())
            if not difference <= ALPHA_TOLERANCE:
                raise ModelError(
                    f"parity check, batch of {batch}: the refiner differs from torch by "
                    f"{difference:.4f}, expected at most {ALPHA_TOLERANCE}"
                )


def synthetic_picture(height: int, width: int, seed: int) -> NDArray[np.uint8]:
    """Coloured ellipses on a soft background, (3, height, width) uint8: something to find."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (4, 4, 3), dtype=np.uint8)
    picture = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    for _ in range(12):
        centre = int(rng.integers(width)), int(rng.integers(height))
        axes = int(width * rng.uniform(0.02, 0.2)) + 1, int(height * rng.uniform(0.02, 0.3)) + 1
        colour = [int(c) for c in rng.integers(0, 256, 3)]
        cv2.ellipse(picture, centre, axes, float(rng.uniform(0, 180)), 0, 360, colour, -1)
    return np.ascontiguousarray(picture.transpose(2, 0, 1)).astype(np.uint8, copy=False)


def _synthetic_crop(size: int, seed: int) -> NDArray[np.float32]:
    picture = synthetic_picture(size, size, seed).astype(np.float32) / 255
    mask = np.zeros((size, size), np.float32)
    cv2.ellipse(mask, (size // 2, size // 2), (size // 4, size // 3), 20.0, 0, 360, [1.0], -1)
    return np.concatenate([picture, mask[None]])


def _torch_finds(graph: nn.Module, picture: NDArray[np.uint8], min_score: float) -> Found:
    with torch.no_grad():
        outputs = graph(torch.from_numpy(picture), torch.tensor(min_score))
    return [output.numpy() for output in outputs]


def _compare_finds(name: str, ours: Found, theirs: Found) -> None:
    for output, mine, yours in zip(SIGNATURES["detector"].output_names, ours, theirs, strict=True):
        if mine.dtype != yours.dtype or mine.shape[1:] != yours.shape[1:]:
            raise ModelError(
                f"parity check, {name}: {output} is {mine.shape} {mine.dtype}, "
                f"torch's is {yours.shape} {yours.dtype}"
            )
    matched = sum(_has_match(ours, theirs, i) for i in range(len(theirs[1])))
    most = max(len(ours[1]), len(theirs[1]))
    if matched < MATCHED_SHARE * most:
        raise ModelError(
            f"parity check, {name}: the file finds {len(ours[1])}, torch {len(theirs[1])}, "
            f"and only {matched} agree"
        )


def _has_match(ours: Found, theirs: Found, index: int) -> bool:
    """Whether the file found what torch found at `index`."""
    boxes, scores, labels, masks = (output[index] for output in theirs)
    same = np.abs(ours[0] - boxes).max(axis=1) <= BOX_TOLERANCE
    same &= np.abs(ours[1] - scores) <= SCORE_TOLERANCE
    same &= ours[2] == labels
    same &= np.abs(ours[3] - masks).mean(axis=(1, 2)) <= MASK_TOLERANCE
    return bool(same.any())


def _expect_shape(kind: Kind, ours: NDArray[np.generic], theirs: NDArray[np.generic]) -> None:
    if ours.shape != theirs.shape:
        raise ModelError(f"parity check: the {kind}'s output is {ours.shape}, not {theirs.shape}")
