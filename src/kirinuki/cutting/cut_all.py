"""`cut`: the whole job in one call.

>>> from kirinuki.cutting import cut
>>> summary = cut(["pics", "ep01.mkv"], "out", {"matte": {}, "labels": {"value": "coco"}})

Not covered: its parts (`job`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from kirinuki.cutting.job import Job, Outcome, default_outputs
from kirinuki.cutting.outputs.registry import OUTPUTS
from kirinuki.cutting.part import Part
from kirinuki.cutting.selection import Selection
from kirinuki.errors import KirinukiError
from kirinuki.segmenter.segments import Segments
from kirinuki.work.plan import plan
from kirinuki.work.summary import Summary


def cut(
    inputs: Sequence[str | Path],
    out: str | Path = "kirinuki-out",
    outputs: Mapping[str, Mapping[str, Any]] | None = None,
    *,
    segmenter: Segments | None = None,
    selection: Selection | None = None,
    part: Part | None = None,
    videos: bool = False,
    overwrite: bool = False,
    resume: bool = False,
    writers: int = 1,
    on_item: Callable[[Outcome], None] = lambda outcome: None,
    stop: Callable[[], bool] = lambda: False,
) -> Summary:
    """Cut every character out of pictures and videos, as ``kirinuki cut`` does.

    Args:
        inputs: pictures, videos, folders, glob patterns.
        out: folder of the results, laid out like the inputs.
        outputs: options by output, ``{"background": {"value": "white"}}``; None is cutouts and an
            overlay.
        segmenter: None loads the model inside the package.
        videos: take the videos of folders too.
        overwrite, resume, writers: see `Job`.
        on_item: called after each input, in order.
        stop: asked before each input and frame whether to end early.

    Raises:
        KirinukiError: see `Job`; or no output has such a name or option. An input that fails is a
            problem of the summary.
    """
    chosen = default_outputs() if outputs is None else _chosen(outputs)
    if segmenter is None:
        from kirinuki.segmenter.segmenter import Segmenter

        segmenter = Segmenter.load()
    job = Job(
        plan(inputs, out, videos=videos),
        segmenter,
        chosen,
        selection=selection,
        part=part,
        overwrite=overwrite,
        resume=resume,
        writers=writers,
    )
    return job.run(on_item, stop=stop)


def _chosen(outputs: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    chosen = {}
    for name, options in outputs.items():
        if name not in OUTPUTS:
            raise KirinukiError(f'there is no output "{name}", only: {", ".join(OUTPUTS)}')
        try:
            chosen[name] = OUTPUTS[name].options(**options)
        except TypeError as error:
            raise KirinukiError(f"output {name}: {str(error).partition(') ')[2]}") from None
    return chosen
