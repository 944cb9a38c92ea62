"""`plot_stats`: the numbers of a data set as one picture with four charts.

Drawn with Pillow, so that it needs no more than the core install.

Not covered: plots of results (`evaluation.evaluate`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from kirinuki.dataset.stats import SHARE_LIMITS, ClassStats, DatasetStats
from kirinuki.errors import escaped
from kirinuki.render.fonts import font_of

Colour = tuple[int, int, int]

WIDTH, HEIGHT = 1600, 1000
_PAGE: Colour = (243, 244, 247)
_CARD: Colour = (255, 255, 255)
_INK: Colour = (24, 26, 32)
_FAINT: Colour = (110, 116, 130)
_RULE: Colour = (222, 225, 232)
_BARS: dict[str, Colour] = {
    "small": (255, 176, 0),
    "medium": (255, 77, 109),
    "large": (139, 92, 246),
}
_BAR: Colour = (38, 178, 255)
_MARGIN, _PAD, _HEAD = 32, 28, 104
_MOST_ROWS = 9

Part = tuple[int, Colour]


@dataclass(frozen=True)
class _Bar:
    """A bar of one or more coloured parts."""

    label: str
    parts: tuple[Part, ...]

    @property
    def total(self) -> int:
        return sum(count for count, _ in self.parts)


def plot_stats(stats: DatasetStats, title: str) -> NDArray[np.uint8]:
    """The charts as a picture (HEIGHT, WIDTH, 3) uint8 RGB."""
    page = Image.new("RGB", (WIDTH, HEIGHT), _PAGE)
    draw = ImageDraw.Draw(page)
    _fit_text(draw, (_MARGIN, 44), title, 34, _INK, WIDTH - 2 * _MARGIN)
    summary = (
        f"{stats.pictures:,} pictures   ·   {stats.total.characters:,} characters   ·   "
        f"{len(stats.classes)} classes   ·   {stats.unlabelled:,} pictures without characters"
    )
    draw.text((_MARGIN, 82), summary, _FAINT, font_of(20), anchor="lm")
    card_w = (WIDTH - 3 * _MARGIN) // 2
    card_h = (HEIGHT - _HEAD - 2 * _MARGIN - 8) // 2
    cards = [
        (_MARGIN + column * (card_w + _MARGIN), _HEAD + 8 + row * (card_h + _MARGIN))
        for row in (0, 1)
        for column in (0, 1)
    ]
    boxes = [(x, y, x + card_w, y + card_h) for x, y in cards]
    rows = _card(draw, boxes[0], "Characters by class")
    _legend(draw, boxes[0])
    _rows(draw, rows, _class_bars(stats.classes))
    _columns(draw, _card(draw, boxes[1], "Characters per picture"), _per_picture_bars(stats))
    _columns(
        draw,
        _card(draw, boxes[2], "Size of characters, as a share of the picture"),
        _share_bars(stats.shares),
    )
    _rows(draw, _card(draw, boxes[3], "Picture sizes"), _size_bars(stats))
    return np.array(page)


Box = tuple[int, int, int, int]


def _card(draw: ImageDraw.ImageDraw, box: Box, title: str) -> Box:
    """A white card with its title; what is left of it for the chart."""
    draw.rounded_rectangle(box, 14, _CARD)
    x1, y1, x2, y2 = box
    draw.text((x1 + _PAD, y1 + 34), title, _INK, font_of(22), anchor="lm")
    return x1 + _PAD, y1 + 66, x2 - _PAD, y2 - 20


def _legend(draw: ImageDraw.ImageDraw, card: Box) -> None:
    """What the colours mean, at the right of the card's title, from right to left."""
    x, y = card[2] - _PAD, card[1] + 34
    names = {"large": "large", "medium": "medium", "small": "small (COCO: under 32 x 32)"}
    for key, name in names.items():
        width = font_of(16).getlength(name)
        draw.text((x, y), name, _FAINT, font_of(16), anchor="rm")
        draw.rounded_rectangle((x - width - 22, y - 7, x - width - 8, y + 7), 3, _BARS[key])
        x -= int(width) + 42


def _class_bars(classes: Sequence[ClassStats]) -> list[_Bar]:
    def bar(label: str, group: Sequence[ClassStats]) -> _Bar:
        parts = tuple((sum(getattr(one, key) for one in group), _BARS[key]) for key in _BARS)
        return _Bar(label, parts)

    ranked = sorted(classes, key=lambda one: -one.characters)
    shown, rest = _first_few(ranked)
    bars = [bar(one.name, [one]) for one in shown]
    return [*bars, bar(f"{len(rest)} others", rest)] if rest else bars


