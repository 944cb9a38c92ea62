"""The mark by which a label file is known to be a model's and touched by nobody since.

A label file holds, beside what LabelMe reads, an object ``kirinuki`` with the digest of the file's
bytes. LabelMe keeps keys that it does not know when it saves (``otherData`` in its
``_label_file.py``, versions 3 to 7), so the presence of a mark says nothing; but any save, even of
unchanged shapes, and any other change of a byte breaks the digest. Such a file is taken for a
human's. That errs on the safe side: labels of a model may be kept, those of a human never lost.

Not covered: what the labels are (`formats.labelme`), when files are replaced (`prelabel`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

from kirinuki.labelling.uncertainty import Doubt

MARK = "kirinuki"
"""Key of the mark in a label file."""
_MADE_BY = "kirinuki data prelabel"
_UNSEALED = "0" * 64


def marked(record: Mapping[str, Any], doubt: Doubt, model: str) -> bytes:
    """The bytes of a label file with its mark.

    Args:
        record: a LabelMe file, as `formats.labelme` makes it.
        doubt: kept in the mark, so that a later run can list the picture without its model.
        model: name of the model that found the characters.
    """
    mark = {"made_by": _MADE_BY, "model": model, **asdict(doubt), "sha256": _UNSEALED}
    text = json.dumps({**record, MARK: mark}, ensure_ascii=False, indent=2) + "\n"
    unsealed = text.encode("utf-8")
    return _replace_digest(unsealed, _UNSEALED, sha256(unsealed).hexdigest())


def read_mark(path: Path) -> Doubt | None:
    """The doubt that the mark of a label file keeps; None when the file is not to be replaced:
    it has no mark, was changed since, or cannot be read."""
    try:
        content = path.read_bytes()
        mark = json.loads(content)[MARK]
        digest = str(mark["sha256"])
        if sha256(_replace_digest(content, digest, _UNSEALED)).hexdigest() != digest:
            return None
        return Doubt(
            uncertainty=float(mark["uncertainty"]),
            characters=int(mark["characters"]),
            lowest_score=None if mark["lowest_score"] is None else float(mark["lowest_score"]),
            reasons=tuple(map(str, mark["reasons"])),
        )
    except (OSError, ValueError, RecursionError, KeyError, TypeError):
        return None


def _replace_digest(content: bytes, digest: str, other: str) -> bytes:
    """The content with another digest; it is the last of its kind in the file."""
    head, found, tail = content.rpartition(f'"sha256": "{digest}"'.encode())
    return head + found.replace(digest.encode(), other.encode()) + tail
