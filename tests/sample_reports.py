"""One report for each thing a reader may be told; the golden files show them."""

from __future__ import annotations

from dataclasses import replace

from mlci_action.domain.comparison import ComparisonRow, Interval, Standing
from mlci_action.domain.decision import Decision, DeployPolicy, decide
from mlci_action.domain.metric import TUNED, Direction, Metric, Needs, Parameters
from mlci_action.domain.metrics import FAIRNESS_METRICS, METRICS, custom_metric
from mlci_action.domain.outcomes import Outcome, Severity, Verdict
from mlci_action.domain.report import Report
from mlci_action.domain.slices import Slice
from tests.builders import PROVENANCE, by, check, comparison, report, row, settled
from tests.sample_bad_data import COMPARED, FOUND, HELD
from tests.sample_behaviour import BEHAVIOUR
from tests.sample_other_models import ASKED, CHECKS, COSTS, ROBUSTNESS

_HELD = "not worse by more than 0.01"
_SCHEMA = check("data.schema", message="the data follows its schema")
_MISSING = check("data.missing", message="missing values stay within the limit in all 21 columns")
_MIN = check("metric.roc_auc.min", message="roc_auc 0.8801 is at least 0.8", limit=0.8)


def passing() -> Report:
    """Better in one metric, not worse in the other."""
    return report(
        _SCHEMA,
        _MISSING,
        _MIN,
        check("metric.roc_auc.max_regression", message=f"roc_auc 0.8712 -> 0.8801: {_HELD}"),
        check("metric.log_loss.max_regression", message=f"log_loss 0.3412 -> 0.3398: {_HELD}"),
        check(
            "slice.roc_auc.max_regression.sex=female",
            message="slice 'sex=female': roc_auc: no regression of more than 0.03 shown",
            slice=by(sex="female"),
            limit=0.03,
        ),
        rows=(
            row(),
            row("log_loss", 0.3412, 0.3398, (-0.0061, 0.0033)),
            row(slice_=by(sex="female"), n=2120, interval=(-0.0092, 0.0270)),
            row(slice_=by(sex="male"), n=4392, outcome=Outcome.PASSED),
        ),
    )


def failing() -> Report:
    """Worse overall and in a slice, on data with a hole."""
    return report(
        _SCHEMA,
        check(
            "data.missing",
            Outcome.FAILED,
            "missing values above the limit: 'income' 120 of 6,530",
            rows=120,
        ),
        check("data.duplicates", Outcome.WARNED, "3 of 6,530 rows repeat an earlier row", rows=3),
        check(
            "metric.roc_auc.max_regression",
            Outcome.FAILED,
            "roc_auc fell by 0.0211 (95 % CI -0.0301 to -0.0121), more than the 0.01 allowed",
            observed=-0.0211,
            limit=0.01,
            rows=6512,
        ),
        check("metric.log_loss.max_regression", message=f"log_loss 0.3412 -> 0.3398: {_HELD}"),
        check(
            "slice.roc_auc.max_regression.sex=female",
            Outcome.FAILED,
            "roc_auc in sex=female fell by 0.0812 (95 % CI -0.1101 to -0.0523), more than the 0.03 "
            "allowed",
            slice=by(sex="female"),
            limit=0.03,
        ),
        check(
            "slice.roc_auc.max_regression.age_>=_60",
            Outcome.NOT_RUN,
            "31 rows, fewer than the 50 that are judged",
            slice=Slice(where="age >= 60"),
            severity=Severity.WARN,
        ),
        rows=(
            row("roc_auc", 0.8712, 0.8501, (-0.0301, -0.0121), Outcome.FAILED),
            row("log_loss", 0.3412, 0.3398, (-0.0061, 0.0033)),
            row("accuracy", 0.8121, 0.8116, (-0.0052, 0.0041), None),
            row(
                "roc_auc",
                0.8655,
                0.7843,
                (-0.1101, -0.0523),
                Outcome.FAILED,
                slice_=by(sex="female"),
                n=2120,
            ),
            row(slice_=by(sex="male"), n=4392, interval=(-0.0102, 0.0260)),
            row(
                "roc_auc",
                0.81,
                0.77,
                (-0.21, 0.13),
                None,
                slice_=Slice(where="age >= 60"),
                n=31,
                note="31 rows, fewer than 50",
            ),
        ),
    )


