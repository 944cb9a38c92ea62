"""Label files in and out: LabelMe, COCO, CocoVID, YOLO, CVAT. A format is a file here that fulfils
`label_format.LabelFormat`, and a line of the `registry`; what is read is a
`labelled.LabelledPicture`.

Not covered: what is wrong with a set, counting, splitting (`dataset`); pictures (`images`).
Public: `registry.load_set`, `registry.open_labels`, `registry.FORMATS`, `labelled.LabelledSet`.
"""
