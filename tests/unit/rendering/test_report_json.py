from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator

from mlci_action.domain.metric import Parameters
from mlci_action.domain.metrics import METRICS
from mlci_action.domain.outcomes import Outcome
from mlci_action.domain.report import Report
from mlci_action.domain.slices import Slice
from mlci_action.errors import MlciError
from mlci_action.rendering.comment import render_comment
from mlci_action.rendering.report_json import from_json, to_json
from mlci_action.rendering.schema import MAX_CHARACTERS, report_schema
from mlci_action.rendering.schema_parts import MAX_TEXT
from mlci_action.rendering.summary import render_summary
from mlci_action.rendering.terminal import render_terminal
from tests.builders import by, check, report, row
from tests.sample_reports import SAMPLES, failing, fragile, passing, unfair
from tests.unit.rendering.reports import reports

_VALIDATOR = Draft202012Validator(report_schema())


def document(of: Report | None = None) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(to_json(of or failing()))
    return parsed


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(report_schema())


def test_the_public_fields_are_spelt_as_published() -> None:
    """Names and values that other people's programs read."""
    judged = replace(failing(), checks=failing().checks[5:6])
    assert document(judged)["checks"] == [
        {
            "id": "slice.roc_auc.max_regression.sex=female",
            "area": "slice",
            "outcome": "failed",
            "severity": "fail",
            "slice": {"sex": "female"},
            "column": None,
            "rows": None,
            "observed": None,
            "limit": 0.03,
            "message": "roc_auc in sex=female fell by 0.0812 (95 % CI -0.1101 to -0.0523), more "
            "than the 0.03 allowed",
            "evidence": {},
        }
    ]
    first = document()["comparison"][0]
    assert first == {
        "metric": "roc_auc",
        "slice": None,
        "direction": "higher_is_better",
        "baseline": 0.8712,
        "candidate": 0.8501,
        "diff": -0.0211,
        "ci_low": -0.0301,
        "ci_high": -0.0121,
        "method": "delong",
        "n": 6512,
        "outcome": "failed",
        "standing": "settles",
        "se": pytest.approx(0.00459, abs=1e-5),
        "df": 812.5,
        "counts": None,
        "note": "",
        "interval_note": "",
    }
    assert list(document()) == [
        "schema_version", "verdict", "deploy", "reasons", "checks", "comparison", "evaluation",
        "robustness", "costs", "policy", "waivers", "self_test", "why_moved",
        "provenance", "data", "environment",
    ]  # fmt: skip


def test_what_concerns_fairness_says_by_which_columns_and_nothing_else_has_the_key() -> None:
    found = document(unfair())
    assert [part.get("sensitive", "none") for part in found["comparison"]] == [
        "none", "none", "none", "sex", "sex & region",
    ]  # fmt: skip
    assert found["comparison"][3]["candidate_ci"] == pytest.approx([0.083, 0.143])
    assert "baseline_ci" not in found["comparison"][3]
    assert [part.get("sensitive", "none") for part in found["checks"]] == [
        "none", "none", "none", "none", "sex", "sex & region",
    ]  # fmt: skip


def test_a_metric_says_what_it_is_where_its_name_does_not() -> None:
    """`precision_at_100` alone would be a riddle to another program."""
    keys = ("metric", "function", "parameters")
    found = [{key: part[key] for key in keys if key in part} for part in _rows(unfair())]
    assert found[:4] == [
        {"metric": "roc_auc"},
        {"metric": "f1_tuned", "function": "f1", "parameters": {"threshold": "tuned"}},
        {"metric": "profit", "function": "acme.metrics:profit"},
        {"metric": "equalized_odds_difference"},
    ]


@pytest.mark.parametrize(
    ("function", "parameters", "written"),
    [
        (
            "f1",
            Parameters(class_label="tuned", threshold=0.25),
            {"class": "tuned", "threshold": 0.25},
        ),
        ("fbeta", Parameters(beta=2.0), {"beta": 2}),
    ],
)
def test_parameters_come_back_as_they_were(
    function: str, parameters: Parameters, written: dict[str, object]
) -> None:
    metric = METRICS[function].asked_at(parameters, name="own.name")
    made = report(check(), rows=(replace(row(), metric=metric),))
    assert _rows(made)[0]["parameters"] == written
    assert from_json(to_json(made)) == made


