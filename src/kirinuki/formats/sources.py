"""Label sources: find out what kind a file or folder is, and read it picture by picture.

Not covered: writing (`targets`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from kirinuki.errors import DatasetError, LabelError
from kirinuki.formats.coco import CocoDataset, CocoImage, read_coco
from kirinuki.formats.label_files import find_label_files, json_kind, only_coco
from kirinuki.formats.labelled import LabelledPicture, LabelRules
from kirinuki.formats.labelme import labelme_or_none, read_labelme
from kirinuki.formats.yolo import find_pairs, find_yaml, read_names, read_yolo

Kind = Literal["labelme", "coco", "yolo"]


@dataclass(frozen=True)
class LabelSource:
    """Labels about to be read.

    Attributes:
        kind: what they are.
        items: what to call `read` with, one for each picture, in a stable order.
        read: the picture and characters of one item, or None for a file that is no label file of
            this kind and is none of our business; raises LabelError.
        names: the classes that the source declares, in its order, after the rules' renaming; None
            where the labels themselves are all there is (LabelMe).
        bad: lines on labels that were found bad, and left out, before the first `read`.
    """

    kind: Kind
    items: tuple[Any, ...]
    read: Callable[[Any], LabelledPicture | None]
    names: tuple[str, ...] | None = None
    bad: tuple[str, ...] = ()


def open_source(path: Path, rules: LabelRules, pictures: Path | None = None) -> LabelSource:
    """Find out what `path` is, and get ready to read it.

    Args:
        pictures: folder of the pictures of a COCO file; its own folder by default.

    Raises:
        DatasetError: it holds no labels, or several COCO files.
    """
    if not path.exists():
        raise DatasetError(f"{path}: no such file or folder")
    yaml_path = find_yaml(path)
    if yaml_path is not None:
        return _open_yolo(yaml_path, rules)
    if path.is_file():
        kind = json_kind(path)
        if kind == "coco":
            return _open_coco(path, rules, pictures)
        return LabelSource("labelme", (path,), lambda item: read_labelme(item, rules))
    return _open_folder(path, rules, pictures)


def _open_folder(folder: Path, rules: LabelRules, pictures: Path | None) -> LabelSource:
    files = find_label_files(folder)
    if not files:
        raise DatasetError(
            f"{folder}: holds no labels; expected LabelMe or COCO .json files, or a YOLO data.yaml"
        )
    coco = only_coco(folder, files)
    if coco is not None:
        return _open_coco(coco, rules, pictures)
    return LabelSource("labelme", tuple(files), lambda item: labelme_or_none(item, rules))


def _open_coco(path: Path, rules: LabelRules, pictures: Path | None) -> LabelSource:
    bad: list[str] = []
    dataset = read_coco(path, pictures, on_bad=bad.append)
    return LabelSource(
        "coco",
        dataset.images,
        lambda image: _coco_picture(dataset, image, rules),
        tuple(rules.name_of(category.name)[0] for category in dataset.categories),
        tuple(bad),
    )


def _coco_picture(dataset: CocoDataset, image: CocoImage, rules: LabelRules) -> LabelledPicture:
    assert dataset.path is not None
    labels = {category.id: category.name for category in dataset.categories}
    characters = []
    skipped = []
    for annotation in dataset.annotations_of(image.id):
        try:
            name, _ = rules.class_of(labels[annotation.category_id])
        except LabelError as error:
            line = f"{dataset.path}, annotation {annotation.id}: {error}"
            if not rules.skip_bad_shapes:
                raise LabelError(line) from None
            skipped.append(line)
            continue
        if annotation.alpha_file is not None:  # relative to this file; the next lies elsewhere
            alpha_file = str(dataset.path.parent / annotation.alpha_file)
            annotation = replace(annotation, alpha_file=alpha_file)
        characters.append((name, annotation))
    return LabelledPicture(
        source=dataset.path,
        picture=dataset.picture_path(image),
        height=image.height,
        width=image.width,
        characters=tuple(characters),
        skipped=tuple(skipped),
    )


def _open_yolo(yaml_path: Path, rules: LabelRules) -> LabelSource:
    names = read_names(yaml_path)
    pairs = find_pairs(yaml_path.parent)
    if not pairs:
        raise DatasetError(f"{yaml_path.parent}: has neither labels/ nor images/ beside data.yaml")
    return LabelSource(
        "yolo",
        tuple(pairs),
        lambda pair: read_yolo(pair[0], pair[1], names, rules),
        tuple(rules.name_of(name)[0] for name in names),
    )
