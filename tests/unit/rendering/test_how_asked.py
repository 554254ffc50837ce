from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from mlci_action.rendering.how_asked import how_asked
from tests.builders import check, report
from tests.sample_reports import fragile, passing

CUT = {"isolation": {"network": "cut"}}


def sentences(facts: Mapping[str, Any]) -> list[str]:
    return how_asked(report(check(), provenance=facts))


def test_the_usual_way_is_not_told() -> None:
    usual = {"environment": "the candidate's", "predictions_from": "the model", **CUT}
    assert sentences({"candidate": usual, "baseline": usual, "trust": {"code": ""}}) == []
    assert how_asked(passing()) == []


@pytest.mark.parametrize("network", ["allowed", "cut, connections within the machine as well"])
def test_a_network_that_is_as_the_settings_want_it_is_not_told(network: str) -> None:
    assert sentences({"candidate": {"isolation": {"network": network}}}) == []


def test_all_that_is_unusual_is_one_sentence_each() -> None:
    assert how_asked(fragile()) == [
        "the baseline ran in an environment of its own (numpy 1.26.4, scikit-learn 1.3.2)",
        (
            "code of this change was not run: this is a pull request of a fork, and trust.pickle is"
            " same-repository"
        ),
        "the network was not cut: this system knows no way",
    ]


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (
            "stored predictions",
            "the baseline was not loaded: its stored predictions were used",
        ),
        ("a file of predictions", "the baseline was not loaded: a file says what it predicts"),
        ("a command", "the baseline was asked by a command"),
    ],
)
def test_predictions_that_no_loaded_model_made_are_told(source: str, sentence: str) -> None:
    assert sentences({"baseline": {"predictions_from": source}}) == [sentence]


def test_an_environment_without_versions_to_tell_it_by_is_told_by_its_origin() -> None:
    made = {"environment": "made of git:base:requirements.txt"}
    said = "the baseline ran in an environment of its own (made of git:base:requirements.txt)"
    same = {"installed": {"numpy": "2.0"}}
    assert sentences({"baseline": made | same}) == [said]
    assert sentences({"candidate": same, "baseline": made | same}) == [said]


def test_many_versions_are_counted() -> None:
    many = {f"lib{place}": "1" for place in range(5)}
    facts = {
        "candidate": {"installed": {"numpy": "2"}},
        "baseline": {"environment": "made", "installed": many},
    }
    assert sentences(facts)[0].endswith("(lib0 1, lib1 1, lib2 1 and 2 more)")


@pytest.mark.parametrize("odd", [None, 3, [], {"network": []}, {"network": None}])
def test_facts_of_another_shape_are_not_told(odd: object) -> None:
    assert sentences({"candidate": {"isolation": odd}, "baseline": odd, "trust": odd}) == []
