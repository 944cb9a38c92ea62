"""``kirinuki video``: ``kirinuki cut`` for which whatever is named is a video, and a folder means
the videos in it."""

from __future__ import annotations

from typing import Any

import click

from kirinuki.cli import cut

_cut = cut.command


@click.pass_context
def _run(context: click.Context, /, **given: Any) -> None:
    cut.run(given, pictures=False)


command = type(_cut)(
    "video",
    callback=_run,
    params=[param for param in _cut.params if param.name != "videos"],
    help="""Cut every character out of videos: 'kirinuki cut' for which a folder means the videos in
    it.

    INPUT is a video, a folder (with all folders in it) or a quoted pattern such as 'ep*.mkv'.
    """,
)