def test_a_metric_that_nobody_knows_comes_back_with_its_function_and_parameters() -> None:
    """A report may have been written by a build that knows more metrics."""
    found = document(unfair())
    changes = {"metric": "own", "function": "gini", "parameters": {"k": 100}}
    found["comparison"][0] |= changes
    again = document(from_json(json.dumps(found)))
    assert {key: again["comparison"][0][key] for key in changes} == changes


def test_how_the_models_behave_is_spelt_as_published() -> None:
    found = document(unfair())["evaluation"]
    rate = {"value": 0.00184, "ci_low": 0.00105, "ci_high": 0.00322, "note": ""}
    assert found["flips"] == {
        "n": 6512,
        "negative_rows": 12,
        "positive_rows": 31,
        "negative_rate": rate,
        "positive_rate": {"value": 0.00476, "ci_low": 0.00336, "ci_high": 0.00675, "note": ""},
    }
    assert found["groups"][2] == {
        "sensitive": "sex",
        "group": "(missing)",
        "n": 12,
        "positives": 3,
        "judged": False,
        "rates": {
            "selection_rate": {"baseline": 0.25, "candidate": 0.26},
            "true_positive_rate": {"baseline": 0.66, "candidate": 0.66},
            "false_positive_rate": {"baseline": 0.0, "candidate": 0.0},
        },
        "note": "fewer than 50 rows",
    }
    assert found["found_slices"] == [
        {
            "where": "age >= 60 and region in ['north', 'east']",
            "n": 212,
            "loss": "log_loss",
            "baseline": 0.3312,
            "candidate": 0.4121,
            "diff": {"value": 0.0809, "ci_low": 0.0312, "ci_high": 0.1306, "note": ""},
        }
    ]
    assert [list(part) for part in found["calibration"]] == [
        ["model", "expected_calibration_error", "slope", "intercept", "bins"]
    ] * 2
    assert found["score_shift"]["quantiles"]["0.5"] == {"baseline": 0.2291, "candidate": 0.2312}
    empty = document()["evaluation"]
    assert [empty[part] for part in list(empty)[6:]] == [None, [], None, [], []]


def test_changed_rows_and_costs_are_spelt_as_published() -> None:
    found = document(fragile())
    assert found["robustness"][0] == {
        "what": "noise",
        "detail": "0.1 standard deviations, 7 columns; seed 0",
        "measure": "roc_auc",
        "baseline": _approx(0.0041, 0.0061),
        "candidate": _approx(0.0312, 0.0061),
        "rise": _approx(0.0271, 0.00793),
        "n": 2000,
    }
    assert [found["robustness"][5][key] for key in ("baseline", "rise")] == [
        {
            "value": None,
            "ci_low": None,
            "ci_high": None,
            "note": "stored predictions answer no other rows",
        },
        None,
    ]
    assert found["costs"][0] == {
        "measure": "latency",
        "unit": "ms",
        "baseline": 1.231,
        "candidate": 2.094,
        "baseline_p95": 1.812,
        "candidate_p95": 2.871,
        "ratio": {"value": 1.701, "ci_low": 1.652, "ci_high": 1.748, "note": ""},
        "n": 400,
        "note": "",
    }
    assert [document()[key] for key in ("robustness", "costs")] == [[], []]


def _approx(value: float, margin: float) -> dict[str, object]:
    ends = {"ci_low": pytest.approx(value - margin), "ci_high": pytest.approx(value + margin)}
    return {"value": value, **ends, "note": ""}


def test_a_report_from_before_there_were_changed_rows_and_costs_is_read() -> None:
    found = document(fragile())
    del found["robustness"], found["costs"]
    _VALIDATOR.validate(found)
    assert from_json(json.dumps(found)) == replace(fragile(), robustness=(), costs=())


def _rows(of: Report) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = document(of)["comparison"]
    return rows


@pytest.mark.parametrize("name", SAMPLES)
def test_a_report_comes_back_as_it_was(name: str) -> None:
    """Value for value, so that a later stage shows what was judged."""
    original = SAMPLES[name]()
    assert from_json(to_json(original)) == original


