"""`MovingAverage`: the averaged weights that are measured, saved and exported.

Checkpoints hold the average as ``state_dict`` and what training goes on with as
``current_model_state`` (Lightning's `WeightAveraging`).
"""

from __future__ import annotations

import torch
from lightning.pytorch.callbacks import WeightAveraging
from torch import Tensor


class MovingAverage(WeightAveraging):
    """Exponential moving average over the steps, with a decay that grows to `decay`.

    After n steps it is min(decay, (1 + n) / (10 + n)), as in TensorFlow's
    ``ExponentialMovingAverage``: in a training of a few dozen steps, a fixed 0.998 would still hold
    mostly the weights of the start.
    """

    def __init__(self, decay: float) -> None:
        def average(averaged: list[Tensor], current: list[Tensor], steps: Tensor | int) -> None:
            done = int(steps)
            weight = 1 - min(decay, (1 + done) / (10 + done))
            if torch.is_floating_point(averaged[0]):
                torch._foreach_lerp_(averaged, current, weight)
            else:  # counters
                torch._foreach_copy_(averaged, current)

        super().__init__(multi_avg_fn=average)
