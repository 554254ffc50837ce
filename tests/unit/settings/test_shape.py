"""What does not fit the file's shape is said in the file's own words."""

from __future__ import annotations

import pytest

from tests.unit.settings.documents import document, pairs, problems

_LIMITS = "max, max_improvement, max_regression, min, min_improvement, severity"

_SECTIONS = """
deply: {}
    deply: unknown key; did you mean 'deploy'?
deploy: {first: hold}
    deploy.first: unknown key; did you mean 'first_model'?
deploy: {zzz: hold}
    deploy.zzz: unknown key; valid are: first_model, when_inconclusive, when_unchanged
deploy: hold
    deploy: expected a mapping with the keys first_model, when_inconclusive, when_unchanged
deploy:
    deploy: has no value; give it one or remove the key
deploy: {first_model: deplyo}
    deploy.first_model: expected 'hold' or 'deploy', not 'deplyo'; did you mean 'deploy'?
deploy: {first_model: 1}
    deploy.first_model: expected 'hold' or 'deploy', not 1
evidence: {confidence: 95}
    evidence.confidence: must be < 1, not 95
evidence: {confidence: 0.5}
    evidence.confidence: must be > 0.5, not 0.5
evidence: {confidence: .nan}
    evidence.confidence: expected a finite number
evidence: {confidence: yes}
    evidence.confidence: expected a number, not the text 'yes'
evidence: {confidence: '0.9'}
    evidence.confidence: expected a number, not the text '0.9'; remove the quotes
evidence: {confidence: [0.9]}
    evidence.confidence: expected a number, not a list
evidence: {confidence: {a: b}}
    evidence.confidence: expected a number, not a mapping
evidence: {seed: 1.5}
    evidence.seed: expected a whole number, not 1.5
evidence: {seed: -1}
    evidence.seed: must be >= 0, not -1
evidence: {unit: }
    evidence.unit: has no value; give it one or remove the key
evidence: {unit: a, time: b}
    evidence: unit and time cannot both be given; keep the stronger dependence
slices:
    slices: has no value; give it one or remove the key
slices: {by: sex}
    slices.by: expected a list, for example [a, b]
slices: {by: }
    slices.by: has no value; give it one or remove the key
slices: {by: []}
    slices.by: is empty
slices: {by: [[]]}
    slices.by[0]: is empty
slices: {by: [{a: b}]}
    slices.by[0]: expected a list, for example [a, b]
slices: {find: 11}
    slices.find: must be <= 10, not 11
slices: {find: -1}
    slices.find: must be >= 0, not -1
slices: {find: 1.5}
    slices.find: expected a whole number, not 1.5
slices: {find: }
    slices.find: has no value; give it one or remove the key
slices: {find: 2, max_regression: 0.1}
    slices: max_regression judges nothing: found slices are only shown; give by, where or both
fairness:
    fairness: has no value; give it one or remove the key
fairness: {equalized_odds_ratio: {min: 0.8}}
    fairness.sensitive: required, but not given
fairness: {sensitive: sex}
    fairness.sensitive: expected a list, for example [a, b]
fairness: {sensitive: []}
    fairness.sensitive: is empty
fairness: {sensitive: [[sex, region], [region, sex]]}
    fairness: sensitive names 'sex' and 'region' twice
fairness: {sensitive: [sex], min_rows: 0}
    fairness.min_rows: must be >= 1, not 0
fairness: {sensitive: [sex], equalised_odds_ratio: {min: 0.8}}
    fairness.equalised_odds_ratio: unknown key; did you mean 'equalized_odds_ratio'?
fairness: {sensitive: [sex], equalized_odds_ratio: 0.8}
    fairness.equalized_odds_ratio: expected a mapping with the keys {limits}
fairness: {sensitive: [sex], equalized_odds_ratio: {mim: 0.8}}
    fairness.equalized_odds_ratio.mim: unknown key; did you mean 'min'?
fairness: {sensitive: [sex], equalized_odds_ratio: {k: 3}}
    fairness.equalized_odds_ratio.k: unknown key; valid are: {limits}
flips:
    flips: has no value; give it one or remove the key
flips: {}
    flips.max_negative_rate: required, but not given
flips: {max_negative_rate: 2}
    flips.max_negative_rate: must be <= 1, not 2
flips: {max_negative_rates: 0.1, max_negative_rate: 0.1}
    flips.max_negative_rates: unknown key; did you mean 'max_negative_rate'?
slices: {}
    slices: names no slice; give by, where or both
slices: {by: [a, a]}
    slices: by names 'a' twice
slices: {by: [[a, a]]}
    slices: by names 'a' and 'a' twice
slices: {by: [where]}
    slices: by names a column 'where', which reports keep for conditions
slices: {by: [[a, b], [b, a]]}
    slices: by names 'a' and 'b' twice
slices: {where: ['x > 1', 'x > 1']}
    slices: where has 'x > 1' twice
slices: {where: ['x = 1']}
    slices.where[0]: not a condition like age >= 60; write == to compare
slices: {where: [5]}
    slices.where[0]: expected text, not the number 5; put it in quotes
slices: {by: [a], min_rows: 0}
    slices.min_rows: must be >= 1, not 0
worker: {env: [GITHUB_OUTPUT]}
    worker.env[0]: GITHUB_OUTPUT is never shown to the code under test; remove it
worker: {env: [HF_TOKEN]}
    worker.env[0]: HF_TOKEN is never shown to the code under test; remove it
worker: {env: [A=b]}
    worker.env[0]: 'A=b' is not the name of an environment variable
worker: {timeout_seconds: 0}
    worker.timeout_seconds: must be > 0, not 0
"""


