"""What of the data section does not fit its shape is said in the file's own words."""

from __future__ import annotations

import pytest

from mlci_action.domain.data_limits import CategoryLimits, DataChecks
from mlci_action.domain.outcomes import Severity
from mlci_action.settings.parse import parse_settings
from mlci_action.settings.values import ReadSettings
from tests.unit.settings.documents import document, pairs, problems

_DATA = r"""
evaluation: t.csv
    data.target: required, but not given
evaluation: t.csv, target: ' '
    data.target: is empty
evaluation: [], target: y
    data.evaluation: expected text, not a list
evaluation: t.csv, target: y, id: y
    data: target and id are the same column
evaluation: t.csv, target: y, time: y
    data: target and time are the same column
evaluation: t.csv, target: y, sample_weight: y
    data: target and sample_weight are the same column
evaluation: t.csv, target: y, id: w, sample_weight: w
    data: id and sample_weight are the same column
evaluation: t.csv, target: y, time: w, sample_weight: w
    data: time and sample_weight are the same column
evaluation: t.csv, target: y, sample_weight: [w]
    data.sample_weight: expected text, not a list
evaluation: t.csv, target: y, checks: {missing: {}}
    data.checks.missing: says nothing; give it one of the keys {missing}, or remove it
evaluation: t.csv, target: y, checks: {missing: {max_shar: 0.1}}
    data.checks.missing.max_shar: unknown key; did you mean 'max_share'?
evaluation: t.csv, target: y, checks: {missing: none}
    data.checks.missing: expected 'off', or a mapping with the keys {missing}
evaluation: t.csv, target: y, checks: {missing: }
    data.checks.missing: has no value; give it one or remove the key
evaluation: t.csv, target: y, checks: {missing: {max_share: 1.5}}
    data.checks.missing.max_share: must be <= 1, not 1.5
evaluation: t.csv, target: y, checks: {missing: {columns: {age: few}}}
    data.checks.missing.columns.age: expected a number, not the text 'few'
evaluation: t.csv, target: y, checks: {missing: {columns: [age]}}
    data.checks.missing.columns: expected a mapping
evaluation: t.csv, target: y, checks: {missing: {columns: {}}}
    data.checks.missing.columns: is empty
evaluation: t.csv, target: y, checks: {duplicates: {max_rise: 2}}
    data.checks.duplicates.max_rise: must be <= 1, not 2
evaluation: t.csv, target: y, checks: {drift: {max: few}}
    data.checks.drift.max: expected a number, not the text 'few'
evaluation: t.csv, target: y, checks: {drfit: {max: 0.1}}
    data.checks.drfit: unknown key; did you mean 'drift'?
evaluation: t.csv, target: y, checks: {spelling: {}}
    data.checks.spelling: says nothing; give it one of the keys severity, or remove it
evaluation: t.csv, target: y, checks: {spelling: {severity: wran}}
    data.checks.spelling.severity: expected 'fail' or 'warn', not 'wran'; did you mean 'warn'?
evaluation: t.csv, target: y, checks: {spelling: {max: 0.1}}
    data.checks.spelling.max: unknown key; valid are: severity
evaluation: t.csv, target: y, checks: {spelling: warn}
    data.checks.spelling: expected 'off', or a mapping with the keys severity
evaluation: t.csv, target: y, checks: {spelling: on}
    data.checks.spelling: runs without being asked for; remove it, or require it by `severity: fail`
evaluation: t.csv, target: y, checks: {categories: {closed: sex}}
    data.checks.categories.closed: expected true or a list of columns, for example [sex, region]
evaluation: t.csv, target: y, checks: {categories: {closed: false}}
    data.checks.categories.closed: expected true or a list of columns, for example [sex, region]
evaluation: t.csv, target: y, checks: {categories: {closed: }}
    data.checks.categories.closed: has no value; give it one or remove the key
evaluation: t.csv, target: y, checks: {categories: {closed: ['']}}
    data.checks.categories.closed: names a column without a name
evaluation: t.csv, target: y, checks: {categories: {closed: [[a]]}}
    data.checks.categories.closed: expected text, not a list
evaluation: t.csv, target: y, checks: {range: {closed: [a]}}
    data.checks.range.closed: expected true, not ['a']
evaluation: t.csv, target: y, checks: {range: {closed: no}}
    data.checks.range.closed: is so without being said; remove it
evaluation: t.csv, target: y, checks: {range: {max_z: 0}}
    data.checks.range.max_z: must be > 0, not 0
evaluation: t.csv, target: y, checks: {labels: {min_rows: 0.5}}
    data.checks.labels.min_rows: expected a whole number, not 0.5
evaluation: t.csv, target: y, checks: {labels: {max_conflicts: -1}}
    data.checks.labels.max_conflicts: must be >= 0, not -1
evaluation: t.csv, target: y, show_values: perhaps
    data.show_values: expected true or false, not 'perhaps'
evaluation: t.csv, target: y, show_values: 1
    data.show_values: expected true or false, not 1
evaluation: t.csv, target: y, show_values: [true]
    data.show_values: expected true or false, not ['true']
evaluation: t.csv, target: y, columns: a
    data.columns: expected a list, for example [a, b]
evaluation: t.csv, target: y, columns: [y, ' ']
    data.columns[1]: is empty
evaluation: t.csv, target: y, separator: ''
    data.separator: '' is neither one character nor the word 'whitespace'
evaluation: t.csv, target: y, separator: whitespaces
    data.separator: 'whitespaces' is neither one character nor the word 'whitespace'
evaluation: t.csv, target: y, separator: '"'
    data.separator: '"' stands in values and between rows, never between columns
evaluation: t.csv, target: y, separator: 5
    data.separator: expected text, not the number 5; put it in quotes
evaluation: t.csv, target: y, encoding: latin1-x
    data.encoding: 'latin1-x' is no text encoding; did you mean 'latin-1'?
evaluation: t.csv, target: y, encoding: rot13
    data.encoding: 'rot13' is no text encoding; for example utf-8, latin-1 or cp1252
evaluation: t.csv, target: y, encoding: "a\0b"
    data.encoding: 'a\x00b' is no text encoding; for example utf-8, latin-1 or cp1252
evaluation: t.csv, target: y, integrity: a <= b
    data.integrity: expected a list, for example [a, b]
evaluation: t.csv, target: y, integrity: []
    data.integrity: is empty
evaluation: t.csv, target: y, integrity: [a <= b, a = c]
    data.integrity[1]: not a condition like age >= 60; write == to compare
evaluation: t.csv, target: y, integrity: [5]
    data.integrity[0]: expected text, not the number 5; put it in quotes
evaluation: t.csv, target: y, integrity: ['']
    data.integrity[0]: is empty
evaluation: t.csv, target: y, integrity: [a <= b, ~]
    data.integrity[1]: has no value; give it one or remove the key
evaluation: t.csv, target: y, integrity: [{max_share: 0.1}]
    data.integrity[0]: a rule has one of the keys rule and never
evaluation: t.csv, target: y, integrity: [{rule: a > b, never: a < b}]
    data.integrity[0]: a rule has one of the keys rule and never
evaluation: t.csv, target: y, integrity: [{nevr: a > b}]
    data.integrity[0].nevr: unknown key; did you mean 'never'?
evaluation: t.csv, target: y, integrity: [{never: zip -> state}]
    data.integrity[0]: a rule with -> stands for itself, and not under never
evaluation: t.csv, target: y, integrity: [{never: a > b, max_share: 1.5}]
    data.integrity[0].max_share: must be <= 1, not 1.5
evaluation: t.csv, target: y, integrity: [{never: a > b, severity: wran}]
    data.integrity[0].severity: expected 'fail' or 'warn', not 'wran'; did you mean 'warn'?
evaluation: t.csv, target: y, sheet: [a]
    data.sheet: expected text, not a list
evaluation: t.csv, target: y, train: 3
    data.train: expected text, not the number 3; put it in quotes
evaluation: t.csv, target: y, reference: git:base
    data.reference: 'git:base' is not git:REF:PATH, for example git:base:models/model.joblib
"""
_MISSING = "columns, max_rise, max_share, severity"


