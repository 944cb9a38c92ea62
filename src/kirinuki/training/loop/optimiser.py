"""AdamW with a linear warm-up and a cosine, for the detector and the refiner alike."""

from __future__ import annotations

import math
from typing import Any

import lightning
import torch
from torch import nn

from kirinuki.training.config import TrainConfig

FINAL_SHARE = 0.01
"""Share of the peak learning rate that is left at the end."""
FASTER = 10
"""How many times the learning rate of the rest, for what has to be learnt from nothing."""


def adamw_with_cosine(
    module: lightning.LightningModule, config: TrainConfig, faster: nn.Module | None = None
) -> dict[str, Any]:
    """What `configure_optimizers` returns: AdamW (Loshchilov & Hutter 2019) without decay on biases
    and norms; linear warm-up, then a cosine (Loshchilov & Hutter 2017) down to `FINAL_SHARE`.

    Args:
        faster: a part of the module that learns at `FASTER` times the rate.
    """
    quick = [] if faster is None else list(faster.parameters())
    apart = {id(p) for p in quick}
    trained = [p for p in module.parameters() if p.requires_grad and id(p) not in apart]
    groups: list[dict[str, Any]] = [
        {"params": [p for p in trained if p.ndim > 1]},
        {"params": [p for p in trained if p.ndim <= 1], "weight_decay": 0.0},
    ]
    if quick:
        groups.append({"params": quick, "lr": FASTER * config.learning_rate, "weight_decay": 0.0})
    optimizer = torch.optim.AdamW(groups, lr=config.learning_rate, weight_decay=config.weight_decay)
    steps = max(1, int(module.trainer.estimated_stepping_batches))
    warmup = min(config.warmup_steps, steps // 4)

    def factor(step: int) -> float:
        if step < warmup:
            return (step + 1) / warmup
        share = (step - warmup) / max(1, steps - warmup)
        return FINAL_SHARE + (1 - FINAL_SHARE) * (1 + math.cos(math.pi * min(1.0, share))) / 2

    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, factor)
    return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}
