"""glibc is told to keep few heaps, other systems nothing; that memory stays level is measured by
`benchmarks/robustness/soak.py`."""

from __future__ import annotations

import ctypes

import pytest

from kirinuki.cli.arenas import keep_few_arenas


def test_the_allocator_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[int, int]] = []
    library = type("Libc", (), {"mallopt": lambda self, what, many: told.append((what, many))})()
    monkeypatch.setattr(ctypes, "CDLL", lambda name: library)
    keep_few_arenas()
    assert told == [(-8, 2)]


@pytest.mark.parametrize("error", [AttributeError, OSError, TypeError])
def test_systems_without_it_are_left_alone(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def missing(name: object) -> None:
        raise error

    monkeypatch.setattr(ctypes, "CDLL", missing)
    keep_few_arenas()
