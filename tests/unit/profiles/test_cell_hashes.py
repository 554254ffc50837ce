"""Equal cells have equal hashes, however they are stored."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from mlci_action.profiles.cell_hashes import MISSING_HASH, column_hashes, rough_hashes
from tests.unit.profiles.tables import cells, columns_of


def _hash(value: object, kind: pa.DataType | None = None) -> int:
    return int(column_hashes(cells([value], kind))[0])


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (5, pa.int8()),
        (5, pa.uint64()),
        (5.0, pa.float64()),
        (5.0, pa.float32()),
        (Decimal(5), pa.decimal128(5, 2)),
        ("5", pa.string()),
        (" 5.0 ", pa.string()),
        ("5e0", pa.large_string()),
        ("5", pa.dictionary(pa.int8(), pa.string())),
        (5, pa.dictionary(pa.int8(), pa.int64())),
    ],
)
def test_a_number_has_one_hash_however_it_is_stored(value: object, kind: pa.DataType) -> None:
    assert _hash(value, kind) == _hash(5)


def test_text_beside_a_number_changes_neither() -> None:
    assert column_hashes(cells(["5", "five", None])).tolist() == [
        _hash(5),
        _hash("five"),
        int(MISSING_HASH),
    ]


def test_minus_zero_is_zero() -> None:
    assert _hash(-0.0) == _hash(0.0) == _hash(0)


@pytest.mark.parametrize("kind", [pa.float64(), pa.int64(), pa.string(), pa.null(), pa.date32()])
def test_missing_cells_have_one_hash_in_every_column(kind: pa.DataType) -> None:
    assert _hash(None, kind) == int(MISSING_HASH)


def test_a_nan_in_a_table_is_missing() -> None:
    (columns,) = columns_of(pd.DataFrame({"x": [np.nan, 1.0]}))
    assert column_hashes(columns[0]).tolist() == [int(MISSING_HASH), _hash(1)]


def test_whole_numbers_beyond_doubles_stay_apart() -> None:
    large = 2**53
    hashes = column_hashes(cells([large, large + 1, large + 2, 7, None]))
    assert len(set(hashes.tolist())) == 5
    assert hashes[3] == _hash(7)
    # What a double can hold is one with a column of doubles.
    assert hashes[[0, 2]].tolist() == [_hash(float(large)), _hash(float(large + 2))]


def test_a_moment_is_not_the_number_of_its_days() -> None:
    moment = _hash(pd.Timestamp("1970-01-06"), pa.timestamp("ms"))
    assert moment != _hash(5)
    assert moment == _hash(pd.Timestamp("1970-01-06"), pa.timestamp("ns"))
    assert moment == _hash(pd.Timestamp("1970-01-06").date(), pa.date32())


def test_infinity_is_a_word_like_the_text() -> None:
    assert _hash(float("inf")) == _hash("inf") != _hash(float("-inf"))


def test_hashes_are_the_same_in_another_process() -> None:
    program = (
        "import pyarrow as pa\n"
        "from mlci_action.profiles.cells import cells_of\n"
        "from mlci_action.profiles.cell_hashes import column_hashes\n"
        "print(column_hashes(cells_of('x', pa.array(['a', '5', None]))).tolist())"
    )
    run = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == str(column_hashes(cells(["a", "5", None])).tolist())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1.23456, 1.2346),
        (1.23456, 1.23464),
        (123_456, 123_500.0),
        (-0.000123456, -0.00012346),
        (9_999.96, 10_000),
        (999_999, 1e6),
        (1.00000001e300, 1e300),
        (1.00000001e-200, 1e-200),
        ("Paris", " PARIS "),
        ("straße", "STRASSE"),
        (pd.Timestamp("2024-01-01T10:00"), pd.Timestamp("2024-01-01T11:30")),
    ],
)
def test_near_copies_have_the_same_rough_hash(one: object, other: object) -> None:
    first, second = cells([one]), cells([other])
    assert rough_hashes(first)[0] == rough_hashes(second)[0]
    assert column_hashes(first)[0] != column_hashes(second)[0]


@pytest.mark.parametrize(
    ("one", "other"),
    [(1.234, 1.235), (1, 1.001), (9_999, 10_000), (0.0, 1e-9), (5, -5), ("Paris", "Pari")],
)
def test_what_differs_in_four_digits_has_another_rough_hash(one: object, other: object) -> None:
    assert rough_hashes(cells([one]))[0] != rough_hashes(cells([other]))[0]


def test_rough_hashes_do_not_depend_on_what_stands_beside() -> None:
    short, long = cells([1, 250, None]), cells([1, 250, None, 1.23456])
    assert rough_hashes(short).tolist() == rough_hashes(long)[:3].tolist()


def test_rounding_keeps_what_it_has_rounded() -> None:
    drawn = np.random.default_rng(1)
    values = 10 ** drawn.uniform(-290, 290, 20_000) * drawn.choice([-1.0, 1.0], 20_000)
    rounded = np.array([float(f"{value:.3e}") for value in values])
    same = rough_hashes(cells(values)) == rough_hashes(cells(rounded))
    assert same.all()
