"""Draw the labelled pictures of ``own_show/`` again: ``python examples/make_own_show.py``.

36 pictures of four episodes of a show that the default model does badly at, with the LabelMe files
that somebody would have drawn by hand: two classes, few points, parts that are hidden from each
other in one group. Guide, notebook and tests learn from them. Needs the drawing library:
``pip install . ./packages/kirinuki-draw``. Same Skia, same pixels.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from kirinuki.formats.labelme_record import masks_to_labelme, write_labelme

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "benchmarks" / "learning_curve"))

from show import CLASSES, JPEG_QUALITY, LEAST_PIXELS, SIZE_HW, draw, shot  # noqa: E402

EPISODES, PICTURES = 4, 9
FIRST = 21
"""The first of these episodes in the whole show; the learning curve has the earlier ones."""


def labelled(
    episode: int, number: int
) -> tuple[NDArray[np.uint8], list[tuple[str, NDArray[np.bool_]]]]:
    """One picture (H, W, 3) uint8 RGB; class and mask (H, W) bool of everybody to be seen in it."""
    one = shot(FIRST - 1 + episode, number)
    picture, alphas = draw(one)
    people = [
        (CLASSES[part.label], alpha >= 128)
        for part, alpha in zip(one.parts, alphas, strict=True)
        if np.count_nonzero(alpha >= 128) >= LEAST_PIXELS
    ]
    return picture, people


def write(folder: Path) -> None:
    """Draw all pictures with their label files; what is there is replaced."""
    for episode in range(1, EPISODES + 1):
        place = folder / f"episode_{episode}"
        place.mkdir(parents=True, exist_ok=True)
        for number in range(1, PICTURES + 1):
            picture, people = labelled(episode, number)
            file = place / f"episode_{episode}_{number:02d}.jpg"
            Image.fromarray(picture).save(file, quality=JPEG_QUALITY)
            record = masks_to_labelme(people, file.name, SIZE_HW)
            write_labelme(record, file.with_suffix(".json"), overwrite=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--out", type=Path, default=HERE / "own_show")
    write(parser.parse_args().out)


if __name__ == "__main__":
    main()
