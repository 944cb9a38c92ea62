"""`Segments`: what finds everyone in a picture, a `Segmenter` or any function that does.

Cutting, following, measuring and labelling ask for no more than a call. What a segmenter may say
and do besides is read by `Described`, in one place.

Not covered: how it finds anybody.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from kirinuki.errors import ModelError
from kirinuki.images.picture import Picture
from kirinuki.instances import Instances, names_in
from kirinuki.segmenter.model_file import ModelInfo

UNNAMED = ("character",)
"""Classes of a segmenter that names none."""
UNTOLD_SIZE = 512
"""Input size, in pixels, in the `ModelInfo` of what has no model file. Nothing reads it there."""


class Segments(Protocol):
    """Finds everyone in a picture. It may also have, as `Segmenter` has:

    - `names`, its classes, where they are others than ("character",); index = label;
    - `score`, from which a character counts, and `info`, what it is: a job that goes on after a
      stop compares both with what they were;
    - `tells_kinds`, whether its instances have `kind_scores`;
    - `refresh`, which finds those again who changed a little in the next frame of a video; without
      it every frame that changed gets a new look.
    """

    def __call__(self, picture: Picture, /) -> Instances: ...


class Described:
    """A segmenter with all that may be asked of one, taken from it each time it is asked.

    Args:
        segmenter: any callable that fulfils `Segments`.

    Raises:
        ModelError: it cannot be called.
    """

    def __init__(self, segmenter: Segments) -> None:
        if isinstance(segmenter, type) or not callable(segmenter):
            got = getattr(segmenter, "__name__", type(segmenter).__name__)
            raise ModelError(
                f"the model: got {got}, expected a Segmenter, as Segmenter.load gives one, or a "
                "function from Picture to Instances"
            )
        self.segmenter: Any = segmenter

    @property
    def names(self) -> tuple[str, ...]:
        """Classes, index = label."""
        return names_in(getattr(self.segmenter, "names", UNNAMED))

    @property
    def score(self) -> float | None:
        """Score from which a character counts; None where it does not say."""
        score: float | None = getattr(self.segmenter, "score", None)
        return score

    @property
    def info(self) -> ModelInfo:
        """What it is; of a function, its name and no more."""
        info: ModelInfo | None = getattr(self.segmenter, "info", None)
        return info or ModelInfo("detector", self.names, UNTOLD_SIZE, arch=_name(self.segmenter))

    @property
    def refiner_info(self) -> ModelInfo | None:
        """What its refiner is; None where it has none."""
        info: ModelInfo | None = getattr(self.segmenter, "refiner_info", None)
        return info

    @property
    def tells_kinds(self) -> bool:
        """Whether it says how a character presents."""
        return bool(getattr(self.segmenter, "tells_kinds", False))

    @property
    def refreshes(self) -> bool:
        """Whether `refresh` is of any use."""
        return hasattr(self.segmenter, "refresh")

    def __call__(self, picture: Picture, /) -> Instances:
        """Everyone in a picture.

        Raises:
            ModelError: as the segmenter itself; or what it gave is not of this picture, or has
                classes that it did not name.
        """
        found = self.look(picture)
        if found.names != self.names:
            raise ModelError(
                f"{self.info.arch}: gave instances of the classes {', '.join(found.names)}, "
                f"expected {', '.join(self.names)}; give it an attribute names"
            )
        return found

    def look(self, picture: Picture, /) -> Instances:
        """Everyone in a picture, of whatever classes.

        Raises:
            ModelError: as the segmenter itself; or what it gave is not of this picture.
        """
        found = self.segmenter(picture)
        if not isinstance(found, Instances):
            raise ModelError(f"{self.info.arch}: gave {type(found).__name__}, expected Instances")
        if found.size_hw != picture.rgb.shape[:2]:
            raise ModelError(
                f"{self.info.arch}: gave instances of a picture of {found.size_hw}, expected "
                f"{picture.rgb.shape[:2]} (height, width)"
            )
        return found

    def refresh(
        self,
        picture: Picture,
        instances: Instances,
        which: NDArray[np.integer],
        redo: NDArray[np.bool_],
    ) -> Instances | None:
        """As `Segmenter.refresh`: those who changed in the next frame found again; None where a new
        look is needed."""
        if not self.refreshes:
            return None
        fresh: Instances | None = self.segmenter.refresh(picture, instances, which, redo)
        return fresh


def _name(segmenter: object) -> str:
    """What to call it in messages and journals."""
    named = segmenter if hasattr(segmenter, "__qualname__") else type(segmenter)
    return f"{named.__module__}.{named.__qualname__}"
