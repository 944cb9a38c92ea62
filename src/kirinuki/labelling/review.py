"""`review`: one page to look through the labels of hundreds of pictures.

The page is a single HTML file that needs no network: reduced pictures with the outlines drawn over
them, what the model doubted, what `check` found, and links to the files.

Not covered: the page's looks and behaviour (`review_page.html`), judging labels (`check`).
"""

from __future__ import annotations

import base64
import json
import os
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import quote

import cv2
import numpy as np
from numpy.typing import NDArray

from kirinuki import __version__
from kirinuki.dataset.check import check_dataset
from kirinuki.dataset.findings import Finding
from kirinuki.errors import DatasetError, KirinukiError
from kirinuki.files import write_atomically
from kirinuki.formats.labelled import Fault, LabelledPicture
from kirinuki.formats.registry import open_labels
from kirinuki.labelling.prelabel_mark import read_mark
from kirinuki.work.progress import Progress, no_progress

THUMBNAIL = 360
"""Longer side of the reduced pictures in pixels: 500 of them make a page of about 15 MB."""
OUTLINE = 720
"""Longer side in pixels at which outlines are traced; the large view shows them enlarged."""
TOLERANCE = 0.7
"""Pixels by which a drawn outline may pass by the label's."""
_QUALITY = 82
_PLACE = "{{the labels}}"


@dataclass(frozen=True)
class Reviewed:
    """What a page shows.

    Attributes:
        pictures: how many.
        labels: how many shapes they have.
        warned: how many of the pictures `check` has something to say about.
        doubted: how many are as a model labelled them, so that their doubt is known.
        failed: one line for each picture that cannot be shown.
    """

    pictures: int
    labels: int
    warned: int
    doubted: int
    failed: tuple[str, ...]


def review(
    source: str | Path,
    page: str | Path,
    pictures: str | Path | None = None,
    overwrite: bool = False,
    track: Progress = no_progress,
) -> Reviewed:
    """Write the page.

    Args:
        source: a file or folder of labels.
        page: the HTML file; its links are relative, so it moves together with the pictures.
        pictures: folder of the pictures, where it is not that of the labels.
        overwrite: replace the page if it exists.
        track: shows progress.

    Raises:
        DatasetError: there is not one picture to show.
        OutputError: the page exists and `overwrite` is False, or it cannot be written.
    """
    page = Path(page)
    said = _by_picture(check_dataset(source, pictures, track=track))
    items = list(open_labels(source, pictures))
    entries = [item for item in items if isinstance(item, LabelledPicture)]
    cards: list[dict[str, Any]] = []
    failed = [str(item) for item in items if isinstance(item, Fault)]
    for entry in track(entries, "Pictures", len(entries)):
        try:
            cards.append(_card(entry, said[entry.file, entry.inside], page.parent))
        except KirinukiError as error:
            failed.append(str(error))
    if not cards:
        raise DatasetError(f"{source}: holds no picture that can be shown")
    title = Path(source).resolve().name
    with write_atomically(page, overwrite) as temporary:
        temporary.write_text(_filled(title, cards), encoding="utf-8")
    return Reviewed(
        pictures=len(cards),
        labels=sum(len(card["shapes"]) for card in cards),
        warned=sum(bool(card["findings"]) for card in cards),
        doubted=sum(card["doubt"] is not None for card in cards),
        failed=tuple(failed),
    )


def _by_picture(
    findings: Sequence[Finding],
) -> dict[tuple[str, str | None], list[Finding]]:
    """Findings by label file and picture in it."""
    said: dict[tuple[str, str | None], list[Finding]] = defaultdict(list)
    for finding in findings:
        said[finding.file, finding.picture].append(finding)
    return said


def _card(entry: LabelledPicture, findings: Sequence[Finding], folder: Path) -> dict[str, Any]:
    """All that the page shows of a picture, as JSON."""
    rgb = entry.read().rgb
    mark = read_mark(Path(entry.file)) if entry.alone else None
    height, width = entry.size_hw
    share = min(1.0, OUTLINE / max(height, width))
    size_wh = max(round(width * share), 1), max(round(height * share), 1)
    return {
        "name": entry.inside or _shown_name(entry.path, folder),
        "picture": _link(entry.path, folder),
        "labels": _link(Path(entry.file), folder),
        "thumbnail": _thumbnail(rgb),
        "size": size_wh,
        "shapes": [
            {"label": one.name, "outline": _outline(one.mask(entry.size_hw), size_wh)}
            for one in entry.characters
        ],
        "findings": [
            {
                "level": one.level,
                "text": f"{one.shape}: {one.message}" if one.shape else one.message,
            }
            for one in findings
        ],
        "doubt": None if mark is None else mark.uncertainty,
        "score": None if mark is None else mark.lowest_score,
        "reasons": [] if mark is None else list(mark.reasons),
    }


def _shown_name(path: Path, folder: Path) -> str:
    return Path(_relative(path, folder)).as_posix()


def _link(path: Path, folder: Path) -> str:
    """A relative address, percent-encoded."""
    return quote(Path(_relative(path, folder)).as_posix(), safe="/:")


def _relative(path: Path, folder: Path) -> str:
    try:
        return os.path.relpath(path, folder)
    except ValueError:  # on another drive
        return str(path.absolute())


def _thumbnail(rgb: NDArray[np.uint8]) -> str:
    """The reduced picture as a data address."""
    share = min(1.0, THUMBNAIL / max(rgb.shape[:2]))
    size_wh = max(round(rgb.shape[1] * share), 1), max(round(rgb.shape[0] * share), 1)
    small = cv2.resize(rgb, size_wh, interpolation=cv2.INTER_AREA)
    quality = [cv2.IMWRITE_JPEG_QUALITY, _QUALITY]
    _, data = cv2.imencode(".jpg", cv2.cvtColor(small, cv2.COLOR_RGB2BGR), quality)
    return "data:image/jpeg;base64," + base64.b64encode(data.tobytes()).decode()


def _outline(mask: NDArray[np.bool_], size_wh: tuple[int, int]) -> str:
    """The outlines of a mask (H, W) bool, reduced to a size, as the path of an SVG."""
    small = cv2.resize(mask.view(np.uint8) * 255, size_wh, interpolation=cv2.INTER_AREA) >= 128
    outlines, _ = cv2.findContours(small.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    parts = []
    for outline in outlines:
        points = cv2.approxPolyDP(outline, TOLERANCE, True).reshape(-1, 2).tolist()
        parts.append("M" + "L".join(f"{x} {y}" for x, y in points) + "Z")
    return "".join(parts)


def _filled(title: str, cards: Sequence[dict[str, Any]]) -> str:
    """The page with its data."""
    template = resources.files("kirinuki.labelling").joinpath("review_page.html").read_text("utf-8")
    content = json.dumps(
        {"title": title, "version": __version__, "cards": cards},
        ensure_ascii=False,
        separators=(",", ":"),
    )
    # Inside a script element nothing but its end can be mistaken for markup.
    return template.replace(_PLACE, content.replace("<", "\\u003c"))
