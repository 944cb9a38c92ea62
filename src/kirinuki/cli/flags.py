"""Messages of the library speak of arguments, those of the command of flags: `in_flags` puts the
one in the place of the other.

Not covered: the flags themselves (each verb's file).
"""

from __future__ import annotations

import re

import click

from kirinuki.errors import ARGUMENT

CALLED = {"out": "output", "held_out": "hold_out", "val_share": "share", "rename": "renames"}
"""What verbs call the parameter of an argument where they do not call it as the library does."""


def flag_of(argument: str, command: click.Command) -> str | None:
    """The flag of a command that sets an argument of the library; None where it has none."""
    for name in (argument, CALLED.get(argument)):
        for parameter in command.params:
            long = "--" + argument.replace("_", "-")
            if isinstance(parameter, click.Option) and (
                parameter.name == name or long in parameter.opts
            ):
                return min(parameter.opts, key=len) if name == "out" else parameter.opts[-1]
    return None


def in_flags(message: str, command: click.Command | None = None) -> str:
    """A message of the library in the words of the command line.

    Args:
        command: the verb that says it; None is the one that runs.
    """
    verb = command or click.get_current_context().command

    def flag(found: re.Match[str]) -> str:
        return flag_of(found[1], verb) or found[0]

    return ARGUMENT.sub(flag, message)
