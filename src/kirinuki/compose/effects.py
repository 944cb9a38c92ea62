"""What happens to a whole composed picture: lines, lettering, tones, grading, blur, compression.

Every effect takes and returns (H, W, 3) uint8 RGB. None of them moves a pixel, so masks stay true;
lettering and lines count as lying on the glass, not as parts of the scene.
"""

from __future__ import annotations

import io
import math
import string

import av
import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from kirinuki.compose.paint import Rgb, shift_colours
from kirinuki.compose.recipe import Recipe


def apply_effects(picture: Rgb, recipe: Recipe, rng: np.random.Generator) -> Rgb:
    """The picture after the effects that the recipe's chances choose, in the order of a real one:
    drawn, lettered, graded, softened, compressed."""
    chance = rng.random
    if chance() < recipe.speed_lines:
        picture = speed_lines(picture, rng)
    if chance() < recipe.text:
        picture = lettering(picture, rng)
    look = chance()
    if look < recipe.manga:
        picture = manga(picture, rng)
    elif look < recipe.manga + recipe.grey:
        picture = grey(picture)
    elif look < recipe.manga + recipe.grey + recipe.night:
        picture = night(picture, rng)
    if chance() < recipe.grade:
        picture = grade(picture, rng)
    if chance() < recipe.blur:
        picture = soften(picture, rng)
    if chance() < recipe.noise:
        picture = grain(picture, rng)
    if chance() < recipe.compression:
        picture = video_frame(picture, rng) if chance() < 0.2 else jpeg(picture, rng)
    return picture


def speed_lines(picture: Rgb, rng: np.random.Generator) -> Rgb:
    """Radial lines around a focus, or parallel ones, black or white."""
    height, width = picture.shape[:2]
    shade = int(rng.choice([0, 255]))
    layer = np.zeros((height, width), np.uint8)
    reach = math.hypot(height, width)
    focus = rng.uniform(0.3, 0.7, 2) * (width, height)
    free = rng.uniform(0.25, 0.5) * min(height, width)
    parallel = rng.random() < 0.4
    angle = rng.uniform(0, math.pi)
    for _ in range(int(rng.integers(30, 110))):
        if parallel:
            start = rng.uniform(-0.2, 1.2, 2) * (width, height)
            end = start + rng.uniform(0.1, 0.7) * reach * np.array(
                [math.cos(angle), math.sin(angle)]
            )
        else:
            turn = rng.uniform(0, 2 * math.pi)
            ray = np.array([math.cos(turn), math.sin(turn)])
            start, end = focus + ray * free * rng.uniform(1, 1.8), focus + ray * reach
        side = np.array([start[1] - end[1], end[0] - start[0]]) / reach
        wedge = np.array([start, end + side * 4, end - side * 4])
        cv2.fillPoly(layer, [wedge.round().astype(np.int32)], 255, lineType=cv2.LINE_AA)
    strength = (layer.astype(np.float32) / 255 * rng.uniform(0.4, 1))[..., None]
    return np.asarray(picture * (1 - strength) + shade * strength, np.uint8)


def lettering(picture: Rgb, rng: np.random.Generator) -> Rgb:
    """A subtitle at the bottom, or words anywhere, with an outline in another colour."""
    return _lettered(picture, bool(rng.random() < 0.6), rng)


def subtitle(picture: Rgb, rng: np.random.Generator) -> Rgb:
    """One to three lines at the bottom, with an outline in another colour."""
    return _lettered(picture, True, rng)


