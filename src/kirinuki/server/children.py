"""The processes that touch strangers' files, as the server sees them: started, asked, killed.

Not covered: what runs in them (`child`).
"""

from __future__ import annotations

import multiprocessing
import queue
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

from kirinuki.errors import ModelError, PictureError, VideoError
from kirinuki.images.picture import Picture
from kirinuki.instances import Instances
from kirinuki.segmenter.segments import Described
from kirinuki.server import child, wire
from kirinuki.server.limits import Limits
from kirinuki.server.problems import ProblemError
from kirinuki.server.video_cuts import VideoOrder

_SPAWN = multiprocessing.get_context("spawn")
_START = 60
"""Seconds within which a process must have come up, on whatever machine."""
_GLANCE = 0.5
"""Seconds after which it is asked again whether to stop."""


class Child:
    """A process and the connection to it."""

    def __init__(self, work: Callable[..., None], *arguments: Any) -> None:
        self.connection, theirs = _SPAWN.Pipe()
        self._process = _SPAWN.Process(target=work, args=(theirs, *arguments), daemon=True)
        self._process.start()
        theirs.close()

    def receive(
        self, deadline: float, stop: Callable[[], bool] = lambda: False
    ) -> wire.Message | None:
        """What it says; None when it is to be asked no more.

        Raises:
            TimeoutError: nothing, until `deadline` of the monotonic clock.
            EOFError, OSError, ValueError: it died, or says nonsense.
        """
        while not stop():
            left = deadline - time.monotonic()
            if self.connection.poll(max(0.0, min(left, _GLANCE))):
                return wire.receive(self.connection)
            if left <= 0:
                raise TimeoutError
        return None

    def kill(self) -> None:
        """Without asking."""
        self._process.kill()
        self._process.join()
        self._process.close()
        self.connection.close()


class Decoders:
    """Decodes pictures in processes that are kept, one a thread that asks; one that met a bad
    file is killed, and replaced by the next who asks."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._idle: queue.LifoQueue[Child | None] = queue.LifoQueue()
        for _ in range(limits.in_flight):
            self._idle.put(None)

    def __call__(self, content: bytes) -> Picture:
        """The picture of a file.

        Raises:
            PictureError: it cannot be read, or not within the limits.
        """
        worker = self._idle.get()
        try:
            worker = worker or self._start()
            deadline = time.monotonic() + self._limits.decoding
            wire.send(worker.connection, {}, {"file": np.frombuffer(content, np.uint8)})
            facts, arrays = worker.receive(deadline) or ({}, {})
        except BaseException as error:
            if worker is not None:
                worker.kill()
            self._idle.put(None)
            raise _as_picture_error(error, self._limits) from None
        if "refused" in facts:
            # What a bad file left of its memory, and of itself, nobody knows.
            worker.kill()
            self._idle.put(None)
            raise PictureError(str(facts["refused"]))
        self._idle.put(worker)
        return wire.picture_of(facts, arrays)

    def close(self) -> None:
        """End all that are idle."""
        with suppress(queue.Empty):
            while True:
                worker = self._idle.get_nowait()
                if worker is not None:
                    worker.kill()

    def _start(self) -> Child:
        worker = Child(child.decode_pictures, self._limits.pixels, self._limits.memory)
        try:
            worker.receive(time.monotonic() + _START)
        except BaseException:
            worker.kill()
            raise
        return worker


def _as_picture_error(error: BaseException, limits: Limits) -> BaseException:
    if isinstance(error, TimeoutError):
        return PictureError(
            f"picture: decoding took longer than {limits.decoding:g} s and was ended; save it "
            "anew, smaller or in another format"
        )
    if isinstance(error, EOFError | OSError | ValueError):
        return PictureError(
            "picture: the process that decoded it died of it; save it anew in another format"
        )
    return error


def cut_video_in_child(
    order: VideoOrder,
    segmenter: Described,
    limits: Limits,
    on_frame: Callable[[int, int | None], None],
    stop: Callable[[], bool],
) -> dict[str, Any]:
    """`video_cuts.cut_video` in a process of its own, which this thread lends the model.

    Raises:
        VideoError: it cannot be cut, or not within the limits.
        ModelError: the model failed on a frame.
        ProblemError: 503, it took too long, or the server stops.
    """
    worker = Child(child.cut_video, limits.memory)
    deadline = time.monotonic() + limits.video
    try:
        model = child.model_told(segmenter)
        wire.send(worker.connection, {"video": order.told(), "model": model})
        while (said := worker.receive(deadline, stop)) is not None:
            facts, arrays = said
            if "done" in facts:
                return dict(facts["done"])
            if "refused" in facts:
                raise VideoError(str(facts["refused"]))
            if "frames" in facts:
                on_frame(int(facts["frames"]), facts["total"])
            else:
                _lend(segmenter, worker.connection, facts, arrays)
        raise ProblemError(
            503, "video: was given up, for the server stops; try again later", retry_after=10
        )
    except TimeoutError:
        raise ProblemError(
            503,
            f"video: cutting it took longer than {limits.video:g} s and was ended; cut a shorter "
            "or smaller one",
            retry_after=10,
        ) from None
    except (EOFError, OSError, ValueError, KeyError):
        raise VideoError("video: the process that decoded it died of it; convert it") from None
    finally:
        worker.kill()


def _lend(
    segmenter: Described, connection: Connection, facts: dict[str, Any], arrays: wire.Arrays
) -> None:
    """Look at a frame for a process, and say what there is."""
    look: Callable[[], Instances | None]
    if "look" in facts:
        look = partial(segmenter, wire.picture_of(facts["look"], arrays))
    else:
        known = wire.instances_of(facts["known"], wire.named("known ", arrays))
        frame = wire.picture_of(facts["refresh"], arrays)
        look = partial(segmenter.refresh, frame, known, arrays["which"], arrays["redo"])
    try:
        found = look()
    except Exception as error:  # the model's fault, and not the process's
        raise ModelError(f"frame: {error}") from error
    told, more = (None, {}) if found is None else wire.instances_message(found)
    wire.send(connection, {"found": told}, more)
