"""``--each``: every character alone, with nothing around it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from kirinuki.cutting.outputs.options import TransparentOptions, option
from kirinuki.cutting.outputs.output import Shown
from kirinuki.cutting.outputs.rendering import Paint, Rendering, numbers_of
from kirinuki.render.cutout import cutout


@dataclass(frozen=True)
class EachOptions(TransparentOptions):
    """How large, and how it is encoded."""

    full_frame: bool = option(
        False, "Keep the characters of a picture at its size, as those of a video are."
    )


class Each(Rendering):
    """NAME_1, NAME_2 …: of a picture the surest first, of a video by id."""

    name = "each"
    help = (
        "Write each character alone: of a video a transparent clip of each, without sound, as long "
        "as it is there."
    )
    options = EachOptions

    def paints(self, options: EachOptions, shown: Shown) -> dict[str, Paint]:
        picture, instances = shown.picture, shown.instances
        full = options.full_frame or instances.track_ids is not None
        return {
            str(number): partial(
                cutout,
                picture.rgb,
                instances,
                i,
                full_frame=full,
                picture_alpha=picture.alpha,
            )
            for i, number in enumerate(numbers_of(instances))
        }

    def several(self, options: EachOptions) -> bool:
        return True
