"""What can be told of two models beside their metrics: one of each kind, as a report holds it."""

from __future__ import annotations

from mlci_action.domain.behaviour import (
    Behaviour,
    Calibration,
    CalibrationBin,
    Flips,
    FoundSlice,
    GroupRates,
    ScoreShift,
    Value,
)


def _calibration(who: str, error: float, slope: float) -> Calibration:
    return Calibration(
        who=who,
        error=Value(value=error, low=error - 0.008, high=error + 0.011),
        slope=Value(value=slope, low=slope - 0.07, high=slope + 0.07),
        intercept=Value(value=-0.02, low=-0.11, high=0.07),
        bins=(
            CalibrationBin(
                n=3256, mean_score=0.081, observed=Value(value=0.078, low=0.069, high=0.088)
            ),
            CalibrationBin(
                n=3256, mean_score=0.512, observed=Value(value=0.54, low=0.52, high=0.56)
            ),
        ),
    )


def _group(group: str, n: int, rates: tuple[float, ...], note: str = "") -> GroupRates:
    selected, before, now, false = rates
    return GroupRates(
        sensitive="sex",
        group=group,
        n=n,
        positives=n // 4,
        judged=not note,
        rates={
            "selection_rate": (selected, selected + 0.01),
            "true_positive_rate": (before, now),
            "false_positive_rate": (false, false),
        },
        note=note,
    )


BEHAVIOUR = Behaviour(
    flips=Flips(
        n=6512,
        negative_rows=12,
        positive_rows=31,
        negative=Value(value=0.00184, low=0.00105, high=0.00322),
        positive=Value(value=0.00476, low=0.00336, high=0.00675),
    ),
    calibration=(_calibration("baseline", 0.0121, 0.97), _calibration("candidate", 0.0312, 1.31)),
    score_shift=ScoreShift(
        mean_change=Value(value=0.0021, low=-0.0004, high=0.0046),
        mean_absolute_change=0.0341,
        distances={"ks": 0.0312, "wasserstein": 0.0081, "jensen_shannon": 0.0102, "psi": 0.0031},
        quantiles={"0.05": (0.0121, 0.0133), "0.5": (0.2291, 0.2312), "0.95": (0.9011, 0.9122)},
    ),
    groups=(
        _group("female", 2120, (0.31, 0.74, 0.67, 0.08)),
        _group("male", 4380, (0.33, 0.75, 0.78, 0.09)),
        _group("(missing)", 12, (0.25, 0.66, 0.66, 0.0), note="fewer than 50 rows"),
    ),
    found_slices=(
        FoundSlice(
            where="age >= 60 and region in ['north', 'east']",
            n=212,
            loss="log_loss",
            baseline=0.3312,
            candidate=0.4121,
            diff=Value(value=0.0809, low=0.0312, high=0.1306),
        ),
    ),
)
