"""How good a model is, without torch: AP, Boundary AP, matches, soft edges, reports, calibration.

Not covered: opening a checkpoint (`training`), peers (``benchmarks/``).
Public: `evaluate` and its `Report`.
"""

from kirinuki.evaluation.evaluate import Report, evaluate

__all__ = ["Report", "evaluate"]
