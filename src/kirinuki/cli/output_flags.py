"""Flags of ``kirinuki cut``, made from dataclasses: a flag for each output, which takes its `value`
if it has one, one for each other field of its options, whichever outputs share it, and one for each
field of `Edges`, `Part` and `Selection` that has help.

Not covered: what the outputs are (`cutting.outputs`).
"""

from __future__ import annotations

from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any, TypeVar, cast

import click

from kirinuki.cli.flags import in_flags
from kirinuki.cli.options import Command as Decorated
from kirinuki.cli.options import Numbers, Seconds
from kirinuki.cutting.edges import Edges
from kirinuki.cutting.outputs.options import flag_of
from kirinuki.cutting.outputs.output import Output
from kirinuki.cutting.outputs.registry import DEFAULTS, OUTPUTS
from kirinuki.cutting.part import Part
from kirinuki.cutting.selection import Selection
from kirinuki.errors import KirinukiError

Options = TypeVar("Options")


class Command(click.Command):
    """One whose options may stand alone though they take a value: what follows such an option is
    its value only if it is one of its choices, ``--matte each``, and else an input."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        alone = {
            param.opts[0]: param
            for param in self.params
            if isinstance(param, click.Option) and isinstance(param.flag_value, str)
        }
        for place, (word, following) in enumerate(zip(args, [*args[1:], ""], strict=False)):
            param = alone.get(word)
            if param is not None and following not in cast(click.Choice[str], param.type).choices:
                args[place] = f"{word}={param.flag_value}"
        return super().parse_args(ctx, args)


def output_flags(command: Decorated) -> Decorated:
    """Adds them all."""
    made: dict[str, Any] = {name: _flag(output) for name, output in OUTPUTS.items()}
    for output in OUTPUTS.values():
        for field in _shared(output):
            made.setdefault(field.name, _option(field))
    for option in reversed(made.values()):
        command = option(command)
    return command


def job_flags(command: Decorated) -> Decorated:
    """Adds those of `Edges`, of `Part`, and of `Selection` what has help there."""
    for field in reversed([f for kind in (Edges, Part, Selection) for f in _told(kind)]):
        command = _option(field)(command)
    return command


def take(kind: type[Options], given: dict[str, Any], **others: Any) -> Options:
    """Options of a kind, and `others` of its fields; their parameters are taken out. What they
    refuse is wrong usage."""
    try:
        return kind(**{field.name: given.pop(field.name) for field in _told(kind)}, **others)
    except KirinukiError as error:
        raise click.UsageError(in_flags(str(error))) from None


def take_outputs(given: dict[str, Any]) -> dict[str, Any]:
    """Options by output of those that are asked for; all their parameters are taken out."""
    asked = {name: given.pop(name) for name in OUTPUTS}
    if not any(asked.values()):
        asked |= dict.fromkeys(DEFAULTS, True)
    names = {field.name for output in OUTPUTS.values() for field in _shared(output)}
    shared = {name: given.pop(name) for name in names}
    chosen = {}
    for name, value in asked.items():
        if value:
            said = {field.name: shared[field.name] for field in _shared(OUTPUTS[name])}
            own = {} if value is True else {"value": value}
            try:
                chosen[name] = OUTPUTS[name].options(**said, **own)
            except KirinukiError as error:
                raise click.UsageError(in_flags(str(error))) from None
    _refuse_idle(shared, asked)
    return chosen


def _refuse_idle(shared: dict[str, Any], asked: dict[str, Any]) -> None:
    """Options that are given, of outputs that are not asked for."""
    for field in {f.name: f for output in OUTPUTS.values() for f in _shared(output)}.values():
        of = [
            output.name
            for output in OUTPUTS.values()
            if field.name in (f.name for f in _shared(output))
        ]
        if shared[field.name] != field.default and not any(asked[name] for name in of):
            outputs = " or ".join(f"--{name}" for name in of)
            raise click.UsageError(f"--{flag_of(field)} is of {outputs}; ask for it, too")


def _told(kind: Any) -> list[Field[Any]]:
    """Fields that make a flag."""
    return [field for field in fields(kind) if "help" in field.metadata]


def _shared(output: Output) -> list[Field[Any]]:
    return [field for field in fields(output.options) if field.name != "value"]


def _flag(output: Output) -> Any:
    own = next((f for f in fields(output.options) if f.name == "value"), None)
    if own is None:
        return click.option(f"--{output.name}", output.name, is_flag=True, help=output.help)
    kind = _kind(own)
    if own.default is not MISSING:  # may stand alone
        kind |= {"is_flag": False, "flag_value": own.default, "default": None}
        kind |= {"show_default": False, "metavar": f"[{'|'.join(own.metadata['choices'])}]"}
    return click.option(f"--{output.name}", output.name, help=output.help, **kind)


def _option(field: Field[Any]) -> Any:
    kind: dict[str, Any] = {"is_flag": True} if field.default is False else _kind(field)
    return click.option(f"--{flag_of(field)}", field.name, help=field.metadata["help"], **kind)


def _kind(field: Field[Any]) -> dict[str, Any]:
    """How click reads a field."""
    kind: dict[str, Any] = {}
    about = field.metadata
    if "numbers" in about:
        kind["type"] = Numbers(about["metavar"])
    elif "choices" in about:
        kind["type"] = click.Choice(about["choices"])
    elif "range" in about:
        kind["type"] = click.IntRange(*about["range"])
    elif "Fraction" in str(field.type):
        kind["type"] = Seconds()
    elif field.type in (Path, "Path"):
        kind["type"] = click.Path(path_type=Path, dir_okay=False)
    if "metavar" in about:
        kind["metavar"] = about["metavar"]
    if field.default == ():
        kind["multiple"] = True
    elif field.default not in (MISSING, None):
        kind |= {"default": field.default, "show_default": True}
    return kind
