"""``--each``: every character alone, with nothing around it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kirinuki.cutting.outputs.naming import filled, with_stem
from kirinuki.cutting.outputs.options import CropOptions
from kirinuki.cutting.outputs.output import Place, Shown
from kirinuki.cutting.outputs.rendering import Paint, Rendering, numbers_of
from kirinuki.instances import Instance
from kirinuki.render.cutout import cutout


@dataclass(frozen=True)
class EachOptions(CropOptions):
    """How large, and how it is encoded."""


class Each(Rendering):
    """NAME_1, NAME_2 …: of a picture the surest first, of a video by id."""

    name = "each"
    help = (
        "Write each character alone: of a video a transparent clip of each, without sound, as long "
        "as it is there."
    )
    options = EachOptions

    def paints(self, options: EachOptions, shown: Shown) -> dict[str, Paint]:
        return {
            _end(options, number, shown.instances[i]): partial(_paint, options, shown, i)
            for i, number in enumerate(numbers_of(shown.instances))
        }

    def file_of(self, options: EachOptions, place: Place, end: str) -> str:
        if options.name is None or place.moves:
            return super().file_of(options, place, end)
        stem = Path(place.stem)
        return stem.with_name(f"{with_stem(end, stem.name)}.png").as_posix()

    def several(self, options: EachOptions) -> bool:
        return True


def _end(options: EachOptions, number: int, one: Instance) -> str:
    """The end of a name; of a picture whose cutouts are called otherwise all but its stem."""
    if options.name is None or one.track_id is not None:
        return str(number)
    return filled(options.name, number, one)


def _paint(options: EachOptions, shown: Shown, index: int) -> NDArray[np.uint8]:
    picture, instances = shown.picture, shown.instances
    framed = options.full_frame or instances.track_ids is not None
    rgba = cutout(picture.rgb, instances, index, full_frame=framed, picture_alpha=picture.alpha)
    return options.cropped(rgba, framed=framed)
