"""The benchmark on real pictures: its reader, its numbers on hand-made cases, one whole run."""

from __future__ import annotations

import csv
import importlib.util
import json
import shutil
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("scipy")
REAL = Path(__file__).parents[2] / "benchmarks" / "real"
sys.path.insert(0, str(REAL))

import bootstrap  # noqa: E402
import measures  # noqa: E402
import oracles  # noqa: E402
import score_quality  # noqa: E402
from fit import Find, Fit, fit_of  # noqa: E402
from looking import PictureResult  # noqa: E402
from real_set import LabelledPicture, hard_masks, read_set  # noqa: E402
from worst import quality  # noqa: E402

from kirinuki.errors import DatasetError  # noqa: E402

SPLIT_COLUMNS = ("file", "state", "characters", "split", "kind")


def mask(rows: str) -> np.ndarray:
    """A mask from rows of 0 and 1, parted by spaces."""
    return np.array([[digit == "1" for digit in row] for row in rows.split()])


LEFT, RIGHT = mask("1100 1100 1100 1100"), mask("0011 0011 0011 0011")
PAIR = np.array([LEFT, RIGHT])
NOBODY = np.zeros((0, 4, 4), np.bool_)


def find(rows: str) -> Find:
    """A find whose window is the whole picture."""
    drawn = mask(rows)
    return (0, 0, drawn.shape[1], drawn.shape[0]), drawn


def result(fit: Fit, kind: str = "drawing") -> PictureResult:
    masks = (Path("any"),) * len(fit.true_areas)
    picture = LabelledPicture("any", kind, Path("any"), masks)
    return PictureResult(picture, fit, np.zeros(0), np.zeros(0, np.bool_), None)


