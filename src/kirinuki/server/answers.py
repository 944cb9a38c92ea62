"""Answers: what media types there are, and what is made of a picture, or of a video's files.

Not covered: requests (`uploads`, `wishes`), which type is wanted (`accept`).
"""

from __future__ import annotations

import base64
import json
import secrets
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from kirinuki.cutting.one_file import output_of
from kirinuki.cutting.outputs.layered import Layered
from kirinuki.cutting.outputs.output import Shown
from kirinuki.cutting.outputs.registry import OUTPUTS
from kirinuki.cutting.outputs.rendering import Rendering
from kirinuki.errors import OutputError
from kirinuki.geometry import mask_to_rle
from kirinuki.images.encode import encode
from kirinuki.images.picture import Picture
from kirinuki.instances import HARD_MASK_ALPHA, Instances
from kirinuki.server.cuts import files_of, one_file, own_colours

PICTURES = {
    "image/png": ".png",
    "image/webp": ".webp",
    "image/avif": ".avif",
    "image/tiff": ".tiff",
    "image/gif": ".gif",
    "image/jpeg": ".jpg",
    "image/openraster": ".ora",
    "image/vnd.adobe.photoshop": ".psd",
}
"""Files that a picture can become, by their suffix."""
VIDEOS = {
    "video/webm": ".webm",
    "video/mp4": ".mp4",
    "video/quicktime": ".mov",
    "video/x-matroska": ".mkv",
    "image/webp": ".webp",
    "image/png": ".png",
    "image/gif": ".gif",
}
"""Files that a video can become; the pictures among them are animated."""
JSON, ZIP = "application/json", "application/zip"
LAYERS = "multipart/form-data"
"""What the page asks for: the picture, and of each character alpha and colours, each a PNG."""
PROGRESS = "application/x-ndjson"
"""Of a video: a line of JSON a frame, and last the results."""
PICTURE_TYPES = (*PICTURES, ZIP, JSON, LAYERS)
VIDEO_TYPES = (ZIP, *VIDEOS, JSON, PROGRESS)
NOTES = "Kirinuki-Notes"
"""Header: what JSON calls `notes`, as a JSON list in ASCII, for files have no place for it."""
_MOST_NOTES, _LONGEST_NOTE = 8, 200
_OPAQUE = ("image/jpeg", "video/mp4", "video/x-matroska")
DEFAULTS: dict[str, dict[str, dict[str, Any]]] = {
    **{
        kind: {output_of(Path(f"cut{suffix}")): {}}
        for kind, suffix in {**PICTURES, **VIDEOS}.items()
    },
    **{kind: {"overlay": {}} for kind in _OPAQUE},
    ZIP: {"cutout": {}, "overlay": {}},
}
"""What is made where no output is named."""


@dataclass(frozen=True)
class Answer:
    """A body, what it is, and what is to be known of the input."""

    content: bytes
    media_type: str
    notes: Sequence[str] = ()

    @property
    def headers(self) -> dict[str, str]:
        known = {ZIP: ".zip", JSON: ".json", **PICTURES, **VIDEOS}
        suffix = known.get(self.media_type)
        headers = {}
        if suffix is not None:
            headers["Content-Disposition"] = f'inline; filename="cut{suffix}"'
        if self.notes:  # from a process that may have been taken over: escaped, and not many
            told = [note[:_LONGEST_NOTE] for note in self.notes[:_MOST_NOTES]]
            headers[NOTES] = json.dumps(told)
        return headers


def suffix_of(outputs: Mapping[str, Any], media_type: str, *, moves: bool) -> str | None:
    """Suffix of the one file that an answer is; None where it is something else.

    Raises:
        OutputError: such a file cannot hold that, or the outputs asked for are not one file.
    """
    suffix = (VIDEOS if moves else PICTURES).get(media_type)
    if suffix is None:
        return None
    ((name, options), *others) = outputs.items()
    output = OUTPUTS[name]
    single = isinstance(output, Rendering) and not output.several(options)
    if others or not (single or isinstance(output, Layered)):
        raise OutputError(f"{', '.join(outputs)}: is more than one file; ask for {ZIP}")
    one_file(name, options, suffix, moves=moves)
    return suffix


def of_pictures(outputs: Mapping[str, Any], media_type: str) -> Mapping[str, Any]:
    """Outputs as they are meant of a picture: cutouts, among files, are a file a character, as in
    the command."""
    if media_type != ZIP or "cutout" not in outputs:
        return outputs
    each = OUTPUTS["each"].options(**vars(outputs["cutout"]))
    return {"each": each} | {name: outputs[name] for name in outputs if name != "cutout"}


def of_picture(
    picture: Picture,
    instances: Instances,
    outputs: Mapping[str, Any],
    media_type: str,
    names: tuple[str, ...],
) -> Answer:
    """What a picture's request is answered with.

    Raises:
        OutputError: the format does not hold such a picture.
    """
    if media_type == JSON:
        told = told_of(picture, instances, alphas=True)
        return Answer(json.dumps(told).encode(), media_type, picture.notes)
    if media_type == LAYERS:
        return _layers(picture, instances)
    if media_type == ZIP:
        files = files_of(picture, instances, outputs, names)
        return Answer(zipped(files.items()), media_type, picture.notes)
    ((name, options),) = outputs.items()
    asked = one_file(name, options, PICTURES[media_type])
    return Answer(asked.encoded(Shown(0, picture, instances)), media_type, picture.notes)


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
            one["alpha"] = base64.b64encode(encode(alpha, ".png")).decode()
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
    return Answer(body.getvalue(), f"{LAYERS}; boundary={boundary}", picture.notes)


def _fast(pixels: NDArray[np.uint8]) -> bytes:
    """A PNG that is read once, on the same machine or near it."""
    encoded = BytesIO()
    Image.fromarray(pixels).save(encoded, "PNG", compress_level=1)
    return encoded.getvalue()
