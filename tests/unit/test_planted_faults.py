"""Every fault is really planted: in so many cells of the column it says, and nowhere else."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from benchmarks import planted_faults
from benchmarks.cell_faults import cell_faults, in_2207, other_format
from benchmarks.column_faults import column_faults
from benchmarks.data_alarms import as_read
from benchmarks.planting import Clean, Fault, Planted

N = 1_000
FAULTS = {fault.name: fault for fault in (*cell_faults(), *column_faults())}
CELL_FAULTS = [fault.name for fault in cell_faults()]


def _table(seed: int, rows: int) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    size = random.lognormal(3, 0.5, rows).round(2)
    return pd.DataFrame(
        {
            "age": random.integers(18, 90, rows),
            "size": size,
            "weight": (size + random.normal(0, 8, rows)).round(2),
            "price": (size * 2 + random.normal(0, 6, rows)).round(2),
            "town": random.choice(["Hamburg", "Leipzig", "Köln", "Rostock"], rows),
            "sold": pd.date_range("2021-01-01", periods=rows).strftime("%Y-%m-%d"),
            "income": random.normal(300, 90, rows).round(1),
        }
    )


CLEAN = Clean(reference=as_read(_table(1, 3 * N)), batch=as_read(_table(2, N)))


def _planted(name: str, share: float = 1.0, seed: int = 0) -> Planted:
    planted = FAULTS[name].plant(CLEAN, share, np.random.default_rng(seed))
    assert planted is not None
    return planted


def _column(planted: Planted) -> pd.Series:
    return planted.batch[planted.columns[0]]


def _changed(planted: Planted, name: str) -> pd.Series:
    before, after = CLEAN.batch[name].astype(object), planted.batch[name].astype(object)
    return after[(before != after) & ~(before.isna() & after.isna())]


def test_the_names_of_the_faults_tell_them_apart() -> None:
    assert len(FAULTS) == len(planted_faults.FAULTS)
    assert set(FAULTS) == {fault.name for fault in planted_faults.FAULTS}


@pytest.mark.parametrize("share", [0.005, 0.02, 0.08])
@pytest.mark.parametrize("name", CELL_FAULTS)
def test_a_cell_fault_changes_its_share_of_one_column(name: str, share: float) -> None:
    planted = _planted(name, share)
    (column,) = planted.columns
    others = [other for other in CLEAN.batch.columns if other != column]
    pd.testing.assert_frame_equal(planted.batch[others], CLEAN.batch[others])
    changed = len(_changed(planted, column))
    if name == "number: constant stretch":
        # The first row keeps its value, and another may have had the same.
        assert 0.8 * share * N - 2 <= changed < share * N
    else:
        assert changed == share * N


@pytest.mark.parametrize("fault", [FAULTS[name] for name in CELL_FAULTS], ids=CELL_FAULTS)
def test_a_fault_sits_in_the_same_column_at_every_share(fault: Fault) -> None:
    columns = {_planted(fault.name, share).columns for share in fault.shares}
    assert len(columns) == 1


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("number: blank", {" "}),
        ("number: ?", {"?"}),
        ("number: text", {"high"}),
        ("number: -999", {-999}),
        ("number: 99999999", {99_999_999}),
        ("text: blank", {" "}),
        ("text: ?", {"?"}),
        ("text: unknown", {"unknown"}),
    ],
)
def test_what_is_planted_is_what_the_name_says(name: str, cells: set[object]) -> None:
    planted = _planted(name, 0.02)
    assert set(_changed(planted, planted.columns[0])) == cells


@pytest.mark.parametrize("name", ["number: blank", "number: ?", "number: oz", "number: text"])
def test_text_among_numbers_is_read_back_as_text(name: str) -> None:
    (column,) = (planted := _planted(name, 0.005)).columns
    assert pd.api.types.is_numeric_dtype(CLEAN.batch[column].dtype)
    assert not pd.api.types.is_numeric_dtype(as_read(planted.batch)[column].dtype)


def test_missing_cells_are_missing_when_read_back() -> None:
    for name in ("number: NaN", "text: NaN"):
        planted = _planted(name, 0.02)
        assert as_read(planted.batch)[planted.columns[0]].isna().sum() == 0.02 * N


def test_numbers_are_a_thousand_times_as_large_or_negative() -> None:
    for name, factor in (("number: x1000", 1000), ("number: sign flip", -1)):
        (column,) = (planted := _planted(name, 0.02)).columns
        changed = _changed(planted, column)
        before = CLEAN.batch.loc[changed.index, column]
        assert (changed.astype(float) == before * factor).all()


def test_a_stretch_holds_one_value_in_rows_that_follow_each_other() -> None:
    planted = _planted("number: constant stretch", 0.08)
    values = _column(planted)
    runs = values.ne(values.shift()).cumsum().value_counts()
    assert runs.max() >= 0.08 * N


def test_a_changed_text_is_none_of_the_known_ones_and_stays_close() -> None:
    known = set(CLEAN.reference["town"])
    for name in ("text: typo", "text: case", "text: space", "text: mojibake"):
        changed = set(_changed(_planted(name, 0.08), "town"))
        assert changed
        assert not changed & known
    typos = _changed(_planted("text: typo", 0.08), "town")
    before = CLEAN.batch.loc[typos.index, "town"]
    for old, new in zip(before, typos, strict=True):
        assert sum(one != other for one, other in zip(old, new, strict=True)) == 1
        assert old[0] == new[0]
    assert "KÃ¶ln" in set(_changed(_planted("text: mojibake", 0.08), "town"))


def test_dates_change_their_format_or_their_century() -> None:
    assert other_format("2024-05-31") == "31/05/2024"
    assert other_format("5/31/2024") == "2024-05-31"
    assert in_2207("2024-05-31 12:00") == "2207-05-31 12:00"
    assert in_2207("5/31/2024") == "5/31/2207"
    assert _planted("date: other format", 0.02).columns == ("sold",)


def test_swapped_columns_hold_each_others_values() -> None:
    planted = _planted("two columns swapped")
    one, other = planted.columns
    assert one != other
    assert (planted.batch[one] == CLEAN.batch[other]).all()
    assert (planted.batch[other] == CLEAN.batch[one]).all()


def test_a_shuffled_column_was_correlated_and_is_no_more() -> None:
    (column,) = (planted := _planted("shuffled, r 0.6 to 1")).columns
    assert sorted(planted.batch[column]) == sorted(CLEAN.batch[column])
    others = CLEAN.batch.select_dtypes("number").drop(columns=column)
    assert others.corrwith(CLEAN.batch[column], method="spearman").abs().max() > 0.5
    assert others.corrwith(planted.batch[column], method="spearman").abs().max() < 0.15


def test_duplicated_rows_are_five_percent_and_the_number_of_rows_stays() -> None:
    batch = _planted("5 % duplicated rows").batch
    assert len(batch) == N
    assert batch.duplicated().sum() == 0.05 * N


@pytest.mark.parametrize("sds", [0.25, 0.5, 1])
def test_a_drift_moves_the_mean_and_keeps_whole_numbers_whole(sds: float) -> None:
    for seed in range(8):
        planted = _planted(f"drift of {sds:g} sd", seed=seed)
        (column,) = planted.columns
        old = CLEAN.batch[column]
        moved = (planted.batch[column].mean() - old.mean()) / CLEAN.reference[column].std()
        assert moved == pytest.approx(sds, abs=0.03)
        assert planted.batch[column].dtype == old.dtype


def test_columns_are_renamed_lost_moved_and_new() -> None:
    names = list(CLEAN.batch.columns)
    renamed, lost = _planted("column renamed"), _planted("column missing")
    assert set(names) ^ set(renamed.batch.columns) == set(renamed.columns)
    assert set(names) - set(lost.batch.columns) == set(lost.columns)
    reordered = list(_planted("columns reordered").batch.columns)
    assert reordered != names
    assert sorted(reordered) == sorted(names)
    assert set(_planted("new column").batch.columns) - set(names) == {"extra"}


def test_whole_numbers_with_three_missing_are_read_as_floats() -> None:
    planted = _planted("whole numbers float by 3 NaN")
    read = as_read(planted.batch)["age"]
    assert planted.columns == ("age",)
    assert read.dtype == np.float64
    assert read.isna().sum() == 3
    assert FAULTS["whole numbers float by 3 NaN"].silent


def test_ids_are_unique_until_they_are_duplicated() -> None:
    planted = _planted("id duplicated", 0.02)
    assert planted.clean is not None
    (column,) = planted.columns
    assert planted.clean.options == {"id": column}
    assert planted.clean.batch[column].is_unique
    assert planted.batch[column].duplicated().sum() == 0.02 * N
    assert planted.batch.drop(columns=column).equals(CLEAN.batch)


def test_a_leak_is_new_beside_the_reference_and_tells_the_target() -> None:
    target = CLEAN.batch["income"]
    copy, noisy, addends = (
        _planted(f"target leaked: {name}") for name in ("copy", "noisy numbers", "sum")
    )
    for planted in (copy, noisy, addends):
        assert planted.clean is not None
        assert planted.clean.options == {"target": "income"}
        assert not set(planted.columns) & set(planted.clean.reference.columns)
    assert _column(copy).equals(target)
    assert FAULTS["target leaked: noisy labels"].plant(CLEAN, 1, np.random.default_rng(0)) is None
    assert 0.999 < np.corrcoef(_column(noisy), target)[0, 1] < 1
    assert addends.batch[list(addends.columns)].sum(axis=1).to_numpy() == pytest.approx(target)


def test_a_noisy_copy_of_labels_has_some_of_other_rows() -> None:
    labelled = Clean(
        reference=CLEAN.reference.assign(label=CLEAN.reference["age"] % 3),
        batch=CLEAN.batch.assign(label=CLEAN.batch["age"] % 3),
    )
    noisy = FAULTS["target leaked: noisy labels"].plant(labelled, 1, np.random.default_rng(0))
    assert noisy is not None
    assert 0 < (_column(noisy) != labelled.batch["label"]).sum() <= 0.01 * N


def test_drifts_of_all_sizes_sit_in_one_column() -> None:
    drifts = [fault for fault in FAULTS.values() if fault.name.startswith("drift")]
    assert {fault.family for fault in drifts} == {"drift"}
    assert len({_planted(fault.name).columns for fault in drifts}) == 1


def test_a_fault_without_a_column_for_it_is_not_planted() -> None:
    texts = pd.DataFrame({"town": ["Hamburg", "Leipzig"] * 50})
    clean = Clean(reference=texts, batch=texts)
    assert FAULTS["number: NaN"].plant(clean, 0.02, np.random.default_rng(0)) is None
    assert FAULTS["date: year 2207"].plant(clean, 0.02, np.random.default_rng(0)) is None
    assert FAULTS["two columns swapped"].plant(clean, 1, np.random.default_rng(0)) is None
