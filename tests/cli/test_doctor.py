"""A doctor for bug reports: tells all it can, falls over nothing."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from kirinuki import __version__
from kirinuki.cli import cli, doctor
from kirinuki.segmenter.model_file import embedded, sha256_of


def examined() -> tuple[int, str]:
    outcome = CliRunner().invoke(cli, ["doctor"])
    assert outcome.exception is None or isinstance(outcome.exception, SystemExit)
    return outcome.exit_code, outcome.output


def test_it_names_versions_files_providers_memory_and_models(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(doctor.EXTRAS, "eval", {"there_is_no_such_module": ("none-such",)})
    status, said = examined()
    assert status == 0
    assert f"kirinuki {__version__} (" in said
    assert re.search(r"numpy \d\S*: .*__init__\.py", said)
    assert "cpu: CPUExecutionProvider" in said
    assert sha256_of(embedded("detector")) in said
    assert re.search(r"free memory: .+", said)
    assert "[eval] there_is_no_such_module: not installed" in said
    assert "wrong:" not in said


def test_every_library_that_the_core_needs_is_examined(repository: Path) -> None:
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = {re.match("[a-z-]+", line)[0] for line in project["dependencies"]}
    assert needed == {brought_by[0] for brought_by in doctor.CORE.values()}


def test_two_wheels_of_opencv_are_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "CORE", {"cv2": doctor.OPENCV})
    monkeypatch.setattr(doctor, "version", lambda name: "4.9")
    status, said = examined()
    assert status == 1
    assert "wrong: opencv-python-headless 4.9 and opencv-python 4.9 are installed at once" in said
    assert "pip uninstall -y opencv-python-headless opencv-python && pip install opencv" in said


def test_a_library_that_does_not_load_is_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    status, said = examined()
    assert status == 1
    assert re.search(r"wrong: av \S+: does not load \(ModuleNotFoundError", said)
    assert "models:" in said


def test_a_section_that_fails_costs_only_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(faults: list[str]) -> None:
        raise OSError("no\nsuch thing")

    monkeypatch.setattr(doctor, "SECTIONS", {"one": fails, "two": lambda faults: iter(["well"])})
    assert examined() == (0, "one:\n  cannot be found out (OSError: no such thing)\ntwo:\n  well\n")


def test_of_a_broken_opencv_it_says_what_other_verbs_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cv2", None)
    said = examined()[1]
    assert "wrong: OpenCV cannot be loaded (import of cv2 halted" in said
    assert "pip install --force-reinstall opencv-python-headless" in said


def test_a_folder_that_is_gone_costs_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    tmp_path.rmdir()
    status, said = examined()
    assert status == 0
    assert "free disk, here: cannot be found out (FileNotFoundError" in said
    assert "free disk, temporary: " in said
