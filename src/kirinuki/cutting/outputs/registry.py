"""All outputs, in the order of their flags. A new one is a file beside this and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from kirinuki.cutting.outputs.background import Background
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
        KirinukiError: no output has such a name, such an option, or such a choice.
    """
    for name in asked:
        if name not in OUTPUTS:
            raise KirinukiError(f'there is no output "{name}", only: {", ".join(OUTPUTS)}')
    return {name: _options(name, asked[name]) for name in OUTPUTS if name in asked}


def _options(name: str, said: Any) -> Any:
    if not isinstance(said, Mapping):
        return said
    try:
        options = OUTPUTS[name].options(**said)
    except TypeError as error:
        raise KirinukiError(f"output {name}: {str(error).partition(') ')[2]}") from None
    for one in fields(options):
        given, choices = getattr(options, one.name), one.metadata.get("choices")
        if choices and given not in (*choices, one.default):
            expected = ", ".join(choices)
            raise KirinukiError(f"output {name}: {one.name} is {given!r}, expected {expected}")
    return options
