"""Recipes and libraries: checked field by field, styles and sources as asked."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kirinuki.compose.held_out import choose_sources, read_sources
from kirinuki.compose.library import Library, Piece, load_cutout
from kirinuki.compose.recipe import Recipe
from kirinuki.errors import DatasetError
from made_library import make_library, save


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return Library.load(**make_library(tmp_path_factory.mktemp("library")))


def test_recipe_survives_json(tmp_path: Path) -> None:
    wanted = Recipe(manga=0.5, aspects=((4, 3),))
    file = tmp_path / "recipe.json"
    file.write_text(json.dumps(wanted.to_dict()), encoding="utf-8")
    assert Recipe.read(file) == wanted


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not valid JSON"),
        ("[1]", "expected a JSON object"),
        ('{"mango": 0.5}', '"mango"'),
        ('{"manga": 1.5}', "manga"),
        ('{"manga": 5}', "manga"),
        ('{"manga": "0.5"}', "manga"),
        ('{"side": 512}', "side"),
        ('{"side": [512, 256]}', "side"),
        ('{"side": [512.5, 600]}', "side"),
        ('{"counts": []}', "counts"),
        ('{"counts": [0, 0]}', "counts"),
        ('{"counts": ["many"]}', "counts"),
        ('{"aspects": []}', "aspects"),
        ('{"aspects": [[16, 0]]}', "aspects"),
        ('{"aspects": [16, 9]}', "aspects"),
        ('{"style_shares": [1]}', "style_shares"),
        ('{"style_shares": {"anime": -1}}', "style_shares"),
        ('{"name": ""}', "name"),
    ],
)
def test_bad_recipes_are_refused(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "recipe.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DatasetError, match=words) as caught:
        Recipe.read(file)
    assert str(file) in str(caught.value)
    assert "\n" not in str(caught.value)


# --- libraries -----------------------------------------------------------------------------------


def test_sources_are_folders_or_files_without_a_manifest(library: Library) -> None:
    assert [p.source for p in library.characters] == ["blue", "green", "red"]


def test_a_manifest_names_sources_and_styles(tmp_path: Path) -> None:
    folders = make_library(tmp_path)
    manifest = tmp_path / "list.csv"
    manifest.write_text(
        "file,source,style,gender\nx/scene.png,anna,,\nfigure.png,ben,anime,female\n"
        "thing.png,carl,,nonhuman\n"
    )
    pieces = Library.load(**folders, manifest=manifest)
    assert {p.source for p in pieces.backgrounds} == {"anna"}
    assert {(p.source, p.style) for p in pieces.characters} == {("ben", "anime")}
    assert {p.gender for p in pieces.characters} == {"female"}
    assert {p.gender for p in pieces.objects} == {""}
    manifest.write_text("file,style\nfigure.png,anime\n")
    with pytest.raises(DatasetError, match='"source"'):
        Library.load(**folders, manifest=manifest)


def test_splitting_by_source(library: Library) -> None:
    train, held = library.split(["red", "place_0"])
    assert {p.source for p in held.characters} == {"red"}
    assert {p.source for p in train.characters} == {"green", "blue"}
    with pytest.raises(DatasetError, match='"rod"'):
        library.split(["rod"])
    with pytest.raises(DatasetError, match="held-out"):
        library.split(["red"])  # no background


def test_cutouts_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    save(np.full((9, 9, 3), 9, np.uint8), tmp_path / "solid.png")
    save(np.zeros((9, 9, 4), np.uint8), tmp_path / "nothing.png")
    for name, words in (("solid.png", "transparency"), ("nothing.png", "visible")):
        with pytest.raises(DatasetError, match=words) as caught:
            load_cutout(tmp_path / name)
        assert name in str(caught.value)
    with pytest.raises(DatasetError, match="no pictures"):
        Library.load(tmp_path / "none", tmp_path)


def test_styles_share_as_asked(library: Library) -> None:
    styles = ("anime", "anime", "painted")
    pieces = tuple(replace(p, style=s) for p, s in zip(library.characters, styles, strict=True))
    weights = replace(library, characters=pieces).character_weights({"anime": 3, "painted": 1})
    np.testing.assert_allclose(weights, [0.375, 0.375, 0.25])


def test_many_files_drown_neither_other_styles_nor_other_characters() -> None:
    """As it is: hundreds of drawn characters, one render in hundreds of poses, few cutouts."""
    drawn = [Piece(Path(f"d{i}.png"), "kirinuki", "drawn") for i in range(300)]
    render = [Piece(Path(f"r{i}.png"), "unity", "anime3d", "unity-chan") for i in range(400)]
    anime = [Piece(Path(f"a{i}.png"), "art", "anime", f"girl-{min(i, 1)}") for i in range(10)]
    other = [Piece(Path("o.png"), "art", "sketch")]
    pieces = (*anime, *drawn, *other, *render)
    shares = {"anime": 0.5, "drawn": 0.3, "anime3d": 0.2}
    weights = Library(pieces, (), ()).character_weights(shares)
    assert weights.sum() == pytest.approx(1)
    of_style = {
        style: sum(w for w, p in zip(weights, pieces, strict=True) if p.style == style)
        for style in (*shares, "sketch")
    }
    sketch = 1 / 711  # a style that nobody named counts by its files: one of 711
    expected = {style: (1 - sketch) * share for style, share in shares.items()}
    assert of_style == pytest.approx({**expected, "sketch": sketch})
    assert weights[0] == pytest.approx(expected["anime"] / (1 + 9**0.5))  # beside one of 9 files
    default = Library(tuple(anime + drawn), (), ()).character_weights(Recipe().style_shares)
    assert default[10:].sum() == pytest.approx(0.22 / 0.67)


def test_styles_that_no_recipe_names_count_by_their_files() -> None:
    """Six chibi files among two thousand were drawn for a third of all characters."""
    chibi = [Piece(Path(f"c{i}.png"), "art", "chibi") for i in range(6)]
    anime = [Piece(Path(f"a{i}.png"), "art", "anime") for i in range(194)]
    weights = Library((*anime, *chibi), (), ()).character_weights(Recipe().style_shares)
    assert weights[194:].sum() == pytest.approx(6 / 200)
    alone = Library(tuple(chibi), (), ()).character_weights(Recipe().style_shares)
    np.testing.assert_allclose(alone, 1 / 6)


def test_sources_are_read_from_files_and_names(tmp_path: Path) -> None:
    file = tmp_path / "held.txt"
    file.write_text("# held out\nanna\n\n  ben  \n", encoding="utf-8")
    assert read_sources([str(file), "carl"]) == ("anna", "ben", "carl")
    file.write_text("\n")
    with pytest.raises(DatasetError, match="names no source"):
        read_sources([str(file)])


def test_sources_are_chosen_by_seed_and_leave_something(library: Library) -> None:
    chosen = choose_sources(library, seed=1)
    assert chosen == choose_sources(library, seed=1)
    for part in library.split(chosen):
        assert part.characters
        assert part.backgrounds
    one = replace(library, backgrounds=library.backgrounds[:1])
    with pytest.raises(DatasetError, match="too few sources"):
        choose_sources(one)
