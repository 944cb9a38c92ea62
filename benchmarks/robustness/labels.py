"""Label files of every format, broken in thousands of ways: does every verb end in a line?

    python benchmarks/robustness/labels.py RESULTS.jsonl [--seeds 5000] [--workers 2]

A seed makes a small good set of one format, breaks one file of it (bytes, values, lines, encodings,
or the file itself becomes a pipe, a folder, a link to itself) and has it read, checked and
converted. Wrong is: an exception that is not ours, a message of several lines, a signal, more than
`SECONDS`, more than `MEMORY`, or a good file of the same folder that was lost. A run that was
stopped goes on where it was. The exit status is 1 if anything was wrong; each wrong seed is printed
and can be run alone (``--only SEED``, which raises what was caught).

Not covered: pictures (`damaged_pictures`), videos, what the labels say.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from click.testing import CliRunner
from label_mutations import mutate
from PIL import Image

from kirinuki.cli import cli
from kirinuki.dataset.check import check_dataset
from kirinuki.errors import KirinukiError
from kirinuki.formats.labelled import LabelledInstance, LabelledPicture
from kirinuki.formats.picture_ref import FileRef, FrameRef
from kirinuki.formats.registry import FORMATS, load_set
from kirinuki.formats.trace import segmentation_of

SECONDS = 30
"""Longest that a seed may take."""
MEMORY = 4 << 30
"""Address space of a worker, in bytes."""
SIZE = (24, 32)
NAMES = ("waifu", "夏")


class WrongError(Exception):
    """What a seed found."""


def good_set(name: str, folder: Path) -> list[Path]:
    """Write a set of three pictures; the files of labels, the one to break first."""
    rng = np.random.default_rng(0)
    pictures = []
    (folder / "images").mkdir(parents=True)
    for i in range(3):
        path = folder / "images" / f"{i}.png"
        Image.fromarray(rng.integers(0, 256, (*SIZE, 3), np.uint8)).save(path)
        mask = np.zeros(SIZE, np.bool_)
        mask[4:18, 3 + i : 20] = True
        hole = mask.copy()
        hole[6:16, 8:17] = False
        whole = LabelledInstance.from_mask(mask, NAMES[0], segmentation_of(mask), track_id=1)
        exact = LabelledInstance.from_mask(hole, NAMES[1], kind="female", score=0.5, track_id=2)
        ref = (
            FrameRef(path, folder / "clip.mp4", i, i / 24)
            if name == "coco_video"
            else FileRef(path)
        )
        pictures.append(LabelledPicture(ref, SIZE, (whole, exact), f"images/{i}.png"))
    target = folder / f"labels{FORMATS[name].target}" if FORMATS[name].target else folder
    assert not [w.failure for w in FORMATS[name].write(pictures, NAMES, target, True) if w.failure]
    suffixes = {"labelme": ".json", "yolo": ".txt"}
    found = sorted(folder.rglob(f"*{suffixes.get(name, FORMATS[name].target)}"))
    return [*found, folder / "data.yaml"] if name == "yolo" else found


def try_seed(seed: int, folder: Path) -> str:
    """Break a set and read it; the format and the mutation. Raises `WrongError`."""
    rng = np.random.default_rng(seed)
    name = sorted(FORMATS)[seed % len(FORMATS)]
    files = good_set(name, folder / "set")
    broken = files[int(rng.integers(len(files)))]
    done = mutate(broken, rng)
    source = folder / "set"
    if FORMATS[name].target and rng.random() < 0.5:
        source = broken
    whole = expect_line(lambda: load_set(source))
    findings = expect_line(lambda: check_dataset(source))
    for finding in findings or ():
        expect_one_line(str(finding))
    faults = any(finding.level == "error" for finding in findings or ())
    outcome = "refused" if whole is None else "faults" if faults else "read"
    others = sorted(set(FORMATS) - {"coco_video"})
    to = others[int(rng.integers(len(others)))]
    words = [
        "data",
        "convert",
        str(source),
        "--to",
        to,
        "-o",
        str(folder / f"out{FORMATS[to].target}"),
    ]
    result = CliRunner().invoke(cli, words + ["--skip-bad-shapes"] * int(rng.integers(2)))
    error = result.exception
    if error is not None and not isinstance(error, (SystemExit, KirinukiError)):
        raise WrongError(f"convert: {type(error).__name__}: {error}") from error
    if isinstance(error, KirinukiError):
        expect_one_line(str(error))
    if name in ("labelme", "yolo") and broken.name != "data.yaml":
        expect_kept(folder / f"out{FORMATS[to].target}", {"0", "1", "2"} - {broken.stem})
    return f"{name}: {outcome}: {done}"


def expect_line(call: Any) -> Any:
    """What a call gives; None where it refuses in one line."""
    try:
        return call()
    except KirinukiError as error:
        expect_one_line(str(error))
    except RecursionError as error:
        raise WrongError("RecursionError") from error
    except Exception as error:
        raise WrongError(f"{type(error).__name__}: {error}") from error
    return None


def expect_one_line(text: str) -> None:
    if "\n" in text or "\r" in text or len(text) > 2000:
        raise WrongError(f"a message of several lines, or endless: {text[:300]!r}")


def expect_kept(out: Path, stems: set[str]) -> None:
    """The good pictures are in what was written."""
    kept = {picture.path.stem for picture in load_set(out)} if out.exists() else set()
    if not stems <= kept:
        raise WrongError(f"good pictures lost: {sorted(stems - kept)}")


def work(seeds: list[int]) -> None:
    """Try seeds in this process, a line of JSON before and after each."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    for seed in seeds:
        print(json.dumps({"begun": seed}), flush=True)
        signal.alarm(SECONDS)  # ends the process: nothing can catch a hang in C otherwise
        folder = Path(tempfile.mkdtemp(prefix="labels-"))
        wrong, what = None, ""
        try:
            what = try_seed(seed, folder)
        except (WrongError, MemoryError) as error:
            wrong = f"{type(error).__name__}: {error}"
        finally:
            signal.alarm(0)
            shutil.rmtree(folder, ignore_errors=True)
        print(json.dumps({"seed": seed, "what": what, "wrong": wrong}), flush=True)


