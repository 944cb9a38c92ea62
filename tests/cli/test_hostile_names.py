"""Names of files, folders and classes reach the terminal written out, whatever verb says them."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from fake_segmenter import FakeSegmenter, draw
from kirinuki.cli import VERBS, cli, main
from kirinuki.cli.data import DATA_VERBS
from kirinuki.errors import KirinukiError
from kirinuki.segmenter.segmenter import Segmenter
from made_clips import write_clip
from made_library import make_library
from made_sets import labelme, scene, shape

HOSTILE = "a\x1b]2;b\x07\x7f\x9b31m\u202e\r[bold]\n:smile:"
RAW = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\ud800-\udfff]")

LINES = [
    "cut {pic} -o {new}",
    "cut {pic} {gone} -o {new} --jsonl",
    "cut {pic} -o {new} --dry-run",
    "cut {pic} -o {new}.png",
    "cut {pic} -o {new} --only {name}",
    "cut {pic} -o {new} --background {name}",
    "cut {pic} -o {new} --model {name}",
    "cut {pic} -o {new} --name {name}",
    "cut {video} -o {new} --overlay",
    "video {video} -o {new} --matte",
    "demo -o {new}",
    "doctor",
    "serve --token-file {gone}",
    "train {set} -o {new}",
    "train --resume -o {new}",
    "eval {name} {set}",
    "eval default {set} -o {new}",
    "export {name} -o {new}",
    "data check {set}",
    "data check {set} --json -",
    "data check {bad}",
    "data convert {set} -o {new}.json",
    "data convert {bad} -o {new}.json --skip-bad-shapes",
    "data convert {set} -o {new}.json --classes {name} --map {name}={name}",
    "data stats {set}",
    "data stats {set} --json -",
    "data stats {set} --plot {new}.png",
    "data split {set} -o {new}",
    "data split {set} -o {new} --group-by {name}",
    "data split {set} -o {new} --group-by ({name})",
    "data preview {set} -o {new}.png",
    "data review {set} -o {new}.html",
    "data frames {video} {gone} -o {new}",
    "data prelabel {pics}",
    "data prelabel {pics} -o {new}.json",
    "data compose --sprites {pics} --backgrounds {pics} -o {new}",
]


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Inputs of every kind, called by a name that takes a terminal over."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Segmenter, "load", lambda *args, **options: FakeSegmenter())
    folder = tmp_path / HOSTILE
    for number in range(4):
        labelme(folder / "set", f"{HOSTILE}{number}", shape(HOSTILE), shape("b"), seed=number)
        labelme(folder / "bad", f"{HOSTILE}{number}", shape(HOSTILE), shape("c", [[0, 0]]))
    draw(folder / "pics" / f"{HOSTILE}.png")
    (folder / "pics" / f"{HOSTILE}2.png").write_bytes(b"no picture")
    write_clip(folder / f"{HOSTILE}.mp4", [scene(number // 6) for number in range(12)])
    known = {name: folder / name for name in ("set", "bad", "pics", "gone", "new")}
    known |= {"pic": folder / "pics", "video": folder / f"{HOSTILE}.mp4", "name": Path(HOSTILE)}
    return {name: str(path) for name, path in known.items()}


@pytest.mark.parametrize("line", LINES)
def test_nothing_raw_is_said(places: dict[str, str], line: str) -> None:
    words = [word.format(**places) for word in line.split(" ")]
    done = CliRunner().invoke(cli, words)
    said = done.output + str(done.exception or "")
    assert not RAW.search(said), said
    assert not re.search("^:smile:", said, re.MULTILINE)
    assert isinstance(done.exception, SystemExit | KirinukiError | None)


@pytest.mark.parametrize(
    ("line", "status", "said"),
    [
        ("data review {set} -o " + "x" * 5000, 1, "kirinuki: xxx"),
        ("data compose --fps " + "x" * 5000, 2, "Error: Invalid value for '--fps': 'xxx"),
    ],
)
def test_a_name_as_long_as_can_be_is_a_line(
    places: dict[str, str],
    line: str,
    status: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = [word.format(**places) for word in line.split(" ")]
    monkeypatch.setattr("sys.argv", ["kirinuki", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == status
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith(said)
    assert len(last) <= 500


@pytest.mark.skipif(os.name == "nt", reason="cannot have such files")
def test_names_that_are_not_utf_8_are_composed_checked_and_measured(tmp_path: Path) -> None:
    library = make_library(tmp_path / os.fsdecode(b"caf\xe9"))
    for folder in library.values():
        for file in [*folder.rglob("*.png")]:
            file.rename(file.with_name(os.fsdecode(b"\xe9.png")))
    sprites, backgrounds = map(str, (library["sprites"], library["backgrounds"]))
    words = ["data", "compose", "--sprites", sprites, "--backgrounds", backgrounds, "-n", "1"]
    done = CliRunner().invoke(cli, [*words, "--workers", "1", "-o", str(tmp_path / "new")])
    assert done.exit_code == 0, done.output
    labelme(tmp_path / "set", "a", shape())
    (tmp_path / "set" / "a.png").rename(tmp_path / "set" / os.fsdecode(b"\xe9.png"))
    for verb in ("check", "stats"):
        words = ["data", verb, str(tmp_path / "set"), "--json", str(tmp_path / f"{verb}.json")]
        assert not isinstance(CliRunner().invoke(cli, words).exception, UnicodeError)


def test_no_verb_is_forgotten() -> None:
    tried = {tuple(line.split(" ")[: 2 if line.startswith("data") else 1]) for line in LINES}
    every = {(verb,) for verb in VERBS if verb != "data"} | {("data", verb) for verb in DATA_VERBS}
    assert tried == every
