"""How often the kind of a character, female or male presenting, is said, and said rightly.

Counted over the shown characters that were found at mask IoU 0.5 and whose label names a kind. A
model may answer "unknown": accuracy is of its answers, so it is read together with their share.

Not covered: how a model comes to its answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kirinuki.instances import KINDS


@dataclass(frozen=True)
class KindNumbers:
    """How well kinds are told apart.

    Attributes:
        characters: found characters whose label names a kind.
        answered: those of which the model said female or male.
        share_answered: `answered` / `characters`.
        accuracy: right answers / `answered`, None without an answer.
        accuracy_by_kind: the same for the characters of each true kind.
    """

    characters: int
    answered: int
    share_answered: float
    accuracy: float | None
    accuracy_by_kind: dict[str, float | None]


def kind_numbers(pairs: Sequence[tuple[str, str]]) -> KindNumbers | None:
    """Count (true, said) kinds of characters; None where no label names a kind."""
    named = [(true, said) for true, said in pairs if true in KINDS]
    if not named:
        return None
    answers = [(true, said) for true, said in named if said in KINDS]
    return KindNumbers(
        characters=len(named),
        answered=len(answers),
        share_answered=len(answers) / len(named),
        accuracy=_accuracy(answers),
        accuracy_by_kind={kind: _accuracy([a for a in answers if a[0] == kind]) for kind in KINDS},
    )


def _accuracy(answers: Sequence[tuple[str, str]]) -> float | None:
    return sum(true == said for true, said in answers) / len(answers) if answers else None
