"""``kirinuki train``: options are made from the fields of `TrainConfig`, in its own words."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from kirinuki.cli.flags import in_flags
from kirinuki.cli.next_step import say_next
from kirinuki.cli.voice import complain, say, tell
from kirinuki.errors import ARGUMENT, DatasetError, MissingExtraError, TrainingError
from kirinuki.training.config import ARCHS, FINE_TUNING_RATE, PRECISIONS, TrainConfig, field_docs
from kirinuki.work.summary import counted

if TYPE_CHECKING:
    from kirinuki.training.loop.runner import Finished

SPECIAL = ("names", "data", "held_out", "recipe", "first_picture", "labelled_share")
"""Fields that are no plain option: found out, an argument, or read from files."""
CHOICES = {"arch": ARCHS, "precision": PRECISIONS}
METAVARS = {"val": "FILE", "manifest": "CSV", "label_manifest": "CSV", "init": "FILE|default"}
IN_WORDS = ("workers",)
"""Fields whose default the words tell, for it depends on the machine."""
WITH_INIT = {
    "arch": "; that of --init",
    "input_size": "; that of --init",
    "learning_rate": f"; with --init {FINE_TUNING_RATE:g}",
}
OF_KIND = {
    "sprites": (
        "composed pictures: name `sprites` and `backgrounds`, too",
        ("objects", "manifest", "held_out", "recipe"),
    ),
    "data": ("labelled pictures: name a DATASET, too", ("label_manifest", "pasted")),
}
"""What options are for by the field that they need, and those options."""
FOLDERS = ("pictures", "sprites", "backgrounds", "objects")

Command = TypeVar("Command", bound=Callable[..., Any])
T = TypeVar("T")


def config_options(command: Command) -> Command:
    """Add an option for each plain field of `TrainConfig`; None where the user says nothing."""
    docs, defaults = _docs(), TrainConfig()
    for entry in reversed(fields(TrainConfig)):
        if entry.name in SPECIAL:
            continue
        default = getattr(defaults, entry.name)
        choices = CHOICES.get(entry.name)
        add = click.option(
            f"--{entry.name.replace('_', '-')}",
            entry.name,
            type=click.Choice(choices) if choices else type(default),
            metavar="FOLDER" if entry.name in FOLDERS else METAVARS.get(entry.name),
            default=None,
            help=f"{docs[entry.name]}{_default_shown(entry.name, default)}",
        )
        command = add(command)
    return command


def _docs() -> dict[str, str]:
    """What each field means, in the words of the command."""
    return {
        name: ARGUMENT.sub(lambda found: "--" + found[1].replace("_", "-"), text)
        for name, text in field_docs().items()
    }


def _default_shown(name: str, default: object) -> str:
    if default == "" or name in IN_WORDS:
        return ""
    shown = f"{default:g}" if isinstance(default, float) else str(default)
    return f"  [default: {shown}{WITH_INIT.get(name, '')}]"


def _share(context: click.Context, option: click.Parameter, mix: str | None) -> float | None:
    if mix is None:
        return None
    name, _, share = mix.partition("=")
    try:
        if name.strip() == "labelled":
            return float(share)
    except ValueError:
        pass
    raise click.UsageError(f'--mix is "{mix}"; expected a share of the pictures: labelled=0.5')


@click.command()
@click.argument("data", nargs=-1, metavar="[DATASET]...", type=click.Path())
@click.option(
    "-o",
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("run"),
    show_default=True,
    help="Folder of the run: checkpoints, configuration, numbers, pictures.",
)
@click.option("--resume", is_flag=True, help="Go on with the run in the folder, as it began.")
@click.option("--overwrite", is_flag=True, help="Replace the run in the folder.")
@click.option(
    "--hold-out",
    multiple=True,
    metavar="FILE|SOURCE",
    help=f"{_docs()['held_out']} May be repeated; FILE holds one a line. Without it some are "
    "chosen.",
)
@click.option(
    "--recipe",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help=f"{_docs()['recipe']} A JSON file; what it does not name keeps its default.",
)
@click.option(
    "--mix",
    "labelled_share",
    callback=_share,
    metavar="labelled=SHARE",
    help=f"{_docs()['labelled_share']}  [default: labelled=0.5]",
)
@config_options
def command(
    data: tuple[str, ...],
    out: Path,
    resume: bool,
    overwrite: bool,
    hold_out: tuple[str, ...],
    recipe: Path | None,
    **values: Any,
) -> None:
    """Train a model on labelled pictures, on pictures composed from cutouts, or on both.

    DATASET is a file or folder of labels, in any format; give several to train on all of them. Or
    give --sprites and --backgrounds, and pictures are composed while training; or both, to mix.

    Labels are checked first, as 'kirinuki data check' does. The run is saved every five minutes and
    after each epoch; Ctrl-C stops, --resume goes on exactly from there. docs/training.md says more.
    """
    # OpenMP's threads spin while they wait, by default. With anything else running on the same
    # cores that made training 13 times slower (docs/LOG.md). Set before torch is loaded.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    if not find_spec("lightning"):
        raise MissingExtraError("kirinuki train", "train")
    given = {name: value for name, value in values.items() if value is not None}
    given |= _from_files(data, hold_out, recipe)
    if resume and overwrite:
        raise click.UsageError("--resume and --overwrite exclude each other")
    from kirinuki.training.loop.fit import is_first_process, train

    config = None if resume else _new_config(given)
    if resume:
        _refuse_changes(given, out)
    first = is_first_process()
    finished = train(
        config,
        out,
        overwrite=overwrite,
        track=_track,
        say=lambda line: say(in_flags(line)) if first else None,
    )
    if first:
        _say_how_it_ended(finished)


def _track(items: Iterable[T], description: str, total: int | None) -> Iterator[T]:
    """A bar for each check, gone when it is over: training has a bar of its own."""
    from kirinuki.cli.data.progress import progress_bar

    with progress_bar() as track:
        yield from track(items, description, total)


def _from_files(
    data: tuple[str, ...], hold_out: tuple[str, ...], recipe: Path | None
) -> dict[str, Any]:
    from kirinuki.compose.held_out import read_sources
    from kirinuki.compose.recipe import Recipe

    for source in data:  # before a checkpoint is opened
        if not Path(source).exists():
            raise DatasetError(f"{source}: no such file or folder")
    given: dict[str, Any] = {"data": data} if data else {}
    if hold_out:
        given["held_out"] = read_sources(hold_out)
    if recipe:
        given["recipe"] = Recipe.read(recipe).to_dict()
    return given


def _new_config(given: dict[str, Any]) -> TrainConfig:
    if "labelled_share" in given and not (given.get("data") and given.get("sprites")):
        raise click.UsageError(
            "--mix needs labelled and composed pictures: DATASET, --sprites, --backgrounds"
        )
    _refuse_idle(given)
    if "init" in given:
        from kirinuki.training.networks.initial import read_initial

        arch = str(given.get("arch", ""))
        given = {**read_initial(given["init"], arch).settings(), **given}
    config = TrainConfig(**given)
    if config.finds and config.arch != "refiner":
        raise click.UsageError("--finds is for --arch refiner")
    return config


def _refuse_idle(given: dict[str, Any]) -> None:
    """Options of pictures of a kind that there is none of."""
    for kind, (words, names) in OF_KIND.items():
        for name in names:
            if name in given and not given.get(kind):
                raise click.UsageError(in_flags(f"`{name}` is for {words}"))


def _refuse_changes(given: dict[str, Any], out: Path) -> None:
    """A run goes on with the configuration it began with, so another one is a mistake."""
    from kirinuki.training.loop.run_folder import read_config

    began = read_config(out)
    for name, value in given.items():
        if getattr(began, name) != value:
            raise TrainingError(
                f"{out}: began with other options (`{name}`); leave them out to go on with it, "
                f"or start a new run with `init` {out / 'last.ckpt'}"
            )


def _say_how_it_ended(finished: Finished) -> None:
    out, config = finished.out, finished.config
    if finished.interrupted:
        kept = f"{finished.epochs} of {config.epochs} epochs are kept{_begun(finished)}"
        how = f"go on with: kirinuki train --resume -o {shlex.quote(str(out))}"
        if not (out / "last.ckpt").is_file():
            kept, how = "nothing was saved yet", "start again with --overwrite"
        complain(f"kirinuki: stopped; {kept}; {how}")
        sys.exit(130)
    measure = "IoU" if config.arch == "refiner" else "mask AP"
    best = "" if finished.best is None else f" has {measure} {100 * finished.best:.1f}"
    tell(f"{counted(finished.epochs, 'epoch')} done; {out / 'best.ckpt'}{best}")
    _say_next(out / "best.ckpt", config)


def _begun(finished: Finished) -> str:
    """What is kept of the epoch in which a run was stopped, in words."""
    from kirinuki.training.loop.last_checkpoint import reached_in

    last = finished.out / "last.ckpt"
    batches = reached_in(last).batches if last.is_file() else 0
    return f" and {batches} steps" if batches else ""


def _say_next(checkpoint: Path, config: TrainConfig) -> None:
    """Measure it; where there is no labelled set to measure on, export it."""
    if not config.val:
        say_next("export", checkpoint)
        return
    where = ("--pictures", Path(config.pictures)) if config.pictures else ()
    say_next("eval", checkpoint, Path(config.val), *where)
