"""Characters in a notebook: IPython finds the pictures of them, their types know nothing of it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from kirinuki.instances import Instance, Instances

SESSION = """
import json
import sys
from dataclasses import replace
from io import BytesIO

import numpy as np
from IPython.core.interactiveshell import InteractiveShell
from PIL import Image

shell = InteractiveShell.instance()  # a notebook runs IPython before anybody imports kirinuki
from kirinuki import Instances, Picture

picture = Picture(np.full((1200, 2400, 3), 90, np.uint8))
found = Instances(
    size_hw=(1200, 2400),
    boxes=np.array([[10, 20, 40, 80]], np.float32),
    alphas=(np.full((60, 30), 255, np.uint8),),
    scores=np.ones(1, np.float32),
    labels=np.zeros(1, np.int64),
    names=("girl",),
    picture=picture,
)
unpainted = "kirinuki.render.notebook" not in sys.modules
shown = [shell.display_formatter.format(one)[0] for one in (found, found[0])]
alone = replace(found, picture=None)
bare = [sorted(shell.display_formatter.format(one)[0]) for one in (alone, alone[0], 7)]
sizes = [Image.open(BytesIO(data["image/png"])).size for data in shown]
texts = [data["text/plain"] for data in shown]
print(json.dumps([unpainted, sizes, texts, bare]))
"""


def test_a_notebook_shows_the_overlay_and_the_cutout() -> None:
    pytest.importorskip("IPython")
    done = subprocess.run([sys.executable, "-c", SESSION], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    unpainted, sizes, texts, bare = json.loads(done.stdout.splitlines()[-1])
    assert unpainted
    assert sizes == [[960, 480], [30, 60]]
    assert texts[0] == "Instances(1 in 2400×1200: girl 1.00)"
    assert bare == [["text/plain"]] * 3


def test_the_types_themselves_do_not_draw() -> None:
    for kind in (Instances, Instance):
        assert not [name for name in dir(kind) if name.startswith("_repr_")]
