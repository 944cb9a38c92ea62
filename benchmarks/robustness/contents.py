"""What is in the files of a results folder, so that two runs can be compared: media by frames,
times and packets, for a container may hold a random number; everything else byte by byte.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import av
import numpy as np

MEDIA = (".mkv", ".mp4", ".webm", ".mov")
KEPT = {"kirinuki-journal.jsonl", ".kirinuki-coco-1.jsonl"}
"""What a job remembers for the next one: it tells of every run, so it is not the same twice."""

Digests = dict[str, str]
"""File, or file and stream → what is in it, in short."""


def digests(folder: Path) -> Digests:
    """What is in all files of a folder, hidden ones too but not those that are `KEPT`, and which
    folders there are."""
    found: Digests = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_dir():
            found[f"{name}/"] = "folder"
        elif path.suffix in MEDIA and not is_hidden(name):
            found |= {f"{name} {stream}": text for stream, text in streams(path).items()}
        elif path.name not in KEPT:
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def is_hidden(name: str) -> bool:
    """Whether a file, or a folder that it lies in, is hidden: work under way."""
    return any(part.startswith(".") for part in Path(name).parts)


def half_written(expected: Digests, found: Digests) -> list[str]:
    """Names in sight whose content is not what a job ends with."""
    names = (name for name in found if not is_hidden(name) and not name.endswith("/"))
    return [name for name in names if expected.get(name) != found[name]]


def streams(path: Path) -> Digests:
    """Frames, or packets of sound and subtitles, of each stream, with their times."""
    try:
        return _streams(path)
    except av.FFmpegError as error:  # half a file
        return {"unreadable": str(error)}


def _streams(path: Path) -> Digests:
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
