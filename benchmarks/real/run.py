"""Measure models on real pictures: a folder of pictures with a mask for every character.

    python benchmarks/real/run.py FOLDER [--model FILE|FOLDER]… [-o REPORT] [--oracles] [--sheet]

Several models are compared picture by picture. Written: ``report.json`` (every number, also of
every picture), ``table.md`` and, with ``--sheet``, ``worst_MODEL.png``. What FOLDER holds, and what
every number means, is said in README.md.
"""

from __future__ import annotations

import argparse
import json
import platform
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from borrowed import markdown_table, terminal_table
from looking import Model, PictureResult, look, open_model
from measures import groups_of
from real_set import LabelledPicture, read_set
from real_tables import tables_of
from rich.console import Console
from summary import report_of
from worst import worst_sheet

from kirinuki import __version__
from kirinuki.cli.data.progress import progress_steps
from kirinuki.errors import KirinukiError
from kirinuki.files import write_atomically
from kirinuki.images.picture import save_png
from kirinuki.training.measured_model import DEFAULT

Results = Mapping[str, Sequence[PictureResult]]


def main(words: Sequence[str] | None = None) -> None:
    arguments = parsed(words)
    try:
        measured(arguments)
    except KirinukiError as error:
        raise SystemExit(f"kirinuki: {error}") from None


def parsed(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure models on real pictures.")
    parser.add_argument("folder", type=Path, help="pictures, masks and list.csv; see README.md")
    parser.add_argument(
        "--model", action="append", help="detector file, folder of both, or 'default'; repeatable"
    )
    parser.add_argument("--split", default="val", help="rows of a list with splits (default: val)")
    parser.add_argument("--score", type=float, help="show from this score, not the model's own")
    parser.add_argument("--threads", type=int, help="CPU threads of one call")
    parser.add_argument("-o", "--out", type=Path, help="report folder; without it: only print")
    parser.add_argument("--oracles", action="store_true", help="also say what loses most")
    parser.add_argument("--sheet", action="store_true", help="also draw the worst twelve; needs -o")
    arguments = parser.parse_args(words)
    arguments.model = list(dict.fromkeys(arguments.model or [DEFAULT]))
    if arguments.sheet and arguments.out is None:
        parser.error("--sheet needs a report folder: -o FOLDER")
    if arguments.score is not None and not 0 <= arguments.score <= 1:
        parser.error(f"--score must lie in [0, 1], but got {arguments.score}")
    return arguments


def measured(arguments: argparse.Namespace) -> None:
    """Measure, print and write.

    Raises:
        KirinukiError: the set, a model or the report folder cannot be used.
    """
    pictures = read_set(arguments.folder, arguments.split)
    models = [open_model(name, arguments.score, arguments.threads) for name in arguments.model]
    results = {model.name: looked(model, pictures, arguments.oracles) for model in models}
    groups = groups_of(next(iter(results.values())))
    titles = {model.name: titled(model, models) for model in models}
    markdown = shown({titles[name]: found for name, found in results.items()}, groups)
    if arguments.out is None:
        return
    content = facts(arguments, models) | report_of(results, groups)
    arguments.out.mkdir(parents=True, exist_ok=True)
    write(arguments.out / "report.json", json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    write(arguments.out / "table.md", markdown)
    if arguments.sheet:
        for number, model in enumerate(models, start=1):
            path = arguments.out / f"worst_{number}_{file_name(model.name)}.png"
            save_png(worst_sheet(model, results[model.name]), path, overwrite=True)
    print(f"report: {arguments.out}")


def looked(model: Model, pictures: Sequence[LabelledPicture], oracles: bool) -> list[PictureResult]:
    with progress_steps(model.name, len(pictures)) as step:
        return list(look(model, pictures, oracles, step))


def shown(results: Results, groups: Mapping[str, Sequence[int]]) -> str:
    """Print every table; the same as Markdown."""
    console = Console()
    markdown = []
    for title, table in tables_of(results, groups):
        console.print(terminal_table(table, title))
        markdown.append(f"**{title}**\n\n{markdown_table(table)}")
    return "\n".join(markdown)


def facts(arguments: argparse.Namespace, models: Sequence[Model]) -> dict[str, object]:
    """What was measured on what."""
    return {
        "kirinuki": __version__,
        "machine": platform.platform(),
        "set": arguments.folder.name,
        "split": arguments.split,
        "scores": {model.name: model.shown.score for model in models},
    }


def titled(model: Model, models: Sequence[Model]) -> str:
    """A short name and the score shown from; the whole name where short ones are the same."""
    short = Path(model.name).name
    alike = [other for other in models if Path(other.name).name == short]
    return f"{short if len(alike) == 1 else model.name}, from {model.shown.score:.2f}"


def file_name(model: str) -> str:
    """The last part of a model's name as part of a file's."""
    return re.sub(r"[^\w.-]+", "_", Path(model).stem) or "model"


def write(path: Path, text: str) -> None:
    with write_atomically(path, overwrite=True) as temporary:
        temporary.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
