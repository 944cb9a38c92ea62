"""The font of everything this program draws for people to look at.

Not covered: lettering in composed training pictures (`compose.effects`).
"""

from __future__ import annotations

from functools import lru_cache

from PIL import ImageFont

_CJK_FONTS = (
    "NotoSansCJK-Regular.ttc",
    "NotoSansCJKjp-Regular.otf",
    "Hiragino Sans GB.ttc",
    "YuGothM.ttc",
    "msgothic.ttc",
)
"""Files of common systems' fonts that hold Chinese and Japanese."""


@lru_cache(maxsize=48)
def font_of(size: int, ascii_only: bool = True) -> ImageFont.FreeTypeFont:
    """Pillow's bundled font, which knows little beyond ASCII; for other scripts, a font of the
    system if there is one. `size` in pixels."""
    for name in () if ascii_only else _CJK_FONTS:
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    font = ImageFont.load_default(size)
    assert isinstance(font, ImageFont.FreeTypeFont)  # Pillow's wheels all carry FreeType
    return font
