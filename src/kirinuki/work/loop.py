"""The loop of every long job: items begun one after the other, finished beside, given in order.

>>> for item, work in in_order(items, begin, beside=2, stopping=lambda: False):
...     print(item, work.result())

Not covered: what an item is and how it runs: in a thread, another process, or at once (`ended`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, wait
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_order(
    items: Iterable[Item],
    begin: Callable[[Item], Future[Result]],
    *,
    beside: int,
    stopping: Callable[[], bool],
) -> Iterator[tuple[Item, Future[Result]]]:
    """Begin items, and give each when it is finished, in order. Whoever closes this early, or
    raises, still waits for what was begun, but is not told of it.

    Args:
        begin: starts an item; its errors belong in the future.
        beside: how many begun items may wait while another one is begun.
        stopping: asked before each item; when it says so none is begun any more.
    """
    begun: deque[tuple[Item, Future[Result]]] = deque()

    def first() -> tuple[Item, Future[Result]]:
        wait([begun[0][1]])
        return begun.popleft()

    for item in items:
        if stopping():
            break
        begun.append((item, begin(item)))
        while begun and (len(begun) > beside or begun[0][1].done()):
            yield first()
    while begun:
        yield first()


def ended(make: Callable[[], Result]) -> Future[Result]:
    """What an item came to that runs at once, where it is begun."""
    future: Future[Result] = Future()
    try:
        future.set_result(make())
    except Exception as error:  # one item must not cost the rest
        future.set_exception(error)
    return future
