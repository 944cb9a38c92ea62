"""``kirinuki doctor``: what is installed and at work here, as text for a bug report.

It changes nothing, opens no connection, and never fails: what cannot be found out is a line that
says why. The core's libraries are loaded in turn, so that one that does not load is found, too.
"""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from tempfile import gettempdir

import click

from kirinuki import __version__
from kirinuki.cli.voice import tell
from kirinuki.errors import broken_opencv

OPENCV = "opencv-python-headless", "opencv-python"
ONNX_RUNTIME = "onnxruntime", "onnxruntime-gpu", "onnxruntime-directml", "onnxruntime-openvino"
CORE: dict[str, tuple[str, ...]] = {
    "numpy": ("numpy",),
    "PIL": ("pillow",),
    "cv2": (*OPENCV, "opencv-contrib-python-headless", "opencv-contrib-python"),
    "onnxruntime": ONNX_RUNTIME,
    "av": ("av",),
    "click": ("click",),
    "yaml": ("pyyaml",),
    "rich": ("rich",),
    "psd_tools": ("psd-tools",),
}
"""Modules that the core needs, and the distributions that bring each. Two of one module write into
one folder, and the later one wins in part."""
EXTRAS: dict[str, dict[str, tuple[str, ...]]] = {
    "eval": {"faster_coco_eval": ("faster-coco-eval",), "matplotlib": ("matplotlib",)},
    "train": {name: (name,) for name in ("torch", "torchvision", "lightning", "timm", "onnx")},
}
"""The same of each extra. They are looked up and not loaded: torch alone takes seconds."""
GIB = 1 << 30


@click.command("doctor")
def command() -> None:
    """Say what is installed and at work here, for a bug report.

    Versions, files and providers of the libraries, free memory and disk, the models inside the
    package. Paths hold your user name: look before you post it. The exit status is 1 when something
    that cutting needs is missing or does not load.
    """
    faults: list[str] = []
    for title, section in SECTIONS.items():
        tell(f"{title}:")
        for line in _whatever_happens(section, faults):
            tell(f"  {line}")
    for fault in faults:
        tell(f"wrong: {fault}")
    sys.exit(1 if faults else 0)


Section = Callable[[list[str]], Iterator[str]]


def _whatever_happens(section: Section, faults: list[str]) -> Iterator[str]:
    try:
        yield from section(faults)
    except Exception as error:  # a doctor that falls ill helps nobody
        yield f"cannot be found out ({_words(error)})"


def _words(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:200]


def _kirinuki(faults: list[str]) -> Iterator[str]:
    yield f"kirinuki {__version__} ({Path(__file__).parents[1]})"
    yield f"Python {platform.python_version()} ({sys.executable})"
    yield f"{platform.platform()}, {platform.machine()}, {os.cpu_count()} processors"


def _core(faults: list[str]) -> Iterator[str]:
    for module, brought_by in CORE.items():
        wheels = _installed(brought_by)
        line, error = _loaded(module)
        said = f"{' and '.join(wheels) or module}: {line}"
        yield said
        if error is not None:
            faults.append(_advice(said, error))
        if len(wheels) > 1:
            names = [wheel.split()[0] for wheel in wheels]
            # Any of ONNX Runtime's others does all that the plain one does.
            wanted = names[-1] if module == "onnxruntime" else brought_by[0]
            faults.append(
                f"{' and '.join(wheels)} are installed at once and overwrite each other's files; "
                f"run: pip uninstall -y {' '.join(names)} && pip install {wanted}"
            )


def _extras(faults: list[str]) -> Iterator[str]:
    for extra, modules in EXTRAS.items():
        for module, brought_by in modules.items():
            found = find_spec(module)
            where = "not installed" if found is None else found.origin
            yield f"[{extra}] {' and '.join(_installed(brought_by)) or module}: {where}"


def _installed(distributions: tuple[str, ...]) -> list[str]:
    """Those that are, each with its version."""
    found = []
    for name in distributions:
        with suppress(PackageNotFoundError):
            found.append(f"{name} {version(name)}")
    return found


def _advice(said: str, error: BaseException) -> str:
    """What to do about a library that does not load; of OpenCV what the other verbs say."""
    if isinstance(error, ImportError | AttributeError) and (told := broken_opencv(error)):
        return str(told)
    return f"{said}; install kirinuki again, in a new environment"


def _loaded(module: str) -> tuple[str, BaseException | None]:
    """From which file a module loads, or why it does not, and the error."""
    try:
        loaded = import_module(module)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # also a library's own sys.exit
        return f"does not load ({_words(error)})", error
    return str(getattr(loaded, "__file__", None) or "built in"), None


def _providers(faults: list[str]) -> Iterator[str]:
    import onnxruntime

    from kirinuki.segmenter.providers import PROVIDERS

    installed = onnxruntime.get_available_providers()
    for name, each in PROVIDERS.items():
        here = (
            each.theirs
            if each.theirs in installed
            else f"not here; needs {each.needs}, {each.install}"
        )
        yield f"{name}: {here}"


def _machine(faults: list[str]) -> Iterator[str]:
    yield f"free memory: {_free_memory()}"
    for what, find in (("here", Path.cwd), ("temporary", lambda: Path(gettempdir()))):
        try:
            folder = find()
            free = f"{shutil.disk_usage(folder).free / GIB:.1f} GiB ({folder})"
        except OSError as error:  # the folder was removed
            free = f"cannot be found out ({_words(error)})"
        yield f"free disk, {what}: {free}"


def _free_memory() -> str:
    """From Linux's own count, which knows what caches give back; elsewhere it is not asked for."""
    counts = Path("/proc/meminfo")
    if not counts.is_file():
        return "not told on this system"
    said = dict(line.split(":", 1) for line in counts.read_text().splitlines() if ":" in line)
    free, total = (int(said[key].split()[0]) * 1024 for key in ("MemAvailable", "MemTotal"))
    return f"{free / GIB:.1f} of {total / GIB:.1f} GiB"


def _models(faults: list[str]) -> Iterator[str]:
    from kirinuki.segmenter.model_file import Kind, embedded, open_session, sha256_of

    kinds: tuple[Kind, ...] = ("detector", "refiner")
    for kind in kinds:
        path = embedded(kind)
        if not path.is_file():
            faults.append(f"{path}: is not there; install kirinuki again")
            yield f"{kind}: not there"
            continue
        yield f"{kind}: {path.stat().st_size / 1e6:.1f} MB, SHA-256 {sha256_of(path)}"
        try:
            info = open_session(path)[1]
        except Exception as error:
            faults.append(f"{path}: does not open ({_words(error)})")
            continue
        yield f"{kind}: {info.arch} {info.version}, opens on the CPU"


SECTIONS: dict[str, Section] = {
    "kirinuki": _kirinuki,
    "libraries": _core,
    "extras": _extras,
    "providers of ONNX Runtime": _providers,
    "machine": _machine,
    "models": _models,
}
"""What is told, in order."""
