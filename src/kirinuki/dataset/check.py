"""Name everything that is wrong with a data set: file by file, shape by shape, split by split.

`check_dataset` looks at one data set, `check_sources` at one or more (then also at pictures on both
sides of a split). The labels are read by the code that trains on them; what it cannot use is an
error here. Nothing is changed, and a broken file never stops the rest.

Not covered: whether a label is on the right character; frames that are merely similar.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from kirinuki.dataset.findings import Finding, in_report_order
from kirinuki.dataset.fingerprints import fingerprints
from kirinuki.dataset.names import similar_names
from kirinuki.dataset.shape_faults import shape_faults
from kirinuki.errors import DatasetError, KirinukiError, one_line
from kirinuki.formats.labelled import Fault, LabelledPicture, LabelledSet
from kirinuki.formats.picture_ref import FrameRef, PictureRef
from kirinuki.formats.registry import open_labels
from kirinuki.images.fingerprint import Fingerprint, near_pairs
from kirinuki.images.picture import PICTURE_SUFFIXES
from kirinuki.work.progress import Progress, no_progress

Source: TypeAlias = "str | Path | LabelledSet"
"""Label files of any format that `formats` knows, or a data set in memory."""


@dataclass
class _Seen:
    """What is kept of a picture once its shapes have been looked at."""

    file: str
    picture: str | None
    ref: PictureRef
    size_hw: tuple[int, int]
    shapes: int
    print: Fingerprint | None = None

    @property
    def label(self) -> str:
        return f"{self.file}, {self.picture}" if self.picture else self.file


@dataclass
class _Inspection:
    findings: list[Finding] = field(default_factory=list)
    pictures: list[_Seen] = field(default_factory=list)
    names: Counter[str] = field(default_factory=Counter)
    first_use: dict[str, Finding] = field(default_factory=dict)


def check_dataset(
    source: Source,
    pictures: str | Path | None = None,
    *,
    open_pictures: bool = True,
    track: Progress = no_progress,
) -> list[Finding]:
    """Everything wrong with one data set, errors first; an empty list is a clean bill.

    Args:
        source: a file or folder of labels, or a `LabelledSet`.
        pictures: folder of the pictures, where it is not that of the labels.
        open_pictures: False only looks whether the picture files exist: quick, but unreadable
            pictures, wrong sizes and pictures that occur twice are not found.
        track: shows progress.
    """
    return in_report_order(_inspect(source, pictures, open_pictures, track).findings)


def check_sources(
    sources: Sequence[Source],
    pictures: str | Path | None = None,
    *,
    track: Progress = no_progress,
) -> list[Finding]:
    """Everything wrong with the data sets, and pictures or near-identical frames that stand in
    more than one of them, such as training and validation. Errors first."""
    inspected = [_inspect(source, pictures, True, track) for source in sources]
    return _report(inspected, combinations(inspected, 2))


def check_training(
    train: Sequence[Source],
    val: Source | None,
    pictures: str | Path | None = None,
    *,
    track: Progress = no_progress,
) -> list[Finding]:
    """Everything wrong with the data sets, and pictures or near-identical frames of the training
    sets that stand in the validation set, too. Training sets may share frames with each other."""
    inspected = [_inspect(source, pictures, True, track) for source in train]
    if val is None:
        return _report(inspected, ())
    held_out = _inspect(val, pictures, True, track)
    return _report([*inspected, held_out], ((one, held_out) for one in inspected))


def _report(
    inspected: Sequence[_Inspection], apart: Iterable[tuple[_Inspection, _Inspection]]
) -> list[Finding]:
    """The findings of all, with the leaks between the pairs that should share no picture."""
    findings = [finding for inspection in inspected for finding in inspection.findings]
    for first, second in apart:
        findings += _leaks(first.pictures, second.pictures)
    return in_report_order(findings)


def _inspect(
    source: Source, pictures: str | Path | None, open_pictures: bool, track: Progress
) -> _Inspection:
    found = _Inspection()
    for item in track(_read(source, pictures), "Labels", None):
        if isinstance(item, Finding):
            found.findings.append(item)
        else:
            _look_at_labels(item, found)
    if open_pictures:
        _look_at_pictures(found, track)
    else:
        found.findings += [_missing(seen) for seen in found.pictures if seen.ref.missing]
    found.findings += _pictures_twice(found.pictures)
    found.findings += _names(found)
    found.findings += _emptiness(str(source), found)
    return found


def _read(source: Source, pictures: str | Path | None) -> Iterator[LabelledPicture | Finding]:
    """The pictures of a data set, and a finding for what cannot be read."""
    if isinstance(source, LabelledSet):
        yield from source
        return
    try:
        reading = open_labels(source, pictures)
        labelled: set[str] = set()  # real paths; Path.resolve() may fail on a loop of links
        for item in reading:
            if isinstance(item, Fault):
                yield _of(item)
            else:
                labelled.add(os.path.realpath(item.path))
                yield item
    except DatasetError as error:
        yield Finding("empty-dataset", "error", str(source), _without(source, error))
        return
    except KirinukiError as error:
        yield Finding("unreadable-labels", "error", str(source), _without(source, error))
        return
    for note in reading.notes:
        yield Finding("read-otherwise", "warning", str(source), note)
    if reading.format == "labelme":
        yield from _without_labels(Path(source), labelled)


def _of(fault: Fault) -> Finding:
    return Finding(fault.kind, "error", fault.file, fault.message, fault.picture, fault.shape)


def _without(source: str | Path, error: KirinukiError) -> str:
    """The words of an error that may begin with the source."""
    return str(error).removeprefix(f"{source}").lstrip(":, ")


def _without_labels(folder: Path, labelled: set[str]) -> Iterator[Finding]:
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        is_picture = path.suffix.lower() in PICTURE_SUFFIXES and path.is_file()
        if is_picture and os.path.realpath(path) not in labelled:
            message = "has no label file; label it, or leave it out"
            yield Finding("unlabelled-picture", "warning", str(path), message)


def _look_at_labels(item: LabelledPicture, found: _Inspection) -> None:
    characters = item.characters
    found.pictures.append(
        _Seen(item.file, item.inside, item.picture, item.size_hw, len(characters))
    )
    found.findings += map(_of, item.faults)
    for one in characters:
        found.names[one.name] += 1
        if one.name not in found.first_use:
            place = Finding("similar-names", "warning", item.file, "", item.inside, one.where)
            found.first_use[one.name] = place
        if one.alpha is not None and not one.alpha.is_file():
            message = f"its alpha file {one.alpha} is not there; compose or export it again"
            found.findings.append(_of(item.fault("broken-label", message, one.where)))
    found.findings += shape_faults(item)
    if not characters and not item.faults:
        message = "has no labels; label it, or keep it if no character is in it"
        found.findings.append(
            Finding("unlabelled-picture", "warning", item.file, message, item.inside)
        )


def _look_at_pictures(found: _Inspection, track: Progress) -> None:
    """Open every picture once, even when several entries name it."""
    by_ref: dict[PictureRef, list[_Seen]] = defaultdict(list)
    for seen in found.pictures:
        if seen.ref.missing:
            found.findings.append(_missing(seen))
        else:
            by_ref[seen.ref].append(seen)
    for ref, result in track(fingerprints(by_ref), "Pictures", len(by_ref)):
        for seen in by_ref[ref]:
            if isinstance(result, Fingerprint):
                seen.print = result
                found.findings += _size_mismatch(seen, result.size_hw)
            else:
                message = str(result).removeprefix(f"{ref.path}: ")
                found.findings.append(
                    Finding("unreadable-picture", "error", seen.file, message, seen.picture)
                )


def _missing(seen: _Seen) -> Finding:
    message = one_line(f"its picture {seen.ref.path} {seen.ref.missing}")
    return Finding("missing-picture", "error", seen.file, message, seen.picture)


def _size_mismatch(seen: _Seen, size_hw: tuple[int, int]) -> Iterator[Finding]:
    if seen.size_hw == size_hw:
        return
    (height, width), (real_height, real_width) = seen.size_hw, size_hw
    remedy = "label this version of the picture, or put the labelled one back"
    if seen.size_hw == size_hw[::-1]:
        remedy = "was it turned after labelling, or labelled without its EXIF rotation?"
    message = f"labelled as {width}×{height}, but the picture is {real_width}×{real_height}; "
    yield Finding("size-mismatch", "error", seen.file, message + remedy, seen.picture)


def _pictures_twice(pictures: Sequence[_Seen]) -> Iterator[Finding]:
    """The same pixels in two entries: an error when the two disagree about what is in them."""
    first: dict[str, _Seen] = {}
    for seen in pictures:
        key = seen.print.digest if seen.print else str(seen.ref.path)
        if isinstance(seen.ref, FrameRef):  # frames repeat
            continue
        other = first.setdefault(key, seen)
        if other is seen:
            continue
        if other.shapes == seen.shapes:
            message = f"is the same picture as {other.label}; keep one of the two"
            yield Finding("duplicate-picture", "warning", seen.file, message, seen.picture)
        else:
            message = (
                f"is the same picture as {other.label}, but has {seen.shapes} shapes here and "
                f"{other.shapes} there; keep the right one"
            )
            yield Finding("duplicate-picture", "error", seen.file, message, seen.picture)


def _names(found: _Inspection) -> Iterator[Finding]:
    names = list(found.names)
    for first, second in similar_names(names):
        rare, common = sorted((first, second), key=lambda name: found.names[name])
        place = found.first_use[rare]
        message = (
            f'class "{rare}" ({_count(found.names[rare], "shape")}) looks like "{common}" '
            f"({_count(found.names[common], 'shape')}); if they are one, rename it "
            f"(data convert --map {rare}={common})"
        )
        yield Finding("similar-names", "warning", place.file, message, place.picture, place.shape)


def _emptiness(name: str, found: _Inspection) -> Iterator[Finding]:
    if any(one.kind in ("unreadable-labels", "empty-dataset") for one in found.findings):
        return
    if not found.pictures:
        message = "holds no labelled pictures"
        yield Finding("empty-dataset", "error", name, message)
    elif not found.names:
        message = (
            f"{_count(len(found.pictures), 'picture')}, but not one usable shape; label some first"
        )
        yield Finding("empty-dataset", "error", name, message)


def _leaks(first: Sequence[_Seen], second: Sequence[_Seen]) -> Iterator[Finding]:
    """One finding for each picture of `second` that `first` shows too."""
    by_digest: dict[str, _Seen] = {}
    for seen in first:
        by_digest.setdefault(seen.print.digest if seen.print else str(seen.ref.path), seen)
    near: dict[int, list[int]] = defaultdict(list)
    for i, j in near_pairs(_bits(first), _bits(second)):
        near[j].append(i)
    for j, seen in enumerate(second):
        same = by_digest.get(seen.print.digest if seen.print else str(seen.ref.path))
        if same:
            message = f"is also in {same.label}; keep it on one side only"
        elif near[j]:
            more = f" and {len(near[j]) - 1} more there" if len(near[j]) > 1 else ""
            message = (
                f"is nearly the same frame as {first[near[j][0]].label}{more}; keep frames of one "
                "clip on one side (kirinuki data split does)"
            )
        else:
            continue
        yield Finding("split-leak", "error", seen.file, message, seen.picture)


def _bits(pictures: Sequence[_Seen]) -> list[NDArray[np.bool_] | None]:
    return [seen.print.bits if seen.print else None for seen in pictures]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
