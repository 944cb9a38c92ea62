"""Follow the characters of composed clips frame by frame and as kirinuki does, and compare.

    kirinuki data compose --clip …                        # clips with truth; see README.md
    python benchmarks/video/run.py --clips CLIPS [-o REPORT] [--limit N] [--parts] [--jobs]

All variants follow a clip one after the other, and take turns in who is first, so that what else
the machine does hits all alike. Written: ``metrics.json``, ``README.md`` with all tables,
``worst.png``, the worst frames with the truth as a white outline, ``flicker.png``, where alpha
changes and nothing else does, and ``courses.png``, quality over time.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from clip_truth import Clip, Truth, read_clips, who_is_where
from flicker import compare_frames
from jobs import Jobs
from measure import Course, Measured, Meter
from numpy.typing import NDArray
from pictures import BadFrame, Worst, draw_bad_frame, draw_flicker, save_courses
from rich.progress import track as progress
from variants import FRAME_BY_FRAME, OURS, PARTS, Followed, Variant, follow
from video_tables import CADENCES, ROWS, clips_table, promises_table, variants_table

from kirinuki import Segmenter, __version__
from kirinuki.errors import KirinukiError
from kirinuki.files import write_atomically
from kirinuki.images.picture import Picture
from kirinuki.segmenter.segments import Segments
from kirinuki.video import read

WORST = 10
"""Frames on the sheet of the worst."""
COURSES = 12
"""Clips whose course is drawn, the worst ones."""


def main() -> None:
    arguments = parsed()
    variants = (FRAME_BY_FRAME, OURS, *(PARTS if arguments.parts else ()))
    try:
        clips = read_clips(arguments.clips, arguments.limit)
        segmenter = Segmenter.load(
            arguments.model, provider=arguments.provider, threads=arguments.threads
        )
        run = Run(segmenter, variants, Jobs(segmenter) if arguments.jobs else None)
        for clip in progress(clips, "following"):
            run.add(clip)
    except KirinukiError as error:
        raise SystemExit(f"kirinuki: {error}") from None
    text = run.text()
    if arguments.out is not None:
        run.save(arguments.out, text)
    print(text)


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure following on composed clips.")
    parser.add_argument("--clips", type=Path, required=True, help="clips and annotations.json")
    parser.add_argument("-o", "--out", type=Path, help="report folder")
    parser.add_argument("--limit", type=int, help="only so many clips")
    parser.add_argument(
        "--parts", action="store_true", help="also without smoothing, without reuse"
    )
    parser.add_argument("--jobs", action="store_true", help="also time whole jobs; see jobs.py")
    parser.add_argument("--model", help="a detector file; default: the one in the package")
    parser.add_argument("--provider", default="cpu", help="what the model runs on")
    parser.add_argument("--threads", type=int, help="CPU threads of one call")
    return parser.parse_args()


class Run:
    """All clips, all variants."""

    def __init__(
        self, segmenter: Segments, variants: Sequence[Variant], jobs: Jobs | None = None
    ) -> None:
        self._segmenter = segmenter
        self._variants = variants
        self._jobs = jobs
        self._clips: list[Clip] = []
        self._results: dict[str, dict[str, Measured]] = {}
        self._courses: dict[str, dict[str, Course]] = {}
        self._worst = Worst(WORST)
        self._flickering = Worst(WORST)

    def add(self, clip: Clip) -> None:
        """Follow one clip in every way, and measure."""
        turn = len(self._clips) % len(self._variants)
        if not self._clips:
            warm_up(self._segmenter, clip)
        ordered = [*self._variants[turn:], *self._variants[:turn]]
        followed = {variant: follow(self._segmenter, clip, variant) for variant in ordered}
        meters = {v.name: Meter(clip, followed[v]) for v in self._variants}
        self._measure(clip, meters, {v.name: followed[v] for v in self._variants})
        done = {name: meter.measured() for name, meter in meters.items()}
        self._clips.append(clip)
        self._results[clip.name] = {name: measured for name, (measured, _) in done.items()}
        self._courses[clip.name] = {name: course for name, (_, course) in done.items()}
        if self._jobs is not None:
            self._jobs.add(clip.path, len(clip.frames))

    def _measure(
        self, clip: Clip, meters: Mapping[str, Meter], followed: Mapping[str, Followed]
    ) -> None:
        before: tuple[Truth, NDArray[Any], NDArray[Any]] | None = None
        with read(clip.path) as video:
            for number, (frame, truth) in enumerate(zip(video, clip.frames, strict=True)):
                regions = truth.regions()
                who = who_is_where(truth, regions)
                pair = None
                if before is not None and before[0].shot == truth.shot:
                    pair = compare_frames((before[1], frame.rgb), (before[2], who))
                before = truth, frame.rgb, who
                j = {name: meter.add(truth, regions, pair) for name, meter in meters.items()}
                if self._worst.wants(clip.name, number, j[OURS.name]):
                    found = {name: followed[name].instances[number] for name in BESIDE}
                    title = f"{clip.name}, frame {number}, J {j[OURS.name]:.2f}"
                    picture = draw_bad_frame(frame.rgb, regions, found, title)
                    self._worst.add(BadFrame(clip.name, number, j[OURS.name], picture))
                if pair is not None:
                    changes = {name: meters[name].change for name in BESIDE}
                    self._see_flicker(clip.name, number, frame.rgb, pair.static, changes)

    def _see_flicker(
        self,
        clip: str,
        number: int,
        rgb: NDArray[Any],
        static: NDArray[np.bool_],
        changes: Mapping[str, NDArray[np.int16]],
    ) -> None:
        value = float(np.abs(changes[OURS.name][static]).sum() / static.size)
        if value > 0 and self._flickering.wants(clip, number, -value):
            title = f"{clip}, frame {number}, {value:.2f}"
            picture = draw_flicker(rgb, changes, static, title)
            self._flickering.add(BadFrame(clip, number, -value, picture))

    def whole(self) -> dict[str, Measured]:
        """All clips together."""
        return together(list(self._results.values()))

    def by_cadence(self) -> dict[int, dict[str, Measured]]:
        """The clips drawn on ones, twos, threes and on several."""
        groups: dict[int, list[dict[str, Measured]]] = {on: [] for on in CADENCES}
        for clip in self._clips:
            groups[clip.on].append(self._results[clip.name])
        return {on: together(results) for on, results in groups.items() if results}

    def text(self) -> str:
        """Everything as Markdown."""
        whole, by_cadence = self.whole(), self.by_cadence()
        parts = [
            f"# Following, measured on {len(self._clips)} composed clips",
            f"kirinuki {__version__}, {platform.platform()}, {os.cpu_count()} cores",
            promises_table(whole, by_cadence),
            "## All clips",
            variants_table(whole),
        ]
        if self._jobs is not None:
            parts += ["## Whole jobs", self._jobs.table()]
        for on, results in by_cadence.items():
            parts += [f"## Drawn {CADENCES[on]}", variants_table(results)]
        parts += ["## By clip, frame by frame → ours", clips_table(self._results)]
        parts += ["## Switches of ours", self._switches()]
        return "\n\n".join(part.rstrip("\n") for part in parts) + "\n"

    def _switches(self) -> str:
        lines = [
            f"- {clip}, frame {switch.frame}: character {switch.character} was "
            f"{switch.before}, became {switch.after}"
            for clip, courses in self._courses.items()
            for switch in courses[OURS.name].switches
        ]
        return "\n".join(lines) or "None."

    def save(self, folder: Path, text: str) -> None:
        """Write the report."""
        folder.mkdir(parents=True, exist_ok=True)
        content = {
            "kirinuki": __version__,
            "machine": platform.platform(),
            "whole": as_json(self.whole()),
            "by_cadence": {CADENCES[on]: as_json(part) for on, part in self.by_cadence().items()},
            "clips": {
                clip: {
                    "numbers": as_json(results),
                    "switches": {
                        name: [asdict(switch) for switch in course.switches]
                        for name, course in self._courses[clip].items()
                    },
                }
                for clip, results in self._results.items()
            },
        }
        text += "\nThe worst frames, with the truth as a white outline:\n\n![](worst.png)\n"
        text += (
            "\nWhat flickers most: alpha changed where it is red, and nothing else did; what is "
        )
        text += "blue did change:\n\n![](flicker.png)\n"
        text += "\nJ over time, of the worst clips; cuts dotted, id switches crossed:\n\n"
        text += "![](courses.png)\n"
        for name, written in ("README.md", text), ("metrics.json", json.dumps(content, indent=1)):
            with write_atomically(folder / name, overwrite=True) as temporary:
                temporary.write_text(written, encoding="utf-8")
        self._worst.save(folder / "worst.png")
        self._flickering.save(folder / "flicker.png")
        worst = sorted(self._clips, key=lambda clip: self._results[clip.name][OURS.name].j_and_f)
        save_courses(worst[:COURSES], self._courses, folder / "courses.png")


BESIDE = (FRAME_BY_FRAME.name, OURS.name)
"""Variants on the sheet of the worst."""


def warm_up(segmenter: Segments, clip: Clip) -> None:
    """The first call of a model is slower than the others."""
    with read(clip.path) as video:
        segmenter(Picture(next(iter(video)).rgb))


def together(results: Sequence[Mapping[str, Measured]]) -> dict[str, Measured]:
    """The numbers of several clips as one, by variant."""
    return {name: sum((r[name] for r in results), Measured()) for name in results[0]}


def as_json(results: Mapping[str, Measured]) -> dict[str, dict[str, float | None]]:
    """Variant → row of the table → number, unrounded; None where there is nothing to measure."""
    return {
        variant: {name.removeprefix("… "): _finite(float(value(m))) for name, _, _, value in ROWS}
        for variant, m in results.items()
    }


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None


if __name__ == "__main__":
    main()
