"""`Instances`: the characters found in one picture. The one result type of the whole program.

>>> Segmenter.load()("picture.png")
Instances(2 in 1280×720: character 0.98 female, character 0.94 male)

Iterating gives an `Instance` a character, and so does an index; a slice, indices or a mask gives
`Instances`.

Contracts, stated once for every room:

- Picture: ``(H, W, 3) uint8``, RGB, EXIF-upright. BGR exists only inside a function that calls
  OpenCV.
- Boxes: ``(N, 4) float32``, xyxy in pixels, half-open (``x2 - x1`` is the width), inside the
  picture, never empty.
- Window of a box: the smallest whole-pixel rectangle that covers it (`geometry.window_of`).
- Soft masks: one ``(h, w) uint8`` alpha crop per instance that fills the window of its box, so
  memory grows with the characters and not with N × H × W. Hard mask = alpha ≥ 128.
- Scores: ``(N,) float32`` in [0, 1]. Labels: ``(N,) int64``, 0-based index into `names`; the
  background class exists only inside ``training``.

Not covered: drawing and cutting out (`render`), saving (`images`), other libraries' types
(`interop`), label files (`formats`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, overload

import numpy as np
from numpy.typing import NDArray

from kirinuki.errors import KirinukiError, PictureError
from kirinuki.geometry import Window, window_of

if TYPE_CHECKING:
    from kirinuki.images.picture import Picture

HARD_MASK_ALPHA = 128
"""Alpha from which a pixel counts as inside the hard mask."""

KINDS = ("female", "male")
"""How a character can present in the drawing; the order of the columns of `kind_scores`."""
UNKNOWN_KIND = "unknown"
"""The kind of those of whom it is not said, or not surely enough."""
KIND_THRESHOLD = 0.8
"""Probability from which a kind is said, unless the model says otherwise."""

_IN_REPR = 6
"""So many characters are named in the one line of a repr; the others are only counted."""


def names_in(names: str | Iterable[str]) -> tuple[str, ...]:
    """Names of classes, index = label. A str is one name, and not the names of its letters."""
    return (names,) if isinstance(names, str) else tuple(names)


@dataclass(frozen=True, eq=False, repr=False)
class Instances:
    """The characters of one picture, validated at construction, best score first by convention.

    Attributes:
        size_hw: height and width of the picture in pixels.
        boxes: (N, 4) float32, xyxy, half-open, inside the picture.
        alphas: N arrays (h, w) uint8, each filling the window of its box.
        scores: (N,) float32 in [0, 1].
        labels: (N,) int64, 0-based index into `names`.
        names: names of the classes that the model knows.
        track_ids: (N,) int64, the same character over time; None for a single picture.
        kind_scores: (N, 2) float32 in [0, 1], probability that the character presents as female
            and as male, in the order of `KINDS`; None where the model does not say.
        kind_threshold: probability below which `kinds` says "unknown", in [0.5, 1].
        picture: the picture they were found in, for `Instance.image`; None where it is not known.

    Raises:
        ValueError: when an array breaks its contract; says what was expected and what came.
    """

    size_hw: tuple[int, int]
    boxes: NDArray[np.float32]
    alphas: tuple[NDArray[np.uint8], ...]
    scores: NDArray[np.float32]
    labels: NDArray[np.int64]
    names: tuple[str, ...]
    track_ids: NDArray[np.int64] | None = None
    kind_scores: NDArray[np.float32] | None = None
    kind_threshold: float = KIND_THRESHOLD
    picture: Picture | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", names_in(self.names))
        count = len(self.alphas)
        _expect("boxes", self.boxes, (count, 4), np.float32)
        _expect("scores", self.scores, (count,), np.float32)
        _expect("labels", self.labels, (count,), np.int64)
        if self.track_ids is not None:
            _expect("track_ids", self.track_ids, (count,), np.int64)
        if self.kind_scores is not None:
            _expect("kind_scores", self.kind_scores, (count, len(KINDS)), np.float32)
        self._check_values()
        for i, alpha in enumerate(self.alphas):
            x1, y1, x2, y2 = self.window(i)
            _expect(f"alphas[{i}]", alpha, (y2 - y1, x2 - x1), np.uint8)

    def _check_values(self) -> None:
        height, width = self.size_hw
        if self.picture is not None and self.picture.rgb.shape[:2] != (height, width):
            raise ValueError(
                f"picture must be of {(height, width)} (height, width), as size_hw says, "
                f"but got {self.picture.rgb.shape[:2]}"
            )
        if not np.isfinite(self.boxes).all():
            raise ValueError("boxes must be finite")
        for i, (x1, y1, x2, y2) in enumerate(self.boxes.tolist()):
            if not (0 <= x1 < x2 <= width and 0 <= y1 < y2 <= height):
                raise ValueError(
                    f"boxes[{i}] must be a non-empty xyxy box inside {width}×{height}, "
                    f"but got ({x1}, {y1}, {x2}, {y2})"
                )
        if not ((self.scores >= 0) & (self.scores <= 1)).all():
            raise ValueError(f"scores must lie in [0, 1], but got {self.scores.tolist()}")
        told = self.kind_scores
        if told is not None and not ((told >= 0) & (told <= 1)).all():
            raise ValueError(f"kind_scores must lie in [0, 1], but got {told.tolist()}")
        if not ((self.labels >= 0) & (self.labels < len(self.names))).all():
            raise ValueError(
                f"labels must index the {len(self.names)} names, but got {self.labels.tolist()}"
            )

    @classmethod
    def empty(cls, size_hw: tuple[int, int], names: str | Sequence[str]) -> Instances:
        """No characters in a picture of this size."""
        return cls(
            size_hw=size_hw,
            boxes=np.zeros((0, 4), np.float32),
            alphas=(),
            scores=np.zeros(0, np.float32),
            labels=np.zeros(0, np.int64),
            names=names_in(names),
        )

    def __len__(self) -> int:
        return len(self.alphas)

    def __repr__(self) -> str:
        height, width = self.size_hw
        named = [_summary(self, i) for i in range(min(len(self), _IN_REPR))]
        named += ["…"] * (len(self) > _IN_REPR)
        listed = f": {', '.join(named)}" if named else ""
        return f"Instances({len(self)} in {width}×{height}{listed})"

    @overload
    def __getitem__(self, keep: int | np.integer) -> Instance: ...

    @overload
    def __getitem__(self, keep: slice | Sequence[int] | NDArray[np.generic]) -> Instances: ...

    def __getitem__(
        self, keep: int | np.integer | slice | Sequence[int] | NDArray[np.generic]
    ) -> Instance | Instances:
        """One instance by its index; or some, in the order asked for: a slice, indices or a mask.

        Raises:
            IndexError: there is no such index.
        """
        if isinstance(keep, bool | np.bool_):
            raise IndexError(f"index is {keep}, expected a whole number; a mask is an array")
        if isinstance(keep, int | np.integer):
            if not -len(self) <= keep < len(self):
                raise IndexError(f"index is {keep}, but there are {len(self)} instances")
            return Instance(self, int(keep) % len(self))
        picked = np.arange(len(self))[keep]
        return Instances(
            size_hw=self.size_hw,
            boxes=self.boxes[picked],
            alphas=tuple(self.alphas[int(i)] for i in picked),
            scores=self.scores[picked],
            labels=self.labels[picked],
            names=self.names,
            track_ids=None if self.track_ids is None else self.track_ids[picked],
            kind_scores=None if self.kind_scores is None else self.kind_scores[picked],
            kind_threshold=self.kind_threshold,
            picture=self.picture,
        )

    def __iter__(self) -> Iterator[Instance]:
        return (self[i] for i in range(len(self)))

    @property
    def kinds(self) -> tuple[str, ...]:
        """How each character presents: "female", "male", or "unknown" where the model does not
        say, or is less sure than `kind_threshold`."""
        if self.kind_scores is None:
            return (UNKNOWN_KIND,) * len(self)
        return tuple(_kind(scores, self.kind_threshold) for scores in self.kind_scores)

    def window(self, index: int) -> Window:
        """Whole-pixel rectangle (x1, y1, x2, y2), half-open, that the alpha crop fills."""
        return window_of(self.boxes[index])

    def full_alpha(self, index: int) -> NDArray[np.uint8]:
        """Soft mask of one instance at the size of the picture, (H, W) uint8."""
        full = np.zeros(self.size_hw, np.uint8)
        x1, y1, x2, y2 = self.window(index)
        full[y1:y2, x1:x2] = self.alphas[index]
        return full

    def mask(self, index: int) -> NDArray[np.bool_]:
        """Hard mask of one instance at the size of the picture, (H, W) bool."""
        return self.full_alpha(index) >= HARD_MASK_ALPHA

    def masks(self) -> NDArray[np.bool_]:
        """Hard masks of all instances, (N, H, W) bool. Large: prefer `mask` in a loop."""
        if not len(self):
            return np.zeros((0, *self.size_hw), np.bool_)
        return np.stack([self.mask(i) for i in range(len(self))])


@dataclass(frozen=True, eq=False, repr=False)
class Instance:
    """One character: a view of some `Instances`, as ``found[0]`` or ``for one in found`` give."""

    _all: Instances
    _index: int

    def __eq__(self, other: object) -> bool:
        """The same one of the same `Instances`."""
        if not isinstance(other, Instance):
            return NotImplemented
        return self._all is other._all and self._index == other._index

    def __hash__(self) -> int:
        return hash((id(self._all), self._index))

    @property
    def name(self) -> str:
        """Name of its class."""
        return self._all.names[int(self._all.labels[self._index])]

    @property
    def score(self) -> float:
        """How sure the model is, in [0, 1]."""
        return float(self._all.scores[self._index])

    @property
    def box(self) -> NDArray[np.float32]:
        """(4,) float32, xyxy in pixels, half-open."""
        box: NDArray[np.float32] = self._all.boxes[self._index]
        return box

    @property
    def window(self) -> Window:
        """Whole pixels x1, y1, x2, y2, half-open, that `alpha` and `image` fill:
        ``picture[y1:y2, x1:x2]``."""
        return self._all.window(self._index)

    @property
    def alpha(self) -> NDArray[np.uint8]:
        """Soft mask, (h, w) uint8, filling `window`; 255 = inside. `Instances.full_alpha` has it at
        the size of the picture."""
        return self._all.alphas[self._index]

    @property
    def kind(self) -> str:
        """How it presents: "female", "male" or "unknown", as in `Instances.kinds`."""
        scores = self._all.kind_scores
        if scores is None:
            return UNKNOWN_KIND
        return _kind(scores[self._index], self._all.kind_threshold)

    @property
    def track_id(self) -> int | None:
        """The same character over time; None in a single picture."""
        ids = self._all.track_ids
        return None if ids is None else int(ids[self._index])

    @property
    def image(self) -> NDArray[np.uint8]:
        """The cutout, (h, w, 4) uint8 RGBA, straight alpha, filling `window`: what
        `kirinuki.cutouts` makes of it. Made anew each time.

        Raises:
            PictureError: the instances refer to no picture.
        """
        import kirinuki  # the public face: what makes pictures stands below this module

        picture = self._all.picture
        if picture is None:
            raise PictureError(
                "image: these instances refer to no picture; pass it along: "
                "kirinuki.cutouts(picture, instances)"
            )
        return kirinuki.cutouts(picture, self._all[[self._index]])[0]

    def __repr__(self) -> str:
        return f"Instance({_summary(self._all, self._index)} at {self.window})"


def expect_instances(given: object) -> None:
    """Raise KirinukiError unless it is `Instances`, such as for one `Instance` of them."""
    if not isinstance(given, Instances):
        raise KirinukiError(
            f"`instances`: got {type(given).__name__}, expected Instances, such as found[:1]"
        )


def _kind(scores: NDArray[np.float32], threshold: float) -> str:
    """The likelier of `KINDS` by their scores, (2,), where it is likely enough."""
    return KINDS[int(scores.argmax())] if scores.max() >= threshold else UNKNOWN_KIND


def _summary(instances: Instances, index: int) -> str:
    """Who that is in a few words: "character #3 0.98 female"."""
    one = instances[index]
    number = "" if one.track_id is None else f" #{one.track_id}"
    kind = "" if one.kind == UNKNOWN_KIND else f" {one.kind}"
    return f"{one.name}{number} {one.score:.2f}{kind}"


def _expect(
    name: str, array: NDArray[np.generic], shape: tuple[int, ...], dtype: type[np.generic]
) -> None:
    if array.shape != shape or array.dtype != dtype:
        raise ValueError(
            f"{name} must be {shape} {np.dtype(dtype)}, but got {array.shape} {array.dtype}"
        )
