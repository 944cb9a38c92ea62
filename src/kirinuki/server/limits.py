"""What a server takes at most. Each limit has an answer of its own: see the attributes."""

from __future__ import annotations

import os
from dataclasses import dataclass

MIB = 2**20


@dataclass(frozen=True)
class Limits:
    """Ceilings of one server.

    Attributes:
        body: bytes of a request, file and fields together (413).
        pixels: of a picture, or of a frame of a video (422).
        frames: of a video (422).
        in_flight: pictures that are decoded, looked at and written at once; one video beside them.
            The model itself looks at one after the other, with all cores.
        queue: requests that wait for their turn; one more is refused (429).
        wait: seconds that a request waits for its turn (503).
        connections: that are open at once; fewer where the system allows few open files (503).
        head: seconds in which the headers of a request must have arrived (408).
        uploads: bodies that arrive at once; they have no place in the queue yet (429).
        upload: seconds in which a body must have arrived (408).
        patience, rate: a body may stay away for so many seconds, beyond those that so many bytes a
            second take (408).
        decoding: seconds after which the process that decodes a picture is killed (422).
        video: seconds of work after which the process that cuts a video is killed (503).
        results: bytes of all that is written of a video (422).
        memory: bytes that such a process may take beyond its start (422).
    """

    body: int = 128 * MIB
    pixels: int = 50_000_000
    frames: int = 1_800
    in_flight: int = max(1, (os.cpu_count() or 2) // 2)
    queue: int = 64
    wait: float = 120
    connections: int = 512
    head: float = 10
    uploads: int = 64
    upload: float = 60
    patience: float = 10
    rate: int = 16 * 2**10
    decoding: float = 20
    video: float = 600
    results: int = 512 * MIB
    memory: int = 2048 * MIB
