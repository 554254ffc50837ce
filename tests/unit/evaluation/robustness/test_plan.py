"""What is asked is drawn by a seed, of rows with a label, and changes nothing but features."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlci_action.domain.robustness import (
    Monotonicity,
    Perturbation,
    PropertyLimits,
)
from mlci_action.evaluation.reading.variants import varied
from mlci_action.evaluation.robustness.plan import AS_THEY_ARE, Plan
from tests.unit.evaluation.robustness.cases import (
    INCOME,
    SEX,
    Asks,
    changed,
    only,
    people,
    planned,
    why_not,
)

_ALL = tuple(
    only(kind, columns=("income", "age") if kind is Perturbation.UNITS else None)
    for kind in Perturbation
)


def _same(one: Plan, other: Plan) -> bool:
    return all(
        np.array_equal(mine.rows, its.rows) and mine.changed.equals(its.changed)
        for mine, its in zip(one.variants, other.variants, strict=True)
    )


def test_the_first_variant_changes_nothing() -> None:
    frame = people()
    variant = planned(frame, *_ALL).variants[AS_THEY_ARE]
    assert varied(frame, variant).equals(frame)


def test_one_seed_makes_one_plan_and_another_seed_another() -> None:
    frame = people()
    one = planned(frame, *_ALL, SEX, INCOME, rows=100, seed=3)
    assert _same(one, planned(frame, *_ALL, SEX, INCOME, rows=100, seed=3))
    assert not _same(one, planned(frame, *_ALL, SEX, INCOME, rows=100, seed=4))


@pytest.mark.parametrize("asks", _ALL, ids=lambda asks: asks.what)
def test_what_is_tried_beside_it_changes_no_perturbation(asks: Asks) -> None:
    frame = people()
    alone = planned(frame, asks, rows=100)
    among = planned(frame, *_ALL, SEX, INCOME, rows=100)
    place = _ALL.index(asks)
    trial = among.trials[place]
    assert among.variants[trial.variants[0]].changed.equals(alone.variants[1].changed)


def test_columns_beside_it_change_no_column() -> None:
    frame = people()
    both = changed(frame, only(Perturbation.NOISE))
    alone = changed(frame.drop(columns="age"), only(Perturbation.NOISE))
    assert both["income"].equals(alone["income"])


def test_only_rows_with_a_label_are_asked_and_no_more_than_so_many() -> None:
    frame = people()
    frame.loc[::2, "y"] = None
    rows = planned(frame, *_ALL, rows=50).rows
    assert len(set(rows.tolist())) == 50
    assert (rows % 2 == 1).all()
    assert (np.diff(rows) > 0).all()
    assert len(planned(frame, *_ALL).rows) == 200


def test_the_rows_do_not_follow_the_order_of_the_file() -> None:
    """Every fifth row would be the same weekday of each week."""
    rows = planned(people(), *_ALL, rows=80).rows
    assert len(set(np.diff(rows).tolist())) > 3


def test_nothing_but_features_is_changed() -> None:
    made = planned(people(), *_ALL, SEX, INCOME)
    touched = {name for variant in made.variants for name in variant.changed.columns}
    assert touched <= set(people().columns) - {"y", "loan"}
    assert {"income", "age", "sex", "region", "note"} <= touched


@pytest.mark.parametrize("asks", _ALL, ids=lambda asks: asks.what)
def test_a_variant_can_be_put_in_place_of_the_rows(asks: Asks) -> None:
    frame = people()
    made = planned(frame, asks, rows=100)
    table = varied(frame, made.variants[1])
    assert list(table.columns) == list(frame.columns)
    assert table["y"].tolist() == frame["y"].iloc[made.rows].tolist()


def test_it_tells_how_it_was_done() -> None:
    trials = planned(people(), *_ALL, SEX, INCOME, seed=3).trials
    assert [trial.detail for trial in trials] == [
        "0.1 standard deviations: income, age; seed 3",
        "0.1 of the cells: 9 columns; seed 3",
        "0.1 of the cells: sex, region; seed 3",
        "0.1 of the cells: 4 columns; seed 3",
        "0.1 of the cells: sex, region, note; seed 3",
        "times 1000: income; seed 3",
        "times 1000: age; seed 3",
        "sex: 2 values",
        "income, increasing: 7 of its quantiles",
    ]


def test_it_counts_the_cells_that_differ() -> None:
    trial = planned(people(), only(Perturbation.MISSING, columns=("sex", "income"))).trials[0]
    assert (trial.columns, trial.cells) == (("sex", "income"), 80)


@pytest.mark.parametrize("kind", Perturbation, ids=str)
def test_a_column_that_is_not_there_is_said_by_name(kind: Perturbation) -> None:
    said = "the data has no column 'incme'; did you mean 'income'?"
    assert why_not(people(), only(kind, columns=("incme",))) == said


@pytest.mark.parametrize("direction", [None, *Monotonicity], ids=str)
def test_so_it_is_for_a_property(direction: Monotonicity | None) -> None:
    wanted = PropertyLimits(column="incme", direction=direction)
    assert "did you mean 'income'?" in why_not(people(), wanted)


def test_neither_the_target_nor_ids_can_be_asked_for() -> None:
    for name in ("y", "loan"):
        asks = only(Perturbation.MISSING, columns=("sex", name))
        assert why_not(people(), asks).startswith(f"{name!r} is the target, an id, a time")


def test_two_columns_of_one_name_are_none() -> None:
    frame = people()
    twice = pd.concat([frame, frame[["sex"]]], axis=1)
    assert why_not(twice, SEX) == "the data has several columns 'sex'"


@pytest.mark.parametrize(
    ("asks", "said"),
    [
        (only(Perturbation.NOISE), "no column holds measurements: numbers of more than two values"),
        (only(Perturbation.MISSING), "no column holds a value"),
        (only(Perturbation.UNSEEN), "no column holds categories"),
        (only(Perturbation.SWAPPED), "no column holds categories"),
        (only(Perturbation.TYPOS), "no column holds text"),
    ],
    ids=lambda value: getattr(value, "what", ""),
)
def test_what_no_column_can_have_is_not_skipped_in_silence(asks: Asks, said: str) -> None:
    frame = people()[["loan", "y"]].assign(empty=np.nan)
    assert why_not(frame, asks) == said


def test_noise_that_changes_no_cell_is_none() -> None:
    frame = people()[["loan", "y", "age"]]
    said = "0.0001 standard deviations changes no cell: whole numbers stay whole"
    assert why_not(frame, only(Perturbation.NOISE, amount=0.0001)) == said


@pytest.mark.parametrize("asks", [*_ALL, SEX, INCOME], ids=lambda asks: asks.what)
def test_without_a_label_there_is_no_row_to_ask(asks: Asks) -> None:
    made = planned(people().assign(y=None), asks)
    assert {trial.why_not for trial in made.trials} == {"no row has a label"}


def test_a_few_columns_ask_for_a_few_rows() -> None:
    """The example of the documentation: 11 variants of 2,000 rows."""
    made = planned(people(5_000), only(Perturbation.NOISE), SEX, INCOME)
    assert [len(variant.rows) for variant in made.variants] == [2_000] * (1 + 1 + 2 + 7)
