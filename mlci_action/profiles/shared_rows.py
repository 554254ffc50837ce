"""How many rows of one table stand in another as well, exactly or nearly?

And how many would if both were drawn from the same place: as many as have a twin in their own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlci_action.profiles.row_hashes import RowHashes

_MOST_ROW_NUMBERS = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Twins:
    """Of `rows` rows, `shared` are in the other table; `at` are the numbers of the first 1,000.

    `own` of `own_rows` rows of the other table have a twin in that same table, and a share of
    `different` of them are different from each other.
    """

    rows: int
    shared: int
    own_rows: int
    own: int
    different: float
    at: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class SharedRows:
    """Rows with equal features (`exact`), and those equal but for rounding and case (`near`).

    Of large tables `sampled_share` of the rows were looked at; a near twin is then found only when
    it is in the sample too: one in `near_found`.
    """

    exact: Twins
    near: Twins
    sampled_share: float = 1.0
    near_found: int = 1


def shared_rows(hashes: RowHashes, other: RowHashes) -> SharedRows:
    """The rows of the first table that the other has as well; both have the same features."""
    halvings = max(hashes.halvings, other.halvings)
    # Both samples must hold the same part of all rows, or a row may miss its twin.
    here, there = hashes.thinned(halvings), other.thinned(halvings)
    exact = np.isin(here.features, there.features)
    near = ~exact & np.isin(here.rough, other.rough)
    own_exact, own_near, different = _own_twins(there, other)
    known = {"rows": here.sampled, "own_rows": there.sampled}
    return SharedRows(
        exact=Twins(
            **known, shared=_count(here, exact), own=own_exact, different=different[0],
            at=_first(here, exact),
        ),
        near=Twins(
            **known, shared=_count(here, near), own=own_near, different=different[1],
            at=_first(here, near),
        ),
        sampled_share=here.sampled_share,
        near_found=2**other.halvings,
    )  # fmt: skip


def _own_twins(there: RowHashes, other: RowHashes) -> tuple[int, int, tuple[float, float]]:
    """The rows of one table with an exact and with a near twin in it, and how many differ."""
    rows = max(there.sampled, 1)
    features, place, of = np.unique(there.features, return_index=True, return_inverse=True)
    weights = np.bincount(of, weights=there.weights, minlength=len(features))
    exact = int(weights[weights > 1].sum())
    # Rows are near twins when they differ, and not in what is rough.
    everywhere = other.rough[np.unique(other.features, return_index=True)[1]]
    rough, counts = np.unique(everywhere, return_counts=True)
    alone = there.rough[place][weights == 1]
    near = int(np.count_nonzero(counts[np.searchsorted(rough, alone)] > 1)) if len(alone) else 0
    return exact, near, (len(features) / rows, len(np.unique(there.rough)) / rows)


def _count(hashes: RowHashes, chosen: NDArray[np.bool_]) -> int:
    return int(hashes.weights[chosen].sum())


def _first(hashes: RowHashes, chosen: NDArray[np.bool_]) -> tuple[int, ...]:
    return tuple(hashes.at[chosen][:_MOST_ROW_NUMBERS].tolist())
