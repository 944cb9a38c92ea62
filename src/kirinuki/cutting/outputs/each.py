"""``--each``: every character alone, with nothing around it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from kirinuki.cutting.outputs.options import TransparentOptions, option
from kirinuki.cutting.outputs.output import Place, Shown
from kirinuki.cutting.outputs.rendering import Paint, Rendering
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
    sound = False

    def paints(self, options: EachOptions, shown: Shown) -> dict[str, Paint]:
        picture, instances = shown.picture, shown.instances
        ids = instances.track_ids
        full = options.full_frame or ids is not None
        return {
            str(i + 1 if ids is None else ids[i]): partial(
                cutout,
                picture.rgb,
                instances,
                i,
                full_frame=full,
                picture_alpha=picture.alpha,
            )
            for i in range(len(instances))
        }

    def expected(self, options: EachOptions, place: Place) -> list[str]:
        if not place.moves:  # who is in it is soon known, and folders of pictures are large
            return []
        folder, name = (place.out / place.stem).parent, Path(place.stem).name
        suffix = Path(self.file_of(options, place, "1")).suffix
        pattern = re.compile(re.escape(name) + r"_\d+" + re.escape(suffix))
        there = sorted(path.name for path in folder.glob("*") if pattern.fullmatch(path.name))
        return [Path(place.stem).with_name(found).as_posix() for found in there]
