"""A port of our own, or one line about why not."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner

from kirinuki.cli import cli
from kirinuki.errors import KirinukiError

pytest.importorskip("uvicorn", reason="the extra [web] is not installed")

from kirinuki.server.serving import address_of, bound


def test_port_0_is_a_free_one_and_its_address_is_told() -> None:
    with bound("127.0.0.1", 0) as one, bound("127.0.0.1", 0) as other:
        assert urlsplit(address_of(one)).port != urlsplit(address_of(other)).port
        assert urlsplit(address_of(one)).port


def test_a_port_that_is_taken_is_one_line() -> None:
    with bound("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        outcome = CliRunner().invoke(cli, ["serve", "--port", str(port)])
    assert isinstance(outcome.exception, KirinukiError)
    assert str(outcome.exception) == (
        f"127.0.0.1, port {port}: cannot be listened on (Address already in use); "
        "choose another --port or --host"
    )


@pytest.mark.parametrize("host", ["192.0.2.1", "no such host"])
def test_an_address_of_somebody_else_is_one_line(host: str) -> None:
    with pytest.raises(KirinukiError, match=f"^{host}, port 8000: cannot be listened on"):
        bound(host, 8000)


def test_a_token_that_is_no_text_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "token").write_bytes(b"\xff\xfe\x00")
    outcome = CliRunner().invoke(cli, ["serve", "--token-file", str(tmp_path / "token")])
    assert isinstance(outcome.exception, KirinukiError)
    assert "cannot be read as text; expected a token" in str(outcome.exception)
