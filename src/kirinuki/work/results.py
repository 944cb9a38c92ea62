"""Which files are results of earlier runs, so that a second run does not take them as inputs.

Every results folder holds a journal that names them. Held are eight bytes a name: a hash by which
one foreign file in 10¹² is taken for one of ten million results.

Not covered: what else a journal says (`journal`).
"""

from __future__ import annotations

import hashlib
import json
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from pathlib import Path
from typing import Any

JOURNAL_NAME = "kirinuki-journal.jsonl"
MEANT_AS_INPUTS = frozenset({"frames", "composed"})
"""Outputs of jobs whose pictures others take: frames picked for labelling, composed sets."""


class Results:
    """The results that the journal of a folder names; none where there is no journal, or one that
    cannot be read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._hashes = array("Q", sorted({_hash(name) for name in _names(folder / JOURNAL_NAME)}))

    def __contains__(self, path: Path) -> bool:
        """Whether a file, or a folder, is one of them; not what lies in a folder that is one."""
        if not self._hashes or not path.is_relative_to(self.folder):
            return False
        wanted = _hash(path.relative_to(self.folder).as_posix())
        place = bisect_left(self._hashes, wanted)
        return place < len(self._hashes) and self._hashes[place] == wanted


def _hash(name: str) -> int:
    text = name.encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little")


def _names(journal: Path) -> Iterator[str]:
    try:
        with journal.open(encoding="utf-8", errors="replace") as file:
            passed_over = False
            for line in map(_parsed, file):
                run = line.get("run")
                if isinstance(run, dict):  # 0.5.0 said the verb, and had a journal for frames too
                    passed_over = "verb" in run
                elif not passed_over:
                    yield from _names_in(line)
    except OSError:  # there is none; or whoever starts the job says why it cannot be read
        return


def _parsed(text: str) -> dict[str, Any]:
    try:
        line = json.loads(text)
    except ValueError:  # torn by a kill
        return {}
    return line if isinstance(line, dict) else {}


def _names_in(line: dict[str, Any]) -> list[str]:
    """Files that a line names; of 0.4.0 and 0.5.0 too, whose journals called them outputs. A line
    that no version wrote may lack anything."""
    outputs = _texts(line.get("outputs"))
    files = line.get("files", outputs)
    if isinstance(files, dict):
        groups = [those for name, those in files.items() if name not in MEANT_AS_INPUTS]
        return [name for those in groups for name in _texts(those)]
    meant = "files" in line and MEANT_AS_INPUTS.issuperset(outputs)
    return [] if meant else _texts(files)


def _texts(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
