"""Execution providers: what a model can run on, whether it is there, and how to get it.

ONNX Runtime comes as several distributions, one for each kind of hardware, whose files have the
same names: installed beside each other they overwrite each other. ``docs/gpu.md`` is the page for
users.

Not covered: opening a model on a provider (`model_file`), choosing one of several GPUs.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from importlib import metadata

from kirinuki.errors import ProviderError

RUNTIMES = ("onnxruntime", "onnxruntime-gpu", "onnxruntime-directml", "onnxruntime-openvino")
"""The distributions of ONNX Runtime; exactly one should be installed."""


@dataclass(frozen=True)
class Provider:
    """One kind of hardware.

    Attributes:
        theirs: ONNX Runtime's name of it.
        install: what to install for it, as pip is told: one of `RUNTIMES`, maybe with extras.
        needs: what else it needs.
    """

    theirs: str
    install: str
    needs: str


_NVIDIA = "onnxruntime-gpu[cuda,cudnn]"

PROVIDERS: dict[str, Provider] = {
    "cpu": Provider("CPUExecutionProvider", "onnxruntime", "nothing else"),
    "cuda": Provider("CUDAExecutionProvider", _NVIDIA, "an NVIDIA GPU and its driver"),
    "tensorrt": Provider(
        "TensorrtExecutionProvider", _NVIDIA, "an NVIDIA GPU, its driver, and TensorRT"
    ),
    "coreml": Provider("CoreMLExecutionProvider", "onnxruntime", "macOS"),
    "directml": Provider("DmlExecutionProvider", "onnxruntime-directml", "Windows"),
    "openvino": Provider(
        "OpenVINOExecutionProvider", "onnxruntime-openvino", "an Intel processor or GPU"
    ),
}
"""Our name of each execution provider."""


def installed_runtimes() -> tuple[str, ...]:
    """Which of `RUNTIMES` are installed; more than one is a fault of the environment."""
    found = []
    for name in RUNTIMES:
        with contextlib.suppress(metadata.PackageNotFoundError):
            metadata.distribution(name)
            found.append(name)
    return tuple(found)


def available_providers() -> tuple[str, ...]:
    """Our names of the providers that the installed ONNX Runtime carries.

    Raises:
        ProviderError: there is no ONNX Runtime that works.
    """
    try:
        from onnxruntime import get_available_providers
    except ImportError as error:  # uninstalling one of two takes files of the other along
        raise ProviderError(f"ONNX Runtime does not work here ({error}); {_repair()}") from None
    installed = get_available_providers()
    return tuple(name for name, each in PROVIDERS.items() if each.theirs in installed)


def check_provider(provider: str) -> None:
    """Raise ProviderError unless ONNX Runtime carries this provider."""
    if provider not in PROVIDERS:
        known = ", ".join(PROVIDERS)
        raise ProviderError(f'`provider` "{provider}" is unknown; use one of {known}')
    available = available_providers()
    if provider not in available:
        raise ProviderError(
            f'`provider` "{provider}" is not available here, only {", ".join(available)}; '
            f"{_how_to_get(provider)}"
        )


def does_not_start(provider: str) -> ProviderError:
    """The error for a provider that ONNX Runtime carries but did not take."""
    wanted = PROVIDERS[provider]
    return ProviderError(
        f'`provider` "{provider}" does not start here, ONNX Runtime says why above; it needs '
        f'{wanted.needs}, and pip install "{wanted.install}"; or take cpu'
    )


def load_libraries(provider: str) -> None:
    """Let ONNX Runtime find CUDA's libraries where pip has put them; others need no help."""
    import onnxruntime

    if PROVIDERS[provider].install == _NVIDIA and hasattr(onnxruntime, "preload_dlls"):  # ≥ 1.21
        onnxruntime.preload_dlls()


def _how_to_get(provider: str) -> str:
    """What to type, with a word on two runtimes that lie over each other."""
    found, wanted = installed_runtimes(), PROVIDERS[provider]
    if found == (wanted.install.split("[")[0],):
        return f"it needs {wanted.needs}"
    both = f"{' and '.join(found)} overwrite each other here; " if len(found) > 1 else ""
    remove = f"pip uninstall {' '.join(found)}, then " if found else ""
    return f'{both}it needs {wanted.needs}; to get it: {remove}pip install "{wanted.install}"'


def _repair() -> str:
    """What to type when no ONNX Runtime can be imported."""
    found = installed_runtimes()
    if len(found) == 1:
        return f"repair it with: pip install --force-reinstall --no-deps {found[0]}"
    remove = f"pip uninstall {' '.join(found)}, then " if found else ""
    return f"repair it with: {remove}pip install onnxruntime"
