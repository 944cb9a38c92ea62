"""Every message is one line of bounded length, and nothing in it acts on the terminal."""

from __future__ import annotations

import pickle

import pytest
from click.testing import CliRunner

from kirinuki.cli import cli
from kirinuki.errors import LONGEST, KirinukiError, PictureError, escaped, reason_of


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("girl.png", "girl.png"),
        ("魔法 少女👩‍🎤.png", "魔法 少女👩‍🎤.png"),
        ("a\nb\tc\x00.png", "a\\nb\\tc\\x00.png"),
        ("\x1b[31mred\x1b]0;title\x07", "\\x1b[31mred\\x1b]0;title\\x07"),
        ("\x9b2J\x7f", "\\x9b2J\\x7f"),
        ("gnp.\u202egpj", "gnp.\\u202egpj"),
        ("a\u2028b", "a\\u2028b"),
        ("half \ud83d, \udcff.png", "half \\ud83d, \\udcff.png"),
    ],
)
def test_what_acts_on_a_terminal_is_written_out(name: str, shown: str) -> None:
    assert escaped(name) == shown
    assert not set("\x1b\n\x9b\u202e") & set(str(PictureError(f"{name}: no such file")))


def test_a_message_of_several_lines_becomes_one() -> None:
    assert str(PictureError("a.png: is bad\n  at 3\r\nof 4")) == "a.png: is bad at 3 of 4"


def test_a_line_has_at_most_500_characters_and_keeps_both_ends() -> None:
    message = str(KirinukiError("x" * 4000 + ".png: is empty; save it again"))
    assert len(message) == LONGEST == 500 - len("kirinuki: ")
    assert message.startswith("xxx")
    assert message.endswith(".png: is empty; save it again")
    assert len(reason_of(ValueError("y" * 900))) == LONGEST


def test_errors_survive_the_way_back_from_a_worker() -> None:
    error = PictureError("a\x1bb.png: is empty")
    assert str(pickle.loads(pickle.dumps(error))) == str(error) == "a\\x1bb.png: is empty"


def test_what_click_says_of_wrong_usage_is_escaped() -> None:
    result = CliRunner().invoke(cli, ["cut", "a.png", "--crf", "\x1b[31m"])
    assert result.exit_code == 2
    assert "\x1b" not in result.output
