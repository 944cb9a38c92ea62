"""The picture on the server's page: a fox, a fairy and a boy on the promenade, head to foot.

Its cutouts are what people see first, so it is a picture of which the package's own model leaves
nothing out; the harder ones are in `examples/` and `twelve_scenes`.

Not covered: cutting it and writing the page's files (`server_pictures`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kirinuki_draw.draw import CharacterSpec, Figure, draw_scene
from kirinuki_draw.strokes.colour import rgb
from kirinuki_draw.strokes.parts import Parts
from kirinuki_draw.strokes.spec import Arm, Pose

SIZE_HW = (720, 1280)
HEAD = 158
_HANGING = Arm(16, 8)
_STAND = Pose(left=_HANGING, right=_HANGING)
_WAVE = Pose(left=_HANGING, right=Arm(40, 120, 0, "open"))

FOX = CharacterSpec(
    age=0.12, seed=77, hair=rgb("#e8823c"), hair_length=105, eyes=rgb("#3f9f8f"), yaw=0.35, tilt=4,
    wind=0.1, mood="closed", outfit="yukata", cloth=rgb("#6b3a78"), second=rgb("#c8323f"),
    accent=rgb("#f0b43c"), parts=Parts(ears="fox"), pose=_STAND,
)  # fmt: skip
FAIRY = CharacterSpec(
    age=0.12, seed=75, hair=rgb("#7a4fb0"), hair_style="buns", eyes=rgb("#b0568f"), yaw=-0.3,
    tilt=-3, wind=0.4, mood="laugh", outfit="dress", cloth=rgb("#f08fb0"), second=rgb("#c23f6e"),
    accent=rgb("#c23f6e"), parts=Parts(wings="butterfly"), pose=_WAVE,
)  # fmt: skip
BOY = CharacterSpec(
    girl=False, age=0.14, seed=76, hair=rgb("#39436b"), hair_style="short", eyes=rgb("#3f8f5a"),
    yaw=-0.3, wind=0.2, mood="laugh", outfit="hoodie", bottom="trousers", cloth=rgb("#2f8f7f"),
    second=rgb("#8a6546"), accent=rgb("#2f8f7f"), parts=Parts(hat="cap"), pose=_STAND,
)  # fmt: skip


def page_picture() -> NDArray[np.uint8]:
    """(720, 1280, 3) uint8 RGB."""
    figures = (
        Figure(FOX, 266, 338, HEAD), Figure(FAIRY, 672, 338, HEAD), Figure(BOY, 1060, 344, HEAD),
    )  # fmt: skip
    return draw_scene(figures, SIZE_HW, seed=1).picture
