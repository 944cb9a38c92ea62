"""The command ``kirinuki``, and ``python -m kirinuki``.

Ctrl-C while the command line loads ends it at once, for nothing is begun; once all is done it
changes nothing. Not covered: Ctrl-C in between (`cli.ctrl_c`).
"""

from __future__ import annotations

import os
import signal
from types import FrameType


def _stop(number: int, frame: FrameType | None) -> None:
    os.write(2, b"kirinuki: stopped\n")
    os._exit(130)  # an exception may be lost, or become another one, while modules load


def main() -> None:
    """Load the command line and run it."""
    heard = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if heard:
        signal.signal(signal.SIGINT, _stop)
    from kirinuki.cli import main as run

    if heard:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        run()
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


if __name__ == "__main__":
    main()
