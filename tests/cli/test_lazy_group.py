"""Verbs that are imported when asked for, ours and those that other distributions bring."""

from __future__ import annotations

from importlib.metadata import EntryPoint

import click
import pytest
from click.testing import CliRunner

from kirinuki.cli import lazy_group
from kirinuki.cli.data import ADDED_BY, DATA_VERBS
from kirinuki.cli.data import command as data


@click.command()
def hello() -> None:
    """Greet."""
    click.echo("hello")


def bring(monkeypatch: pytest.MonkeyPatch, **points: str) -> None:
    """As if another distribution was installed that brings verbs: name → where its command is."""
    brought = [EntryPoint(name, value, ADDED_BY) for name, value in points.items()]
    monkeypatch.setattr(
        lazy_group, "entry_points", lambda group: brought if group == ADDED_BY else []
    )


def test_a_brought_verb_comes_last_and_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    bring(monkeypatch, hello=f"{__name__}:hello")
    shown = CliRunner().invoke(data, ["--help"]).output
    assert shown.rstrip().endswith("Greet.")
    assert CliRunner().invoke(data, ["hello"]).output == "hello\n"


def test_a_brought_verb_is_not_imported_to_name_it(monkeypatch: pytest.MonkeyPatch) -> None:
    bring(monkeypatch, sing="no_such_module:command")
    assert data.list_commands(click.Context(data)) == [*DATA_VERBS, "sing"]


def test_none_takes_the_place_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    bring(monkeypatch, check=f"{__name__}:hello")
    assert data.get_command(click.Context(data), "check") is not hello


def test_an_unknown_verb_is_wrong_usage(monkeypatch: pytest.MonkeyPatch) -> None:
    bring(monkeypatch)
    done = CliRunner().invoke(data, ["hello"])
    assert done.exit_code == 2
    assert "No such command 'hello'" in done.output


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["check", ""], "the word after 'check' is empty"),
        (["convert", "x", "-o", ""], "the word after '-o' is empty"),
        (["convert", "x", "--out="], "--out is empty"),
    ],
)
def test_an_empty_path_is_not_the_current_folder(words: list[str], what: str) -> None:
    done = CliRunner().invoke(data, words)
    assert (done.exit_code, done.stderr.splitlines()[-1]) == (2, f"Error: {what}")
