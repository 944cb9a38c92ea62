"""`WholeCheckpoints`: checkpoints are written whole or not at all, as every other file.

Lightning's own writer makes its temporary file in the system's folder and moves it from there.
Where that is another file system, to move is to copy: killed within, a run would lose what it goes
on from.

Not covered: when they are written (`last_checkpoint`, `runner`).
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import torch
from lightning.fabric.plugins.io.torch_io import TorchCheckpointIO

from kirinuki.files import write_atomically


class WholeCheckpoints(TorchCheckpointIO):
    """Reads as Lightning does, and writes beside the file that is to be replaced."""

    def save_checkpoint(
        self, checkpoint: dict[str, Any], path: str | Path, storage_options: Any | None = None
    ) -> None:
        """Replace `path`.

        Raises:
            OutputError: it cannot be written (rights, full disk); what was there stays.
        """
        content = io.BytesIO()  # torch's own writer says nothing of why a file cannot be written
        torch.save(checkpoint, content)
        with write_atomically(path, overwrite=True) as temporary:
            temporary.write_bytes(content.getbuffer())
