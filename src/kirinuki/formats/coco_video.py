"""CocoVID files: who is where in the frames of videos, and who is the same from frame to frame.

COCO with a list of ``videos``, as mmtracking reads it: an image is a frame and has ``video_id`` and
``frame_id`` (from 0), an annotation has ``video_id`` and ``instance_id``. Beyond that an image has
its ``time`` in seconds and may have its ``shot``, the number of the stretch between two cuts; an
annotation has ``track_id`` too, under which other tools look for the same number, and ``score`` and
``kind`` as in `coco`. Of composed clips ``on`` and ``repeats`` say how they are animated. Only
frames with somebody in them have annotations, so the file of an episode grows with its characters
alone. pycocotools accepts the files.

`write_coco_video` writes record by record: a long video is never held. Not covered: single pictures
(`coco`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kirinuki.errors import LabelError
from kirinuki.formats.coco import coco_path, names_of_file
from kirinuki.formats.coco_records import (
    CocoContent,
    ImageRecord,
    Record,
    annotation,
    at_least,
    categories_of,
    finite,
    parsed,
    whole,
    write_sections,
)
from kirinuki.formats.find_picture import PictureFinder
from kirinuki.formats.label_format import Candidate, Feature, Reading, Written
from kirinuki.formats.labelled import Fault, LabelledInstance, LabelledPicture, labelled
from kirinuki.formats.picture_ref import FileRef, FrameRef
from kirinuki.formats.places import refuse_existing
from kirinuki.instances import Instances
from kirinuki.work.source import relative_to_folder


class CocoVideo:
    """`LabelFormat` of CocoVID."""

    name = "coco_video"
    title = "CocoVID"
    keeps: frozenset[Feature] = frozenset({"crowds", "scores", "kinds", "alphas", "tracks"})
    target = ".json"
    video = True

    def sniff(self, candidate: Candidate) -> Candidate | None:
        coco = candidate.coco
        return coco if coco is not None and coco.has("videos") else None

    def read(self, candidate: Candidate, pictures: Path | None) -> Reading:
        path = candidate.path
        content = CocoContent.of(path, candidate.content)
        videos = _videos(path, candidate.content["videos"])
        names = tuple(dict.fromkeys(content.names.values()))
        reading = Reading(self.name, path, lambda: items(), names)

        def items() -> Iterator[LabelledPicture | Fault]:
            content.notes.clear()
            finder = PictureFinder(path.parent, pictures)
            yield from content.faults
            frames = []
            taken: set[tuple[int, int]] = set()
            for image in content.images:
                try:
                    found = _frame(image, videos, pictures or path.parent, finder)
                    if (found[0], found[1].number) in taken:
                        raise LabelError(
                            f"frame {found[1].number} of video {found[0]} is there twice"
                        )
                    taken.add((found[0], found[1].number))
                    frames.append((found, image))
                except LabelError as error:
                    yield Fault("broken-label", str(path), str(error), image.file_name)
            order = {number: i for i, number in enumerate(videos)}
            frames.sort(key=lambda pair: (order[pair[0][0]], pair[0][1].number))
            for (_, ref), image in frames:
                instances, refused = content.instances(image)
                name = image.file_name.replace("\\", "/")
                picture = LabelledPicture(ref, image.size_hw, tuple(instances), name, str(path))
                yield picture.without([*refused, *_twice(picture)])
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
        frames = []
        for picture in pictures:
            if picture.frame is None:
                yield Written(f"{picture.path}: is no frame of a video; CocoVID holds nothing else")
            else:
                frames.append((picture, picture.frame))
                yield Written()
        if not frames:  # a set without a frame is none
            return
        categories = {name: number for number, name in enumerate(names, 1)}
        videos: dict[Path, Record] = {}
        images: list[Record] = []
        annotations: list[Record] = []
        for picture, frame in frames:
            video = videos.setdefault(
                frame.video, _video_record(frame, picture, len(videos) + 1, path.parent)
            )
            images.append(_image_record(frame, picture, len(images) + 1, video["id"], path.parent))
            for one in picture.instances:
                number = len(annotations) + 1, len(images), categories[one.name]
                annotations.append(
                    annotation(one, *number, path.parent) | {"video_id": video["id"]}
                )
        write_coco_video(path, videos.values(), images, annotations, names, replace)


def _videos(path: Path, raw_videos: object) -> dict[int, Record]:
    if not isinstance(raw_videos, list):
        raise LabelError(f'{path}: not a CocoVID file: "videos" is no list')
    videos: dict[int, Record] = {}
    for i, raw in enumerate(raw_videos):
        number, name = parsed(
            lambda one: (whole(one, "id"), one["name"]), raw, f"{path}, videos[{i}]"
        )
        if not isinstance(name, str) or not name.strip() or "\0" in name:
            raise LabelError(f"{path}, videos[{i}]: name is {name!r}; expected a text")
        if number in videos:
            raise LabelError(f"{path}, videos[{i}]: id {number} is used twice")
        videos[number] = raw
    return videos


def _frame(
    image: ImageRecord, videos: Mapping[int, Record], folder: Path, finder: PictureFinder
) -> tuple[int, FrameRef]:
    """Number of the video, and the frame; raises LabelError."""
    video_id, number, time, shot, fps = parsed(
        lambda raw: (
            whole(raw, "video_id"),
            at_least(0, raw, "frame_id"),
            None if raw.get("time") is None else finite(raw["time"], "time"),
            None if raw.get("shot") is None else at_least(0, raw, "shot"),
            videos.get(whole(raw, "video_id"), {}).get("fps"),
        ),
        image.raw,
        "image",
    )
    if video_id not in videos:
        raise LabelError(f"video_id {video_id} is not among the videos")
    video = folder / videos[video_id]["name"].replace("\\", "/")
    as_file = finder.find(image.file_name)
    there = not as_file.missing or (len(video.name.encode()) < 256 and video.is_file())
    return video_id, FrameRef(
        path=as_file.path,
        video=video,
        number=number,
        time=time,
        fps=None
        if fps is None
        else parsed(lambda raw: finite(raw["fps"], "fps"), {"fps": fps}, "video"),
        shot=shot,
        repeats=None if image.raw.get("repeats") is None else bool(image.raw["repeats"]),
        missing=None if there else f"is not there, nor is its video {video}; put one of them there",
    )


def _twice(picture: LabelledPicture) -> Iterator[tuple[str, str]]:
    seen: set[int] = set()
    for instance in picture.instances:
        if instance.track_id is None:
            continue
        if instance.track_id in seen:
            yield instance.where, f"track_id {instance.track_id} is used twice in one frame"
        seen.add(instance.track_id)


def _video_record(frame: FrameRef, picture: LabelledPicture, number: int, folder: Path) -> Record:
    height, width = picture.size_hw
    name = relative_to_folder(frame.video, folder)
    return {"id": number, "name": name, "width": width, "height": height, "fps": frame.fps}


def _image_record(
    frame: FrameRef, picture: LabelledPicture, number: int, video: int, folder: Path
) -> Record:
    as_file = frame.path.is_file()
    height, width = picture.size_hw
    said = {"time": frame.time, "shot": frame.shot, "repeats": frame.repeats}
    return {
        "id": number,
        "video_id": video,
        "frame_id": frame.number,
        "file_name": relative_to_folder(frame.path, folder) if as_file else picture.name,
        "height": height,
        "width": width,
        **{key: value for key, value in said.items() if value is not None},
    }


def annotations_of(
    instances: Instances, image_id: int, video_id: int | None, first_id: int
) -> list[Record]:
    """The annotations of one frame or picture as JSON can hold them, with exact hard masks as RLE.
    The class is that of the model, in its order.

    Characters whose hard mask is empty are left out.

    Args:
        instances: of a video (with a `video_id`) with `track_ids`.
        first_id: id of the first annotation; the others follow.

    Raises:
        ValueError: the instances of a video have no track ids.
    """
    if video_id is not None and instances.track_ids is None:
        raise ValueError("instances of a video must have track_ids, but got None")
    numbers = {name: number for number, name in enumerate(instances.names, 1)}
    of_video = {} if video_id is None else {"video_id": video_id}
    found = labelled(instances, FileRef(Path()), "").instances
    return [
        annotation(one, first_id + i, image_id, numbers[one.name], Path()) | of_video
        for i, one in enumerate(found)
    ]


def tracked_mask(mask: NDArray[np.bool_], track_id: int) -> Record:
    """What an annotation says of a hard mask (H, W) bool that is not empty, and whose it is; of the
    first class."""
    found = LabelledInstance.from_mask(mask, "", track_id=track_id)
    record = annotation(found, 0, 0, 1, Path())
    return {key: value for key, value in record.items() if key not in ("id", "image_id")}


def write_coco_video(
    path: str | Path,
    videos: Iterable[Mapping[str, Any]] | None,
    images: Iterable[Mapping[str, Any]],
    annotations: Iterable[Mapping[str, Any]],
    names: Sequence[str],
    overwrite: bool = False,
) -> None:
    """Write a CocoVID file, whole or not at all; the same records give the same bytes.

    Args:
        videos: records with id, name, width and height; None makes a file of pictures alone.
        images: records with id, video_id, frame_id, file_name, width and height.
        annotations: records as `annotations_of` makes them. Both may be generators, taken one by
            one, images first.
        names: classes, from category 1.

    Raises:
        OutputError: the file exists and `overwrite` is False, or it cannot be written.
    """
    sections: dict[str, Iterable[Mapping[str, Any]]] = {"categories": categories_of(names)}
    if videos is not None:
        sections["videos"] = videos
    sections |= {"images": images, "annotations": annotations}
    write_sections(Path(path), sections, overwrite)
