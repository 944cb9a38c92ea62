"""Write docs/cli.md: every command and option, as the program itself describes them, and the label
formats.

Run by ``make docs``. A test compares the file with what this would write.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from pathlib import Path

import click

from kirinuki.cli import cli
from kirinuki.cli.lazy_group import LazyGroup
from kirinuki.formats.registry import FORMATS

TARGET = Path(__file__).with_name("cli.md")
EXAMPLES = Path(__file__).with_name("cut_examples.txt")
"""A line an option of ``kirinuki cut``, with a command that a test runs."""

HEAD = """\
# Command line

<!-- Written by docs/generate_cli.py. Change the help texts in src/kirinuki/cli/; make docs. -->

| exit status | what happened |
|---|---|
| 0 | all is well; a picture with nobody in it is no error |
| 1 | an input was refused or failed: one line each on stderr; all else is done |
| 1, silent | nobody reads stdout any more, as after `kirinuki … \\| head -1` |
| 2 | wrong usage: nothing was begun |
| 130 | stopped by Ctrl-C; what is done is in order, and `--resume` goes on |

What happens is said on stderr; stdout is for `--jsonl` and `-o -`. `NO_COLOR=1` leaves colours
out. Shells complete verbs, options and choices: [how](cut.md#in-the-shell).

Other packages may bring verbs that are not on this page: `kirinuki data draw` comes with the
[drawing studio](../packages/kirinuki-draw/README.md).
"""


def commands(
    command: click.Command = cli, parent: click.Context | None = None, name: str = "kirinuki"
) -> Iterator[tuple[click.Context, click.Command]]:
    """Every command with its context, groups before what is in them; no other package's verbs, so
    that the page is the same wherever it is written."""
    if isinstance(command, LazyGroup):
        command = copy(command)
        command.added_by = ""
    context = click.Context(
        command,
        parent=parent,
        info_name=name,
        max_content_width=88,
        help_option_names=(cli.context_settings or {}).get("help_option_names"),
    )
    context.terminal_width = 88
    yield context, command
    if isinstance(command, click.Group):
        for verb in command.list_commands(context):
            child = command.get_command(context, verb)
            assert child is not None
            yield from commands(child, context, verb)


FEATURES = ("crowds", "scores", "kinds", "alphas", "tracks", "embedded pictures")
FORMATS_HEAD = """\
## Label formats

Classes and masks, parts and holes of them included, come through every format. Each of them is
read by `data convert`, `data check`, `data stats`, `data split`, `data preview`, `data review`,
`train`, `eval` and `export --calibrate`.

"""


def formats() -> str:
    """The table of label formats and what else they keep."""
    rows = [
        ("format", "`--to`", "written to", *FEATURES),
        ("---",) * (3 + len(FEATURES)),
    ]
    for name, one in sorted(FORMATS.items()):
        kept = ("yes" if feature in one.keeps else "–" for feature in FEATURES)
        rows.append((one.title, f"`{name}`", one.target or "a folder", *kept))
    return FORMATS_HEAD + "".join(f"| {' | '.join(row)} |\n" for row in rows)


def examples() -> dict[str, str]:
    """A command for each option of ``kirinuki cut``."""
    lines = EXAMPLES.read_text(encoding="utf-8").splitlines()
    parts = (line.split("|", 1) for line in lines)
    return {option.strip(): example.strip() for option, example in parts}


def example_table() -> str:
    """They as a table of the page."""
    rows = [f"| `{option}` | `kirinuki {example}` |" for option, example in examples().items()]
    return "\n".join(["\nAn example of each:\n\n| option | example |\n|---|---|", *rows, ""])


def reference() -> str:
    """The whole file."""
    sections = [
        f"## {context.command_path}\n\n```\n{command.get_help(context)}\n```\n"
        + (example_table() if context.command_path == "kirinuki cut" else "")
        for context, command in commands()
    ]
    return "\n".join([HEAD, *sections, formats()])


if __name__ == "__main__":
    TARGET.write_text(reference(), encoding="utf-8", newline="\n")