@pytest.mark.parametrize(("data", "said"), pairs(_DATA))
def test_data_that_do_not_fit_are_said(data: str, said: str) -> None:
    written_out = said.replace("{missing}", _MISSING)
    assert problems(document(data=f"data: {{{data}}}")) == (f"1: {written_out}",)


_CLOSED = [
    ("true", CategoryLimits(closed=True)),
    ("Yes", CategoryLimits(closed=True)),
    ("[sex, 7]", CategoryLimits(columns=("sex", "7"))),
]


@pytest.mark.parametrize("word", ["off", "Off", "OFF", "false", "no"])
def test_a_check_is_off_however_yaml_writes_it(word: str) -> None:
    text = document(data=f"data: {{evaluation: t, target: y, checks: {{drift: {word}}}}}")
    checks = parse_settings(text, path="x").data.checks
    assert checks == DataChecks(off=frozenset({"drift"}))


@pytest.mark.parametrize(
    "check", ["missing", "duplicates", "drift", "categories", "range", "labels", "dates"]
)
def test_a_severity_alone_declares_a_check(check: str) -> None:
    data = f"data: {{evaluation: t, target: y, checks: {{{check}: {{severity: warn}}}}}}"
    checks = parse_settings(document(data=data), path="x").data.checks
    assert checks.declared(check)
    assert checks.severity(check) is Severity.WARN


@pytest.mark.parametrize(("written", "limits"), _CLOSED)
def test_categories_are_closed_in_all_columns_or_in_some(
    written: str, limits: CategoryLimits
) -> None:
    checks = f"checks: {{categories: {{closed: {written}}}}}"
    text = document(data=f"data: {{evaluation: t, target: y, {checks}}}")
    assert parse_settings(text, path="x").data.checks.categories == limits


@pytest.mark.parametrize(
    ("written", "separator"),
    [
        ("whitespace", "whitespace"),
        (r"\t", "\t"),
        ("tab", "\t"),
        (r'"\t"', "\t"),
        ("' '", " "),
        (";", ";"),
        ("'5'", "5"),
    ],
)
def test_a_separator_is_one_character_or_whitespace(written: str, separator: str) -> None:
    text = document(data=f"data: {{evaluation: t, target: y, separator: {written}}}")
    assert parse_settings(text, path="x").data.options == ReadSettings(separator=separator)


@pytest.mark.parametrize("encoding", ["latin-1", "UTF-16", "cp1252", "utf_8_sig"])
def test_any_text_encoding_of_python_will_do(encoding: str) -> None:
    text = document(data=f"data: {{evaluation: t, target: y, encoding: {encoding}}}")
    assert parse_settings(text, path="x").data.options == ReadSettings(encoding=encoding)
