"""Answers: which media type is wanted, and what is made of a picture, or of a video's files.

Not covered: requests (`uploads`, `wishes`), errors (`problems`).
"""

from __future__ import annotations

import base64
import json
import secrets
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from kirinuki.cutting.outputs.registry import OUTPUTS
from kirinuki.geometry import mask_to_rle
from kirinuki.images.picture import Picture, save_png
from kirinuki.instances import HARD_MASK_ALPHA, Instances
from kirinuki.server.cuts import files_of, own_colours, painted
from kirinuki.server.problems import ProblemError
from kirinuki.server.wishes import Wish, offered

SUFFIXES = {
    "application/zip": ".zip",
    "application/json": ".json",
    "image/png": ".png",
    "image/webp": ".webp",
    "image/openraster": ".ora",
    "image/vnd.adobe.photoshop": ".psd",
    "video/webm": ".webm",
    "video/mp4": ".mp4",
    "video/quicktime": ".mov",
    "video/x-matroska": ".mkv",
}
"""What each single file is called."""
LAYERS = "multipart/form-data"
"""What the page asks for: the picture, and of each character alpha and colours, each a PNG."""
PROGRESS = "application/x-ndjson"
"""Of a video: a line of JSON a frame, and last the results."""
LAYERED = {
    kind: suffix[1:]
    for kind, suffix in SUFFIXES.items()
    if suffix in (".ora", ".psd") and suffix[1:] in OUTPUTS
}
"""Files of layers, each by the output that writes it."""
PICTURE_TYPES = (
    *("image/png", "image/webp", "application/zip", "application/json", LAYERS),
    *LAYERED,
)
VIDEO_TYPES = (
    *("application/zip", "video/webm", "video/mp4", "video/quicktime", "application/json"),
    PROGRESS,
)
_DEFAULTS: dict[str, dict[str, dict[str, Any]]] = {
    "image/png": {"cutout": {}},
    "image/webp": {"cutout": {}},
    "application/zip": {"cutout": {}, "overlay": {}},
    "video/webm": {"cutout": {}},
    "video/mp4": {"overlay": {}},
    "video/quicktime": {"cutout": {"transparent": "mov"}},
    **{kind: {name: {}} for kind, name in LAYERED.items()},
}
"""What is made where no output is named."""


@dataclass(frozen=True)
class Answer:
    """A body and what it is."""

    content: bytes
    media_type: str

    @property
    def headers(self) -> dict[str, str]:
        suffix = SUFFIXES.get(self.media_type)
        return {} if suffix is None else {"Content-Disposition": f'inline; filename="cut{suffix}"'}


def wanted_type(accept: str, types: tuple[str, ...]) -> str:
    """The media type that a client likes best among those there are; the first where it likes any.

    Raises:
        ProblemError: 406, it takes none of them.
    """
    ranges = sorted(map(_quality, accept.split(",")), key=lambda one: -one[0])
    for quality, wanted in ranges if accept.strip() else [(1.0, "*/*")]:
        fits = [kind for kind in types if wanted in (kind, "*/*", kind.split("/")[0] + "/*")]
        if fits and quality > 0:
            return fits[0]
    raise ProblemError(406, f"Accept: got {accept[:200]!r}; expected one of {', '.join(types)}")


def _quality(text: str) -> tuple[float, str]:
    name, *parameters = (part.strip().lower() for part in text.split(";"))
    quality = 1.0
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                quality = float(parameter[2:])
            except ValueError:
                quality = 0.0
    return quality, name


def with_defaults(wish: Wish, media_type: str) -> Wish:
    """What is made where no output is named."""
    if wish.outputs or media_type not in _DEFAULTS:
        return wish
    known = offered()
    made = {name: known[name].options(**given) for name, given in _DEFAULTS[media_type].items()}
    return replace(wish, outputs=made)


def of_picture(
    picture: Picture, instances: Instances, wish: Wish, media_type: str, names: tuple[str, ...]
) -> Answer:
    """What a picture's request is answered with.

    Raises:
        ProblemError: 406, the outputs asked for are not one file of that type.
    """
    if media_type == "application/json":
        told = told_of(picture, instances, alphas=True)
        return Answer(json.dumps(told).encode(), media_type)
    if media_type == LAYERS:
        return _layers(picture, instances)
    outputs = with_defaults(wish, media_type).outputs
    if media_type == "application/zip":
        if "cutout" in outputs:  # of a picture it means a file a character, as in the command
            each = outputs.get("each") or offered()["each"].options(**vars(outputs["cutout"]))
            outputs = {"each": each} | {
                n: o for n, o in outputs.items() if n not in ("cutout", "each")
            }
        return Answer(zipped(files_of(picture, instances, outputs, names).items()), media_type)
    if media_type in LAYERED:
        files = files_of(picture, instances, outputs, names)
        return one_file(files, media_type)
    return _one_picture(picture, instances, outputs, media_type)


