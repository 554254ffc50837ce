"""Every limit on changed rows answers once, and what is not there never passes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlci_action.domain.decision import DeployPolicy, Policy, decide
from mlci_action.domain.limits import DecideBy, Evidence, Margin
from mlci_action.domain.metric import Direction, Needs
from mlci_action.domain.metrics import METRICS, custom_metric
from mlci_action.domain.outcomes import Area, Outcome, Severity
from mlci_action.domain.results import CheckResult
from mlci_action.domain.robustness import (
    Monotonicity,
    Perturbation,
    PerturbationLimits,
    PropertyLimits,
)
from mlci_action.evaluation.reading.predictions import ModelOutput
from mlci_action.evaluation.rules.robustness_rules import judge_robustness, unanswered
from tests.unit.evaluation.robustness.cases import (
    INCOME,
    SEX,
    Asks,
    Case,
    afraid_of_blanks,
    always,
    by_income,
    by_sex_too,
    limits,
    only,
    people,
    scores,
)

_ROC, _ACCURACY = METRICS["roc_auc"], METRICS["accuracy"]
_BLANKS = "it fails in predict (ValueError: Input contains NaN)"
_LIMITS = {
    "max_drop": Margin(absolute=0.05),
    "max_drop_regression": 0.05,
    "max_flips": 0.2,
    "max_flips_regression": 0.1,
}
_NOISE = only(Perturbation.NOISE, **_LIMITS)
_BLANK = only(Perturbation.MISSING, **_LIMITS)
_UNITS = only(Perturbation.UNITS, columns=("income", "age"), **_LIMITS)
_CASE = Case(
    frame=people(2_000),
    asks=(_NOISE,),
    candidate=by_income,
    baseline=by_sex_too,
    metrics=(_ROC, _ACCURACY),
)


def _one(case: Case) -> CheckResult:
    (result,) = case.judged().values()
    return result


def _drop(margin: Margin, *, scale: float = 1.0, severity: Severity = Severity.FAIL) -> Case:
    asks = only(Perturbation.NOISE, amount=scale, max_drop=margin, severity=severity)
    return _CASE.but(asks=(asks,), metrics=(_ROC,), baseline=None)


def test_every_limit_has_an_id_of_its_own() -> None:
    case = _CASE.but(asks=(_NOISE, _UNITS, SEX, INCOME))
    names = ("max_drop", "max_drop_regression")
    of_metrics = [f"{name}.{metric}" for name in names for metric in ("roc_auc", "accuracy")]
    each = [*of_metrics, "max_flips", "max_flips_regression"]
    assert list(case.judged()) == [
        *(f"robustness.noise.{name}" for name in each),
        *(f"robustness.units.{name}.income" for name in each),
        *(f"robustness.units.{name}.age" for name in each),
        "robustness.invariant_to.sex",
        "robustness.monotonic.income",
    ]


def test_they_are_the_same_when_nothing_could_be_asked() -> None:
    asks = (_NOISE, _UNITS, SEX, INCOME)
    why = "predictions cannot be asked again"
    found = unanswered(limits(*asks), _CASE.metrics, Outcome.ERRORED, why, evidence=Evidence())
    judged = _CASE.but(asks=asks).judged()
    assert [result.id for result in found] == list(judged)
    assert {(result.outcome, result.message) for result in found} == {(Outcome.ERRORED, why)}
    assert {result.area for result in found} == {Area.ROBUSTNESS}
    assert [result.column for result in found] == [one.column for one in judged.values()]


def test_names_that_are_one_in_ids_are_told_apart() -> None:
    frame = people().assign(Sex=people()["sex"])
    ids = list(_CASE.but(frame=frame, asks=(SEX, PropertyLimits(column="Sex"))).judged())
    assert len(set(ids)) == 2
    assert all(one.startswith("robustness.invariant_to.sex~") for one in ids)


def test_a_small_drop_passes() -> None:
    result = _one(_drop(Margin(absolute=0.1), scale=0.1))
    assert result.outcome is Outcome.PASSED
    assert result.message.startswith("noise: roc_auc 0.8")
    assert result.message.endswith("loses no more than 0.1")
    assert result.limit == 0.1
    assert result.rows == 2_000
    assert result.observed is not None
    assert result.evidence["ci_low"] < result.observed < result.evidence["ci_high"]
    assert result.evidence["before"] - result.evidence["after"] == pytest.approx(result.observed)


def test_the_evidence_says_what_was_tried() -> None:
    asks = only(Perturbation.NOISE, amount=0.3, max_drop=Margin(absolute=0.1), columns=("income",))
    evidence = _one(_CASE.but(asks=(asks,), metrics=(_ROC,), evidence=Evidence(seed=7))).evidence
    told = {"n": 2_000, "seed": 7, "columns": ["income"], "scale": 0.3, "share": 1.0}
    assert {key: evidence[key] for key in told} == told
    assert 1_900 < evidence["cells"] <= 2_000


def test_a_large_drop_fails() -> None:
    result = _one(_drop(Margin(absolute=0.02)))
    assert result.outcome is Outcome.FAILED
    assert result.message.startswith("noise: roc_auc fell by 0.")
    assert result.message.endswith("more than the 0.02 allowed")
    assert result.observed is not None
    assert result.observed > 0.02


def test_what_only_warns_never_fails() -> None:
    result = _one(_drop(Margin(absolute=0.02), severity=Severity.WARN))
    assert result.outcome is Outcome.WARNED
    assert result.message.endswith("more than the 0.02 allowed")


def test_a_drop_near_its_limit_is_not_settled() -> None:
    observed = _one(_drop(Margin(absolute=0.02))).observed
    assert observed is not None
    inside = _one(_drop(Margin(absolute=observed + 1e-4)))
    assert inside.outcome is Outcome.INCONCLUSIVE
    assert inside.evidence["point_inside_margin"] is True
    assert "not settled; these 2,000 rows can settle about" in inside.message
    outside = _one(_drop(Margin(absolute=observed - 1e-4)))
    assert outside.outcome is Outcome.INCONCLUSIVE
    assert "point_inside_margin" not in outside.evidence


def test_what_points_the_right_way_may_be_deployed_where_the_owner_says_so() -> None:
    observed = _one(_drop(Margin(absolute=0.02))).observed or 0.0
    policy = DeployPolicy(when_inconclusive=Policy.DEPLOY)
    assert decide([_one(_drop(Margin(absolute=observed + 1e-4)))], policy).deploy
    assert not decide([_one(_drop(Margin(absolute=observed - 1e-4)))], policy).deploy


def test_the_point_decides_where_the_settings_say_so() -> None:
    observed = _one(_drop(Margin(absolute=0.02))).observed or 0.0
    by_point = Evidence(decide_by=DecideBy.POINT)
    for limit, outcome in ((1e-4, Outcome.PASSED), (-1e-4, Outcome.FAILED)):
        case = _drop(Margin(absolute=observed + limit)).but(evidence=by_point)
        assert _one(case).outcome is outcome


def test_a_margin_may_be_a_share_of_what_it_was() -> None:
    passed = _one(_drop(Margin(relative=0.2)))
    assert passed.outcome is Outcome.PASSED
    assert passed.limit == pytest.approx(0.2 * passed.evidence["before"])
    assert _one(_drop(Margin(relative=0.01))).outcome is Outcome.FAILED


def test_a_share_of_nothing_says_nothing() -> None:
    frame = people().assign(x=np.arange(400.0), y=2.0 * np.arange(400))

    def exact(table: pd.DataFrame) -> ModelOutput:
        return ModelOutput(predictions=2 * table["x"].to_numpy(float))

    asks = only(Perturbation.NOISE, columns=("x",), max_drop=Margin(relative=0.1))
    case = Case(
        frame=frame,
        asks=(asks,),
        candidate=exact,
        positive=None,
        metrics=(METRICS["mean_absolute_error"],),
    )
    result = _one(case)
    assert result.outcome is Outcome.INCONCLUSIVE
    assert result.message == (
        "noise: mean_absolute_error is 0 on the rows as they are: a share of a value near zero has"
        " no meaning, so set an absolute limit"
    )


def test_a_model_that_says_the_same_whatever_happens_passes() -> None:
    asks = (_NOISE, _BLANK, SEX, INCOME)
    results = _CASE.but(asks=asks, candidate=always, baseline=always).judged()
    assert {result.outcome for result in results.values()} == {Outcome.PASSED}


def test_a_fragile_one_fails() -> None:
    def fragile(frame: pd.DataFrame) -> ModelOutput:
        steep = 300 * (np.log(frame["income"].to_numpy(float)) - 10)
        return scores(np.where(frame["age"].to_numpy(float) % 2 == 0, steep, -steep))

    asks = only(Perturbation.NOISE, amount=1.0, columns=("age",), max_flips=0.2)
    result = _one(_CASE.but(asks=(asks,), candidate=fragile))
    assert result.outcome is Outcome.FAILED
    assert "rows change their label (0." in result.message


@pytest.mark.parametrize("key", _LIMITS)
def test_a_candidate_that_gives_no_answer_has_broken_the_limit(key: str) -> None:
    asks = only(Perturbation.MISSING, **{key: _LIMITS[key]})
    result = _one(_CASE.but(asks=(asks,), candidate=afraid_of_blanks, metrics=(_ROC,)))
    assert result.outcome is Outcome.FAILED
    assert result.message == f"the candidate fails on missing values: {_BLANKS}"
    assert (result.observed, result.rows) == (None, 2_000)


def test_it_is_warned_of_where_the_limit_only_warns() -> None:
    asks = only(Perturbation.MISSING, max_flips=0.1, severity=Severity.WARN)
    result = _one(_CASE.but(asks=(asks,), candidate=afraid_of_blanks))
    assert result.outcome is Outcome.WARNED


def test_a_baseline_that_gives_none_leaves_nothing_to_compare_with() -> None:
    results = _CASE.but(asks=(_BLANK,), baseline=afraid_of_blanks, metrics=(_ROC,)).judged()
    why = "the baseline fails on missing values, so there is nothing to compare with"
    for id_, result in results.items():
        if "regression" in id_:
            assert (result.outcome, result.message) == (Outcome.NOT_RUN, f"{why}: {_BLANKS}")
        else:
            assert result.outcome in (Outcome.PASSED, Outcome.INCONCLUSIVE, Outcome.FAILED)


def test_a_candidate_fails_whether_or_not_the_baseline_does() -> None:
    case = _CASE.but(asks=(_BLANK,), candidate=afraid_of_blanks, baseline=afraid_of_blanks)
    assert {result.outcome for result in case.judged().values()} == {Outcome.FAILED}


def test_a_model_that_answers_no_second_time_is_an_error() -> None:
    case = _CASE.but(asks=(_NOISE, SEX), candidate=lambda _frame: "fails in predict (gone)")
    results = case.judged().values()
    assert {result.outcome for result in results} == {Outcome.ERRORED}
    assert {result.message for result in results} == {
        "the candidate does not answer the rows again: it fails in predict (gone)"
    }
    other = _CASE.but(asks=(_NOISE,), baseline=lambda _frame: "fails in predict (gone)").judged()
    for id_, result in other.items():
        assert (result.outcome is Outcome.ERRORED) is ("regression" in id_)


def test_without_a_baseline_nothing_is_compared() -> None:
    outcomes = {id_: result.outcome for id_, result in _CASE.but(baseline=None).judged().items()}
    compared = {id_ for id_, outcome in outcomes.items() if outcome is Outcome.NOT_RUN}
    assert compared == {id_ for id_ in outcomes if "regression" in id_}


def test_why_there_is_none_is_the_answer() -> None:
    found = _CASE.but(baseline=None).measured()
    waived = (Outcome.WAIVED, "first model: there is none")
    results = judge_robustness(found, Evidence(), no_baseline=waived)
    compared = [result for result in results if "regression" in result.id]
    assert {(result.outcome, result.message) for result in compared} == {waived}


@pytest.mark.parametrize(
    ("asks", "said"),
    [
        (only(Perturbation.NOISE, columns=("incme",), max_flips=0.1), "noise: the data has no col"),
        (PropertyLimits(column="sexx"), "invariant_to: the data has no column 'sexx'"),
        (
            PropertyLimits(column="sex", direction=Monotonicity.INCREASING),
            "monotonic: 'sex' holds no numbers",
        ),
        (PropertyLimits(column="one"), "invariant_to: 'one' holds no two values"),
        (PropertyLimits(column="lists"), "invariant_to: 'lists' holds lists or the like"),
        (
            PropertyLimits(column="one", direction=Monotonicity.INCREASING),
            "monotonic: 'one' holds no two numbers",
        ),
    ],
    ids=["noise", "invariant", "text", "constant", "lists", "flat"],
)
def test_what_cannot_be_tried_is_an_error_by_name(asks: Asks, said: str) -> None:
    frame = people().assign(lists=pd.Series([[1]] * 400, dtype=object))
    result = _one(_CASE.but(frame=frame, asks=(asks,)))
    assert result.outcome is Outcome.ERRORED
    assert result.message.startswith(said)


def test_flips_of_numbers_are_an_error() -> None:
    frame = people().assign(y=np.arange(400.0))

    def numbers(table: pd.DataFrame) -> ModelOutput:
        return ModelOutput(predictions=table["income"].to_numpy(float))

    asks = only(Perturbation.NOISE, max_flips=0.1)
    case = Case(
        frame=frame,
        asks=(asks,),
        candidate=numbers,
        positive=None,
        metrics=(METRICS["root_mean_squared_error"],),
    )
    assert _one(case).message == (
        "noise: the target is a number: there are no labels that could flip"
    )


def test_so_is_one_way_of_more_than_two_classes() -> None:
    frame = people()
    frame["y"] = pd.cut(frame["age"], 3, labels=["a", "b", "c"]).astype(str)
    case = Case(
        frame=frame,
        asks=(INCOME,),
        positive=None,
        metrics=(_ACCURACY,),
        candidate=lambda table: ModelOutput(predictions=np.full(len(table), "a")),
    )
    result = _one(case)
    assert result.outcome is Outcome.ERRORED
    assert "more than two classes" in result.message


def test_metrics_of_the_user_and_without_an_interval_are_not_judged() -> None:
    own = custom_metric("a:f", direction=Direction.HIGHER_IS_BETTER, needs=Needs.LABELS)
    asks = limits(only(Perturbation.NOISE, max_drop=Margin(absolute=0.1)))
    named = unanswered(asks, (own, _ROC), Outcome.ERRORED, "why", evidence=Evidence())
    assert [result.id for result in named] == ["robustness.noise.max_drop.roc_auc"]
    largest = (METRICS["max_error"], METRICS["r2"])
    point = Evidence(decide_by=DecideBy.POINT)
    for evidence, count in ((Evidence(), 1), (point, 2)):
        assert len(unanswered(asks, largest, Outcome.ERRORED, "w", evidence=evidence)) == count


def test_a_drop_that_no_metric_has_is_one_error() -> None:
    own = custom_metric("a:f", direction=Direction.HIGHER_IS_BETTER, needs=Needs.LABELS)
    asks = only(Perturbation.NOISE, max_drop=Margin(absolute=0.1))
    result = _one(_CASE.but(asks=(asks,), metrics=(own,)))
    assert (result.id, result.outcome) == ("robustness.noise.max_drop", Outcome.ERRORED)


def test_flips_are_settled_by_their_interval() -> None:
    def case(limit: float) -> Case:
        return _CASE.but(asks=(only(Perturbation.NOISE, amount=0.5, max_flips=limit),))

    observed = _one(case(0.5)).observed
    assert observed is not None
    assert _one(case(2 * observed)).outcome is Outcome.PASSED
    assert _one(case(observed / 2)).outcome is Outcome.FAILED
    near = _one(case(observed + 1e-4))
    assert near.outcome is Outcome.INCONCLUSIVE
    assert near.evidence["point_inside_margin"] is True
    assert near.message.endswith("so the truth is probably near your limit")


def test_a_rise_is_settled_by_its_interval() -> None:
    known = np.log(people(2_000)["income"].to_numpy())

    def half_by_heart(frame: pd.DataFrame) -> ModelOutput:
        number = frame["note"].str.rpartition(" ")[2].astype(int)
        return scores(2 * (np.log(frame["income"].to_numpy(float)) + known[number] - 20))

    def case(**given: float) -> Case:
        asks = only(Perturbation.NOISE, amount=1.0, columns=("income",), **given)
        return _CASE.but(asks=(asks,), baseline=half_by_heart, metrics=(_ROC,))

    for key in ("max_drop_regression", "max_flips_regression"):
        observed = _one(case(**{key: 0.5})).observed
        assert observed is not None
        assert observed > 0
        passed = _one(case(**{key: 3 * observed}))
        assert passed.outcome is Outcome.PASSED
        assert " with the baseline: rise 0." in passed.message
        failed = _one(case(**{key: observed / 10}))
        assert failed.outcome is Outcome.FAILED
        near = _one(case(**{key: observed + 1e-5}))
        assert near.outcome is Outcome.INCONCLUSIVE
        assert near.evidence["point_inside_margin"] is True


def test_few_rows_of_a_class_may_fail_but_not_pass() -> None:
    frame = people(400)
    rare = frame["y"].where(frame["income"] > frame["income"].quantile(0.97), "no")
    case = _CASE.but(frame=frame.assign(y=rare), asks=(_NOISE,), metrics=(_ROC,))
    for name in ("max_drop", "max_drop_regression"):
        result = case.judged()[f"robustness.noise.{name}.roc_auc"]
        assert result.outcome is Outcome.INCONCLUSIVE
        assert "rows of the smaller class, enough to fail but not to pass" in result.message


@pytest.mark.parametrize(
    ("share", "outcome"), [(0.0, Outcome.FAILED), (0.9, Outcome.PASSED)], ids=str
)
def test_a_broken_property_is_counted(share: float, outcome: Outcome) -> None:
    asks = PropertyLimits(column="sex", max_share=share)
    result = _one(_CASE.but(asks=(asks,), candidate=by_sex_too, baseline=by_income))
    count = result.evidence["rows"]
    assert result.outcome is outcome
    assert result.observed == count / 2_000 > 0
    assert result.evidence["baseline"] == 0
    assert result.message.startswith(
        f"another value of 'sex' changes the answer in {count:,} of 2,000 rows ("
    )


def test_the_share_may_be_all_that_is_allowed() -> None:
    observed = _one(_CASE.but(asks=(SEX,), candidate=by_sex_too)).observed or 0.0
    asks = PropertyLimits(column="sex", max_share=observed)
    assert _one(_CASE.but(asks=(asks,), candidate=by_sex_too)).outcome is Outcome.PASSED


def test_a_property_that_holds_says_of_how_many_rows() -> None:
    results = list(_CASE.but(asks=(SEX, INCOME)).judged().values())
    assert [result.message for result in results] == [
        "another value of 'sex' changes the answer in none of 2,000 rows",
        "the answer falls somewhere as 'income' rises in none of 2,000 rows",
    ]
    assert [result.column for result in results] == ["sex", "income"]


def test_a_model_that_fails_on_a_value_has_broken_the_property() -> None:
    def only_women(frame: pd.DataFrame) -> ModelOutput | str:
        return "fails in predict (KeyError)" if (frame["sex"] == "male").all() else by_income(frame)

    result = _one(_CASE.but(asks=(SEX,), candidate=only_women))
    assert result.outcome is Outcome.FAILED
    assert result.message == (
        "the candidate fails on other values of 'sex': it fails in predict (KeyError)"
    )


def test_what_has_no_limit_is_only_shown() -> None:
    case = _CASE.but(asks=(PerturbationLimits(kind=Perturbation.NOISE, amount=0.1),))
    assert case.judged() == {}
    assert len(case.measured().rows) == 3


def test_few_units_settle_nothing() -> None:
    frame = people(800).assign(street=np.arange(800) % 5)
    case = _CASE.but(frame=frame, evidence=Evidence(unit="street"))
    results = case.judged()
    assert {result.outcome for result in results.values()} == {Outcome.INCONCLUSIVE}
    for result in results.values():
        assert "not settled; no interval can be given" in result.message
        assert "only 5 independent units" in result.message


def test_what_has_no_value_is_not_run() -> None:
    def never(frame: pd.DataFrame) -> ModelOutput:
        return scores(np.full(len(frame), -1.0) - frame["age"].to_numpy(float))

    results = _CASE.but(candidate=never, metrics=(METRICS["precision"],)).judged()
    why = "the positive class is never predicted"
    for name in ("max_drop", "max_drop_regression"):
        result = results[f"robustness.noise.{name}.precision"]
        assert result.outcome is Outcome.NOT_RUN
        assert result.message.startswith("noise: precision could not be co")
        assert why in result.message


def test_a_limit_of_nothing_can_only_be_kept_by_nothing() -> None:
    asks = only(Perturbation.NOISE, max_drop=Margin(absolute=0), max_flips_regression=0.0)
    for result in _CASE.but(asks=(asks,), metrics=(_ACCURACY,)).judged().values():
        assert result.outcome is not Outcome.PASSED
        assert "no number of rows settles a limit of 0" in result.message
    still = _CASE.but(
        asks=(asks,),
        metrics=(_ROC,),
        candidate=lambda f: scores(f["one"] + f["flag"] / 7 - f.index / 1e4),
        baseline=None,
    )
    assert still.judged()["robustness.noise.max_drop.roc_auc"].outcome is Outcome.PASSED


def test_rows_without_any_weight_are_not_counted() -> None:
    frame = people(400)
    frame["weight"] = (np.arange(400) < 200).astype(float)
    case = _CASE.but(frame=frame, sample_weight="weight", baseline=None, metrics=(_ACCURACY,))
    outcomes = {result.outcome for result in case.but(rows=1).judged().values()}
    assert Outcome.PASSED not in outcomes


def test_a_score_that_rises_where_it_should_fall_is_said_so() -> None:
    asks = PropertyLimits(column="income", direction=Monotonicity.DECREASING)
    result = _one(_CASE.but(asks=(asks,)))
    assert result.outcome is Outcome.FAILED
    assert result.message == (
        "the answer rises somewhere as 'income' rises in 2,000 of 2,000 rows (1), more than the 0"
        " allowed"
    )


def test_how_many_rows_it_would_take_is_said_with_where_to_ask_for_them() -> None:
    result = _one(_drop(Margin(absolute=0.005), scale=0.1).but(rows=300))
    assert result.outcome is Outcome.INCONCLUSIVE
    assert result.message.endswith("rows are needed if nothing is lost (robustness.rows)")
