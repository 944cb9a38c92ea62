"""Providers that are not there, not whole or do not start: one line with the way to get them."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from fake_models import save_detector
from kirinuki.errors import ModelError, ProviderError
from kirinuki.segmenter import providers
from kirinuki.segmenter.model_file import open_session
from kirinuki.segmenter.providers import PROVIDERS, RUNTIMES, available_providers


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The runtimes that a test has installed, by name; ONNX Runtime itself is what it is."""
    names: list[str] = []

    def distribution(name: str) -> None:
        if name not in names:
            raise providers.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(providers.metadata, "distribution", distribution)
    return names


def refusal(provider: str) -> str:
    with pytest.raises(ProviderError) as caught:
        providers.check_provider(provider)
    return str(caught.value)


def test_an_unknown_provider_is_named_with_those_there_are() -> None:
    assert '"gpu" is unknown; use one of cpu, cuda' in refusal("gpu")


def test_the_remedy_takes_away_the_runtime_that_is_there(
    installed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(providers, "available_providers", lambda: ("cpu",))
    installed.append("onnxruntime")
    assert refusal("cuda") == (
        '`provider` "cuda" is not available here, only cpu; it needs an NVIDIA GPU and its driver; '
        'to get it: pip uninstall onnxruntime, then pip install "onnxruntime-gpu[cuda,cudnn]"'
    )


def test_two_runtimes_over_each_other_are_named(
    installed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(providers, "available_providers", lambda: ("cpu",))
    installed += ["onnxruntime", "onnxruntime-gpu"]
    said = refusal("cuda")
    assert "onnxruntime and onnxruntime-gpu overwrite each other here" in said
    assert "pip uninstall onnxruntime onnxruntime-gpu, then pip install" in said


def test_what_cannot_be_installed_here_is_not_offered(
    installed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(providers, "available_providers", lambda: ("cpu",))
    installed.append("onnxruntime")
    assert refusal("coreml") == (
        '`provider` "coreml" is not available here, only cpu; it needs macOS'
    )


@pytest.mark.parametrize(
    ("there", "remedy"),
    [
        ([], "repair it with: pip install onnxruntime"),
        (["onnxruntime-gpu"], "pip install --force-reinstall --no-deps onnxruntime-gpu"),
        (
            ["onnxruntime", "onnxruntime-gpu"],
            "pip uninstall onnxruntime onnxruntime-gpu, then pip install onnxruntime",
        ),
    ],
)
def test_an_uninstall_that_took_files_of_the_other_along(
    there: list[str], remedy: str, installed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # What is left then: a folder without an __init__.py, which imports and holds nothing.
    monkeypatch.setitem(sys.modules, "onnxruntime", SimpleNamespace())  # type: ignore[misc]
    installed += there
    with pytest.raises(ProviderError, match="does not work here") as caught:
        available_providers()
    assert str(caught.value).endswith(remedy)


@pytest.mark.filterwarnings("ignore:Specified provider")
def test_a_provider_that_does_not_start_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # ONNX Runtime itself would go on silently on the CPU.
    monkeypatch.setattr(providers, "available_providers", lambda: tuple(PROVIDERS))
    with pytest.raises(ProviderError, match=r"does not start here.*onnxruntime-openvino"):
        open_session(save_detector(tmp_path / "m.onnx"), provider="openvino")


def test_libraries_of_cuda_are_looked_for_and_stdout_stays_clean(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import onnxruntime

    monkeypatch.setattr(providers, "available_providers", lambda: tuple(PROVIDERS))
    said = lambda: print("no libcublas.so")  # noqa: E731
    monkeypatch.setattr(onnxruntime, "preload_dlls", said, raising=False)  # from 1.21 on
    path = save_detector(tmp_path / "m.onnx")
    open_session(path)
    assert capsys.readouterr() == ("", "")
    with (
        pytest.warns(UserWarning, match="Specified provider"),
        pytest.raises(ProviderError, match="an NVIDIA GPU and its driver"),
    ):
        open_session(path, provider="cuda")
    said = capsys.readouterr()
    assert (said.out, "no libcublas.so" in said.err) == ("", True)


def test_a_file_that_a_provider_cannot_take_is_told_from_one_that_is_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import onnxruntime

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("unsupported 'boxes' input")

    monkeypatch.setattr(providers, "available_providers", lambda: tuple(PROVIDERS))
    monkeypatch.setattr(onnxruntime, "InferenceSession", fail)
    path = save_detector(tmp_path / "m.onnx")
    with pytest.raises(ModelError, match=r"on openvino; try `provider` cpu \(unsupported"):
        open_session(path, provider="openvino")
    with pytest.raises(ModelError, match=r"cannot open it \(unsupported"):
        open_session(path)


def test_every_provider_comes_with_a_known_runtime() -> None:
    assert {each.install.split("[")[0] for each in PROVIDERS.values()} <= set(RUNTIMES)
