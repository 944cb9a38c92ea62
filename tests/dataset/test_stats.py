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
from kirinuki.formats.labelled import LabelledInstance, LabelledPicture, LabelledSet
from kirinuki.formats.picture_ref import FileRef
from made_sets import labelme, shape

POLYGON = [[0.0, 0, 10, 0, 10, 10]]


def picture(size_hw: tuple[int, int], *characters: tuple[str, int]) -> LabelledPicture:
    """A picture with characters of these classes and areas."""
    instances = tuple(
        LabelledInstance(name, POLYGON, (0, 0, 10, 10), area) for name, area in characters
    )
    return LabelledPicture(FileRef(Path("a.png")), size_hw, instances, "a.png")


def made() -> LabelledSet:
    """Three pictures; areas at COCO's limits, and a crowd that does not count."""
    crowd = replace(picture((300, 100), ("waifu", 1023)).instances[0], crowd=True)
    pictures = (
        picture((100, 200), ("waifu", 1023), ("waifu", 1024), ("boy", 9215)),
        picture((100, 200), ("waifu", 9216)),
        replace(picture((300, 100)), instances=(crowd,)),
    )
    return LabelledSet(("waifu", "boy", "cat"), pictures)


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
    stats = dataset_stats(LabelledSet((), ()))
    assert (stats.pictures, stats.total.characters, stats.total.median_share) == (0, 0, None)
    assert plot_stats(stats, "empty").shape == (HEIGHT, WIDTH, 3)


def test_the_plot_draws_bars_in_proportion() -> None:
    blue = np.array([38, 178, 255])
    plot = plot_stats(dataset_stats(made()), "ワイフ")
    chart = (plot[HEIGHT // 2 :, WIDTH // 2 :] == blue).all(axis=2)  # picture sizes: 2 and 1
    lengths = chart.sum(axis=1)
    assert sorted(set(lengths[lengths > 0])) == [lengths.max() // 2, lengths.max()]


def test_many_classes_and_sizes_fit_into_the_plot() -> None:
    names = tuple(f"class number {i} with a long name" for i in range(1, 60))
    pictures = tuple(picture((101 + i, 200), (name, 50)) for i, name in enumerate(names))
    stats = dataset_stats(LabelledSet(names, pictures))
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