def inconclusive() -> Report:
    """Nothing failed, and the rows cannot settle the margins."""

    def open_(values: str, margin: float, rows: str) -> str:
        return (
            f"{values}: not settled; these 200 rows can settle a margin of {margin} (2.8 SE); for "
            f"your margin about {rows} rows are needed if the models are equal"
        )

    return report(
        _SCHEMA,
        check(
            "metric.accuracy.max_regression",
            Outcome.INCONCLUSIVE,
            open_("accuracy 0.810 -> 0.815 (+0.005, 95 % CI -0.026 to 0.037)", 0.044, "3,900"),
            evidence={"point_inside_margin": True},
            limit=0.01,
            rows=200,
        ),
        check(
            "metric.roc_auc.max_regression",
            Outcome.INCONCLUSIVE,
            open_("roc_auc 0.871 -> 0.872 (+0.001, 95 % CI -0.020 to 0.023)", 0.031, "1,900"),
            evidence={"point_inside_margin": True},
            limit=0.01,
            rows=200,
        ),
        rows=(
            row("accuracy", 0.81, 0.815, (-0.0262, 0.0374), Outcome.INCONCLUSIVE, n=200),
            row("roc_auc", 0.8712, 0.8722, (-0.0204, 0.0231), Outcome.INCONCLUSIVE, n=200),
        ),
    )


def first_model() -> Report:
    """No source has a baseline."""
    missing = "there is no baseline"
    tried = [{"source": "git:base:models/model.joblib", "why": "not in commit b6589fc6ab0d"}]
    return report(
        _SCHEMA,
        _MIN,
        check("metric.roc_auc.max_regression", Outcome.NOT_RUN, missing),
        check("metric.log_loss.max_regression", Outcome.NOT_RUN, missing),
        rows=(
            row("roc_auc", None, 0.8801, None, Outcome.NOT_RUN),
            row("log_loss", None, 0.3398, None, Outcome.NOT_RUN),
        ),
        provenance=PROVENANCE | {"baseline": {"tried": tried}},
    )


def broken() -> Report:
    """The candidate does not load: nothing could be compared."""
    crashed = (
        "the candidate models/model.joblib does not load: it was saved by scikit-learn 1.6.1 and "
        "1.9.1 is installed"
    )
    return report(
        _SCHEMA,
        _MISSING,
        check("metric.roc_auc.min", Outcome.ERRORED, crashed),
        check("metric.roc_auc.max_regression", Outcome.ERRORED, crashed),
    )


def unchanged() -> Report:
    """The same bytes again, outside a pull request."""
    same = passing()
    facts = {**PROVENANCE, "same_model": True, "change": {"event": "push", "sha": "9fceb02d0ae5"}}
    return replace(
        same,
        decision=decide(same.checks, DeployPolicy(), same_model=True),
        provenance=facts,
    )


def misconfigured() -> Report:
    """The settings did not parse, so nothing ran; on a laptop."""
    return Report(
        decision=Decision(
            verdict=Verdict.ERROR,
            deploy=False,
            reasons=(
                "mlci.yml has 2 problems",
                "mlci.yml:7: metrics.roc_auc.max_regresion: unknown key, near 'max_regression'",
                "mlci.yml:9: baseline.from is missing, and max_regression needs one",
            ),
        )
    )


