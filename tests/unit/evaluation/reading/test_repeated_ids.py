from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlci_action.evaluation.reading.repeated_ids import repeated_ids, says_id


@pytest.mark.parametrize(
    "name",
    [
        *("id", "ID", "loan_id", "customerId", "userid", "Customer ID", "patient", "User"),
        *("customer_no", "patientNumber", "account-number", "session_uuid", "memberKey", "ids"),
    ],
)
def test_a_name_says_that_it_names_somebody(name: str) -> None:
    assert says_id(name)


@pytest.mark.parametrize(
    "name",
    [
        "age",
        "paid",
        "valid",
        "grid",
        "bid",
        "customer_age",
        "user_type",
        "checking_account",
        "number",
        "code",
        "",
        "%",
    ],
)
def test_a_name_says_nothing_of_the_kind(name: str) -> None:
    assert not says_id(name)


def _visits(values: int, per_value: int) -> pd.DataFrame:
    ids = np.arange(values).repeat(per_value)
    return pd.DataFrame({"age": np.arange(len(ids)) % 70, "customer_id": ids})


def test_an_id_that_repeats_is_told_with_the_setting_that_helps() -> None:
    assert repeated_ids(_visits(1204, 5), declared=None) == (
        "'customer_id' repeats (1,204 values in 6,020 rows): rows of one customer_id may depend on "
        "each other; `evidence: {unit: customer_id}` takes that into account"
    )


def test_a_name_with_spaces_is_quoted_in_the_setting() -> None:
    frame = _visits(100, 3).rename(columns={"customer_id": "Customer ID"})
    note = repeated_ids(frame, declared=None)
    assert note is not None
    assert note.endswith("`evidence: {unit: 'Customer ID'}` takes that into account")


def test_an_id_of_each_row_is_quiet() -> None:
    assert repeated_ids(_visits(500, 1), declared=None) is None


def test_few_values_are_a_category_whatever_the_name() -> None:
    assert repeated_ids(_visits(29, 40), declared=None) is None
    assert repeated_ids(_visits(30, 40), declared=None) is not None


def test_an_id_that_seldom_repeats_is_quiet_unless_it_is_the_declared_one() -> None:
    frame = _visits(500, 1)
    frame.loc[1, "customer_id"] = 0
    assert repeated_ids(frame, declared=None) is None
    assert repeated_ids(frame, declared="customer_id") is not None


def test_the_declared_id_comes_first_and_needs_no_name_that_says_so() -> None:
    frame = _visits(100, 3).assign(loan=np.arange(300) // 2)
    note = repeated_ids(frame, declared="loan")
    assert note is not None
    assert note.startswith("'loan' repeats (150 values in 300 rows)")


def test_missing_values_are_nobody() -> None:
    frame = _visits(40, 1)
    gaps = pd.DataFrame({"customer_id": [*frame["customer_id"], *[None] * 60]})
    assert repeated_ids(gaps, declared=None) is None


def test_a_column_of_lists_names_nobody() -> None:
    assert repeated_ids(pd.DataFrame({"id": [[1], [1], [2]]}), declared="id") is None


def test_a_category_that_no_row_has_is_not_counted() -> None:
    ids = pd.Categorical(["a"] * 40, categories=[f"c{i}" for i in range(50)] + ["a"])
    assert repeated_ids(pd.DataFrame({"id": ids}), declared=None) is None
