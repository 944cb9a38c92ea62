"""The short form of `benchmarks/robustness/soak.py`, and what it takes for growth."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("av")
if not Path("/proc/self/status").exists():
    pytest.skip("no count of resident memory", allow_module_level=True)

SOAK = Path(__file__).parents[2] / "benchmarks" / "robustness" / "soak.py"
sys.path.insert(0, str(SOAK.parent))

from soak import SHARE, spread  # noqa: E402


def test_the_first_tenth_may_grow_and_the_rest_may_not() -> None:
    assert spread([100, *[200] * 9]) == (200, 0)
    assert spread([100, *[200] * 8, 209])[1] < SHARE
    assert spread([100, *[200] * 8, 211])[1] > SHARE


@pytest.mark.slow
def test_memory_does_not_grow() -> None:
    words = ["--tiny", "--rounds", "10", "--pictures", "49", "--seconds", "6"]
    done = subprocess.run([sys.executable, str(SOAK), *words], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
