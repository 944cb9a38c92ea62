"""`Segmenter`: picture → `Instances`. Detect, refine, share out the pixels, all on ONNX Runtime.

Not covered: reading pictures (`images`), drawing and cutting out (`render`), following a character
through a video (`tracking`).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from kirinuki.arguments import check_number, check_whole
from kirinuki.errors import ModelError
from kirinuki.geometry import Window
from kirinuki.images.picture import Picture, PictureSource, read_picture
from kirinuki.instances import KIND_THRESHOLD, Instances
from kirinuki.segmenter.detector import Detections, Detector, drop_duplicates, pick_distinct
from kirinuki.segmenter.joining import look_through
from kirinuki.segmenter.model_file import Calibration, ModelInfo, embedded, open_session
from kirinuki.segmenter.placed import Placed, around, in_window, tight
from kirinuki.segmenter.refiner import Refined, Refiner, coarse_in, enlarge, place
from kirinuki.segmenter.scores import final_scores, gate
from kirinuki.segmenter.sharing import (
    share_inside,
    share_out,
    share_without_leftovers,
    solid_areas,
)

COARSE_SIDE = 28
"""Cells a side of the coarse masks that the refiner is used to."""
STILL_FITS = 0.85
"""IoU of a character's masks before and after `Segmenter.refresh` from which it still fits."""
STILL_BELIEVED = 0.5
"""Quality that the refiner must give a refreshed character."""


