"""`Instances` as other libraries know them, and back: what `to_x` gives, `from_x` takes as it is.

Not covered: label files (`formats`), pictures of masks (`render`). Nothing is imported but what the
function asked for needs.
Public: `to_…` and `from_…` of `supervision`, `coco`, `torchvision` and `label_map`.
"""

from kirinuki.interop.coco import from_coco, to_coco
from kirinuki.interop.label_map import from_label_map, to_label_map
from kirinuki.interop.supervision import from_supervision, to_supervision
from kirinuki.interop.torchvision import from_torchvision, to_torchvision

__all__ = [
    "from_coco",
    "from_label_map",
    "from_supervision",
    "from_torchvision",
    "to_coco",
    "to_label_map",
    "to_supervision",
    "to_torchvision",
]
