"""`kirinuki data review`: one page for the labels of many pictures."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import cv2
import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from kirinuki.cli.data.review import command
from kirinuki.errors import DatasetError, OutputError
from kirinuki.formats.labelme_record import instances_to_labelme, masks_to_labelme, write_labelme
from kirinuki.instances import Instances
from kirinuki.labelling.prelabel_mark import marked
from kirinuki.labelling.review import review
from kirinuki.labelling.uncertainty import Doubt

SIZE = (90, 160)
EVIL = '</script><img src=x onerror="document.title=1">'


def disc(x: int, y: int, radius: int) -> np.ndarray:
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    return (columns - x) ** 2 + (rows - y) ** 2 <= radius**2


def picture(path: Path, seed: int) -> Path:
    noise = np.random.default_rng(seed).integers(0, 255, (9, 16, 3), dtype=np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(cv2.resize(noise, SIZE[::-1])).save(path)
    return path


@pytest.fixture
def shots(tmp_path: Path) -> Path:
    """Labels by hand, by a model, none, and a name that is markup."""
    folder = tmp_path / "my shots"
    by_hand = picture(folder / "ep 1" / "100% #1.png", 1)
    ring = disc(80, 45, 35) & ~disc(80, 45, 20)
    people = [("witch", ring), (EVIL, disc(20, 20, 12))]
    write_labelme(masks_to_labelme(people, by_hand.name, SIZE), by_hand.with_suffix(".json"))
    nobody = picture(folder / "ep 1" / "empty.png", 2)
    write_labelme(masks_to_labelme([], nobody.name, SIZE), nobody.with_suffix(".json"))
    by_model = picture(folder / "ep2.png", 3)
    found = Instances(
        size_hw=SIZE,
        boxes=np.array([[40, 20, 100, 80]], np.float32),
        alphas=(np.full((60, 60), 255, np.uint8),),
        scores=np.array([0.61], np.float32),
        labels=np.zeros(1, np.int64),
        names=("witch",),
    )
    doubt = Doubt(uncertainty=0.8, characters=1, lowest_score=0.61, reasons=("seen < twice",))
    record = marked(instances_to_labelme(found, by_model.name), doubt, "default")
    by_model.with_suffix(".json").write_bytes(record)
    return folder


def cards_of(page: Path) -> dict[str, dict[str, Any]]:
    text = page.read_text(encoding="utf-8")
    start = text.index('id="data">') + len('id="data">')
    content = json.loads(text[start : text.index("</script>", start)])
    return {card["name"]: card for card in content["cards"]}


def outline_mask(path: str, size_wh: tuple[int, int]) -> np.ndarray:
    """What an SVG path fills, by the even-odd rule."""
    mask = np.zeros(size_wh[::-1], np.uint8)
    polygons = [
        np.array([[int(v) for v in point.split()] for point in part.rstrip("Z").split("L")])
        for part in path.split("M")[1:]
    ]
    cv2.fillPoly(mask, polygons, 1)
    return mask > 0


def test_what_a_card_tells(shots: Path) -> None:
    done = review(shots, shots / "review.html")
    assert (done.pictures, done.labels, done.doubted, done.failed) == (3, 3, 1, ())
    cards = cards_of(shots / "review.html")
    assert set(cards) == {"ep 1/100% #1.png", "ep 1/empty.png", "ep2.png"}
    by_hand, nobody, by_model = (cards[name] for name in sorted(cards))
    assert [shape["label"] for shape in by_hand["shapes"]] == ["witch", EVIL]
    assert by_hand["doubt"] is None
    assert not nobody["shapes"]
    assert "no labels" in nobody["findings"][0]["text"]
    assert (by_model["doubt"], by_model["score"]) == (0.8, 0.61)
    assert by_model["reasons"] == ["seen < twice"]
    assert done.warned == sum(bool(card["findings"]) for card in cards.values())


def test_outlines_are_those_of_the_labels(shots: Path) -> None:
    review(shots, shots / "review.html")
    card = cards_of(shots / "review.html")["ep 1/100% #1.png"]
    drawn = outline_mask(card["shapes"][0]["outline"], tuple(card["size"]))
    ring = disc(80, 45, 35) & ~disc(80, 45, 20)
    assert (drawn & ring).sum() / (drawn | ring).sum() > 0.9
    assert not drawn[45, 80], "a hole stays a hole"


def test_links_lead_to_the_files_from_wherever_the_page_is(shots: Path, tmp_path: Path) -> None:
    page = tmp_path / "pages" / "all.html"
    page.parent.mkdir()
    review(shots, page)
    for card in cards_of(page).values():
        for link in (card["picture"], card["labels"]):
            assert "#" not in link
            assert (page.parent / unquote(link)).is_file()


def test_nothing_in_a_label_becomes_markup(shots: Path) -> None:
    review(shots, shots / "review.html")
    text = (shots / "review.html").read_text(encoding="utf-8")
    assert EVIL not in text
    assert text.count("</script>") == 2
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")


def test_a_coco_file(shots: Path, tmp_path: Path) -> None:
    from kirinuki.formats.registry import FORMATS, load_set

    labels = load_set(shots)
    list(FORMATS["coco"].write(labels, labels.names, shots / "labels.json", False))
    done = review(shots / "labels.json", tmp_path / "coco.html")
    assert (done.pictures, done.doubted) == (3, 0)


def test_a_broken_picture_costs_itself(shots: Path) -> None:
    (shots / "ep2.png").write_bytes(b"no picture")
    result = CliRunner().invoke(command, [str(shots)])
    assert result.exit_code == 1
    assert len([line for line in result.output.splitlines() if "ep2.png" in line]) == 1
    assert len(cards_of(shots / "review.html")) == 2


def test_a_label_file_of_which_there_is_no_card_is_named(shots: Path) -> None:
    (shots / "huge.json").write_text(
        '{"imagePath": "huge.png", "imageHeight": 230000, "imageWidth": 800, "shapes": []}'
    )
    picture(shots / "huge.png", 4)
    done = review(shots, shots / "review.html")
    assert done.pictures == 3
    assert len(done.failed) == 1
    assert "huge.json" in done.failed[0]
    assert "800×230000 pixels; at most 144,000,000" in done.failed[0]


def test_no_page_is_replaced_unasked(shots: Path) -> None:
    assert CliRunner().invoke(command, [str(shots)]).exit_code == 0
    again = CliRunner().invoke(command, [str(shots)])
    assert isinstance(again.exception, OutputError)
    assert CliRunner().invoke(command, [str(shots), "--overwrite"]).exit_code == 0


def test_nothing_to_show(tmp_path: Path) -> None:
    (tmp_path / "gone.json").write_text(
        json.dumps(masks_to_labelme([("a", disc(40, 40, 9))], "gone.png", SIZE))
    )
    with pytest.raises(DatasetError, match="no picture that can be shown"):
        review(tmp_path, tmp_path / "review.html")
    assert not (tmp_path / "review.html").exists()


def test_the_page_comes_to_life_in_a_browser(shots: Path, tmp_path: Path) -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("chromium is not installed")
    review(shots, shots / "review.html")
    done = subprocess.run(
        [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom",
         f"--user-data-dir={tmp_path / 'profile'}", (shots / "review.html").as_uri()],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    assert done.stdout.count("<article") == 3
    assert done.stdout.index("ep2.png</div>") < done.stdout.index("empty.png</div>"), "doubt first"
    assert "<title>Labels of my shots</title>" in done.stdout
    assert "<img src=x" not in done.stdout
