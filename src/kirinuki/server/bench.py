"""`Bench`: the one model and what it takes to answer a request, in threads and processes.

Not covered: HTTP (`app`), whose turn it is (`gate`).
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryDirectory
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from kirinuki.images.picture import Picture
from kirinuki.instances import Instances
from kirinuki.segmenter.segments import Described, Segments
from kirinuki.server import answers
from kirinuki.server.answers import Answer
from kirinuki.server.children import Decoders, cut_video_in_child
from kirinuki.server.cuts import check_squares
from kirinuki.server.fields import in_fields
from kirinuki.server.limits import Limits
from kirinuki.server.results import Results
from kirinuki.server.video_cuts import VideoOrder
from kirinuki.server.wishes import Wish

VIDEO_STEM = "video"
Progress = Callable[[int, int | None], None]


class OneAtATime(Described):
    """A segmenter that looks at one picture after the other.

    One look takes all cores. Two at once take twice the processor time a picture and more, where
    there are two cores (docs/LOG.md)."""

    def __init__(self, segmenter: Segments) -> None:
        super().__init__(segmenter)
        self._turn = threading.Lock()

    def __call__(self, picture: Picture, /) -> Instances:
        with self._turn:
            return super().__call__(picture)

    def refresh(
        self,
        picture: Picture,
        instances: Instances,
        which: NDArray[np.integer],
        redo: NDArray[np.bool_],
    ) -> Instances | None:
        with self._turn:
            return super().refresh(picture, instances, which, redo)


class Bench:
    """Answers requests; the methods block, and are called in threads of `pool`."""

    def __init__(self, segmenter: Segments, limits: Limits) -> None:
        self.segmenter = OneAtATime(segmenter)
        self.limits = limits
        self.pool = ThreadPoolExecutor(limits.in_flight + 1, "kirinuki-bench")  # and a video
        self._decode = Decoders(limits)
        self._closing = threading.Event()

    def check(self, wish: Wish, *, moves: bool) -> None:
        """Raise KirinukiError where the model, or a video, lacks what is asked for."""
        wish.selection.check(self.segmenter.names, self.segmenter.tells_kinds)
        if moves:
            wish.selection.check_video()

    def picture(self, file: IO[bytes], wish: Wish, media_type: str) -> Answer:
        """Cut a picture.

        Raises:
            KirinukiError: it cannot be read, is not within the limits, or has not the places asked
                for; or the model fails on it.
        """
        picture = self._decode(file.read())
        wish.selection.check_picture(picture.rgb.shape[:2], "picture")
        instances = wish.edges(wish.selection(self.segmenter(picture)))
        outputs = answers.of_pictures(wish.outputs, media_type)
        check_squares(outputs, instances, self.limits.pixels)
        return answers.of_picture(picture, instances, outputs, media_type, self.segmenter.names)

    def video(
        self,
        file: IO[bytes],
        container: str,
        wish: Wish,
        media_type: str,
        on_frame: Progress = lambda frames, total: None,
        stop: Callable[[], bool] = lambda: False,
    ) -> Answer:
        """Cut a video.

        Args:
            container: suffix of the file.

        Raises:
            VideoError: it cannot be read, or not within the limits.
            ProblemError: 422, its results are too large; 503, it took too long or was stopped.
        """
        with TemporaryDirectory(prefix="kirinuki-") as folder:
            path, out = Path(folder, VIDEO_STEM + container), Path(folder, "out")
            with path.open("wb") as target:
                copyfileobj(file, target)
            suffix = answers.suffix_of(wish.outputs, media_type, moves=True)
            order = self._order(path, out, suffix, wish, media_type)
            results = Results(out, self.limits.results)

            def note(frames: int, total: int | None) -> None:
                results.check_sometimes()
                on_frame(frames, total)

            done = cut_video_in_child(
                order, self.segmenter, self.limits, note, lambda: stop() or self._closing.is_set()
            )
            return _of_video(done, results.read(), media_type)

    def _order(
        self, path: Path, out: Path, suffix: str | None, wish: Wish, media_type: str
    ) -> VideoOrder:
        files = {} if media_type == answers.JSON else wish.outputs
        return VideoOrder(
            str(path),
            str(out),
            suffix,
            {name: asdict(options) for name, options in files.items()},
            wish.selection,
            wish.edges,
            wish.part,
            media_type == answers.PROGRESS,
            self.limits.frames,
            self.limits.pixels,
        )

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

    def give_up_videos(self) -> None:
        """End work on videos: who waits for one gets a 503."""
        self._closing.set()

    def close(self) -> None:
        """End all processes; work on a video is given up."""
        self.give_up_videos()
        self.pool.shutdown(cancel_futures=True)
        self._decode.close()


def _of_video(done: dict[str, Any], files: dict[str, bytes], media_type: str) -> Answer:
    notes = [in_fields(str(note)) for note in done["notes"]]
    if media_type in answers.VIDEOS:
        (content,) = files.values()
        return Answer(content, media_type, notes)
    if media_type == answers.ZIP:
        return Answer(answers.zipped(files.items()), media_type, notes)
    line = json.loads(done["lines"][0])
    told = {name: line[name] for name in ("size", "instances")}
    told |= {"counts": done["counts"], "notes": notes}
    if media_type == answers.PROGRESS:
        for one in told["instances"]:
            one["face"] = done["faces"].get(str(one["id"]))
        return answers.last_line(told, files)
    return Answer(json.dumps(told).encode(), media_type, notes)
