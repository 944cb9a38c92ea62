"""CocoVID files: written record by record, read strictly, and equal to pycocotools."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pycocotools import mask as reference
from pycocotools.coco import COCO

import made_clips
from kirinuki.errors import LabelError, OutputError, PictureError
from kirinuki.formats.coco_video import CocoVideo, annotations_of, write_coco_video
from kirinuki.formats.registry import load_set
from kirinuki.instances import Instances
from kirinuki.video.reader import read as read_video

SIZE = (30, 40)


def seen(*boxes: tuple[int, int, int, int], ids: tuple[int, ...], **more: Any) -> Instances:
    """Characters that fill these boxes of a 40×30 frame, all but a corner."""
    alphas = [np.full((y2 - y1, x2 - x1), 255, np.uint8) for x1, y1, x2, y2 in boxes]
    for alpha in alphas:
        alpha[0, 0] = 127
    return Instances(
        size_hw=SIZE,
        boxes=np.array(boxes, np.float32).reshape(-1, 4),
        alphas=tuple(alphas),
        scores=np.full(len(boxes), 0.75, np.float32),
        labels=np.zeros(len(boxes), np.int64),
        names=("waifu",),
        track_ids=np.array(ids, np.int64),
        **more,
    )


FRAMES = [
    seen((3, 4, 9, 20), (20, 0, 40, 30), ids=(1, 2)),
    seen(ids=()),
    seen((4, 4, 10, 20), ids=(1,), kind_scores=np.array([[0.9, 0.1]], np.float32)),
]


def image(video_id: int, frame_id: int, **more: Any) -> dict[str, Any]:
    number = (video_id - 1) * 100 + frame_id + 1
    name = f"clip_{video_id}/{frame_id + 1:06d}.png"
    size = {"height": SIZE[0], "width": SIZE[1]}
    place = {"id": number, "video_id": video_id, "frame_id": frame_id, "file_name": name}
    return {**place, **size, "time": frame_id / 24, **more}


def video(number: int) -> dict[str, Any]:
    return {"id": number, "name": f"clip_{number}.mp4", "height": SIZE[0], "width": SIZE[1]}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    annotations: list[dict[str, Any]] = []
    images = []
    for v in (1, 2):
        for f, instances in enumerate(FRAMES):
            images.append(image(v, f, shot=int(f == 2)))
            annotations += annotations_of(instances, images[-1]["id"], v, len(annotations) + 1)
    file = tmp_path / "tracks.json"
    write_coco_video(file, [video(1), video(2)], images, annotations, ["waifu", "夏"])
    return file


def test_written_and_read_again(path: Path) -> None:
    labels = load_set(path)
    assert labels.names == ("waifu", "夏")
    frames = [picture.frame for picture in labels]
    assert [f and (f.video.name, f.number, f.shot) for f in frames] == [
        (f"clip_{video}.mp4", number, int(number == 2)) for video in (1, 2) for number in range(3)
    ]
    assert frames[1] is not None
    assert frames[1].time == 1 / 24
    assert [one.track_id for one in labels.pictures[3].instances] == [1, 2]
    assert labels.pictures[4].instances == ()
    (third,) = labels.pictures[5].instances
    assert (third.kind, third.score) == ("female", 0.75)
    assert np.array_equal(third.mask(SIZE), FRAMES[2].mask(0))
    again = path.with_name("again.json")
    assert not [
        one.failure for one in CocoVideo().write(labels, labels.names, again, False) if one.failure
    ]
    assert load_set(again).pictures == tuple(
        replace(picture, file=str(again)) for picture in labels
    )


def test_frames_are_read_from_their_video(tmp_path: Path) -> None:
    pictures = [made_clips.moving(n, SIZE) for n in range(6)]
    clip = made_clips.write_clip(tmp_path / "clip_1.mp4", pictures)
    images = [image(1, f) for f in (1, 4, 2)]
    path = tmp_path / "tracks.json"
    write_coco_video(path, [video(1)], images, [], ["waifu"])
    wanted = [frame.rgb for frame in read_video(clip)]
    for picture in load_set(path):
        assert picture.frame is not None
        np.testing.assert_array_equal(picture.read().rgb, wanted[picture.frame.number])
    write_coco_video(path, [video(1)], [image(1, 9)], [], ["waifu"], overwrite=True)
    with pytest.raises(PictureError, match="has no frame 9"):
        load_set(path).pictures[0].read()


def test_pycocotools_reads_the_same_masks(path: Path) -> None:
    coco = COCO(path)
    for v in (1, 2):
        for f, instances in enumerate(FRAMES):
            found = coco.loadAnns(coco.getAnnIds(imgIds=[image(v, f)["id"]]))
            assert [a["instance_id"] for a in found] == instances.track_ids.tolist()
            for i, raw in enumerate(found):
                mask = instances.mask(i)
                assert np.array_equal(coco.annToMask(raw).astype(bool), mask)
                assert raw["area"] == mask.sum() == reference.area(raw["segmentation"])
                assert raw["bbox"] == reference.toBbox(raw["segmentation"]).tolist()


def test_nobody_without_a_pixel_is_listed() -> None:
    faint = seen((3, 4, 9, 20), (20, 0, 40, 30), ids=(5, 6))
    faint.alphas[0][:] = 90
    (only,) = annotations_of(faint, 3, 1, 10)
    assert (only["id"], only["image_id"], only["track_id"]) == (10, 3, 6)
    with pytest.raises(ValueError, match="track_ids"):
        annotations_of(Instances.empty(SIZE, ["waifu"]), 1, 1, 1)


def test_records_are_taken_one_by_one(tmp_path: Path) -> None:
    """A record is written before the next one is made, images before annotations."""
    made: list[int] = []

    def images() -> Iterator[dict[str, Any]]:
        for f in range(2000):
            made.append(f)
            yield image(1, f)

    def annotations() -> Iterator[dict[str, Any]]:
        assert len(made) == 2000
        for f in range(2000):
            yield from annotations_of(FRAMES[2], image(1, f)["id"], 1, f + 1)

    file = tmp_path / "long.json"
    write_coco_video(file, [video(1)], images(), annotations(), ["waifu"])
    assert sum(len(picture.instances) for picture in load_set(file)) == 2000


def test_whole_or_not_at_all(path: Path) -> None:
    def broken() -> Iterator[dict[str, Any]]:
        yield image(1, 0)
        raise KeyboardInterrupt

    before = path.read_bytes()
    with pytest.raises(KeyboardInterrupt):
        write_coco_video(path, [video(1)], broken(), [], ["waifu"], overwrite=True)
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    with pytest.raises(OutputError, match="`overwrite`"):
        write_coco_video(path, [], [], [], [])
    write_coco_video(path, [], [], [], [], overwrite=True)
    assert json.loads(path.read_text())["images"] == []


WRONG = [
    ({"images": {"video_id": 9}}, r"clip_1/000001.png: video_id 9 is not among"),
    ({"images": {"frame_id": -1}}, r"clip_1/000001.png: .*frame_id is -1"),
    ({"images": {"frame_id": 1}}, r"clip_1/000002.png: frame 1 of video 1 is there twice"),
    ({"images": {"time": "soon"}}, r"clip_1/000001.png: .*time holds 'soon'"),
    ({"annotations": {"track_id": 1.5}}, r"annotations\[0\].*track_id is 1.5"),
    ({"annotations": {"track_id": 2}}, r"annotation 2 .*track_id 2 is used twice in one frame"),
    ({"annotations": {"segmentation": {"size": [3, 4], "counts": "1"}}}, r"annotations\[0\].*RLE"),
    ({"videos": {"name": None}}, r"videos\[0\].*name is None"),
]


@pytest.mark.parametrize(("change", "line"), WRONG)
def test_what_is_wrong_is_named(path: Path, change: dict[str, Any], line: str) -> None:
    content = json.loads(path.read_text())
    for section, fields in change.items():
        content[section][0].update(fields)
    path.write_text(json.dumps(content))
    with pytest.raises(LabelError, match=line) as raised:
        load_set(path)
    assert str(path) in str(raised.value)
    assert "\n" not in str(raised.value)


def test_files_of_others_say_instance_id(path: Path) -> None:
    content = json.loads(path.read_text())
    for annotation in content["annotations"]:
        del annotation["track_id"]
    path.write_text(json.dumps(content))
    tracks = [one.track_id for picture in load_set(path) for one in picture.instances]
    assert tracks == [1, 2, 1] * 2