def listed(folder: Path, columns: tuple[str, ...], *rows: tuple[object, ...]) -> Path:
    """Write a folder's list."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "list.csv").open("w", newline="") as file:
        csv.writer(file).writerows([columns, *rows])
    return folder


def grey(path: Path, values: object, size_wh: tuple[int, int] = (4, 4)) -> None:
    """Write a grey picture of one value, or of an array."""
    path.parent.mkdir(parents=True, exist_ok=True)
    array = np.broadcast_to(np.array(values, np.uint8), (size_wh[1], size_wh[0]))
    Image.fromarray(np.ascontiguousarray(array)).save(path)


class TestReader:
    def test_flat_folder(self, tmp_path: Path) -> None:
        listed(tmp_path, ("id", "kind", "n_characters"), ("a", "manga", 2), ("b", "empty", 0))
        grey(tmp_path / "a.png", 9)
        grey(tmp_path / "a.gt0.png", [255, 255, 0, 0])
        grey(tmp_path / "a.gt1.png", [0, 0, 255, 127])
        grey(tmp_path / "b.jpg", 9)
        first, second = read_set(tmp_path)
        picture, truths = first.read()
        assert (first.name, first.kind, second.kind) == ("a", "manga", "empty")
        assert picture.rgb.shape == (4, 4, 3)
        assert truths.sum(axis=(1, 2)).tolist() == [8, 4]
        assert second.read()[1].shape == (0, 4, 4)

    def test_only_the_split_asked_for_and_nothing_open(self, tmp_path: Path) -> None:
        listed(
            tmp_path,
            SPLIT_COLUMNS,
            ("pictures/a.jpg", "labelled", 1, "val", "ai"),
            ("pictures/b.jpg", "labelled", 1, "train", "ai"),
            ("open/c.jpg", "open", 0, "val", "ai"),
            ("empty/d.jpg", "empty", 0, "val", "empty"),
        )
        for name in ("pictures/a.jpg", "pictures/b.jpg", "empty/d.jpg", "alphas/a.0.png"):
            grey(tmp_path / name, 255)
        grey(tmp_path / "alphas/b.0.png", 255)
        assert [p.name for p in read_set(tmp_path)] == ["a", "d"]
        assert [p.name for p in read_set(tmp_path, "train")] == ["b"]
        with pytest.raises(DatasetError, match='split "test"'):
            read_set(tmp_path, "test")

    def test_soft_alphas_that_meet_are_shared_out(self) -> None:
        alphas = [
            np.array([[255, 200, 140, 90]], np.uint8),
            np.array([[0, 150, 200, 90]], np.uint8),
        ]
        masks = hard_masks(alphas, (1, 4))
        assert masks.astype(int).tolist() == [[[1, 1, 0, 0]], [[0, 0, 1, 0]]]

    @pytest.mark.parametrize(
        ("said", "masks", "message"),
        [
            (2, 1, "a.gt1.png: no such mask"),
            (1, 2, "a.gt1.png: is one mask more"),
            ("some", 1, 'says "some" characters'),
        ],
    )
    def test_list_and_masks_must_agree(
        self, tmp_path: Path, said: object, masks: int, message: str
    ) -> None:
        listed(tmp_path, ("id", "kind", "n_characters"), ("a", "manga", said))
        grey(tmp_path / "a.png", 9)
        for k in range(masks):
            grey(tmp_path / f"a.gt{k}.png", 255)
        with pytest.raises(DatasetError, match=message):
            read_set(tmp_path)

    def test_other_faults_are_named(self, tmp_path: Path) -> None:
        with pytest.raises(DatasetError, match="no such file"):
            read_set(tmp_path)
        with pytest.raises(DatasetError, match="expected at least"):
            read_set(listed(tmp_path / "columns", ("id", "n"), ("a", 1)))
        with pytest.raises(DatasetError, match=r"no a\.png"):
            read_set(listed(tmp_path / "file", ("id", "kind", "n_characters"), ("a", "x", 0)))
        folder = listed(tmp_path / "size", ("id", "kind", "n_characters"), ("a", "x", 1))
        grey(folder / "a.png", 9)
        grey(folder / "a.gt0.png", 9, (5, 4))
        with pytest.raises(DatasetError, match="is 5×4, but its picture is 4×4"):
            read_set(folder)[0].read()


class TestOnePicture:
    def test_two_found_one_of_them_in_part(self) -> None:
        fit = fit_of([find("1100 1100 1100 1100"), find("0001 0001 0001 0001")], PAIR)
        assert fit.iou.tolist() == [[1, 0], [0, 0.5]]
        assert fit.best.tolist() == [1, 0.5]
        assert fit.right.tolist() == [True, True]
        assert fit.union == 12 / 16
        assert fit.boundary[0] == 1

    def test_a_window_is_where_it_is(self) -> None:
        fit = fit_of([((2, 1, 4, 3), np.ones((2, 2), np.bool_))], PAIR)
        assert fit.overlap.tolist() == [[0, 4]]
        assert fit.best.tolist() == [0, 0.5]

    def test_nothing_found(self) -> None:
        fit = fit_of([], PAIR)
        assert (fit.best.tolist(), fit.boundary.tolist(), fit.union) == ([0, 0], [0, 0], 0)

    def test_nobody_there(self) -> None:
        fit = fit_of([find("1000 0000 0000 0000")], NOBODY)
        assert (fit.union, fit.right.tolist()) == (None, [False])
        assert quality(result(fit)) == 0
        assert quality(result(fit_of([], NOBODY))) == 1

    def test_a_character_is_shown_once(self) -> None:
        fit = fit_of([find("1100 1100 1100 0000"), find("1100 1100 1100 1100")], PAIR[:1])
        assert fit.right.tolist() == [True, False]


class TestOracles:
    def test_one_find_over_half_of_both_merges_them(self) -> None:
        assert oracles.merged(fit_of([find("1111 1111 0000 0000")], PAIR)) == 1
        assert oracles.merged(fit_of([find("1111 1110 0000 0000")], PAIR)) == 0

    def test_two_finds_in_one_character_split_it(self) -> None:
        halves = [find("1100 1100 0000 0000"), find("0000 0000 1100 1100")]
        assert oracles.split(fit_of(halves, PAIR)) == 1

    def test_a_neighbour_that_reaches_over_splits_nobody(self) -> None:
        finds = [find("1000 1100 1100 1100"), find("0111 0011 0011 0011")]
        assert oracles.split(fit_of(finds, PAIR)) == 0

    def test_truth_chooses_one_find_each_for_the_best_sum(self) -> None:
        both, left, small = (
            find("1111 1111 1111 1111"),
            find("1100 1100 1100 0000"),
            find("1000 " * 4),
        )
        chosen = oracles.perfect_choice([both, small, left], PAIR)
        assert [int(m.sum()) for _, m in chosen] == [16, 6]
        assert oracles.perfect_choice([], PAIR) == []
        assert oracles.perfect_choice([both], NOBODY) == []

    def test_truth_becomes_boxes_and_coarse_masks(self) -> None:
        truth = np.zeros((60, 60), np.bool_)
        truth[2:30, 3:59] = True
        truth[2:30, 31:59] = False
        truth[2, 58] = True
        found = oracles.coarse_truth(truth[None])
        assert found.boxes.tolist() == [[3, 2, 59, 30]]
        assert found.masks.shape == (1, 28, 28)
        assert found.masks[0, :, :14].min() == 1
        assert found.masks[0, 1:, 14:].max() == 0


class TestNumbersOfASet:
    FITS = (
        fit_of([find("1100 1100 1100 1100")], PAIR),
        fit_of([find("0011 0011 0000 0000")], PAIR[1:]),
        fit_of([], NOBODY),
        fit_of([find("1000 0000 0000 0000")] * 3, NOBODY),
    )

    def test_each_number_by_hand(self) -> None:
        found = {
            name: measures.ratio(measures.parts(measure, self.FITS))
            for name, measure in measures.MEASURES.items()
        }
        del found["boundary F"]
        assert found == {
            "union IoU": (0.5 + 0.5) / 2,
            "best match per character": (1 + 0 + 0.5) / 3,
            "recall at IoU .5": 2 / 3,
            "recall at IoU .75": 1 / 3,
            "recall at IoU .9": 1 / 3,
            "precision": 2 / 5,
            "false finds per empty picture": 3 / 2,
        }

    def test_nothing_to_measure(self) -> None:
        nobody = measures.parts(measures.MEASURES["union IoU"], self.FITS[2:])
        assert measures.ratio(nobody) is None

    def test_groups(self) -> None:
        kinds = ("group", "manga", "empty", "empty")
        results = [result(fit, kind) for fit, kind in zip(self.FITS, kinds, strict=True)]
        assert measures.groups_of(results) == {
            "all": [0, 1, 2, 3],
            "group": [0],
            "manga": [1],
            "empty": [2, 3],
            "two or more": [0],
        }


class TestScore:
    SCORES = np.array([0.9, 0.8, 0.8, 0.8, 0.6, 0.3, 0.3, 0.1])
    RIGHT = np.array([1, 1, 0, 1, 0, 1, 0, 0], np.bool_)

    def test_auroc_is_the_share_of_pairs_in_order(self) -> None:
        pairs = [(a, b) for a in self.SCORES[self.RIGHT] for b in self.SCORES[~self.RIGHT]]
        in_order = sum(1.0 if a > b else 0.5 if a == b else 0.0 for a, b in pairs)
        assert score_quality.auroc(self.SCORES, self.RIGHT) == in_order / len(pairs)
        assert score_quality.auroc(self.SCORES, np.ones(8, np.bool_)) is None

    def test_log_loss(self) -> None:
        found = score_quality.log_loss(np.array([0.5, 0.8]), np.array([True, False]))
        assert found == pytest.approx(-(np.log(0.5) + np.log(0.2)) / 2)
        assert score_quality.log_loss(np.array([0.0]), np.array([True])) < 10

    def test_line_through_two_scores(self) -> None:
        """Of 0.5 a quarter is right, of 0.9 three quarters: two points, one line through both."""
        scores = np.repeat([0.5, 0.9], 4)
        right = np.array([1, 0, 0, 0, 1, 1, 1, 0], np.bool_)
        slope, intercept = score_quality.calibration_line(scores, right) or (0, 0)
        assert intercept == pytest.approx(-np.log(3), abs=1e-4)
        assert slope == pytest.approx(2 * np.log(3) / np.log(9), abs=1e-4)

    def test_no_line_where_a_threshold_parts_them(self) -> None:
        right = np.array([1, 1, 1, 1, 0, 0, 0, 0], np.bool_)
        assert score_quality.calibration_line(self.SCORES, right) is None
        nothing = score_quality.score_quality(np.zeros(0), np.zeros(0, np.bool_))
        assert (nothing.finds, nothing.log_loss, nothing.auroc, nothing.slope) == (
            0,
            None,
            None,
            None,
        )


class TestBootstrap:
    FIRST = np.array([[0.5, 1], [1.2, 3], [0.4, 1], [0.0, 0], [1.5, 2], [0.3, 1], [0.9, 1]])

    def test_each_draw_has_as_many_pictures(self) -> None:
        drawn = bootstrap.times_drawn(7, draws=50)
        assert drawn.shape == (50, 7)
        assert (drawn.sum(axis=1) == 7).all()
        assert (drawn == bootstrap.times_drawn(7, draws=50)).all()

    def test_a_model_beside_itself(self) -> None:
        drawn = bootstrap.times_drawn(7)
        same = bootstrap.paired_difference(self.FIRST, self.FIRST, drawn)
        assert same == bootstrap.Difference(0, 0, 0)

    def test_equal_gain_on_every_character_is_sure(self) -> None:
        better = self.FIRST + np.stack([0.1 * self.FIRST[:, 1], np.zeros(7)], axis=1)
        found = bootstrap.paired_difference(self.FIRST, better, bootstrap.times_drawn(7))
        assert found is not None
        assert (found.value, found.low, found.high) == pytest.approx((0.1, 0.1, 0.1))

    def test_interval_is_of_whole_pictures_drawn_again(self) -> None:
        second = self.FIRST.copy()
        second[:, 0] = [0.9, 0.9, 0.2, 0, 1.8, 0.9, 0.1]
        drawn = bootstrap.times_drawn(7, draws=200, seed=3)
        again = []
        for counts in drawn:
            picked = np.repeat(np.arange(7), counts)
            (a, n), (b, m) = self.FIRST[picked].sum(axis=0), second[picked].sum(axis=0)
            again.append(b / m - a / n)
        found = bootstrap.paired_difference(self.FIRST, second, drawn)
        assert found is not None
        assert found.value == pytest.approx((4.8 - 4.8) / 9)
        assert (found.low, found.high) == pytest.approx(np.quantile(again, [0.025, 0.975]))

    def test_few_pictures_have_no_interval(self) -> None:
        few = self.FIRST[:5]
        found = bootstrap.paired_difference(few, few, bootstrap.times_drawn(5, draws=10))
        assert found == bootstrap.Difference(0, None, None)
        nobody = self.FIRST[3:4]
        assert bootstrap.paired_difference(nobody, nobody, bootstrap.times_drawn(1)) is None


@pytest.fixture(scope="module")
def run() -> ModuleType:
    """`run.py`, under a name of its own: other benchmarks have a module `run`, too."""
    spec = importlib.util.spec_from_file_location("run_real", REAL / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def drawn_set(tmp_path: Path, repository: Path) -> Path:
    """The project's own drawing of three, and a grey picture with nobody."""
    folder = listed(
        tmp_path / "set", ("id", "kind", "n_characters"), ("s", "group", 3), ("e", "empty", 0)
    )
    examples = repository / "examples"
    shutil.copy(examples / "chibi.png", folder / "s.png")
    for k in range(3):
        shutil.copy(examples / "alpha" / f"chibi_{k + 1}.png", folder / f"s.gt{k}.png")
    grey(folder / "e.png", 128, (64, 48))
    return folder


