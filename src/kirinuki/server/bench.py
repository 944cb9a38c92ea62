"""`Bench`: the one model and what it takes to answer a request, in threads and processes.

Not covered: HTTP (`app`), whose turn it is (`gate`).
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryDirectory
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from kirinuki.cutting.selection import Selection
from kirinuki.images.picture import Picture
from kirinuki.instances import Instances
from kirinuki.segmenter.segments import Segments
from kirinuki.server import answers
from kirinuki.server.answers import Answer
from kirinuki.server.children import Decoders, cut_video_in_child
from kirinuki.server.cuts import VideoOrder, results_under
from kirinuki.server.limits import Limits
from kirinuki.server.wishes import Wish

VIDEO_STEM = "video"
Progress = Callable[[int, int | None], None]


class OneAtATime:
    """A segmenter that looks at one picture after the other: see `Segments`.

    One look takes all cores. Two at once take twice the processor time a picture and more, where
    there are two cores (docs/LOG.md)."""

    def __init__(self, segmenter: Segments) -> None:
        self._segmenter = segmenter
        self._turn = threading.Lock()
        self.score = segmenter.score
        self.names = segmenter.names
        self.info = segmenter.info
        self.refiner_info = segmenter.refiner_info
        self.tells_kinds = segmenter.tells_kinds

    def __call__(self, picture: Picture, /) -> Instances:
        with self._turn:
            return self._segmenter(picture)

    def refresh(
        self,
        picture: Picture,
        instances: Instances,
        which: NDArray[np.integer],
        redo: NDArray[np.bool_],
    ) -> Instances | None:
        with self._turn:
            return self._segmenter.refresh(picture, instances, which, redo)


class Bench:
    """Answers requests; the methods block, and are called in threads of `pool`."""

    def __init__(self, segmenter: Segments, limits: Limits) -> None:
        self.segmenter = OneAtATime(segmenter)
        self.limits = limits
        self.pool = ThreadPoolExecutor(limits.in_flight + 1, "kirinuki-bench")  # and a video
        self._decode = Decoders(limits)
        self._closing = threading.Event()

    def check(self, wish: Wish) -> None:
        """Raise KirinukiError where the model lacks what is asked for."""
        Selection(wish.only).check(self.segmenter.names, self.segmenter.tells_kinds)

    def picture(self, file: IO[bytes], wish: Wish, media_type: str) -> Answer:
        """Cut a picture.

        Raises:
            PictureError: it cannot be read, or not within the limits.
            ProblemError: 406, the outputs asked for are not one file of that type.
        """
        picture = self._decode(file.read())
        selection = Selection(wish.only, wish.limit)
        instances = selection(self.segmenter(picture))
        return answers.of_picture(picture, instances, wish, media_type, self.segmenter.names)

    def video(
        self,
        file: IO[bytes],
        suffix: str,
        wish: Wish,
        media_type: str,
        on_frame: Progress = lambda frames, total: None,
        stop: Callable[[], bool] = lambda: False,
    ) -> Answer:
        """Cut a video.

        Raises:
            VideoError: it cannot be read, or not within the limits.
            ProblemError: 406, as above; 503, it took too long or was stopped.
        """
        wish = answers.with_defaults(wish, media_type)
        with TemporaryDirectory(prefix="kirinuki-") as folder:
            path, out = Path(folder, VIDEO_STEM + suffix), Path(folder, "out")
            with path.open("wb") as target:
                copyfileobj(file, target)
            order = VideoOrder(
                str(path),
                str(out),
                {**wish.told(), "jsonl": {}},
                wish.only,
                wish.limit,
                wish.track,
                self.limits.frames,
                self.limits.pixels,
            )
            done = cut_video_in_child(
                order,
                self.segmenter,
                self.limits,
                on_frame,
                lambda: stop() or self._closing.is_set(),
            )
            files = {name: found.read_bytes() for name, found in results_under(out)}
        return _of_video(done, files, media_type)

    def told(self) -> dict[str, Any]:
        """What the model and the limits are."""
        info = self.segmenter.info
        return {
            "arch": info.arch,
            "version": info.version,
            "licence": info.licence,
            "training_data": info.training_data,
            "names": list(self.segmenter.names),
            "score": self.segmenter.score,
            "kinds": self.segmenter.tells_kinds,
            "answers": {
                "picture": list(answers.PICTURE_TYPES),
                "video": list(answers.VIDEO_TYPES),
            },
            "limits": {
                "body": self.limits.body,
                "pixels": self.limits.pixels,
                "frames": self.limits.frames,
            },
        }

    def close(self) -> None:
        """End all processes; work on a video is given up."""
        self._closing.set()
        self.pool.shutdown(cancel_futures=True)
        self._decode.close()


def _of_video(done: dict[str, Any], files: dict[str, bytes], media_type: str) -> Answer:
    line = json.loads(done["lines"][0])
    told = {"size": line["size"], "instances": line["instances"], "counts": done["counts"]}
    if media_type == "application/json":
        return Answer(json.dumps(told).encode(), media_type)
    if media_type == answers.PROGRESS:
        return answers.last_line(told, files)
    if media_type == "application/zip":
        return Answer(answers.zipped(files.items()), media_type)
    return answers.one_file(files, media_type)
