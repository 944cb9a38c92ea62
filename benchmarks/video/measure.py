"""Everything measured of one clip and one way of following it, and of many clips together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from association import Association, Moment, Switch, associate
from clip_truth import Clip, Truth
from flicker import Flicker, Pair, everyone, flicker_of
from mask_quality import Fit, Region, TrackFit, contour_f, iou, track_fits
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from variants import Followed

from kirinuki.instances import Instances


@dataclass(frozen=True)
class Measured:
    """The numbers of one or more clips.

    Attributes:
        fits: one for each character of each shot.
        by_frame: J&F of every character in every frame, ids aside: of the find that overlaps most.
        reuse: frames by the origin of their result.
        cuts_missed, cuts_invented: against the cuts of the truth.
        repeats: frames that show the same as the one before, by the truth.
        repeats_used: those of them whose result was taken over.
        changes_missed: other frames whose result was taken over all the same.
    """

    frames: int = 0
    seconds: float = 0.0
    association: Association = field(default_factory=Association)
    fits: tuple[TrackFit, ...] = ()
    by_frame: tuple[Fit, ...] = ()
    flicker: Flicker = field(default_factory=Flicker)
    reuse: Counter[str] = field(default_factory=Counter)
    cuts_missed: int = 0
    cuts_invented: int = 0
    repeats: int = 0
    repeats_used: int = 0
    changes_missed: int = 0

    def __add__(self, other: Measured) -> Measured:
        names = self.__dataclass_fields__
        return Measured(**{name: getattr(self, name) + getattr(other, name) for name in names})

    @property
    def fps(self) -> float:
        return self.frames / self.seconds if self.seconds else float("nan")

    @property
    def j(self) -> float:
        return _mean(track.fit.j for track in self.fits)

    @property
    def f(self) -> float:
        return _mean(track.fit.f for track in self.fits)

    @property
    def j_and_f(self) -> float:
        return (self.j + self.f) / 2

    @property
    def j_and_f_by_frame(self) -> float:
        return _mean(fit.mean for fit in self.by_frame)

    @property
    def tracks_missed(self) -> int:
        return sum(track.found is None for track in self.fits)

    @property
    def repeats_seen(self) -> float:
        """Share of the repeats whose result was taken over."""
        return self.repeats_used / self.repeats if self.repeats else float("nan")

    def share(self, reuse: str) -> float:
        """Share of the frames whose result came about so."""
        return self.reuse[reuse] / self.frames if self.frames else float("nan")


@dataclass(frozen=True)
class Course:
    """One clip by frame: mean J of its characters, ids aside, nan where nobody is; and switches."""

    j: list[float]
    switches: list[Switch]


class Meter:
    """Takes the frames of one clip as one way of following gave them."""

    def __init__(self, clip: Clip, followed: Followed) -> None:
        self._clip = clip
        self._followed = followed
        self._moments: list[Moment] = []
        self._fits: list[dict[tuple[int, int], Fit]] = []
        self._best: list[list[Fit]] = []
        self._flicker = Flicker()
        self._alpha: NDArray[np.uint8] | None = None
        self.change: NDArray[np.int16] | None = None
        """Of alpha since the frame before, (H, W); None at the start of a shot."""
        if len(followed.instances) != len(clip.frames):
            raise SystemExit(
                f"{clip.path}: {len(clip.frames)} frames have truth, "
                f"but {len(followed.instances)} were followed"
            )

    def add(self, truth: Truth, regions: Sequence[Region], pair: Pair | None) -> float:
        """Take the next frame; returns its mean J, nan where nobody is.

        Args:
            regions: those of the truth.
            pair: compared with the frame before; None at the start of a shot.
        """
        number = len(self._moments)
        instances = self._followed.instances[number]
        self._add_fits(truth, regions, instances)
        before, self._alpha = self._alpha, everyone(instances)
        self.change = None
        if pair is not None:
            assert before is not None
            self.change = self._alpha.astype(np.int16) - before
            self._flicker += flicker_of(pair, self.change)
        return _mean(fit.j for fit in self._best[-1])

    def _add_fits(self, truth: Truth, truths: Sequence[Region], instances: Instances) -> None:
        assert instances.track_ids is not None
        found = tuple(instances.track_ids.tolist())
        regions = [Region(instances.mask(i)) for i in range(len(instances))]
        overlaps = np.array([[iou(a, b) for b in regions] for a in truths], np.float64)
        overlaps = overlaps.reshape(len(truth.ids), len(found))
        fits = {
            (i, k): Fit(overlaps[r, c], contour_f(truths[r], regions[c]))
            for r, i in enumerate(truth.ids)
            for c, k in enumerate(found)
            if overlaps[r, c] > 0
        }
        self._moments.append(Moment(truth.ids, found, overlaps))
        self._fits.append(fits)
        self._best.append(_best_fits(truth.ids, found, overlaps, fits))

    def measured(self) -> tuple[Measured, Course]:
        """The numbers of the clip, after its last frame."""
        truth, followed = self._clip.frames, self._followed
        association, switches = associate(self._moments, self._clip.shots)
        by_frame = list(zip(truth, followed.reuse, strict=True))
        is_cut, said_cut = starts(self._clip.shots), starts(followed.shots)
        measured = Measured(
            frames=len(truth),
            seconds=followed.seconds,
            association=association,
            fits=tuple(
                track_fits(
                    self._fits, [m.truth for m in self._moments], [m.found for m in self._moments]
                )
            ),
            by_frame=tuple(fit for fits in self._best for fit in fits),
            flicker=self._flicker,
            reuse=Counter(followed.reuse),
            cuts_missed=len(is_cut - said_cut),
            cuts_invented=len(said_cut - is_cut),
            repeats=sum(frame.repeats is True for frame in truth),
            repeats_used=sum(f.repeats is True and r == "repeat" for f, r in by_frame),
            changes_missed=sum(f.repeats is False and r == "repeat" for f, r in by_frame),
        )
        return measured, Course([_mean(f.j for f in fits) for fits in self._best], switches)


def starts(shots: Sequence[int]) -> set[int]:
    """Frames that begin another shot than the one before."""
    return {i for i in range(1, len(shots)) if shots[i] != shots[i - 1]}


def _best_fits(
    truth: Sequence[int],
    found: Sequence[int],
    overlaps: NDArray[np.float64],
    fits: dict[tuple[int, int], Fit],
) -> list[Fit]:
    """For each character of a frame the fit of the find that is its own, 0 for a missed one."""
    rows, columns = linear_sum_assignment(overlaps, maximize=True)
    best = dict(zip(rows.tolist(), columns.tolist(), strict=True))
    nothing = Fit(0.0, 0.0)
    return [
        fits.get((i, found[best[r]]), nothing) if r in best else nothing
        for r, i in enumerate(truth)
    ]


def _mean(values: Iterable[float]) -> float:
    values = list(values)
    return sum(values) / len(values) if values else float("nan")
