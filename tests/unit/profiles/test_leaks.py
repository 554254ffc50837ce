"""Columns that give the target away, and those that do not."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlci_action.domain.profile import Leak
from mlci_action.profiles.leaks import LEAK_SKILL, NEARLY, find_leaks


def _clean(rows: int = 2_000, seed: int = 0) -> pd.DataFrame:
    """A target that its features say something about, in no order."""
    drawn = np.random.default_rng(seed)
    a, b = drawn.normal(size=(2, rows))
    amount = 2 * a + b + drawn.normal(size=rows)
    return pd.DataFrame(
        {
            "a": a,
            "b": b,
            "steps": np.rint(a * 2),
            "city": np.array(["x", "y", "z", None], dtype=object)[drawn.integers(0, 4, rows)],
            "amount": amount,
            "risk": np.where(amount > 1, "bad", "good").astype(object),
        }
    )


def _found(frame: pd.DataFrame, target: str, *ignoring: str) -> list[tuple[tuple[str, ...], str]]:
    other = "risk" if target == "amount" else "amount"
    leaks = find_leaks(frame, target, ignoring=(other, *ignoring))
    return [(leak.columns, leak.kind) for leak in leaks if leak.skill >= LEAK_SKILL]


@pytest.mark.parametrize("target", ["amount", "risk"])
def test_a_clean_table_leaks_nothing(target: str) -> None:
    assert _found(_clean(), target) == []


@pytest.mark.parametrize("rows", [60, 200])
@pytest.mark.parametrize("seed", range(5))
def test_a_small_clean_table_leaks_nothing(rows: int, seed: int) -> None:
    assert _found(_clean(rows, seed), "amount") == _found(_clean(rows, seed), "risk") == []


_OF_AMOUNT: dict[str, tuple[Callable[[pd.Series[float]], pd.Series[float]], str]] = {
    "itself": (lambda y: y, "copy"),
    "another unit": (lambda y: -1.8 * y + 32, "copy"),
    "its cube": (lambda y: y**3, "copy"),
    "its exponential": (np.exp, "copy"),
    "rounded": (lambda y: y.round(1), "single"),
    "with noise": (lambda y: y + 0.05 * np.sin(1e6 * y), "single"),
    "missing in places": (lambda y: y.where(np.arange(len(y)) % 400 > 0), "single"),
}


@pytest.mark.parametrize("how", _OF_AMOUNT)
def test_a_copy_of_a_number_is_found(how: str) -> None:
    made, kind = _OF_AMOUNT[how]
    frame = _clean()
    frame["leak"] = made(frame["amount"])
    assert _found(frame, "amount") == [(("leak",), kind)]


_OF_RISK: dict[str, tuple[Callable[[pd.DataFrame], pd.Series[Any]], str]] = {
    "a code": (lambda t: (t.risk == "bad").astype(float), "copy"),
    "another word": (lambda t: t.risk.map({"bad": "b", "good": "g"}).astype(object), "copy"),
    "missing for one class": (lambda t: t.a.where(t.risk == "bad"), "single"),
    "what it was cut from": (lambda t: t.amount, "single"),
    "a finer class": (lambda t: (t.risk + t.city.fillna("?")).astype(object), "single"),
    "a few wrong": (lambda t: ((t.risk == "bad") ^ (np.arange(len(t)) % 900 == 0)) * 1.0, "single"),
}


@pytest.mark.parametrize("how", _OF_RISK)
def test_a_copy_of_a_class_is_found(how: str) -> None:
    made, kind = _OF_RISK[how]
    frame = _clean()
    frame["leak"] = made(frame)
    assert _found(frame, "risk") == [(("leak",), kind)]


def test_a_rare_class_beyond_a_bound_is_found() -> None:
    frame = _clean()
    frame["leak"] = frame["amount"]
    frame["risk"] = np.where(frame["amount"].rank() > 1_980, "bad", "good").astype(object)
    (leak,) = find_leaks(frame, "risk", ignoring=["amount", "a", "b"])
    assert leak.columns == ("leak",)
    assert leak.skill > NEARLY


def test_a_class_told_by_many_values_is_found_with_many_classes() -> None:
    drawn = np.random.default_rng(0)
    towns = drawn.integers(0, 300, 4_000)
    frame = pd.DataFrame({"town": [f"t{n}" for n in towns], "land": [f"l{n % 40}" for n in towns]})
    (leak,) = find_leaks(frame.astype(object), "land")
    assert leak == Leak(columns=("town",), kind="single", skill=1.0)


def test_a_sum_is_found_in_the_fewest_columns() -> None:
    frame = _clean()
    frame["c"] = np.random.default_rng(1).normal(size=len(frame))
    frame["double"] = 2 * frame["c"]
    frame["amount"] = 3 * frame["a"] - frame["b"] + 0.2 * frame["c"] + 100
    (leak,) = find_leaks(frame, "amount", ignoring=["risk"])
    assert leak.kind == "sum"
    assert leak.columns in (("a", "b", "c"), ("a", "b", "double"))


def test_bikes_are_casual_and_registered_ones() -> None:
    """As in the bike-sharing data: counts that go with the hour, and nearly all are registered."""
    drawn = np.random.default_rng(0)
    hour = drawn.integers(0, 24, 3_000)
    casual = drawn.poisson(1 + hour).astype(float)
    registered = drawn.poisson(10 + 8 * hour).astype(float)
    bikes = pd.DataFrame(
        {
            "hour": hour.astype(float),
            "casual": casual,
            "registered": registered,
            "bikers": casual + registered,
        }
    )
    assert Leak(columns=("casual", "registered"), kind="sum", skill=1.0) in find_leaks(
        bikes, "bikers"
    )


def test_a_long_tail_and_few_rows_hide_no_copy() -> None:
    drawn = np.random.default_rng(0)
    tail = np.exp(3 * drawn.normal(size=120))
    frame = pd.DataFrame({"leak": np.sqrt(tail), "x": drawn.normal(size=120), "y": tail})
    assert find_leaks(frame, "y") == (Leak(columns=("leak",), kind="copy", skill=1.0),)
    counts = drawn.poisson(3, 120).astype(float)
    frame = pd.DataFrame({"leak": 2 * counts, "x": drawn.normal(size=120), "y": counts})
    assert find_leaks(frame, "y") == (Leak(columns=("leak",), kind="copy", skill=1.0),)


def test_one_row_far_off_in_two_columns_is_no_leak() -> None:
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(500, 2)), columns=["x", "y"])
    frame.loc[7] = 1e9
    assert find_leaks(frame, "y") == ()


def test_a_strong_model_is_no_sum() -> None:
    frame = _clean()
    noise = np.random.default_rng(1).normal(size=len(frame))
    frame["amount"] = frame["a"] + frame["b"] + 0.05 * noise
    assert _found(frame, "amount") == []


def test_rows_that_stand_there_twice_give_nothing_away() -> None:
    frame = pd.concat([_clean(), _clean()], ignore_index=True)
    assert _found(frame, "amount") == _found(frame, "risk") == []


def test_keys_do_not_hide_rows_that_stand_there_twice() -> None:
    frame = pd.concat([_clean(), _clean()], ignore_index=True)
    frame["id"] = np.random.default_rng(0).permutation(len(frame)).astype(float)
    leaks = find_leaks(frame, "amount", ignoring=["risk"], keys=["id"])
    assert [leak for leak in leaks if leak.skill >= LEAK_SKILL] == []


def test_equal_rows_of_few_values_are_no_copies() -> None:
    drawn = np.random.default_rng(0)
    kind = drawn.choice(["a", "b", "c"], 600).astype(object)
    frame = pd.DataFrame({"kind": kind, "y": np.where(kind == "a", "p", "q").astype(object)})
    assert [leak.columns for leak in find_leaks(frame, "y")] == [("kind",)]


def test_a_table_in_the_order_of_its_target_is_told() -> None:
    frame = _clean().sort_values("risk", kind="stable", ignore_index=True)
    assert _found(frame, "risk") == [((), "order")]
    assert _found(_clean().sort_values("amount", ignore_index=True), "amount") == [((), "order")]


def test_an_id_in_the_order_of_the_target_gives_it_away() -> None:
    frame = _clean().sort_values("risk", kind="stable", ignore_index=True)
    frame["id"] = np.arange(len(frame), dtype=float)
    shuffled = frame.sample(frac=1, random_state=0, ignore_index=True)
    assert _found(shuffled, "risk") == [(("id",), "single")]


def test_a_smooth_course_over_time_gives_nothing_away() -> None:
    hours = np.arange(8_000, dtype=float)
    noise = np.random.default_rng(0).normal(size=8_000)
    frame = pd.DataFrame({"hour": hours, "degrees": np.sin(hours / 4) + 0.01 * noise})
    assert find_leaks(frame, "degrees") == ()


@pytest.mark.parametrize(
    "target",
    [
        np.ones(200),
        np.full(200, np.nan),
        np.array([f"t{n}" for n in range(200)], dtype=object),
        np.array([None] * 180 + ["a", "b"] * 10, dtype=object),
        np.array([1e308, -1e308] * 100),
        np.array([np.inf, 1.0] * 100),
    ],
)
def test_where_nothing_can_be_guessed_nothing_is_found(target: np.ndarray) -> None:
    frame = pd.DataFrame({"x": np.arange(200.0) % 7, "y": target})
    assert find_leaks(frame, "y") == ()


def test_columns_that_are_set_aside_are_not_looked_at() -> None:
    frame = _clean()
    frame["leak"] = frame["amount"]
    assert _found(frame, "amount", "leak") == []


def test_the_same_rows_give_the_same_answer() -> None:
    frame = _clean()
    frame["leak"] = frame["amount"].round(1)
    assert find_leaks(frame, "amount") == find_leaks(frame.copy(), "amount")


def test_twenty_thousand_rows_of_thirty_columns_take_no_time() -> None:
    drawn = np.random.default_rng(0)
    rows = 20_000
    numbers = {f"n{place}": drawn.normal(size=rows) for place in range(20)}
    texts = {f"t{n}": drawn.choice(list("abcdef"), rows).astype(object) for n in range(10)}
    frame = pd.DataFrame({**numbers, **texts, "y": drawn.choice(list("pqr"), rows).astype(object)})
    started = time.process_time()
    assert find_leaks(frame, "y") == ()
    # It takes 0.15 s; the bound leaves room for a busy machine.
    assert time.process_time() - started < 1.5
