"""`kirinuki data convert`: labels between LabelMe, COCO and YOLO."""

from __future__ import annotations

import os
import shlex
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click

from kirinuki.cli.data.progress import progress_bar
from kirinuki.cli.next_step import say_next
from kirinuki.errors import DatasetError, KirinukiError
from kirinuki.formats.labelled import LabelledPicture, LabelRules, class_names
from kirinuki.formats.sources import LabelSource, open_source
from kirinuki.formats.targets import (
    Written,
    coco_path,
    refuse_existing,
    write_coco_target,
    write_labelme_target,
    write_yolo_target,
)

SHOWN = 20
"""Missing pictures that the terminal names; `data check` names them all."""


@click.command()
@click.argument("source", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    help="COCO file (or the folder for its annotations.json), or folder of LabelMe or YOLO files.",
)
@click.option(
    "--to",
    required=True,
    type=click.Choice(["coco", "labelme", "yolo"]),
    help="What to write.",
)
@click.option(
    "--map",
    "renames",
    multiple=True,
    metavar="LABEL=CLASS",
    help="Make one label another class, such as girl=waifu. Can be repeated.",
)
@click.option("--classes", metavar="A,B", help="The only classes allowed, in the order of the ids.")
@click.option(
    "--numbered-labels",
    is_flag=True,
    help="Labels waifu_1, waifu_2 are the class waifu; the number says which character.",
)
@click.option(
    "--skip-bad-shapes",
    is_flag=True,
    help="Leave lines, points and other unusable shapes out, and count them.",
)
@click.option(
    "--pictures",
    type=click.Path(path_type=Path),
    help="Folder of a COCO file's pictures, if it is not the file's own folder.",
)
@click.option("--overwrite", is_flag=True, help="Replace files that exist.")
def command(
    source: Path,
    output: Path,
    to: str,
    renames: tuple[str, ...],
    classes: str | None,
    numbered_labels: bool,
    skip_bad_shapes: bool,
    pictures: Path | None,
    overwrite: bool,
) -> None:
    """Convert labels between LabelMe, COCO and YOLO segmentation.

    SOURCE is a folder of LabelMe files (subfolders included) or one of them, a COCO file, or a YOLO
    data set (its folder or data.yaml); which one is found out. A file that is wrong is named, the
    others are converted, and the exit status is 1.

    \b
    kirinuki data convert screenshots -o labels.json --to coco --classes waifu --map girl=waifu
    """
    rules = LabelRules(_renames(renames), _names(classes), numbered_labels, skip_bad_shapes=True)
    if to == "coco":
        refuse_existing([coco_path(output)], overwrite)
    opened = open_source(source, rules, pictures)
    read = _read(opened, skip_bad_shapes)
    for line in read.faults:
        click.echo(line, err=True)
    found = read.pictures
    if not found:
        raise DatasetError(f"{source}: nothing could be converted ({read.failed} files failed)")
    names = _class_order(opened, found, rules)
    written = _write(to, found, names, output, overwrite)
    unwritten = [result.failure for result in written if result.failure is not None]
    for line in unwritten:
        click.echo(line, err=True)
    failed = read.failed + len(unwritten)
    _summarise(found, names)
    _note_skipped(read.skipped)
    _note_missing(found)
    notes = {
        "failed": failed,
        "holes filled, which YOLO cannot say": sum(result.holes for result in written),
        "crowd regions left out": 0 if to == "coco" else _crowds(found),
    }
    for note, count in notes.items():
        if count:
            click.echo(f"{note}: {count}")
    _say_next(to, output)
    if failed:
        sys.exit(1)


def _renames(pairs: Sequence[str]) -> dict[str, str]:
    renames = {}
    for pair in pairs:
        label, equals, name = pair.rpartition("=")
        if not equals or not label.strip() or not name.strip():
            raise click.BadParameter(f"{pair!r}; expected LABEL=CLASS", param_hint="--map")
        renames[label.strip()] = name.strip()
    return renames