def unfair() -> Report:
    """Equal in what it is worth, worse for one group, and everything told of how it behaves."""
    odds = "equalized_odds_difference"
    checks = (
        check("metric.roc_auc.max_regression", message=f"roc_auc 0.8712 -> 0.8720: {_HELD}"),
        check("metric.f1_tuned.max_regression", message=f"f1_tuned 0.61 -> 0.62: {_HELD}"),
        check("metric.profit.min", message="profit 3.41 is at least 3", limit=3.0),
        check(
            "metric.flips.max_negative_rate",
            message="0.18 % of the rows right before are wrong now, at most 1 % allowed",
            limit=0.01,
        ),
        check(
            f"fairness.{odds}.max_regression.sex",
            Outcome.FAILED,
            f"{odds} by 'sex' rose by 0.071 (95 % CI 0.032 to 0.110), more than the 0.02 allowed",
            sensitive="sex",
            limit=0.02,
        ),
        check(
            f"fairness.{odds}.max_regression.sex_&_region",
            Outcome.INCONCLUSIVE,
            f"{odds} by 'sex & region' 0.061 -> 0.066: not settled",
            sensitive="sex & region",
            severity=Severity.WARN,
            limit=0.02,
        ),
    )
    rows = (
        row("roc_auc", 0.8712, 0.8720, (-0.0031, 0.0047)),
        _tuned_row(),
        _custom_row(),
        _fairness_row(odds, "sex", (0.042, 0.113), (0.032, 0.110), Outcome.FAILED),
        _fairness_row(odds, "sex & region", (0.061, 0.066), (-0.03, 0.04), Outcome.INCONCLUSIVE),
    )
    return replace(report(*checks), comparison=comparison(*rows, behaviour=BEHAVIOUR))


def bad_data() -> Report:
    """Data that are not what they were: nine columns wrong, some in several ways, and drift."""
    made = report(
        *FOUND,
        *(check(f"data.{name}", message=f"{name} as before") for name in HELD),
        check("metric.roc_auc.max_regression", message=f"roc_auc 0.8712 -> 0.8801: {_HELD}"),
        rows=(row(),),
    )
    return replace(made, data={**made.data, **COMPARED})


def fragile() -> Report:
    """As good as the baseline on the rows as they are, worse when they change, and slow."""
    made = report(
        check("metric.roc_auc.max_regression", message=f"roc_auc 0.8712 -> 0.8720: {_HELD}"),
        *CHECKS,
        rows=(row("roc_auc", 0.8712, 0.8720, (-0.0031, 0.0047)),),
        provenance=ASKED,
    )
    return replace(made, robustness=ROBUSTNESS, costs=COSTS)


def _tuned_row() -> ComparisonRow:
    found = row("f1", 0.6102, 0.6189, (-0.004, 0.021))
    tuned = METRICS["f1"].asked_at(Parameters(threshold=TUNED), name="f1_tuned")
    return replace(found, metric=tuned, note="thresholds 0.31 and 0.29 on the two halves")


def _custom_row() -> ComparisonRow:
    metric = custom_metric(
        "acme.metrics:profit",
        direction=Direction.HIGHER_IS_BETTER,
        needs=Needs.LABELS,
        name="profit",
    )
    interval = Interval(
        method="bootstrap",
        standing=Standing.SETTLES,
        low=-0.02,
        high=0.09,
        note="2,000 resamples, seed 0",
    )
    return replace(row("f1", 3.37, 3.41), metric=metric, interval=interval)


def _fairness_row(
    name: str,
    sensitive: str,
    values: tuple[float, float],
    interval: tuple[float, float],
    outcome: Outcome,
) -> ComparisonRow:
    metric: Metric = FAIRNESS_METRICS[name]
    found = replace(row("f1", *values, outcome=outcome), metric=metric, sensitive=sensitive)
    return replace(
        found,
        interval=settled(*interval, method="influence"),
        candidate_interval=(values[1] - 0.03, values[1] + 0.03),
    )


SAMPLES = {
    "pass": passing,
    "fail": failing,
    "inconclusive": inconclusive,
    "first_model": first_model,
    "error": broken,
    "unchanged": unchanged,
    "unfair": unfair,
    "bad_data": bad_data,
    "fragile": fragile,
    "set_up": misconfigured,
}
