"""``kirinuki demo``: the example inside the package is cut, to see at once what comes out.

Not covered: cutting (`cut`).
"""

from __future__ import annotations

from pathlib import Path

import click

import kirinuki
from kirinuki.cli import cut
from kirinuki.cli.next_step import say_next

EXAMPLE = Path(kirinuki.__file__).parent / "server" / "page" / "example.webp"
"""The one that the server's page offers, too; this project drew it, 1280 x 720."""
OUT = Path("kirinuki-demo")


@click.command(name="demo")
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    default=OUT,
    show_default=True,
    help="Folder of the results.",
)
@click.pass_context
def command(context: click.Context, out: Path) -> None:
    """Cut an example that is in the package: each character, an overlay, all on a gradient.

    Needs no file and no connection, and replaces the results of an earlier demo.
    """
    try:
        context.invoke(
            cut.command,
            inputs=(str(EXAMPLE),),
            out=out,
            overwrite=True,
            cutout=True,
            overlay=True,
            background="white..#9cf",
            padding=8,
        )
    except SystemExit as ended:
        if not ended.code:
            say_next("cut", "YOUR-PICTURE.png")
        raise
