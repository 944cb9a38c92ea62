"""What the other benchmarks have and this one uses: DAVIS's contour F, and tables."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path += [str(Path(__file__).parents[1] / other) for other in ("video", "quality")]

from mask_quality import Region, contour_f
from tables import markdown_table, terminal_table

__all__ = ["Region", "contour_f", "markdown_table", "terminal_table"]
