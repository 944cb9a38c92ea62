"""COCO instance files, in and out: one JSON file of many pictures.

Ids of written files run from 1, one record a line, deterministic bytes, accepted by pycocotools.

Not covered: keypoints, captions, panoptic files; result lists without ``images`` (load those with
pycocotools); frames of videos (`coco_video`); the records (`coco_records`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from kirinuki.errors import KirinukiError
from kirinuki.formats.coco_records import (
    CocoContent,
    annotations_of_all,
    categories_of,
    write_sections,
)
from kirinuki.formats.find_picture import PictureFinder
from kirinuki.formats.label_format import Candidate, Feature, Reading, Written
from kirinuki.formats.labelled import Fault, LabelledPicture
from kirinuki.formats.places import refuse_existing, seen_from


class Coco:
    """`LabelFormat` of COCO."""

    name = "coco"
    title = "COCO"
    keeps: frozenset[Feature] = frozenset({"crowds", "scores", "kinds", "alphas", "tracks"})
    target = ".json"
    video = False

    def sniff(self, candidate: Candidate) -> Candidate | None:
        coco = candidate.coco
        return coco if coco is not None and not coco.has("videos") else None

    def read(self, candidate: Candidate, pictures: Path | None) -> Reading:
        path = candidate.path
        content = CocoContent.of(path, candidate.content)
        reading = Reading(
            self.name, path, lambda: items(), tuple(dict.fromkeys(content.names.values()))
        )

        def items() -> Iterator[LabelledPicture | Fault]:
            content.notes.clear()
            finder = PictureFinder(path.parent, pictures)
            yield from content.faults
            for image in content.images:
                instances, refused = content.instances(image)
                picture = LabelledPicture(
                    finder.find(image.file_name),
                    image.size_hw,
                    tuple(instances),
                    image.file_name.replace("\\", "/"),
                    str(path),
                )
                yield picture.without(refused)
            content.say(reading.notes)

        return reading

    def names_in(self, target: Path) -> tuple[str, ...]:
        return names_of_file(target)

    def write(
        self,
        pictures: Iterable[LabelledPicture],
        names: Sequence[str],
        target: Path,
        replace: bool,
    ) -> Iterator[Written]:
        path = coco_path(target)
        refuse_existing([path], replace)
        written: list[LabelledPicture] = []
        images = []
        for picture in pictures:
            try:
                file_name = seen_from(picture, path.parent, replace)
            except KirinukiError as error:
                yield Written(f"{picture.path}: {error}")
                continue
            written.append(picture)
            height, width = picture.size_hw
            images.append(
                {"id": len(written), "file_name": file_name, "height": height, "width": width}
            )
            yield Written()
        if not written:  # a set without a picture is none
            return
        sections = {
            "images": images,
            "annotations": annotations_of_all(written, names, path.parent),
            "categories": categories_of(names),
        }
        write_sections(path, sections, replace)


def coco_path(target: Path) -> Path:
    """The COCO file to write: `target`, or ``annotations.json`` in it when it is no .json."""
    return target if target.suffix.lower() == ".json" else target / "annotations.json"


def names_of_file(target: Path) -> tuple[str, ...]:
    """The classes of the COCO file that is at a target already, in its order."""
    path = coco_path(target)
    if not path.is_file():
        return ()
    return tuple(CocoContent.of(path, Candidate(path).content).names.values())