@pytest.mark.parametrize(("section", "said"), pairs(_SECTIONS))
def test_a_section_that_does_not_fit_is_said(section: str, said: str) -> None:
    written_out = said.replace("{limits}", _LIMITS)
    assert problems(document(section)) == (f"5: {written_out}",)


_OTHER_KEYS = "max_age_days, predict, python, requirements, threshold"
_BASELINES = """
baseline: old.joblib
    baseline: expected a mapping with the keys classes, columns, features, from, load, …
baseline: {threshold: 0.5}
    baseline.from: required, but not given
baseline: {from: a, threshold: tuned}
    baseline.threshold: expected a number, not the text 'tuned'
baseline: {}
    baseline.from: required, but not given
baseline: {from: []}
    baseline.from: is empty
baseline: {from: ''}
    baseline.from: is empty
baseline: {from: [a, 'git:base']}
    baseline.from[1]: 'git:base' is not git:REF:PATH, for example git:base:models/model.joblib
baseline: {from: "artifact:a/b"}
    baseline.from: 'a/b' is not the name of an artifact: write artifact:NAME
"""


@pytest.mark.parametrize(("baseline", "said"), pairs(_BASELINES))
def test_a_baseline_that_does_not_fit_is_said(baseline: str, said: str) -> None:
    shown = (text.replace(_OTHER_KEYS, "…") for text in problems(document(baseline=baseline)))
    assert tuple(shown) == (f"3: {said}",)


_METRICS = """
accuraccy: {min: 0.8}
    accuraccy: unknown metric 'accuraccy'; did you mean 'accuracy'?
f1: {max_regresion: 0.1}
    f1.max_regresion: unknown key; did you mean 'max_regression'?
f1: {max_regression: -0.1}
    f1.max_regression: must be >= 0, not -0.1
f1: {max_regression: some}
    f1.max_regression: expected a number, not the text 'some'
f1: {max_regression: {}}
    f1.max_regression: limits nothing; give a number, or absolute, relative or both
f1: {max_regression: {relativ: 0.1}}
    f1.max_regression.relativ: unknown key; did you mean 'relative'?
f1: {max_regression: {relative: yes}}
    f1.max_regression.relative: expected a number, not the text 'yes'
f1: {min: }
    f1.min: has no value; give it one or remove the key
f1: {class: }
    f1.class: has no value; give it one or remove the key
f1: {class: [a]}
    f1.class: expected text, not a list
f1: {threshold: tunde}
    f1.threshold: expected a number or the word 'tuned', not 'tunde'; did you mean 'tuned'?
f1: {threshold: high}
    f1.threshold: expected a number or the word 'tuned', not 'high'
f1: {threshold: '0.5'}
    f1.threshold: expected a number, not the text '0.5'; remove the quotes
f1: {threshold: .inf}
    f1.threshold: expected a finite number
f1: {k: 1.5}
    f1.k: expected a whole number of rows, or a share below 1, not 1.5
f1: {k: 0}
    f1.k: expected a whole number of rows, or a share below 1, not 0
f1: {alpha: 1}
    f1.alpha: must be < 1, not 1
f1: {precision: 0}
    f1.precision: must be > 0, not 0
f1: {treshold: 0.5}
    f1.treshold: unknown key; did you mean 'threshold'?
own: {metric: f1, treshold: 0.5}
    own.treshold: unknown key; did you mean 'threshold'?
a.py:b: {direction: up}
    a.py:b.direction: expected 'higher_is_better' or 'lower_is_better', not 'up'
a.py:b: {direction: higher_is_better, response_method: proba}
    a.py:b.response_method: expected 'predict' or 'predict_proba', not 'proba'
own: {metric: 3, min: 0.5}
    own.metric: expected text, not the number 3; put it in quotes
own: {metric: , min: 0.5}
    own.metric: has no value; give it one or remove the key
own: {metric: fbeta, beta: 0}
    own.beta: must be > 0, not 0
f1: {min: 0.5, severity: warning}
    f1.severity: expected 'fail' or 'warn', not 'warning'; did you mean 'warn'?
"""


@pytest.mark.parametrize(("metric", "said"), pairs(_METRICS))
def test_a_metric_that_does_not_fit_is_said(metric: str, said: str) -> None:
    assert problems(document(metrics=f"metrics: {{{metric}}}")) == (f"4: metrics.{said}",)


def test_a_bare_number_is_no_metric_limit() -> None:
    (said,) = problems(document(metrics="metrics: {f1: 0.8}"))
    keys = "class, max, max_improvement, max_regression, min, min_improvement, severity, threshold"
    assert said == f"4: metrics.f1: expected a mapping with the keys {keys}"


def test_a_long_value_is_not_shown_in_full() -> None:
    (said,) = problems(document(f"deploy: {{first_model: {'x' * 500}}}"))
    assert said.endswith(f"not '{'x' * 59}...")
