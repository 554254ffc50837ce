"""Which field of report.json is which field of the models' behaviour? Both directions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from mlci_action.domain.behaviour import (
    Behaviour,
    Calibration,
    CalibrationBin,
    Flips,
    FoundSlice,
    GroupRates,
    ScoreShift,
)
from mlci_action.rendering.value_fields import value_fields, value_of

_Fields = Mapping[str, Any]


def behaviour_fields(behaviour: Behaviour) -> dict[str, Any]:
    """What `evaluation` holds of it; what does not apply is null or an empty list."""
    flips, shift = behaviour.flips, behaviour.score_shift
    return {
        "flips": _flips_fields(flips) if flips else None,
        "calibration": [_calibration_fields(model) for model in behaviour.calibration],
        "score_shift": _shift_fields(shift) if shift else None,
        "groups": [_group_fields(group) for group in behaviour.groups],
        "found_slices": [_found_fields(found) for found in behaviour.found_slices],
    }


def behaviour_of(evaluation: _Fields) -> Behaviour:
    """The behaviour in an `evaluation` that fits the schema."""
    flips, shift = evaluation["flips"], evaluation["score_shift"]
    return Behaviour(
        flips=None if flips is None else _flips(flips),
        calibration=tuple(map(_calibration, evaluation["calibration"])),
        score_shift=None if shift is None else _shift(shift),
        groups=tuple(map(_group, evaluation["groups"])),
        found_slices=tuple(map(_found, evaluation["found_slices"])),
    )


def _flips_fields(flips: Flips) -> dict[str, Any]:
    return {
        "n": flips.n,
        "negative_rows": flips.negative_rows,
        "positive_rows": flips.positive_rows,
        "negative_rate": value_fields(flips.negative),
        "positive_rate": value_fields(flips.positive),
    }


def _flips(fields: _Fields) -> Flips:
    return Flips(
        n=fields["n"],
        negative_rows=fields["negative_rows"],
        positive_rows=fields["positive_rows"],
        negative=value_of(fields["negative_rate"]),
        positive=value_of(fields["positive_rate"]),
    )


def _calibration_fields(model: Calibration) -> dict[str, Any]:
    return {
        "model": model.who,
        "expected_calibration_error": value_fields(model.error),
        "slope": value_fields(model.slope),
        "intercept": value_fields(model.intercept),
        "bins": [
            {"n": rows.n, "mean_score": rows.mean_score, "observed": value_fields(rows.observed)}
            for rows in model.bins
        ],
    }


def _calibration(fields: _Fields) -> Calibration:
    return Calibration(
        who=fields["model"],
        error=value_of(fields["expected_calibration_error"]),
        slope=value_of(fields["slope"]),
        intercept=value_of(fields["intercept"]),
        bins=tuple(
            CalibrationBin(
                n=rows["n"],
                mean_score=_number(rows["mean_score"]),
                observed=value_of(rows["observed"]),
            )
            for rows in fields["bins"]
        ),
    )


def _shift_fields(shift: ScoreShift) -> dict[str, Any]:
    return {
        "mean_change": value_fields(shift.mean_change),
        "mean_absolute_change": shift.mean_absolute_change,
        "distances": dict(shift.distances),
        "quantiles": {share: _pair_fields(pair) for share, pair in shift.quantiles.items()},
    }


def _shift(fields: _Fields) -> ScoreShift:
    return ScoreShift(
        mean_change=value_of(fields["mean_change"]),
        mean_absolute_change=_number(fields["mean_absolute_change"]),
        distances={name: _number(value) for name, value in fields["distances"].items()},
        quantiles={
            share: (_number(pair["baseline"]), _number(pair["candidate"]))
            for share, pair in fields["quantiles"].items()
        },
    )


def _group_fields(group: GroupRates) -> dict[str, Any]:
    return {
        "sensitive": group.sensitive,
        "group": group.group,
        "n": group.n,
        "positives": group.positives,
        "judged": group.judged,
        "rates": {name: _pair_fields(pair) for name, pair in group.rates.items()},
        "note": group.note,
    }


def _group(fields: _Fields) -> GroupRates:
    return GroupRates(
        sensitive=fields["sensitive"],
        group=fields["group"],
        n=fields["n"],
        positives=fields["positives"],
        judged=fields["judged"],
        rates={
            name: (pair["baseline"], pair["candidate"]) for name, pair in fields["rates"].items()
        },
        note=fields["note"],
    )


def _found_fields(found: FoundSlice) -> dict[str, Any]:
    return {
        "where": found.where,
        "n": found.n,
        "loss": found.loss,
        "baseline": found.baseline,
        "candidate": found.candidate,
        "diff": value_fields(found.diff),
    }


def _found(fields: _Fields) -> FoundSlice:
    return FoundSlice(
        where=fields["where"],
        n=fields["n"],
        loss=fields["loss"],
        baseline=_number(fields["baseline"]),
        candidate=_number(fields["candidate"]),
        diff=value_of(fields["diff"]),
    )


def _pair_fields(pair: tuple[float | None, float | None]) -> dict[str, float | None]:
    return {"baseline": pair[0], "candidate": pair[1]}


def _number(value: float | None) -> float:
    """A number that must be there: null was none when it was written."""
    return math.nan if value is None else value
