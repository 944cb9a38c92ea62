"""How much a verb says on stderr: with ``-q`` faults alone, with ``-v`` also what goes on inside.

What is said goes through `logging`, under "kirinuki", so that programs that call the library hear
the same. Results, on stdout, and faults are no part of it: they are always said. All that verbs
print passes through here, or through `terminal`.
"""

from __future__ import annotations

import logging
from traceback import format_exception

import click

from kirinuki import __version__
from kirinuki.errors import escaped, in_json

LOG = logging.getLogger("kirinuki")


class _Stderr(logging.Handler):
    """Writes to what is stderr now, as `click.echo` does."""

    def emit(self, record: logging.LogRecord) -> None:
        text = escaped(record.getMessage())
        if record.exc_info:
            text += "\n" + "".join(format_exception(*record.exc_info)).rstrip()
        click.echo(text, err=True)


if not any(isinstance(handler, _Stderr) for handler in LOG.handlers):
    LOG.addHandler(_Stderr())
    LOG.setLevel(logging.INFO)


def say(line: str) -> None:
    """Say what is good to know; not a result, not a fault."""
    LOG.info("%s", line)


def tell(line: str) -> None:
    """Say a result, on stdout; words from outside are `escaped`."""
    click.echo(escaped(line))


def tell_json(text: str) -> None:
    """Say JSON, on stdout: its strings hold no control characters, but for those that JSON itself
    lets through, which become escapes of JSON."""
    click.echo(in_json(text))


def complain(line: str) -> None:
    """Say a fault, on stderr, however quiet all else is."""
    click.echo(escaped(line), err=True)


def is_quiet() -> bool:
    """Whether not even progress is to be shown."""
    return not LOG.isEnabledFor(logging.INFO)


def _choose(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    chosen = context.meta.setdefault(__name__, set())
    if value:
        chosen.add(parameter.name)
    if len(chosen) > 1:
        raise click.UsageError("-q and -v exclude each other", context)
    level = {"quiet": logging.WARNING, "verbose": logging.DEBUG}.get("".join(chosen), logging.INFO)
    LOG.setLevel(level)


def with_voice(command: click.Command) -> click.Command:
    """Adds ``-q`` and ``-v`` to a verb that lacks them."""
    if not any(parameter.name == "verbose" for parameter in command.params):
        command.params += [
            click.Option(
                ["-q", "--quiet"],
                is_flag=True,
                expose_value=False,
                callback=_choose,
                help="Say nothing on stderr but faults.",
            ),
            click.Option(
                ["-v", "--verbose"],
                is_flag=True,
                expose_value=False,
                callback=_choose,
                help="Say on stderr what goes on inside, and where an error came from.",
            ),
        ]
    return command


def with_version(command: click.Command) -> click.Command:
    """Adds ``-V`` to a verb that lacks it; the help of all verbs together tells of it."""
    if not any("-V" in parameter.opts for parameter in command.params):
        option = click.version_option(
            __version__, "-V", "--version", prog_name="kirinuki", hidden=True
        )
        option(command)
    return command
