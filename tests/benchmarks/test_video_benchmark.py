"""`benchmarks/video/run.py` from clips to report, with a segmenter that needs no model."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

for needed in ("motmetrics", "scipy", "matplotlib"):
    pytest.importorskip(needed)

BENCHMARKS = Path(__file__).parents[2] / "benchmarks" / "video"
sys.path.insert(0, str(BENCHMARKS))

from clip_truth import read_clips  # noqa: E402
from measure import starts  # noqa: E402
from variants import FRAME_BY_FRAME, OURS  # noqa: E402

from kirinuki.errors import DatasetError  # noqa: E402
from kirinuki.formats.coco_video import write_coco_video  # noqa: E402
from kirinuki.geometry import mask_to_box, mask_to_rle  # noqa: E402
from kirinuki.images.picture import Picture  # noqa: E402
from kirinuki.instances import Instances  # noqa: E402

SIZE_HW = (96, 160)
COLOURS = ((220, 40, 40), (40, 60, 220))
"""Of the characters, on a plain green, and on a light grid."""
FRAMES, CUT = 24, 12


def loaded(name: str) -> ModuleType:
    """A benchmark script by a name that no other benchmark's script has."""
    spec = importlib.util.spec_from_file_location(f"video_{name}", BENCHMARKS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    return script


def discs(frame: int, on: int) -> list[NDArray[np.bool_]]:
    """Two characters, the first moving, the second standing still; mirrored after the cut."""
    rows, columns = np.mgrid[: SIZE_HW[0], : SIZE_HW[1]]
    if frame >= CUT:
        columns = SIZE_HW[1] - 1 - columns
    x = 30 + 3 * (frame % CUT // on * on)
    return [np.hypot(columns - x, rows - 40) < 18, np.hypot(columns - 120, rows - 55) < 22]


def drawing(frame: int, on: int) -> NDArray[np.uint8]:
    picture = np.full((*SIZE_HW, 3), (30, 120, 60), np.uint8)
    if frame >= CUT:
        picture[:] = (200, 230, 190)
        picture[::24, :] = picture[:, ::32] = (60, 60, 60)
    for mask, colour in zip(discs(frame, on), COLOURS, strict=True):
        picture[mask] = colour
    return picture


def write_clip(path: Path, on: int) -> None:
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=24, options={"crf": "8", "preset": "veryfast"})
        stream.height, stream.width = SIZE_HW
        stream.pix_fmt = "yuv420p"
        for number in range(FRAMES):
            frame = av.VideoFrame.from_ndarray(drawing(number, on), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 24)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


@pytest.fixture
def clips(tmp_path: Path) -> Path:
    """Two clips of a second with a cut half way, on ones and on twos, with truth."""
    videos: list[dict[str, Any]] = []
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    size = {"height": SIZE_HW[0], "width": SIZE_HW[1]}
    for on in (1, 2):
        name = f"clip_{on:04}.mp4"
        write_clip(tmp_path / name, on)
        videos.append({"id": on, "name": name, "fps": 24, "on": on, **size})
        for number in range(FRAMES):
            image = {"id": len(images) + 1, "video_id": on, "frame_id": number, **size}
            image |= {"file_name": f"{name}/{number}", "shot": int(number >= CUT)}
            image["repeats"] = number % CUT % on > 0
            images.append(image)
            for track_id, mask in enumerate(discs(number, on), 1):
                x1, y1, x2, y2 = mask_to_box(mask) or (0, 0, 0, 0)
                annotations.append(
                    {
                        "id": len(annotations) + 1,
                        "image_id": image["id"],
                        "video_id": on,
                        "category_id": 1,
                        "track_id": track_id,
                        "instance_id": track_id,
                        "iscrowd": 0,
                        "bbox": [x1, y1, x2 - x1, y2 - y1],
                        "area": int(mask.sum()),
                        "segmentation": mask_to_rle(mask),
                    }
                )
    write_coco_video(tmp_path / "annotations.json", videos, images, annotations, ("character",))
    return tmp_path


class ColourSegmenter:
    """Finds the characters by their colours; every look gives other edges."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, picture: Picture) -> Instances:
        self.calls += 1
        boxes, alphas = [], []
        for colour in COLOURS:
            away = np.abs(picture.rgb.astype(np.int16) - colour).max(axis=2)
            box = mask_to_box(away < 60)
            if box is None:
                continue
            x1, y1, x2, y2 = box
            alpha = np.where(away < 60, 200 + self.calls % 5 * 10, 0)[y1:y2, x1:x2]
            boxes.append(box)
            alphas.append(alpha.astype(np.uint8))
        return Instances(
            size_hw=picture.rgb.shape[:2],
            boxes=np.array(boxes, np.float32).reshape(-1, 4),
            alphas=tuple(alphas),
            scores=np.full(len(boxes), 0.9, np.float32),
            labels=np.zeros(len(boxes), np.int64),
            names=("character",),
        )

    def refresh(self, *_: object) -> None:
        return None


@pytest.fixture
def measured(clips: Path) -> Iterator[Any]:
    run = loaded("run").Run(ColourSegmenter(), (FRAME_BY_FRAME, OURS))
    for clip in read_clips(clips):
        run.add(clip)
    return run


def test_truth(clips: Path) -> None:
    first, second = read_clips(clips)
    assert (first.name, first.on, second.on) == ("clip_0001", 1, 2)
    assert starts(first.shots) == {CUT}
    assert [first.frames[i].ids for i in (0, CUT - 1, CUT)] == [(1, 2), (1, 2), (3, 4)]
    masks = [region.mask for region in second.frames[3].regions()]
    assert all((a == b).all() for a, b in zip(masks, discs(3, 2), strict=True))
    assert len(read_clips(clips, 1)) == 1
    (clips / "clip_0002.mp4").unlink()
    with pytest.raises(DatasetError, match="no such file"):
        read_clips(clips)


def test_numbers(measured: Any) -> None:
    whole = measured.whole()
    base, ours = whole[FRAME_BY_FRAME.name], whole[OURS.name]
    assert base.frames == ours.frames == 2 * FRAMES
    assert len(base.fits) == len(ours.fits) == 2 * 2 * 2  # clips, shots, characters
    assert base.association.idf1 == ours.association.idf1 == 1
    assert ours.association.across_cuts == 0
    assert base.j_and_f > 0.95
    assert base.flicker.static.value > 0.5
    assert base.share("fresh") == 1
    twos = measured.by_cadence()[2][OURS.name]
    assert twos.share("repeat") >= 0.4
    assert (twos.repeats_seen, ours.changes_missed) == (1, 0)
    assert (ours.cuts_missed, ours.cuts_invented) == (0, 0)


def test_report(measured: Any, tmp_path: Path) -> None:
    out = tmp_path / "report"
    measured.save(out, measured.text())
    names = {"README.md", "metrics.json", "worst.png", "flicker.png", "courses.png"}
    assert {path.name for path in out.iterdir()} == names
    text = (out / "README.md").read_text(encoding="utf-8")
    assert "| IDF1 | 1.000 | 1.000 |" in text
    assert "clip_0002" in text
    numbers = json.loads((out / "metrics.json").read_text(encoding="utf-8"))
    assert numbers["whole"][OURS.name]["IDF1"] == 1
    assert numbers["by_cadence"]["on twos"][OURS.name]["frames"] == FRAMES