def _lettered(picture: Rgb, at_bottom: bool, rng: np.random.Generator) -> Rgb:
    height, width = picture.shape[:2]
    image = Image.fromarray(picture)
    draw = ImageDraw.Draw(image)
    size = max(8, int(height * rng.uniform(0.035, 0.07 if at_bottom else 0.2)))
    font = ImageFont.load_default(size)
    for line in range(int(rng.integers(1, 4))):
        line_of_words = words(rng, 7 if at_bottom else 2)
        if at_bottom:
            place = width / 2, height * 0.95 - line * size * 1.25
        else:
            place = tuple(rng.uniform(0.1, 0.9, 2) * (width, height))
        fill: tuple[int, ...] = (255, 255, 255)
        edge: tuple[int, ...] = (0, 0, 0)
        if rng.random() < 0.4:
            fill, edge = (tuple(int(c) for c in rng.integers(0, 256, 3)) for _ in range(2))
        draw.text(
            place, line_of_words, fill=fill, font=font, anchor="ms",
            stroke_width=max(1, size // 12), stroke_fill=edge,
        )  # fmt: skip
    return np.asarray(image)


def dialogue_box(
    size_hw: tuple[int, int], rng: np.random.Generator
) -> tuple[Rgb, NDArray[np.float32]]:
    """A visual novel's box: its look (H, W, 3) and how opaque it is (H, W) in [0, 1]."""
    height, width = size_hw
    top = int(height * rng.uniform(0.68, 0.82))
    inset = int(width * rng.uniform(0, 0.08))
    opacity = np.zeros((height, width), np.float32)
    opacity[top : height - inset // 3, inset : width - inset] = rng.uniform(0.55, 1)
    look = np.empty((height, width, 3), np.uint8)
    look[:] = rng.integers(0, 256, 3)
    image = Image.fromarray(look)
    draw = ImageDraw.Draw(image)
    size = max(8, (height - top) // 5)
    ink = (255, 255, 255) if look[0, 0].mean() < 128 else (20, 20, 20)
    for line in range(3):
        place = inset + size, top + size * (0.5 + 1.3 * line)
        draw.text(place, words(rng, 8), fill=ink, font=ImageFont.load_default(size))
    return np.asarray(image), opacity


def words(rng: np.random.Generator, at_most: int) -> str:
    """Up to so many words of letters at random."""
    letters = list(string.ascii_letters + "!?.,…")
    return " ".join(
        "".join(rng.choice(letters, int(rng.integers(2, 9))))
        for _ in range(int(rng.integers(1, at_most + 1)))
    )


def grey(picture: Rgb) -> Rgb:
    """Without colour."""
    luma = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    return np.asarray(cv2.cvtColor(luma, cv2.COLOR_GRAY2RGB), np.uint8)


def manga(picture: Rgb, rng: np.random.Generator) -> Rgb:
    """A manga page: few grey levels, screentone dots in the mid tones, ink lines on the edges."""
    luma = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    height, width = luma.shape
    pitch, angle = rng.uniform(2.5, 6), rng.uniform(0, math.pi / 2)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    u = (x * math.cos(angle) + y * math.sin(angle)) * (2 * math.pi / pitch)
    v = (y * math.cos(angle) - x * math.sin(angle)) * (2 * math.pi / pitch)
    threshold = 0.5 + 0.22 * (np.cos(u) + np.cos(v)) / 2
    bright = np.clip(luma * rng.uniform(1.1, 1.6), 0, 1)
    toned = np.clip((bright - threshold) * 6 + 0.5, 0, 1)
    mix = rng.uniform(0.3, 1.0)
    tone = mix * toned + (1 - mix) * np.round(bright * 3) / 3
    lines = np.abs(cv2.Laplacian(cv2.GaussianBlur(luma, (0, 0), 1.0), cv2.CV_32F))
    tone *= 1 - np.clip(lines * rng.uniform(4, 10), 0, 1)
    page = (np.clip(tone, 0, 1) * 255).astype(np.uint8)
    return np.asarray(cv2.cvtColor(page, cv2.COLOR_GRAY2RGB), np.uint8)


def night(picture: Rgb, rng: np.random.Generator) -> Rgb:
    """Dark and blue, with some light left."""
    gain = np.array([0.35, 0.45, 0.75]) * rng.uniform(0.7, 1.3)
    return np.asarray(np.clip(picture * gain, 0, 255), np.uint8)


def grade(picture: Rgb, rng: np.random.Generator) -> Rgb:
    """Another gamma, contrast, white balance and saturation."""
    ramp = np.linspace(0, 1, 256)[:, None] ** rng.uniform(0.7, 1.4)
    balance = rng.uniform(0.85, 1.15, 3)
    contrast = rng.uniform(0.75, 1.2)
    table = np.clip(((ramp - 0.5) * contrast + 0.5) * balance * 255, 0, 255).astype(np.uint8)
    graded = np.dstack([table[:, c][picture[..., c]] for c in range(3)])
    return shift_colours(graded, float(rng.normal(0, 6)), float(rng.uniform(0.6, 1.3)), 1.0)


def soften(picture: Rgb, rng: np.random.Generator) -> Rgb:
    """Slightly out of focus, or enlarged from a smaller picture."""
    height, width = picture.shape[:2]
    if rng.random() < 0.5:
        return np.asarray(cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.5, 1.6)), np.uint8)
    scale = rng.uniform(0.4, 0.8)
    size = max(1, int(width * scale)), max(1, int(height * scale))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    how = int(rng.choice([cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_NEAREST]))
    return np.asarray(cv2.resize(small, (width, height), interpolation=how), np.uint8)


def grain(picture: Rgb, rng: np.random.Generator) -> Rgb:
    """Film grain or sensor noise."""
    noise = rng.normal(0, rng.uniform(2, 12), picture.shape[:2]).astype(np.float32)[..., None]
    return np.asarray(np.clip(picture + noise, 0, 255), np.uint8)


def jpeg(picture: Rgb, rng: np.random.Generator) -> Rgb:
    """Through JPEG at quality 25 to 95."""
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 96))]
    _, coded = cv2.imencode(".jpg", picture[..., ::-1], quality)
    decoded = np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)
    return np.ascontiguousarray(decoded[..., ::-1])


def video_frame(picture: Rgb, rng: np.random.Generator) -> Rgb:
    """Through H.264 with chroma at half resolution, as one frame of a stream."""
    height, width = picture.shape[:2]
    even = np.pad(picture, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
    stream = io.BytesIO()
    with av.open(stream, "w", format="mp4") as container:
        track = container.add_stream("libx264", rate=24)
        track.height, track.width = even.shape[:2]
        track.pix_fmt = "yuv420p"
        track.options = {"crf": str(int(rng.integers(22, 38))), "preset": "ultrafast"}
        track.thread_count = 1
        container.mux(track.encode(av.VideoFrame.from_ndarray(even, format="rgb24")))
        container.mux(track.encode())
    stream.seek(0)
    with av.open(stream, "r") as coded:
        frame = next(coded.decode(video=0)).to_ndarray(format="rgb24")
    return np.ascontiguousarray(frame[:height, :width])
