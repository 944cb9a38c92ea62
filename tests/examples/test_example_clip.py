"""The clip of `examples/`: drawn by this project, on twos, with sound."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import av
import numpy as np
import pytest

from kirinuki.tracking.repeats import Repeats
from kirinuki.video import read


@pytest.fixture(scope="module")
def clip(repository: Path) -> Path:
    return repository / "examples" / "clip.mp4"


def test_small_with_sound(clip):
    assert clip.stat().st_size < 2_000_000
    with av.open(str(clip)) as container:
        assert (len(container.streams.video), len(container.streams.audio)) == (1, 1)
        assert container.streams.video[0].average_rate == 24
        sound = np.concatenate([f.to_ndarray() for f in container.decode(audio=0)], axis=1)
    assert 0.02 < np.abs(sound).mean() < 0.5
    assert np.abs(sound).max() <= 1


def test_animated_on_twos(clip):
    repeats = Repeats()
    changed = []
    for frame in read(clip):
        blocks = repeats.changed(frame)
        is_new = blocks is None or bool(blocks.any())
        if is_new:
            repeats.look()
        changed.append(is_new)
    assert len(changed) == 146
    assert all(changed[::2])
    assert sum(changed[1::2]) <= 3


def test_drawn_by_the_script_beside_it(clip, monkeypatch):
    pytest.importorskip("kirinuki_draw")
    monkeypatch.syspath_prepend(str(clip.parent))
    spec = importlib.util.spec_from_file_location("make_clip", clip.parent / "make_clip.py")
    assert spec is not None
    assert spec.loader is not None
    make_clip = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "make_clip", make_clip)
    spec.loader.exec_module(make_clip)
    number, drawn = next(make_clip.drawings())
    frame = next(iter(read(clip)))
    assert number == 0
    assert len(drawn.alphas) == 3
    assert np.abs(frame.rgb.astype(int) - drawn.picture).mean() < 3
    assert 2 * sum(shot.drawings for shot in make_clip.SHOTS) == 146
