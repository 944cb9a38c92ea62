"""Label files in and out: LabelMe, COCO, CocoVID and YOLO; `CocoDataset`, what other rooms work on.

Not covered: what is wrong with a set, counting, splitting (`dataset`); pictures (`images`).
Public: `source.load_dataset`, `coco.read_coco` and `write_coco`, `labelme`, `yolo`, `coco_video`.
"""
