"""kirinuki (切り抜き): finds every anime character in a picture and cuts each one out.

>>> import kirinuki
>>> kirinuki.save_png(kirinuki.cutout("picture.png"), "cutout.png")
>>> for character in kirinuki.Segmenter.load()("picture.png"):
...     print(character.name, character.score, character.image.shape)

The names of `__all__` are the public interface, with those of the submodules `formats`, `interop`,
`cutting`, `evaluation` and `training`. All are loaded when first used, so that ``import kirinuki``
costs next to nothing.
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kirinuki.errors import KirinukiError as KirinukiError
    from kirinuki.images.picture import Picture as Picture
    from kirinuki.images.picture import read_picture as read_picture
    from kirinuki.images.picture import save_png as save_png
    from kirinuki.instances import Instance as Instance
    from kirinuki.instances import Instances as Instances
    from kirinuki.one_call import cutout as cutout
    from kirinuki.one_call import cutouts as cutouts
    from kirinuki.one_call import overlay as overlay
    from kirinuki.segmenter.segmenter import Segmenter as Segmenter
    from kirinuki.tracking.follow import track as track
    from kirinuki.video.reader import read as read_video
    from kirinuki.video.write import write as write_video

__version__ = "0.6.0"

_HOMES = {
    "Instance": ("instances", "Instance"),
    "Instances": ("instances", "Instances"),
    "KirinukiError": ("errors", "KirinukiError"),
    "Picture": ("images.picture", "Picture"),
    "Segmenter": ("segmenter.segmenter", "Segmenter"),
    "cutout": ("one_call", "cutout"),
    "cutouts": ("one_call", "cutouts"),
    "overlay": ("one_call", "overlay"),
    "read_picture": ("images.picture", "read_picture"),
    "read_video": ("video.reader", "read"),
    "save_png": ("images.picture", "save_png"),
    "track": ("tracking.follow", "track"),
    "write_video": ("video.write", "write"),
}

__all__ = [  # noqa: F822, RUF100  (found by `__getattr__`)
    "Instance",
    "Instances",
    "KirinukiError",
    "Picture",
    "Segmenter",
    "cutout",
    "cutouts",
    "overlay",
    "read_picture",
    "read_video",
    "save_png",
    "track",
    "write_video",
]

_SUBMODULES = frozenset({"cutting", "evaluation", "formats", "interop", "training"})


def __getattr__(name: str) -> object:
    if name in _SUBMODULES:
        return importlib.import_module(f"{__name__}.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home, known_as = _HOMES[name]
    try:
        value = getattr(importlib.import_module(f"{__name__}.{home}"), known_as)
    except ImportError as error:
        from kirinuki.errors import broken_opencv

        told = broken_opencv(error)
        if told is None:
            raise
        raise told from error
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    about = {name for name in globals() if name.startswith("__")}
    return sorted({*about, *__all__, *_SUBMODULES})


def _show_in_notebooks() -> None:
    """Tell IPython, where this runs in it, how characters look; it looks types up by name."""
    ipython: Any = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    if shell is None:
        return

    def png_of(shown: Any) -> bytes | None:
        from kirinuki.render.notebook import png_of

        return png_of(shown)

    for name in ("Instance", "Instances"):
        shell.display_formatter.formatters["image/png"].for_type_by_name(
            f"{__name__}.instances", name, png_of
        )


_show_in_notebooks()
