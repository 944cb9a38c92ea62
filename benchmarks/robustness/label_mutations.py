"""Ways to break a label file, seeded.

Not covered: what is expected of whoever reads it (`labels`).
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

Rng = np.random.Generator

JUNK: tuple[Any, ...] = (
    *(
        None,
        True,
        "",
        " ",
        "a\nb",
        "\x1b[2J",
        "\ud83d",
        "夏" * 300,
        "../../x",
        "C:\\x\\0.png",
        "\0",
    ),
    *(0, -1, 1, 0.5, 1e308, -1e18, 10**40, float("nan"), float("inf"), 2**31, 2**63, 1e6 + 1),
    *([], {}, [[]], [None], [1, 2, 3], {"a": 1}, [[1e9] * 6], [[0, 0, 1, 0]], "9" * 400),
    *({"size": [24, 32], "counts": "~~~~"}, {"size": [10**6, 10**6], "counts": [10**12]}),
    *({"size": [24, 32], "counts": [768]}, {"size": [24, 32], "counts": [-5, 773]}),
)
WORDS = (
    b"NaN",
    b"1e999",
    b"-1",
    b"null",
    b"\xff",
    b"\0",
    b"]",
    b"{",
    b'"',
    b";",
    b",",
    b"<a>",
    b"&b;",
)


def mutate(path: Path, rng: Rng) -> str:
    """Break a file in one way; which."""
    ways: list[Callable[[Path, Rng], str]] = [_bytes] * 4 + [_lines] * 2 + [_file]
    if path.suffix == ".json":
        ways += [_values] * 6
    return ways[int(rng.integers(len(ways)))](path, rng)


def _bytes(path: Path, rng: Rng) -> str:
    content = bytearray(path.read_bytes())
    for _ in range(int(rng.integers(1, 6))):
        at, end = sorted(int(n) for n in rng.integers(0, len(content) + 1, 2))
        way = int(rng.integers(6))
        if way == 0:
            del content[at : min(end, at + 40)]
        elif way == 1:
            content[at:at] = WORDS[int(rng.integers(len(WORDS)))]
        elif way == 2:
            content[at : at + 4] = rng.bytes(4)
        elif way == 3:
            content[at:at] = content[at : min(end, at + 200)]
        elif way == 4 and content:
            content[min(at, len(content) - 1)] ^= 1 << int(rng.integers(8))
        elif rng.random() < 0.2:
            del content[at:]
    path.write_bytes(content)
    return "bytes"


def _lines(path: Path, rng: Rng) -> str:
    lines = path.read_bytes().split(b"\n")
    at, other = (int(n) for n in rng.integers(0, len(lines), 2))
    way = int(rng.integers(4))
    if way == 0:
        del lines[at]
    elif way == 1:
        lines[at], lines[other] = lines[other], lines[at]
    elif way == 2:
        lines.insert(at, lines[other])
    else:
        words = lines[at].split(b" ")
        words[int(rng.integers(len(words)))] = WORDS[int(rng.integers(len(WORDS)))]
        lines[at] = b" ".join(words)
    path.write_bytes(b"\n".join(lines))
    return "lines"


def _values(path: Path, rng: Rng) -> str:
    content = json.loads(path.read_text("utf-8"))
    for _ in range(int(rng.integers(1, 4))):
        holders = [one for one in _containers(content) if len(one)]
        if not holders:
            break
        holder = holders[int(rng.integers(len(holders)))]
        keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        key = keys[int(rng.integers(len(keys)))]
        if rng.random() < 0.25:
            del holder[key]
        else:
            holder[key] = JUNK[int(rng.integers(len(JUNK)))]
    path.write_text(json.dumps(content), "utf-8")
    return "values"


def _containers(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [value, *(inner for one in value.values() for inner in _containers(one))]
    if isinstance(value, list):
        return [value, *(inner for one in value for inner in _containers(one))]
    return []


def _file(path: Path, rng: Rng) -> str:
    content = path.read_bytes()
    text = content.decode("utf-8")
    way = ("empty", "utf-16", "latin-1", "deep", "pipe", "folder", "loop", "gone", "huge", "bomb")[
        int(rng.integers(10))
    ]
    path.unlink()
    if way == "pipe":
        os.mkfifo(path)
    elif way == "folder":
        path.mkdir()
    elif way == "loop":
        path.symlink_to(path.name)
    elif way == "gone":
        path.symlink_to("nowhere")
    elif way == "huge":
        path.touch()
        os.truncate(path, 3 << 30)
    else:
        made = {
            "empty": b"",
            "utf-16": text.encode("utf-16"),
            "latin-1": text.encode("latin-1", "replace") + b"\xe9",
            "deep": (b"[" if path.suffix != ".xml" else b"<annotations>") * 100_000,
            "bomb": b"a: &a [1,1,1]\nb: &b [*a,*a]\nnames: [*b,*b]\n",
        }
        path.write_bytes(made[way])
    return way
