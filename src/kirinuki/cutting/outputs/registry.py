"""All outputs, in the order of their flags. A new one is a file beside this and a line here."""

from __future__ import annotations

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

_ALL: tuple[Output, ...] = (
    Cutout(),
    Each(),
    Overlay(),
    Background(),
    Mask(),
    Matte(),
    Labels(),
    Ora(),
    Coco(),
    Jsonl(),
)
OUTPUTS = {output.name: output for output in _ALL}
"""Every output by its name."""
DEFAULTS = ("cutout", "overlay")
"""What is written where nothing is asked for."""
