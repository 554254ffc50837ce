"""What influences sum to in one pass, against sums over whole arrays."""

from __future__ import annotations

import numpy as np
import pytest

from mlci_action.evaluation.intervals.methods import spread_of
from mlci_action.evaluation.intervals.moments import paired_moments
from mlci_action.evaluation.reading.dependence import units_of


@pytest.mark.parametrize("units", [False, True], ids=["rows", "units"])
def test_one_pass_gives_what_whole_arrays_give(
    monkeypatch: pytest.MonkeyPatch, *, units: bool
) -> None:
    draw = np.random.default_rng(1)
    ours, theirs = draw.normal(size=(2, 300))
    dependence = units_of(draw.integers(0, 40, 300)) if units else None
    difference, baseline, inflation = ours - theirs, theirs, 1.0
    if dependence is not None:
        difference, baseline = dependence.sums(difference), dependence.sums(baseline)
        inflation = 40 / 39
    whole = spread_of(ours - theirs, dependence)
    monkeypatch.setattr("mlci_action.evaluation.intervals.passes.ROWS_A_PASS", 7)
    found = paired_moments(ours, theirs, dependence)
    assert (found.spread.se, found.spread.df) == pytest.approx((whole.se, whole.df), rel=1e-12)
    assert found.baseline_variance == pytest.approx((baseline**2).sum() * inflation)
    assert found.covariance == pytest.approx((difference * baseline).sum() * inflation)
