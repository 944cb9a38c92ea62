"""``kirinuki cut -``: one picture from stdin, its characters to stdout as one PNG.

Not covered: files (`cut`).
"""

from __future__ import annotations

import sys
from typing import Any

import click


def cut_stream(given: dict[str, Any], outputs: dict[str, Any]) -> None:
    """Cut the picture: everyone at their places, or, with ``--background``, on that."""
    from kirinuki.cli.cut import load_segmenter, selection_of
    from kirinuki.cli.cut_report import counted, say_model, unknown_of
    from kirinuki.cutting.outputs.output import Shown
    from kirinuki.cutting.outputs.registry import OUTPUTS
    from kirinuki.images.picture import read_picture, save_png

    if len(given["inputs"]) > 1 or given["out"] or not _is_one(outputs):
        raise click.UsageError("'-' stands alone, and takes no output option but --background")
    if sys.stdout.isatty():
        raise click.UsageError("'-' writes a PNG to stdout; send it to a file or a program")
    (name, options) = next(iter(outputs.items()), ("cutout", None))
    output: Any = OUTPUTS[name]
    output.refuse(options, moves=False)
    segmenter, selection = load_segmenter(given), selection_of(given)
    selection.check(segmenter.names, segmenter.tells_kinds)
    say_model(segmenter)
    picture = read_picture(sys.stdin.buffer)
    everybody = segmenter(picture)
    instances, unknown = selection(everybody), selection.unknown(everybody)
    for note in picture.notes:
        click.echo(f"stdin: {note}", err=True)
    click.echo(f"stdin: {counted(len(instances), 'character')}{unknown_of(unknown)}", err=True)
    paint = output.paints(options, Shown(0, picture, instances))[name]
    save_png(paint(), sys.stdout.buffer)


def _is_one(outputs: dict[str, Any]) -> bool:
    return set(outputs) in (set(), {"cutout"}, {"background"})
