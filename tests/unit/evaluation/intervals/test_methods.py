"""The interval formulas against independent derivations."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import brentq, minimize_scalar
from scipy.special import stdtrit
from scipy.stats import norm
from scipy.stats import t as student

from mlci_action.domain.comparison import Interval, Standing
from mlci_action.domain.metrics import METRICS
from mlci_action.evaluation.intervals.methods import (
    Discordant,
    Spread,
    mean_of_two,
    not_estimable,
    p_value,
    score_interval,
    spread_of,
    t_interval,
)
from tests.unit.evaluation.cases import ends_of

COUNTS = [(3, 9, 200), (0, 0, 50), (5, 0, 40), (0, 4, 1000), (60, 41, 300)]


def _statistic(difference: float, b: int, c: int, n: int) -> float:
    """Tango's score statistic, its nuisance parameter found by maximising the likelihood."""

    def unlikely(q: float) -> float:
        cells = (q + difference, q, 1 - 2 * q - difference)
        return -sum(
            count * math.log(max(cell, 1e-300))
            for count, cell in zip((b, c, n - b - c), cells, strict=True)
        )

    lowest, highest = max(0.0, -difference), (1 - difference) / 2
    found = minimize_scalar(
        unlikely, bounds=(lowest, highest), method="bounded", options={"xatol": 1e-13}
    )
    # An optimum at an end is approached by the bounded search, not reached.
    q = min((found.x, lowest, highest), key=unlikely)
    return (b - c - n * difference) / math.sqrt(n * (2 * q + difference - difference**2))


@pytest.mark.parametrize(("b", "c", "n"), COUNTS)
def test_the_score_interval_ends_where_the_score_statistic_is_critical(
    b: int, c: int, n: int
) -> None:
    interval = score_interval(
        Discordant(only_candidate=b, only_baseline=c, rows=n), confidence=0.95
    )
    z, point = norm.ppf(0.975), (b - c) / n
    low = brentq(lambda d: _statistic(d, b, c, n) - z, -0.9999, point - 1e-9)
    high = brentq(lambda d: _statistic(d, b, c, n) + z, point + 1e-9, 0.9999)
    assert ends_of(interval) == pytest.approx((low, high), abs=1e-5)
    assert interval.counts == (b, c, n)


@pytest.mark.parametrize(("b", "c", "n"), COUNTS)
def test_the_p_value_of_a_score_interval_agrees_with_its_ends(b: int, c: int, n: int) -> None:
    interval = score_interval(
        Discordant(only_candidate=b, only_baseline=c, rows=n), confidence=0.95
    )
    low, high = ends_of(interval)
    diff = (b - c) / n
    at_high = p_value(interval, diff=diff, sign=1, margin=-high, confidence=0.95)
    at_low = p_value(interval, diff=diff, sign=1, margin=-low, confidence=0.95)
    assert at_high == pytest.approx(0.025, abs=1e-9)
    assert at_low == pytest.approx(0.975, abs=1e-9)


def test_all_rows_won_or_lost_keeps_the_interval_inside_the_range() -> None:
    for b, c in ((20, 0), (0, 20)):
        interval = score_interval(
            Discordant(only_candidate=b, only_baseline=c, rows=20), confidence=0.95
        )
        low, high = ends_of(interval)
        assert -1 <= low < high <= 1


def test_a_design_effect_divides_the_counts_and_takes_a_t_quantile() -> None:
    counts = Discordant(only_candidate=8, only_baseline=4, rows=100)
    halved = counts.divided_by(2)
    assert halved == Discordant(only_candidate=4, only_baseline=2, rows=50)
    assert halved.difference == counts.difference
    normal = ends_of(score_interval(counts, confidence=0.95))
    wide = score_interval(counts, confidence=0.95, df=9)
    assert ends_of(wide)[0] < normal[0]
    assert p_value(
        wide, diff=0.04, sign=1, margin=-ends_of(wide)[1], confidence=0.95
    ) == pytest.approx(0.025, abs=1e-9)


def test_the_spread_has_the_degrees_of_freedom_of_the_kurtosis() -> None:
    influence = np.random.default_rng(1).standard_t(4, size=300)
    influence -= influence.mean()
    kurtosis = 300 * (influence**4).sum() / (influence**2).sum() ** 2
    spread = spread_of(influence, None)
    assert spread.se == pytest.approx(math.sqrt((influence**2).sum()))
    assert spread.df == pytest.approx(2 * 300 / (kurtosis - 1))


def test_many_passes_sum_to_one_spread(monkeypatch: pytest.MonkeyPatch) -> None:
    influence = np.random.default_rng(1).standard_t(4, size=300)
    whole = spread_of(influence, None)
    monkeypatch.setattr("mlci_action.evaluation.intervals.passes.ROWS_A_PASS", 7)
    in_passes = spread_of(influence, None)
    assert in_passes.se == pytest.approx(whole.se, rel=1e-12)
    assert in_passes.df == pytest.approx(whole.df, rel=1e-12)


@pytest.mark.parametrize("growing", [True, False])
def test_passes_of_different_size_sum_to_one_spread(
    monkeypatch: pytest.MonkeyPatch, *, growing: bool
) -> None:
    """The unit of the sums follows the largest value so far, and passes of zeros change nothing."""
    influence = np.concatenate([np.zeros(14), np.array([3.0, -1.0] * 7) * 1e-60, np.ones(7) * 5e60])
    influence = influence if growing else influence[::-1].copy()
    monkeypatch.setattr("mlci_action.evaluation.intervals.passes.ROWS_A_PASS", 7)
    spread = spread_of(influence, None)
    assert spread.se == pytest.approx(5e60 * math.sqrt(7), rel=1e-12)
    assert spread.df == pytest.approx(2 / (1 / 7 - 1 / 35), rel=1e-12)


