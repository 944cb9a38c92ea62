"""How long `kirinuki cut` takes, beside eager torchvision Mask R-CNN R50-FPN, in one run.

Measured as a user feels it: wall time and peak memory of whole processes, start included, with
cutouts and overlay written to disk. The peer decodes the same pictures and runs
``maskrcnn_resnet50_fpn`` at its default 800 pixels with random weights (no download; the time of
its convolutions does not depend on them). With random weights nothing scores above its threshold,
so its mask head rests and it writes nothing: the comparison favours the peer.

Pictures: crops of examples/, 1280×720, so that no two are the same.

    python benchmarks/cut_speed.py [--pictures 50] [--peer-pictures N] [--model FILE]
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps

EXAMPLES = Path(__file__).parents[1] / "examples"
SIZE_WH = (1280, 720)
CUT = "from kirinuki.cli import main; main()"


@dataclass(frozen=True)
class Run:
    """One process: seconds of wall time, peak resident memory in MiB, what it said on stderr."""

    seconds: float
    peak_mib: float
    said: str


def make_pictures(folder: Path, count: int) -> list[Path]:
    """Crops of 60 to 100 % of the examples, some mirrored, as JPEG; the first is the whole."""
    examples = [Image.open(path).convert("RGB") for path in sorted(EXAMPLES.glob("*.png"))]
    draw = random.Random(0)
    paths = []
    for i in range(count):
        whole = examples[i % len(examples)]
        share = draw.uniform(0.6, 1.0) if i else 1.0
        width, height = round(whole.width * share), round(whole.height * share)
        x, y = draw.randint(0, whole.width - width), draw.randint(0, whole.height - height)
        crop = whole.crop((x, y, x + width, y + height))
        if i and draw.random() < 0.5:
            crop = ImageOps.mirror(crop)
        paths.append(folder / f"{i:03}.jpg")
        ImageOps.fit(crop, SIZE_WH).save(paths[-1], quality=92)
    return paths


def measure(arguments: list[str]) -> Run:
    """Run Python with these arguments; if it fails, so do we."""
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, *arguments], stderr=subprocess.PIPE)
    assert process.stderr is not None
    said = process.stderr.read().decode(errors="replace")
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    if status:
        raise SystemExit(said)
    scale = 2**20 if sys.platform == "darwin" else 2**10  # bytes on macOS, else KiB
    return Run(seconds, usage.ru_maxrss / scale, said)


def run_peer(pictures: list[str]) -> None:
    """The peer's process: every picture through torchvision, one by one, as its example does."""
    import torch
    from torchvision.models.detection import maskrcnn_resnet50_fpn
    from torchvision.transforms.functional import pil_to_tensor

    model = maskrcnn_resnet50_fpn(weights=None, weights_backbone=None).eval()
    with torch.inference_mode():
        for path in pictures:
            model([pil_to_tensor(Image.open(path).convert("RGB")).float() / 255])


def compare(count: int, peer_count: int, model: str | None) -> None:
    """Measure both and print a table."""
    options = ["--model", model] if model else []
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch, "in")
        folder.mkdir()
        pictures = [str(path) for path in make_pictures(folder, count)]

        def cut(inputs: list[str], name: str) -> Run:
            out = str(Path(scratch, name))
            return measure(["-c", CUT, "cut", *inputs, "-o", out, *options])

        def peer(inputs: list[str]) -> Run:
            return measure([__file__, "--peer", *inputs])

        cut(pictures[:1], "warm")  # fills the disk cache, for the peer too
        peer(pictures[:1])
        one = min((cut(pictures[:1], f"one{i}") for i in range(3)), key=lambda run: run.seconds)
        peer_one = min((peer(pictures[:1]) for _ in range(3)), key=lambda run: run.seconds)
        many = cut(pictures[:count], "many")
        peer_many = peer(pictures[:peer_count])
    peer_each, each = peer_many.seconds / peer_count, many.seconds / count
    print(f"{platform.platform()}, {os.cpu_count()} cores, 1280×720 pictures")
    print("; ".join(many.said.splitlines()[:2]) + "\n")
    print("| | kirinuki cut | torchvision R50-FPN, eager | ratio |\n|---|---|---|---|")
    row("whole command, 1 picture", one.seconds, peer_one.seconds, "s")
    several = f"folder of {count}" + (f" (peer: {peer_count})" if peer_count != count else "")
    row(f"whole command / pictures, {several}", each, peer_each, "s")
    row("peak memory, 1 picture", one.peak_mib, peer_one.peak_mib, "MiB")
    row(f"peak memory, {several}", many.peak_mib, peer_many.peak_mib, "MiB")


def row(name: str, ours: float, theirs: float, unit: str) -> None:
    digits = 2 if unit == "s" else 0
    print(
        f"| {name} | {ours:.{digits}f} {unit} | {theirs:.{digits}f} {unit} | {theirs / ours:.1f}× |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Time kirinuki cut beside torchvision.")
    parser.add_argument("--pictures", type=int, default=50, help="pictures in the folder")
    parser.add_argument("--peer-pictures", type=int, help="fewer of them for the slow peer")
    parser.add_argument("--model", help="passed on to kirinuki cut")
    parser.add_argument("--peer", nargs="+", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.peer:
        run_peer(arguments.peer)
    else:
        count = arguments.pictures
        compare(count, arguments.peer_pictures or count, arguments.model)


if __name__ == "__main__":
    main()
