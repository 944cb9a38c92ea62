"""Every example in Python that the pages and public docstrings show runs, with the package's model.

A block of ``python`` is ours and runs in a folder that holds what examples call by name; ``py`` is
for other programs' code.
"""

from __future__ import annotations

import ast
import doctest
import functools
import json
import os
import re
import shutil
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import kirinuki
from kirinuki.interop import to_coco

ROOT = Path(__file__).parents[1]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("packages/*/README.md")]
DOCUMENTED = [
    *("__init__", "one_call", "instances", "cutting/job", "tracking/follow"),
    *("video/reader", "video/write"),
]
"""Modules of public names that show how they are used."""
NEEDS = {
    "kirinuki.evaluation": "faster_coco_eval",
    "kirinuki.server": "fastapi",
    "kirinuki_draw": "kirinuki_draw",
    "supervision": "supervision",
}
"""What an example with this word needs beyond the core."""


def blocks(page: Path, language: str) -> list[str]:
    text = page.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def examples() -> Iterator[Any]:
    """Each example, and the names that it may take for granted."""
    for page in PAGES:
        for number, block in enumerate(blocks(page, "python"), 1):
            yield pytest.param(block, {}, id=f"{page.relative_to(ROOT)}-{number}")
    for name in DOCUMENTED:
        path = ROOT / "src" / "kirinuki" / f"{name}.py"
        for words, where in docstrings(path):
            parts = doctest.DocTestParser().get_examples(words)
            if block := "".join(part.source for part in parts):
                known = {name: getattr(kirinuki, name) for name in kirinuki.__all__}
                known |= {"kirinuki": kirinuki, "read": kirinuki.read_video}
                known |= {"write": kirinuki.write_video, "paint": lambda frame: frame}
                yield pytest.param(block, known, id=f"{name}-{where}")


def docstrings(path: Path) -> Iterator[tuple[str, str]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            yield ast.get_docstring(node) or "", getattr(node, "name", "module")


@pytest.fixture(scope="module", autouse=True)
def one_look() -> Iterator[None]:
    """Each model is opened once for all examples, and looks at each picture once."""
    load, look = kirinuki.Segmenter.load, kirinuki.Segmenter.__call__
    seen: dict[tuple[int, bytes], kirinuki.Instances] = {}

    def look_once(self: kirinuki.Segmenter, source: Any) -> kirinuki.Instances:
        picture = source if isinstance(source, kirinuki.Picture) else kirinuki.read_picture(source)
        key = id(self), picture.rgb.tobytes()
        if key not in seen:
            seen[key] = look(self, picture)
        return seen[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kirinuki.Segmenter, "load", functools.cache(load))
        patch.setattr(kirinuki.Segmenter, "__call__", look_once)
        yield


@pytest.fixture(scope="module")
def things(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that examples call by name."""
    folder = tmp_path_factory.mktemp("things")
    with Image.open(ROOT / "examples" / "chibi.png") as image:
        image.save(folder / "picture.png")
    (folder / "dataset").mkdir()
    shutil.copy(folder / "picture.png", folder / "dataset" / "1.png")
    (folder / "pics").mkdir()
    shutil.copy(folder / "picture.png", folder / "pics" / "1.png")
    found = kirinuki.Segmenter.load()(folder / "picture.png")
    (folder / "labels.json").write_text(json.dumps(to_coco(found)), encoding="utf-8")
    (folder / "run").mkdir()
    shutil.copy(ROOT / "src/kirinuki/weights/detector.onnx", folder / "run" / "best.onnx")
    with kirinuki.read_video(ROOT / "examples" / "clip.mp4") as video:
        kirinuki.write_video(folder / "clip.mkv", islice(video, 3), like=video.info, sound=False)
    for name in ("ep01.mkv", "in.mkv"):
        shutil.copy(folder / "clip.mkv", folder / name)
    return folder


@pytest.mark.parametrize(("block", "known"), list(examples()))
def test_an_example_runs(
    block: str,
    known: dict[str, Any],
    things: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for word, module in NEEDS.items():
        if word in block:
            pytest.importorskip(module)
    shutil.copytree(things, tmp_path, dirs_exist_ok=True, copy_function=os.link)
    monkeypatch.chdir(tmp_path)
    exec(compile(block, "<example>", "exec"), dict(known))


def test_what_is_not_run_is_not_ours() -> None:
    others = [block for page in PAGES for block in blocks(page, "py")]
    assert others
    assert not [block for block in others if "kirinuki" in block]


def test_the_first_example_writes_what_it_says(
    things: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shutil.copy(things / "picture.png", tmp_path)
    monkeypatch.chdir(tmp_path)
    exec(blocks(ROOT / "docs" / "python.md", "python")[0], {})
    written = sorted(path.name for path in tmp_path.glob("*.png"))
    assert written == ["1.png", "2.png", "3.png", "cutout.png", "overlay.png", "picture.png"]
    assert np.asarray(Image.open("cutout.png")).shape == (480, 640, 4)
