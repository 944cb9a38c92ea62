"""The best one-to-one matching of rows and columns (the assignment problem), exactly.

Shortest augmenting paths with dual prices: Jonker & Volgenant, "A shortest augmenting path
algorithm for dense and sparse linear assignment problems", Computing 38, 1987, in the form of
Crouse, "On implementing 2D rectangular assignment algorithms", IEEE TAES 2016. A column for
"nobody" beside each row lets a row stay alone, so a poor match never drags a good one along.

Own code because the matrices have at most a few dozen rows, and the step over the columns is one
numpy expression: see docs/LOG.md for times beside compiled libraries. Not made for thousands.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def match(gain: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Pairs (row, column), rows ascending, whose summed gain is the largest possible.

    Args:
        gain: (N, M), finite. A pair with a gain of zero or less is never made.
    """
    rows, columns = gain.shape
    cost = np.zeros((rows, columns + rows))  # the further columns: nobody
    cost[:, :columns] = np.minimum(-gain, 0)
    row_of = np.full(columns + rows, -1)
    column_of = np.full(rows, -1)
    price_of_row = np.zeros(rows)
    price = np.zeros(columns + rows)
    for row in range(rows):
        _augment(row, cost, row_of, column_of, price_of_row, price)
    taken = [(int(r), c) for c, r in enumerate(row_of[:columns]) if r >= 0 and gain[r, c] > 0]
    return sorted(taken)


def _augment(
    start: int,
    cost: NDArray[np.float64],
    row_of: NDArray[np.int64],
    column_of: NDArray[np.int64],
    price_of_row: NDArray[np.float64],
    price: NDArray[np.float64],
) -> None:
    """Give row `start` a column, moving others along the cheapest path (Dijkstra's algorithm on
    the costs less the prices). Changes all arrays but `cost`."""
    distance = np.full(cost.shape[1], np.inf)
    done = np.zeros(cost.shape[1], np.bool_)
    via = np.full(cost.shape[1], -1)  # the row from which each column is reached
    row, reached = start, 0.0
    while True:
        through = reached + cost[row] - price_of_row[row] - price
        nearer = ~done & (through < distance)
        distance[nearer] = through[nearer]
        via[nearer] = row
        column = int(np.argmin(np.where(done, np.inf, distance)))
        reached = float(distance[column])
        done[column] = True
        if row_of[column] < 0:
            break
        row = int(row_of[column])
    held = done & (row_of >= 0)
    price_of_row[row_of[held]] += reached - distance[held]
    price_of_row[start] += reached
    price[done] -= reached - distance[done]
    row = -1
    while row != start:  # hand the columns on, back to the start
        row = int(via[column])
        row_of[column] = row
        column_of[row], column = column, int(column_of[row])
