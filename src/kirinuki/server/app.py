"""`create_app`: the routes.

Not covered: running it on a port (`serving`), what stands before every request (`guards`).
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import TypeAlias

from fastapi import FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse, Response, StreamingResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from kirinuki import __version__
from kirinuki.errors import KirinukiError, ModelError
from kirinuki.segmenter.segments import Segments
from kirinuki.server import answers, problems
from kirinuki.server.accept import chosen
from kirinuki.server.bench import Bench
from kirinuki.server.fields import in_fields
from kirinuki.server.gate import Gate, stops
from kirinuki.server.guards import Guards, Rules
from kirinuki.server.limits import Limits
from kirinuki.server.problems import ProblemError
from kirinuki.server.reference import CUT, HEALTH, MODEL, READY
from kirinuki.server.uploads import Body, Upload, taken

Work: TypeAlias = "partial[answers.Answer]"
PAGE = Path(__file__).with_name("page")


def create_app(
    segmenter: Segments, limits: Limits | None = None, rules: Rules | None = None
) -> FastAPI:
    """The server as an ASGI app, with the page at its root.

    Args:
        segmenter: the one model: a `Segmenter`, or any function from `Picture` to `Instances`
            (`Segments` says what more it may have). It is called from several threads, one at a
            time.
    """
    limits, rules = limits or Limits(), rules or Rules()
    bench, gate = Bench(segmenter, limits), Gate(limits)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        gate.stop()
        bench.close()

    app = FastAPI(
        title="kirinuki",
        version=__version__,
        summary="Finds every anime character in a picture or a short video and cuts each one out.",
        docs_url=None,  # FastAPI's pages load scripts from elsewhere
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.gate, app.state.bench, app.state.limits = gate, bench, limits
    problems.install(app)
    if rules.origins:
        _share(app, rules.origins)
    app.add_middleware(Guards, rules=rules)
    _add_routes(app, bench, gate)
    app.mount("/", StaticFiles(directory=PAGE, html=True), name="page")
    return app


def _share(app: FastAPI, origins: Sequence[str]) -> None:
    """Let browsers give answers to pages of these origins."""
    app.add_middleware(
        CORSMiddleware,
        allow_origins=list(origins),
        allow_methods=["GET", "POST"],
        allow_headers=["Authorization", "Content-Type"],
        expose_headers=["Retry-After", answers.NOTES],
    )


def _add_routes(app: FastAPI, bench: Bench, gate: Gate) -> None:
    @app.head("/healthz", include_in_schema=False)
    @app.get("/healthz", **HEALTH)
    async def healthz() -> Response:
        return JSONResponse({"status": "alive"})

    @app.head("/readyz", include_in_schema=False)
    @app.get("/readyz", **READY)
    async def readyz() -> Response:
        if gate.stopping:
            raise ProblemError(503, "the server is stopping", retry_after=10)
        return JSONResponse({"status": "ready", "inside": gate.inside})

    @app.head("/v1/model", include_in_schema=False)
    @app.get("/v1/model", **MODEL)
    async def model() -> Response:
        return JSONResponse(bench.told())

    # Else the page's folder, which has nothing of the kind, would be asked.
    @app.api_route("/v1/cut", methods=["GET", "HEAD", "PUT", "DELETE"], include_in_schema=False)
    async def not_cut() -> Response:
        raise HTTPException(405, headers={"Allow": "POST"})

    @app.post("/v1/cut", **CUT)
    async def cut(request: Request) -> Response:
        body = Body(request, bench.limits, gate)
        try:
            async with AsyncExitStack() as held:
                with gate.arriving():
                    upload = await held.enter_async_context(taken(request, bench.limits, body))
                held.enter_context(gate.admitted())
                return await _cut(request, upload, bench, gate, held)
        except ProblemError:
            await body.drain()
            raise
        except asyncio.CancelledError:
            if not gate.stopping:
                raise
            raise stops() from None  # it was not done in time


async def _cut(
    request: Request, upload: Upload, bench: Bench, gate: Gate, held: AsyncExitStack
) -> Response:
    moves = upload.video is not None
    with _refusals():
        kind, wish = chosen(request.headers.get("accept", ""), upload.fields, moves=moves)
        bench.check(wish, moves=moves)
    work: Work = partial(bench.picture, upload.file, wish, kind)
    if upload.video is not None:
        work = partial(bench.video, upload.file, upload.video, wish, kind)
    if kind == answers.PROGRESS:
        return Streamed(held.pop_all(), gate, bench, work)
    async with gate.turn(video=moves):
        if await request.is_disconnected():  # nobody waits for it any more
            raise ProblemError(408, "the client went away")
        with _refusals():
            answer = await asyncio.get_running_loop().run_in_executor(bench.pool, work)
    return Response(answer.content, 200, answer.headers, answer.media_type)


class Streamed(StreamingResponse):
    """Lines that say how far a video is, and last what there is or what went wrong.

    Args:
        held: what the request holds until its end: its file, its place in the queue.
    """

    def __init__(self, held: AsyncExitStack, gate: Gate, bench: Bench, work: Work) -> None:
        self._held = held
        self._gate, self._bench, self._work = gate, bench, work
        self._lines: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._left = threading.Event()
        super().__init__(self._said(), media_type=answers.PROGRESS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        work = asyncio.ensure_future(self._do())
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._left.set()  # the client may have gone
            await asyncio.shield(work)

    async def _said(self) -> AsyncIterator[bytes]:
        while (line := await self._lines.get()) is not None:
            yield line

    async def _do(self) -> None:
        try:
            async with self._held, self._gate.turn(video=True):
                loop = asyncio.get_running_loop()

                def note(frames: int, total: int | None) -> None:
                    line = json.dumps({"frames": frames, "total": total}).encode() + b"\n"
                    loop.call_soon_threadsafe(self._lines.put_nowait, line)

                work = partial(self._work, on_frame=note, stop=self._left.is_set)
                with _refusals():
                    answer = await loop.run_in_executor(self._bench.pool, work)
            self._lines.put_nowait(answer.content)
        except ProblemError as problem:
            self._tell(problem)
        except Exception as error:
            self._tell(problems.unexpected(error, "a video"))
        finally:
            self._lines.put_nowait(None)

    def _tell(self, problem: ProblemError) -> None:
        self._lines.put_nowait(json.dumps({"problem": problem.told()}).encode() + b"\n")


@contextmanager
def _refusals() -> Iterator[None]:
    """What is wrong with an input, as a problem of the request."""
    try:
        yield
    except ModelError as error:
        raise ProblemError(500, "the model failed on it") from error
    except KirinukiError as error:
        raise ProblemError(422, in_fields(str(error))) from None
