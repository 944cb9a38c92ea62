"""`Segments`: what following, cutting and labelling ask of a `Segmenter`, or what looks like one.

Not covered: how it finds anybody.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kirinuki.images.picture import Picture
from kirinuki.instances import Instances
from kirinuki.segmenter.model_file import ModelInfo


class Segments(Protocol):
    """Finds everyone in a picture, and says what it is."""

    score: float

    @property
    def names(self) -> tuple[str, ...]: ...

    @property
    def info(self) -> ModelInfo: ...

    @property
    def refiner_info(self) -> ModelInfo | None: ...

    @property
    def tells_kinds(self) -> bool: ...

    def __call__(self, picture: Picture, /) -> Instances: ...

    def refresh(
        self,
        picture: Picture,
        instances: Instances,
        which: NDArray[np.integer],
        redo: NDArray[np.bool_],
    ) -> Instances | None:
        """Those who changed in the next frame found again; None where a new look is needed."""
        ...
