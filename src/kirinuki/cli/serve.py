"""``kirinuki serve``: cutting over HTTP, and a page for the browser."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kirinuki.cli.options import hardware_options
from kirinuki.cli.voice import say
from kirinuki.errors import KirinukiError, MissingExtraError

if TYPE_CHECKING:
    from kirinuki.server.guards import Rules
    from kirinuki.server.limits import Limits

TOKEN_VARIABLE = "KIRINUKI_TOKEN"


@click.command(name="serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="Port to listen on.",
)
@click.option(
    "--token-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help=f"File with a token that requests must bring.  [default: ${TOKEN_VARIABLE}, else none]",
)
@click.option(
    "--origin",
    "origins",
    multiple=True,
    metavar="ORIGIN",
    help="Let pages of this origin ask too, such as https://example.org; may be repeated.",
)
@click.option(
    "--in-flight",
    type=click.IntRange(min=1),
    metavar="N",
    help="Pictures that are worked on at once.  [default: one for two cores]",
)
@click.option(
    "--queue",
    type=click.IntRange(min=0),
    default=64,
    show_default=True,
    metavar="N",
    help="Requests that may wait; one more is refused.",
)
@click.option(
    "--max-body",
    type=click.IntRange(min=1),
    default=128,
    show_default=True,
    metavar="MIB",
    help="Largest request.",
)
@click.option(
    "--max-megapixels",
    type=click.IntRange(1, 144),
    default=50,
    show_default=True,
    metavar="N",
    help="Largest picture, and frame of a video.",
)
@click.option(
    "--max-frames",
    type=click.IntRange(min=1),
    default=1800,
    show_default=True,
    metavar="N",
    help="Longest video.",
)
@click.option(
    "--score",
    type=click.FloatRange(0, 1),
    help="Score from which a character counts.  [default: the model's own]",
)
@click.option(
    "--model",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A model made by 'kirinuki export'.  [default: the one inside the package]",
)
@hardware_options
def command(**given: Any) -> None:
    """Cut pictures and short videos over HTTP, and on a page in the browser.

    Open http://127.0.0.1:8000 when it runs. It listens on this computer alone unless --host says
    otherwise; then give it a token, and put a proxy with TLS in front. Ctrl-C finishes what is at
    work and sends those who wait away.
    """
    try:
        from kirinuki.server.app import create_app
        from kirinuki.server.serving import address_of, bound, serve
    except ModuleNotFoundError as error:
        raise MissingExtraError("kirinuki serve", "web") from error
    from kirinuki.cli.cut import load_segmenter

    rules, limits = _rules(given), _limits(given)
    listening = bound(given["host"], given["port"])  # before the model, which takes longer
    app = create_app(load_segmenter(given), limits, rules)
    say(f"listening on {address_of(listening)}")
    serve(app, listening)


def _rules(given: dict[str, Any]) -> Rules:
    from kirinuki.server.guards import LOOPBACK, Rules

    file, token = given["token_file"], os.environ.pop(TOKEN_VARIABLE, None)
    if file is not None:
        try:
            token = file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise KirinukiError(f"{file}: cannot be read as text; expected a token") from None
        if not token:
            raise KirinukiError(f"{file}: is empty; expected a token")
    local = given["host"] in LOOPBACK
    if not local and not token:
        say(
            f"warning: {given['host']} can be reached by others, and there is no token; "
            "see --token-file"
        )
    try:
        return Rules(token or None, given["origins"], LOOPBACK if local else None)
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def _limits(given: dict[str, Any]) -> Limits:
    from kirinuki.server.limits import MIB, Limits

    chosen = {} if given["in_flight"] is None else {"in_flight": given["in_flight"]}
    return Limits(
        body=given["max_body"] * MIB,
        pixels=given["max_megapixels"] * 1_000_000,
        frames=given["max_frames"],
        queue=given["queue"],
        **chosen,
    )
