"""What OpenAPI says of the routes, with examples; the fields come from `wishes`.

Not covered: what the routes do (`app`).
"""

from __future__ import annotations

from typing import Any

from kirinuki.server import answers, problems
from kirinuki.server.fields import request_fields

_INSTANCES = {
    "size": [720, 1280],
    "notes": [],
    "instances": [
        {
            "id": 1,
            "name": "character",
            "kind": "female",
            "score": 0.981234,
            "box": [412.0, 96.0, 771.0, 720.0],
            "window": [412, 96, 771, 720],
            "rle": {"size": [720, 1280], "counts": "Zk\\\\92…"},
            "alpha": "iVBORw0KGgo…",
        }
    ],
}
_VIDEO_LINES = (
    '{"frames": 24, "total": 48}\n{"frames": 48, "total": 48}\n{"size": [360, 640], "instances": '
    '[{"id": 1, "name": "character", "kind": "male", "score": 0.93, "box": [10, 4, 90, 200], '
    '"surest": 7, "first": 0, "frames": 48, "face": "/9j/4AAQ…"}], "counts": {"frames": 48}, '
    '"files": [{"name": "video_cutout.webm", "content": "GkXfo…"}]}\n'
)
_DETAILS = {
    401: "Authorization: expected 'Bearer TOKEN' with this server's token",
    403: "Origin: another page asks; expected this server's own page",
    406: "Accept: got 'text/html'; expected one of image/png, image/webp, …",
    408: "body: had not arrived after 60 s; expected it faster",
    413: "body: is larger than 128 MiB; expected at most that; send a smaller file",
    415: "Content-Encoding: got 'gzip'; expected none; send the file as it is",
    417: "Expect: got 'more'; expected 100-continue or none",
    421: "Host: got 'example.org'; expected 127.0.0.1 or localhost",
    422: "picture: is damaged or cut off (image file is truncated); save or download it again",
    429: "queue: 66 requests are in it already, expected fewer than 66; try again after the …",
    503: "the server is stopping; try again later",
}


def _problem(status: int) -> dict[str, Any]:
    example = problems.ProblemError(status, _DETAILS[status]).told()
    content: dict[str, Any] = {problems.MEDIA_TYPE: {"schema": _SCHEMA, "example": example}}
    said: dict[str, Any] = {"description": str(example["title"]), "content": content}
    if status in (429, 503):
        schema = {"type": "integer", "description": "Seconds after which to try again."}
        said["headers"] = {"Retry-After": {"schema": schema}}
    return said


_SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "Where, got, expected, remedy."},
    },
}


def _body() -> dict[str, Any]:
    fields = {name: one.schema for name, one in request_fields().items()}
    file = {"type": "string", "format": "binary", "description": "A picture or a short video."}
    form = {"type": "object", "required": ["file"], "properties": {"file": file, **fields}}
    raw = {"schema": {"type": "string", "format": "binary"}}
    kinds = ("image/png", "image/jpeg", "image/webp", "video/mp4", "application/octet-stream")
    return {
        "required": True,
        "content": {"multipart/form-data": {"schema": form}} | dict.fromkeys(kinds, raw),
    }


def _parameters() -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "query",
            "required": False,
            "description": one.about,
            "schema": {key: value for key, value in one.schema.items() if key != "description"},
        }
        for name, one in request_fields().items()
    ]


def _answers() -> dict[str, Any]:
    content: dict[str, Any] = {}
    for kind in (*answers.PICTURE_TYPES, *answers.VIDEO_TYPES):
        content[kind] = {"schema": {"type": "string", "format": "binary"}}
    content["application/json"] = {"schema": {"type": "object"}, "example": _INSTANCES}
    content[answers.PROGRESS] = {"schema": {"type": "string"}, "example": _VIDEO_LINES}
    return {"description": "What Accept asks for.", "content": content}


_WHO = (401, 403, 421)
CUT: dict[str, Any] = {
    "summary": "Cut the characters out of a picture or a short video.",
    "description": (
        "The body is a form with the part 'file', or the file itself, with the fields in the "
        "query. Accept says what comes back; where no output is named it also says which is made. "
        "Without Accept: of a picture everyone in one transparent PNG, of a video a zip."
    ),
    "openapi_extra": {"requestBody": _body(), "parameters": _parameters()},
    "responses": {
        200: _answers(),
        **{status: _problem(status) for status in (*_WHO, 406, 408, 413, 415, 417, 422, 429, 503)},
    },
}
MODEL: dict[str, Any] = {
    "summary": "What the model is and what the server takes.",
    "responses": {
        200: {
            "description": "Facts.",
            "content": {
                "application/json": {
                    "example": {
                        "arch": "…",
                        "version": "0.6.0",
                        "names": ["character"],
                        "score": 0.3,
                        "kinds": True,
                        "answers": {"picture": ["image/png"], "video": ["application/zip"]},
                        "limits": {"body": 134217728, "pixels": 50000000, "frames": 1800},
                    }
                }
            },
        },
        **{status: _problem(status) for status in _WHO},
    },
}
HEALTH: dict[str, Any] = {
    "summary": "Whether the process is alive.",
    "responses": {200: {"content": {"application/json": {"example": {"status": "alive"}}}}},
}
READY: dict[str, Any] = {
    "summary": "Whether it takes requests, and how many are inside.",
    "responses": {
        200: {"content": {"application/json": {"example": {"status": "ready", "inside": 3}}}},
        503: _problem(503),
    },
}
