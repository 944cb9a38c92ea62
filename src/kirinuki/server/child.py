"""What runs in the processes that touch strangers' files: decoding pictures, cutting videos.

They have no model: a video's frames are sent to the server, which has the only one, and everyone in
them comes back. Each takes its orders from one connection and ends when that closes.

Not covered: starting and killing them (`children`).
"""

from __future__ import annotations

import signal
import sys
from dataclasses import replace
from io import BytesIO
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kirinuki.errors import KirinukiError, PictureError
from kirinuki.images.picture import Picture, opened, read_picture
from kirinuki.instances import Instances
from kirinuki.segmenter.model_file import ModelInfo
from kirinuki.segmenter.segments import Described
from kirinuki.server import wire


def decode_pictures(connection: Connection, pixels: int, memory: int) -> None:
    """Answer each picture's file with its pixels, or with what is wrong with it."""
    _be_small(memory, writes=False)
    wire.send(connection, {"ready": True})
    try:
        while True:
            _, arrays = wire.receive(connection)
            try:
                message = wire.picture_message(_read(arrays["file"].tobytes(), pixels))
            except PictureError as error:
                message = {"refused": str(error)}, {}
            wire.send(connection, *message)
    except (EOFError, OSError):  # the server is gone
        return


def _read(content: bytes, pixels: int) -> Picture:
    with opened(BytesIO(content)) as image:
        width, height = image.size
    if width * height > pixels:
        raise PictureError(
            f"picture: is {width}×{height} = {width * height / 1e6:,.1f} megapixels; at most "
            f"{pixels / 1e6:,.1f} are taken here; make it smaller first"
        )
    stream = BytesIO(content)
    stream.name = "picture"
    return read_picture(stream)


def cut_video(connection: Connection, memory: int) -> None:
    """Do one order of `video_cuts.cut_video`, and say how far it is, what was written, or what is
    wrong with the video."""
    from kirinuki.server.video_cuts import VideoOrder, cut_video

    _be_small(memory, writes=True)
    order, _ = wire.receive(connection)
    try:
        done = cut_video(
            VideoOrder.of(order["video"]),
            segmenter_at(connection, order["model"]),
            lambda frames, total: wire.send(connection, {"frames": frames, "total": total}),
        )
        wire.send(connection, {"done": done})
    except KirinukiError as error:
        # Our own folders are nobody's business.
        wire.send(connection, {"refused": str(error).replace(order["video"]["path"], "video")})
    except (EOFError, OSError):
        return


class RemoteSegmenter:
    """The server's segmenter, asked over a connection: see `Segments`."""

    def __init__(self, connection: Connection, model: dict[str, Any]) -> None:
        self._connection = connection
        self.score = model["score"]
        self.tells_kinds = bool(model["tells_kinds"])
        self.info = ModelInfo.from_metadata(model["info"])
        self.names = tuple(model["names"])
        refiner = model["refiner_info"]
        self.refiner_info = None if refiner is None else ModelInfo.from_metadata(refiner)

    def __call__(self, picture: Picture, /) -> Instances:
        facts, arrays = wire.picture_message(picture)
        wire.send(self._connection, {"look": facts}, arrays)
        facts, arrays = wire.receive(self._connection)
        return replace(wire.instances_of(facts["found"], arrays), picture=picture)


class RefreshingSegmenter(RemoteSegmenter):
    """One whose original can find those again who changed a little."""

    def refresh(
        self,
        picture: Picture,
        instances: Instances,
        which: NDArray[np.integer],
        redo: NDArray[np.bool_],
    ) -> Instances | None:
        facts, arrays = wire.picture_message(picture)
        known, more = wire.instances_message(instances)
        arrays |= {f"known {name}": array for name, array in more.items()}
        arrays |= {"which": which.astype(np.int64), "redo": redo}
        wire.send(self._connection, {"refresh": facts, "known": known}, arrays)
        facts, arrays = wire.receive(self._connection)
        if facts["found"] is None:
            return None
        return replace(wire.instances_of(facts["found"], arrays), picture=picture)


def segmenter_at(connection: Connection, model: dict[str, Any]) -> RemoteSegmenter:
    """The segmenter at the other end, of which `model_told` tells."""
    kind = RefreshingSegmenter if model["refreshes"] else RemoteSegmenter
    return kind(connection, model)


def model_told(segmenter: Described) -> dict[str, Any]:
    """What `segmenter_at` needs to know of a segmenter."""
    refiner = segmenter.refiner_info
    return {
        "names": list(segmenter.names),
        "score": segmenter.score,
        "tells_kinds": segmenter.tells_kinds,
        "refreshes": segmenter.refreshes,
        "info": segmenter.info.to_metadata(),
        "refiner_info": None if refiner is None else refiner.to_metadata(),
    }


def _be_small(memory: int, *, writes: bool) -> None:
    """Ceilings that the system holds, where it knows any; Ctrl-C is the server's affair."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if not writes:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    statm = Path("/proc/self/statm")
    if statm.exists():  # elsewhere nobody knows how much a process starts with
        taken = int(statm.read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (taken + memory, taken + memory))