@settings(max_examples=60)
@given(reports())
def test_every_report_fits_the_schema_and_renders_the_same_afterwards(made: Report) -> None:
    """The comment stage sees the JSON only."""
    text = to_json(made)
    _VALIDATOR.validate(json.loads(text))
    again = from_json(text)
    assert to_json(again) == text
    assert render_comment(again) == render_comment(made)
    assert render_summary(again) == render_summary(made)
    assert render_terminal(again) == render_terminal(made)


def test_the_same_report_gives_the_same_bytes() -> None:
    """The order in which facts were gathered does not show."""
    first = replace(passing(), environment={"a": 1, "b": {"c": 2, "d": 3}})
    second = replace(passing(), environment={"b": {"d": 3, "c": 2}, "a": 1})
    assert to_json(first) == to_json(second)
    assert to_json(first).endswith("}\n")


def test_numbers_that_do_not_exist_are_null() -> None:
    """NaN is no JSON, and a reader that took it for a number would compare with it."""
    odd = report(
        check(observed=math.nan, limit=math.inf, evidence={"deep": [{"x": -math.inf}]}),
        rows=(row(candidate=math.nan, interval=(math.nan, math.inf)),),
    )
    text = to_json(odd)
    assert "NaN" not in text
    assert "Infinity" not in text
    found = json.loads(text)
    assert found["checks"][0]["observed"] is None
    assert found["checks"][0]["evidence"] == {"deep": [{"x": None}]}
    assert found["comparison"][0]["ci_high"] is None


def test_counts_that_are_no_numbers_are_no_counts() -> None:
    odd = row()
    assert odd.interval is not None
    odd = replace(odd, interval=replace(odd.interval, counts=(1.0, math.nan, 3.0)))
    assert document(report(check(), rows=(odd,)))["comparison"][0]["counts"] is None


def test_numbers_of_numpy_are_numbers() -> None:
    evidence = {"share": np.float64(0.25), "rows": np.int64(3), "huge": 2**70}
    found = document(report(check(evidence=evidence)))
    assert found["checks"][0]["evidence"] == {"share": 0.25, "rows": 3, "huge": 2.0**70}


def test_a_value_that_json_does_not_know_is_our_bug() -> None:
    with pytest.raises(TypeError, match="not set"):
        to_json(report(check(evidence={"columns": {"a"}})))


def test_text_that_utf8_cannot_hold_or_nobody_reads_is_replaced() -> None:
    found = document(report(check(message="\ud800" + "x" * 10_000)))
    message = found["checks"][0]["message"]
    assert message.startswith("\N{REPLACEMENT CHARACTER}xxx")
    assert len(message) == MAX_TEXT


def test_both_kinds_of_slice_come_back() -> None:
    for slice_ in (Slice(where="age >= 60"), by(sex="female", where="north")):
        original = report(check("slice.roc_auc.max_regression.x", slice=slice_))
        assert from_json(to_json(original)).checks[0].slice == slice_


def _without(key: str) -> Callable[[dict[str, Any]], object]:
    return lambda found: found.pop(key)


def _with(*path: str | int, value: object) -> Callable[[dict[str, Any]], object]:
    def change(found: Any) -> None:  # noqa: ANN401 -- a walk through parsed JSON
        for key in path[:-1]:
            found = found[key]
        found[path[-1]] = value

    return change


