"""``kirinuki data prelabel``: label files by the model, for a human to correct."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kirinuki.cli.flags import in_flags
from kirinuki.cli.next_step import say_next
from kirinuki.cli.options import hardware_options, target_format
from kirinuki.cli.voice import complain, say
from kirinuki.errors import reason_of
from kirinuki.formats.registry import FORMATS
from kirinuki.work.planned import Problem
from kirinuki.work.summary import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kirinuki.formats.label_format import LabelFormat
    from kirinuki.labelling.prelabel import ShapeKind, Survey
    from kirinuki.segmenter.segmenter import Segmenter


@click.command(name="prelabel")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--model",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A model made by 'kirinuki export'.  [default: the one inside the package]",
)
@click.option(
    "--threshold",
    type=click.FloatRange(0, 1),
    help="Score from which a character is labelled.  [default: half of the model's own, because "
    "to delete a label is less work than to draw one]",
)
@click.option(
    "--shapes",
    type=click.Choice(["polygon", "mask"]),
    default="polygon",
    show_default=True,
    help="Polygons, which can be edited, or exact masks, which cannot.",
)
@click.option(
    "-o",
    "--out",
    "--output",
    "output",
    type=click.Path(path_type=Path),
    help="Write the labels of all pictures that have none by hand there, in any format, instead of "
    "LabelMe files beside them.",
)
@click.option(
    "--to",
    type=click.Choice(sorted(FORMATS)),
    help="The format of --out, where its name does not say it (.json is COCO).",
)
@click.option(
    "--overwrite",
    is_flag=True,
    help="Label anew what a model labelled and nobody has changed since. Labels that somebody made "
    "or corrected always stay.",
)
@hardware_options
def command(
    folder: Path,
    model: Path | None,
    threshold: float | None,
    shapes: ShapeKind,
    output: Path | None,
    to: str | None,
    overwrite: bool,
    provider: str,
    threads: int | None,
) -> None:
    """Let the model label pictures, to be corrected by hand in LabelMe.

    Beside each picture of FOLDER (and of the folders in it) that has none, a LabelMe file is
    written; pictures that have one are passed over, so that a run that was stopped can be started
    again. FOLDER/review.csv lists the pictures that a model labelled and nobody has corrected yet,
    the most doubtful first.

    The exit status is 1 when a picture failed; all the others are labelled all the same.
    """
    from kirinuki.labelling.prelabel import survey
    from kirinuki.labelling.prelabel_review import REVIEW_NAME, refuse_foreign, write_review

    found = survey(folder)
    if output is not None:
        target = target_format(output, to, video=False)  # before the model loads
        _write_set(found, output, target, overwrite, _load(model, threshold, provider, threads))
        return
    review = folder / REVIEW_NAME
    refuse_foreign(review)
    todo = [*found.unlabelled, *(found.by_model if overwrite else ())]
    before = len(found.by_model) + len(found.unlabelled) - len(todo)
    done: list[Path] = []
    try:
        if todo:
            segmenter = _load(model, threshold, provider, threads)
            _label(sorted(todo), found, segmenter, shapes, done)
    except KeyboardInterrupt:
        complain(f"stopped with {len(todo) - len(done)} to go; start it again to go on")
        sys.exit(130)  # as a shell reports a program that Ctrl-C ended
    finally:
        write_review({found.name(path): doubt for path, doubt in found.by_model.items()}, review)
    _end(found, done, before, review)


def _write_set(
    found: Survey, output: Path, target: LabelFormat, overwrite: bool, segmenter: Segmenter
) -> None:
    """Label what has no labels by hand, as one set."""
    from kirinuki.cli.data.progress import progress_bar
    from kirinuki.labelling.prelabel import prelabelled

    todo = sorted([*found.unlabelled, *found.by_model])
    with progress_bar() as track:
        pictures = prelabelled(found, track(todo, "labelling", len(todo)), segmenter)
        written = list(target.write(pictures, segmenter.names, output, overwrite))
    found.problems += [one.failure for one in written if one.failure is not None]
    for problem in found.problems:
        complain(f"failed: {in_flags(problem)}")
    done = sum(one.failure is None for one in written)
    say(f"{counted(done, 'picture')} labelled, {len(found.by_hand)} had labels by hand")
    say_next("data", "check", output)
    if found.problems:
        sys.exit(1)


def _load(
    model: Path | None, threshold: float | None, provider: str, threads: int | None
) -> Segmenter:
    """Open the model, at the threshold for labels, and say which it is."""
    import cv2

    from kirinuki.segmenter.segmenter import Segmenter

    if threads is not None:
        cv2.setNumThreads(threads)
    segmenter = Segmenter.load(model, provider=provider, threads=threads, score=threshold)
    if threshold is None:
        segmenter.score = segmenter.info.score / 2
    name = " ".join(filter(None, (segmenter.info.arch, segmenter.info.version))) or "unnamed"
    say(f"model: {name}; labels from a score of {segmenter.score:g}")
    return segmenter


def _label(
    todo: Sequence[Path], found: Survey, segmenter: Segmenter, shapes: ShapeKind, done: list[Path]
) -> None:
    """Label pictures; what is done and what failed is added to `done` and `found`."""
    from kirinuki.cli.data.progress import progress_bar
    from kirinuki.labelling.prelabel import prelabel

    with progress_bar() as track:
        for picture in track(todo, "labelling", len(todo)):
            again = picture in found.by_model
            try:
                found.by_model[picture] = prelabel(picture, segmenter, shapes, overwrite=again)
            except Exception as error:  # one picture must not cost the rest
                found.problems.append(_line(picture, error))
            else:
                done.append(picture)


def _line(picture: Path, error: Exception) -> str:
    """One line that names the picture once."""
    return str(Problem(str(picture), in_flags(reason_of(error))))


def _end(found: Survey, done: Sequence[Path], before: int, review: Path) -> None:
    """Say what happened and leave with the exit status that says it too."""
    for problem in found.problems:
        complain(f"failed: {problem}")
    doubts = [found.by_model[picture] for picture in done]
    characters = sum(doubt.characters for doubt in doubts)
    without = sum(not doubt.characters for doubt in doubts)
    notes = {
        "without": without,
        "labelled by a model before": before,
        "labelled by hand, left as they are": len(found.by_hand),
        "failed": len(found.problems),
    }
    counts = [f"{counted(len(done), 'picture')} labelled, {counted(characters, 'character')}"]
    say(", ".join([*counts, *(f"{n} {note}" for note, n in notes.items() if n)]))
    say(f"look first at the top of: {review}")
    say_next("data", "review", found.folder)
    if found.problems:
        sys.exit(1)
