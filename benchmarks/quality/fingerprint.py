"""Whether a composed set is the published one: SHA-256 over its truth and its decoded pixels.

Decoded, because another zlib writes other PNG files of the same picture. Composing uses numpy,
OpenCV, Pillow and PyAV; another version of one of them may give other pixels, and then another
set, whose numbers cannot be compared with the published ones.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from kirinuki.formats.labelled import LabelledSet
from kirinuki.images.picture import read_picture

COMMITTED = Path(__file__).parent / "set.json"
LIBRARIES = ("numpy", "opencv-python-headless", "pillow", "av")


def fingerprint(dataset: LabelledSet, on_picture: Callable[[], None] = lambda: None) -> str:
    """SHA-256 of every picture's name, size and pixels, and its characters' alphas and kinds."""
    digest = hashlib.sha256()
    for picture in dataset:
        height, width = picture.size_hw
        digest.update(f"{picture.name} {width}×{height}".encode())
        digest.update(picture.read().rgb.tobytes())
        for one in picture.instances:
            assert one.alpha is not None
            digest.update(f"{one.kind}".encode())
            digest.update(read_picture(one.alpha).rgb[..., 0].tobytes())
        on_picture()
    return digest.hexdigest()


def facts(dataset: LabelledSet, sha256: str) -> dict[str, Any]:
    """What ``set.json`` says of a set."""
    return {
        "sha256": sha256,
        "pictures": len(dataset),
        "characters": len(dataset.instances),
        "composed_with": {name: version(name) for name in LIBRARIES},
    }


def difference(found: dict[str, Any]) -> str | None:
    """In one line, how a set differs from the committed one; None where it does not."""
    committed = json.loads(COMMITTED.read_text(encoding="utf-8"))
    if found["sha256"] == committed["sha256"]:
        return None
    here, there = found["composed_with"], committed["composed_with"]
    others = [
        f"{name} {here[name]} (it: {there[name]})" for name in here if here[name] != there[name]
    ]
    why = ", ".join(others) or "the same libraries, so the pictures or kirinuki's composer differ"
    return (
        f"another set than the published one ({found['sha256'][:12]}, it: "
        f"{committed['sha256'][:12]}): {why}. Its numbers cannot be compared with published ones."
    )