MUTATIONS: dict[str, Callable[[dict[str, Any]], object]] = {
    "a missing field": _without("verdict"),
    "a missing field of a check": lambda found: found["checks"][0].pop("message"),
    "an unknown verdict": _with("verdict", value="fine"),
    "an unknown outcome": _with("checks", 0, "outcome", value="ok"),
    "another version": _with("schema_version", value=2),
    "a version that is true": _with("schema_version", value=True),
    "a deploy that is text": _with("deploy", value="false"),
    "a deploy that is a number": _with("deploy", value=0),
    "a failed report that deploys": _with("deploy", value=True),
    "NaN as text": _with("comparison", 0, "baseline", value="NaN"),
    "a number that is true": _with("comparison", 0, "baseline", value=True),
    "an unknown key": _with("extra", value=1),
    "an unknown key in a row": _with("comparison", 0, "extra", value=1),
    "a long text": _with("reasons", 0, value="x" * (MAX_TEXT + 1)),
    "many reasons": _with("reasons", value=["x"] * 1_001),
    "an id without area": _with("checks", 0, "id", value="missing"),
    "an id with a space": _with("checks", 0, "id", value="data.a b"),
    "an empty slice": _with("checks", 0, "slice", value={}),
    "a slice value that is no text": _with("checks", 0, "slice", value={"sex": 1}),
    "a negative count": _with("comparison", 0, "n", value=-1),
    "two counts": _with("comparison", 0, "counts", value=[1, 2]),
    "a confidence of one": _with("evaluation", "confidence", value=1),
    "provenance that is a list": _with("provenance", value=[]),
    "a list of the wrong things": _with("checks", value=[1]),
    "a report that is a list": lambda found: found.clear(),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_what_is_not_a_report_is_refused_by_the_schema_and_by_the_reader(name: str) -> None:
    """One description, two judges."""
    found = document()
    MUTATIONS[name](found)
    assert not _VALIDATOR.is_valid(found)
    with pytest.raises(MlciError, match="not a report of version 1") as caught:
        from_json(json.dumps(found))
    assert caught.value.hint


MUTATIONS_OF_BEHAVIOUR: dict[str, Callable[[dict[str, Any]], object]] = {
    "no word on flips": lambda found: found["evaluation"].pop("flips"),
    "a rate that is text": _with("evaluation", "flips", "negative_rate", "value", value="0.1"),
    "a rate without an end": lambda found: found["evaluation"]["flips"]["positive_rate"].pop(
        "ci_low"
    ),
    "half a row": _with("evaluation", "flips", "negative_rows", value=0.5),
    "a third model": _with("evaluation", "calibration", 0, "model", value="x"),
    "three models": lambda found: found["evaluation"]["calibration"].append(
        found["evaluation"]["calibration"][0]
    ),
    "many ranges of scores": lambda found: found["evaluation"]["calibration"][0]["bins"].extend(
        found["evaluation"]["calibration"][0]["bins"] * 500
    ),
    "a distance that is text": _with("evaluation", "score_shift", "distances", "ks", value="far"),
    "many distances": _with(
        "evaluation", "score_shift", "distances", value={str(n): 1 for n in range(1_001)}
    ),
    "a quantile of one model": _with(
        "evaluation", "score_shift", "quantiles", "0.5", value={"baseline": 1}
    ),
    "a group judged by text": _with("evaluation", "groups", 0, "judged", value="yes"),
    "a long group": _with("evaluation", "groups", 0, "group", value="x" * (MAX_TEXT + 1)),
    "many rates": _with(
        "evaluation",
        "groups",
        0,
        "rates",
        value={str(n): {"baseline": None, "candidate": None} for n in range(1_001)},
    ),
    "a long condition": _with("evaluation", "found_slices", 0, "where", value="x" * 4_001),
    "many regions": lambda found: found["evaluation"]["found_slices"].extend(
        found["evaluation"]["found_slices"] * 1_000
    ),
    "a sensitive number": _with("checks", 0, "sensitive", value=1),
    "half an interval": _with("comparison", 3, "candidate_ci", value=[0.1]),
    "an interval without an end": _with("comparison", 3, "candidate_ci", value=[0.1, None]),
    "no parameters": _with("comparison", 0, "parameters", value={}),
    "an unknown parameter": _with("comparison", 0, "parameters", value={"gamma": 1}),
    "a threshold in words": _with("comparison", 0, "parameters", value={"threshold": "best"}),
    "a parameter that is true": _with("comparison", 0, "parameters", value={"k": True}),
}


MUTATIONS_BESIDE: dict[str, Callable[[dict[str, Any]], object]] = {
    "no change": lambda found: found["robustness"][0].pop("what"),
    "a rise that is a number": _with("robustness", 0, "rise", value=0.1),
    "a candidate without a value": _with("robustness", 0, "candidate", value=None),
    "a long detail": _with("robustness", 0, "detail", value="x" * (MAX_TEXT + 1)),
    "an unknown key of a change": _with("robustness", 0, "seed", value=1),
    "many changes": lambda found: found["robustness"].extend(found["robustness"] * 200),
    "costs in words": _with("costs", 0, "candidate", value="2 ms"),
    "half a round": _with("costs", 0, "n", value=0.5),
    "a ratio without an end": lambda found: found["costs"][0]["ratio"].pop("ci_low"),
    "a unit that is none": _with("costs", 0, "unit", value=None),
    "many costs": lambda found: found["costs"].extend(found["costs"] * 400),
}


@pytest.mark.parametrize("name", MUTATIONS_BESIDE)
def test_what_is_told_beside_the_comparison_is_bounded_as_all_else(name: str) -> None:
    found = document(fragile())
    MUTATIONS_BESIDE[name](found)
    assert not _VALIDATOR.is_valid(found)
    with pytest.raises(MlciError, match="not a report of version 1"):
        from_json(json.dumps(found))


@pytest.mark.parametrize("name", MUTATIONS_OF_BEHAVIOUR)
def test_what_tells_of_behaviour_is_bounded_as_all_else(name: str) -> None:
    found = document(unfair())
    MUTATIONS_OF_BEHAVIOUR[name](found)
    assert not _VALIDATOR.is_valid(found)
    with pytest.raises(MlciError, match="not a report of version 1") as caught:
        from_json(json.dumps(found))
    assert caught.value.hint


TEXTS = {
    "bare NaN": to_json(failing()).replace("0.8712", "NaN"),
    "bare infinity": to_json(failing()).replace("0.8712", "-Infinity"),
    "a number out of range": to_json(failing()).replace("0.8712", "1e999"),
    "an endless integer": to_json(failing()).replace("6512", "9" * 5_000),
    "a large integer": to_json(failing()).replace("6512", str(2**63)),
    "a key twice": to_json(failing()).replace('"deploy"', '"deploy": true, "deploy"', 1),
    "deep nesting": "[" * 100_000,
    "half a file": to_json(failing())[:-100],
    "nothing": "",
    "another file": "<html>",
    "a bare number": "1",
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_that_is_no_report_is_refused_in_one_line(name: str) -> None:
    with pytest.raises(MlciError) as caught:
        from_json(TEXTS[name])
    assert "\n" not in caught.value.message
    assert caught.value.hint


CONTRADICTIONS = {
    "a check of another area": _with("checks", 0, "area", value="metric"),
    "a warning that failed": _with("checks", 1, "severity", value="warn"),
    "a comparison of nothing": _with("evaluation", value=None),
    "deep facts": _with("provenance", "x", value=json.loads("[" * 20 + "]" * 20)),
    "a parameter that the metric does not take": _with(
        "comparison", 0, "parameters", value={"beta": 2}
    ),
    "a threshold that cannot be tuned": _with(
        "comparison", 0, "parameters", value={"threshold": "tuned"}
    ),
    "a fact too long": _with("provenance", "x", value="x" * (MAX_TEXT + 1)),
    "a fact that is not Unicode": _with("provenance", "x", value="\ud800"),
    "a key that is not Unicode": _with("provenance", "\ud800", value="x"),
}


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_what_a_schema_cannot_say_is_refused_by_the_reader(name: str) -> None:
    found = document()
    CONTRADICTIONS[name](found)
    with pytest.raises(MlciError) as caught:
        from_json(json.dumps(found))
    assert caught.value.hint


def test_a_report_too_large_is_refused_unread() -> None:
    with pytest.raises(MlciError, match="more than the 16,000,000 allowed"):
        from_json(" " * (MAX_CHARACTERS + 1))


def test_a_direction_that_is_not_the_metrics_own_is_kept() -> None:
    """The reader does not know better than the report which way was judged."""
    found = document()
    found["comparison"][0]["direction"] = "lower_is_better"
    comparison = from_json(json.dumps(found)).comparison
    assert comparison is not None
    assert comparison.rows[0].metric.sign == -1


def test_the_largest_report_that_settings_admit_can_be_read_again() -> None:
    """A thousand slices of nine metrics, with a row and a check for each."""
    names = ["roc_auc"] * 9
    slices = [by(postcode=f"{number:05}") for number in range(1_000)]
    made = report(
        *(
            check(
                f"slice.{name}.max_regression.{slice_.key}",
                Outcome.PASSED,
                f"{name} in {slice_.label} 0.8712 -> 0.8801 (95 % CI 0.0012 to 0.0166): not worse",
                slice=slice_,
                evidence={"method": "delong", "ci_low": 0.0012, "ci_high": 0.0166, "n": 6512},
            )
            for slice_ in slices
            for name in names
        ),
        rows=tuple(row(slice_=slice_) for slice_ in slices for _ in names),
    )
    text = to_json(made)
    assert len(text) < MAX_CHARACTERS
    assert len(from_json(text).checks) == 9_000
