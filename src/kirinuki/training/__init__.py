"""Training and exporting. The only room that imports torch.

Not covered: measuring, which needs no torch (`evaluation`); running model files (`segmenter`).
Public: `config.TrainConfig`, `loop.fit.train`, `export.export`, `measured_model.load_measured`.
"""
