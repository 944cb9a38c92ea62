"""What stands before every request: whose page it comes from, the token, headers of every answer.

A browser sends requests of any page to any address, this computer's too. So a server on a loopback
address answers only to loopback names (else a page whose name is made to point here could read
everything, "DNS rebinding"), and nobody's page but its own may ask for work.

Not covered: limits (`gate`, `uploads`).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kirinuki.server.problems import ProblemError, answer

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1", "[::1]"})

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob: data:",
        "media-src blob:",
        "connect-src 'self'",
        "worker-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@dataclass(frozen=True)
class Rules:
    """Who may ask.

    Attributes:
        token: what ``Authorization: Bearer`` must say for anything under /v1; None is nothing.
        origins: pages of other origins that may ask, such as https://example.org.
        hosts: names by which the server may be called; None is any.
    """

    token: str | None = None
    origins: Sequence[str] = ()
    hosts: frozenset[str] | None = LOOPBACK

    def __post_init__(self) -> None:
        for origin in self.origins:
            if not re.fullmatch(r"https?://([a-z0-9.-]+|\[[0-9a-f:]+\])(:\d+)?", origin):
                raise ValueError(
                    f"origin {origin!r}: expected one such as https://example.org, in lower case, "
                    "never *"
                )


class Guards:
    """ASGI middleware that holds the rules."""

    def __init__(self, app: ASGIApp, rules: Rules) -> None:
        self._app = app
        self._rules = rules
        self._token = None if rules.token is None else _digest(rules.token.encode())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        own = headers.get("origin") in self._rules.origins

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                _add_headers(MutableHeaders(scope=message), scope, shared=own)
            await send(message)

        problem = self._refusal(scope, headers)
        if problem is not None:
            await answer(problem)(scope, receive, send_guarded)
            return
        await self._app(scope, receive, send_guarded)

    def _refusal(self, scope: Scope, headers: Headers) -> ProblemError | None:
        if "transfer-encoding" in headers and "content-length" in headers:
            # A proxy may see another end of it than we do (RFC 9112, 6.3).
            return ProblemError(
                400, "request: has Transfer-Encoding and Content-Length; expected one"
            )
        host = headers.get("host", "")
        hosts = self._rules.hosts
        if hosts is not None and _name_of(host) not in hosts:
            expected = " or ".join(sorted(hosts - {"::1"}))  # in brackets there
            return ProblemError(421, f"Host: got {host[:100]!r}; expected {expected}")
        origin = headers.get("origin")
        foreign = origin is not None and urlsplit(origin).netloc != host
        if (foreign or headers.get("sec-fetch-site") == "cross-site") and not (
            origin in self._rules.origins or (scope["method"] in ("GET", "HEAD") and not foreign)
        ):
            return ProblemError(403, "Origin: another page asks; expected this server's own page")
        if scope["path"].startswith("/v1/") and not self._knows_token(headers):
            return ProblemError(
                401, "Authorization: expected 'Bearer TOKEN' with this server's token"
            )
        return None

    def _knows_token(self, headers: Headers) -> bool:
        """Compared as digests, in a time that tells nothing of where they differ."""
        if self._token is None:
            return True
        scheme, _, token = headers.get("authorization", "").partition(" ")
        # Starlette reads headers as Latin-1.
        right = hmac.compare_digest(_digest(token.strip().encode("latin-1")), self._token)
        return right and scheme.lower() == "bearer"


def _digest(token: bytes) -> bytes:
    return hashlib.sha256(token).digest()


def _name_of(host: str) -> str:
    """The name in a Host header, without its port; nothing where more is in it."""
    found = re.fullmatch(r"(\[[0-9a-f:]+\]|[a-z0-9.-]+)(:\d+)?", host.lower())
    return found[1] if found else ""


def _add_headers(headers: Any, scope: Scope, *, shared: bool) -> None:
    for name, value in HEADERS.items():
        headers[name] = value
    if shared:
        headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if "cache-control" not in headers:
        headers["Cache-Control"] = "no-store" if scope["path"].startswith("/v1/") else "no-cache"
