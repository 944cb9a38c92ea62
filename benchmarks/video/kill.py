"""Kill ``kirinuki video`` at random moments, go on with ``--resume``, compare every frame.

    python benchmarks/video/kill.py [CLIP] [--kills 10] [--seed 0] [-- OPTIONS]

The job runs once undisturbed. Then, for each moment, it runs again, is killed with SIGKILL and
resumed; at last one job is killed at all moments in a row. Compared are all results: decoded frames
with alpha, their times, packets of sound and subtitles with theirs, other files byte by byte, and
that nothing else lies in the folder. Without CLIP one of 24 seconds with cuts is made.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from made_clip import Look, make_clip
from markdown_table import markdown

VIDEO = "from kirinuki.cli import main; main()"
EVERYTHING = ["--overlay", "--cutout", "--matte", "--mask", "--each", "--labels", "coco"]
MEDIA = (".mkv", ".mp4", ".webm", ".mov")
MADE = Look(size_wh=(480, 270), on=8, shot=6.0)
MADE_SECONDS = 24
LONGEST = 3600
"""Seconds after which a job that nobody kills is taken to hang."""

Digests = dict[str, str]
"""File, or file and stream → what is in it, in short."""


@dataclass(frozen=True)
class Outcome:
    """What a job did that was killed: how often it was, what it left, and what it ended with."""

    kills: int
    segments: int
    """Finished segments when it was last killed."""
    strays: list[str]
    """Results that lay there when it was last killed: there should be none."""
    different: list[str]
    seconds: float


def start(clip: Path, out: Path, options: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start a job in a process group of its own."""
    arguments = ["video", str(clip), "-o", str(out), *options]
    return subprocess.Popen(
        [sys.executable, "-c", VIDEO, *arguments],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )


def done_within(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Whether a job ended by itself before so many seconds had passed; else it is killed. If it
    failed, so do we."""
    try:
        _, said = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        return False
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
    if process.returncode:
        raise SystemExit(said.decode(errors="replace"))
    return True


def finish(process: subprocess.Popen[bytes]) -> None:
    """Wait for a job; if it fails or hangs, so do we."""
    if not done_within(process, LONGEST):
        raise SystemExit(f"{process.args}: not done after {LONGEST} seconds")


def kill_and_resume(
    clip: Path, out: Path, options: Sequence[str], moments: Sequence[float], expected: Digests
) -> Outcome:
    """Kill a job at each moment, resume it each time, and compare what it ends with."""
    begun = time.perf_counter()
    kills, segments, strays = 0, 0, list[str]()
    for number, moment in enumerate(moments):
        resume = ["--resume"] if number else []
        if done_within(start(clip, out, [*options, *resume]), moment):
            break
        kills += 1
        segments = parts_in(out)
        strays = [] if not out.exists() else [p.name for p in visible(out)]
    finish(start(clip, out, [*options, "--resume"]))
    seconds = time.perf_counter() - begun
    return Outcome(kills, segments, strays, differences(expected, digests(out)), seconds)


def parts_in(out: Path) -> int:
    """Segments that the journal knows of."""
    journal = out / "kirinuki-journal.jsonl"
    text = journal.read_text(encoding="utf-8") if journal.exists() else ""
    return text.count('{"part":')


def visible(folder: Path) -> list[Path]:
    """Files under a folder but the journal, without those that are hidden or in hidden folders."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".jsonl")
    return [
        path
        for path in files
        if not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]


def digests(folder: Path) -> Digests:
    """What is in all files of a folder but the journal, hidden ones included."""
    found: Digests = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.suffix == ".jsonl":
            continue
        if path.is_dir():
            found[f"{name}/"] = "folder"
        elif path.suffix in MEDIA:
            found |= {f"{name} {stream}": text for stream, text in streams(path).items()}
        else:
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def streams(path: Path) -> dict[str, str]:
    """Frames, or packets of sound and subtitles, of each stream, with their times."""
    found = {}
    with av.open(str(path)) as container:
        hashes = {stream.index: hashlib.sha256() for stream in container.streams}
        counts = dict.fromkeys(hashes, 0)
        decoders = {s.index: decoder_of(s) for s in container.streams.video}
        for packet in container.demux():
            index = packet.stream.index
            if index in decoders:
                for frame in decoders[index].decode(packet if packet.size else None):
                    hashes[index].update(frame_bytes(frame, packet.time_base))
                    counts[index] += 1
            elif packet.dts is not None:
                times = packet.pts, packet.dts, packet.duration, packet.time_base
                hashes[index].update(repr(times).encode() + bytes(packet))
                counts[index] += 1
        for stream in container.streams:
            i = stream.index
            found[f"{stream.type} {i}"] = f"{counts[i]} × {hashes[i].hexdigest()}"
    return found


def decoder_of(stream: av.VideoStream) -> av.CodecContext:
    """FFmpeg's own decoder of VP9 leaves alpha out, libvpx's does not."""
    if stream.codec_context.name != "vp9":
        return stream.codec_context
    decoder = av.CodecContext.create("libvpx-vp9", "r")
    decoder.extradata = stream.codec_context.extradata
    return decoder


def frame_bytes(frame: av.VideoFrame, time_base: object) -> bytes:
    """Time, format and all planes, without the padding of their rows."""
    size = (frame.format.components[0].bits + 7) // 8
    parts = [repr((frame.pts, time_base, frame.format.name, frame.width, frame.height)).encode()]
    for plane in frame.planes:
        rows = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)
        parts.append(rows[:, : plane.width * size].tobytes())
    return b"".join(parts)


