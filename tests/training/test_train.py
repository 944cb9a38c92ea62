"""Training as a whole, on tiny sets: resumed exactly, refused early, explained at the end."""

from __future__ import annotations

import csv
import errno
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

import made_sets
from made_library import make_library

torch = pytest.importorskip("torch")
pytest.importorskip("lightning")

from lightning.pytorch.callbacks import Callback  # noqa: E402

from kirinuki.cli import cli  # noqa: E402
from kirinuki.errors import DatasetError, OutputError, TrainingError  # noqa: E402
from kirinuki.formats.registry import load_set  # noqa: E402
from kirinuki.images.picture import read_picture  # noqa: E402
from kirinuki.training.config import TrainConfig, field_docs  # noqa: E402
from kirinuki.training.loop import fit as fitting  # noqa: E402
from kirinuki.training.loop import runner  # noqa: E402
from kirinuki.training.loop.detector_module import DetectorModule, truth  # noqa: E402
from kirinuki.training.loop.fit import train  # noqa: E402
from kirinuki.training.loop.last_checkpoint import Reached, SaveOften, reached_in  # noqa: E402
from kirinuki.training.loop.refiner_module import RefinerModule  # noqa: E402
from kirinuki.training.loop.runner import Finished  # noqa: E402
from kirinuki.training.loop.whole_checkpoints import WholeCheckpoints  # noqa: E402
from kirinuki.training.networks.checkpoint import read_checkpoint  # noqa: E402
from kirinuki.training.networks.model import build_detector  # noqa: E402
from kirinuki.training.pictures.scene import Scene, target_of  # noqa: E402
from kirinuki.work.progress import no_progress  # noqa: E402

TINY: dict[str, Any] = {
    "input_size": 64,
    "pictures_per_epoch": 3,
    "validation_pictures": 2,
    "batch_size": 2,
    "workers": 0,
    "precision": "32",
}
STILL = {"side": (64, 64), "counts": (0, 1), "compression": 0.0}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One thread (sums in one order), and no reading of ImageNet weights."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    monkeypatch.setattr(
        fitting, "DetectorModule", lambda config, pretrained: DetectorModule(config, False)
    )
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def labels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Fields of a configuration for a labelled set of 3 pictures and 2 to validate on."""
    folder = tmp_path_factory.mktemp("labels")
    data = made_sets.coco(folder, "train.json", {f"a{i}.png": i for i in range(3)})
    val = made_sets.coco(folder, "val.json", {f"b{i}.png": 50 + i for i in range(2)})
    return {"data": (str(data),), "val": str(val)}


@pytest.fixture(scope="module")
def sprites(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Fields of a configuration that composes its pictures."""
    folders = make_library(tmp_path_factory.mktemp("library"))
    return {
        **{name: str(path) for name, path in folders.items()},
        "held_out": ("place_0", "red"),
        "recipe": STILL,
    }


class Hook(Callback):
    """Calls back at the start of one training batch."""

    def __init__(self, epoch: int, batch: int, action: Callable[[Any], None]) -> None:
        self.at, self.action = (epoch, batch), action

    def on_train_batch_start(self, trainer: Any, module: Any, batch: Any, batch_idx: int) -> None:
        if (trainer.current_epoch, batch_idx) == self.at:
            self.action(module)


class Listener(Callback):
    """Notes the numbers of the pictures that come."""

    def __init__(self, seen: list[int]) -> None:
        self.seen = seen

    def on_train_batch_start(self, trainer: Any, module: Any, batch: Any, batch_idx: int) -> None:
        self.seen += [int(target["image_id"]) for target in batch[1]]


@contextmanager
def hooked(monkeypatch: pytest.MonkeyPatch, hook: Callback) -> Iterator[None]:
    """While in use, trainings have one more callback."""
    made = runner._callbacks
    with monkeypatch.context() as patch:
        patch.setattr(runner, "_callbacks", lambda *args: [*made(*args), hook])
        yield


def stop(how: BaseException) -> Callable[[Any], None]:
    def action(module: Any) -> None:
        raise how

    return action


class Killed(BaseException):
    """Nothing is said any more, as after a power cut."""


def same_weights(first: Path, second: Path) -> bool:
    ours, theirs = (torch.load(path, weights_only=True) for path in (first, second))
    return all(
        torch.equal(ours[part][name], theirs[part][name])
        for part in ("state_dict", "current_model_state")
        for name in ours[part]
    )


