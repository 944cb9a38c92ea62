"""`warm`: one segmenter a model, opened once."""

from __future__ import annotations

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fake_models import save_detector
from kirinuki.errors import ModelError
from kirinuki.segmenter.segmenter import Segmenter
from kirinuki.segmenter.warm import warm


def test_a_model_is_opened_once_however_many_threads_ask(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []
    load = Segmenter.load

    def slow_load(model: str) -> Segmenter:
        opened.append(model)
        time.sleep(0.05)
        return load(model)

    monkeypatch.setattr(Segmenter, "load", slow_load)
    path = tmp_path / "mine.onnx"
    save_detector(path)
    together = threading.Barrier(4)

    def ask(_: int) -> Segmenter:
        together.wait()
        return warm(path)

    with ThreadPoolExecutor(4) as pool:
        asked = list(pool.map(ask, range(4)))
    assert all(one is asked[0] for one in asked)
    assert opened == [str(path)]
    monkeypatch.chdir(tmp_path)
    assert warm("mine.onnx") is asked[0]


def test_a_model_that_was_replaced_is_opened_anew(tmp_path: Path) -> None:
    path = tmp_path / "mine.onnx"
    save_detector(path)
    before = warm(path)
    stat = path.stat()
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1_000_000))
    assert warm(path) is not before


def test_a_missing_model_is_named_and_not_remembered(tmp_path: Path) -> None:
    path = tmp_path / "mine.onnx"
    with pytest.raises(ModelError, match=r"mine\.onnx"):
        warm(path)
    save_detector(path)
    assert warm(path).names
