"""Which margin these rows settle, and what it does to a candidate that is as good."""

from __future__ import annotations

import math

import pytest

from mlci_action.domain.comparison import ComparisonRow, Interval, Standing
from mlci_action.domain.limits import Margin, MetricLimits
from mlci_action.domain.margins import MarginAdvice
from mlci_action.domain.metrics import METRICS
from mlci_action.evaluation.margins import advise, rates, rounded_up

_AUC = METRICS["roc_auc"]


def _row(low: float | None = -0.02, high: float | None = 0.02, **fields: object) -> ComparisonRow:
    standing = Standing.NOT_ESTIMABLE if low is None else Standing.SETTLES
    interval = Interval(method="delong", standing=standing, low=low, high=high, df=1e6, note="why")
    return ComparisonRow(
        metric=_AUC, slice=None, n=500, candidate=0.8, baseline=0.8, diff=0.0, interval=interval
    )


def _limits(margin: Margin | None = None) -> MetricLimits:
    return MetricLimits(metric=_AUC, max_regression=margin)


def test_a_margin_as_wide_as_the_interval_is_passed_by_half_of_the_equal_candidates() -> None:
    found = rates(0.02, 0.02, 0.0102, 1e6)
    assert found.passes == pytest.approx(0.5)
    assert found.power == found.passes
    assert found.fails == pytest.approx(4.4e-5, rel=0.1)


def test_what_is_proposed_is_passed_with_the_chances_that_are_promised() -> None:
    found = advise(_limits(), [_row()], confidence=0.95)
    assert [rates.margin for rates in found.proposed] == [0.029, 0.037]
    assert found.proposed[0].passes == pytest.approx(0.8, abs=0.03)
    assert found.proposed[1].passes == pytest.approx(0.95, abs=0.02)
    assert found.noise == pytest.approx(0.02 / 1.96, rel=1e-3)
    assert found.retrainings == 0


def test_the_present_margin_is_rated_in_the_metrics_own_unit() -> None:
    found = advise(_limits(Margin(absolute=0.05, relative=0.025)), [_row()], confidence=0.95)
    assert found.current is not None
    assert found.current.margin == pytest.approx(0.02)
    assert found.current.passes == pytest.approx(0.5, abs=1e-6)


def test_retrainings_tell_the_noise_from_three_on() -> None:
    two = advise(_limits(), [_row()], values=(0.8, 0.9), confidence=0.95)
    four = advise(_limits(), [_row()], values=(0.79, 0.80, 0.81, 0.80), confidence=0.95)
    assert two.retrainings == 0
    assert four.retrainings == 4
    assert four.noise == pytest.approx(math.sqrt(2) * 0.00816497, rel=1e-5)
    # With three degrees of freedom a rare draw is less rare.
    assert four.proposed[1].margin > 0.02 + 1.645 * (four.noise or 0)


def test_retrainings_without_noise_propose_nothing() -> None:
    found = advise(_limits(), [_row()], values=(0.8, 0.8, 0.8), confidence=0.95)
    assert found.proposed == ()
    assert found.note.startswith("every retraining gave the same value")


def test_without_an_interval_there_is_no_margin_to_propose() -> None:
    found = advise(_limits(), [_row(None, None)], confidence=0.95)
    assert found == MarginAdvice(metric="roc_auc", n=500, note="why")
    assert advise(_limits(), [], confidence=0.95).note == "the difference has no interval"


@pytest.mark.parametrize(
    ("margin", "written"),
    [(0.0234, 0.024), (0.02, 0.02), (1.31, 1.4), (131.0, 140.0), (0.00099, 0.00099)],
)
def test_a_margin_is_written_with_two_digits_and_never_smaller(
    margin: float, written: float
) -> None:
    assert rounded_up(margin) == pytest.approx(written)
