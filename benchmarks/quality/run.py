"""Measure models on the validation set of held-out sources, slice by slice, in one command.

    python benchmarks/quality/run.py --library LIBRARY [--model FILE|FOLDER|CKPT]… -o REPORT

The first run composes the set (300 pictures, minutes) into ``--set``; a stopped one goes on. Every
run checks whether the set is the published one. LIBRARY holds ``sprites``, ``backgrounds``,
``objects`` and ``manifest.csv``. Written: ``report.json``, ``table.md`` and, for every model,
the worst pictures as sheets.

Times here are of this process, medians; what a call costs beside its peers is measured by
``benchmarks/call_speed.py``, which runs here with ``--speed``.
"""

from __future__ import annotations

import argparse
import json
import platform
import re
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from compose_set import compose_set, held_out_library, read_slices
from fingerprint import COMMITTED, difference, facts, fingerprint
from rich.console import Console
from salient import salient_model, union_of_collected, union_of_model, union_rows
from tables import WHOLE, markdown_table, rows, terminal_table

from kirinuki import __version__
from kirinuki.cli.data.progress import progress_bar, progress_steps
from kirinuki.cli.eval import run_model
from kirinuki.compose.numbered_job import default_workers
from kirinuki.errors import KirinukiError
from kirinuki.evaluation.collect import Collected
from kirinuki.evaluation.evaluate import Report, measure
from kirinuki.evaluation.report import worst_sheet
from kirinuki.evaluation.slices import collected_slices
from kirinuki.files import write_atomically
from kirinuki.formats.labelled import LabelledSet
from kirinuki.images.picture import save_png

CACHE = Path.home() / ".cache" / "kirinuki" / "quality-set"
SHEET = 10
"""Pictures on one sheet of the worst."""
CALL_SPEED = Path(__file__).parents[1] / "call_speed.py"


def main() -> None:
    arguments = parsed()
    try:
        dataset, set_facts = the_set(arguments)
        if arguments.out is None:
            return
        arguments.out.mkdir(parents=True, exist_ok=True)
        lines, content = measured(arguments, dataset)
    except KirinukiError as error:
        raise SystemExit(f"kirinuki: {error}") from None
    content = {"kirinuki": __version__, "machine": platform.platform(), "set": set_facts} | content
    write(arguments.out / "report.json", json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    write(arguments.out / "table.md", "\n".join(lines))
    print(f"report: {arguments.out}")


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure models on held-out sources.")
    parser.add_argument("--library", type=Path, required=True, help="sprites, backgrounds, …")
    parser.add_argument("--set", type=Path, default=CACHE, help="folder of the composed set")
    parser.add_argument("--model", action="append", help="repeatable; default: 'default'")
    parser.add_argument("-o", "--out", type=Path, help="report folder; without it: only compose")
    parser.add_argument("--worst", type=int, default=50, help="pictures on the sheets of the worst")
    parser.add_argument("--salient", type=Path, metavar="U2NET.ONNX", help="a peer; see salient.py")
    parser.add_argument("--speed", action="store_true", help="time the call beside its peers, too")
    parser.add_argument("--threads", type=int, help="CPU threads of one call")
    parser.add_argument("--freeze", action="store_true", help="this set becomes the published one")
    return parser.parse_args()


def the_set(arguments: argparse.Namespace) -> tuple[LabelledSet, dict[str, Any]]:
    """The validation set, composed if need be, and what is to be said about it."""
    library = held_out_library(arguments.library)
    with progress_bar() as track:
        dataset = compose_set(
            library, arguments.set, read_slices(), workers=default_workers(), track=track
        )
    with progress_steps("checking the set", len(dataset)) as step:
        found = facts(dataset, fingerprint(dataset, step))
    if arguments.freeze:
        write(COMMITTED, json.dumps(found, indent=2) + "\n")
    other = difference(found)
    print(f"set: {other}" if other else f"set: the published one, {found['sha256'][:12]}")
    return dataset, found | {"published": other is None}


def measured(
    arguments: argparse.Namespace, dataset: LabelledSet
) -> tuple[list[str], dict[str, Any]]:
    """Everything measured: Markdown by line, and the content of ``report.json``."""
    console = Console()
    markdown: list[str] = []
    unions, models = {}, {}

    def show(table: list[list[str]], title: str) -> None:
        console.print(terminal_table(table, title))
        markdown.extend([f"**{title}**\n", markdown_table(table)])

    for model in arguments.model or ["default"]:
        collected = run_model(model, dataset, threads=arguments.threads)
        reports = reports_of(collected)
        models[model] = {name: report.to_json() for name, report in reports.items()}
        unions[model] = union_of_collected(collected)
        show(rows(reports), f"{model}, display score {collected.display_score:.2f}")
        write_worst(reports[WHOLE], collected, arguments.out / folder_name(model), arguments.worst)
    if arguments.salient:
        with progress_steps("U²-Net", len(dataset)) as step:
            model = salient_model(arguments.salient)
            unions["U²-Net, 320²"] = union_of_model(model, dataset, step)
    show(union_rows(unions), "all characters of a picture as one mask")
    content: dict[str, Any] = {"models": models}
    content["unions"] = {name: asdict(union) for name, union in unions.items()}
    if arguments.speed:
        speed = subprocess.run(
            [sys.executable, str(CALL_SPEED)], check=True, stdout=subprocess.PIPE
        )
        markdown.append(speed.stdout.decode())
        print(speed.stdout.decode())
    return markdown, content


def reports_of(collected: Collected) -> dict[str, Report]:
    """The report of the whole set, and of every slice."""
    slices = {name: measure(part) for name, part in collected_slices(collected).items()}
    return {WHOLE: measure(collected)} | slices


def write_worst(report: Report, collected: Collected, folder: Path, count: int) -> None:
    """Sheets of the worst pictures, truth beside finds, ten a sheet: those with characters
    (``worst_…``), and those without where somebody was found all the same (``invented_…``)."""
    folder.mkdir(parents=True, exist_ok=True)
    empty = {i for i, r in enumerate(collected.results) if not r.match.characters}
    kinds = {
        "worst": [p for p in report.pictures if p.number not in empty],
        "invented": [p for p in report.pictures if p.number in empty and p.quality < 1],
    }
    for kind, pictures in kinds.items():
        for first in range(0, min(count, len(pictures)), SHEET):
            shown = pictures[first : min(first + SHEET, count)]
            name = f"{kind}_{first + 1:02}-{first + len(shown):02}.png"
            save_png(worst_sheet(shown, collected), folder / name, overwrite=True)


def folder_name(model: str) -> str:
    """A model's name that fits into a folder's."""
    return re.sub(r"[^\w.-]+", "_", model).strip("_.") or "model"


def write(path: Path, text: str) -> None:
    with write_atomically(path, overwrite=True) as temporary:
        temporary.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
