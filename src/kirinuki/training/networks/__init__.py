"""Networks in torch: detectors, the refiner, their backbone, and weights to start from.

Not covered: losses over a data set (`training.loop`), running a model file (`segmenter`).
Public: `model.build_detector`, `refiner.RefinerNetwork`, `initial.read_initial`, `checkpoint`.
"""
