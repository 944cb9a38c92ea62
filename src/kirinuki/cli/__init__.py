"""The command line: one file a verb, each thin (parse, call, print), loaded only when used."""

from __future__ import annotations

import sys

import click

from kirinuki import __version__
from kirinuki.cli.arenas import keep_few_arenas
from kirinuki.cli.ctrl_c import STATUS, STOPPED, noted
from kirinuki.cli.lazy_group import LazyGroup
from kirinuki.cli.streams import make_reliable
from kirinuki.cli.voice import LOG, complain, with_voice
from kirinuki.errors import KirinukiError, broken_opencv, reason_of

VERBS = {
    "cut": "Cut every character out of pictures and videos.",
    "video": "The same, where a folder means the videos in it.",
    "demo": "Cut an example that is in the package, to see what comes out.",
    "serve": "Cut pictures and short videos over HTTP, and on a page in the browser.",
    "data": "Label files and data sets: from an episode to pictures to train on.",
    "train": "Fine-tune a model on your own characters.",
    "eval": "Measure a model on a labelled data set.",
    "export": "Turn a checkpoint into a model file for 'cut'.",
    "doctor": "Say what is installed and at work here, for a bug report.",
}


@click.group(
    cls=LazyGroup,
    package=__name__,
    verbs=VERBS,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, "-V", "--version", prog_name="kirinuki")
def cli() -> None:
    """Find every anime character in a picture or a video and cut each one out, hair and all."""


with_voice(cli)  # before the verb, too: kirinuki -q cut


def main() -> None:
    """Run the command line; a refused input is one line and exit status 1, never a traceback."""
    keep_few_arenas()
    make_reliable()
    with noted() as stopped:
        try:
            cli(prog_name="kirinuki")
        except (Exception, KeyboardInterrupt) as error:
            if stopped():
                complain(STOPPED)
                sys.exit(STATUS)
            if (told := _told(error)) is None:
                raise
            LOG.debug("where it came from:", exc_info=error)
            complain(f"kirinuki: {told}")
            sys.exit(1)


def _told(error: BaseException) -> KirinukiError | None:
    """What to say of an error; None where it is a fault of ours."""
    if isinstance(error, KirinukiError):
        return error
    if isinstance(error, OSError) and error.strerror:  # a path that cannot be, a disk that fails
        return KirinukiError(reason_of(error))
    return broken_opencv(error) if isinstance(error, ImportError | AttributeError) else None
