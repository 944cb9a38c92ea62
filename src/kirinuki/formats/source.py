"""`load_dataset`: a data set from what users have, a COCO file or a folder of LabelMe files.

Not covered: numbered labels and renamed classes (`kirinuki data convert` first), YOLO.
"""

from __future__ import annotations

from pathlib import Path

from kirinuki.errors import DatasetError
from kirinuki.formats.coco import CocoDataset, read_coco
from kirinuki.formats.label_files import find_label_files, only_coco
from kirinuki.formats.labelled import LabelRules, build_dataset, class_names
from kirinuki.formats.labelme import labelme_or_none


def load_dataset(source: str | Path, pictures: str | Path | None = None) -> CocoDataset:
    """Read a data set.

    Args:
        source: a COCO file, or a folder in which LabelMe files are looked for, at any depth; one
            without any may hold one COCO file instead.
        pictures: folder of a COCO file's pictures; by default the folder of the file.

    Raises:
        DatasetError: there is none, or the COCO file is wrong; names the item.
        LabelError: a LabelMe file or one of its shapes is wrong; names file and shape.
    """
    source = Path(source)
    if not source.is_dir():
        return read_coco(source, pictures)
    files = find_label_files(source)
    coco = only_coco(source, files)
    if coco is not None:
        return read_coco(coco, pictures)
    read = (labelme_or_none(path, LabelRules()) for path in files)
    labelled = [picture for picture in read if picture is not None]
    if not labelled:
        raise DatasetError(
            f"{source}: holds no LabelMe files (*.json); give a folder with some, or a COCO file"
        )
    return build_dataset(labelled, class_names(labelled), source)
