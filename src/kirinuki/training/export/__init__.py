"""Checkpoint → model file: ONNX graphs, and the proof that they compute what torch computes.

Not covered: running model files (`segmenter`), calibrating scores (`evaluation`).
Public: `export.export_checkpoint`, `parity.check_detector`.
"""
