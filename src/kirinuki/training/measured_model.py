"""Opening what is to be measured: a model file, a folder of two, a checkpoint, or the default.

Not covered: what measuring is (`evaluate`).
"""

from __future__ import annotations

from pathlib import Path

from kirinuki.errors import MissingExtraError, ProviderError
from kirinuki.segmenter.segmenter import Segmenter

DEFAULT = "default"
"""What the model inside the package is called."""


def load_measured(
    model: str | Path, score: float | None, *, provider: str = "cpu", threads: int | None = None
) -> Segmenter:
    """A model to measure.

    Args:
        model: a model file or folder as `Segmenter.load` takes it, a checkpoint (``.ckpt``), or
            the word "default".
        score: score in [0, 1] from which a character counts; None takes the model's own.
        provider: what to run on, as for `Segmenter.load`; a checkpoint runs on the CPU.
        threads: CPU threads of one call; None leaves the choice to the runtime.

    Raises:
        ModelError: the model is missing, damaged or not ours.
        ProviderError: the provider is not available, or asked for with a checkpoint.
        MissingExtraError: a checkpoint without torch.
    """
    model = str(model)
    if not model.lower().endswith(".ckpt"):
        chosen = None if model == DEFAULT else model
        return Segmenter.load(chosen, score=score, provider=provider, threads=threads)
    if provider != "cpu":
        raise ProviderError(
            f"{model}: a checkpoint is measured on the CPU; for {provider} export it first: "
            f"kirinuki export {model}"
        )
    try:
        import torch

        from kirinuki.training.networks.checkpoint_segmenter import load_checkpoint
    except ImportError as error:
        raise MissingExtraError("measuring a checkpoint", "train") from error
    if threads is not None:
        torch.set_num_threads(threads)
    return load_checkpoint(Path(model), score=score)
