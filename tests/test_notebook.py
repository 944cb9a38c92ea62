"""The notebook runs from top to bottom, and says before each cell of code what it does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kirinuki.video import probe

nbformat = pytest.importorskip("nbformat")

NAME = "train_your_own_characters.ipynb"
SMALL = {"EPOCHS": "1", "SIZE": "128", "BATCH": "9", "VIDEO_END": "0.5"}
"""Settings under which it shows that everything works, and the model learns next to nothing."""


@pytest.fixture(scope="module")
def notebook(repository: Path) -> Any:
    return nbformat.read(repository / "notebooks" / NAME, as_version=4)


@pytest.fixture(scope="module")
def made(notebook: Any, repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that a run fills; the notebook then holds its outputs."""
    pytest.importorskip("lightning")
    client = pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    out = tmp_path_factory.mktemp("notebook") / "out"
    settings = {**SMALL, "OUT": str(out)}
    with pytest.MonkeyPatch.context() as patch:
        for key, value in settings.items():
            patch.setenv(f"KIRINUKI_NOTEBOOK_{key}", value)
        place = {"metadata": {"path": str(repository / "notebooks")}}
        client.NotebookClient(notebook, timeout=1200, resources=place).execute()
    return out


def test_is_kept_without_outputs(repository: Path) -> None:
    kept = nbformat.read(repository / "notebooks" / NAME, as_version=4)
    for cell in kept.cells:
        assert cell.cell_type == "markdown" or (not cell.outputs and cell.execution_count is None)


def test_explains_every_cell_before_it_comes(repository: Path) -> None:
    kept = nbformat.read(repository / "notebooks" / NAME, as_version=4)
    kinds = [cell.cell_type for cell in kept.cells]
    assert kinds[0] == "markdown"
    for before, cell in zip(kept.cells, kept.cells[1:], strict=False):
        if cell.cell_type == "code":
            assert before.cell_type == "markdown", cell.source[:60]
            assert len(before.source.split()) >= 12, f"too few words: {before.source}"


def test_installs_on_colab_alone(repository: Path) -> None:
    kept = nbformat.read(repository / "notebooks" / NAME, as_version=4)
    first = next(cell.source for cell in kept.cells if cell.cell_type == "code")
    installing = [line for line in first.splitlines() if line.lstrip().startswith(("!", "%"))]
    assert installing
    assert all(line.startswith("    ") for line in installing)
    assert '"google.colab" in sys.modules' in first
    assert "colab-badge.svg" in kept.cells[0].source


@pytest.mark.slow
def test_leaves_a_model_that_works(made: Path) -> None:
    from kirinuki import Segmenter
    from kirinuki.training.networks.checkpoint import read_checkpoint

    assert read_checkpoint(made / "mine.ckpt").names == ("familiar", "witch")
    assert Segmenter.load(made / "mine.onnx").names == ("familiar", "witch")
    assert (made / "mine.json").is_file()
    assert (made / "default.json").is_file()


@pytest.mark.slow
def test_leaves_a_video_with_sound(made: Path) -> None:
    (video,) = (made / "video").glob("clip_overlay.*")
    info = probe(video)
    assert info.audio == 1
    assert info.duration == pytest.approx(0.5, abs=0.1)


@pytest.mark.slow
def test_shows_pictures_and_no_complaints(made: Path, notebook: Any) -> None:
    outputs = [o for cell in notebook.cells if cell.cell_type == "code" for o in cell.outputs]
    pictures = [o for o in outputs if "image/png" in o.get("data", {})]
    assert len(pictures) >= 7
    assert any("text/html" in o.get("data", {}) for o in outputs), "the video"
    said = "".join(o.get("text", "") for o in outputs)
    for word in ("Traceback", "Error", "Warning", "kirinuki: "):
        assert word not in said, said
