"""What cutouts are called, where the user says how: ``{stem}_{n}_{kind}``.

Not covered: what they are called otherwise (`rendering`), names of inputs (`work.names`).
"""

from __future__ import annotations

from string import Formatter

from kirinuki.errors import KirinukiError
from kirinuki.instances import Instance

FIELDS = ("stem", "n", "kind", "class")
"""The input without its suffix, the number, female or male or unknown, the class."""


def check_template(template: str) -> None:
    """Raise KirinukiError where a template cannot name cutouts."""
    what = f'`name` "{template}"'
    try:
        parts = list(Formatter().parse(template))
    except ValueError as error:
        raise KirinukiError(f"{what}: {error}; write {{n}} for a number") from None
    fields = [field for _, field, _, _ in parts if field is not None]
    unknown = [f"{{{field}}}" for field in fields if field not in FIELDS]
    if unknown or any(spec or conversion for _, _, spec, conversion in parts):
        known = " ".join(f"{{{field}}}" for field in FIELDS)
        raise KirinukiError(f"{what}: knows {known} alone, as they stand there")
    if not template.startswith("{stem}") or "n" not in fields:
        # The journal takes nothing for ours that does not begin like its input.
        raise KirinukiError(f"{what}: begins with {{stem}} and needs {{n}}, or names would meet")
    if any(letter in template for letter in '/\\<>:"|?*\0'):
        raise KirinukiError(f"{what}: holds what cannot be in the name of a file")


def filled(template: str, number: int, one: Instance) -> str:
    """A template for a character; the stem is still to come (`with_stem`)."""
    known = {"stem": "{stem}", "n": number, "kind": one.kind, "class": _plain(one.name)}
    return template.format(**known)


def with_stem(half_filled: str, stem: str) -> str:
    """The whole name, without a suffix."""
    return half_filled.replace("{stem}", stem)


def _plain(name: str) -> str:
    """A class's name as a part of a file's."""
    return "".join("_" if letter in '/\\<>:"|?*{}' else letter for letter in name)
