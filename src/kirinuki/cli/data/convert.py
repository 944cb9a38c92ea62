"""`kirinuki data convert`: labels from any format to any other."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import click

from kirinuki.cli.data.progress import progress_bar
from kirinuki.cli.flags import in_flags
from kirinuki.cli.next_step import say_next
from kirinuki.cli.options import pictures_option, target_format
from kirinuki.cli.voice import complain, say, tell
from kirinuki.errors import DatasetError, KirinukiError
from kirinuki.formats.label_format import LabelFormat, Reading
from kirinuki.formats.labelled import Fault, LabelledPicture, names_of, size_fault
from kirinuki.formats.registry import FORMATS, lost, open_labels
from kirinuki.formats.rules import LabelRules
from kirinuki.work.summary import counted

SHOWN = 20
"""Missing pictures that the terminal names; `data check` names them all."""


@click.command()
@click.argument("source", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--out",
    "--output",
    "output",
    required=True,
    type=click.Path(path_type=Path),
    help="File or folder to write.",
)
@click.option(
    "--to",
    type=click.Choice(sorted(FORMATS)),
    help="What to write. Not needed where the output's name says it: .json is COCO, .xml "
    "CVAT, a folder with yolo or labelme in its name is that.",
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
@pictures_option
@click.option("--overwrite", is_flag=True, help="Replace files that exist.")
def command(
    source: Path,
    output: Path,
    to: str | None,
    renames: tuple[str, ...],
    classes: str | None,
    numbered_labels: bool,
    skip_bad_shapes: bool,
    pictures: Path | None,
    overwrite: bool,
) -> None:
    """Convert labels from any format to any other.

    SOURCE is a file or folder of labels: LabelMe files (subfolders included), a COCO, CocoVID or
    CVAT file, a YOLO segmentation set; which one is found out. A file that is wrong is named, the
    others are converted, and the exit status is 1.

    \b
    kirinuki data convert screenshots -o labels.json --classes waifu --map girl=waifu
    """
    rules = LabelRules(_renames(renames), _names(classes), numbered_labels)
    reading = open_labels(source, pictures)
    target = target_format(output, to, video=reading.format == "coco_video")
    read = _read(reading, rules, skip_bad_shapes)
    for line in read.faults:
        complain(in_flags(line))
    if not read.pictures:
        raise DatasetError(f"{source}: nothing could be converted ({read.failed} files failed)")
    names = _class_order(reading, read, rules, target, output if overwrite else None)
    written, unwritten = _write(target, read.pictures, names, output, overwrite)
    for line in unwritten:
        complain(in_flags(line))
    if not written:
        raise DatasetError(f"{output}: is not written; none of {len(unwritten)} pictures could be")
    _summarise(written, names)
    for note in reading.notes:
        say(f"note: {note}")
    _note_skipped(read.skipped)
    _note_missing(written)
    _note_lost(written, target)
    failed = read.failed + len(unwritten)
    if failed:
        tell(f"failed: {failed}")
    say_next("data", "check", output)
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
    a line for each shape that was left out as asked, and all pictures, good or not."""

    pictures: list[LabelledPicture] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    failed: int = 0
    skipped: list[str] = field(default_factory=list)
    all: list[LabelledPicture] = field(default_factory=list)

    def refuse(self, *faults: object) -> None:
        self.faults += map(str, faults)
        self.failed += 1


def _read(reading: Reading, rules: LabelRules, skip_bad_shapes: bool) -> _Read:
    """Read all, so that every fault of every file is named in one go."""
    read = _Read()
    first: dict[str, str] = {}
    with progress_bar() as track:
        for item in track(reading, "Reading", None):
            if isinstance(item, Fault):
                if item.shape and skip_bad_shapes:
                    read.skipped.append(str(item))
                else:
                    read.refuse(item)
                continue
            picture = rules.applied(item)
            read.all.append(picture)
            other = first.setdefault(os.path.realpath(picture.path), picture.file)
            if (fault := size_fault(picture)) is not None:
                read.refuse(fault)
            elif picture.faults and not skip_bad_shapes:
                read.refuse(*picture.faults)
            elif picture.alone and other != picture.file:
                read.refuse(
                    f"{picture.file}: is about the same picture as {other} ({picture.path.name}); "
                    "keep one of the two"
                )
            else:
                read.pictures.append(picture)
                read.skipped += map(str, picture.faults)
    return read


def _class_order(
    reading: Reading, read: _Read, rules: LabelRules, to: LabelFormat, replaced: Path | None
) -> tuple[str, ...]:
    """`--classes`, else that of what is replaced, that the source declares, and then sorted: the
    same set gives the same order, whichever of its files are faulty today."""
    if rules.classes:
        return rules.classes
    before: tuple[str, ...] = ()
    if replaced is not None:
        with suppress(KirinukiError):
            before = to.names_in(replaced)
    declared = [rules.name_of(name)[0] for name in reading.names]
    return names_of(read.all, [*before, *declared])


def _write(
    to: LabelFormat,
    found: Sequence[LabelledPicture],
    names: Sequence[str],
    output: Path,
    overwrite: bool,
) -> tuple[list[LabelledPicture], list[str]]:
    """What was written, and a line for each picture that could not be."""
    with progress_bar() as track:
        each = [*track(to.write(found, names, output, overwrite), "Writing", len(found))]
    written = [one for one, said in zip(found, each, strict=True) if said.failure is None]
    return written, [said.failure for said in each if said.failure is not None]


def _summarise(found: Sequence[LabelledPicture], names: Sequence[str]) -> None:
    counts = Counter(one.name for picture in found for one in picture.characters)
    per_class = ", ".join(f"{counts[name]} {name}" for name in names) or "none"
    pictures, characters = counted(len(found), "picture"), counted(counts.total(), "character")
    tell(f"{pictures}, {characters} ({per_class})")


def _note_lost(found: Sequence[LabelledPicture], to: LabelFormat) -> None:
    counts = lost(found, to)
    embedded = counts.pop("embedded pictures", 0)
    if embedded:
        tell(f"pictures written out of their label files: {embedded}")
    if counts:
        said = ", ".join(f"{count} {name}" for name, count in counts.items())
        tell(f"left out, for {to.title} has no word for them: {said}")


def _note_skipped(skipped: Sequence[str]) -> None:
    for line in skipped:
        complain(f"skipped: {line}")
    if skipped:
        tell(f"bad shapes skipped: {len(skipped)}")


def _note_missing(found: Sequence[LabelledPicture]) -> None:
    """No fault here, where sizes stand in the labels: pictures may lie on another machine."""
    missing = [picture for picture in found if picture.picture.missing]
    for picture in missing[:SHOWN]:
        where = f"{picture.path}, named in {picture.file}: {picture.picture.missing}"
        complain(f"not there: {in_flags(where)}")
    if len(missing) > SHOWN:
        complain(f"… and {len(missing) - SHOWN} more, which data check names")
    if missing:
        tell(f"pictures that are not where their label says: {len(missing)}")
