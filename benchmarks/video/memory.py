"""Peak memory of ``kirinuki video`` on a short and a long clip, and the speed of its parts.

    python benchmarks/video/memory.py [--minutes 1 4] [--on 12] [--size 1920 1080] [-- OPTIONS]

Memory is that of whole processes, start and model included, by the operating system's account. It
must not grow with the length. Clips are made anew; few drawings (``--on 12``) let a long clip be
followed in reasonable time, and have no influence on memory. OPTIONS are passed on to the command.

The parts are timed one by one in this process: decoding, finding everyone, drawing the overlay,
encoding it, encoding with alpha. In a job they overlap, so that the slowest sets the pace.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from made_clip import Look, make_clip
from markdown_table import markdown

from kirinuki import Segmenter
from kirinuki.images.picture import Picture
from kirinuki.render.cutout import everyone
from kirinuki.render.overlay import overlay
from kirinuki.video import Frame, read
from kirinuki.video.encoder import Encoder
from kirinuki.video.styles import STYLES

VIDEO = "from kirinuki.cli import main; main()"
LIMIT_MIB = 1536
"""Promised for an episode of 24 minutes at 1080p."""
TIMED_FRAMES = 48
LOOKS = 6
"""Frames that are looked at to time that."""


@dataclass(frozen=True)
class Process:
    """A finished process: seconds of wall time and peak resident memory in MiB."""

    seconds: float
    peak_mib: float


def run(arguments: list[str]) -> Process:
    """Run ``kirinuki`` with these arguments; if it fails, so do we."""
    start = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen([sys.executable, "-c", VIDEO, *arguments], stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        said.seek(0)
        if status:
            raise SystemExit(said.read().decode(errors="replace"))
    scale = 2**20 if sys.platform == "darwin" else 2**10  # bytes on macOS, else KiB
    return Process(seconds, usage.ru_maxrss / scale)


def measure_memory(minutes: list[float], look: Look, options: list[str]) -> str:
    """A line for each length."""
    lines = [["length", "frames", "peak memory", "wall time", "frames a second"]]
    for length in minutes:
        with tempfile.TemporaryDirectory() as folder:
            clip = make_clip(Path(folder, "clip.mkv"), length * 60, look)
            frames = sum(1 for _ in read(clip))
            done = run(["video", str(clip), "-o", str(Path(folder, "out")), *options])
        fps = frames / done.seconds
        peak = f"{done.peak_mib:.0f} MiB" + (" (**over**)" if done.peak_mib > LIMIT_MIB else "")
        lines.append([f"{length:g} min", str(frames), peak, f"{done.seconds:.0f} s", f"{fps:.1f}"])
    return markdown(lines)


def measure_parts(look: Look) -> str:
    """Frames a second of each part alone, on new drawings."""
    with tempfile.TemporaryDirectory() as folder:
        clip = make_clip(Path(folder, "clip.mkv"), TIMED_FRAMES / 24, look)
        seconds = {"decoding": _timed(lambda: [None for _ in read(clip)]) / TIMED_FRAMES}
        with read(clip) as video:
            info = video.info
            frames = list(islice(video, 0, None, max(1, TIMED_FRAMES // LOOKS)))
        segmenter = Segmenter.load()
        segmenter(Picture(frames[0].rgb))
        found = [segmenter(Picture(frame.rgb)) for frame in frames]
        pairs = list(zip(frames, found, strict=True))
        looks = _timed(lambda: [segmenter(Picture(frame.rgb)) for frame in frames])
        seconds["finding everyone"] = looks / len(frames)
        drawing = _timed(lambda: [overlay(f.rgb, i) for f, i in pairs])
        seconds["drawing the overlay"] = drawing / len(frames)
        cutting = _timed(lambda: [everyone(f.rgb, i) for f, i in pairs])
        seconds["cutting everyone out"] = cutting / len(frames)
        kinds = {"h264": [overlay(f.rgb, i) for f, i in pairs]}
        kinds["vp9-alpha"] = [everyone(f.rgb, i) for f, i in pairs]
        for style, pictures in kinds.items():

            def encode(style: str = style, pictures: list[object] = pictures) -> None:
                path = Path(folder, style).with_suffix(STYLES[style].suffix)
                with Encoder(path, STYLES[style], info, info.size_hw) as encoder:
                    for i in range(TIMED_FRAMES):
                        at: Frame = frames[0]
                        encoder.write(pictures[i % len(pictures)], i * at.duration, at.duration)

            seconds[f"encoding {style}"] = _timed(encode) / TIMED_FRAMES
    lines = [[name, f"{1000 * each:.1f} ms", f"{1 / each:.1f}"] for name, each in seconds.items()]
    return markdown([["part", "a frame", "frames a second"], *lines])


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure memory and speed of kirinuki video.")
    parser.add_argument("--minutes", type=float, nargs="+", default=[1, 4])
    parser.add_argument("--on", type=int, default=12, help="frames that show the same drawing")
    parser.add_argument("--size", type=int, nargs=2, default=[1920, 1080], help="width, height")
    parser.add_argument("options", nargs="*", default=[], help="after --: for kirinuki video")
    arguments = parser.parse_args()
    look = Look((arguments.size[0], arguments.size[1]), arguments.on)
    print(f"{platform.platform()}, {os.cpu_count()} cores, {look.size_wh}\n")
    print(measure_memory(arguments.minutes, look, arguments.options))
    print(measure_parts(look))


if __name__ == "__main__":
    main()