@pytest.mark.parametrize("unit", [2.0**-500, 2.0**400])
def test_the_spread_does_not_depend_on_the_unit(unit: float) -> None:
    """Fourth powers of small and of large errors do not fit a float."""
    influence = np.random.default_rng(1).standard_t(4, size=300)
    spread = spread_of(influence, None)
    assert spread_of(influence * unit, None) == Spread(se=spread.se * unit, df=spread.df)


def test_equal_influence_has_the_most_degrees_of_freedom_and_none_has_no_spread() -> None:
    assert spread_of(np.array([1.0, -1.0] * 50), None).df == 1e6
    assert spread_of(np.zeros(10), None) == Spread(se=0.0, df=1.0)
    assert math.isnan(spread_of(np.array([math.nan, 1.0]), None).se)


@pytest.mark.parametrize("unit", [1.0, 2.0**-600, 2.0**600])
def test_the_sum_of_two_spreads_does_not_depend_on_the_unit(unit: float) -> None:
    """Fourth powers of small and of large errors do not fit a float."""
    one, other = Spread(se=3.0 * unit, df=8.0), Spread(se=4.0 * unit, df=20.0)
    total = one.plus(other)
    assert total.se == 5.0 * unit
    # By hand: 25² / (9² / 8 + 16² / 20).
    assert total.df == pytest.approx(625 / 22.925)
    none = Spread(se=0.0, df=1.0)
    assert none.plus(none) == none


def test_the_t_interval_is_cut_to_the_range_but_keeps_its_centre() -> None:
    spread = Spread(se=0.4, df=7.0)
    interval = t_interval("cells", METRICS["f1"], 0.5, spread, confidence=0.95)
    half = float(stdtrit(7, 0.975)) * 0.4
    assert interval == Interval(
        method="cells",
        standing=Standing.SETTLES,
        low=0.5 - half,
        high=1.0,
        se=0.4,
        df=7.0,
        centre=0.5,
    )
    at_margin = p_value(interval, diff=0.5, sign=1, margin=0.02, confidence=0.95)
    assert at_margin == pytest.approx(student.cdf(0.52 / 0.4, 7))
    of_loss = t_interval("influence", METRICS["log_loss"], 0.5, spread, confidence=0.95)
    assert ends_of(of_loss)[1] == pytest.approx(0.5 + half)
    worse = p_value(of_loss, diff=0.5, sign=-1, margin=0.02, confidence=0.95)
    assert worse == pytest.approx(student.cdf(-0.48 / 0.4, 7))


@pytest.mark.parametrize(
    ("centre", "se"), [(0.1, 0.0), (math.nan, 0.1), (0.1, math.nan), (1.0, 1e-13)]
)
def test_a_spread_that_is_none_gives_no_interval(centre: float, se: float) -> None:
    interval = t_interval(
        "influence", METRICS["f1"], centre, Spread(se=se, df=5.0), confidence=0.95
    )
    assert interval == not_estimable("influence", "the difference does not vary between these rows")
    assert math.isnan(p_value(interval, diff=0.1, sign=1, margin=0.0, confidence=0.95))


def test_mover_takes_half_the_root_of_the_summed_squares() -> None:
    one = score_interval(Discordant(only_candidate=5, only_baseline=2, rows=60), confidence=0.95)
    other = score_interval(Discordant(only_candidate=1, only_baseline=3, rows=90), confidence=0.95)
    d, e = 3 / 60, -2 / 90
    below = math.hypot(d - ends_of(one)[0], e - ends_of(other)[0]) / 2
    above = math.hypot(ends_of(one)[1] - d, ends_of(other)[1] - e) / 2
    interval = mean_of_two((d, one), (e, other))
    centre = (d + e) / 2
    assert ends_of(interval) == pytest.approx((centre - below, centre + above))
    for end, expected in zip(ends_of(interval), (0.975, 0.025), strict=True):
        p = p_value(interval, diff=centre, sign=1, margin=-end, confidence=0.95)
        assert p == pytest.approx(expected, abs=1e-9)


def test_a_mover_interval_at_the_end_of_the_range_is_certain() -> None:
    at_end = Interval(method="mover", standing=Standing.SETTLES, low=-1.0, high=-1.0)
    assert p_value(at_end, diff=-1.0, sign=1, margin=2.0, confidence=0.95) == 1.0
    assert p_value(at_end, diff=-1.0, sign=1, margin=0.5, confidence=0.95) == 0.0


def test_identical_models_are_never_shown_to_be_worse() -> None:
    identical = Interval(method="identical", standing=Standing.SETTLES, low=0.0, high=0.0)
    assert p_value(identical, diff=0.0, sign=1, margin=0.0, confidence=0.95) == 1.0


def test_an_interval_without_a_standard_error_has_no_p_value() -> None:
    bare = Interval(method="bootstrap", standing=Standing.SETTLES, low=-0.1, high=0.1)
    assert math.isnan(p_value(bare, diff=0.0, sign=1, margin=0.05, confidence=0.95))