def test_two_models_side_by_side(
    run: ModuleType, drawn_set: Path, tmp_path: Path, repository: Path
) -> None:
    weights = repository / "src" / "kirinuki" / "weights"
    (tmp_path / "coarse").mkdir()
    shutil.copy(weights / "detector.onnx", tmp_path / "coarse")
    coarse, out = str(tmp_path / "coarse"), tmp_path / "report"
    run.main([str(drawn_set), "--model", "default", "--model", coarse, "--oracles", "-o", str(out)])
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    everybody = report["models"]["default"]["groups"]["all"]
    assert (everybody["pictures"], everybody["characters"]) == (2, 3)
    assert everybody["measures"]["recall at IoU .5"] == 1
    assert everybody["measures"]["false finds per empty picture"] == 0
    rows = report["models"]["default"]["oracles"]["rows"]
    assert rows["as shown"]["union IoU"] == everybody["measures"]["union IoU"]
    assert rows["truth boxes into the refiner"]["recall at IoU .75"] == 1
    assert rows["perfect choice among detections"]["recall at IoU .5"] == 1
    behind = report["minus_first"][coarse]["all"]["boundary F"]
    assert behind["value"] < 0, "edges are better with the refiner"
    assert behind["low"] is None, "two pictures tell no interval"
    table = (out / "table.md").read_text(encoding="utf-8")
    assert "| union IoU |" in table
    assert "truth boxes into the refiner" in table
    assert sorted(path.name for path in out.iterdir()) == ["report.json", "table.md"]


def test_sheet_is_drawn_when_asked_for(run: ModuleType, drawn_set: Path, tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        run.main([str(drawn_set), "--sheet"])
    run.main([str(drawn_set), "--sheet", "--score", "0.9", "-o", str(tmp_path / "out")])
    assert Image.open(tmp_path / "out" / "worst_1_default.png").width > 1000
    report = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert report["scores"] == {"default": 0.9}


def test_a_folder_without_a_list_is_one_line(run: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"kirinuki: .*list\.csv: no such file; give a folder"):
        run.main([str(tmp_path)])
