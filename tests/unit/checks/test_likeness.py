"""Do two columns hold the same, whatever their names?"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from mlci_action.checks.likeness import alike
from mlci_action.domain.profile import ColumnProfile
from tests.unit.checks.profiles import numbers, text, times
from tests.unit.checks.samples import uniform


def ids(begin: int, form: str = "AB-{:04}") -> list[str]:
    return [form.format(number) for number in range(begin, begin + 200)]


def days(begin: int) -> list[datetime]:
    return [datetime(2020, 1, 1) + timedelta(days=begin + day) for day in range(60)]  # noqa: DTZ001


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (numbers(uniform(300, seed=1)), numbers(uniform(300, seed=2))),
        (numbers(uniform(6_000, seed=1)), numbers(uniform(6_000, seed=2))),
        (numbers([0.0, 1.0] * 60), numbers([0.0, 1.0] * 50)),
        (text(["a", "b", "b"] * 60), text(["a", "b", "b"] * 40)),
        (text(ids(0)), text(ids(1_000))),
        (times(days(0)), times(days(30))),
    ],
)
def test_columns_of_one_kind_and_spread_are_alike(one: ColumnProfile, other: ColumnProfile) -> None:
    assert alike(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (numbers(uniform(300, seed=1)), numbers(uniform(300, low=0.5, high=1.5))),
        (numbers(uniform(6_000, seed=1)), numbers(uniform(6_000, low=5, high=6))),
        (numbers([0.0, 1.0] * 60), numbers([0.0, 1.0, 1.0, 1.0] * 50)),
        (text(["a", "b", "b"] * 60), text(["a", "c", "c"] * 40)),
        (text(ids(0)), text(ids(0, "{:04}/X"))),
        (text(["a", "b"] * 60), numbers([0.0, 1.0] * 60)),
        (numbers([*["a"] * 48, *[1.0] * 52]), numbers([*["a"] * 52, *[1.0] * 48])),
        (times(days(0)), times(days(900))),
        (numbers([1.0] * 29), numbers([1.0] * 29)),
        (numbers([]), numbers([])),
    ],
)
def test_others_are_not_and_few_values_tell_nothing(
    one: ColumnProfile, other: ColumnProfile
) -> None:
    assert not alike(one, other)
