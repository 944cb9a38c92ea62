"""Messages between the server and the processes that decode: JSON and arrays, never pickle, so that
a decoder which has been taken over can say nothing but numbers.

Not covered: the processes (`children`, `child`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from math import prod
from multiprocessing.connection import Connection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kirinuki.images.picture import Picture
from kirinuki.instances import Instances

Arrays = dict[str, NDArray[Any]]
Message = tuple[dict[str, Any], Arrays]
"""Facts, which JSON can say, and arrays by name."""

LARGEST_FACTS = 2**24
"""Bytes of JSON that are read of a message."""
LARGEST_ARRAY = 2**31
"""Bytes of an array that are read."""
DTYPES = ("uint8", "bool", "int64", "float32")


def send(connection: Connection, facts: Mapping[str, Any], arrays: Arrays | None = None) -> None:
    """Say something."""
    arrays = {name: np.ascontiguousarray(array) for name, array in (arrays or {}).items()}
    shapes = [[name, array.dtype.name, array.shape] for name, array in arrays.items()]
    connection.send_bytes(json.dumps({"facts": facts, "arrays": shapes}).encode())
    for array in arrays.values():
        if array.size:
            connection.send_bytes(array.data.cast("B"))


def receive(connection: Connection) -> Message:
    """What is said.

    Raises:
        EOFError: nobody is there any more.
        OSError: the connection fails, or a message is larger than any of ours.
        ValueError: it is no message.
    """
    said = json.loads(connection.recv_bytes(LARGEST_FACTS))
    arrays: Arrays = {}
    for name, dtype, shape in said["arrays"]:
        if dtype not in DTYPES or not all(isinstance(n, int) and n >= 0 for n in shape):
            raise ValueError(f"array {name!r} is {dtype} {shape}")
        size = prod(shape) * np.dtype(dtype).itemsize
        if size > LARGEST_ARRAY:
            raise ValueError(f"array {name!r} has {size} bytes")
        # Copied into memory of its own, which is aligned and may be written to.
        array = np.empty(shape, dtype)
        if size and connection.recv_bytes_into(array.data.cast("B")) != size:
            raise ValueError(f"array {name!r} is shorter than it says")
        arrays[str(name)] = array
    return said["facts"], arrays


def picture_message(picture: Picture) -> Message:
    """A picture, as `picture_of` reads it."""
    arrays = {"rgb": picture.rgb}
    if picture.alpha is not None:
        arrays["alpha"] = picture.alpha
    return {"notes": picture.notes}, arrays


def picture_of(facts: Mapping[str, Any], arrays: Arrays) -> Picture:
    """The inverse.

    Raises:
        ValueError: it is no picture.
    """
    rgb, alpha = arrays["rgb"], arrays.get("alpha")
    if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8:
        raise ValueError(f"picture is {rgb.shape} {rgb.dtype}")
    if alpha is not None and (alpha.shape != rgb.shape[:2] or alpha.dtype != np.uint8):
        raise ValueError(f"its alpha is {alpha.shape} {alpha.dtype}")
    return Picture(rgb, alpha, tuple(str(note) for note in facts["notes"]))


def instances_message(instances: Instances) -> Message:
    """Instances, as `instances_of` reads them, whatever fields they have; not their picture, which
    whoever asked has."""
    facts: dict[str, Any] = {"alphas": len(instances.alphas)}
    arrays: Arrays = {f"alpha {i}": alpha for i, alpha in enumerate(instances.alphas)}
    for name in _plain_fields():
        value = getattr(instances, name)
        if isinstance(value, np.ndarray):
            arrays[name] = value
        else:
            facts[name] = value
    return facts, arrays


def instances_of(facts: Mapping[str, Any], arrays: Arrays) -> Instances:
    """The inverse.

    Raises:
        ValueError: they break a contract of `Instances`.
    """
    values: dict[str, Any] = {
        name: arrays[name] if name in arrays else frozen(facts[name]) for name in _plain_fields()
    }
    alphas = tuple(arrays[f"alpha {i}"] for i in range(int(facts["alphas"])))
    return Instances(alphas=alphas, **values)


def named(prefix: str, arrays: Arrays) -> Arrays:
    """Those whose names begin so, without it."""
    return {k.removeprefix(prefix): v for k, v in arrays.items() if k.startswith(prefix)}


def _plain_fields() -> list[str]:
    return [field.name for field in fields(Instances) if field.name not in ("alphas", "picture")]


def frozen(value: Any) -> Any:
    """Tuples again, where JSON made lists of them."""
    return tuple(frozen(item) for item in value) if isinstance(value, list) else value
