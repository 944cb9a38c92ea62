"""Which pictures come in an epoch, on one device or shared by several.

Lightning's own sharing is turned off (``use_distributed_sampler=False``): its wrapper does not pass
`set_epoch` on, and repeats pictures in validation.
"""

from __future__ import annotations

from collections.abc import Iterator

from torch import distributed
from torch.utils.data import Sampler


def rank_and_world() -> tuple[int, int]:
    """Number of this process, and how many there are; (0, 1) when training runs in one."""
    if distributed.is_available() and distributed.is_initialized():
        return distributed.get_rank(), distributed.get_world_size()
    return 0, 1


class NewEachEpoch(Sampler[int]):
    """Indices that go on from epoch to epoch, so that no picture is seen twice.

    Lightning calls `set_epoch`, also when it resumes; the worker processes need to know nothing.
    Several devices take turns batch by batch; all get the same number of whole batches, for which
    the first pictures of the epoch come again if need be.

    Args:
        first: index of the first picture of the first epoch.
    """

    def __init__(self, length: int, batch_size: int = 1, first: int = 0) -> None:
        self.length = length
        self.batch_size = batch_size
        self.first = first
        self.epoch = 0
        self._stopped_at = (0, 0)

    def set_epoch(self, epoch: int) -> None:
        """Which epoch comes next."""
        self.epoch = epoch

    def go_on(self, epoch: int, batches: int) -> None:
        """Begin within an epoch, after so many batches of each device; later ones are whole."""
        self.epoch = epoch
        self._stopped_at = epoch, batches

    def next_after(self, epochs: int, batches: int) -> int:
        """First index that whole epochs and batches of each device have not come to."""
        _, world = rank_and_world()
        begun = min(self.length, batches * self.batch_size * world)
        return self.first + epochs * self.length + begun

    def __len__(self) -> int:
        _, world = rank_and_world()
        if world == 1:
            return self.length
        batches = -(-self.length // self.batch_size)
        return -(-batches // world) * self.batch_size

    def __iter__(self) -> Iterator[int]:
        rank, world = rank_and_world()
        first = self.first + self.epoch * self.length
        stopped, done = self._stopped_at
        begin = done * self.batch_size if stopped == self.epoch else 0
        if world == 1:
            return iter(range(first + begin, first + self.length))
        batches = range(rank, world * (len(self) // self.batch_size), world)
        places = [b * self.batch_size + i for b in batches for i in range(self.batch_size)]
        return (first + place % self.length for place in places[begin:])


class EachOnce(Sampler[int]):
    """Every index once, shared by the devices; the same in every epoch."""

    def __init__(self, length: int) -> None:
        self.length = length

    def _mine(self) -> range:
        rank, world = rank_and_world()
        return range(rank, self.length, world)

    def __len__(self) -> int:
        return len(self._mine())

    def __iter__(self) -> Iterator[int]:
        return iter(self._mine())
