"""`load_dataset`: a data set from what users have, a COCO file or a folder of LabelMe files.

Not covered: numbered labels and renamed classes (`kirinuki data convert` first), YOLO.
"""

from __future__ import annotations

import json
from pathlib import Path

from kirinuki.data.coco import CocoDataset, read_coco
from kirinuki.data.labelled import LabelRules, build_dataset, class_names
from kirinuki.data.labelme import read_labelme
from kirinuki.errors import DatasetError


def load_dataset(source: str | Path, pictures: str | Path | None = None) -> CocoDataset:
    """Read a data set.

    Args:
        source: a COCO file, or a folder in which LabelMe files are looked for, at any depth.
        pictures: folder of a COCO file's pictures; by default the folder of the file.

    Raises:
        DatasetError: there is none, or the COCO file is wrong; names the item.
        LabelError: a LabelMe file or one of its shapes is wrong; names file and shape.
    """
    source = Path(source)
    if not source.is_dir():
        return read_coco(source, pictures)
    files = [path for path in sorted(source.rglob("*.json")) if not _is_coco(path)]
    if not files:
        raise DatasetError(
            f"{source}: holds no LabelMe files (*.json); give a folder with some, or a COCO file"
        )
    labelled = [read_labelme(path, LabelRules()) for path in files]
    return build_dataset(labelled, class_names(labelled), source)


def _is_coco(path: Path) -> bool:
    """A COCO file that lies beside the LabelMe files, such as a split's train.json."""
    try:
        record = json.loads(path.read_bytes().decode("utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return False  # read_labelme says what is wrong with it
    return isinstance(record, dict) and "images" in record and "shapes" not in record
