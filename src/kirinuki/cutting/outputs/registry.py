"""All outputs, in the order of their flags. A new one is a file beside this and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kirinuki.cutting.outputs.background import Background
from kirinuki.cutting.outputs.checked import check_names, check_values
from kirinuki.cutting.outputs.coco import Coco
from kirinuki.cutting.outputs.cutout import Cutout
from kirinuki.cutting.outputs.each import Each
from kirinuki.cutting.outputs.jsonl import Jsonl
from kirinuki.cutting.outputs.labels import Labels
from kirinuki.cutting.outputs.mask import Mask
from kirinuki.cutting.outputs.matte import Matte
from kirinuki.cutting.outputs.ora import Ora
from kirinuki.cutting.outputs.output import Output
from kirinuki.cutting.outputs.overlay import Overlay
from kirinuki.cutting.outputs.psd import Psd
from kirinuki.errors import KirinukiError

_ALL: tuple[Output, ...] = (
    Cutout(),
    Each(),
    Overlay(),
    Background(),
    Mask(),
    Matte(),
    Labels(),
    Ora(),
    Psd(),
    Coco(),
    Jsonl(),
)
OUTPUTS = {output.name: output for output in _ALL}
"""Every output by its name."""
DEFAULTS = ("cutout", "overlay")
"""What is written where nothing is asked for."""


def default_outputs() -> dict[str, Any]:
    """What is written where nothing is asked for, with its options."""
    return {name: OUTPUTS[name].options() for name in DEFAULTS}


def chosen_outputs(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Options by output, in the order of the registry.

    Args:
        asked: by output its options, or a mapping of those that are not the default.

    Raises:
        KirinukiError: none is asked for; no output has such a name, such an option, or such a
            choice.
    """
    if not isinstance(asked, Mapping) or not asked:
        raise KirinukiError(
            f"`outputs`: got {asked!r}, expected options by output, such as "
            '{"overlay": {}, "labels": {"value": "coco"}}'
        )
    for name in asked:
        if name not in OUTPUTS:
            only = ", ".join(OUTPUTS)
            raise KirinukiError(f'`outputs`: there is no output "{name}", only: {only}')
    return {name: _options(name, asked[name]) for name in OUTPUTS if name in asked}


def _options(name: str, said: Any) -> Any:
    kind, where = OUTPUTS[name].options, f"`outputs`: {name}: "
    if isinstance(said, Mapping):
        check_names(kind, said, where)
        said = kind(**said)
    if not isinstance(said, kind):
        raise KirinukiError(
            f'{where}got {said!r}, expected its options, such as {{"value": …}}, or {{}}'
        )
    check_values(said, where)
    return said
