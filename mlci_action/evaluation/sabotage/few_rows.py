"""Which rows stand for all of them? Some thousand, in which classes and slices are still there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

MOST = 4_000
_LEAST_OF_CLASS = 50


def few_rows(
    classes: NDArray[np.int64],
    parts: Sequence[tuple[NDArray[np.bool_], int]] = (),
    *,
    counting: NDArray[np.bool_] | None = None,
    most: int = MOST,
    seed: int,
) -> NDArray[np.int64]:
    """Positions, in their order, of about `most` of n rows: of all of them where they are no more.

    classes: (n,) codes, each keeps its share, but not less than 50 rows where it has them. parts:
    masks over the n rows, each with how many rows are wanted of it; they are added as long as
    there are not more than twice `most` rows. counting: (n,) the rows that may be taken, None: all.
    """
    n = len(classes)
    if n <= most:
        return np.arange(n)
    allowed = np.ones(n, bool) if counting is None else counting
    order = np.random.default_rng(seed).permutation(n)
    order = order[allowed[order]]
    taken = _of_each_class(classes, order, most)
    for inside, wanted in parts:
        lacking = min(wanted - int((taken & inside).sum()), 2 * most - int(taken.sum()))
        if lacking > 0:
            taken[order[(inside & ~taken)[order]][:lacking]] = True
    return np.flatnonzero(taken)


def _of_each_class(
    classes: NDArray[np.int64], order: NDArray[np.int64], most: int
) -> NDArray[np.bool_]:
    """(n,) the rows of each class that come first in `order`."""
    codes = classes[order]
    sizes = np.bincount(codes)
    least = min(_LEAST_OF_CLASS, most // max(int((sizes > 0).sum()), 1))
    quota = np.maximum(np.ceil(sizes * most / max(len(order), 1)), least)
    # Few codes are sorted by counting, in the narrow type that holds them.
    together = np.argsort(codes.astype(np.min_scalar_type(len(sizes))), kind="stable")
    codes = codes[together]
    place = np.arange(len(codes)) - (np.cumsum(sizes) - sizes)[codes]
    taken = np.zeros(len(classes), bool)
    taken[order[together[place < quota[codes]]]] = True
    return taken
