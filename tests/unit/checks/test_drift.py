"""Which columns are said to have drifted, with which evidence, and which are not looked at?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from scipy.stats import kstwobign

from mlci_action.checks.drift import (
    all_drifts,
    drift_columns,
    drift_skipped,
    find_drift,
    smallest_visible,
)
from mlci_action.checks.findings import Compared, Kind
from mlci_action.domain.data_limits import DataChecks, DriftLimits
from tests.unit.checks.profiles import Cell, compared, numbers
from tests.unit.checks.samples import letters, normal, shuffled


def data(
    before: Mapping[str, Sequence[Cell]],
    now: Mapping[str, Sequence[Cell]],
    *,
    drift: DriftLimits | None = None,
    target: str | None = None,
) -> Compared:
    reference = {name: numbers(values, name) for name, values in before.items()}
    batch = [numbers(values, name, reference=reference[name]) for name, values in now.items()]
    return compared(list(reference.values()), batch, limits=DataChecks(drift=drift), target=target)


SHIFTED = ({"x": [*normal(1_000)]}, {"x": [*normal(1_000, seed=1, mean=0.5)]})


def test_a_shift_of_half_a_standard_deviation_is_found() -> None:
    [finding] = find_drift(data(*SHIFTED))

    assert finding.column == "x"
    assert finding.kind is Kind.COUNT
    assert finding.observed == pytest.approx(0.2, abs=0.05)
    assert finding.limit == 0.1
    assert not finding.settled
    assert finding.rows is None
    assert finding.message == (
        f"column 'x' moved: {finding.observed:.3f} of its values lie otherwise, above the limit of "
        "0.1 (1,000 values, 1,000 before)"
    )


def test_the_evidence_holds_the_interval_and_the_usual_measures() -> None:
    [numeric] = find_drift(data(*SHIFTED))
    [textual] = find_drift(
        data({"x": [*letters(1_000)]}, {"x": [*letters(1_000, shares=(0.2, 0.3, 0.5))]})
    )
    common = {"interval", "p", "n_before", "n_now", "psi", "jensen_shannon", "chi2"}

    assert numeric.evidence.keys() == common | {"ks", "wasserstein_per_sd"}
    assert textual.evidence.keys() == common
    low, high = numeric.evidence["interval"]
    assert 0 <= low < numeric.evidence["ks"] < high <= 1


def test_the_same_distribution_is_silent() -> None:
    same = data(
        {"x": [*normal(1_000)], "y": [*letters(1_000)]},
        {"x": [*normal(1_000, seed=1)], "y": [*letters(1_000, seed=1)]},
    )

    assert list(find_drift(same)) == []
    assert [name for name, _ in all_drifts(same)] == ["x", "y"]


def test_a_declared_limit_is_settled_and_may_be_the_column_s_own() -> None:
    [finding] = find_drift(data(*SHIFTED, drift=DriftLimits(max=0.05)))

    assert finding.settled
    assert finding.limit == 0.05
    own = DriftLimits(max=0.05, columns=(("x", 0.4),))
    assert list(find_drift(data(*SHIFTED, drift=own))) == []


def test_the_target_s_drift_is_measured_and_left_to_the_labels() -> None:
    shifted = data(*SHIFTED, target="x")

    assert list(find_drift(shifted)) == []
    assert [(name, drift.drifted) for name, drift in all_drifts(shifted)] == [("x", True)]


def test_columns_that_follow_rows_or_tell_them_apart_are_skipped_by_name() -> None:
    skipping = data(
        {
            "time": [float(i) + 0.5 for i in range(100)],
            "key": [*shuffled([float(i) for i in range(100)])],
            "few": [*normal(29), *[None] * 71],
            "kept": [*normal(100)],
        },
        {name: [*normal(100, mean=9)] for name in ("time", "key", "few", "kept")},
    )

    assert drift_skipped(skipping) == (
        ("time", "goes along with the row number"),
        ("key", "whole numbers that never repeat"),
        ("few", "fewer than 30 values"),
    )
    assert [pair.name for pair in drift_columns(skipping)] == ["kept"]
    assert [finding.column for finding in find_drift(skipping)] == ["kept"]


def test_a_target_of_unique_whole_numbers_is_looked_at() -> None:
    prices: list[Cell] = [*shuffled([float(i) for i in range(100)])]
    asked = data({"y": prices}, {"y": prices}, target="y")

    assert [name for name, _ in all_drifts(asked)] == ["y"]


def test_a_sorted_batch_does_not_hide_its_drift() -> None:
    now: list[Cell] = [*sorted(normal(1_000, seed=1, mean=0.5))]

    assert len(list(find_drift(data(SHIFTED[0], {"x": now})))) == 1


def test_declared_id_and_time_columns_are_not_looked_at() -> None:
    before, now = numbers(normal(100)), numbers(normal(100, mean=9))

    for asked in (compared([before], [now], id="x"), compared([before], [now], time="x")):
        assert list(find_drift(asked)) == []
        assert all_drifts(asked) == ()
        assert drift_skipped(asked) == ()


def test_more_columns_ask_for_a_smaller_p() -> None:
    before = {str(place): [*normal(100, seed=place)] for place in range(40)}
    now = {name: [*values] for name, values in before.items()}
    now["0"] = [*normal(100, seed=100, mean=0.68)]
    alone = data({"0": before["0"]}, {"0": now["0"]})

    assert len(list(find_drift(alone))) == 1
    assert list(find_drift(data(before, now))) == []


def test_the_smallest_visible_shift_is_where_p_reaches_its_level() -> None:
    d = smallest_visible(1_000, 1_000, 10)

    assert kstwobign.sf(d * 500**0.5) == pytest.approx(0.001 / 10)
    assert smallest_visible(1_000, 1_000, 1) < d < smallest_visible(100, 1_000, 10)
    assert smallest_visible(29, 10**6, 1) == 1.0
    assert smallest_visible(0, 0, 0) == 1.0
    assert smallest_visible(30, 30, 10**9) <= 1.0
