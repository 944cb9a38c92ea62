"""Peak memory of reading a picture, by format: each in a process of its own, beside the limit of
400 MB and 8 bytes a pixel.

    python benchmarks/picture_memory.py                    # 12,000 × 12,000, about ten minutes
    python benchmarks/picture_memory.py --side 4000        # a look

The pictures are smooth with a noisy strip; what is measured is the resident peak of a process that
imports kirinuki and calls `read_picture` once. The exit status is 1 where one is above the limit.
"""

from __future__ import annotations

import argparse
import resource
import struct
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
from PIL import Image

from kirinuki.video.priority import ordinary_priority

FIXED, A_PIXEL = 400e6, 8
"""Bytes that reading may take, and bytes a pixel."""


def scene(side: int, channels: int) -> Image.Image:
    """A smooth picture whose top is noise."""
    steps = (np.arange(side) * 255 // side).astype(np.uint8)
    picture = np.empty((side, side, channels), np.uint8)
    for channel in range(channels):
        picture[..., channel] = steps if channel % 2 else steps[:, None]
    noise = np.random.default_rng(0).integers(0, 256, (side // 50 + 1, side, channels), np.uint8)
    picture[: len(noise)] = noise
    return Image.fromarray(picture)


def saved(kind: str, channels: int, **options: object) -> Callable[[Path, int], None]:
    """Writes a picture with Pillow."""
    return lambda path, side: scene(side, channels).save(path, kind, **options)


def _grey_16(path: Path, side: int) -> None:
    steps = (np.arange(side) * 65_535 // side).astype(np.uint16)
    Image.fromarray(np.tile(steps, (side, 1))).save(path, "PNG")


def _sideways(path: Path, side: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    scene(side, 3).save(path, "JPEG", exif=exif)


def _hdr_png(path: Path, side: int) -> None:
    """16 bits a channel, PQ."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checked = kind + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    row = np.repeat(np.linspace(0, 40_000, side).astype(">u2"), 3).tobytes()
    packed, compressor = [], zlib.compressobj(1)
    for _ in range(side):
        packed.append(compressor.compress(b"\0" + row))
    packed.append(compressor.flush())
    header = struct.pack(">IIBBBBB", side, side, 16, 2, 0, 0, 0)
    parts = [(b"IHDR", header), (b"cICP", bytes([9, 16, 0, 1])), (b"IDAT", b"".join(packed))]
    body = b"".join(chunk(*part) for part in [*parts, (b"IEND", b"")])
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)


@ordinary_priority()
def _hdr_avif(path: Path, side: int) -> None:
    """10 bits, PQ."""
    with av.open(str(path), "w", format="avif") as container:
        stream = container.add_stream("libsvtav1", rate=1, options={"preset": "12", "crf": "40"})
        stream.width, stream.height, stream.pix_fmt = side, side, "yuv420p10le"
        context, frame = stream.codec_context, av.VideoFrame(side, side, "yuv420p10le")
        for target in (context, frame):
            target.colorspace, target.color_range = 9, 1
            target.color_primaries, target.color_trc = 9, 16
        for plane, value in zip(frame.planes, (500, 512, 512), strict=True):
            plane.update(np.full(plane.buffer_size // 2, value, np.uint16).tobytes())
        frame.pts = 0
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


FORMATS: dict[str, Callable[[Path, int], None]] = {
    "PNG": saved("PNG", 3, compress_level=1),
    "PNG, transparent": saved("PNG", 4, compress_level=1),
    "PNG, grey of 16 bits": _grey_16,
    "PNG, HDR": _hdr_png,
    "JPEG": saved("JPEG", 3),
    "JPEG, progressive, 4:4:4": saved("JPEG", 3, progressive=True, subsampling=0),
    "JPEG, turned": _sideways,
    "WebP": saved("WEBP", 3, method=0),
    "WebP, transparent": saved("WEBP", 4, method=0),
    "WebP, lossless": saved("WEBP", 3, lossless=True, method=0, quality=0),
    "WebP, lossless, transparent": saved("WEBP", 4, lossless=True, method=0, quality=0),
    "AVIF": saved("AVIF", 3, speed=10),
    "AVIF, transparent": saved("AVIF", 4, speed=10),
    "AVIF, HDR": _hdr_avif,
    "GIF": saved("GIF", 3),
    "BMP": saved("BMP", 3),
    "TIFF": saved("TIFF", 3),
    "TIFF, LZW, transparent": saved("TIFF", 4, compression="tiff_lzw"),
}


def _run(*arguments: str) -> str:
    """This script in a process of its own; its last line."""
    command = [sys.executable, __file__, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout.strip().splitlines()[-1]


def _read(path: Path) -> None:
    """Print the peak in bytes, and the pixels."""
    from kirinuki.images import read_picture

    pixels = read_picture(path).rgb.size // 3
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, pixels)


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the memory of reading pictures.")
    parser.add_argument("--side", type=int, default=12_000, help="pixels")
    parser.add_argument("--only", choices=FORMATS, action="append")
    parser.add_argument("--write", nargs=2, metavar=("FORMAT", "FILE"), help=argparse.SUPPRESS)
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.write:
        FORMATS[asked.write[0]](Path(asked.write[1]), asked.side)
        print("written")
        return
    if asked.read:
        _read(asked.read)
        return
    print("| format | peak MB | of | MB a megapixel, beyond 100 |\n|---|---|---|---|")
    above = False
    with tempfile.TemporaryDirectory() as folder:
        for name in asked.only or FORMATS:
            path = Path(folder, "picture")
            _run("--write", name, str(path), "--side", str(asked.side))
            peak, pixels = map(int, _run("--read", str(path)).split())
            most = FIXED + A_PIXEL * pixels
            above |= peak > most
            share = (peak - 100e6) / pixels
            print(f"| {name} | {peak / 1e6:,.0f} | {most / 1e6:,.0f} | {share:.1f} |", flush=True)
    if above:
        sys.exit(1)


if __name__ == "__main__":
    main()