def results_of(seeds: list[int]) -> Iterator[dict[str, Any]]:
    """Have worker processes try the seeds, one after the other where one is killed."""
    while seeds:
        words = [sys.executable, __file__, "--worker", ",".join(map(str, seeds))]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
            begun = None
            assert process.stdout is not None
            for line in process.stdout:
                said = json.loads(line)
                if "begun" in said:
                    begun = said["begun"]
                else:
                    seeds.remove(said["seed"])
                    begun = None
                    yield said
        if begun is not None:
            seeds.remove(begun)
            yield {"seed": begun, "what": "", "wrong": f"killed, status {process.returncode}"}
        elif process.returncode:
            raise SystemExit(f"a worker ended with status {process.returncode}")


def campaign(results: Path, seeds: int, workers: int) -> list[dict[str, Any]]:
    """All results, those of earlier runs included."""
    known = [json.loads(line) for line in results.open()] if results.exists() else []
    done = {one["seed"] for one in known}
    todo = [seed for seed in range(seeds) if seed not in done]
    pipes = [results_of(todo[i::workers]) for i in range(workers)]
    with results.open("a") as file:
        while pipes:
            for pipe in list(pipes):
                one = next(pipe, None)
                if one is None:
                    pipes.remove(pipe)
                    continue
                known.append(one)
                file.write(json.dumps(one) + "\n")
                file.flush()
    return known


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", type=Path, nargs="?")
    parser.add_argument("--seeds", type=int, default=5000)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", type=int)
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        work([int(seed) for seed in options.worker.split(",")])
    elif options.only is not None:
        print(try_seed(options.only, Path(tempfile.mkdtemp(prefix="labels-"))))
    else:
        found = campaign(options.results, options.seeds, options.workers)
        wrong = [one for one in found if one["wrong"]]
        for one in wrong:
            print(f"seed {one['seed']}: {one['wrong']}")
        counts = Counter(": ".join(one["what"].split(": ")[:2]) for one in found)
        print(f"{len(found)} seeds, {len(wrong)} wrong; {dict(sorted(counts.items()))}")
        sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
