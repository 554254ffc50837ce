"""A user's repository in small: a table, two real models that differ, and settings."""

from __future__ import annotations

import shutil
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

N_ROWS = 600
SETTINGS = """\
data: {evaluation: test.csv, target: approved}
candidate: {model: new.joblib}
baseline: {from: old.joblib}
metrics:
  roc_auc: {min: 0.6, max_regression: 0.03}
  accuracy: {}
"""


def make_project(folder: Path) -> Path:
    """`new.joblib` is clearly better than `old.joblib`, which saw one feature only as noise."""
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(1)
    features = pd.DataFrame(random.normal(size=(2 * N_ROWS, 3)), columns=["a", "b", "c"])
    chance = 1 / (1 + np.exp(-(1.5 * features["a"] + 1.5 * features["b"])))
    approved = (random.uniform(size=len(features)) < chance).astype(int)
    train, test = features[:N_ROWS], features[N_ROWS:]
    shuffled = train.assign(b=random.permutation(train["b"]))
    for name, table in (("new", train), ("old", shuffled)):
        model = LogisticRegression().fit(table, approved[:N_ROWS])
        joblib.dump(model, folder / f"{name}.joblib")
    test.assign(approved=approved[N_ROWS:]).to_csv(folder / "test.csv", index=False)
    (folder / "mlci.yml").write_text(SETTINGS)
    return folder


def copy_project(made: Path, into: Path) -> Path:
    """A project of a test's own."""
    shutil.copytree(made, into)
    return into
