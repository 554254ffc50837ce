"""The JSON Schema and the parser agree on what mlci.yml may hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
import yaml

from mlci_action.domain.metric import Direction
from mlci_action.domain.metrics import FAIRNESS_METRICS, METRICS, SHORT_FORMS
from mlci_action.errors import SettingsError
from mlci_action.settings.parse import parse_settings
from mlci_action.settings.schema import json_schema
from tests.unit.settings.documents import document

_SCHEMA = json_schema()

_GOOD = (
    document(),
    document("slices: {by: [sex, [sex, region]], where: ['age >= 60'], max_regression: 0.1}"),
    document("slices: {where: ['age >= 60']}"),
    document("slices: {find: 0}"),
    document("slices: {by: [a], find: 10.0, max_regression: 0.1}"),
    document("fairness: {sensitive: [sex]}"),
    document("fairness: {sensitive: [[sex, region], 7], min_rows: 1, equalized_odds_ratio: }"),
    document("fairness: {sensitive: [a], demographic_parity_difference: {max: 0.1}}"),
    document("flips: {max_negative_rate: 0.01, severity: warn}"),
    document(candidate="candidate: {model: m, threshold: -0.5}"),
    document(baseline="baseline: {from: b, threshold: 0.5}"),
    document(data="data: {evaluation: t.csv, target: y, sample_weight: 7}"),
    document(metrics="metrics: {f1: {min: 0.5, class: 1, threshold: tuned}}"),
    document(metrics="metrics: {f1: {min: 0.5, threshold: 0}}"),
    document(metrics="metrics: {lift: {min: 1.5, k: 0.05, class: a}}"),
    document(metrics="metrics: {precision_at_k: {min: 0.5, k: 100}}"),
    document(metrics="metrics: {top_k_accuracy: {min: 0.5}}"),
    document(metrics="metrics: {fbeta: {min: 0.5, beta: 2}}"),
    document(metrics="metrics: {mean_pinball_loss: {max: 0.5, alpha: 0.9}}"),
    document(metrics="metrics: {neg_f: {metric: f1, min: 0.5}, F-2.x: {metric: fbeta, beta: 2}}"),
    document(metrics="metrics: {roc_auc: {min: 0.5}, a.b:f: {direction: lower_is_better}}"),
    document(
        metrics="metrics: {cost: {metric: 'my costs/a.py:f', direction: lower_is_better, max: 3,"
        " response_method: predict_proba}}"
    ),
    document("evidence: {confidence: 0.9, seed: 3, unit: 7, decide_by: point}"),
    document("evidence: {seed: 3.0}"),
    document("deploy: {first_model: deploy, when_unchanged: hold}"),
    document("worker: {env: [A, b_2], timeout_seconds: 0.5}"),
    document("evidence: {}", "deploy: {}", "worker: {}"),
    document(baseline=""),
    document(baseline="baseline: {from: [a, 'git:base:b']}"),
    document(metrics="metrics: {auc: {min: 0.5, severity: fail}, log_loss: }"),
    document(metrics="metrics: {neg_log_loss: {max: 0.5}}"),
    document(metrics="metrics: {f1: {max_regression: {absolute: 0.1, relative: 0}}}"),
    document(metrics="metrics: {f1: {min_improvement: 0, max_improvement: {relative: 3}}}"),
    document(data="data: {evaluation: t.csv, target: yes, positive: on, id: 3, time: 1.5}"),
    document(data="data: {evaluation: t.csv, target: y, schema: s.yml}", metrics=""),
    document(
        data="data: {evaluation: t, target: y, checks: {missing: {columns: {a: 0, b: 1}},"
        " duplicates: {max_share: 0.5, severity: warn}}}"
    ),
)

_BAD = (
    "{}",
    "[]",
    document("other: 1"),
    document("fairness: "),
    document("fairness: {}"),
    document("fairness: {equalized_odds_ratio: {min: 0.8}}"),
    document("fairness: {sensitive: sex}"),
    document("fairness: {sensitive: []}"),
    document("fairness: {sensitive: [[]]}"),
    document("fairness: {sensitive: [sex], min_rows: 0}"),
    document("fairness: {sensitive: [sex], accuracy: {min: 0.8}}"),
    document("fairness: {sensitive: [sex], equalized_odds_ratio: 0.8}"),
    document("fairness: {sensitive: [sex], equalized_odds_ratio: {k: 1}}"),
    document("flips: "),
    document("flips: {}"),
    document("flips: {max_negative_rate: 1.5}"),
    document("flips: {max_negative_rate: 0.1, max_positive_rate: 0.1}"),
    document("slices: {find: -1}"),
    document("slices: {find: 11}"),
    document("slices: {find: 1.5}"),
    document("slices: {find: }"),
    document("slices: {severity: warn}"),
    document(candidate="candidate: {model: m, threshold: tuned}"),
    document(baseline="baseline: {threshold: 0.5}"),
    document(data="data: {evaluation: t.csv, target: y, sample_weight: [w]}"),
    document(candidate=""),
    document(candidate="candidate: {}"),
    document(candidate="candidate: {model: 5}"),
    document(candidate="candidate: {model: ' '}"),
    document(candidate="candidate: {model: m, features: f}"),
    document(data="data: {evaluation: t.csv}"),
    document(data="data: {evaluation: t.csv, target: }"),
    document(data="data: {evaluation: t.csv, target: [y]}"),
    document(data="data: {evaluation: t.csv, target: ''}"),
    document(data="data: {evaluation: t.csv, target: y, train: t.csv}"),
    document(data="data: {evaluation: t.csv, target: y, checks: {missing: }}"),
    document(data="data: {evaluation: t.csv, target: y, checks: {missing: {}}}"),
    document(data="data: {evaluation: t.csv, target: y, checks: {missing: {columns: {}}}}"),
    document(data="data: {evaluation: t.csv, target: y, checks: {missing: {max_share: 2}}}"),
    document(data="data: {evaluation: t.csv, target: y, checks: {duplicates: {}}}"),
    document(data="data: {evaluation: t.csv, target: y, checks: {drift: {max: 0.1}}}"),
    document(baseline="baseline: old.joblib"),
    document(baseline="baseline: {}"),
    document(baseline="baseline: {from: []}"),
    document(baseline="baseline: {from: [3]}"),
    document(baseline="baseline: "),
    document(metrics="metrics: [roc_auc]"),
    document(metrics="metrics: {accuraccy: {min: 0.5}}"),
    document(metrics="metrics: {neg_roc_auc: {min: 0.5}}"),
    document(metrics="metrics: {mine:profit: {min: 0.5}}"),
    document(metrics="metrics: {mine:profit: }"),
    document(metrics="metrics: {'mine:': {direction: higher_is_better}}"),
    document(metrics="metrics: {'a b:f': {direction: higher_is_better}}"),
    document(metrics="metrics: {mine:profit: {direction: up}}"),
    document(metrics="metrics: {mine:profit: {direction: higher_is_better, k: 3}}"),
    document(metrics="metrics: {mine:profit: {direction: higher_is_better, metric: 'a:b'}}"),
    document(metrics="metrics: {profit: {min: 0.5}}"),
    document(metrics="metrics: {profit: }"),
    document(metrics="metrics: {my profit: {metric: f1, min: 0.5}}"),
    document(metrics="metrics: {profit: {metric: f2, min: 0.5}}"),
    document(metrics="metrics: {profit: {metric: 'a:', direction: higher_is_better}}"),
    document(metrics="metrics: {f1: {metric: recall, min: 0.5}}"),
    document(metrics="metrics: {f1: {min: 0.5, direction: higher_is_better}}"),
    document(metrics="metrics: {f1: {min: 0.5, response_method: predict}}"),
    document(metrics="metrics: {f1: {min: 0.5, k: 3}}"),
    document(metrics="metrics: {roc_auc: {min: 0.5, threshold: 0.5}}"),
    document(metrics="metrics: {f1: {min: 0.5, threshold: best}}"),
    document(metrics="metrics: {f1: {min: 0.5, class: }}"),
    document(metrics="metrics: {fbeta: {min: 0.5}}"),
    document(metrics="metrics: {fbeta: }"),
    document(metrics="metrics: {precision_at_k: {min: 0.5}}"),
    document(metrics="metrics: {precision_at_k: {min: 0.5, k: 1.5}}"),
    document(metrics="metrics: {precision_at_k: {min: 0.5, k: 0}}"),
    document(metrics="metrics: {precision_at_k: {min: 0.5, k: '3'}}"),
    document(metrics="metrics: {recall_at_precision: {min: 0.5, precision: 1.5}}"),
    document(metrics="metrics: {fbeta: {min: 0.5, beta: 0}}"),
    document(metrics="metrics: {mean_pinball_loss: {max: 0.5, alpha: 1}}"),
    document(metrics="metrics: {f1: {mim: 0.5}}"),
    document(metrics="metrics: {f1: {min: '0.5'}}"),
    document(metrics="metrics: {f1: {min: yes}}"),
    document(metrics="metrics: {f1: {min: }}"),
    document(metrics="metrics: {f1: {min: 0.5, severity: error}}"),
    document(metrics="metrics: {f1: {max_regression: -0.1}}"),
    document(metrics="metrics: {f1: {max_regression: {}}}"),
    document(metrics="metrics: {f1: {max_regression: {absolute: -1}}}"),
    document(metrics="metrics: {f1: {max_regression: [0.1]}}"),
    document("slices: "),
    document("slices: {}"),
    document("slices: {by: sex}"),
    document("slices: {by: []}"),
    document("slices: {by: [[]]}"),
    document("slices: {by: [a], where: []}"),
    document("slices: {by: [a], min_rows: 0}"),
    document("slices: {by: [a], min_rows: 1.5}"),
    document("evidence: {confidence: 1}"),
    document("evidence: {seed: -1}"),
    document("evidence: {unit: a, time: b}"),
    document("evidence: {decide_by: bootstrap}"),
    document("deploy: {first_model: yes}"),
    document("worker: {env: A}"),
    document("worker: {timeout_seconds: 0}"),
)


def _schema_accepts(text: str) -> bool:
    return jsonschema.Draft202012Validator(_SCHEMA).is_valid(yaml.safe_load(text))


def _parser_accepts(text: str) -> bool:
    try:
        parse_settings(text, path="mlci.yml")
    except SettingsError:
        return False
    return True


@pytest.mark.parametrize("text", _GOOD)
def test_both_accept_what_is_right(text: str) -> None:
    assert (_schema_accepts(text), _parser_accepts(text)) == (True, True)


@pytest.mark.parametrize("text", _BAD)
def test_both_refuse_what_is_wrong(text: str) -> None:
    assert (_schema_accepts(text), _parser_accepts(text)) == (False, False)


def test_it_is_a_json_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(_SCHEMA)


def test_every_metric_name_that_is_understood_is_listed() -> None:
    listed = _SCHEMA["properties"]["metrics"]["properties"]
    losses = [m.name for m in METRICS.values() if m.direction is Direction.LOWER_IS_BETTER]
    assert set(listed) == {*METRICS, *SHORT_FORMS, *(f"neg_{name}" for name in losses)}


def test_every_fairness_metric_is_listed() -> None:
    listed = _SCHEMA["$defs"]["FairnessSection"]["properties"]
    assert set(listed) == {"sensitive", "min_rows", *FAIRNESS_METRICS}


def test_no_section_takes_keys_that_it_does_not_name() -> None:
    free = [
        where
        for where, node in _objects(_SCHEMA, "")
        if node.get("additionalProperties") is not False
        # These stand beside a section, and take away from what it names.
        if not where.startswith("properties.metrics.")
    ]
    assert free == ["$defs.MissingSection.properties.columns", "properties.metrics"]


def test_every_key_has_a_description() -> None:
    silent = [
        f"{where}.{key}"
        for where, node in _objects(_SCHEMA, "")
        if not where.startswith("properties.metrics")
        for key, value in node.get("properties", {}).items()
        if not (value.get("description") or "$ref" in value)
    ]
    silent += [name for name, node in _SCHEMA["$defs"].items() if not node.get("description")]
    assert silent == []


def test_each_call_gives_a_schema_of_its_own() -> None:
    json_schema()["$defs"].clear()
    assert json_schema() == _SCHEMA


def _objects(node: object, where: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema of a mapping inside `node`, with its place."""
    if isinstance(node, dict):
        if node.get("type") == "object":
            yield where, node
        for key, value in node.items():
            yield from _objects(value, f"{where}.{key}".removeprefix("."))
    if isinstance(node, list):
        for value in node:
            yield from _objects(value, where)
