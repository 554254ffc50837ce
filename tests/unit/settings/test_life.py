"""`train` and `waivers` of mlci.yml."""

from __future__ import annotations

from datetime import date

import pytest

from mlci_action.domain.fingerprint import Part
from mlci_action.domain.waivers import Waiver
from mlci_action.settings.parse import parse_settings
from mlci_action.settings.values import TrainSettings
from tests.unit.settings.documents import document, problems

_TRAIN = "train: {command: make model, output: model.joblib, inputs: %s%s}"


def test_inputs_are_globs_or_globs_by_part() -> None:
    globs = parse_settings(document(_TRAIN % ("[a.csv, src/**]", "")), path="mlci.yml")
    parts = parse_settings(document(_TRAIN % ("{code: [t.py], data: [a.csv]}", "")), path="m")
    assert globs.train == TrainSettings(
        command="make model", output="model.joblib", inputs=("a.csv", "src/**")
    )
    assert parts.train is not None
    assert parts.train.inputs == ()
    assert parts.train.parts == {Part.CODE: ("t.py",), Part.DATA: ("a.csv",)}


def test_material_says_from_where_on_changed_data_counts() -> None:
    text = document(_TRAIN % ("[a.csv]", ", material: {rows: 0.01, drift: 0.05}"))
    train = parse_settings(text, path="mlci.yml").train
    assert train is not None
    assert (train.min_rows, train.min_drift) == (0.01, 0.05)


def test_a_waiver_has_all_that_an_audit_asks_for() -> None:
    text = document(
        "waivers: [{check: metric.roc_auc.min, ceiling: 0.7, reason: r, expires: 2027-03-31,"
        " issue: 'https://host/1', author: ada, slice: sex = f}]"
    )
    assert parse_settings(text, path="mlci.yml").waivers == (
        Waiver(
            check="metric.roc_auc.min",
            ceiling=0.7,
            reason="r",
            expires=date(2027, 3, 31),
            issue="https://host/1",
            author="ada",
            slice="sex = f",
        ),
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (_TRAIN % ("[]", ""), "train.inputs: "),
        (_TRAIN % ("{}", ""), "train.inputs: "),
        (_TRAIN % ("[a]", ", material: {}"), "train.material: "),
        (
            "waivers: [{check: a.b, ceiling: 1, reason: r, expires: soon}]",
            "waivers[0].expires: expected a day as YYYY-MM-DD, not 'soon'",
        ),
        (
            "waivers: [{check: a.b, ceiling: 1, reason: r}]",
            "waivers[0].expires: required, but not given",
        ),
    ],
)
def test_what_does_not_fit_is_said(line: str, said: str) -> None:
    (problem,) = problems(document(line))
    assert said in problem
