"""`kirinuki data check`: print what `kirinuki.dataset.check` finds, grouped by kind."""

from __future__ import annotations

import json
import sys
from itertools import groupby
from pathlib import Path

import click
from rich.text import Text

from kirinuki.cli.data.progress import progress_bar
from kirinuki.cli.flags import in_flags
from kirinuki.cli.next_step import say_next
from kirinuki.cli.options import pictures_option
from kirinuki.cli.terminal import Terminal
from kirinuki.cli.voice import tell_json
from kirinuki.dataset.check import check_sources
from kirinuki.dataset.findings import KINDS, Finding
from kirinuki.errors import OutputError, escaped, in_json
from kirinuki.images.picture import write_atomically

SHOWN = 20
"""Findings of one kind that the terminal shows; the JSON report has all of them."""


@click.command()
@click.argument("sources", nargs=-1, required=True, type=click.Path(path_type=Path))
@pictures_option
@click.option(
    "--json",
    "report",
    metavar="FILE",
    help="Write all findings as JSON to FILE, or to standard output with '-'.",
)
@click.option("--strict", is_flag=True, help="Exit with status 1 for warnings too.")
@click.option("--overwrite", is_flag=True, help="Replace an existing JSON report.")
def command(
    sources: tuple[Path, ...],
    pictures: Path | None,
    report: str | None,
    strict: bool,
    overwrite: bool,
) -> None:
    """Name everything that is wrong with a data set, each with file and shape.

    SOURCES are files or folders of labels, in any format. Give two, such as train.json val.json, to
    find pictures and near-identical frames that stand on both sides of a split.

    Nothing is changed. Exit status 1 when there is an error, 0 when there are only warnings.
    """
    if report not in (None, "-") and Path(str(report)).exists() and not overwrite:
        raise OutputError(f"{report}: exists already; pass --overwrite to replace it")
    with progress_bar() as track:
        findings = check_sources(sources, pictures, track=track)
    if report == "-":
        tell_json(_as_json(findings))
    else:
        _print(findings)
        if report is not None:
            with write_atomically(report, overwrite) as temporary:
                temporary.write_text(_as_json(findings) + "\n", encoding="utf-8")
    if any(finding.level == "error" or strict for finding in findings):
        sys.exit(1)
    _say_next(sources, pictures)


def _say_next(sources: tuple[Path, ...], pictures: Path | None) -> None:
    where = () if pictures is None else ("--pictures", pictures)
    if len(sources) == 1:
        say_next("data", "split", *sources, *where)
    else:  # as `train` takes them: the last is the one to validate on
        *train, val = sources
        say_next("train", *train, "--val", val, *where, "--init", "default", "-o", "run")


def _as_json(findings: list[Finding]) -> str:
    errors = sum(finding.level == "error" for finding in findings)
    content = {
        "errors": errors,
        "warnings": len(findings) - errors,
        "findings": [
            {**finding.to_json(), "message": in_flags(finding.message)} for finding in findings
        ],
    }
    return in_json(json.dumps(content, ensure_ascii=False, indent=2))


def _print(findings: list[Finding]) -> None:
    console = Terminal()
    for (level, kind), group in groupby(findings, key=lambda found: (found.level, found.kind)):
        found = list(group)
        colour = "red" if level == "error" else "yellow"
        said = f": {len(found)} × {KINDS[kind]}"
        console.print(Text.assemble((level, f"bold {colour}"), said))
        for finding in found[:SHOWN]:
            where, message = escaped(finding.where), escaped(in_flags(finding.message))
            console.print(Text.assemble("  ", (where, "bold"), f": {message}"))
        if len(found) > SHOWN:
            console.print(f"  … and {len(found) - SHOWN} more (--json FILE names them all)")
    errors = sum(finding.level == "error" for finding in findings)
    if not findings:
        console.print("Nothing wrong was found.", style="green")
    else:
        console.print(f"{_count(errors, 'error')}, {_count(len(findings) - errors, 'warning')}.")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