def _names(classes: str | None) -> tuple[str, ...]:
    names = [name.strip() for name in (classes or "").split(",") if name.strip()]
    if classes is not None and (not names or len(set(names)) < len(names)):
        raise click.BadParameter(f"{classes!r}; expected names, each once", param_hint="--classes")
    return tuple(names)


@dataclass
class _Read:
    """What a source held: its good pictures, a line for each fault, how many files failed by them,
    and a line for each shape that was left out as asked."""

    pictures: list[LabelledPicture] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    failed: int = 0
    skipped: list[str] = field(default_factory=list)

    def refuse(self, *faults: str) -> None:
        self.faults += faults
        self.failed += 1


def _read(source: LabelSource, skip_bad_shapes: bool) -> _Read:
    """Read all, so that every fault of every file is named in one go."""
    read = _Read()
    first: dict[str, Path] = {}
    with progress_bar() as track:
        for item in track(source.items, "Reading", len(source.items)):
            try:
                picture = source.read(item)
            except KirinukiError as error:
                read.refuse(str(error))
                continue
            if picture is None:
                continue
            if picture.skipped and not skip_bad_shapes:
                read.refuse(*picture.skipped)
                continue
            other = first.setdefault(os.path.realpath(picture.picture), picture.source)
            if source.kind == "labelme" and other != picture.source:
                read.refuse(
                    f"{picture.source}: is about the same picture as {other} "
                    f"({picture.picture.name}); keep one of the two"
                )
                continue
            read.pictures.append(picture)
            read.skipped += picture.skipped
    for line in source.bad:
        read.skipped.append(line) if skip_bad_shapes else read.refuse(line)
    return read


def _class_order(
    source: LabelSource, found: Sequence[LabelledPicture], rules: LabelRules
) -> list[str]:
    """`--classes`, else the order that the source declares, else sorted."""
    names = rules.classes or source.names or class_names(found)
    return list(dict.fromkeys(names))  # two labels may have been mapped to one class


def _write(
    to: str, found: Sequence[LabelledPicture], names: Sequence[str], output: Path, overwrite: bool
) -> list[Written]:
    if to == "coco":
        write_coco_target(found, names, output, overwrite)
        return []
    if to == "labelme":
        results = write_labelme_target(found, output, overwrite)
    else:
        results = write_yolo_target(found, names, output, overwrite)
    with progress_bar() as track:
        return list(track(results, "Writing", len(found)))


def _say_next(to: str, output: Path) -> None:
    if to == "yolo":  # not ours to check: others read these
        data = shlex.quote(f"data={output / 'data.yaml'}")
        click.echo(f"next: yolo segment train {data}", err=True)
    else:
        say_next("data", "check", coco_path(output) if to == "coco" else output)


def _crowds(found: Sequence[LabelledPicture]) -> int:
    return sum(len(picture.characters) - len(picture.single_characters) for picture in found)


def _summarise(found: Sequence[LabelledPicture], names: Sequence[str]) -> None:
    counts = Counter(name for picture in found for name, _ in picture.single_characters)
    per_class = ", ".join(f"{counts[name]} {name}" for name in names) or "none"
    click.echo(f"{len(found)} pictures, {counts.total()} characters ({per_class})")


def _note_skipped(skipped: Sequence[str]) -> None:
    for line in skipped:
        click.echo(f"skipped: {line}", err=True)
    if skipped:
        click.echo(f"bad shapes skipped: {len(skipped)}")


def _note_missing(found: Sequence[LabelledPicture]) -> None:
    """No fault here, where sizes stand in the labels: pictures may lie on another machine."""
    missing = [picture for picture in found if not picture.picture.is_file()]
    for picture in missing[:SHOWN]:
        click.echo(f"not there: {picture.picture}, named in {picture.source}", err=True)
    if len(missing) > SHOWN:
        click.echo(f"… and {len(missing) - SHOWN} more, which data check names", err=True)
    if missing:
        click.echo(f"pictures that are not where their label says: {len(missing)}")
