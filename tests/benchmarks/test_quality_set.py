"""The validation set of `benchmarks/quality`: its slices, its fingerprint, its tables."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from made_library import make_library

pytest.importorskip("faster_coco_eval")
pytest.importorskip("av")

from kirinuki.compose.library import Library
from kirinuki.errors import OutputError
from kirinuki.evaluation.collect import collect
from kirinuki.formats.labelled import LabelledSet
from kirinuki.images.picture import Picture, read_picture
from kirinuki.instances import Instances

QUALITY = Path(__file__).parents[2] / "benchmarks" / "quality"
sys.path.insert(0, str(QUALITY))

import compose_set  # noqa: E402
import fingerprint  # noqa: E402
import run  # noqa: E402
import salient  # noqa: E402
import tables  # noqa: E402

SHAPES = {
    "wide": {"side": [128, 128], "aspects": [[16, 9]]},
    "square": {"side": [96, 96], "aspects": [[1, 1]]},
}
SLICES = [
    compose_set.Slice("pairs", 3, 2, {"counts": [0, 0, 1], "group": 1, "compression": 0}),
    compose_set.Slice("empty", 2, 4, {"counts": [1], "compression": 0}),
]


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Library:
    monkeypatch.setattr(compose_set, "SHAPES", SHAPES)
    return Library.load(**make_library(tmp_path / "library", soft=True))


@pytest.fixture
def composed(library: Library, tmp_path: Path) -> LabelledSet:
    return compose_set.compose_set(library, tmp_path / "set", SLICES)


def test_the_published_slices() -> None:
    slices = compose_set.read_slices()
    assert sum(part.pictures for part in slices) == 300
    assert [part.pictures for part in slices if part.recipe["counts"] == [1]] == [60]
    library = Library((), (), ())
    jobs = [job for part in slices for job in part.jobs(library, Path())]
    assert len({job.seed for job in jobs}) == len(jobs)
    assert {(job.recipe.side[0], job.recipe.aspects) for job in jobs} == {
        (1280, ((16, 9),)),
        (1024, ((1, 1),)),
    }


def test_slices_are_merged_into_one_data_set(composed: LabelledSet) -> None:
    names = [picture.name for picture in composed]
    assert names[:3] == [f"pairs/{n}" for n in ("wide/images/000001.png", "wide/images/000002.png",
                                                "square/images/000001.png")]  # fmt: skip
    assert [picture.size_hw for picture in composed.pictures[1:3]] == [(72, 128), (96, 96)]
    assert [len(picture.instances) for picture in composed] == [2, 2, 2, 0, 0]


def test_a_complete_set_is_not_composed_again_and_another_one_not_mistaken(
    library: Library, composed: LabelledSet
) -> None:
    assert composed.source is not None
    before = composed.pictures[0].path.stat().st_mtime_ns
    again = compose_set.compose_set(library, composed.source.parent, SLICES)
    assert again == composed
    assert composed.pictures[0].path.stat().st_mtime_ns == before
    changed = [replace(SLICES[0], recipe={"counts": [0, 1]}), SLICES[1]]
    with pytest.raises(OutputError, match="composed by another recipe; remove it"):
        compose_set.compose_set(library, composed.source.parent, changed)


def test_the_fingerprint_is_of_pixels_not_of_files(composed: LabelledSet) -> None:
    before = fingerprint.fingerprint(composed)
    path = composed.pictures[0].path
    rgb = read_picture(path).rgb.copy()
    Image.fromarray(rgb).save(path, compress_level=0)
    assert fingerprint.fingerprint(composed) == before
    kinds = tuple(
        replace(p, instances=tuple(replace(one, kind="male") for one in p.instances))
        for p in composed
    )
    assert fingerprint.fingerprint(replace(composed, pictures=kinds)) != before
    rgb[0, 0, 0] ^= 1
    Image.fromarray(rgb).save(path)
    assert fingerprint.fingerprint(composed) != before


def test_another_set_is_named_with_the_libraries_that_differ(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, composed: LabelledSet
) -> None:
    monkeypatch.setattr(fingerprint, "COMMITTED", tmp_path / "set.json")
    found = fingerprint.facts(composed, "0" * 64)
    run.write(tmp_path / "set.json", run.json.dumps(found))
    assert fingerprint.difference(found) is None
    libraries = found["composed_with"] | {"numpy": "1.0"}
    other = fingerprint.difference(found | {"sha256": "1" * 64, "composed_with": libraries})
    assert other is not None
    assert "another set than the published one" in other
    assert "numpy 1.0 (it: " in other


class Truth:
    """A model that knows the labels: what it says of the picture that was read last."""

    def __init__(self, dataset: LabelledSet) -> None:
        self.answers: dict[bytes, Instances] = {}
        for picture in dataset:
            alphas = [read_picture(one.alpha).rgb[..., 0] for one in picture.instances if one.alpha]
            size = picture.size_hw
            self.answers[picture.read().rgb.tobytes()] = Instances(
                size_hw=size,
                boxes=np.array([[0, 0, size[1], size[0]]] * len(alphas), np.float32).reshape(-1, 4),
                alphas=tuple(alphas),
                scores=np.full(len(alphas), 0.9, np.float32),
                labels=np.zeros(len(alphas), np.int64),
                names=("character",),
            )

    def __call__(self, picture: Picture) -> Instances:
        return self.answers[picture.rgb.tobytes()]


def test_a_model_that_knows_the_truth_gets_full_marks_in_every_slice(
    composed: LabelledSet, tmp_path: Path
) -> None:
    collected = collect(Truth(composed), composed, names=("character",), display_score=0.5)
    reports = run.reports_of(collected)
    heading, *lines = tables.rows(reports)
    assert heading == ["", "all", "pairs", "empty"]
    by_name = {line[0]: line[1:] for line in lines}
    assert by_name["pictures"] == ["5", "3", "2"]
    for name in ("mask AP", "mask AP75", "boundary AP", "precision", "recall", "F1"):
        assert by_name[name] == ["100.0", "100.0", "–"]
    for name in ("best-match IoU, mean", "… from score 0.05, median"):
        assert by_name[name] == ["1.000", "1.000", "–"]
    assert by_name["alpha MAE in the band"] == ["0.0000", "0.0000", "–"]
    assert by_name["false finds per empty picture"] == ["0.00", "–", "0.00"]
    markdown = tables.markdown_table([heading, *lines]).splitlines()
    assert markdown[:2] == ["|  | all | pairs | empty |", "| --- | ---: | ---: | ---: |"]
    union = salient.union_of_collected(collected)
    assert (union.iou_mean, union.marked_when_empty) == (1, 0)
    run.write_worst(reports["all"], collected, tmp_path / "worst", 5)
    assert [file.name for file in (tmp_path / "worst").iterdir()] == ["worst_01-03.png"]


def test_a_model_that_marks_everything(composed: LabelledSet) -> None:
    numbers = salient.union_of_model(lambda rgb: np.ones(rgb.shape[:2], np.bool_), composed)
    assert 0 < numbers.iou_mean < 1
    assert numbers.marked_when_empty == 1