@pytest.fixture(scope="module")
def whole(
    tmp_path_factory: pytest.TempPathFactory, labels: dict[str, Any], sprites: dict[str, Any]
) -> dict[str, Path]:
    """Four epochs at once, of a labelled set and of composed pictures."""
    runs = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            fitting, "DetectorModule", lambda config, pretrained: DetectorModule(config, False)
        )
        torch.set_num_threads(1)
        for name, data in (("labels", labels), ("sprites", sprites)):
            runs[name] = tmp_path_factory.mktemp("whole") / name
            finished = train(TrainConfig(**data, **TINY, epochs=4), runs[name])
            assert (finished.epochs, finished.interrupted) == (4, False)
    return runs


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "batch", "how"),
    [("labels", 1, Killed()), ("sprites", 0, KeyboardInterrupt())],
    ids=["labels, killed", "sprites, Ctrl-C"],
)
def test_a_stopped_run_goes_on_exactly(
    kind: str,
    batch: int,
    how: BaseException,
    whole: dict[str, Path],
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two epochs, a stop at the start or in the middle of the third, and two more; how many
    processes prepare the pictures makes no difference either."""
    tiny = {**TINY, "workers": 1}
    config = TrainConfig(**request.getfixturevalue(kind), **tiny, epochs=4)
    with hooked(monkeypatch, Hook(2, batch, stop(how))):
        if isinstance(how, KeyboardInterrupt):
            finished = train(config, tmp_path)
            assert (finished.epochs, finished.interrupted) == (2, True)
        else:
            with pytest.raises(Killed):
                train(config, tmp_path)
    assert torch.load(tmp_path / "last.ckpt", weights_only=True)["epoch"] == 1
    train(None, tmp_path)
    assert same_weights(tmp_path / "last.ckpt", whole[kind] / "last.ckpt")
    assert (tmp_path / "metrics.csv").read_text() == (whole[kind] / "metrics.csv").read_text()
    with pytest.raises(TrainingError, match="all 4 epochs are done"):
        train(None, tmp_path)


@pytest.mark.parametrize("workers", [0, 1])
def test_a_run_saved_within_an_epoch_goes_on_from_there(
    workers: int,
    whole: dict[str, Path],
    labels: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Killed in the second batch of the second epoch: the first batch of it is not done again."""
    config = TrainConfig(**labels, **{**TINY, "workers": workers}, epochs=4)
    with monkeypatch.context() as patch:
        patch.setattr(runner, "SaveOften", partial(SaveOften, seconds=0))
        with hooked(patch, Hook(1, 1, stop(Killed()))), pytest.raises(Killed):
            train(config, tmp_path)
    assert reached_in(tmp_path / "last.ckpt") == Reached(epochs=1, batches=1)
    assert read_checkpoint(tmp_path / "last.ckpt").next_picture == 3 + 2
    seen: list[int] = []
    with hooked(monkeypatch, Listener(seen)):
        train(None, tmp_path)
    assert seen == [5, *range(6, 12)]
    assert same_weights(tmp_path / "last.ckpt", whole["labels"] / "last.ckpt")
    with (tmp_path / "metrics.csv").open(newline="") as stream:
        assert [row["step"] for row in csv.DictReader(stream)] == ["2", "4", "6", "8"]


def test_a_full_disk_is_one_line_and_costs_nothing_good(
    labels: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Path.write_bytes

    def full(path: Path, content: bytes) -> int:
        if path.suffix != ".ckpt":
            return write(path, content)
        write(path, content[:100])
        raise OSError(errno.ENOSPC, "No space left on device")

    last = tmp_path / "last.ckpt"
    WholeCheckpoints().save_checkpoint({"weights": torch.ones(2)}, last)
    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OutputError, match=r"ckpt: cannot be written: No space left"):
        train(TrainConfig(**labels, **TINY), tmp_path)
    assert torch.equal(torch.load(last)["weights"], torch.ones(2))
    assert [path.name for path in tmp_path.glob("**/*ckpt")] == ["last.ckpt"]


def test_a_run_from_a_checkpoint_of_the_same_seed_begins_after_its_last_picture(
    whole: dict[str, Path], labels: dict[str, Any], tmp_path: Path
) -> None:
    init = str(whole["labels"] / "last.ckpt")
    for seed, first in ((0, 12), (1, 0)):
        config = TrainConfig(**labels, **TINY, init=init, seed=seed)
        fitting._begin(config, tmp_path / str(seed), False, no_progress, lambda _: None)
        assert TrainConfig.read(tmp_path / str(seed) / "config.json").first_picture == first


def test_a_run_leaves_everything_behind(whole: dict[str, Path], labels: dict[str, Any]) -> None:
    out = whole["labels"]
    checkpoint = read_checkpoint(out / "best.ckpt")
    assert checkpoint.names == ("waifu",)
    assert checkpoint.input_size == 64
    checkpoint.fill(build_detector("lite", 1, pretrained=False))
    config = TrainConfig.read(out / "config.json")
    asked = replace(TrainConfig(**labels, **TINY, epochs=4), names=("waifu",))
    assert json.dumps(config.to_dict()) == json.dumps(asked.to_dict())
    with (out / "metrics.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["epoch"] for row in rows] == ["1", "2", "3", "4"]
    assert [row["step"] for row in rows] == ["2", "4", "6", "8"]
    assert all(float(row["train/loss"]) > 0 for row in rows)
    best = max(rows, key=lambda row: float(row["val/mask_ap"]))
    kept = torch.load(out / "best.ckpt", weights_only=True)
    assert kept["epoch"] + 1 == int(best["epoch"])
    for epoch in range(1, 5):
        sheet = read_picture(out / "validation" / f"epoch_{epoch:03d}.png").rgb
        assert sheet.shape[1] > 4 * 300  # two pictures, truth beside prediction
    assert list((out / "tensorboard").glob("events.*"))


def test_checkpoints_hold_the_average(whole: dict[str, Path]) -> None:
    saved = torch.load(whole["labels"] / "last.ckpt", weights_only=True)
    name = "model.roi_heads.box_predictor.cls_score.weight"
    assert not torch.equal(saved["state_dict"][name], saved["current_model_state"][name])
    assert saved["hyper_parameters"]["config"]["arch"] == "lite"


def test_the_learning_rate_rises_for_a_quarter_at_most(whole: dict[str, Path]) -> None:
    """Eight steps in all: with 200 of warm-up they would never reach their learning rate."""
    with (whole["labels"] / "metrics.csv").open(newline="") as stream:
        rates = [float(row["learning_rate"]) for row in csv.DictReader(stream)]
    assert rates[0] == pytest.approx(TrainConfig().learning_rate)  # after two steps
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] == pytest.approx(0.01 * rates[0])


@pytest.mark.parametrize(
    ("names", "init", "faster"),
    [(("witch", "cat"), "default", True), (("a",), "default", False), (("a", "b"), "", False)],
)
def test_new_classes_are_told_apart_at_a_higher_rate(
    names: tuple[str, ...], init: str, faster: bool
) -> None:
    config = TrainConfig(names=names, init=init, learning_rate=1e-3, warmup_steps=0)
    module = DetectorModule(config.to_dict(), pretrained=False)
    trainer: Any = SimpleNamespace(estimated_stepping_batches=100)
    module.trainer = trainer
    groups = module.configure_optimizers()["optimizer"].param_groups
    rates = {id(p): group["initial_lr"] for group in groups for p in group["params"]}
    scores = module.model.roi_heads.box_predictor.cls_score
    assert rates[id(scores.weight)] == rates[id(scores.bias)]
    assert rates[id(scores.weight)] == pytest.approx(1e-2 if faster else 1e-3)
    assert rates[id(module.model.roi_heads.box_predictor.bbox_pred.weight)] == pytest.approx(1e-3)
    trained = [p for p in module.parameters() if p.requires_grad]
    assert sum(len(group["params"]) for group in groups) == len(trained) == len(rates)


def test_a_loss_that_is_not_finite_names_its_pictures(
    labels: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def spoil(module: Any) -> None:
        with torch.no_grad():
            module.model.roi_heads.box_predictor.cls_score.bias.fill_(float("nan"))

    config = TrainConfig(**labels, **TINY, epochs=2)
    with (
        hooked(monkeypatch, Hook(0, 1, spoil)),
        pytest.raises(TrainingError, match=r"epoch 1, batch 2: .*loss_classifier nan") as caught,
    ):
        train(config, tmp_path)
    assert sum(f"a{i}.png" in str(caught.value) for i in range(3)) == 1  # the batch's only picture
    assert "\n" not in str(caught.value)


def test_existing_runs_are_kept(labels: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "best.ckpt").write_text("mine")
    with pytest.raises(OutputError, match="`resume`"):
        train(TrainConfig(**labels, **TINY), tmp_path)
    with pytest.raises(DatasetError):  # not replaced by a run that cannot begin either
        train(TrainConfig(data=(str(tmp_path / "none.json"),), **TINY), tmp_path, overwrite=True)
    assert (tmp_path / "best.ckpt").read_text() == "mine"
    config = TrainConfig(**labels, **TINY, init=str(tmp_path / "best.ckpt"))
    with pytest.raises(TrainingError, match="part of the run"):
        train(config, tmp_path, overwrite=True)
    with pytest.raises(TrainingError, match="no training run"):
        train(None, tmp_path / "other")
    (tmp_path / "config.json").write_text(json.dumps(TrainConfig(**labels).to_dict()))
    with pytest.raises(TrainingError, match="before anything was saved"):
        train(None, tmp_path)


def test_broken_sets_are_refused_in_the_words_of_check(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    data = made_sets.coco(folder, "train.json", {"a.png": 1, "b.png": 2})
    (folder / "a.png").unlink()
    with pytest.raises(DatasetError, match=r"is not there \(looked in") as caught:
        train(TrainConfig(data=(str(data),), **TINY), tmp_path / "run")
    assert "kirinuki data check" in str(caught.value)
    assert not (tmp_path / "run").exists()
    data.write_text('{"images": [], "annotations": [], "categories": []}')
    with pytest.raises(DatasetError, match="no labelled pictures"):
        train(TrainConfig(data=(str(data),), **TINY), tmp_path / "run")


def test_the_same_picture_on_both_sides_is_refused(tmp_path: Path) -> None:
    data = made_sets.coco(tmp_path, "train.json", {"a.png": 1, "b.png": 2})
    val = made_sets.coco(tmp_path, "val.json", {"c.png": 2})
    with pytest.raises(DatasetError, match="one side"):
        train(TrainConfig(data=(str(data),), val=str(val), **TINY), tmp_path / "run")


def test_a_validation_class_that_training_lacks_is_refused(
    labels: dict[str, Any], tmp_path: Path
) -> None:
    val = made_sets.coco(tmp_path, "val.json", {"c.png": 99})
    content = json.loads(val.read_text())
    content["categories"][0]["name"] = "robot"
    val.write_text(json.dumps(content))
    config = TrainConfig(data=labels["data"], val=str(val), **TINY)
    with pytest.raises(DatasetError, match='"robot"'):
        train(config, tmp_path / "run")


def test_data_are_named_once(
    labels: dict[str, Any], sprites: dict[str, Any], tmp_path: Path
) -> None:
    for fields in ({}, {"sprites": sprites["sprites"]}, {**labels, "sprites": "x"}):
        with pytest.raises(TrainingError, match="name what to train on"):
            train(TrainConfig(**fields, **TINY), tmp_path)


def test_mixed_kinds_are_of_one_class(
    labels: dict[str, Any], sprites: dict[str, Any], tmp_path: Path
) -> None:
    with pytest.raises(TrainingError, match=r'labels say waifu, but .* "character"'):
        train(TrainConfig(**labels, **sprites, **TINY), tmp_path)


def test_a_list_of_other_pictures_is_refused(labels: dict[str, Any], tmp_path: Path) -> None:
    table = tmp_path / "list.csv"
    table.write_text("file,source\nother.png,x\n")
    with pytest.raises(DatasetError, match="names none of the 3 labelled pictures"):
        train(TrainConfig(**labels, **TINY, label_manifest=str(table)), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_what_labels_leave_open_is_a_crowd_when_measuring() -> None:
    alpha = np.zeros((8, 9), np.uint8)
    alpha[:4] = 255
    picture = np.zeros((8, 9, 3), np.uint8)
    scene = Scene(picture, (alpha,), (0,), ("",), ignored=(np.full((8, 9), 255, np.uint8),))
    told = truth(target_of(scene, 0), (8, 9), ("girl",))
    assert [(one.crowd, one.area) for one in told.instances] == [(False, 36), (True, 36)]
    open_alone = truth(target_of(replace(scene, alphas=(), labels=(), genders=()), 0), (8, 9), "g")
    assert [one.crowd for one in open_alone.instances] == [True]  # no picture without anybody


@pytest.mark.slow
@pytest.mark.parametrize("arch", ["lite", "refiner"])
def test_a_mix_trains_either_network_and_goes_on(
    arch: str,
    labels: dict[str, Any],
    sprites: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Five pictures an epoch, half of them labelled, stopped within the second epoch."""
    monkeypatch.setattr(
        "kirinuki.training.loop.fit_refiner.RefinerModule",
        lambda config, pretrained: RefinerModule(config, False),
    )
    recipe = {**STILL, "name": "waifu"}
    tiny = {**TINY, "pictures_per_epoch": 5}
    config = TrainConfig(**{**labels, **sprites, **tiny, "recipe": recipe}, arch=arch, epochs=2)
    train(config, tmp_path / "whole")
    with monkeypatch.context() as patch:
        patch.setattr(runner, "SaveOften", partial(SaveOften, seconds=0))
        with hooked(patch, Hook(1, 2, stop(Killed()))), pytest.raises(Killed):
            train(config, tmp_path / "stopped")
    train(None, tmp_path / "stopped")
    assert same_weights(tmp_path / "stopped" / "last.ckpt", tmp_path / "whole" / "last.ckpt")


def test_without_a_validation_set_some_pictures_are_held_out(tmp_path: Path) -> None:
    said: list[str] = []
    data = made_sets.coco(tmp_path, "all.json", {f"{i}.png": i for i in range(6)})
    out = tmp_path / "run"
    train(TrainConfig(data=(str(data),), **TINY, epochs=1), out, say=said.append)
    train_set, val_set = load_set(out / "train.json"), load_set(out / "val.json")
    assert len(train_set) + len(val_set) == 6
    assert len(val_set)
    assert not any(picture.picture.missing for picture in val_set)
    assert len(said) == 1
    assert "held out" in said[0]
    assert TrainConfig.read(out / "config.json").val == str(out / "val.json")


def test_a_broken_cutout_is_named_before_the_first_step(
    sprites: dict[str, Any], tmp_path: Path
) -> None:
    folders = make_library(tmp_path / "library")
    (folders["sprites"] / "red" / "figure.png").write_bytes(b"no picture")
    fields = {**sprites, **{name: str(path) for name, path in folders.items()}}
    with pytest.raises(Exception, match=r"red.figure\.png"):
        train(TrainConfig(**fields, **TINY), tmp_path / "run")
    assert not (tmp_path / "run").exists()


# --- configuration -------------------------------------------------------------------------------


def test_every_field_is_explained() -> None:
    docs = field_docs()
    assert set(docs) == set(TrainConfig().to_dict())
    assert all(len(words) > 8 for words in docs.values())


def test_paths_may_be_str_and_one_name_is_one_class(tmp_path: Path) -> None:
    config = TrainConfig(names="girl")  # type: ignore[arg-type]
    assert config.names == ("girl",)
    (tmp_path / "config.json").write_text(json.dumps(config.to_dict()))
    assert TrainConfig.read(str(tmp_path / "config.json")).names == ("girl",)
    with pytest.raises(TrainingError, match="nothing to go on from"):
        train(None, str(tmp_path))


def test_configurations_survive_json(tmp_path: Path) -> None:
    config = TrainConfig(names=("a", "b"), epochs=3, held_out=("x",))
    (tmp_path / "config.json").write_text(json.dumps(config.to_dict()))
    read = TrainConfig.read(tmp_path / "config.json")
    assert read.names == ("a", "b")
    assert json.dumps(read.to_dict()) == json.dumps(config.to_dict())


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"arch": "yolo"}, "lite"),
        ({"epochs": 0}, "`epochs` is 0"),
        ({"learning_rate": -1.0}, "learning_rate"),
        ({"ema_decay": 1.0}, "ema_decay"),
        ({"labelled_share": 1.0}, "labelled_share"),
        ({"trainable_layers": 6}, "0 to 5"),
        ({"precision": "64"}, "bf16"),
        ({"input_size": 8}, "input_size"),
        ({"names": ("a", "a")}, "names"),
        ({"colour": 1}, "there is no `colour`, only arch, "),
    ],
)
def test_impossible_configurations_are_refused(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(TrainingError, match=words):
        TrainConfig.from_dict(fields)


# --- command line --------------------------------------------------------------------------------


def run(*words: object) -> Result:
    return CliRunner().invoke(cli, ["train", *map(str, words)])


def test_options_are_the_fields() -> None:
    shown = " ".join(run("--help").output.split())
    for name, words in field_docs().items():
        if name not in ("names", "data", "held_out", "first_picture", "labelled_share"):
            assert f"--{name.replace('_', '-')}" in shown
        if name in ("ema_decay", "init", "held_out"):
            assert words in shown


def test_shares_are_named_on_the_command_line(tmp_path: Path) -> None:
    both = (tmp_path, "--sprites", tmp_path, "--backgrounds", tmp_path, "-o", tmp_path / "run")
    for wrong in ("labelled", "labelled=much", "composed=0.5"):
        result = run(*both, "--mix", wrong)
        assert (result.exit_code, "labelled=0.5" in result.output) == (2, True)
    result = run(tmp_path, "--mix", "labelled=0.5", "-o", tmp_path / "run")
    assert (result.exit_code, "--sprites" in result.output) == (2, True)
    result = run(*both, "--mix", "labelled=2")
    assert result.exit_code == 1
    assert "--mix is 2.0; expected above 0" in str(result.exception)


def test_command_line(
    labels: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "run"
    options = [f"--{name.replace('_', '-')}={value}" for name, value in TINY.items()]
    command = [*labels["data"], "--val", labels["val"], *options, "-o", out]
    with hooked(monkeypatch, Hook(1, 0, stop(KeyboardInterrupt()))):
        stopped = run(*command, "--epochs", 2)
    assert stopped.exit_code == 130
    assert f"kirinuki train --resume -o {out}" in stopped.output
    assert "1 of 2 epochs are kept" in stopped.output
    changed = run("--resume", "-o", out, "--epochs", 9)
    assert isinstance(changed.exception, TrainingError)
    assert "--epochs" in str(changed.exception)
    done = run("--resume", "-o", out, "--epochs", 2)
    assert done.exit_code == 0
    assert "epoch 2/2 · loss" in done.output
    assert "Tip" not in done.output
    assert "Warning" not in done.output
    assert f"kirinuki eval {out / 'best.ckpt'} {labels['val']}" in done.output
    config = TrainConfig.read(out / "config.json")
    assert {name: getattr(config, name) for name in TINY} == TINY


@pytest.mark.slow
def test_a_refiner_learns_from_sprites_and_goes_on(
    sprites: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "kirinuki.training.loop.fit_refiner.RefinerModule",
        lambda config, pretrained: RefinerModule(config, False),
    )
    config = TrainConfig(**sprites, **TINY, arch="refiner", epochs=3)
    whole = train(config, tmp_path / "whole")
    assert (whole.epochs, whole.interrupted) == (3, False)
    with hooked(monkeypatch, Hook(1, 1, stop(KeyboardInterrupt()))):
        assert train(config, tmp_path / "stopped").epochs == 1
    train(None, tmp_path / "stopped")
    assert same_weights(tmp_path / "stopped" / "last.ckpt", tmp_path / "whole" / "last.ckpt")
    with (whole.out / "metrics.csv").open(newline="") as stream:
        assert {"val/iou", "val/mae"} <= set(next(csv.DictReader(stream)))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--manifest nope.csv", "--manifest is for composed pictures: name --sprites"),
        ("--hold-out x", "--hold-out is for composed pictures"),
        ("--objects .", "--objects is for composed pictures"),
        ("--finds default", "--finds is for --arch refiner"),
    ],
)
def test_options_of_what_is_not_trained_on_are_refused(
    tmp_path: Path, words: str, said: str
) -> None:
    data = made_sets.coco(tmp_path, "set.json", {"a.png": 1})
    done = run(data, *words.split(), "-o", tmp_path / "run")
    assert done.exit_code == 2
    assert said in done.stderr
    assert not (tmp_path / "run").exists()


def test_starting_from_a_checkpoint_takes_over_its_settings(
    whole: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configs: list[TrainConfig] = []

    def note(config: TrainConfig, out: Path, **more: Any) -> Finished:
        configs.append(config)
        return Finished(out, config, 1, 0.5, False)

    monkeypatch.setattr(fitting, "train", note)
    checkpoint = whole["labels"] / "best.ckpt"
    assert "set.json: no such file" in str(run("set.json", "--init", checkpoint).exception)
    data = made_sets.coco(tmp_path, "set.json", {"a.png": 1})
    done = run(data, "--init", checkpoint, "--epochs", 2, "-o", tmp_path)
    assert "best.ckpt has mask AP 50.0" in done.output
    assert (configs[0].input_size, configs[0].learning_rate, configs[0].epochs) == (64, 2e-4, 2)