def _one_picture(
    picture: Picture, instances: Instances, outputs: Mapping[str, Any], media_type: str
) -> Answer:
    made = [
        shown
        for name, options in outputs.items()
        for shown in painted(name, options, picture, instances)
    ]
    if len(made) != 1:
        raise _not_one(outputs, media_type)
    if media_type == "image/png":
        return Answer(png(made[0]), media_type)
    image = Image.fromarray(made[0]) if isinstance(made[0], np.ndarray) else made[0]
    encoded = BytesIO()
    image.save(encoded, "WEBP", lossless=True, exact=True, quality=0, method=0)
    return Answer(encoded.getvalue(), media_type)


def one_file(files: Mapping[str, bytes], media_type: str) -> Answer:
    """The only file there is.

    Raises:
        ProblemError: 406, there are more, or it is of another type.
    """
    suffix = SUFFIXES[media_type]
    if len(files) != 1 or not next(iter(files)).endswith(suffix):
        raise _not_one(files, media_type)
    return Answer(next(iter(files.values())), media_type)


def _not_one(made: Iterable[str], media_type: str) -> ProblemError:
    return ProblemError(
        406,
        f"Accept: got {media_type}, which is one file, but {', '.join(made) or 'nothing'} is asked "
        "for; expected application/zip, or other outputs",
    )


def zipped(files: Iterable[tuple[str, bytes]]) -> bytes:
    """A zip of files, which are compressed as they are."""
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name), content)
    return packed.getvalue()


def last_line(told: Mapping[str, Any], files: Mapping[str, bytes]) -> Answer:
    """What comes last of `PROGRESS`: who is in a video, and its files."""
    packed = [
        {"name": name, "content": base64.b64encode(content).decode()}
        for name, content in files.items()
    ]
    return Answer(json.dumps({**told, "files": packed}).encode() + b"\n", PROGRESS)


def png(pixels: NDArray[np.uint8] | Image.Image) -> bytes:
    """A PNG, the same bytes as `save_png` writes."""
    encoded = BytesIO()
    save_png(pixels, encoded)
    return encoded.getvalue()


def told_of(picture: Picture, instances: Instances, *, alphas: bool) -> dict[str, Any]:
    """Everyone in a picture as JSON: see docs/server.md."""
    told = []
    for i, kind in enumerate(instances.kinds):
        one = {
            "id": i + 1,
            "name": instances[i].name,
            "kind": kind,
            "score": round(float(instances.scores[i]), 6),
            "box": [round(value, 2) for value in instances.boxes[i].tolist()],
            "window": list(instances.window(i)),
        }
        if alphas:
            alpha = instances.alphas[i]
            mask = np.zeros(instances.size_hw, np.bool_)
            x1, y1, x2, y2 = instances.window(i)
            mask[y1:y2, x1:x2] = alpha >= HARD_MASK_ALPHA
            one["rle"] = mask_to_rle(mask)
            one["alpha"] = base64.b64encode(png(alpha)).decode()
        told.append(one)
    return {"size": list(instances.size_hw), "notes": list(picture.notes), "instances": told}


def _layers(picture: Picture, instances: Instances) -> Answer:
    told = json.dumps(told_of(picture, instances, alphas=False)).encode()
    parts = [("instances", "application/json", told), ("picture", "image/png", _fast(picture.rgb))]
    for i in range(len(instances)):
        colours = own_colours(picture, instances, i)
        parts.append((f"alpha-{i + 1}", "image/png", _fast(instances.alphas[i])))
        parts.append((f"colours-{i + 1}", "image/png", _fast(colours)))
    boundary = f"kirinuki-{secrets.token_hex(16)}"
    body = BytesIO()
    for name, kind, content in parts:
        disposition = f'Content-Disposition: form-data; name="{name}"; filename="{name}"'
        body.write(f"--{boundary}\r\n{disposition}\r\nContent-Type: {kind}\r\n\r\n".encode())
        body.write(content + b"\r\n")
    body.write(f"--{boundary}--\r\n".encode())
    return Answer(body.getvalue(), f"{LAYERS}; boundary={boundary}")


def _fast(pixels: NDArray[np.uint8]) -> bytes:
    """A PNG that is read once, on the same machine or near it."""
    encoded = BytesIO()
    Image.fromarray(pixels).save(encoded, "PNG", compress_level=1)
    return encoded.getvalue()
