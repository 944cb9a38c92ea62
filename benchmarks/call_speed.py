"""How long one call takes, model loaded, beside other models: seconds from a file to the masks.

Every side decodes the picture, prepares it, runs, and brings its masks to the size of the picture,
each in a process of its own, with the same number of threads. The peers:

- torchvision ``maskrcnn_resnet50_fpn``, eager, at its default 800 pixels, with random weights. It
  finds nothing, so its mask head and the pasting rest: the comparison favours it.
- a stand-in of IS-Net's size at 1024² on ONNX Runtime (`isnet`), what background removers run.
- U²-Net at 320², with its real weights, where ``--salient`` names them (``quality/salient.py``).

Pictures: 1280×720 with two characters each, cut out of examples/.

    python benchmarks/call_speed.py [--model FILE|FOLDER] [--salient U2NET.ONNX] [--threads N]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter, ImageOps

EXAMPLES = Path(__file__).parents[1] / "examples"
SIZE_WH = (1280, 720)
Call = Callable[[Path], int]
"""A picture's file → how many characters were found."""


def make_pictures(folder: Path, count: int) -> list[Path]:
    """Two characters of the examples side by side on a blurred example, as JPEG."""
    draw = random.Random(0)
    cutouts = [cutout(path) for path in sorted((EXAMPLES / "alpha").glob("*.png"))]
    scenes = [Image.open(path).convert("RGB") for path in sorted(EXAMPLES.glob("*.png"))]
    paths = []
    for i in range(count):
        behind = ImageOps.fit(scenes[i % len(scenes)], SIZE_WH)
        picture = behind.filter(ImageFilter.GaussianBlur(60))
        for k, one in enumerate(draw.sample(cutouts, 2)):
            shown = ImageOps.contain(one, (SIZE_WH[0] // 2, draw.randint(480, 700)))
            left = SIZE_WH[0] // 2 * k + (SIZE_WH[0] // 2 - shown.width) // 2
            picture.paste(shown, (left, SIZE_WH[1] - shown.height), shown)
        paths.append(folder / f"{i:02}.jpg")
        picture.save(paths[-1], quality=92)
    return paths


def cutout(alpha_path: Path) -> Image.Image:
    """A character of an example, RGBA, cropped to itself."""
    scene = Image.open(EXAMPLES / f"{alpha_path.stem.rsplit('_', 1)[0]}.png").convert("RGB")
    alpha = Image.open(alpha_path).convert("L")
    scene.putalpha(alpha)
    return scene.crop(alpha.getbbox())


def call_kirinuki(model: str | None, threads: int | None) -> Call:
    from kirinuki import Segmenter

    segmenter = Segmenter.load(model, threads=threads)
    return lambda path: len(segmenter(path))


def call_torchvision(_: str | None, threads: int | None) -> Call:
    import torch
    from torchvision.models.detection import maskrcnn_resnet50_fpn
    from torchvision.transforms.functional import pil_to_tensor

    if threads:
        torch.set_num_threads(threads)
    model = maskrcnn_resnet50_fpn(weights=None, weights_backbone=None).eval()

    def call(path: Path) -> int:
        with torch.inference_mode():
            picture = pil_to_tensor(Image.open(path).convert("RGB")).float() / 255
            return len(model([picture])[0]["masks"])

    return call


def call_salient(model: str | None, threads: int | None) -> Call:
    """Any model of one square picture → one mask: its input's size is read from the file."""
    import cv2
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or 0
    session: Any = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    entry, first = session.get_inputs()[0], session.get_outputs()[0].name
    side = entry.shape[2]

    def call(path: Path) -> int:
        rgb = np.asarray(Image.open(path).convert("RGB"))
        small: NDArray[Any] = cv2.resize(rgb, (side, side), interpolation=cv2.INTER_AREA)
        feed = ((small / np.float32(255) - 0.5) / 0.5).astype(np.float32).transpose(2, 0, 1)[None]
        alpha = session.run([first], {entry.name: np.ascontiguousarray(feed)})[0][0, 0]
        cv2.resize(alpha, (rgb.shape[1], rgb.shape[0]), interpolation=cv2.INTER_LINEAR)
        return 1

    return call


CALLS = {
    "kirinuki": call_kirinuki,
    "torchvision": call_torchvision,
    "salient": call_salient,
}


def child(who: str, model: str | None, threads: int | None, pictures: list[Path]) -> None:
    """One side's process: times of every picture but the first, which warms up."""
    call = CALLS[who](model, threads)
    found = [call(pictures[0])]
    seconds = []
    for path in pictures:
        start = time.perf_counter()
        found.append(call(path))
        seconds.append(time.perf_counter() - start)
    scale = 2**20 if sys.platform == "darwin" else 2**10  # bytes on macOS, else KiB
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / scale
    print(json.dumps({"seconds": seconds, "peak_mib": peak, "found": found[1:]}))


def measure(
    who: str, model: str | None, threads: int | None, pictures: list[Path]
) -> dict[str, Any]:
    """What one side's process says; if it fails, so do we."""
    options = ["--child", who, "--pictures", *map(str, pictures)]
    options += ["--model", model] if model else []
    options += ["--threads", str(threads)] if threads else []
    done = subprocess.run([sys.executable, __file__, *options], stdout=subprocess.PIPE, check=True)
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said


def compare(arguments: argparse.Namespace) -> None:
    """Measure all sides in turn and print a Markdown table; ratios are to kirinuki's median."""
    with tempfile.TemporaryDirectory() as scratch:
        pictures = make_pictures(Path(scratch), arguments.count)
        isnet = Path(scratch, "isnet.onnx")
        subprocess.run(
            [
                sys.executable,
                "-c",
                f"import isnet, pathlib; isnet.save_onnx(pathlib.Path({str(isnet)!r}))",
            ],
            cwd=Path(__file__).parent,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        sides: list[tuple[str, str, str | None]] = [
            ("kirinuki", "kirinuki", arguments.model),
            ("torchvision R50-FPN, eager, 800 px", "torchvision", None),
            ("IS-Net's size (random weights), 1024²", "salient", str(isnet)),
        ]
        if arguments.salient:
            sides.append(("U²-Net, 320²", "salient", arguments.salient))
        results = {
            name: measure(who, model, arguments.threads, pictures) for name, who, model in sides
        }
    ours = statistics.median(results["kirinuki"]["seconds"])
    found = statistics.mean(results["kirinuki"]["found"])
    threads = arguments.threads or "default"
    print(f"{platform.platform()}, {os.cpu_count()} cores, threads: {threads}; ", end="")
    print(f"{len(pictures)} pictures of 1280×720 with two characters ({found:.1f} found)\n")
    print("| one call, model loaded | median | slower than kirinuki | peak memory |")
    print("|---|---:|---:|---:|")
    for name, said in results.items():
        median = statistics.median(said["seconds"])
        print(
            f"| {name} | {1000 * median:.0f} ms | {median / ours:.1f}× "
            f"| {said['peak_mib']:.0f} MiB |"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description="Time one call beside other models.")
    parser.add_argument("--count", type=int, default=12, help="pictures")
    parser.add_argument("--model", help="kirinuki's model; default: the one in the package")
    parser.add_argument("--salient", metavar="U2NET.ONNX", help="another peer")
    parser.add_argument("--threads", type=int, help="CPU threads of every side")
    parser.add_argument("--child", choices=list(CALLS), help=argparse.SUPPRESS)
    parser.add_argument("--pictures", nargs="+", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        child(arguments.child, arguments.model, arguments.threads, arguments.pictures)
    else:
        compare(arguments)


if __name__ == "__main__":
    main()
