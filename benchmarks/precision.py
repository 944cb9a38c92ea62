"""What fewer bits cost and bring: the models of the package as int8 and float16, beside themselves.

Shipped files store their weights in half precision and compute in single. Made from them, in a
temporary folder:

- int8: static quantisation of the layers with weights (QDQ, weights a channel, activations a
  tensor), calibrated on scenes drawn by kirinuki or on ``--pictures``. Anchors, NMS, ROI pooling
  and the last layer of every output stay in single precision.
  On x86 without VNNI ONNX Runtime's int8 products saturate unless it is told
  ``session.x64quantprecision``, so a table holds for processors like the one it was made on.
- float16: the same layers in half precision. ONNX Runtime has few such kernels for CPUs.

All are measured on the same pictures: average precision of the whole `Segmenter`, also with one of
the two models as shipped, and the time of each model, all sides in turn on every picture.

    python benchmarks/precision.py --dataset COCO.json [--limit N] [--pictures FOLDER] [--threads N]
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, get_args

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_static
from onnxruntime.transformers.float16 import convert_float_to_float16
from onnxruntime.transformers.onnx_model import OnnxModel

from kirinuki import Segmenter
from kirinuki.evaluation.evaluate import Report, evaluate
from kirinuki.evaluation.predictions import SCORE_FLOOR
from kirinuki.formats.labelled import LabelledSet
from kirinuki.formats.registry import load_set
from kirinuki.images.picture import read_picture
from kirinuki.segmenter.detector import Detector
from kirinuki.segmenter.model_file import Kind, embedded, open_session
from kirinuki.segmenter.refiner import Refiner
from kirinuki.training.export.export import write_info

KINDS: tuple[Kind, ...] = get_args(Kind)
Picture = NDArray[np.uint8]
Files = dict[Kind, Path]
SHIPPED = "as shipped"

TRUNK = (
    "/backbone/",
    "/rpn/head/conv/",
    "/roi_heads/box_head/",
    "/roi_heads/mask_head/",
    "/model/",
)
"""How the names of the nodes that may lose bits begin."""
LAST = ("/model/head/", "/model/judge/")
QUANTISED = {"Conv", "Gemm", "Clip", "Relu", "Add", "Concat", "Resize", "MaxPool", "Flatten"}
"""Layers with weights, and what lies between them, so that there is no way back and forth."""
SCENES = 16


@dataclass
class Recorder:
    """A session that keeps what it is fed: calibration sees what the models see in use."""

    session: onnxruntime.InferenceSession
    feeds: list[dict[str, NDArray[Any]]] = field(default_factory=list)

    def run(self, names: list[str], feed: dict[str, NDArray[Any]]) -> list[NDArray[Any]]:
        self.feeds.append(feed)
        return self.session.run(names, feed)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.session, name)


class Feeds(CalibrationDataReader):
    def __init__(self, feeds: Iterable[dict[str, NDArray[Any]]]) -> None:
        self._left = iter(feeds)

    def get_next(self) -> dict[str, NDArray[Any]] | None:
        return next(self._left, None)


def drawn_scenes() -> Iterator[Picture]:
    """Two or three characters each, half of the scenes as close-ups."""
    from kirinuki_draw.draw import Figure, draw_scene, random_spec

    for i in range(SCENES):
        head, y = (100, 170) if i % 2 else (50, 130)
        count = 2 + i % 2
        xs = (640 * (k + 0.5) / count for k in range(count))
        figures = [Figure(random_spec(10 * i + k), x, y, head) for k, x in enumerate(xs)]
        yield draw_scene(figures, (384, 640), seed=i).picture


def recorded(files: Files, pictures: Iterable[Picture]) -> dict[Kind, Feeds]:
    """What both models are fed on these pictures, down to weak finds."""
    recorders: dict[Kind, Any] = {}
    infos = {}
    for kind in KINDS:
        session, infos[kind] = open_session(files[kind], kind=kind)
        recorders[kind] = Recorder(session)
    detector = Detector(recorders["detector"], infos["detector"])
    refiner = Refiner(recorders["refiner"], infos["refiner"])
    segmenter = Segmenter(detector, refiner, score=SCORE_FLOOR)
    for picture in pictures:
        segmenter(picture)
    return {kind: Feeds(recorder.feeds) for kind, recorder in recorders.items()}


def folded(source: Path, folder: Path) -> Path:
    """The model with its constants and batch norms folded, all in single precision."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(folder / f"folded_{source.name}")
    onnxruntime.InferenceSession(str(source), options, providers=["CPUExecutionProvider"])
    return Path(options.optimized_model_filepath)


def in_trunk(node: onnx.NodeProto) -> bool:
    return node.name.startswith(TRUNK) and not node.name.startswith(LAST)


def write_int8(source: Path, target: Path, feeds: Feeds) -> None:
    nodes = onnx.load(source).graph.node
    chosen = [node for node in nodes if in_trunk(node) and node.op_type in QUANTISED]
    quantize_static(
        source,
        target,
        feeds,
        op_types_to_quantize=sorted({node.op_type for node in chosen}),
        nodes_to_quantize=[node.name for node in chosen],
        per_channel=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
    )


def write_float16(source: Path, target: Path) -> None:
    """The converter casts at every tensor whose type it knows; it is told those of the trunk."""
    proto = onnx.shape_inference.infer_shapes(onnx.load(source))
    nodes = proto.graph.node
    known = {name for node in nodes if in_trunk(node) for name in (*node.input, *node.output)}
    kept = [info for info in proto.graph.value_info if info.name in known]
    del proto.graph.value_info[:]
    proto.graph.value_info.extend(kept)
    half = convert_float_to_float16(
        proto,
        keep_io_types=True,
        disable_shape_infer=True,
        node_block_list=[node.name for node in nodes if not in_trunk(node)],
    )
    OnnxModel.graph_topological_sort(half.graph)  # the casts stand at its end
    onnx.save(half, target)


