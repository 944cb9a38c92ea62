"""Cut characters out: RGBA cutouts with clean edges, characters on a new background, mask pictures.

A semi-transparent pixel of hair against a blue sky is partly blue. Its colour is replaced by an
estimate of the character's own colour ("colour decontamination"), so that no fringe of the old
background comes along. Method, numbers, why no library: docs/decisions/decontamination.md

Not covered: finding characters (`segmenter`), drawing over them (`render`), files (`images`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageColor, ImageOps

from kirinuki.errors import OutputError, PictureError
from kirinuki.geometry import mask_to_box
from kirinuki.images.picture import read_picture
from kirinuki.instances import Instances
from kirinuki.interop.label_map import to_label_map
from kirinuki.render.overlay import Colour, colour_of


class Gradient(NamedTuple):
    """Two colours, and between them all others, from top to bottom."""

    top: Colour
    bottom: Colour


Background: TypeAlias = "Colour | Gradient | NDArray[np.uint8] | Literal['blur']"
"""What comes behind the characters: R, G, B in 0…255, a gradient, a picture (H, W, 3) uint8 RGB of
any size, or "blur", the picture itself without its characters, blurred."""

_WINDOWS = (33, 11, 5, 3)
"""Widths of the averaging windows of the four passes, in pixels."""
_REACH = sum(width // 2 for width in _WINDOWS)
"""How far, in pixels, a pixel's estimate depends on its surroundings."""
_TILE = 256
_BLUR_SIDE = 512
"""Long side at which "blur" is worked out: finer detail would not survive the blur."""


def cutout(
    picture_rgb: NDArray[np.uint8],
    instances: Instances,
    index: int,
    *,
    full_frame: bool = False,
    picture_alpha: NDArray[np.uint8] | None = None,
) -> NDArray[np.uint8]:
    """One character with a transparent background.

    Args:
        picture_rgb: (H, W, 3) uint8 RGB, as `images.Picture.rgb`: on white where transparent.
        instances: characters of this picture.
        index: which of them.
        full_frame: keep the size of the picture instead of the instance's window.
        picture_alpha: (H, W) uint8 of a transparent picture, `images.Picture.alpha`. The cutout is
            nowhere more opaque than the picture was, and has the picture's own colours.

    Returns:
        (h, w, 4) uint8 RGBA, straight alpha; fully transparent pixels are (0, 0, 0, 0).
    """
    _expect_size(picture_rgb, instances)
    height, width = instances.size_hw
    x1, y1, x2, y2 = instances.window(index)
    # Colours around the box tell what the background was.
    left, top = max(0, x1 - _REACH), max(0, y1 - _REACH)
    area = np.s_[top : min(height, y2 + _REACH), left : min(width, x2 + _REACH)]
    alpha = np.zeros(picture_rgb[area].shape[:2], np.uint8)
    alpha[y1 - top : y2 - top, x1 - left : x2 - left] = instances.alphas[index]
    rgba = _cut(picture_rgb[area], alpha, None if picture_alpha is None else picture_alpha[area])
    if full_frame:
        full = np.zeros((height, width, 4), np.uint8)
        full[area] = rgba
        return full
    return rgba[y1 - top : y2 - top, x1 - left : x2 - left].copy()


def everyone(
    picture_rgb: NDArray[np.uint8],
    instances: Instances,
    picture_alpha: NDArray[np.uint8] | None = None,
) -> NDArray[np.uint8]:
    """All characters of a picture in their places, with a transparent background.

    Cut out as one, by the sum of their alphas: where two touch there is nothing to clean away, and
    it costs one estimate in place of one each (docs/LOG.md has both in numbers).

    Args:
        picture_rgb, instances, picture_alpha: as in `cutout`.

    Returns:
        (H, W, 4) uint8 RGBA, straight alpha; fully transparent pixels are (0, 0, 0, 0).
    """
    _expect_size(picture_rgb, instances)
    alpha = union_alpha(instances)
    rgba = np.zeros((*alpha.shape, 4), np.uint8)
    box = mask_to_box(alpha > 0)
    if box is not None:
        x1, y1, x2, y2 = box
        area = np.s_[max(0, y1 - _REACH) : y2 + _REACH, max(0, x1 - _REACH) : x2 + _REACH]
        limit = None if picture_alpha is None else picture_alpha[area]
        rgba[area] = _cut(picture_rgb[area], alpha[area], limit)
    return rgba


def _cut(
    rgb: NDArray[np.uint8], alpha: NDArray[np.uint8], limit: NDArray[np.uint8] | None
) -> NDArray[np.uint8]:
    """(h, w, 4) RGBA of what has this alpha in a part of a picture, which has the alpha `limit`."""
    share = alpha  # of the characters in what the picture shows at a pixel
    if limit is not None:
        alpha = np.minimum(alpha, limit)
        share = _divide(alpha, limit)
        rgb = _off_white(rgb, limit)
    rgba = np.dstack([decontaminate(rgb, share), alpha])
    rgba[alpha == 0] = 0
    return rgba