class Segmenter:
    """Finds every character in a picture. Load once, call often, from any number of threads."""

    def __init__(
        self,
        detector: Detector,
        refiner: Refiner | None,
        *,
        provider: str = "cpu",
        score: float | None = None,
        max_instances: int = 50,
    ) -> None:
        self._detector = detector
        self._refiner = refiner
        self.provider = provider
        self.score = detector.info.score if score is None else score
        self.max_instances = max_instances
        self._kind_threshold = KIND_THRESHOLD if refiner is None else refiner.info.kind_confidence
        check_number("score", self.score, 0, 1)
        check_whole("max_instances", max_instances, 1)

    @classmethod
    def load(
        cls,
        model: str | Path | None = None,
        *,
        provider: str = "cpu",
        threads: int | None = None,
        score: float | None = None,
        max_instances: int = 50,
    ) -> Segmenter:
        """Open the models.

        Args:
            model: None for the model inside the package; a detector file, which works with the
                package's refiner; or a folder with ``detector.onnx`` and, if edges are to be
                refined, ``refiner.onnx``.
            provider: what to run on: cpu, cuda, tensorrt, coreml, directml or openvino.
            threads: CPU threads of one call, 1 to 1024; None is one a physical core.
            score: score in [0, 1] from which a character counts; None takes the model's own.
            max_instances: at most so many characters a picture, or a window of a long one, the
                best ones.

        Raises:
            ModelError: a model file is missing, damaged or not ours.
            ProviderError: the provider is not available; it is never replaced by the CPU.
            KirinukiError: there cannot be so many threads, such a score, or so few characters.
        """
        detector_path, refiner_path = model_files(model)
        session, info = open_session(detector_path, provider, threads, kind="detector")
        refiner = None
        if refiner_path.is_file():
            refiner = Refiner(*open_session(refiner_path, provider, threads, kind="refiner"))
        return cls(
            Detector(session, info),
            refiner,
            provider=provider,
            score=score,
            max_instances=max_instances,
        )

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the classes that the model knows, index = label."""
        return self._detector.info.names

    @property
    def tells_kinds(self) -> bool:
        """Whether it says how a character presents (`Instances.kinds`)."""
        return self._refiner is not None and self._refiner.tells_kinds

    @property
    def info(self) -> ModelInfo:
        """What the detector's file says about itself."""
        return self._detector.info

    @property
    def refiner_info(self) -> ModelInfo | None:
        """What the refiner's file says about itself; None when edges are not refined."""
        return None if self._refiner is None else self._refiner.info

    def __call__(self, picture: PictureSource | Picture) -> Instances:
        """Everyone in one picture, best score first; alphas of one pixel add up to 255 at most.

        Args:
            picture: a `Picture`, or what `read_picture` takes: a path, bytes, a PIL image, an
                array or a binary stream. Where the picture itself is transparent, so are the
                characters.

        Returns:
            The characters, which refer to the picture (`Instances.picture`).

        Raises:
            PictureError: the picture cannot be read.
            ModelError: the model fails on it.
        """
        picture = read_picture(picture)
        height, width = picture.rgb.shape[:2]
        found, refined = self._look(picture.rgb)
        placed = [(r.window, _times_own(r.alpha, r.window, picture.alpha)) for r in refined]
        distinct = pick_distinct(
            found.scores, solid_areas(placed), lambda i, k: share_inside(placed[i], placed[k])
        )
        found = found[distinct]
        refined, placed = [refined[i] for i in distinct], [placed[i] for i in distinct]
        chosen, shared = share_without_leftovers(
            placed,
            found.scores,
            lambda i: coarse_in(placed[i][0], found.masks[i], found.boxes[i]),
        )
        result = self._instances(
            found[chosen], [refined[i] for i in chosen], shared, (height, width)
        )
        return replace(result, picture=picture)

    def refresh(
        self,
        picture: Picture,
        instances: Instances,
        which: NDArray[np.integer],
        redo: NDArray[np.bool_] | None = None,
    ) -> Instances | None:
        """The same characters a moment later, where some have changed a little inside their masks'
        surroundings, such as a mouth or a hand: the refiner alone, started from their last alphas.
        The detector, most of the time of a call, is left out.

        Args:
            picture: the later picture, of the same size.
            instances: everyone in the earlier picture.
            which: (K,) indices of those who changed; the others keep their alphas, but for pixels
                that a changed one takes or leaves.
            redo: (H, W), pixels whose alpha may change; None: all.

        Returns:
            The instances with new boxes and alphas, in the same order; None where one changed so
            much, or is so little of a character now, that only a new look can tell, and where
            there is no refiner.

        Raises:
            ModelError: the model fails.
        """
        if self._refiner is None:
            return None
        boxes = np.array([instances.window(i) for i in range(len(instances))], np.float32)
        coarse = np.stack([_coarse(alpha) for alpha in instances.alphas])
        found = Detections(boxes, instances.scores, instances.labels, coarse)
        placed = [(instances.window(i), a) for i, a in enumerate(instances.alphas)]
        refreshed = self._refiner(picture.rgb, found[which], redo)
        for i, refined in zip(which.tolist(), refreshed, strict=True):
            fresh = (refined.window, _times_own(refined.alpha, refined.window, picture.alpha))
            believed = refined.quality is None or refined.quality >= STILL_BELIEVED
            if not believed or _iou(placed[i], fresh) < STILL_FITS:
                return None
            placed[i] = fresh if redo is None else _changed_in(redo, placed[i], fresh)

        def claim(i: int) -> NDArray[np.float32]:
            window, alpha = placed[i]
            before = coarse_in(window, coarse[i], boxes[i])
            return cv2.add(alpha, before, dtype=cv2.CV_32F).astype(np.float32, copy=False)

        trimmed = [tight(one) for one in share_out(placed, claim)]
        left = [one for one in trimmed if one is not None]
        if len(left) < len(trimmed):
            return None
        return replace(
            instances,
            boxes=np.array([window for window, _ in left], np.float32),
            alphas=tuple(alpha for _, alpha in left),
            picture=picture,
        )

    def _find(self, rgb: NDArray[np.uint8], min_score: float, settle: bool = True) -> Detections:
        """Everyone whom the detector finds, each once, at most `max_instances` a window; `settle`
        as in `pick_distinct`."""

        def look(view: NDArray[np.uint8]) -> Detections:
            found = drop_duplicates(self._detector(view, min_score), settle)
            return found[: self.max_instances]

        return look_through(rgb, look)

    def _look(self, rgb: NDArray[np.uint8]) -> tuple[Detections, list[Refined]]:
        """Everyone who reaches the score shown, with soft edges, best score first."""
        calibration = self._detector.info.calibration
        if self._refiner is not None and self._refiner.judges and calibration is not None:
            return self._look_closely(rgb, self._refiner, calibration)
        found = self._find(rgb, self.score)
        if self._refiner is None:
            return found, enlarge((rgb.shape[0], rgb.shape[1]), found)
        return found, self._refiner(rgb, found)

    def _look_closely(
        self, rgb: NDArray[np.uint8], refiner: Refiner, calibration: Calibration
    ) -> tuple[Detections, list[Refined]]:
        """As `_look`, where the refiner has a say in the score."""
        found = self._find(rgb, gate(self.score, calibration), settle=False)
        good: list[Detections] = []
        refined: list[Refined] = []
        for first in range(0, max(len(found), 1), self.max_instances):  # bounds the memory
            some = found[first : first + self.max_instances]
            judged = list(refiner.judge(rgb, some))
            qualities = np.array([j.quality for j in judged], np.float32)
            some = replace(some, scores=final_scores(some.scores, qualities, calibration))
            reach = np.flatnonzero(some.scores >= self.score)
            good.append(some[reach])
            refined += [place(rgb, judged[i]) for i in reach]
        found = Detections.of_all(good)
        order = np.argsort(-found.scores, kind="stable")
        return found[order], [refined[i] for i in order]

    def _instances(
        self,
        found: Detections,
        refined: Sequence[Refined],
        placed: Sequence[Placed],
        size_hw: tuple[int, int],
    ) -> Instances:
        """The result, without those of whom no solid pixel is left."""
        trimmed = [tight(one) for one in placed]
        kept = np.array([i for i, one in enumerate(trimmed) if one is not None], np.int64)
        if not len(kept):
            return Instances.empty(size_hw, self.names)
        left = [one for one in trimmed if one is not None]
        return Instances(
            size_hw=size_hw,
            boxes=np.array([window for window, _ in left], np.float32),
            alphas=tuple(alpha for _, alpha in left),
            scores=found.scores[kept],
            labels=found.labels[kept],
            names=self.names,
            kind_scores=_kind_scores([refined[i].female for i in kept]),
            kind_threshold=self._kind_threshold,
        )


