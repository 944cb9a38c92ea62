"""Does memory grow? 2,000 pictures and 10 minutes of video in one process.

    python benchmarks/robustness/soak.py                       # 20 rounds, the package's model
    python benchmarks/robustness/soak.py --tiny --pictures 10 --seconds 1

A round cuts the same pictures (all formats, seven sizes) and the same clip into a new folder with
one open model. Resident memory after each round is printed; after the first tenth of the rounds all
of it must be within 5 % of the median. The clip's drawings are held for half a second each, as in
animation, and pan over a new scene every four seconds.

Not covered: peaks within a round (`benchmarks/picture_memory.py`, `benchmarks/video/memory.py`).
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from kirinuki.cli.arenas import keep_few_arenas

keep_few_arenas()  # as the command does, before libraries start threads

import numpy as np  # noqa: E402
from PIL import Image  # noqa: E402

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from fake_models import save_detector, save_refiner  # noqa: E402
from kirinuki.cutting import cut  # noqa: E402
from kirinuki.segmenter.segmenter import Segmenter  # noqa: E402
from made_clips import write_clip  # noqa: E402

SHARE = 0.05
"""By which resident memory may differ from its median."""
SCENE = Path(__file__).parents[2] / "examples" / "scene.png"
SIZES = ((320, 180), (180, 320), (640, 360), (100, 100), (256, 256), (480, 270), (33, 300))
SUFFIXES = (".png", ".jpg", ".webp", ".gif", ".tiff", ".avif", ".bmp")
FPS, HELD, SHOT = 24, 12, 96
"""Frames a second, of a drawing, of a scene."""


def make_inputs(folder: Path, pictures: int, seconds: float) -> None:
    """The drawing in other colours and sizes, and a clip that pans over it."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    with Image.open(SCENE) as opened:
        scene = opened.convert("RGB")
    for number in range(pictures):
        size, suffix = SIZES[number % len(SIZES)], SUFFIXES[number // 7 % len(SUFFIXES)]
        pixels = np.roll(np.array(scene.resize(size)), number, axis=2)
        pixels = np.clip(pixels + rng.integers(-9, 9), 0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"{number:04d}{suffix}")
    wide = np.array(scene.resize((320, 180)))
    write_clip(folder / "clip.mkv", [frame(wide, n) for n in range(round(seconds * FPS))], tones=1)


def frame(wide: np.ndarray, number: int) -> np.ndarray:
    """A frame of the clip, (90, 160, 3) uint8."""
    drawing, shot = number // HELD * HELD, number // SHOT
    x, y = (7 * drawing + 91 * shot) % 160, 37 * shot % 90
    return np.roll(wide[y : y + 90, x : x + 160], shot, axis=2)


def model(folder: Path, tiny: bool) -> Segmenter:
    """The package's, or one of a few bytes that finds two characters in everything."""
    if not tiny:
        return Segmenter.load(threads=1)
    folder.mkdir()
    save_detector(folder / "detector.onnx", [[8, 6, 26, 34], [34, 4, 58, 35]], [0.9, 0.8], [0, 1])
    save_refiner(folder / "refiner.onnx", 1)
    return Segmenter.load(folder, threads=1)


def resident() -> float:
    """Megabytes of this process, from Linux's own count."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise OSError("no VmRSS")


def rounds(folder: Path, count: int, segmenter: Segmenter) -> Iterator[float]:
    """Megabytes after each round."""
    outputs = {name: {} for name in ("cutout", "overlay", "mask")}
    for _ in range(count):
        summary = cut([folder / "in"], folder / "out", outputs, model=segmenter, videos=True)
        if summary.problems or summary.interrupted:
            raise SystemExit(f"failed: {[*summary.problems, 'stopped'][0]}")
        shutil.rmtree(folder / "out")
        yield resident()


def spread(megabytes: list[float]) -> tuple[float, float]:
    """Median after the first tenth, and by which share the others differ from it at most."""
    steady = megabytes[max(1, len(megabytes) // 10) :]
    median = statistics.median(steady)
    return median, max(abs(one - median) / median for one in steady)


def main() -> None:
    parser = argparse.ArgumentParser(description="Does memory grow?")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--pictures", type=int, default=100, help="of a round")
    parser.add_argument("--seconds", type=float, default=30, help="of video of a round")
    parser.add_argument("--tiny", action="store_true", help="with a model of a few bytes")
    asked = parser.parse_args()
    found: list[float] = []
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        make_inputs(folder / "in", asked.pictures, asked.seconds)
        segmenter = model(folder / "model", asked.tiny)
        print("| pictures | video, s | resident, MB |\n|---|---|---|", flush=True)
        for megabytes in rounds(folder, asked.rounds, segmenter):
            found.append(megabytes)
            done = len(found)
            print(
                f"| {done * asked.pictures:,} | {done * asked.seconds:g} | {megabytes:.0f} |",
                flush=True,
            )
    median, off = spread(found)
    minutes = (time.monotonic() - begun) / 60
    print(f"median {median:.0f} MB, at most {off:.1%} off, {minutes:.1f} min")
    sys.exit(off > SHARE)


if __name__ == "__main__":
    main()
