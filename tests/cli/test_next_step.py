"""The commands that the steps of the labelling loop print can be run as they stand."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kirinuki.cli import cli
from kirinuki.cli.next_step import say_next
from made_sets import coco, labelme, shape


def test_a_shell_reads_back_the_words(capsys: pytest.CaptureFixture[str]) -> None:
    folder = Path("my show's [1] $HOME/第1話")
    say_next("data", "check", folder, "--val", "a b")
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("next: kirinuki data check ")
    words = shlex.split(said.err.removeprefix("next: "))
    assert words == ["kirinuki", "data", "check", str(folder), "--val", "a b"]


def test_a_file_is_not_taken_for_an_option(capsys: pytest.CaptureFixture[str]) -> None:
    say_next("cut", Path("-odd.png"), "--out", Path("cut"))
    assert capsys.readouterr().err == "next: kirinuki cut ./-odd.png --out cut\n"


def _printed(result: Result) -> list[list[str]]:
    """The words after ``kirinuki`` of each command that a step printed."""
    assert result.exit_code == 0, result.output
    lines = [line for line in result.stderr.splitlines() if line.startswith("next: ")]
    commands = [shlex.split(line.removeprefix("next: ")) for line in lines]
    assert all(command[0] == "kirinuki" for command in commands)
    return [command[1:] for command in commands]


def _run(words: list[str]) -> list[list[str]]:
    return _printed(CliRunner().invoke(cli, words))


def _shots(folder: Path) -> None:
    """Labelled pictures of two episodes, in two classes."""
    for episode in ("第1話", "it's 2"):
        for i in range(4):
            shapes = [shape("witch"), shape("familiar", [[70, 20], [110, 20], [90, 80]])]
            stem = f"{episode}_00{i}m00s000"
            labelme(folder / episode, stem, *shapes, seed=10 * len(episode) + i)


@pytest.mark.slow
def test_every_step_of_the_loop_is_the_command_that_the_last_one_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From labels to a cut by nothing but what was printed."""
    for module in ("lightning", "faster_coco_eval", "onnx"):
        pytest.importorskip(module)
    monkeypatch.chdir(tmp_path)
    _shots(Path("my shots"))
    (check,) = _run(["data", "convert", "my shots", "-o", "my labels.json", "--to", "coco"])
    (split,) = _run(check)
    (train,) = _run(split)
    assert train[:1] + train[-4:] == ["train", "--init", "default", "-o", "run"]
    tiny = ["--input-size", "64", "--epochs", "1", "--pictures-per-epoch", "8", "--workers", "0"]
    (own,) = _run([*train, *tiny])
    default, export = _run(own)
    assert [own[:2], default[:2]] == [["eval", "run/best.ckpt"], ["eval", "default"]]
    assert own[2] == default[2]
    assert _run(default) == []
    (cut,) = _run(export)
    assert cut[:3] == ["cut", "--model", "run/best.onnx"]
    assert _run(cut) == []
    assert Path(cut[3]).name.endswith("m00s000.png")


def test_labelme_files_need_no_conversion(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    _shots(Path("my shots"))
    (split,) = _run(["data", "check", "my shots"])
    (train,) = _run(split)
    assert train[:4] == ["train", "my shots/train.json", "--val", "my shots/val.json"]
    assert _run(["data", "check", "my shots"]) == [split]  # what the split wrote is no label
    (train,) = _run(["data", "check", "my shots/第1話", "my shots/it's 2"])
    assert train[:4] == ["train", "my shots/第1話", "--val", "my shots/it's 2"]


def test_the_pictures_folder_goes_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "art").mkdir()
    for name, seeds in (("all.json", {f"{i}.png": i for i in range(4)}), ("v.json", {"9.png": 9})):
        coco(tmp_path / "art", name, seeds).rename(name)
    (split,) = _run(["data", "check", "all.json", "--pictures", "art"])
    assert split == ["data", "split", "all.json", "--pictures", "art"]
    (train,) = _run(split)
    assert train[:4] == ["train", "train.json", "--val", "val.json"]
    (train,) = _run(["data", "check", "all.json", "v.json", "--pictures", "art"])
    assert train[:6] == ["train", "all.json", "--val", "v.json", "--pictures", "art"]


def test_a_faulty_set_is_not_sent_on(tmp_path: Path) -> None:
    file = coco(tmp_path, "all.json", {"a.png": 1, "b.png": 2})
    (tmp_path / "b.png").unlink()
    result = CliRunner().invoke(cli, ["data", "check", str(file)])
    assert result.exit_code == 1
    assert "next:" not in result.stderr
