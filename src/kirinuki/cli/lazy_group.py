"""`LazyGroup`: verbs that live one a file and are imported when asked for.

Other distributions may bring verbs, as entry points. Not covered: what a verb does.
"""

from __future__ import annotations

import importlib
import re
from importlib.metadata import EntryPoint, entry_points
from itertools import pairwise
from typing import Any

import click

from kirinuki.cli.ctrl_c import Stopped
from kirinuki.cli.flags import in_flags
from kirinuki.cli.voice import with_version, with_voice
from kirinuki.errors import KirinukiError, one_line

_NO_VALUE = re.compile(r"--[a-z-]+=")
VERB = "kirinuki.verb"
"""Where a context keeps the verb that it came to."""


class LazyGroup(click.Group):
    """A group whose verbs are modules of one package, each with its `command`.

    Args:
        package: where the modules are.
        verbs: name of a module → what it does, in one line.
        added_by: entry point group of the verbs that other distributions bring; each names a click
            command. They come last, and never in place of ours.
    """

    def __init__(
        self, *, package: str, verbs: dict[str, str], added_by: str = "", **kwargs: object
    ) -> None:
        super().__init__(**kwargs)  # type: ignore[arg-type]
        self.package = package
        self.verbs = verbs
        self.added_by = added_by

    def added(self) -> dict[str, EntryPoint]:
        """The verbs of other distributions, none of them imported yet."""
        if not self.added_by:
            return {}
        found = {point.name: point for point in entry_points(group=self.added_by)}
        return {name: found[name] for name in sorted(found.keys() - self.verbs.keys())}

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*self.verbs, *self.added()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        command: click.Command | None = None
        if cmd_name in self.verbs:
            command = importlib.import_module(f"{self.package}.{cmd_name}").command
        elif (point := self.added().get(cmd_name)) is not None:
            command = point.load()
        return None if command is None else with_voice(with_version(command))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        for before, word in pairwise(args):
            if not word or _NO_VALUE.fullmatch(word):  # an empty path would be the current folder
                what = word.rstrip("=") or f"the word after '{before}'"
                raise click.UsageError(f"{what} is empty", ctx)
        found = super().resolve_command(ctx, args)
        ctx.meta[VERB] = found[1]
        return found

    def invoke(self, ctx: click.Context) -> Any:
        """Run the verb. What click says of wrong usage repeats words from outside; what the library
        refuses is said in the verb's flags."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise Stopped from None
        except click.exceptions.NoArgsIsHelpError:
            raise  # its message is the help
        except click.ClickException as error:
            line = one_line(error.format_message())
            error.format_message = lambda: line  # type: ignore[method-assign]
            raise
        except KirinukiError as error:
            error.args = (in_flags(str(error), ctx.meta[VERB]), *error.args[1:])
            raise

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        added = [(name, point.load().get_short_help_str()) for name, point in self.added().items()]
        with formatter.section("Commands"):
            formatter.write_dl([*self.verbs.items(), *added])
