"""A limit that always holds, or never can, is a mistake."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mlci_action.domain.limits import Margin, MetricLimits
from mlci_action.domain.metric import Parameters
from mlci_action.domain.metrics import METRICS, find_metric
from mlci_action.settings.idle_limits import idle_limits, largest_loss, out_of_reach


def _idle(metric: str, **limits: object) -> list[tuple[tuple[str, ...], str]]:
    return list(idle_limits(MetricLimits(metric=find_metric(metric), **limits)))  # type: ignore[arg-type]


def _absolute(value: float) -> Margin:
    return Margin(absolute=value)


def _relative(value: float) -> Margin:
    return Margin(relative=value)


@pytest.mark.parametrize(
    ("metric", "limits", "idle"),
    [
        ("roc_auc", {"min": 1.2}, [(("min",), "impossible limit: roc_auc is never above 1")]),
        ("roc_auc", {"min": 1.0}, []),
        ("roc_auc", {"min": 0.0}, [(("min",), "always holds: roc_auc is never below 0")]),
        ("roc_auc", {"max": 1.0}, [(("max",), "always holds: roc_auc is never above 1")]),
        ("roc_auc", {"max": -0.1}, [(("max",), "impossible limit: roc_auc is never below 0")]),
        ("mcc", {"min": 0.0}, []),
        ("mcc", {"min": -1.0}, [(("min",), "always holds: matthews_corrcoef is never below -1")]),
        ("log_loss", {"max": 7.0}, []),
        ("log_loss", {"max": 0.0}, []),
        ("log_loss", {"min": -0.5}, [(("min",), "always holds: log_loss is never below 0")]),
        ("r2", {"min": -5.0}, []),
        ("r2", {"max": 1.0}, [(("max",), "always holds: r2 is never above 1")]),
        (
            "roc_auc",
            {"min": 0.9, "max": 0.8},
            [(("min",), "0.9 is above max, 0.8: nothing can hold both")],
        ),
        ("roc_auc", {"min": 0.8, "max": 0.8}, []),
    ],
)
def test_limits_on_the_value_lie_inside_the_range(
    metric: str, limits: dict[str, float], idle: list[object]
) -> None:
    assert _idle(metric, **limits) == idle


@pytest.mark.parametrize(
    ("metric", "rule", "margin", "idle"),
    [
        ("roc_auc", "max_regression", _absolute(0.99), []),
        (
            "roc_auc",
            "max_regression",
            _absolute(1.0),
            ["can never be violated: roc_auc cannot move by more than 1"],
        ),
        (
            "roc_auc",
            "max_regression",
            _relative(1.0),
            ["can never be violated: roc_auc cannot move by more than 1 of the baseline"],
        ),
        ("roc_auc", "min_improvement", _relative(1.0), []),
        (
            "roc_auc",
            "min_improvement",
            _absolute(1.0),
            ["can never be met: roc_auc cannot move by more than 1"],
        ),
        (
            "roc_auc",
            "max_improvement",
            _absolute(2.0),
            ["can never be violated: roc_auc cannot move by more than 1"],
        ),
        ("mcc", "max_regression", _absolute(1.5), []),
        ("mcc", "max_regression", _relative(1.5), []),
        ("log_loss", "max_regression", _absolute(9.0), []),
        ("log_loss", "max_regression", _relative(9.0), []),
        (
            "log_loss",
            "min_improvement",
            _relative(1.0),
            ["can never be met: log_loss cannot move by more than 1 of the baseline"],
        ),
        ("r2", "max_regression", _absolute(3.0), []),
        (
            "brier",
            "max_regression",
            Margin(absolute=1.0, relative=3.0),
            ["can never be violated: brier_score cannot move by more than 1"],
        ),
    ],
)
def test_a_margin_can_be_crossed(metric: str, rule: str, margin: Margin, idle: list[str]) -> None:
    assert [text for _, text in _idle(metric, **{rule: margin})] == idle


def test_an_idle_margin_is_named_by_its_key() -> None:
    ((key, _),) = _idle("roc_auc", max_regression=_relative(2.0))
    assert key == ("max_regression", "relative")


@pytest.mark.parametrize("kind", ["absolute", "relative"])
def test_an_improvement_can_be_large_enough_and_not_too_large(kind: str) -> None:
    least, most = Margin(**{kind: 0.2}), Margin(**{kind: 0.1})
    assert _idle("roc_auc", min_improvement=least, max_improvement=most) == [
        (
            ("min_improvement", kind),
            "0.2 is not below max_improvement, 0.1: nothing can hold both",
        )
    ]
    assert _idle("roc_auc", min_improvement=most, max_improvement=least) == []


@pytest.mark.parametrize("name", METRICS)
def test_ordinary_limits_are_idle_for_no_metric(name: str) -> None:
    ordinary = Margin(absolute=0.01, relative=0.05)
    assert _idle(name, min=0.1, max=0.9, max_regression=ordinary) == []


@pytest.mark.parametrize(
    ("k", "limits", "idle"),
    [
        (0.1, {"min": 9.0}, []),
        (0.1, {"min": 11.0}, [(("min",), "impossible limit: lift is never above 10")]),
        (0.1, {"max": 10.0}, [(("max",), "always holds: lift is never above 10")]),
        (
            0.25,
            {"max_regression": Margin(absolute=4.0)},
            [
                (
                    ("max_regression", "absolute"),
                    "can never be violated: lift cannot move by more than 4",
                )
            ],
        ),
        (50.0, {"min": 1000.0}, []),
        (None, {"min": 1000.0}, []),
    ],
)
def test_a_lift_in_a_share_of_the_rows_is_bounded(
    k: float | None, limits: dict[str, object], idle: list[object]
) -> None:
    """All positives among a tenth of the rows are ten times what chance puts there."""
    lift = replace(METRICS["lift_at_k"], name="lift", parameters=Parameters(k=k))
    assert list(idle_limits(MetricLimits(metric=lift, **limits))) == idle  # type: ignore[arg-type]


def test_without_a_margin_nothing_is_out_of_reach() -> None:
    assert out_of_reach(None, largest_loss(METRICS["roc_auc"])) == ()
