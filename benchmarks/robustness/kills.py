"""Kill jobs with SIGKILL at random moments, go on with ``--resume``, compare every file.

    python benchmarks/robustness/kills.py                        # 200 kills, two jobs at a time
    python benchmarks/robustness/kills.py --kills 8 --only video --seed 3

Jobs over pictures, a video, both, and ``data compose``. Each runs once undisturbed. Then it runs
again and again, killed one to three times on its way and resumed; the moments are drawn between the
first sign of its results and its end, from the seed. After each kill no file in sight may be other
than it will be at the end; at the end all files are the same, and nothing else is left. The exit
status is 1 where one was not.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from kirinuki.work.loop import in_order

sys.path.insert(0, str(Path(__file__).parent))

from contents import Digests, differences, digests, half_written
from scenarios import SCENARIOS, Scenario, make_inputs, start

LONGEST = 600
"""Seconds after which a job that nobody kills is taken to hang."""
POLL = 0.002
MOST_KILLS = 3
"""Of one job."""


@dataclass(frozen=True)
class Undisturbed:
    """What a job ends with, and how long it writes."""

    contents: Digests
    seconds: float


@dataclass
class Trial:
    """One job, killed and gone on with.

    Attributes:
        moments: of the kills, as shares of the time from the first sign of results to the end.
        killed: how many of them came before the job had ended.
        wrong: everything that should not be, a line each.
    """

    scenario: Scenario
    out: Path
    moments: Sequence[float]
    killed: int = 0
    wrong: list[str] = field(default_factory=list)

    def run(self, made: Path, undisturbed: Undisturbed) -> None:
        """Do it."""
        arguments = self.scenario.arguments(made, self.out)
        for number, moment in enumerate(self.moments):
            resume = ["--resume"] * bool(number)
            process = start([*arguments, *resume])
            if _ends_within(process, self.out, moment * undisturbed.seconds):
                break
            self.killed += 1
            half = half_written(undisturbed.contents, digests(self.out))
            self.wrong += [f"after kill {self.killed}: {name} is not whole" for name in half]
        else:
            process = start([*arguments, "--resume"])
        status, said = _finish(process)
        if status:
            self.wrong.append(f"the last job ended with status {status}: {said}")
        different = differences(undisturbed.contents, digests(self.out))
        self.wrong += [f"at the end: {name} differs" for name in different]


def undisturbed_run(scenario: Scenario, made: Path, out: Path) -> Undisturbed:
    """Run a job to its end."""
    process = start(scenario.arguments(made, out))
    _wait_for_results(process, out)
    begun = time.monotonic()
    status, said = _finish(process)
    if status:
        raise SystemExit(f"{scenario.name}: the undisturbed job failed: {said}")
    return Undisturbed(digests(out), time.monotonic() - begun)


def _wait_for_results(process: subprocess.Popen[bytes], out: Path) -> None:
    while process.poll() is None and not out.exists():
        time.sleep(POLL)


def _ends_within(process: subprocess.Popen[bytes], out: Path, seconds: float) -> bool:
    """Whether a job ends so soon after it begins to write; else it is killed, with its workers."""
    if not out.exists():
        _wait_for_results(process, out)
    else:  # it goes on: from a second on, when modules are loaded, it may write
        seconds += 1
    try:
        process.wait(seconds)
        return True
    except subprocess.TimeoutExpired:
        _end(process)
        return False


def _end(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):  # ended, and its workers with it
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def _finish(process: subprocess.Popen[bytes]) -> tuple[int, str]:
    """Wait for a job; its exit status and the last line that it said."""
    try:
        _, said = process.communicate(timeout=LONGEST)
    except subprocess.TimeoutExpired:
        _end(process)
        return -1, f"not done after {LONGEST} seconds"
    lines = said.decode(errors="replace").strip().splitlines()
    return process.returncode, lines[-1] if lines else ""


def trials(scenarios: Sequence[Scenario], seed: int, folder: Path) -> Iterator[Trial]:
    """Trials without end, one scenario after the other; each depends on seed and number alone."""
    for number in count():
        draw = random.Random(f"{seed} {number}")
        moments = [draw.uniform(0, 1) for _ in range(draw.randint(1, MOST_KILLS))]
        scenario = scenarios[number % len(scenarios)]
        yield Trial(scenario, folder / f"trial_{number:03d}", moments)


def campaign(
    scenarios: Sequence[Scenario], kills: int, seed: int, folder: Path, workers: int
) -> list[Trial]:
    """Run trials until there were so many kills."""
    made = folder / "made"
    make_inputs(made)
    undisturbed = {
        scenario.name: undisturbed_run(scenario, made, folder / f"undisturbed_{scenario.name}")
        for scenario in scenarios
    }
    done: list[Trial] = []
    with ThreadPoolExecutor(workers) as pool:
        runs = in_order(
            trials(scenarios, seed, folder),
            lambda trial: pool.submit(trial.run, made, undisturbed[trial.scenario.name]),
            beside=workers - 1,
            stopping=lambda: sum(trial.killed for trial in done) >= kills,
        )
        for trial, run in runs:
            run.result()
            done.append(trial)
            moments = ", ".join(f"{moment:.2f}" for moment in trial.moments)
            print(f"{trial.out.name} {trial.scenario.name}: {trial.killed} kills at {moments}")
            for line in trial.wrong:
                print(f"  WRONG {line}", flush=True)
    return done


def report(scenarios: Sequence[Scenario], done: Sequence[Trial]) -> str:
    """A table: how many jobs and kills there were, and in how many jobs something was wrong."""
    lines = ["| job | jobs | kills | ended before the kill | wrong |", "|---|---|---|---|---|"]
    for scenario in scenarios:
        ours = [trial for trial in done if trial.scenario is scenario]
        killed = sum(trial.killed for trial in ours)
        late = sum(len(trial.moments) for trial in ours) - killed
        wrong = sum(bool(trial.wrong) for trial in ours)
        lines.append(f"| {scenario.name} | {len(ours)} | {killed} | {late} | {wrong} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description="Kill jobs and go on.")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2, help="jobs at a time")
    parser.add_argument("--only", choices=[s.name for s in SCENARIOS], action="append")
    parser.add_argument("--folder", type=Path, help="work here and keep everything")
    asked = parser.parse_args()
    scenarios = [s for s in SCENARIOS if not asked.only or s.name in asked.only]
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.folder or Path(temporary)
        done = campaign(scenarios, asked.kills, asked.seed, folder, asked.workers)
    print("\n" + report(scenarios, done))
    print(f"\nseed {asked.seed}, {(time.monotonic() - begun) / 60:.1f} minutes")
    if any(trial.wrong for trial in done):
        sys.exit(1)


if __name__ == "__main__":
    main()
