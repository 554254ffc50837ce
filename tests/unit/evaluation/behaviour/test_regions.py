from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from mlci_action.domain.expressions import parse_where
from mlci_action.evaluation.behaviour.regions import Region, highest_regions
from mlci_action.evaluation.reading.conditions import rows_where
from tests.unit.evaluation.cases import Float

_N = 1200


def _regions(frame: pd.DataFrame, target: Float, *, min_rows: int = 40) -> tuple[Region, ...]:
    return highest_regions(frame, target, None, most=4, min_rows=min_rows)


def _high_in(inside: NDArray[np.bool_], seed: int = 0) -> Float:
    return inside + 0.2 * np.random.default_rng(seed).normal(size=len(inside))


def _wheres(frame: pd.DataFrame, inside: NDArray[np.bool_] | pd.Series[bool]) -> list[str]:
    regions = _regions(frame, _high_in(np.asarray(inside)))
    for region in regions:
        selected = rows_where(frame, parse_where(region.where))
        assert selected.tolist() == region.rows.tolist()
    return [region.where for region in regions]


def test_bounds_on_one_column_are_one_condition_with_round_ends() -> None:
    frame = pd.DataFrame({"age": np.random.default_rng(1).integers(18, 90, _N)})
    assert _wheres(frame, frame["age"] >= 60) == ["age >= 60"]
    assert _wheres(frame, frame["age"] < 30) == ["age < 30"]
    assert _wheres(frame, frame["age"].between(40, 59))[0] == "40 <= age < 60"


