"""Where is a number highest? Parts of a frame, as conditions that a person can read."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlci_action.domain.expressions import MAX_LENGTH
from mlci_action.evaluation.behaviour.splits import Splits, splits_of

_Float: TypeAlias = NDArray[np.float64]
_Mask: TypeAlias = NDArray[np.bool_]

_DEPTH = 3


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Region:
    """A condition in the words of `slices.where`, and the (n,) rows it holds for."""

    where: str
    rows: _Mask


def highest_regions(
    frame: pd.DataFrame,
    target: _Float,
    weight: _Float | None,
    *,
    most: int,
    min_rows: int,
) -> tuple[Region, ...]:
    """Disjoint regions of at least `min_rows` rows where `target`, (n,), is most above its mean.

    They are nodes of a small regression tree, those first whose weighted mean is above zero and
    above that of all rows by the most standard errors, had all rows the same spread. A node stands
    for the nodes under it, so that a region is not cut further than its rows can tell. A cut must
    tell more than the best of as many cuts through noise (2 ln m: Donoho and Johnstone 1994), so
    that where nothing is to be found mostly nothing is.
    """
    times = Counter(map(str, frame.columns))
    columns = [
        splits
        for at, name in enumerate(frame.columns)
        if times[str(name)] == 1 and (splits := splits_of(frame.iloc[:, at], target)) is not None
    ]
    if not columns or not len(target) >= 2 * min_rows:
        return ()
    # Imported where it is needed: it takes as long as all the rest of a gate without regions.
    from sklearn.tree import DecisionTreeRegressor  # noqa: PLC0415

    tree = DecisionTreeRegressor(
        max_depth=_DEPTH,
        min_samples_leaf=min_rows,
        random_state=0,
    )
    # The codes are whole and small, so that the tree's own float32 holds them exactly.
    tree.fit(np.stack([column.codes for column in columns], axis=1), target, weight)
    regions: list[Region] = []
    for node in _highest(tree.tree_, columns, noise=_best_of_noise(columns, weight))[:most]:
        where = " and ".join(
            columns[at].condition(low, high) for at, (low, high) in node.ranges.items()
        )
        if len(where) <= MAX_LENGTH:
            regions.append(Region(where=where, rows=_rows(columns, node)))
    return tuple(regions)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Node:
    """A node of the tree: its range of codes by column, the nodes it lies in, and itself."""

    ranges: Mapping[int, tuple[int, int]]
    path: frozenset[int]
    excess: float


def _best_of_noise(columns: Sequence[Splits], weight: _Float | None) -> float:
    """What the best of all cuts through noise takes off a sum of squares, in variances."""
    cuts = sum(int(column.codes.max() - column.codes.min()) for column in columns)
    # Unequal weights leave fewer rows than there are.
    uneven = 1.0 if weight is None else float((weight**2).sum() / weight.sum())
    return 2 * math.log(max(cuts, 2)) * uneven


def _highest(
    tree: Any,  # noqa: ANN401 - scikit-learn's tree has no types
    columns: Sequence[Splits],
    *,
    noise: float,
) -> list[_Node]:
    """The best nodes of which none lies in another, best first."""
    chosen: list[tuple[int, _Node]] = []
    nodes = dict(_nodes(tree, columns, noise=noise))
    for number in sorted(nodes, key=lambda number: -nodes[number].excess):
        node = nodes[number]
        apart = all(number not in other.path and at not in node.path for at, other in chosen)
        if node.excess > 0 and apart:
            chosen.append((number, node))
    return [node for _, node in chosen]


def _nodes(
    tree: Any,  # noqa: ANN401
    columns: Sequence[Splits],
    *,
    noise: float,
) -> Iterator[tuple[int, _Node]]:
    """Every node but the root, which is no part; an excess of zero where the mean is not above."""
    means, weights = tree.value[:, 0, 0], tree.weighted_n_node_samples
    squares = weights * tree.impurity
    waiting: list[tuple[int, dict[int, tuple[int, int]], frozenset[int]]] = [(0, {}, frozenset())]
    while waiting:
        number, ranges, above = waiting.pop()
        path = above | {number}
        if above:
            higher = means[number] - means[0] if means[number] > 0 else 0.0
            excess = float(higher * np.sqrt(weights[number]))
            yield number, _Node(ranges=ranges, path=path, excess=excess)
        left, right = int(tree.children_left[number]), int(tree.children_right[number])
        if left < 0:
            continue
        within = float(squares[left] + squares[right])
        if squares[number] - within > noise * within / weights[number]:
            at, cut = int(tree.feature[number]), int(np.floor(tree.threshold[number]))
            codes = columns[at].codes
            low, high = ranges.get(at, (int(codes.min()), int(codes.max())))
            waiting.append((left, {**ranges, at: (low, cut)}, path))
            waiting.append((right, {**ranges, at: (cut + 1, high)}, path))


def _rows(columns: Sequence[Splits], node: _Node) -> _Mask:
    inside = np.ones(len(columns[0].codes), dtype=bool)
    for at, (low, high) in node.ranges.items():
        inside &= (columns[at].codes >= low) & (columns[at].codes <= high)
    return inside
