"""Many clients at once: pictures a second, waiting times, memory, and whether anything is lost.

Our server and, where it is named, rembg's take turns with the same pictures in one run. Each answer
of ours is compared with what ``kirinuki cut -`` writes of that picture.

    python benchmarks/server/load.py --clients 1 8 32 --seconds 30 --rembg /path/to/venv/bin/rembg
    python benchmarks/server/load.py --clients 32 --seconds 600        # the long one

rembg runs as its documentation has it, with U²-Net, not with its present default, BRIA RMBG 2.0, a
larger model whose licence forbids commercial use. Either gives one mask of whatever is salient and
parts nobody from anybody. Its environment is one of its own; U2NET_HOME names the folder of its
weights (``benchmarks/quality/salient.py`` says where they come from). Pictures: 1280×720 with two
characters each (``benchmarks/call_speed.py``).

Linux alone: memory is read from /proc.
"""

from __future__ import annotations

import argparse
import os
import platform
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from call_speed import make_pictures

KIRINUKI = [sys.executable, "-c", "from kirinuki.cli import main; main()"]
BOUNDARY = "load"
PORTS = {"kirinuki": 8741, "rembg": 8742}
WHERE = {"kirinuki": "/v1/cut", "rembg": "/api/remove"}


@dataclass
class Run:
    """What one side did under so many clients.

    Attributes:
        seconds: of each answer, from the first byte sent to the last one read.
        outcomes: answers by status; "lost" where none came, "other" where it was not the expected.
        memory: MiB of all processes of the server, once a second.
        took: seconds from the first request to the last answer.
    """

    seconds: list[float] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    memory: list[float] = field(default_factory=list)
    took: float = 0.0


def body_of(path: Path, side: str) -> bytes:
    """The same form for both sides, but that rembg is told its model."""
    head = ""
    if side == "rembg":
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="model"\r\n\r\nu2net\r\n'
    head += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n'
    head += "Content-Type: image/jpeg\r\n\r\n"
    return head.encode() + path.read_bytes() + f"\r\n--{BOUNDARY}--\r\n".encode()


def client(
    side: str, first: int, bodies: list[bytes], expected: list[bytes] | None, end: float, run: Run
) -> None:
    """Asks for one picture after the other, over one connection, until the time is over."""
    connection = HTTPConnection("127.0.0.1", PORTS[side], timeout=600)
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}", "Accept": "image/png"}
    number = first
    while time.perf_counter() < end:
        which = number % len(bodies)
        start = time.perf_counter()
        try:
            connection.request("POST", WHERE[side], bodies[which], headers)
            response = connection.getresponse()
            content = response.read()
        except (OSError, HTTPException):
            connection.close()
            run.outcomes["lost"] += 1
            time.sleep(0.1)  # the server may be gone
            continue
        outcome = str(response.status)
        if response.status == 200 and expected is not None and content != expected[which]:
            outcome = "other"
        run.outcomes[outcome] += 1
        run.seconds.append(time.perf_counter() - start)
        number += 1
    connection.close()


def load(
    side: str, pid: int, clients: int, seconds: float, bodies: list[bytes], expected: list[bytes]
) -> Run:
    run = Run()
    begin = time.perf_counter()
    checked = expected if side == "kirinuki" else None
    threads = [
        threading.Thread(target=client, args=(side, i, bodies, checked, begin + seconds, run))
        for i in range(clients)
    ]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        run.memory.append(memory_of(pid))
        time.sleep(1)
    run.took = time.perf_counter() - begin
    return run


def memory_of(pid: int) -> float:
    """MiB that a process and its children hold; pages that they share count once (PSS)."""
    total = 0
    for one in [pid, *descendants(pid)]:
        try:
            rollup = Path(f"/proc/{one}/smaps_rollup").read_text(encoding="ascii")
        except OSError:  # ended meanwhile
            continue
        total += next(int(line.split()[1]) for line in rollup.splitlines() if line[:4] == "Pss:")
    return total / 1024


def descendants(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*"):
        try:
            children = (task / "children").read_text(encoding="ascii").split()
        except OSError:
            continue
        for child in map(int, children):
            found += [child, *descendants(child)]
    return found


@contextmanager
def serving(side: str, rembg: str | None) -> Iterator[int]:
    """A server of its own, and its process."""
    port = str(PORTS[side])
    command = [*KIRINUKI, "serve", "--port", port]
    if side == "rembg":
        command = [str(rembg), "s", "--host", "127.0.0.1", "--port", port, "--no-ui"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    server = subprocess.Popen(command, start_new_session=True, **quiet)
    try:
        for _ in range(600):
            if server.poll() is not None:
                sys.exit(f"{side}: its server ended at once; is port {port} taken?")
            connection = HTTPConnection("127.0.0.1", int(port), timeout=5)
            try:
                connection.request("GET", "/")
                connection.getresponse().read()
                break
            except OSError:
                time.sleep(0.2)
            finally:
                connection.close()
        yield server.pid
    finally:
        if server.poll() is None:
            os.killpg(server.pid, signal.SIGTERM)
        server.wait()


def row(side: str, clients: int, run: Run) -> str:
    """A line of the table."""
    times = sorted(run.seconds) or [0.0]
    p50, p95, p99 = (times[min(len(times) - 1, int(q * len(times)))] for q in (0.5, 0.95, 0.99))
    settled = run.memory[len(run.memory) // 4 :]
    middle = statistics.median(settled) or 1.0  # 0: it is gone
    swing = max(abs(max(settled) - middle), abs(min(settled) - middle)) / middle
    wrong = {name: count for name, count in run.outcomes.items() if name != "200"}
    said = ", ".join(f"{count} {name}" for name, count in wrong.items()) or "0"
    return (
        f"| {side} | {clients} | {len(run.seconds) / run.took:.2f} | {p50:.2f} / {p95:.2f} / "
        f"{p99:.2f} s | {middle:.0f} MiB ± {100 * swing:.0f} % | {run.outcomes['200']} | {said} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Put the server under load.")
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--seconds", type=float, default=30, help="of each run")
    parser.add_argument("--pictures", type=int, default=12, help="different ones")
    parser.add_argument("--rembg", metavar="FILE", help="rembg's command, for the peer")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # no server is left behind
    sides = ["kirinuki", "rembg"] if arguments.rembg else ["kirinuki"]
    with tempfile.TemporaryDirectory() as scratch:
        paths = make_pictures(Path(scratch), arguments.pictures)
        bodies = {side: [body_of(path, side) for path in paths] for side in sides}
        cut = [*KIRINUKI, "cut", "-"]
        expected = [
            subprocess.run(
                cut,
                input=path.read_bytes(),
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                check=True,
            ).stdout
            for path in paths
        ]
        print(
            f"{platform.platform()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the "
            f"start; {len(paths)} pictures of 1280×720, {arguments.seconds:g} s a run\n"
        )
        print(
            "| | clients | pictures a second | p50 / p95 / p99 | memory | right | wrong or lost |"
        )
        print("|---|---:|---:|---:|---:|---:|---:|")
        for clients in arguments.clients:
            for side in sides:
                with serving(side, arguments.rembg) as pid:
                    load(side, pid, min(2, clients), 5, bodies[side], expected)  # warms up
                    run = load(side, pid, clients, arguments.seconds, bodies[side], expected)
                print(row(side, clients, run), flush=True)


if __name__ == "__main__":
    main()