def _size_bars(stats: DatasetStats) -> list[_Bar]:
    shown, rest = _first_few(stats.sizes)
    bars = [_Bar(f"{width} x {height}", ((count, _BAR),)) for width, height, count in shown]
    others = sum(count for _, _, count in rest)
    return [*bars, _Bar(f"{len(rest)} others", ((others, _BAR),))] if rest else bars


def _first_few(items: Sequence[Any]) -> tuple[Sequence[Any], Sequence[Any]]:
    if len(items) <= _MOST_ROWS:
        return items, ()
    return items[: _MOST_ROWS - 1], items[_MOST_ROWS - 1 :]


def _per_picture_bars(stats: DatasetStats) -> list[_Bar]:
    counts = dict(stats.per_picture)
    last = min(max(counts, default=0), 10)
    bars = [_Bar(str(n), ((counts.get(n, 0), _BAR),)) for n in range(last + 1)]
    more = sum(count for n, count in counts.items() if n > last)
    return [*bars, _Bar(f"> {last}", ((more, _BAR),))] if more else bars


def _share_bars(shares: Sequence[int]) -> list[_Bar]:
    percents = [f"{100 * limit:g}" for limit in SHARE_LIMITS]
    labels = [f"< {percents[0]} %"]
    labels += [f"{low} - {high}" for low, high in pairwise(percents)]
    labels += [f"{percents[-1]} % up"]
    return [_Bar(label, ((count, _BAR),)) for label, count in zip(labels, shares, strict=True)]


def _rows(draw: ImageDraw.ImageDraw, box: Box, bars: Sequence[_Bar]) -> None:
    """Horizontal bars with a label at their left and their number at their right."""
    x1, y1, x2, y2 = box
    most = max((bar.total for bar in bars), default=0)
    labels = [escaped(bar.label) for bar in bars]
    widths = [font_of(17, label.isascii()).getlength(label) for label in labels]
    label_w = min(240, int(max(widths, default=0)) + 14)
    room = x2 - x1 - label_w - 84
    step = min(52, (y2 - y1) // max(len(bars), 1))
    for i, bar in enumerate(bars):
        middle = y1 + i * step + step // 2
        half = min(13, step // 2 - 4)
        _fit_text(draw, (x1, middle), bar.label, 17, _INK, label_w - 12)
        x = x1 + label_w
        start = x
        for count, colour in bar.parts:
            width = round(count / most * room) if most else 0
            if width:
                draw.rectangle((x, middle - half, x + width - 1, middle + half), colour)
            x += width
        x = max(x, start + 2)
        draw.text((x + 10, middle), f"{bar.total:,}", _FAINT, font_of(16), anchor="lm")


def _columns(draw: ImageDraw.ImageDraw, box: Box, bars: Sequence[_Bar]) -> None:
    """Vertical bars with their number above and a label below."""
    x1, y1, x2, y2 = box
    base, top = y2 - 34, y1 + 26
    most = max((bar.total for bar in bars), default=0)
    step = min(150.0, (x2 - x1) / max(len(bars), 1))
    left = x1 + (x2 - x1 - step * len(bars)) / 2
    for i, bar in enumerate(bars):
        middle = round(left + (i + 0.5) * step)
        half = round(step * 0.36)
        height = round(bar.total / most * (base - top)) if most else 0
        if height:
            draw.rectangle((middle - half, base - height, middle + half, base), bar.parts[0][1])
        number = _FAINT if bar.total else _RULE
        draw.text((middle, base - height - 6), f"{bar.total:,}", number, font_of(16), anchor="mb")
        draw.text((middle, base + 20), bar.label, _INK, font_of(16), anchor="mm")
    draw.line((x1, base + 1, x2, base + 1), _RULE, 2)


def _fit_text(
    draw: ImageDraw.ImageDraw,
    at: tuple[int, int],
    text: str,
    size: int,
    colour: Colour,
    width: int,
) -> None:
    """Text that loses its end where it would be wider than `width`."""
    font = font_of(size, text.isascii())
    shown = escaped(text)[:width]  # no letter is narrower than a pixel
    while len(shown) > 1 and font.getlength(shown) > width:
        shown = shown[:-2] + "…"
    draw.text(at, shown, colour, font, anchor="lm")
