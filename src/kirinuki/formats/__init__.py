"""Label files in and out: LabelMe, COCO, CocoVID, YOLO, CVAT. A format is a file here that fulfils
`label_format.LabelFormat`, and a line of the `registry`; what is read is a
`labelled.LabelledPicture`.

Not covered: what is wrong with a set, counting, splitting (`dataset`); pictures (`images`).
Public: `load_set`, and the `LabelledSet` of `LabelledPicture`s that it gives.
"""

from kirinuki.formats.labelled import LabelledInstance, LabelledPicture, LabelledSet
from kirinuki.formats.registry import load_set

__all__ = ["LabelledInstance", "LabelledPicture", "LabelledSet", "load_set"]
