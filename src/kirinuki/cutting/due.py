"""Which outputs of an input are due: not those that are done just so; and what may be replaced.

An output is done if its source, what it was made with and its own options are what they are now.
One that is asked for later makes only itself, and a picture that was replaced is cut anew. What
would have to be cut again for another setting is refused, with both values.

Not covered: making them (`job`).
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kirinuki.cutting.edges import Edges
from kirinuki.cutting.outputs.each import EachOptions
from kirinuki.cutting.outputs.options import told
from kirinuki.cutting.outputs.output import work_folder
from kirinuki.cutting.outputs.registry import OUTPUTS
from kirinuki.cutting.part import Part
from kirinuki.cutting.selection import Selection
from kirinuki.errors import OutputError
from kirinuki.segmenter.segments import Described
from kirinuki.work.journal import Begun, Entry, Facts, Journal, Made
from kirinuki.work.plan import Plan
from kirinuki.work.planned import Planned
from kirinuki.work.source import is_unchanged, relative_to_folder

OF_VIDEOS = frozenset({"track", "from", "to", "every", "size"})
"""What results of pictures do not depend on."""
OF_PICTURES = frozenset({"at", "box", "min-size", "sort"})
"""What results of videos do not depend on."""


@dataclass(frozen=True)
class Due:
    """What is to be made of one input.

    Attributes:
        chosen: options by output.
        more: others are due after these.
        ours: names that may be replaced without being asked.
        former: names that former runs left of these outputs: what is not made again goes.
        parts: what is done of them already; empty begins at the beginning.
    """

    chosen: dict[str, Any]
    more: bool = False
    ours: tuple[str, ...] = ()
    former: tuple[str, ...] = ()
    parts: tuple[Facts, ...] = ()


@dataclass(frozen=True)
class Dues:
    """Decides by the journal.

    Attributes:
        outputs: options by output, as asked for.
        made: what everything is made with.
    """

    journal: Journal
    out: Path
    outputs: Mapping[str, Any]
    made: Facts
    overwrite: bool
    resume: bool

    def count(self, plan: Plan) -> int:
        """How many inputs are to be cut.

        Raises:
            OutputError: there are results that may not be replaced.
        """
        goes_over = self.resume or self.overwrite
        todo = held = 0
        for planned in plan:
            entry = self.journal.entry(planned.stem.as_posix())
            todo += self._comes_to(planned) if goes_over else 1
            held += not goes_over and bool(entry.done or entry.begun)
        if held:
            raise OutputError(
                f"{self.out}: holds results of {held} of these {plan.walked.planned} inputs "
                "already; pass `resume` to skip what is done and go on, `overwrite` to cut all "
                "again, or choose another folder (`out`)"
            )
        return todo

    def items(self, plan: Plan) -> Iterator[Planned]:
        """The inputs that are to be cut."""
        for planned in plan:
            if self._comes_to(planned):
                yield planned
            elif planned.moves:  # killed after its last line was written
                shutil.rmtree(work_folder(self.out, planned.stem), ignore_errors=True)

    def _comes_to(self, planned: Planned) -> bool:
        """One that can have no output is come to, and fails."""
        return bool(self.of(planned).chosen or not self.possible(planned.moves))

    def possible(self, moves: bool) -> dict[str, Any]:
        """What is asked of a picture, or a video, and can be had. Of a picture a cutout is a file a
        character, as `each` makes them."""
        outputs = dict(self.outputs)
        if not moves and "cutout" in outputs:
            each = outputs.get("each", EachOptions(**vars(outputs["cutout"])))
            others = {n: o for n, o in outputs.items() if n not in ("cutout", "each")}
            outputs = {"each": each, **others}
        return {n: o for n, o in outputs.items() if OUTPUTS[n].refuse(o, moves) is None}

    def refusals(self, moves: bool) -> list[str]:
        """Why some of it cannot be had."""
        reasons = (OUTPUTS[n].refuse(o, moves) for n, o in self.outputs.items())
        return [reason for reason in reasons if reason is not None]

    def of(self, planned: Planned) -> Due:
        """What is due of an input now.

        Raises:
            OutputError: it was cut from elsewhere or with other options.
        """
        entry = self.journal.entry(planned.stem.as_posix())
        asked = self.possible(planned.moves)
        begun = entry.begun
        changed = self._changed(planned, entry, asked)
        if changed and not self.overwrite:
            raise OutputError(next(iter(changed.values())))
        if self.resume or not self.overwrite:
            done = {n for n, m in entry.done.items() if self._stands(m, planned)}
            asked = {n: o for n, o in asked.items() if n not in done - {*changed}}
        more, parts = False, []
        if begun is not None and begun.parts and self.resume:
            going_on = {n: o for n, o in asked.items() if n in begun.options and n not in changed}
            if going_on and is_unchanged(begun.source, planned.source):
                more, parts = len(going_on) < len(asked), begun.parts
                asked = going_on
        former = [name for n in asked if n in entry.done for name in entry.done[n].files]
        kept = {f for n, made in entry.done.items() if n not in asked for f in made.files}
        left = [f for f in (begun.files if begun else ()) if f not in kept]
        return Due(asked, more, entry.files, tuple(dict.fromkeys([*former, *left])), tuple(parts))

    def _stands(self, made: Made, planned: Planned) -> bool:
        """Whether an output is still that of its input, and none of its files is gone."""
        there = all(os.path.lexists(self.out / name) for name in made.files)
        return there and is_unchanged(made.source, planned.source)

    def _changed(self, planned: Planned, entry: Entry, asked: Mapping[str, Any]) -> dict[str, str]:
        """Outputs that were cut from elsewhere or with other options, and what to say of it."""
        known: list[tuple[str, Made | Begun, Facts]] = [
            (n, made, made.options) for n, made in entry.done.items() if n in asked
        ]
        if entry.begun is not None and entry.begun.parts:
            options = entry.begun.options
            known += [(n, entry.begun, options[n]) for n in options if n in asked]
        changed = {}
        for name, made, options in known:
            reason = self._why(planned, name, made, options, asked[name])
            if reason is not None:
                changed[name] = f"{self.out / planned.stem}: {name} was cut {reason}"
        return changed

    def _why(
        self, planned: Planned, name: str, made: Made | Begun, options: Facts, asked: Any
    ) -> str | None:
        path = made.source["path"]
        if path != relative_to_folder(planned.source, self.out):
            return (
                f"from elsewhere ({path}); pass `overwrite` to cut it again, or choose another "
                "folder (`out`)"
            )
        if not is_unchanged(made.source, planned.source):
            return None  # cut anew, whatever it was
        differing = {
            **differences(made.made, self.made, planned.moves),
            **differences(item_options(name, options), item_options(name, told(asked)), True),
        }
        for key, (then, now) in differing.items():
            flag = name if key == "value" else key.replace("-", "_")
            return (
                f"with other options: `{flag}` was {then}, now it is {now}; pass the same, or "
                "`overwrite` to cut it again"
            )
        return None


def item_options(name: str, options: Facts) -> Facts:
    """Options that an input's results depend on: not where the file of the whole job lies."""
    if OUTPUTS[name].scope == "job":
        return {key: value for key, value in options.items() if key != "value"}
    return options


def made_of(segmenter: Described, selection: Selection, edges: Edges, part: Part) -> Facts:
    """What all results depend on, beside inputs and options, as JSON."""
    infos = (segmenter.info, segmenter.refiner_info)
    return {
        "model": [i and f"{i.arch} {i.version} {i.source_sha256}" for i in infos],
        "score": segmenter.score,
        **told(selection),
        **told(edges),
        **told(part),
    }


def differences(then: Facts, now: Facts, moves: bool) -> dict[str, tuple[str, str]]:
    """What is now made otherwise than then, by flag: both values in words."""
    keys = {*then, *now} - (OF_PICTURES if moves else OF_VIDEOS)
    return {
        key: (_short(then.get(key, "the default")), _short(now.get(key, "the default")))
        for key in sorted(keys)
        if then.get(key) != now.get(key)
    }


def _short(value: Any) -> str:
    """A value for people: of a hash its beginning."""
    return re.sub(r"\b([0-9a-f]{8})[0-9a-f]{56}\b", r"\1…", str(value))