def differences(expected: Digests, found: Digests) -> list[str]:
    """Names whose content is missing, different or too many."""
    names = sorted({*expected, *found})
    return [name for name in names if expected.get(name) != found.get(name)]


def line(name: str, outcome: Outcome) -> list[str]:
    return [
        name,
        str(outcome.kills) if outcome.kills else "done before",
        str(outcome.segments),
        ", ".join(outcome.strays) or "none",
        f"{outcome.seconds:.0f} s",
        "the same" if not outcome.different else "**different:** " + ", ".join(outcome.different),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description="Kill kirinuki video and go on.")
    parser.add_argument("clip", type=Path, nargs="?", help="a video; default: one is made")
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=Path, help="work here and keep everything")
    parser.add_argument("options", nargs="*", default=EVERYTHING, help="after --")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        clip = arguments.clip or make_clip(folder / "clip.mkv", MADE_SECONDS, MADE)
        options = arguments.options
        begun = time.perf_counter()
        finish(start(clip, folder / "undisturbed", options))
        seconds = time.perf_counter() - begun
        expected = digests(folder / "undisturbed")
        print(f"undisturbed: {seconds:.0f} s; seed {arguments.seed}\n")
        print("\n".join(f"- {name}: {text[:24]}" for name, text in expected.items()) + "\n")
        draw = random.Random(arguments.seed)
        moments = [draw.uniform(0.02, 0.98) * seconds for _ in range(arguments.kills)]
        lines = [["killed after", "kills", "segments done", "results then", "took", "results"]]
        for number, moment in enumerate(moments):
            out = folder / f"killed_{number}"
            outcome = kill_and_resume(clip, out, options, [moment], expected)
            lines.append(line(f"{moment:.1f} s", outcome))
            print(" · ".join(lines[-1]), flush=True)
        in_a_row = [max(3.0, moment / 2) for moment in moments]
        outcome = kill_and_resume(clip, folder / "in_a_row", options, in_a_row, expected)
        lines.append(line("all, in a row", outcome))
        print("\n" + markdown(lines))
    if any("different" in cells[-1] for cells in lines[1:]):
        sys.exit(1)


if __name__ == "__main__":
    main()
