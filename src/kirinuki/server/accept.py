"""Which media type an answer has: what the client likes, of what can hold the outputs it asks for.

Not covered: making the answer (`answers`), the fields (`wishes`).
"""

from __future__ import annotations

from collections.abc import Sequence

from kirinuki.cutting.outputs.registry import OUTPUTS
from kirinuki.errors import OutputError
from kirinuki.server import answers
from kirinuki.server.problems import ProblemError
from kirinuki.server.wishes import Wish, wish_of


def chosen(accept: str, given: Sequence[tuple[str, str]], *, moves: bool) -> tuple[str, Wish]:
    """The media type of an answer, and what it holds.

    Args:
        accept: the header.
        given: fields, as `wish_of` takes them.

    Raises:
        ProblemError: 406, nothing that the client takes holds that; and those of `wish_of`.
        KirinukiError: options contradict each other.
    """
    types = answers.VIDEO_TYPES if moves else answers.PICTURE_TYPES
    liked = wanted_types(accept, types)
    if not liked:
        raise ProblemError(406, f"Accept: got {accept[:200]!r}; expected one of {', '.join(types)}")
    for kind in liked:
        wish = wish_of(given, answers.DEFAULTS.get(kind, {}))
        _check_any(wish, moves)
        if _holds(kind, wish, moves):
            return kind, wish
    files = {**(answers.VIDEOS if moves else answers.PICTURES), answers.ZIP: ""}
    holding = ", ".join(kind for kind in files if _holds(kind, wish, moves))
    raise ProblemError(
        406,
        f"Accept: got {accept[:200]!r}, which cannot hold {' and '.join(wish.outputs)}; expected "
        f"one of {holding}",
    )


def _check_any(wish: Wish, moves: bool) -> None:
    """Raise OutputError where nothing of what is asked for can be had of a video, as the command
    does; of several, those that can be had are made."""
    reasons = [OUTPUTS[name].refuse(options, moves) for name, options in wish.outputs.items()]
    if reasons and reasons[0] is not None and None not in reasons:
        raise OutputError(f"{'video' if moves else 'picture'}: {reasons[0]}")


def _holds(kind: str, wish: Wish, moves: bool) -> bool:
    try:
        answers.suffix_of(wish.outputs, kind, moves=moves)
    except OutputError:
        return False
    return True


def wanted_types(accept: str, types: Sequence[str]) -> list[str]:
    """Those media types that a client takes, the best first: by quality, then as it names them.
    Of each the narrowest range counts (RFC 9110, 12.5.1)."""
    named = {name: (quality, -i) for i, (name, quality) in enumerate(_ranges(accept or "*/*"))}
    liked: dict[str, tuple[float, int]] = {}
    for kind in types:
        ranges = (kind, kind.split("/")[0] + "/*", "*/*")
        quality, place = next((named[one] for one in ranges if one in named), (0.0, 0))
        if quality > 0:
            liked[kind] = (quality, place)
    return sorted(liked, key=lambda kind: liked[kind], reverse=True)


def _ranges(accept: str) -> list[tuple[str, float]]:
    ranges = []
    for text in accept.split(","):
        name, *parameters = (part.strip().lower() for part in text.split(";"))
        quality = 1.0
        for parameter in parameters:
            if parameter.startswith("q="):
                try:
                    quality = float(parameter[2:])
                except ValueError:
                    quality = 0.0
        ranges.append((name, quality))
    return ranges
