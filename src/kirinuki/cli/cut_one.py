"""``kirinuki cut in.png -o out.webp``, and ``-`` for stdin or stdout: one input, one file.

Not covered: what a file can hold (`cutting.one_file`), folders (`cut`).
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from kirinuki.cli.voice import complain

if TYPE_CHECKING:
    from kirinuki.cutting.edges import Edges
    from kirinuki.cutting.part import Part

STREAM = Path("-")


def is_one(given: dict[str, Any]) -> bool:
    """Whether one file is asked for, or a stream."""
    from kirinuki.cutting.one_file import READ_ONLY, is_one_file

    out = given["out"]
    if out is not None and out.suffix.lower() in READ_ONLY and not out.is_dir():
        raise click.UsageError(f"{out}: {out.suffix} is read, not written; take .png or a folder")
    return "-" in given["inputs"] or out == STREAM or (out is not None and is_one_file(out))


def cut_one(
    given: dict[str, Any],
    outputs: dict[str, Any],
    named: bool,
    edges: Edges,
    part: Part,
    moves: bool | None,
) -> int:
    """Do it, and say what happened; the exit status.

    Args:
        outputs: options of those that are asked for.
        named: whether any was; else they are those of a folder.
        moves: whether the input is a video; None looks at it.
    """
    from kirinuki.cli.cut import load_segmenter, selection_of
    from kirinuki.cli.cut_report import report, showing
    from kirinuki.cutting.found import Outcome
    from kirinuki.cutting.one_file import OneFile
    from kirinuki.cutting.one_video import OneVideo
    from kirinuki.segmenter.segments import Described
    from kirinuki.video import is_video
    from kirinuki.work.planned import Planned, Problem
    from kirinuki.work.stop import asked_to_stop
    from kirinuki.work.summary import Summary

    if given["rehearse"]:
        raise click.UsageError("--dry-run is for a folder of results; leave it out for one file")
    source, target = _source(given), _target(given)
    if moves is None:
        moves = isinstance(source, Path) and is_video(source)
    name, options = _output(outputs, named, target)
    asked = OneFile(source, target, moves, name, options, edges, part, given["overwrite"])
    segmenter, selection = load_segmenter(given), selection_of(given)
    selection.check(segmenter.names, segmenter.tells_kinds)
    with showing() as show, asked_to_stop() as stopping:
        show.begin(Described(segmenter), 1)
        if moves:
            found = OneVideo(asked, selection, show.frame, stopping).cut(segmenter)
        else:
            found = asked.cut_picture(segmenter, selection)
        if found.interrupted:
            complain(f"stopped; {given['out']} is not written: one file is whole or not")
            return 130  # as in `report`
        planned = Planned(found.place.source, Path(found.place.stem), moves)
        files = {name: [Path(given["out"] or "stdout").name]}
        show.item(Outcome(planned, found, files))
    damage = [Problem(str(planned.source), line) for line in found.problems]
    summary = Summary(found.counts, done=1, problems=damage)
    return report(summary, target if isinstance(target, Path) else None)


def _source(given: dict[str, Any]) -> Path | BinaryIO:
    if len(given["inputs"]) > 1:
        raise click.UsageError(
            f"one file takes one input, but got {len(given['inputs'])}; give a folder with -o"
        )
    if given["inputs"][0] == "-":
        if sys.stdin is None:
            raise click.UsageError("stdin is closed; - reads a picture from there")
        return sys.stdin.buffer
    source = Path(given["inputs"][0])
    if source.is_dir():
        raise click.UsageError(f"{given['out']}: one file cannot hold a folder; give a folder")
    return source


def _target(given: dict[str, Any]) -> Path | BinaryIO:
    from kirinuki.cutting.one_file import is_one_file

    if given["out"] not in (None, STREAM):
        if not is_one_file(given["out"]):
            raise click.UsageError("'-' gives one file, such as -o out.png, or one on stdout")
        return Path(given["out"])
    if sys.stdout is None:
        raise click.UsageError("stdout is closed; a picture goes there")
    if sys.stdout.isatty():
        raise click.UsageError("a picture on stdout goes to a file or a program")
    return sys.stdout.buffer


def _output(outputs: dict[str, Any], named: bool, target: Path | BinaryIO) -> tuple[str, Any]:
    """Which output the file is."""
    from kirinuki.cutting.one_file import LAYERED, output_of
    from kirinuki.cutting.outputs.registry import OUTPUTS
    from kirinuki.cutting.outputs.rendering import Rendering

    if not named:
        name = output_of(target) if isinstance(target, Path) else "cutout"
        return name, outputs.get(name) or OUTPUTS[name].options()
    ((name, options), *others) = outputs.items()
    output = OUTPUTS[name]
    single = isinstance(output, Rendering) and not output.several(options)
    if others or not (single or name in LAYERED.values()):
        asked = ", ".join(f"--{one}" for one in outputs)
        raise click.UsageError(f"{asked}: not one file; give a folder with -o")
    return name, options
