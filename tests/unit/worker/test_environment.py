"""What is installed and what a model was made with: told where it can be, and never a failure."""

from __future__ import annotations

import json
import warnings
from importlib import metadata
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pytest
from catboost import CatBoostClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from mlci_action.worker.catboost_file import CatBoostModel
from mlci_action.worker.chains import Chain
from mlci_action.worker.environment import distributions, parameters
from mlci_action.worker.lightgbm_file import LightGBMModel


class Says:
    """A model with these parameters."""

    def __init__(self, **said: Any) -> None:  # noqa: ANN401
        self._said = said

    def get_params(self, *, deep: bool) -> dict[str, Any]:
        assert deep
        return self._said


def test_everything_that_is_installed_is_named_as_packages_are() -> None:
    found = distributions()
    assert found["scikit-learn"] == metadata.version("scikit-learn")
    assert list(found) == sorted(found)
    assert all(name == name.lower() and "_" not in name for name in found)


def test_a_damaged_installation_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in {
        "Good_One": "Name: Good_One\nVersion: 1.0\n",
        "nameless": "x",
        "bare": "",
    }.items():
        folder = tmp_path / f"{name}-1.0.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(text, encoding="utf-8")
    (tmp_path / "empty-1.0.dist-info").mkdir()
    monkeypatch.setattr("sys.path", [str(tmp_path)])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert distributions() == {"good-one": "1.0"}
    assert caught == []


def test_parameters_are_those_of_all_steps() -> None:
    found = parameters(make_pipeline(SimpleImputer(), LogisticRegression(C=0.5)))
    assert found["logisticregression__C"] == 0.5
    assert found["logisticregression"] == "LogisticRegression"
    assert found["simpleimputer__missing_values"] == "nan"
    assert found["memory"] is None
    json.dumps(found, allow_nan=False)


def test_values_are_json_and_bounded() -> None:
    found = parameters(
        Says(
            text="x" * 1_000,
            whole=np.int64(3),
            large=2**70,
            half=np.float32(0.5),
            infinite=float("-inf"),
            short=(1, np.float64(2), "a"),
            long=list(range(100)),
            nested=[[1]],
            function=json.dumps,
            flag=np.True_,
            array=np.zeros(3),
        )
    )
    assert found == {
        "text": "x" * 200,
        "whole": 3,
        "large": str(2**70),
        "half": 0.5,
        "infinite": "-inf",
        "short": [1, 2.0, "a"],
        "long": "list",
        "nested": "list",
        "function": "function",
        "flag": "bool",
        "array": "ndarray",
    }
    json.dumps(found, allow_nan=False)
    many = parameters(Says(**{f"p{number:04}": number for number in range(2_000)}))
    assert len(many) == 500


class Raises:
    def get_params(self, *, deep: bool) -> None:
        raise SystemExit("no")


class Warns(Says):
    def get_params(self, *, deep: bool) -> dict[str, Any]:
        warnings.warn("old", FutureWarning, stacklevel=1)
        return super().get_params(deep=deep)


class Odd:
    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return Odd()

    def __call__(self, **_: object) -> int:
        return 3


@pytest.mark.parametrize("model", [Raises(), Odd(), object(), None, Says(**{"": 1}), print])
def test_a_model_that_tells_nothing_of_use_is_no_failure(model: object) -> None:
    assert parameters(model) in ({}, {"": 1})


def test_a_warning_of_a_parameter_is_none_of_the_models() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert parameters(Warns(a=1)) == {"a": 1}
    assert caught == []


def test_boosters_and_chains_tell_what_they_were_trained_with() -> None:
    rows, labels = np.arange(40.0).reshape(20, 2), np.arange(20) % 2
    chain = Chain([SimpleImputer().fit(rows)], LogisticRegression(C=2.0).fit(rows, labels))
    assert parameters(chain)["1__C"] == 2.0
    booster = lightgbm.train(
        {"objective": "binary", "num_leaves": 5, "verbose": -1}, lightgbm.Dataset(rows, labels), 1
    )
    assert parameters(LightGBMModel(booster))["num_leaves"] == 5
    cat = CatBoostClassifier(depth=3, iterations=1, verbose=False, allow_writing_files=False)
    assert parameters(CatBoostModel(cat.fit(rows, labels)))["depth"] == 3
