"""The one reader of text that others wrote: what is refused, and in which words."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from kirinuki.compose.recipe import Recipe
from kirinuki.errors import DatasetError, LabelError, ModelError
from kirinuki.outside_text import MAX_BYTES, parse_json, read_bytes, read_json, read_yaml
from kirinuki.segmenter.model_file import ModelInfo


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_unicode_is_read_in_every_form(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.json"
    path.write_bytes('{"名": "夏"}'.encode(encoding))
    assert read_json(path) == {"名": "夏"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b'{"a": 1,\n "b": }', "line 2 column 7"),
        (b'{"a": "caf\xe9"}', r"byte 11 is 0xe9"),
        (b'{"a": 1, "a": 2}', '"a" occurs twice'),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a":' * 100_000, "nested too deeply"),
    ],
)
def test_the_first_wrong_byte_or_line_is_named(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(content)
    with pytest.raises(LabelError, match=words) as error:
        read_json(path)
    assert str(error.value).startswith(f"{path}: ")
    assert "\n" not in str(error.value)


def test_pipes_devices_folders_and_gigabytes_are_refused_unread(tmp_path: Path) -> None:
    pipe, endless = tmp_path / "pipe", tmp_path / "endless"
    os.mkfifo(pipe)
    endless.touch()
    os.truncate(endless, MAX_BYTES + 1)
    for path in (pipe, tmp_path, Path("/dev/zero")):
        with pytest.raises(LabelError, match="expected a file of text"):
            read_bytes(path)
    with pytest.raises(LabelError, match="larger than 1 MB"):
        read_bytes(endless, most=1 << 20)
    with pytest.raises(LabelError, match="No such file"):
        read_bytes(tmp_path / "none")
    with pytest.raises(LabelError, match="File name too long"):
        read_bytes(tmp_path / ("x" * 300))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: &a [1]\nb: [*a, *a]", r"line 2: has an alias \(\*a\)"),
        ("[" * 500, "line 1: is nested too deeply"),
        ("names: [a\nnc: 1", "is not valid YAML"),
        ("names: !!python/object:os.system {}", "is not valid YAML"),
    ],
)
def test_yaml_that_multiplies_itself_is_refused(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "data.yaml"
    path.write_text(text)
    with pytest.raises(DatasetError, match=words):
        read_yaml(path, DatasetError)


def test_recipes_and_metadata_are_read_by_it_too(tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.json"
    recipe.write_text("[" * 100_000)
    with pytest.raises(DatasetError, match="nested too deeply"):
        Recipe.read(recipe)
    for value in ("[" * 100_000, "1e999", json.dumps(10**400), "NaN"):
        with pytest.raises(ModelError, match=r"metadata kirinuki\.format"):
            ModelInfo.from_metadata({"kirinuki.format": value})


def test_numbers_of_ten_thousand_digits_are_no_traceback() -> None:
    with pytest.raises(ValueError, match="digit"):
        parse_json("1" * 10_000)