def make_variants(folder: Path, pictures: Iterable[Picture]) -> dict[str, Files]:
    """Name of each variant → its files."""
    shipped: Files = {kind: embedded(kind) for kind in KINDS}
    variants = {SHIPPED: shipped}
    for name in ("int8", "float16"):
        (folder / name).mkdir()
        variants[name] = {kind: folder / name / f"{kind}.onnx" for kind in KINDS}
    feeds = recorded(shipped, pictures)
    for kind in KINDS:
        info = open_session(shipped[kind], kind=kind)[1]
        plain = folded(shipped[kind], folder)
        write_int8(plain, variants["int8"][kind], feeds[kind])
        write_float16(plain, variants["float16"][kind])
        for name in ("int8", "float16"):
            write_info(info, variants[name][kind])  # it stores halves where it can, too
    return variants


@dataclass(frozen=True)
class Side:
    """One pair of models; `threads` of each call, None leaves them to ONNX Runtime."""

    files: Files
    threads: int | None

    def models(self) -> tuple[Detector, Refiner]:
        opened = {k: open_session(self.files[k], threads=self.threads, kind=k) for k in KINDS}
        return Detector(*opened["detector"]), Refiner(*opened["refiner"])

    def report(self, dataset: LabelledSet) -> Report:
        segmenter = Segmenter(*self.models(), score=SCORE_FLOOR)
        shown = Segmenter(*self.models())
        return evaluate(
            segmenter, dataset, names=segmenter.names, display_score=shown.score, shown=shown
        )

    def mebibytes(self) -> float:
        return sum(path.stat().st_size for path in self.files.values()) / 2**20


def times(sides: dict[str, Side], pictures: Iterable[Picture]) -> dict[str, tuple[float, float]]:
    """Median milliseconds of the detector a picture and of the refiner a crop, by side.

    All refine what the shipped detector finds, and the order rotates from picture to picture.
    """
    models = {name: side.models() for name, side in sides.items()}
    spent: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in sides}
    order = list(sides)
    for i, picture in enumerate(pictures):
        score = models[SHIPPED][0].info.score / 2
        found = models[SHIPPED][0](picture, score)[:4]
        for name in order:
            for k, model in enumerate(models[name]):
                calls = 1 if k == 0 else len(found)
                if not calls:
                    continue
                start = time.perf_counter()
                model(picture, score if k == 0 else found)
                spent[name][k].append(1000 * (time.perf_counter() - start) / calls)
        if i == 0:  # it warmed up
            spent = {name: ([], []) for name in sides}
        order.append(order.pop(0))
    return {name: tuple(map(statistics.median, both)) for name, both in spent.items()}


def spread(dataset: LabelledSet, limit: int | None) -> LabelledSet:
    """At most `limit` pictures, evenly over the data set."""
    if limit is None or limit >= len(dataset):
        return dataset
    step = len(dataset) / limit
    return replace(dataset, pictures=tuple(dataset.pictures[int(i * step)] for i in range(limit)))


def compare(dataset: LabelledSet, calibration: Iterable[Picture], threads: int | None) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        variants = make_variants(Path(scratch), calibration)
        shipped, int8 = variants[SHIPPED], variants["int8"]
        pairs = {
            **variants,
            "int8 detector": {**shipped, "detector": int8["detector"]},
            "int8 refiner": {**shipped, "refiner": int8["refiner"]},
        }
        sides = {name: Side(files, threads) for name, files in pairs.items()}
        pictures = (picture.read().rgb for picture in dataset)
        spent = times({name: sides[name] for name in variants}, pictures)
        print(
            f"{platform.platform()}, {os.cpu_count()} cores, threads: {threads or 'default'}; ",
            end="",
        )
        print(f"onnxruntime {onnxruntime.__version__}; {len(dataset)} pictures\n")
        print(
            "| models | files | detector | refiner, a crop | mask AP | AP50 | boundary AP |", end=""
        )
        print(" alpha MAE |\n|---|---:|---:|---:|---:|---:|---:|---:|")
        for name, side in sides.items():
            row(name, side, spent, side.report(dataset))


def row(name: str, side: Side, spent: dict[str, tuple[float, float]], report: Report) -> None:
    """One line of the table; ratios are to the models as shipped."""
    cells = [name, f"{side.mebibytes():.1f} MiB"]
    for k in range(2):
        if name in spent:
            ratio = spent[name][k] / spent[SHIPPED][k]
            cells.append(f"{spent[name][k]:.0f} ms, {ratio:.2f}×")
        else:
            cells.append("")
    values = (report.mask.ap, report.mask.ap_50, report.boundary.ap)
    cells += ["–" if value is None else f"{100 * value:.1f}" for value in values]
    edges = report.soft_edges
    cells.append("–" if edges is None or edges.mae is None else f"{edges.mae:.4f}")
    print(f"| {' | '.join(cells)} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare the models at several precisions.")
    parser.add_argument("--dataset", type=Path, required=True, metavar="COCO.json")
    parser.add_argument("--limit", type=int, help="so many pictures, spread over the data set")
    parser.add_argument("--pictures", type=Path, metavar="FOLDER", help="to calibrate int8 with")
    parser.add_argument("--threads", type=int, help="CPU threads of one call")
    arguments = parser.parse_args()
    calibration: Iterable[Picture] = drawn_scenes()
    if arguments.pictures:
        calibration = (read_picture(path).rgb for path in sorted(arguments.pictures.iterdir()))
    dataset = spread(load_set(arguments.dataset), arguments.limit)
    compare(dataset, calibration, arguments.threads)


if __name__ == "__main__":
    main()
