"""`dataset.stats`, its plot and its command."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from kirinuki.cli.data.stats import command
from kirinuki.dataset.stats import ClassStats, dataset_stats
from kirinuki.dataset.stats_plot import HEIGHT, WIDTH, plot_stats
from kirinuki.formats.coco import Annotation, Category, CocoDataset, CocoImage
from made_sets import labelme, shape

POLYGON = [[0.0, 0, 10, 0, 10, 10]]


def made() -> CocoDataset:
    """Three pictures; areas at COCO's limits, and a crowd that does not count."""
    images = (
        CocoImage(1, "a.png", 100, 200),
        CocoImage(2, "b.png", 100, 200),
        CocoImage(3, "c.png", 300, 100),
    )
    rows = [(1, 1, 1023), (1, 1, 1024), (1, 2, 9215), (2, 1, 9216)]
    annotations = [
        Annotation(i, image, category, POLYGON, (0, 0, 10, 10), area)
        for i, (image, category, area) in enumerate(rows, 1)
    ]
    annotations.append(replace(annotations[0], id=9, image_id=3, iscrowd=1))
    categories = (Category(1, "waifu"), Category(2, "boy"), Category(5, "cat"))
    return CocoDataset(images, tuple(annotations), categories)


def test_counts() -> None:
    stats = dataset_stats(made())
    assert (stats.pictures, stats.unlabelled) == (3, 1)
    assert stats.total == ClassStats("all", 4, 2, 1, 2, 1, pytest.approx((1024 + 9215) / 40000))
    assert stats.classes == (
        ClassStats("waifu", 3, 2, 1, 1, 1, pytest.approx(0.0512)),
        ClassStats("boy", 1, 1, 0, 1, 0, pytest.approx(0.46075)),
        ClassStats("cat", 0, 0, 0, 0, 0, None),
    )
    assert stats.per_picture == ((0, 1), (1, 1), (3, 1))
    assert stats.sizes == ((200, 100, 2), (100, 300, 1))
    # 1023 and 1024 of 20,000 pixels are just over 5 %; 9215 and 9216 are 46 %.
    assert stats.shares == (0, 0, 0, 0, 2, 0, 0, 2)


def test_an_empty_set_has_stats_and_a_plot() -> None:
    stats = dataset_stats(CocoDataset((), (), ()))
    assert (stats.pictures, stats.total.characters, stats.total.median_share) == (0, 0, None)
    assert plot_stats(stats, "empty").shape == (HEIGHT, WIDTH, 3)


def test_the_plot_draws_bars_in_proportion() -> None:
    blue = np.array([38, 178, 255])
    plot = plot_stats(dataset_stats(made()), "ワイフ")
    chart = (plot[HEIGHT // 2 :, WIDTH // 2 :] == blue).all(axis=2)  # picture sizes: 2 and 1
    lengths = chart.sum(axis=1)
    assert sorted(set(lengths[lengths > 0])) == [lengths.max() // 2, lengths.max()]


def test_many_classes_and_sizes_fit_into_the_plot() -> None:
    images = tuple(CocoImage(i, f"{i}.png", 100 + i, 200) for i in range(1, 60))
    categories = tuple(Category(i, f"class number {i} with a long name") for i in range(1, 60))
    annotations = tuple(Annotation(i, i, i, POLYGON, (0, 0, 10, 10), 50) for i in range(1, 60))
    stats = dataset_stats(CocoDataset(images, annotations, categories))
    assert plot_stats(stats, "many " * 60).shape == (HEIGHT, WIDTH, 3)


def test_command(tmp_path: Path) -> None:
    labels = tmp_path / "labels"
    labelme(labels, "a", shape("waifu"), shape("[boy]", [[70, 10], [100, 10], [100, 60]]), seed=1)
    plot, report = tmp_path / "out" / "plot.png", tmp_path / "out" / "stats.json"
    run = CliRunner().invoke
    arguments = [str(labels), "--plot", str(plot), "--json", str(report)]
    result = run(command, arguments)
    assert result.exit_code == 0, result.output
    assert "waifu" in result.stdout
    assert "[boy]" in result.stdout
    assert Image.open(plot).size == (WIDTH, HEIGHT)
    report.unlink()
    assert run(command, arguments).exit_code == 1  # the plot exists
    assert run(command, [*arguments, "--overwrite"]).exit_code == 0
    numbers = json.loads(run(command, [str(labels), "--json", "-"]).stdout)
    assert numbers == json.loads(report.read_text())
    assert numbers["total"]["characters"] == 2
    assert [one["name"] for one in numbers["classes"]] == ["[boy]", "waifu"]
