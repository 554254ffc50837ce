"""What the real world remembers of a run with a metric of the user's own."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlci_action.adapters.baselines import BaselineFinder
from mlci_action.adapters.git import Git
from mlci_action.adapters.github_event import Change
from mlci_action.adapters.world import RealWorld, Speaker
from mlci_action.domain.limits import MetricLimits
from mlci_action.domain.metric import Direction, Needs, Task
from mlci_action.domain.metrics import custom_metric
from mlci_action.errors import ModelError
from mlci_action.evaluation.metrics.custom_metrics import CustomQuestion
from mlci_action.evaluation.reading.paired import PairedRows
from mlci_action.evaluation.reading.predictions import Predictions
from mlci_action.settings.parse import parse_settings

COST = custom_metric(
    "costs.py:cost", name="cost", direction=Direction.LOWER_IS_BETTER, needs=Needs.LABELS
)
SETTINGS = """\
data: {evaluation: test.csv, target: y}
candidate: {model: new.joblib}
metrics: {accuracy: {min: 0.5}}
"""
LABELS = np.array([0, 1, 1, 0])
QUESTION = CustomQuestion(
    metrics=(COST,),
    rows=PairedRows(
        task=Task.BINARY,
        classes=("0", "1"),
        truth=LABELS,
        candidate=Predictions(labels=LABELS),
        baseline=None,
        weight=None,
        dependence=None,
        confidence=0.95,
    ),
    classes=np.array([0, 1]),
    frame=pd.DataFrame({"y": LABELS}),
)


def world_in(folder: Path) -> RealWorld:
    """Its settings name a cost beside the accuracy."""
    (folder / "costs.py").write_text("def cost(y_true, y_pred): return (y_true != y_pred).mean()")
    settings = parse_settings(SETTINGS, path="mlci.yml")
    settings = replace(settings, metrics=(*settings.metrics, MetricLimits(metric=COST)))
    baselines = BaselineFinder(
        folder=folder,
        store=folder / "store",
        git=Git(folder=folder),
        base=None,
        no_base="there is none",
        under_test=frozenset(),
        fetch=str,
    )
    return RealWorld(
        settings=settings,
        folder=folder,
        change=Change(),
        environ=os.environ,
        baselines=baselines,
        speaker=Speaker(say=lambda _: None, foreign=lambda _: None),
        python=sys.executable,
    )


def test_a_metric_is_asked_in_the_users_interpreter_and_named_with_its_digest(
    tmp_path: Path,
) -> None:
    world = world_in(tmp_path)

    answers = world.ask_metrics(QUESTION)

    assert answers["cost"].overall.candidate == 0.0
    (named,) = world.facts().provenance["custom_metrics"]
    assert (named["name"], named["path"]) == ("cost", "costs.py")
    assert named["digest"].startswith("sha256:")


def test_a_metric_that_was_rewritten_meanwhile_is_not_asked(tmp_path: Path) -> None:
    """A model's own code would then judge itself."""
    world = world_in(tmp_path)
    (tmp_path / "costs.py").write_text("def cost(y_true, y_pred): return 0.0")

    with pytest.raises(ModelError, match="the file of a metric changed while the gate ran"):
        world.ask_metrics(QUESTION)


def test_the_digest_is_that_of_the_data_that_were_judged(tmp_path: Path) -> None:
    """A model's code may rewrite the file after it was read, and must not sign for it."""
    (tmp_path / "test.csv").write_text("x,y\n1,0\n2,1\n", encoding="utf-8")
    untouched, spoilt = world_in(tmp_path), world_in(tmp_path)
    untouched.load_data()
    spoilt.load_data()
    spoilt.load_rows()
    expected = untouched.facts().data["digest"]
    (tmp_path / "test.csv").write_text("x,y\n9,9\n", encoding="utf-8")
    assert spoilt.facts().data["digest"] == expected
