"""Label files by a model, beside the pictures of a folder, to be corrected in LabelMe.

A label file that somebody has made or changed is never replaced (`prelabel_mark`); one that is
a model's and untouched only where that is asked for. A run that was killed is gone on with by
starting it again.

Not covered: the list of what to look at first (`prelabel_review`), the loop over the pictures
and its progress bar (`cli`).
"""

from __future__ import annotations

import os
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import numpy as np

from kirinuki.errors import DatasetError, LabelError, OutputError, reason_of
from kirinuki.files import write_atomically
from kirinuki.formats.labelled import LabelledPicture, labelled
from kirinuki.formats.labelme_record import instances_to_labelme
from kirinuki.formats.picture_ref import FileRef
from kirinuki.images.picture import PICTURE_SUFFIXES, Picture, read_picture
from kirinuki.labelling.prelabel_mark import marked, read_mark
from kirinuki.labelling.uncertainty import Doubt, doubt_of
from kirinuki.segmenter.model_file import ModelInfo
from kirinuki.segmenter.segments import Described, Segments

ShapeKind = Literal["polygon", "mask"]


@dataclass
class Survey:
    """The pictures of a folder, by what there is beside them.

    Attributes:
        folder: the folder, searched with all folders in it.
        unlabelled: pictures without a label file.
        by_model: pictures whose label file is a model's and untouched, and the doubt about it.
        by_hand: pictures whose label file somebody has made, corrected or saved.
        problems: one line for each picture that cannot be labelled, and why.
    """

    folder: Path
    unlabelled: list[Path] = field(default_factory=list)
    by_model: dict[Path, Doubt] = field(default_factory=dict)
    by_hand: list[Path] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def name(self, picture: Path) -> str:
        """The picture as seen from the folder, with forward slashes."""
        return picture.relative_to(self.folder).as_posix()


def survey(folder: Path) -> Survey:
    """Find the pictures of a folder, and what labels there are. Hidden files and folders are left
    out, and links to folders are not followed.

    Raises:
        DatasetError: there is no such folder, or no picture in it.
    """
    if not folder.is_dir():
        raise DatasetError(f"{folder}: is not a folder; name the folder of your pictures")
    found = Survey(folder)
    pictures = _pictures(found)
    if not pictures and not found.problems:
        raise DatasetError(f"{folder}: holds no pictures")
    sharing = Counter(_key(label_path(picture)) for picture in pictures)
    for picture in pictures:
        labels = label_path(picture)
        if sharing[_key(labels)] > 1:
            found.problems.append(
                f"{picture}: shares its label file {labels.name} with another picture; rename one"
            )
        elif not os.path.lexists(labels):
            found.unlabelled.append(picture)
        elif (doubt := read_mark(labels)) is not None:
            found.by_model[picture] = doubt
        else:
            found.by_hand.append(picture)
    return found


def _pictures(found: Survey) -> list[Path]:
    """All pictures, sorted; folders that cannot be read are added to the problems."""

    def refuse(error: OSError) -> None:
        found.problems.append(f"{error.filename}: cannot be read ({error.strerror})")

    pictures = []
    for here, folders, files in os.walk(found.folder, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        paths = (Path(here, name) for name in files if not name.startswith("."))
        pictures += [path for path in paths if path.suffix.lower() in PICTURE_SUFFIXES]
    return sorted(pictures)


def _key(path: Path) -> str:
    """A path as a file system that ignores case and Unicode form sees it."""
    return unicodedata.normalize("NFC", str(path)).casefold()


def label_path(picture: Path) -> Path:
    """Where LabelMe keeps the labels of a picture."""
    return picture.with_suffix(".json")


def prelabel(
    source: Path, segmenter: Segments, shapes: ShapeKind = "polygon", *, overwrite: bool = False
) -> Doubt:
    """Label one picture: write its label file, and say how far that is to be doubted.

    Args:
        segmenter: a `Segmenter`, or whatever else is `Segments`, at the threshold from which
            detections become labels; it is called twice, the second time for the mirror image.
        shapes: polygons, which LabelMe can edit and draw with an IoU ≥ 0.97, or masks, which are
            exact.
        overwrite: replace labels of a model that nobody has touched.

    Raises:
        PictureError: the picture cannot be read.
        OutputError: there are labels already that may not be replaced, or they cannot be written.
        ModelError: the model fails on it.
    """
    picture = read_picture(source)
    model = Described(segmenter)
    found = model(picture)
    doubt = doubt_of(found, model(_mirrored(picture)), model.info.score)
    record = instances_to_labelme(found, source.name, as_masks=shapes == "mask")
    try:
        content = marked(record, doubt, _model_name(model.info))
    except UnicodeEncodeError:
        raise LabelError(f"{source}: a label file cannot say this file name; rename it") from None
    path = label_path(source)
    if os.path.lexists(path) and read_mark(path) is None:  # it may be only just there
        raise OutputError(f"{path}: was made or changed by somebody, and stays as it is")
    with write_atomically(path, overwrite) as temporary:
        temporary.write_bytes(content)
    return doubt


def prelabelled(
    found: Survey, pictures: Iterable[Path], segmenter: Segments
) -> Iterator[LabelledPicture]:
    """What the model finds in pictures, as labels for a writer of any format; a picture that fails
    is named among the problems of the survey."""
    for source in pictures:
        try:
            instances = segmenter(read_picture(source))
        except Exception as error:  # one picture must not cost the rest
            text = reason_of(error)
            found.problems.append(text if str(source) in text else f"{source}: {text}")
        else:
            yield labelled(instances, FileRef(source), found.name(source))


def _mirrored(picture: Picture) -> Picture:
    """The picture with left and right swapped."""
    alpha = None if picture.alpha is None else np.ascontiguousarray(picture.alpha[:, ::-1])
    return replace(picture, rgb=np.ascontiguousarray(picture.rgb[:, ::-1]), alpha=alpha)


def _model_name(info: ModelInfo) -> str:
    return " ".join(filter(None, (info.arch, info.version, info.source_sha256[:12])))
