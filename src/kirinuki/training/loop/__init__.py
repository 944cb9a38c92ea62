"""The training run: from a configuration to a checkpoint in a folder that explains itself.

Not covered: networks (`training.networks`), pictures (`training.pictures`).
Public: `fit.train`.
"""
