"""A request's body: a file and fields, within limits, and what kind of file it is by its content.

The body is either a form with one part ``file``, or the file itself with the fields in the query.
Names that clients give to files are never looked at.

Not covered: what the fields mean (`wishes`), decoding (`children`).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from fastapi import Request
from python_multipart.exceptions import FormParserError
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from kirinuki.server.gate import Gate
from kirinuki.server.limits import MIB, Limits
from kirinuki.server.problems import ProblemError

MOST_FIELDS = 64
_TOO_MANY = {
    "Too many files": "has two parts with file names, and a field has none",
    "Too many": "has too many parts",
}
"""What is said of a form, by how Starlette begins."""
_IN_MEMORY = 4 * MIB
_DRAIN_SECONDS = 5
"""For so long a refused body is read away."""
_SILENCE = 0.5
"""Seconds without any of it after which no more is waited for."""


@dataclass(frozen=True)
class Upload:
    """What came.

    Attributes:
        file: the picture or video, at its beginning.
        video: suffix of a video's container; None for anything else.
        fields: names and values, of query and form.
    """

    file: IO[bytes]
    video: str | None
    fields: list[tuple[str, str]]


class Body:
    """ASGI's `receive` for a request's body: within its limits, and as long as the server runs."""

    def __init__(self, request: Request, limits: Limits, gate: Gate) -> None:
        self._request = request
        self._limits = limits
        self._gate = gate
        self._come = 0
        self._ended = False
        self._began = asyncio.get_running_loop().time()

    @property
    def request(self) -> Request:
        """The request, with this for its body."""
        return Request(self._request.scope, self)

    async def __call__(self) -> dict[str, Any]:
        """The next piece.

        Raises:
            ProblemError: 408, it is too slow; 413, too large; 503, the server stops.
        """
        limits = self._limits
        seconds = min(limits.upload, limits.patience + self._come / limits.rate)
        try:
            async with asyncio.timeout_at(self._began + seconds):
                message = await self._gate.unless_stopping(self._receive())
        except TimeoutError:
            raise ProblemError(
                408, f"body: had not arrived after {seconds:.3g} s; expected it faster"
            ) from None
        if message["type"] == "http.disconnect":
            raise ProblemError(408, "body: the client went away before it had arrived")
        if self._come > limits.body:
            raise too_large(limits.body)
        return message

    async def drain(self) -> None:
        """Read what comes of a refused body away: a connection that is closed while data comes
        loses the answer. Not of whoever asks first whether to send it."""
        if "expect" in self._request.headers:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(_DRAIN_SECONDS):
                while not self._ended and self._come <= 2 * self._limits.body:
                    async with asyncio.timeout(_SILENCE):
                        await self._receive()

    async def _receive(self) -> dict[str, Any]:
        message = dict(await self._request.receive())
        self._come += len(message.get("body", b""))
        self._ended = not message.get("more_body", False)
        return message


def too_large(most: int) -> ProblemError:
    return ProblemError(
        413, f"body: is larger than {most / MIB:g} MiB; expected at most that; send a smaller file"
    )


@asynccontextmanager
async def taken(request: Request, limits: Limits, body: Body) -> AsyncIterator[Upload]:
    """The upload of a request.

    Raises:
        ProblemError: what `Body` raises; 415 and 417, it is packed, or more is expected of the
            server than to say that it may come; 422, there is no file.
    """
    _check_headers(request)
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > limits.body:
        raise too_large(limits.body)
    form = request.headers.get("content-type", "").lower().startswith("multipart/form-data")
    file, fields = await (_of_form(body.request) if form else _raw(body.request))
    try:
        file.seek(0)
        beginning = file.read(64)
        file.seek(0)
        if not beginning:
            raise ProblemError(422, "file: is empty; expected a picture or a short video")
        yield Upload(file, video_suffix(beginning), [*request.query_params.multi_items(), *fields])
    finally:
        file.close()


def _check_headers(request: Request) -> None:
    packed = request.headers.get("content-encoding", "identity")
    if packed.strip().lower() not in ("", "identity"):
        raise ProblemError(
            415, f"Content-Encoding: got {packed[:100]!r}; expected none; send the file as it is"
        )
    expected = request.headers.get("expect", "100-continue")
    if expected.strip().lower() != "100-continue":
        raise ProblemError(417, f"Expect: got {expected[:100]!r}; expected 100-continue or none")


async def _of_form(request: Request) -> tuple[IO[bytes], list[tuple[str, str]]]:
    try:
        form = await request.form(max_files=1, max_fields=MOST_FIELDS, max_part_size=4096)
    except (HTTPException, FormParserError) as error:
        detail = error.detail if isinstance(error, HTTPException) else ""
        reason = next(
            (reason for said, reason in _TOO_MANY.items() if detail.startswith(said)),
            "cannot be read, or a field is too long",
        )
        raise ProblemError(
            422, f"form: {reason}; expected one part 'file', and {MOST_FIELDS} fields at most"
        ) from None
    file: UploadFile | None = None
    fields: list[tuple[str, str]] = []
    for name, value in form.multi_items():
        if isinstance(value, str):
            fields.append((name, value))
        elif name == "file":
            file = value
        else:
            await form.close()
            raise ProblemError(
                422, f"form: has a file {name[:100]!r}; expected it to be called 'file'"
            )
    if file is None:
        await form.close()
        raise ProblemError(422, "form: has no file; expected a part called 'file' with a file name")
    return file.file, fields


async def _raw(request: Request) -> tuple[IO[bytes], list[tuple[str, str]]]:
    file: IO[bytes] = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115, RUF100 (closed by `taken`)
    try:
        async for chunk in request.stream():
            file.write(chunk)
    except BaseException:
        file.close()
        raise
    return file, []


def video_suffix(beginning: bytes) -> str | None:
    """What to call a video that starts with these bytes; None where it is none that is taken.

    FFmpeg also reads playlists and scripts, which name other files and addresses: nothing of the
    kind comes near it."""
    if beginning[4:8] == b"ftyp" and beginning[8:12] not in (b"avif", b"avis", b"mif1", b"msf1"):
        return ".mov" if beginning[8:12] == b"qt  " else ".mp4"
    if beginning.startswith(b"\x1a\x45\xdf\xa3"):
        return ".webm" if b"webm" in beginning else ".mkv"
    if beginning[:4] == b"RIFF" and beginning[8:12] == b"AVI ":
        return ".avi"
    return None
