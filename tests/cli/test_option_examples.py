"""Every option of ``kirinuki cut`` has an example in the reference; it runs and gives something."""

from __future__ import annotations

import shlex
from pathlib import Path

import click
import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from blob_segmenter import RED, BlobSegmenter
from kirinuki.cli import cli, cut
from kirinuki.segmenter.segmenter import Segmenter
from made_clips import write_clip

LINES = (Path(__file__).parents[2] / "docs" / "cut_examples.txt").read_text().splitlines()
EXAMPLES = [tuple(part.strip() for part in line.split("|", 1)) for line in LINES]
SAYS_ONLY = {"--dry-run", "--jsonl"}
"""Options whose examples write to stdout, not to files."""


def test_every_option_has_one_that_uses_it() -> None:
    shown = [p for p in cut.command.params if isinstance(p, click.Option) and not p.hidden]
    options = [p for p in shown if p.expose_value]  # not those that every verb has
    names = [max(option.opts, key=len) for option in options]
    assert [option for option, _ in EXAMPLES] == names
    for option, example in EXAMPLES:
        assert option in shlex.split(example) or (option == "--out" and " -o " in example)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One with what the examples name."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Segmenter, "load", lambda *_, **__: BlobSegmenter(tells_kinds=True))
    picture = np.full((64, 96, 3), 90, np.uint8)
    picture[20:40, 30:60] = RED
    (tmp_path / "d").mkdir()
    still = Image.fromarray(picture)
    for name in ("in.png", "d/1.png", "d/2.png"):
        still.save(name)
    moved = Image.fromarray(np.roll(picture, 5, axis=1))
    still.save("in.gif", save_all=True, append_images=[moved], duration=80)
    for name in ("clip.mp4", "d/clip.mp4"):
        write_clip(Path(name), [picture] * 6)
    return tmp_path


@pytest.mark.parametrize(("option", "example"), EXAMPLES, ids=[option for option, _ in EXAMPLES])
def test_it_runs(option: str, example: str, folder: Path) -> None:
    before = set(folder.rglob("*"))
    result = CliRunner().invoke(cli, shlex.split(example))
    assert result.exit_code == 0, result.stderr + str(result.exception)
    assert set(folder.rglob("*")) > before or option in SAYS_ONLY
    assert bool(result.stdout) == (option in SAYS_ONLY)