def model_files(model: str | Path | None) -> tuple[Path, Path]:
    """Paths of the detector and the refiner; the refiner's may not exist."""
    if model is None:
        if not embedded("detector").is_file():
            raise ModelError(
                f"{embedded('detector')}: the package holds no model; reinstall kirinuki, or name "
                "a model file"
            )
        return embedded("detector"), embedded("refiner")
    if not isinstance(model, str | os.PathLike):
        raise ModelError(f"`model`: got {type(model).__name__}, expected the path of a model")
    path = Path(model)
    if path.is_dir():
        if not (path / "detector.onnx").exists():
            raise ModelError(
                f"{path}: holds no detector.onnx; the folder of a model holds that and, for soft "
                "edges, refiner.onnx"
            )
        return path / "detector.onnx", path / "refiner.onnx"
    return path, embedded("refiner")


def _kind_scores(female: Sequence[float | None]) -> NDArray[np.float32] | None:
    """(N, 2) for `Instances`, from the refiner's probabilities; None where it does not say."""
    if None in female:
        return None
    said = np.array(female, np.float32)
    return np.stack([said, 1 - said], axis=1)


def _times_own(
    alpha: NDArray[np.uint8], window: Window, own: NDArray[np.uint8] | None
) -> NDArray[np.uint8]:
    """Alpha of a window times the alpha that the picture itself has there."""
    if own is None:
        return alpha
    x1, y1, x2, y2 = window
    product = cv2.multiply(alpha, own[y1:y2, x1:x2], scale=1 / 255)
    return product.astype(np.uint8, copy=False)


def _coarse(alpha: NDArray[np.uint8]) -> NDArray[np.float32]:
    """An alpha (h, w) as a coarse mask of its box, (`COARSE_SIDE`, `COARSE_SIDE`) in [0, 1]."""
    small = cv2.resize(alpha, (COARSE_SIDE, COARSE_SIDE), interpolation=cv2.INTER_AREA)
    return (small / np.float32(255)).astype(np.float32)


def _iou(first: Placed, second: Placed) -> float:
    """IoU of two hard masks."""
    both = share_inside(first, second)
    one, other = solid_areas((first, second)).tolist()
    overlap = both * min(one, other)
    return float(overlap / max(one + other - overlap, 1))


def _changed_in(redo: NDArray[np.bool_], before: Placed, fresh: Placed) -> Placed:
    """The fresh alpha where it may change, and the one before elsewhere."""
    x1, y1, x2, y2 = window = around([before[0], fresh[0]])
    mask = np.ascontiguousarray(redo[y1:y2, x1:x2]).view(np.uint8)
    return window, np.asarray(cv2.copyTo(in_window(fresh, window), mask, in_window(before, window)))
