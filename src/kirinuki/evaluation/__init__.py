"""How good a model is, without torch: AP, Boundary AP, matches, soft edges, reports, calibration.

Not covered: opening a checkpoint (`training`), peers (``benchmarks/``).
Public: `evaluate.evaluate` and `Report`, `collect.collect`, `report.write_report`, `calibrate`.
"""
