"""A change is judged by its own policy, but in no rule by a looser one than the base's."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import Phase, given
from hypothesis import settings as run

from mlci_action.domain.costs import Budget, Budgets, Measure
from mlci_action.domain.data_limits import DataChecks
from mlci_action.domain.limits import Evidence, Margin, MetricLimits, SliceLimits
from mlci_action.domain.metrics import METRICS
from mlci_action.domain.outcomes import Severity
from mlci_action.domain.policy import Move, PolicyChange
from mlci_action.settings.parse import parse_settings
from mlci_action.settings.policy.merge import merged
from mlci_action.settings.policy.rule import Rules, moved
from mlci_action.settings.policy.rules import canonical, rules_of
from mlci_action.settings.values import Settings
from tests.unit.settings.documents import document
from tests.unit.settings.policy import policies

# Two whole policies take minutes to be made smaller, and tell as much as they are.
AS_DRAWN = (Phase.generate,)
# Of these neither is stricter, and they are the change's own.
_OWN = {"data", "baseline"}


def read(*more: str, **parts: str) -> Settings:
    return parse_settings(document(*more, **parts), path="mlci.yml")


def told(base: Settings, own: Settings) -> list[tuple[str, str, str | None, str | None, bool]]:
    return [
        (each.rule, each.move.value, each.before, each.after, each.in_force)
        for each in merged(base, own)[1]
    ]


def looser(base: Rules, both: Rules) -> list[tuple[str, ...]]:
    """The rules that would be looser, or could be."""
    found = []
    for key in {**base, **both}:
        before, after = base.get(key), both.get(key)
        if after is None and before is not None and before.instead is not None:
            after = both.get(before.instead)
        if before is None and after is not None and after.instead is not None:
            before = base.get(after.instead)
        if before is None and _without_chance(key, base, both):
            continue
        move = moved(before, after)
        unsure = move is Move.OTHER and key[0] not in _OWN
        # What a section adds where there was none holds more, whatever else it says.
        if move is Move.LOOSER or (unsure and before is not None):
            found.append(key)
    return found


def _without_chance(key: tuple[str, ...], base: Rules, both: Rules) -> bool:
    """Whether the limit stands in place of a judgement by chance that there is not."""
    missing, repeats = ("data", "checks", "missing"), ("data", "checks", "duplicates")
    check = base.get(key[:3])
    if check is not None and check.text == "off":
        return True
    by_owner = {(*repeats, "max_share"), (*repeats, "max_rise")}
    return (key[:3] == repeats and bool(by_owner & {*base})) or (
        key[:4] == (*missing, "columns") and (*missing, "max_rise") in both
    )


@run(max_examples=60, phases=AS_DRAWN)
@given(base=policies.settings(), own=policies.settings())
def test_no_rule_in_force_is_looser_than_the_base_branchs(base: Settings, own: Settings) -> None:
    both, _ = merged(base, own)
    found = looser(rules_of(base), rules_of(both))
    shown_only: set[tuple[str, ...]] = set()
    if base.slices and not base.slices.max_regression:
        shown_only = {("slices",)}
    shown_only |= {
        ("robustness", each.what)
        for each in (base.robustness.perturbations if base.robustness else ())
        if not each.limited
    }
    judged = base.robustness and (
        base.robustness.properties or any(p.limited for p in base.robustness.perturbations)
    )
    shown_only |= set() if judged else {("robustness", "rows")}
    assert [key for key in found if not any(key[: len(s)] == s for s in shown_only)] == []


@run(max_examples=25, phases=AS_DRAWN)
@given(policy=policies.settings())
def test_a_policy_with_itself_is_itself(policy: Settings) -> None:
    assert merged(policy, policy) == (policy, ())


@run(max_examples=25, phases=AS_DRAWN)
@given(base=policies.settings(), own=policies.settings())
def test_what_is_in_force_does_not_loosen_when_judged_again(base: Settings, own: Settings) -> None:
    both, _ = merged(base, own)
    assert canonical(merged(base, both)[0]) == canonical(both)


@run(max_examples=25, phases=AS_DRAWN)
@given(base=policies.settings(), own=policies.settings())
def test_the_order_of_the_file_does_not_matter(base: Settings, own: Settings) -> None:
    turned = replace(base, metrics=base.metrics[::-1])
    turned_own = replace(
        own,
        metrics=own.metrics[::-1],
        data=replace(own.data, integrity=own.data.integrity[::-1]),
    )
    assert canonical(merged(turned, turned_own)[0]) == canonical(merged(base, own)[0])
    assert {*merged(turned, turned_own)[1]} == {*merged(base, own)[1]}


@run(max_examples=25, phases=AS_DRAWN)
@given(base=policies.settings(), own=policies.settings())
def test_every_looser_rule_is_told_and_none_is_in_force(base: Settings, own: Settings) -> None:
    both, changes = merged(base, own)
    assert not [each for each in changes if each.move is Move.LOOSER and each.in_force]
    if own.data.checks == base.data.checks and not changes:
        assert canonical(base) == canonical(both)


@pytest.mark.parametrize(
    ("rule", "metrics"),
    [
        ("metrics.roc_auc.min", "roc_auc: {min: 0.9}"),
        ("metrics.f1.min", "roc_auc: {min: 0.8}, f1: {min: 0.1}"),
        (
            "metrics.roc_auc.max_regression.relative",
            "roc_auc: {min: 0.8, max_regression: {relative: 0.1}}",
        ),
    ],
)
def test_a_metric_that_is_tightened_counts_at_once(rule: str, metrics: str) -> None:
    base, own = read(), read(metrics=f"metrics: {{{metrics}}}")
    both, changes = merged(base, own)
    assert [(c.rule, c.move, c.in_force) for c in changes] == [(rule, Move.TIGHTER, True)]
    assert both.metrics == own.metrics


@pytest.mark.parametrize(
    ("more", "rule", "after"),
    [
        ("slices: {by: [sex], max_regression: 0.03}", "slices.max_regression", "0.03"),
        ("flips: {max_negative_rate: 0.01}", "flips.max_negative_rate", "0.01"),
        ("budgets: {model_size: {max_mb: 5}}", "budgets.model_size.max_mb", "5"),
        ("robustness: {noise: {max_flips: 0.1}}", "robustness.noise.max_flips", "0.1"),
        ("robustness: {invariant_to: sex}", "robustness.invariant_to.sex.max_share", "0"),
        (
            "fairness: {sensitive: [sex], equalized_odds_ratio: {min: 0.8}}",
            "fairness.equalized_odds_ratio.min",
            "0.8",
        ),
    ],
)
def test_what_a_change_adds_counts_at_once_and_what_it_takes_away_still_counts(
    more: str, rule: str, after: str
) -> None:
    without, with_it = read(), read(more)
    added, removed = merged(without, with_it), merged(with_it, without)
    assert (rule, "tighter", None, after, True) in told(without, with_it)
    assert (rule, "looser", after, None, False) in told(with_it, without)
    assert rules_of(added[0]) == rules_of(removed[0]) == rules_of(with_it)


def test_looser_limits_and_lower_severities_wait_until_they_are_merged() -> None:
    base = read(metrics="metrics: {roc_auc: {min: 0.8, max_regression: 0.01}, f1: {min: 0.1}}")
    own = read(
        "flips: {max_negative_rate: 0.1}", metrics="metrics: {roc_auc: {min: 0.7, severity: warn}}"
    )
    assert told(base, own) == [
        ("metrics.roc_auc.min", "looser", "0.8", "0.7", False),
        ("metrics.roc_auc.max_regression", "looser", "0.01", None, False),
        ("metrics.roc_auc.severity", "looser", "fail", "warn", False),
        ("metrics.f1.min", "looser", "0.1", None, False),
        ("flips.max_negative_rate", "tighter", None, "0.1", True),
    ]
    assert merged(base, own)[0].metrics == base.metrics


def test_the_same_name_for_something_else_is_what_the_base_branch_means_by_it() -> None:
    base = read(metrics="metrics: {f1: {min: 0.5}}")
    own = read(metrics="metrics: {f1: {min: 0.6, threshold: 0.1}}")
    assert told(base, own) == [
        ("metrics.f1.threshold", "other", None, "0.1", False),
        ("metrics.f1.min", "tighter", "0.5", "0.6", True),
    ]
    assert merged(base, own)[0].metrics == (MetricLimits(metric=METRICS["f1"], min=0.6),)


def test_a_metric_with_no_limit_is_judged_in_slices_so_taking_it_away_is_looser() -> None:
    base = read(metrics="metrics: {roc_auc: {min: 0.8}, f1: }")
    assert told(base, read()) == [("metrics.f1", "looser", "measured", None, False)]


def test_neither_slices_nor_metrics_that_are_added_thin_out_the_base_branchs_tests() -> None:
    base = read("slices: {by: [sex], max_regression: 0.03}")
    own = read(
        "slices: {by: [sex, region], max_regression: 0.02, min_rows: 10}",
        metrics="metrics: {roc_auc: {min: 0.8}, f1: {min: 0.1}, log_loss: {max: 9}}",
    )
    assert merged(base, own)[0].slices == SliceLimits(
        by=(("sex",),), max_regression=Margin(absolute=0.02), metrics=("roc_auc",)
    )
    assert ("slices.by", "other", "'sex'", "'sex', 'region'", False) in told(base, own)
    assert ("slices.min_rows", "other", "50", "10", False) in told(base, own)


def test_slices_that_were_only_shown_give_way_to_slices_that_are_judged() -> None:
    base = read("slices: {by: [sex]}")
    own = read("slices: {by: [region], max_regression: 0.02}")
    assert merged(base, own)[0].slices == own.slices


def test_groups_of_people_are_added_up() -> None:
    base = read("fairness: {sensitive: [[sex, region]], equalized_odds_difference: {max: 0.1}}")
    own = read("fairness: {sensitive: [age, [region, sex]], equalized_odds_difference: {max: 0.5}}")
    fairness = merged(base, own)[0].fairness
    assert fairness is not None
    assert fairness.sensitive == (("sex", "region"), ("age",))
    assert fairness.limits[0].max == 0.1


def test_evidence_trust_waivers_and_the_baseline_are_the_base_branchs() -> None:
    waiver = "waivers: [{check: metric.roc_auc.%s, ceiling: 0.5, reason: r, expires: 2027-03-31}]"
    base = read("trust: {pickle: never}", waiver % "min", baseline="baseline: {from: old.joblib}")
    own = read(
        "evidence: {decide_by: point, confidence: 0.6}",
        "trust: {pickle: always}",
        waiver % "max",
        baseline="baseline: {from: weak.joblib}",
    )
    both = merged(base, own)[0]
    assert both.evidence == Evidence()
    assert (both.trust, both.waivers, both.baseline) == (base.trust, base.waivers, base.baseline)
    assert told(base, own) == [
        ("trust.pickle", "looser", "never", "always", False),
        ("waivers.metric.roc_auc.max.ceiling", "looser", None, "0.5", False),
        ("baseline.from", "other", "'old.joblib'", "'weak.joblib'", False),
        ("evidence.confidence", "other", "0.95", "0.6", False),
        ("evidence.decide_by", "other", "interval", "point", False),
        ("waivers.metric.roc_auc.min.ceiling", "tighter", "0.5", None, False),
    ]


def test_a_higher_ceiling_and_a_later_end_are_looser() -> None:
    line = "waivers: [{check: %s, ceiling: %s, reason: r, expires: %s}]"
    fall, least = "metric.roc_auc.max_regression", "metric.roc_auc.min"
    assert told(read(line % (fall, 0.1, "2027-01-01")), read(line % (fall, 0.2, "2028-01-01"))) == [
        (f"waivers.{fall}.ceiling", "looser", "0.1", "0.2", False),
        (f"waivers.{fall}.expires", "looser", "2027-01-01", "2028-01-01", False),
    ]
    assert told(
        read(line % (least, 0.1, "2027-01-01")), read(line % (least, 0.2, "2027-01-01"))
    ) == [(f"waivers.{least}.ceiling", "tighter", "0.1", "0.2", False)]


def test_held_is_stricter_than_deployed() -> None:
    base, own = read("deploy: {first_model: deploy}"), read("deploy: {when_inconclusive: deploy}")
    assert told(base, own) == [
        ("deploy.when_inconclusive", "looser", "hold", "deploy", False),
        ("deploy.first_model", "tighter", "deploy", "hold", True),
    ]


def test_places_and_columns_are_the_changes_own_and_a_schema_may_move_but_not_go() -> None:
    data = "data: {evaluation: %s, target: %s%s}"
    base = read(data=data % ("a.csv", "y", ", schema: s.yml"))
    own = read(data=data % ("b.csv", "z", ", id: i"))
    assert told(base, own) == [
        ("data.schema", "looser", "s.yml", None, False),
        ("data.evaluation", "other", "a.csv", "b.csv", True),
        ("data.target", "other", "y", "z", True),
        ("data.id", "other", None, "i", True),
    ]
    assert merged(base, own)[0].data == replace(own.data, schema="s.yml")
    moved_schema = read(data=data % ("a.csv", "y", ", schema: t.yml"))
    assert told(base, moved_schema) == [("data.schema", "other", "s.yml", "t.yml", True)]


CHECKS = "data: {evaluation: test.csv, target: approved, train: train.csv, checks: {%s}}"


def checks(base: str, own: str) -> DataChecks:
    return merged(read(data=CHECKS % base), read(data=CHECKS % own))[0].data.checks


@pytest.mark.parametrize(
    ("one", "other", "stricter"),
    [
        ("drift: off", "drift: {max: 0.2}", "drift: {max: 0.2}"),
        ("drift: {max: 0.2}", "drift: {max: 0.05, severity: warn}", "drift: {max: 0.05}"),
        ("dtype: off", "dtype: {severity: warn}", "dtype: {severity: warn}"),
        ("dtype: {severity: fail}", "dtype: {severity: warn}", "dtype: {severity: fail}"),
        (
            "missing: {max_share: 0.2, columns: {age: 0.3}}",
            "missing: {max_share: 0.1, columns: {age: 0.01}}",
            "missing: {max_share: 0.1, columns: {age: 0.01}}",
        ),
        (
            "categories: {closed: [sex]}",
            "categories: {closed: [age]}",
            "categories: {closed: [sex, age]}",
        ),
        ("range: {max_z: 6}", "range: {max_z: 3, severity: warn}", "range: {max_z: 3}"),
        ("labels: {min_rows: 5}", "labels: {min_rows: 9}", "labels: {min_rows: 9}"),
        (
            "duplicates: {max_rise: 0.1}",
            "duplicates: {max_rise: 0.2, max_share: 0.5}",
            "duplicates: {max_rise: 0.1, max_share: 0.5}",
        ),
    ],
)
def test_of_a_data_check_the_stricter_half_of_each_side_counts(
    one: str, other: str, stricter: str
) -> None:
    expected = canonical(read(data=CHECKS % stricter))
    for base, own in ((one, other), (other, one)):
        both = merged(read(data=CHECKS % base), read(data=CHECKS % own))[0]
        assert canonical(both) == expected


@pytest.mark.parametrize(
    ("base", "own", "columns"),
    [
        ("max: 0.2, columns: {age: 0.01}", "max: 0.1", (("age", 0.01),)),
        ("max: 0.2, columns: {age: 0.3}", "max: 0.1", ()),
        ("max: 0.1", "max: 0.1, columns: {age: 0.3}", (("age", 0.1),)),
        ("max: 0.1", "max: 0.1, columns: {age: 0.05}", (("age", 0.05),)),
    ],
)
def test_a_column_of_its_own_does_not_drift_farther_than_before(
    base: str, own: str, columns: tuple[tuple[str, float], ...]
) -> None:
    drift = checks(f"drift: {{{base}}}", f"drift: {{{own}}}").drift
    assert drift is not None
    assert (drift.max, drift.columns) == (0.1, columns)


def test_a_limit_in_place_of_chance_waits_unless_nothing_may_break_it() -> None:
    """Whoever says how many rows may repeat is not second-guessed: the limit may let more pass."""
    base = "ids: {severity: fail}"
    asked = "duplicates: {max_share: 0.9}, missing: {max_rise: 0.9}, labels: {max_conflicts: 0.9}"
    assert checks(base, asked) == DataChecks(severities={"ids": Severity.FAIL})
    found = told(read(data=CHECKS % base), read(data=CHECKS % asked))
    for rule in ("duplicates.max_share", "labels.max_conflicts", "missing.max_rise"):
        assert (f"data.checks.{rule}", "other", None, "0.9", False) in found
    strict = checks(base, "duplicates: {max_share: 0}, missing: {max_rise: 0}")
    assert strict.duplicates is not None
    assert strict.missing is not None
    assert (strict.duplicates.max_share, strict.missing.max_rise) == (0.0, 0.0)


def test_a_column_is_not_excused_by_a_share_of_its_own() -> None:
    excused = checks("missing: {max_share: 0.1}", "missing: {max_share: 0.1, columns: {age: 1}}")
    assert excused.missing is not None
    assert excused.missing.columns == ()
    kept = checks("missing: {max_share: 0.1, columns: {age: 0.05}}", "missing: {max_share: 0.1}")
    assert kept.missing is not None
    assert kept.missing.columns == (("age", 0.05),)


def test_a_check_that_is_off_is_told_once() -> None:
    base, own = read(data=CHECKS % "missing: {max_share: 0.1}"), read(data=CHECKS % "missing: off")
    assert told(base, own) == [("data.checks.missing", "looser", "fail", "off", False)]


def test_rules_across_columns_are_added_up() -> None:
    data = "data: {evaluation: test.csv, target: approved, integrity: [%s]}"
    base = read(data=data % "'a <= b', {rule: c > 0, name: c, severity: warn}")
    own = read(data=data % "{rule: c > 1, name: c}, 'd > 0'")
    rules = merged(base, own)[0].data.integrity
    assert [(rule.text, rule.severity) for rule in rules] == [
        ("a <= b", Severity.FAIL),
        ("c > 0", Severity.FAIL),
        ("d > 0", Severity.FAIL),
    ]


def test_perturbations_are_tried_as_the_base_branch_tries_them() -> None:
    base = read("robustness: {noise: {scale: 0.5, max_flips: 0.1}, rows: 900}")
    own = read("robustness: {typos: , noise: {scale: 0.01, max_flips: 0.05}, rows: 50}")
    robustness = merged(base, own)[0].robustness
    assert robustness is not None
    assert robustness.rows == 900
    assert [(each.what, each.amount, each.max_flips) for each in robustness.perturbations] == [
        ("noise", 0.5, 0.05),
        ("typos", 1.0, None),
    ]


def test_a_batch_has_as_many_rows_as_where_it_was_limited() -> None:
    base = read("budgets: {batch_latency: {max_ratio: 2, rows: 500}, memory: {max_mb: 9}}")
    own = read("budgets: {batch_latency: {max_ratio: 1.5, rows: 1, severity: warn}}")
    assert merged(base, own)[0].budgets == Budgets(
        budgets=(
            Budget(measure=Measure.BATCH_LATENCY, max_ratio=1.5),
            Budget(measure=Measure.MEMORY, max=9.0),
        ),
        batch_rows=500,
    )


def test_a_rule_and_its_values_are_bounded() -> None:
    own = read(data="data: {evaluation: %s, target: approved}" % ("a" * 900))
    (change,) = merged(read(), own)[1]
    assert isinstance(change, PolicyChange)
    assert change.after is not None
    assert len(change.after) == 200
