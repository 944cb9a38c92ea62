"""Errors as RFC 9457 has them: ``application/problem+json`` with type, title, status, detail.

Not covered: when they arise.
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

MEDIA_TYPE = "application/problem+json"
_DETAILS = {
    404: "path: there is nothing of that name; expected one that /openapi.json has",
    405: "method: is not taken here; expected one that Allow names",
}
_log = logging.getLogger("kirinuki.server")


class ProblemError(Exception):
    """A request that gets an error for an answer.

    Args:
        status: HTTP status.
        detail: where, got, expected, remedy, in one line.
        retry_after: seconds after which trying again makes sense.
    """

    def __init__(self, status: int, detail: str, *, retry_after: int | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.retry_after = retry_after

    def told(self) -> dict[str, Any]:
        """The problem document."""
        return {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
        }


def answer(problem: ProblemError) -> Response:
    """The answer that says it."""
    headers = {}
    if problem.retry_after is not None:
        headers["Retry-After"] = str(problem.retry_after)
    if problem.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="kirinuki"'
    if problem.status == HTTPStatus.BAD_REQUEST:  # where it ends is not known for sure
        headers["Connection"] = "close"
    return JSONResponse(problem.told(), problem.status, headers, MEDIA_TYPE)


def unexpected(error: Exception, where: str) -> ProblemError:
    """An error that nobody meant, for the log, and what is said of it."""
    _log.error("unexpected %s at %s", type(error).__name__, where, exc_info=error)
    return ProblemError(500, "unexpected error; the server's log has more")


def warn(line: str) -> None:
    """A line for the log."""
    _log.warning(line)


def install(app: FastAPI) -> None:
    """Makes every error of an app a problem document, and tells nobody what went wrong inside."""

    @app.exception_handler(ProblemError)
    async def ours(request: Request, problem: ProblemError) -> Response:
        return answer(problem)

    @app.exception_handler(HTTPException)
    async def of_the_framework(request: Request, error: HTTPException) -> Response:
        detail = _DETAILS.get(error.status_code, str(error.detail))
        said = answer(ProblemError(error.status_code, detail))
        allowed = {"Allow": "GET, HEAD"} if error.status_code == 405 else {}
        said.headers.update({**allowed, **(error.headers or {})})
        return said

    @app.exception_handler(Exception)
    async def ours_to_mend(request: Request, error: Exception) -> Response:
        return answer(unexpected(error, request.url.path))
