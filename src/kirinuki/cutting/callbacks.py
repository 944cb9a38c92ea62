"""What a caller's own functions raise ends the job and comes out of it; what an input raises costs
that input alone.

Not covered: when they are called (`job`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Result = TypeVar("Result")


class _Raised(BaseException):
    """Carries an error past those who go on after every `Exception`."""

    def __init__(self, error: Exception) -> None:
        self.error = error


def of_caller(function: Callable[Given, Result]) -> Callable[Given, Result]:
    """A caller's function, whose errors only `let_out` stops."""

    def call(*args: Given.args, **kwargs: Given.kwargs) -> Result:
        try:
            return function(*args, **kwargs)
        except Exception as error:
            raise _Raised(error) from error

    return call


@contextmanager
def let_out() -> Iterator[None]:
    """Raise what a function `of_caller` raised inside."""
    theirs = None
    try:
        yield
    except _Raised as raised:
        theirs = raised.error
    if theirs is not None:  # out here, where it gets no second cause
        raise theirs
