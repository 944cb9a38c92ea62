"""How many characters every detector gives, and from which score.

Not covered: what is shown of them (`segmenter`).
"""

from __future__ import annotations

from typing import Any

MIN_SCORE = 0.05
"""Detections below are dropped inside the network: COCO's AP is computed from here up."""
MAX_DETECTIONS = 50
"""Detections a picture at most, as many as `Segmenter` shows of one."""
SHARED_OPTIONS: dict[str, Any] = {
    "box_score_thresh": MIN_SCORE,
    "box_nms_thresh": 0.6,  # overlapping characters have overlapping boxes
    "box_detections_per_img": MAX_DETECTIONS,
}
"""What torchvision calls them."""
