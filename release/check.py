"""Build kirinuki and its drawing studio as they would be published, and try them as a stranger.

    make release-check

takes the last commit, not the working tree, and leaves in dist/ the files that were checked. What
is tried is installed from them into an environment of its own and runs in a folder of its own, with
no repository beside it (`try_installed`, `try_server`). Needs a connection to a package index.

Not covered: other systems and Pythons than the one this runs on, GPUs (docs/gpu.md), uploading.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
DIST = ROOT / "dist"
PACKAGES = {"kirinuki": ".", "kirinuki-draw": "packages/kirinuki-draw"}
"""Distributions, and the folder of each."""
OURSELVES = set(PACKAGES)


def main() -> None:
    """Every step; the first that fails ends it with status 1."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="kirinuki-release-") as scratch:
        source, clean, desk = (Path(scratch, name) for name in ("source", "clean", "desk"))
        export_last_commit(source)
        build(source)
        run(tool("twine"), "check", "--strict", *files("*"))
        run(tool("check-wheel-contents"), *files("*.whl"))
        run(sys.executable, "-m", "venv", "--without-pip", clean)
        desk.mkdir()
        shutil.copy(source / "examples" / "scene.png", desk / "picture.png")
        try_core(clean, desk)
        try_studio(clean, desk)
        check_notices(clean)
        try_server(clean, desk)
    took = time.monotonic() - started
    print(f"{', '.join(path.name for path in files('*'))}: ready, checked in {took:.0f} s")


def export_last_commit(target: Path) -> None:
    """What a fresh clone holds, without its history."""
    archive = target.with_suffix(".tar")
    run("git", "-C", ROOT, "archive", "--output", archive, "HEAD")
    shutil.unpack_archive(archive, target, filter="data")


def build(source: Path) -> None:
    """Each sdist, and each wheel from its sdist, so that an sdist that lacks something shows.

    With this environment's setuptools, which is quicker; that `[build-system]` asks for enough is
    seen when pip builds from the sdist.
    """
    shutil.rmtree(DIST, ignore_errors=True)
    for folder in PACKAGES.values():
        run(sys.executable, "-m", "build", "--no-isolation", "--outdir", DIST, source / folder)


def try_core(clean: Path, desk: Path) -> None:
    """The wheel alone, then the sdist in its place."""
    (wheel,), (sdist,) = files("kirinuki-[0-9]*.whl"), files("kirinuki-[0-9]*.tar.gz")
    install(clean, wheel)
    packages = next(clean.glob("lib/python*/site-packages"))
    size = sum(path.lstat().st_size for path in packages.rglob("*"))  # as `du -sb` counts
    print(f"the core install: {size / 1e6:.0f} MB in site-packages", flush=True)
    # -I: neither the folder it stands in nor that of the script counts
    run(clean / "bin" / "python", "-I", ROOT / "release" / "try_installed.py", cwd=desk)
    install(clean, "--force-reinstall", "--no-deps", sdist)
    run(clean / "bin" / "kirinuki", "--version", cwd=desk)


def try_studio(clean: Path, desk: Path) -> None:
    """The studio's wheel beside the core, which it must find in the environment."""
    install(clean, "--find-links", DIST, *files("kirinuki_draw-*.whl"))
    run(clean / "bin" / "kirinuki", "data", "draw", "-n", "1", "-o", "drawn", cwd=desk)
    if not list((desk / "drawn" / "sprites").iterdir()):
        sys.exit("kirinuki data draw wrote no picture")


def try_server(clean: Path, desk: Path) -> None:
    """The extra that servers need, and last, since its packages are none of the core's."""
    (wheel,) = files("kirinuki-[0-9]*.whl")
    install(clean, f"{wheel}[web]")
    run(clean / "bin" / "python", "-I", ROOT / "release" / "try_server.py", cwd=desk)


def check_notices(clean: Path) -> None:
    """Whatever an install brings must stand in THIRD_PARTY_NOTICES.md."""
    python = str(clean / "bin" / "python")
    command = [str(tool("pip-licenses")), "--python", python, "--format=json"]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    text = (ROOT / "THIRD_PARTY_NOTICES.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| ([\w.-]+) +\|", text, re.MULTILINE))
    if missing := {package["Name"] for package in found} - listed - OURSELVES:
        sys.exit(f"THIRD_PARTY_NOTICES.md: {', '.join(sorted(missing))}: not listed; add them")


def files(pattern: str) -> list[Path]:
    """What was built."""
    return sorted(DIST.glob(pattern))


def tool(name: str) -> Path:
    """A command of the environment that runs this."""
    return Path(sys.executable).with_name(name)


def install(clean: Path, *what: str | Path) -> None:
    """Install into the clean environment, which has no pip of its own to be measured."""
    pip = (sys.executable, "-m", "pip", "--python", clean / "bin" / "python")
    run(*pip, "install", "--quiet", "--disable-pip-version-check", *what)


def run(*words: str | Path, cwd: Path | None = None) -> None:
    """A command that must succeed."""
    print("+", *(word.name if isinstance(word, Path) else word for word in words), flush=True)
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run([str(word) for word in words], cwd=cwd, env=environment, check=False)
    if done.returncode:
        sys.exit(f"{words[0]} failed with status {done.returncode}")


if __name__ == "__main__":
    main()