def _expect_size(picture_rgb: NDArray[np.uint8], instances: Instances) -> None:
    if picture_rgb.shape != (*instances.size_hw, 3) or picture_rgb.dtype != np.uint8:
        raise ValueError(
            f"picture must be {(*instances.size_hw, 3)} uint8, as the instances say, "
            f"but got {picture_rgb.shape} {picture_rgb.dtype}"
        )


def _divide(part: NDArray[np.uint8], whole: NDArray[np.uint8]) -> NDArray[np.uint8]:
    ratio = part * np.float32(255) / np.maximum(whole, 1)
    return np.minimum(np.rint(ratio), 255).astype(np.uint8)


def _off_white(rgb: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Colours F of a picture that lies on white: C = a·F + (1 − a)·255, solved for F."""
    share = np.maximum(alpha, 1)[..., None] / np.float32(255)
    return np.clip(np.rint(255 - (255 - rgb.astype(np.float32)) / share), 0, 255).astype(np.uint8)


def decontaminate(rgb: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Foreground colours of a picture C = a·F + (1 − a)·B of which C and a are known.

    Blur fusion (Forte, "Approximate Fast Foreground Colour Estimation", ICIP 2021) in four passes
    from a wide to a narrow window, with one change: each pass ends with the smallest correction
    of F and B that explains the pixel exactly, (C − aF − (1 − a)B) · a / (a² + (1 − a)²) for F.

    Args:
        rgb: (H, W, 3) uint8.
        alpha: (H, W) uint8.

    Returns:
        (H, W, 3) uint8; pixels whose alpha is 0 or 255 keep their colour.
    """
    clean = rgb.copy()
    mixed = (alpha > 0) & (alpha < 255)
    height, width = alpha.shape
    # In tiles, those without an edge left out: a poster of 12,000 pixels needs no more memory.
    for y in range(0, height, _TILE):
        for x in range(0, width, _TILE):
            tile = np.s_[y : y + _TILE, x : x + _TILE]
            if not mixed[tile].any():
                continue
            top, left = max(0, y - _REACH), max(0, x - _REACH)
            around = np.s_[top : y + _TILE + _REACH, left : x + _TILE + _REACH]
            estimate = _blur_fusion(rgb[around], alpha[around])
            inner = estimate[y - top : y - top + _TILE, x - left : x - left + _TILE]
            clean[tile][mixed[tile]] = inner[mixed[tile]]
    return clean


def _blur_fusion(rgb: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> NDArray[np.uint8]:
    colours = rgb.astype(np.float32)  # (h, w, 3) in 0…255
    # Three equal channels: NumPy broadcasts over a last axis of 1 several times slower.
    a = cv2.merge([alpha.astype(np.float32) / 255] * 3)  # (h, w, 3)
    rest = 1 - a
    correction_scale = 1 / (a * a + rest * rest)
    foreground = background = colours
    for width in _WINDOWS:
        window = (width, width)
        mean = cv2.blur(a, window)
        near_fg = cv2.blur(foreground * a, window) / (mean + 1e-5)
        near_bg = cv2.blur(background * rest, window) / (1 - mean + 1e-5)
        unexplained = (colours - a * near_fg - rest * near_bg) * correction_scale
        foreground = np.clip(near_fg + a * unexplained, 0, 255)
        background = np.clip(near_bg + rest * unexplained, 0, 255)
    return np.rint(foreground).astype(np.uint8)


def on_background(
    picture_rgb: NDArray[np.uint8], instances: Instances, background: Background
) -> NDArray[np.uint8]:
    """All characters of a picture on a new background, in their places.

    Args:
        picture_rgb: (H, W, 3) uint8 RGB.
        instances: characters of this picture.
        background: a colour, a gradient, a picture (scaled to cover the frame, centred), or "blur".

    Returns:
        (H, W, 3) uint8 RGB.
    """
    _expect_size(picture_rgb, instances)
    alpha = union_alpha(instances)
    clean = decontaminate(picture_rgb, alpha)
    behind = _background(picture_rgb, alpha, background)
    front = Image.fromarray(clean)
    return np.array(Image.composite(front, Image.fromarray(behind), Image.fromarray(alpha)))


def union_alpha(instances: Instances) -> NDArray[np.uint8]:
    """Sum of all alphas, at most 255: where two characters share a pixel half and half, no old
    background shows between them."""
    total = np.zeros(instances.size_hw, np.uint8)
    for i in range(len(instances)):
        x1, y1, x2, y2 = instances.window(i)
        total[y1:y2, x1:x2] = cv2.add(total[y1:y2, x1:x2], instances.alphas[i])
    return total


def _background(
    picture_rgb: NDArray[np.uint8], alpha: NDArray[np.uint8], background: Background
) -> NDArray[np.uint8]:
    height, width = alpha.shape
    if isinstance(background, str):
        return _blurred_without(picture_rgb, alpha)
    if isinstance(background, np.ndarray):
        if background.ndim != 3 or background.shape[2] != 3 or background.dtype != np.uint8:
            raise ValueError(
                "background picture must be (H, W, 3) uint8, "
                f"but got {background.shape} {background.dtype}"
            )
        image = Image.fromarray(background)
        return np.array(ImageOps.fit(image, (width, height), Image.Resampling.LANCZOS))
    if isinstance(background, Gradient):
        rows = np.linspace(background.top, background.bottom, height)  # (H, 3)
        return np.repeat(np.rint(rows).astype(np.uint8)[:, None], width, axis=1)
    return np.full((height, width, 3), background, np.uint8)


def _blurred_without(picture_rgb: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The picture blurred, its characters replaced by the colours around them, so that they leave
    no halo of their own colours."""
    height, width = alpha.shape
    scale = min(1.0, _BLUR_SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(picture_rgb, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    covered = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA)
    # A few pixels more than the mask: its edge may be a little too tight.
    covered = cv2.dilate(covered, np.ones((5, 5), np.uint8))
    known = (covered == 0).astype(np.float32)
    if not known.any():
        known[:] = 1
    filled = _pull_push(small, known)
    sigma = max(size) / 64
    blurred = cv2.GaussianBlur(filled, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
    rounded = np.clip(np.rint(blurred), 0, 255).astype(np.uint8)
    large = cv2.resize(rounded, (width, height), interpolation=cv2.INTER_LINEAR)
    return large.astype(np.uint8, copy=False)


def _pull_push(image: NDArray[np.float32], weight: NDArray[np.float32]) -> NDArray[np.float32]:
    """Fill the pixels of weight 0 smoothly from those of weight 1 (pull-push, Gortler et al., "The
    Lumigraph", 1996): average into a smaller picture, fill that, enlarge it into the holes."""
    height, width = weight.shape
    if weight.all() or max(height, width) == 1:
        return image
    half = ((width + 1) // 2, (height + 1) // 2)
    mean_weight = cv2.resize(weight, half, interpolation=cv2.INTER_AREA)
    total = cv2.resize(image * weight[..., None], half, interpolation=cv2.INTER_AREA)
    mean = (total / np.maximum(mean_weight, 1e-6)[..., None]).astype(np.float32)
    coarse = _pull_push(mean, (mean_weight > 0).astype(np.float32))
    enlarged = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
    filled: NDArray[np.float32] = np.where(weight[..., None] > 0, image, enlarged)
    return filled


def parse_background(text: str) -> Background:
    """What the user means by ``--background TEXT``: the word "blur", a colour ("white",
    "#ff8800", "hsl(200, 50%, 50%)": CSS, as Pillow reads it), a gradient of two ("white..#8cf",
    from top to bottom), or the path of a picture. A file whose name is also a colour is written
    with its folder: "./red".

    Raises:
        PictureError: it is none of these, or the picture cannot be read.
    """
    if text == "blur":
        return "blur"
    colours = colours_named(text)
    if colours is not None:
        return colours
    if not Path(text).exists():
        raise PictureError(
            f"`background` {text!r}: is neither a colour (a CSS name or #rrggbb), nor two of them "
            '(white..#8cf), nor an existing picture, nor "blur"'
        )
    return read_picture(text).rgb


def colour_named(text: str) -> Colour | None:
    """The colour of a CSS name or ``#rrggbb``, R, G, B in 0…255; None where it is none.

    Pillow also takes ``rgb(300, 0, 0)``, and digits of any script.
    """
    try:
        red, green, blue = ImageColor.getrgb(text)[:3]
    except (ValueError, OverflowError):
        return None
    if not text.isascii() or min(red, green, blue) < 0 or max(red, green, blue) > 255:
        return None
    return red, green, blue


def colours_named(text: str) -> Colour | Gradient | None:
    """A colour, or two of them from top to bottom, ``white..#8cf``; None where it is neither."""
    match [colour_named(part.strip()) for part in text.split("..")]:
        case [tuple() as colour]:
            return colour
        case [tuple() as top, tuple() as bottom]:
            return Gradient(top, bottom)
    return None


def mask_image(instances: Instances) -> Image.Image:
    """All hard masks as one picture: 0 = background, i + 1 = character i, or their track ids.

    A viewer shows a colour per character, the same as in the overlay; a program reads the numbers:
    ``np.asarray(Image.open("mask.png"))`` is (H, W) uint8. This is how Pascal VOC and DAVIS store
    masks. Where characters overlap, a pixel belongs to the one whose alpha is highest there.

    Returns:
        PIL image of mode P, or, where a track id is above 255, of mode I;16, without colours; save
        it with `images.save_png`.

    Raises:
        OutputError: more than 255 characters.
    """
    if len(instances) > 255:
        raise OutputError(
            f"mask: got {len(instances)} characters; one mask holds at most 255; lower `limit`"
        )
    ids = instances.track_ids
    highest = len(instances) if ids is None else int(ids.max(initial=0))
    wide = highest > 255
    numbers = to_label_map(instances).astype(np.uint16 if wide else np.uint8)
    image = Image.fromarray(numbers)
    if not wide:
        colours = [colour_of(i - 1 if ids is None else i) for i in range(1, highest + 1)]
        image.putpalette(bytes([0, 0, 0, *(part for colour in colours for part in colour)]))
    return image
