"""What training sees: labelled and composed pictures as torch data sets, changed at random.

Not covered: composing itself (`compose`), reading labels (`formats`).
Public: `dataset.LabelledPictures`, `composed.ComposedPictures`, `refiner_data`, `augment.augment`.
"""
