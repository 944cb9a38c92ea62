"""Command lines drawn at random: a line of each verb that works, with flags and values put in,
taken out and put elsewhere.

Not covered: running them (`command_lines`).
"""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from dataclasses import dataclass

import click

from kirinuki.cli import cli

WORKING: tuple[str, ...] = (
    "cut pics -o new --model model",
    "cut pics/a.png -o new --model model --overlay --cutout",
    "cut pics/a.png clip.mkv -o new --model model --coco new/all.json",
    "cut pics/a.png -o new.webp --model model",
    "cut - -o - --model model",
    "cut clip.mkv -o new --model model --matte",
    "cut clip.mkv -o new.webm --model model",
    "cut pics --videos -o new --model model --labels coco --jsonl",
    "cut pics -o new --model model --dry-run",
    "video clip.mkv -o new --model model --cutout --each",
    "demo -o new",
    "doctor",
    "data check set",
    "data check coco.json yolo",
    "data stats set --plot new.png",
    "data split set -o new",
    "data preview coco.json -o new.png",
    "data review set -o new.html",
    "data convert set -o new.json",
    "data convert coco.json -o new --to labelme",
    "data frames clip.mkv -o new",
    "data prelabel pics --model model",
    "data prelabel pics --model model -o new.json",
    "data compose --sprites sprites --backgrounds pics -o new -n 1 --workers 1",
    "train set --val coco.json --epochs 1 --workers 0 --input-size 64 -o new",
    "train --resume -o new",
    "eval model/detector.onnx coco.json --json new.json",
    "eval default set -o new",
    "export broken.ckpt -o new.onnx",
)
PLACES = ("pics", "pics/a.png", "clip.mkv", "set", "set/0.json", "coco.json", "yolo", "model")
ODD_PLACES = (
    *("", ".", "..", "gone", "gone/x.png", "pics/", "pics/a.png/x", "empty.png", "broken.ckpt"),
    *("pipe", "loop", "*", "pics/*.png", "[", "NUL.png", "com1.tar.png", "CON", "new", "new.json"),
    *("new.png", "a.", "a ", "-", "--", "x" * 255, "x" * 256, "x" * 5000, "夏.png", "file:a.png"),
    *(
        os.fsdecode(b"caf\xe9.png"),
        "a\x1b]2;b\x07.png",
        "\x9b31m\x7f",
        "a\nb",
        "~",
        "http://a/b.png",
    ),
)
NUMBERS = (
    *("0", "-1", "1", "2", "0.5", "1e999", "-1e999", "nan", "999999", "1000000", "1e-9", "1e308"),
    *("", " ", "abc", "1_0", "٣", "0x10", "4,4", "1,2,3,4", "9" * 400, "1:30", "9:99:99.5", "24/0"),
)
TEXTS = (
    *("", " ", "a", "waifu", "a,b", "girl=waifu", "=", "white", "#fff", "white..#9cf", "#ggg", "["),
    *(
        "(?P<",
        "{stem}",
        "{stem}_{n}",
        "{n",
        "../x",
        "x" * 5000,
        "\x1b[31m",
        "\u202e",
        "夏",
        "\ud800",
    ),
    *(os.fsdecode(b"\xff"), "-", "--", "None", "%s%n", "a\nb", "default", "1280x720", "0x0"),
)
AMOUNTS = {"count", "epochs", "seconds", "workers", "per_shot"}
"""Parameters that say how much is to be done: large values are work, no fault."""
SERVERS = {"draw", "serve"}
"""Verbs that end when they are stopped."""


@dataclass(frozen=True)
class Line:
    """A command line.

    Attributes:
        words: what follows ``kirinuki``.
        watched: whether stderr is a terminal.
        fed: whether a picture comes in by stdin.
    """

    words: tuple[str, ...]
    watched: bool
    fed: bool


def drawn(draw: random.Random) -> Line:
    """A line."""
    words = draw.choice(WORKING).split()
    verb = command_of(words)
    for _ in range(draw.choice((0, 1, 1, 2, 2, 3, 5))):
        words = draw.choice(_CHANGES)(draw, words, verb)
    return Line(tuple(words), draw.random() < 0.4, draw.random() < 0.5)


def command_of(words: Sequence[str]) -> click.Command:
    """The verb of a line."""
    command: click.Command = cli
    for word in words[: 2 if words[0] == "data" else 1]:
        assert isinstance(command, click.Group)
        found = command.get_command(click.Context(command), word)
        assert found is not None, word
        command = found
    return command


def _flag(draw: random.Random, words: list[str], verb: click.Command) -> list[str]:
    """One flag more, with a value that may be right."""
    options = [p for p in verb.params if isinstance(p, click.Option)]
    option = draw.choice(options)
    at = draw.randint(_verb_words(words), len(words)) if draw.random() < 0.3 else len(words)
    flag = draw.choice(option.opts)
    if option.is_flag:
        return [*words[:at], flag, *words[at:]]
    value = value_of(draw, option)
    more = [f"{flag}={value}"] if draw.random() < 0.2 and flag.startswith("--") else [flag, value]
    return [*words[:at], *more, *words[at:]]


def value_of(draw: random.Random, option: click.Parameter) -> str:
    """A value of a parameter: often of its kind, at times of another."""
    kind = option.type
    if draw.random() < 0.15:
        pool: Sequence[str] = (*ODD_PLACES, *NUMBERS, *TEXTS)
    elif isinstance(kind, click.Choice):
        pool = [str(choice) for choice in kind.choices]
    elif isinstance(kind, click.Path):
        pool = PLACES + ODD_PLACES
    elif isinstance(kind, click.types.StringParamType):
        pool = TEXTS
    else:
        pool = NUMBERS
    if option.name in AMOUNTS:
        pool = [value for value in pool if len(value) < 3]
    return draw.choice(list(pool))


def _place(draw: random.Random, words: list[str], verb: click.Command) -> list[str]:
    """Another word in the place of one."""
    at = draw.randrange(_verb_words(words), len(words) + 1)
    return [*words[:at], draw.choice(PLACES + ODD_PLACES), *words[at + draw.randint(0, 1) :]]


def _out(draw: random.Random, words: list[str], verb: click.Command) -> list[str]:
    """Results somewhere else."""
    return [*words, draw.choice(("-o", "--out", "--output")), draw.choice(PLACES + ODD_PLACES)]


def _without(draw: random.Random, words: list[str], verb: click.Command) -> list[str]:
    at = draw.randrange(len(words))
    return words[:at] + words[at + 1 :] or ["--help"]


def _twice(draw: random.Random, words: list[str], verb: click.Command) -> list[str]:
    at = draw.randrange(len(words))
    return [*words[:at], words[at], *words[at:]]


def _again(draw: random.Random, words: list[str], verb: click.Command) -> list[str]:
    """What says how to treat what is there."""
    return [*words, draw.choice(("--overwrite", "--resume", "-q", "-v", "--help"))]


def _verb_words(words: Sequence[str]) -> int:
    return min(len(words), 2 if words[:1] == ["data"] else 1)


_CHANGES = (_flag, _flag, _flag, _flag, _place, _out, _without, _twice, _again)