def test_numbers_are_cut_at_the_shortest_number_between_two_values() -> None:
    frame = pd.DataFrame({"x": np.arange(_N) // 300 * 0.123456})
    assert _wheres(frame, frame["x"] > 0.2) == ["x >= 0.2"]
    frame = pd.DataFrame({"x": np.repeat([1234567, 2345678, 3456789], 400)})
    assert _wheres(frame, frame["x"] > 2_000_000) == ["x >= 2000000"]


def test_categories_are_told_by_the_shorter_list() -> None:
    frame = pd.DataFrame({"region": np.resize(["north", "south", "east", "it's"], _N)})
    assert _wheres(frame, frame["region"] == "it's") == ['region == "it\'s"']
    assert _wheres(frame, frame["region"] != "north") == ["region != 'north'"]
    first = frame["region"].isin(["north", "south"])
    assert _wheres(frame, first) in (
        ["region in ['north', 'south']"],
        ["region in ['south', 'north']"],
    )


def test_five_categories_of_which_two_are_low_are_told_by_those() -> None:
    frame = pd.DataFrame({"c": np.resize(list("abcde"), _N)})
    (where,) = _wheres(frame, ~frame["c"].isin(["a", "b"]))
    assert where in {"c not in ['a', 'b']", "c not in ['b', 'a']"}


def test_booleans_and_times_have_conditions_of_their_own() -> None:
    days = pd.Timestamp("2023-11-01") + pd.to_timedelta(np.arange(_N) % 150, unit="D")
    frame = pd.DataFrame({"flag": np.arange(_N) % 3 == 0, "when": days})
    assert _wheres(frame, frame["flag"]) == ["flag == True"]
    assert _wheres(frame, ~frame["flag"]) == ["flag == False"]
    frame = frame.loc[frame["when"].dt.month.isin([11, 2, 3]), ["when"]]
    assert _wheres(frame, frame["when"].dt.year == 2024) == ["when >= '2024-01-01'"]


def test_times_within_a_day_are_told_to_the_hour_or_second() -> None:
    hours = pd.Timestamp("2024-05-05") + pd.to_timedelta(np.arange(_N) % 24, unit="h")
    frame = pd.DataFrame({"when": hours})
    assert _wheres(frame, frame["when"].dt.hour >= 18) == ["when >= '2024-05-05T18:00:00'"]


def test_times_too_near_to_be_written_are_not_cut() -> None:
    frame = pd.DataFrame({"when": pd.Timestamp("2024-05-05") + pd.to_timedelta(np.arange(_N) % 2)})
    assert not _regions(frame, _high_in(np.arange(_N) % 2 == 1))


@pytest.mark.parametrize("kind", ["numbers", "text"])
def test_missing_values_are_values(kind: str) -> None:
    values = np.resize(np.arange(10), _N) if kind == "numbers" else np.resize(list("ab"), _N)
    column = pd.Series(values).where(np.arange(_N) % 7 > 0)
    frame = pd.DataFrame({"x": column})
    assert _wheres(frame, column.isna()) == ["x is null"]
    assert _wheres(frame, column.notna()) == ["x is not null"]


def test_missing_values_join_a_part_of_the_others() -> None:
    column = pd.Series(np.resize(np.arange(10), _N)).where(np.arange(_N) % 7 > 0)
    letters = pd.Series(np.resize(list("abc"), _N)).where(np.arange(_N) % 7 > 0)
    frame = pd.DataFrame({"x": column, "y": letters})
    assert _wheres(frame[["x"]], ~(column >= 3)) == ["(x < 3 or x is null)"]
    assert _wheres(frame[["y"]], letters.isna() | (letters == "a")) == ["(y == 'a' or y is null)"]
    both = _wheres(frame, column.isna() | ((column < 5) & (letters == "b")))
    assert both


@pytest.mark.parametrize("name", ["income per year", "null", "not", "größe", "a'b", "x\ny", "3"])
def test_a_name_that_is_no_plain_name_stands_in_backticks(name: str) -> None:
    frame = pd.DataFrame({name: np.arange(_N) % 10})
    assert _wheres(frame, frame[name] >= 5) == [f"`{name}` >= 5"]


def test_a_region_of_two_columns_is_two_conditions() -> None:
    draw = np.random.default_rng(4)
    frame = pd.DataFrame({"age": draw.integers(18, 90, 4000), "sex": draw.choice(["f", "m"], 4000)})
    inside = (frame["age"] >= 60) & (frame["sex"] == "f")
    assert set(_wheres(frame, inside)[0].split(" and ")) == {"age >= 60", "sex == 'f'"}


_LONG = ["x" * 61 + letter for letter in "ab"]


@pytest.mark.parametrize(
    "column",
    [
        pd.Series(np.arange(_N), name="loan"),
        pd.Series(np.arange(_N) % 50, name="loan_id"),
        pd.Series([f"text {at % 21}" for at in range(_N)], name="words"),
        pd.Series(np.resize(_LONG, _N), name="essay"),
        pd.Series(np.arange(_N) % 10, name="tick`ed"),
        pd.Series(np.arange(_N) % 10, name=""),
        pd.Series([["a"], ["b"]] * (_N // 2), name="lists"),
        pd.Series([None] * _N, name="nothing", dtype=object),
        pd.Series([1.5] * _N, name="constant"),
        pd.Series(["one"] * _N, name="one"),
        pd.Series([1, "one"] * (_N // 2), name="mixed"),
        pd.Series(np.where(np.arange(_N) < 600, 0.0, np.inf), name="endless"),
        pd.Series(np.where(np.arange(_N) < 600, 1, 2**63).astype(np.uint64), name="huge"),
    ],
    ids=lambda column: str(column.name) or "unnamed",
)
def test_a_column_that_would_tell_a_reader_nothing_is_left_out(column: pd.Series[Any]) -> None:
    """Ids, free text, many categories, names that no condition can write, several kinds."""
    inside = np.arange(_N) >= _N // 2
    target = _high_in(inside if column.name != "mixed" else np.arange(_N) % 2 == 0)
    assert not _regions(column.to_frame(), target)


def test_a_column_whose_name_comes_twice_is_left_out() -> None:
    frame = pd.DataFrame(np.arange(_N * 2).reshape(_N, 2) % 10, columns=["x", "x"])
    assert not _regions(frame, _high_in(frame.iloc[:, 0].to_numpy() >= 5))


def test_nothing_is_found_in_noise_in_too_few_rows_or_below_zero() -> None:
    draw = np.random.default_rng(3)
    frame = pd.DataFrame({"x": draw.normal(size=_N), "y": draw.choice(["a", "b"], _N)})
    high = _high_in(frame["x"].to_numpy() > 0)
    assert not _regions(frame, draw.normal(size=_N))
    assert not _regions(frame, np.zeros(_N))
    assert not _regions(frame, high - 3)
    assert not _regions(frame, high, min_rows=601)
    assert _regions(frame, high)


def test_regions_do_not_overlap_and_come_with_the_clearest_first() -> None:
    frame = pd.DataFrame({"age": np.resize(np.arange(60), 6000)})
    age = frame["age"].to_numpy()
    target = np.where(age < 10, 2.0, np.where(age >= 50, 1.0, -1.0))
    target = target + 0.2 * np.random.default_rng(0).normal(size=6000)
    regions = _regions(frame, target)
    assert [region.where for region in regions[:2]] == ["age < 10", "age >= 50"]
    assert sum(region.rows.astype(int) for region in regions).max() == 1  # type: ignore[union-attr]


def test_weights_are_rows() -> None:
    """What only rows of no weight say is not found."""
    frame = pd.DataFrame({"age": np.arange(_N) % 60})
    inside = frame["age"].to_numpy() >= 30
    weight = np.where(inside, 1e-9, 1.0)
    target = _high_in(inside)
    assert not highest_regions(frame, target, weight, most=3, min_rows=40)
    assert highest_regions(frame, target, np.ones(_N), most=3, min_rows=40)


def test_a_condition_too_long_to_be_read_back_is_not_returned() -> None:
    names = ["n" * 500 + str(at) for at in range(3)]
    draw = np.random.default_rng(0)
    frame = pd.DataFrame({name: draw.integers(0, 2, 4000) for name in names})
    inside = frame.sum(axis=1).to_numpy() == 3
    assert all(len(region.where) <= 1000 for region in _regions(frame, _high_in(inside)))


@pytest.mark.parametrize("seed", range(6))
def test_every_condition_selects_exactly_its_region(seed: int) -> None:
    draw = np.random.default_rng(seed)
    n = 3000
    frame = pd.DataFrame(
        {
            "small": draw.normal(size=n) * 1e-9,
            "large": draw.integers(-(2**62), 2**62, n) // 1000 * 1000,
            "gaps": np.where(draw.random(n) < 0.2, np.nan, draw.normal(size=n).round(1)),
            "kind": pd.Series(draw.choice(["", "a b", "ü", "`", "'\"", "x\\n\n"], n)).where(
                draw.random(n) > 0.1
            ),
            "when": pd.Timestamp("2020-01-01", tz="Asia/Tokyo")
            + pd.to_timedelta(draw.integers(0, 10**16, n), unit="ns"),
            "maybe": pd.array(np.resize([True, False, None], n).tolist(), dtype="boolean"),
            "group": pd.Categorical(draw.choice(list("xyz"), n)),
        }
    )
    parts = (
        frame["gaps"] > 0,
        (frame["kind"] == "`") & (frame["small"] > 0),
        (frame["when"] > pd.Timestamp("2020-02-20", tz="UTC")) & (frame["large"] > 0),
        frame["maybe"].isna() & (frame["group"] == "x"),
    )
    target = np.sum([part.to_numpy(dtype=np.float64) for part in parts], axis=0)
    regions = _regions(frame, target + 0.3 * draw.normal(size=n))
    assert regions
    for region in regions:
        assert rows_where(frame, parse_where(region.where)).tolist() == region.rows.tolist()
        assert region.rows.sum() >= 40
