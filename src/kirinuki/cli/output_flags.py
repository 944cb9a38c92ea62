"""Flags of ``kirinuki cut``, made from the options of its outputs: a flag for each output, which
takes its `value` if it has one, and one for each other field, whichever outputs share it.

Not covered: what the outputs are (`cutting.outputs`).
"""

from __future__ import annotations

from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any

import click

from kirinuki.cli.options import Command
from kirinuki.cutting.outputs.output import Output
from kirinuki.cutting.outputs.registry import DEFAULTS, OUTPUTS


def output_flags(command: Command) -> Command:
    """Adds them all."""
    made: dict[str, Any] = {name: _flag(output) for name, output in OUTPUTS.items()}
    for output in OUTPUTS.values():
        for field in _shared(output):
            made.setdefault(field.name, _option(field))
    for option in reversed(made.values()):
        command = option(command)
    return command


def take_outputs(given: dict[str, Any]) -> dict[str, Any]:
    """Options by output of those that are asked for; all their parameters are taken out."""
    asked = {name: given.pop(name) for name in OUTPUTS}
    names = {field.name for output in OUTPUTS.values() for field in _shared(output)}
    shared = {name: given.pop(name) for name in names}
    chosen = {}
    for name, output in OUTPUTS.items():
        if asked[name]:
            said = {f.name: shared[f.name] for f in _shared(output)}
            own = {} if asked[name] is True else {"value": asked[name]}
            chosen[name] = output.options(**said, **own)
    return chosen or {name: _default(OUTPUTS[name], shared) for name in DEFAULTS}


def _default(output: Output, shared: dict[str, Any]) -> Any:
    return output.options(**{field.name: shared[field.name] for field in _shared(output)})


def _shared(output: Output) -> list[Field[Any]]:
    return [field for field in fields(output.options) if field.name != "value"]


def _flag(output: Output) -> Any:
    own = next((f for f in fields(output.options) if f.name == "value"), None)
    if own is None:
        return click.option(f"--{output.name}", output.name, is_flag=True, help=output.help)
    return click.option(f"--{output.name}", output.name, help=output.help, **_kind(own))


def _option(field: Field[Any]) -> Any:
    name = "--" + field.name.replace("_", "-")
    kind: dict[str, Any] = {"is_flag": True} if field.default is False else _kind(field)
    return click.option(name, field.name, help=field.metadata["help"], **kind)


def _kind(field: Field[Any]) -> dict[str, Any]:
    """How click reads a field."""
    kind: dict[str, Any] = {}
    about = field.metadata
    if "choices" in about:
        kind["type"] = click.Choice(about["choices"])
    elif "range" in about:
        kind["type"] = click.IntRange(*about["range"])
    elif field.type in (Path, "Path"):
        kind["type"] = click.Path(path_type=Path, dir_okay=False)
    if "metavar" in about:
        kind["metavar"] = about["metavar"]
    if field.default not in (MISSING, None):
        kind |= {"default": field.default, "show_default": True}
    return kind
