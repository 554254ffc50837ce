"""How much did the training data change, and which files are they?"""

from __future__ import annotations

import glob
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlci_action.adapters.git import Git
from mlci_action.adapters.summaries import sum_up_frame
from mlci_action.adapters.training.material import MaterialFinder, _matches
from mlci_action.domain.fingerprint import Fingerprint, TrainingRecord
from mlci_action.domain.retraining import Known
from mlci_action.errors import SettingsError
from mlci_action.profiles.stored import to_json
from mlci_action.profiles.table import Aims
from mlci_action.settings.parse import parse_settings

_FILES = ("a.csv", "data/a.csv", "data/a/b/train.csv", "data/.hidden/x.csv", "data/x[1].csv")
_GLOBS = (
    "data/a.csv ./a.csv *.csv data/*.csv data/**/*.csv ** data/** **/train.csv data/?/b/*"
    " data/x[1].csv data/.*/* **/b/**/train.*"
)


@pytest.mark.parametrize("pattern", _GLOBS.split())
def test_a_file_is_meant_that_the_glob_finds(tmp_path: Path, pattern: str) -> None:
    for name in _FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = glob.glob(pattern, root_dir=tmp_path, recursive=True)  # noqa: PTH207
    found += [pattern] if (tmp_path / pattern).is_file() else []
    names = {name.removeprefix("./") for name in found if (tmp_path / name).is_file()}
    assert {name for name in _FILES if _matches(name, pattern)} == names


SETTINGS = """\
data: {evaluation: t.csv, target: y, train: data/train.csv}
candidate: {model: m}
metrics: {accuracy: {min: 0.5}}
train: {command: c, inputs: ["data/*"], output: m, material: {drift: 0.1}}
"""


def finder(folder: Path, bundle: Path | None) -> MaterialFinder:
    settings = parse_settings(SETTINGS, path="mlci.yml")
    assert settings.train is not None
    return MaterialFinder(
        settings=settings,
        train=settings.train,
        folder=folder,
        git=Git(folder=folder),
        scratch=folder / "scratch",
        commit=None,
        bundle=bundle,
    )


def known(**data: str) -> Known:
    names = {f"data/{name}.csv": digest for name, digest in data.items()}
    record = TrainingRecord(model="m", command="c", fingerprint=Fingerprint(data=names))
    return Known(record=record, whose="the baseline")


def rows(shift: float = 0.0, columns: tuple[str, str] = ("x", "y")) -> pd.DataFrame:
    values = np.random.default_rng(0).normal(loc=(shift, 0), size=(500, 2))
    return pd.DataFrame(values, columns=list(columns))


@pytest.mark.parametrize(
    ("table", "drift", "reached"),
    [(rows(), 0.0, False), (rows(2.0), 0.68, True), (rows(columns=("x", "z")), 1.0, True)],
    ids=["same", "moved", "columns"],
)
def test_drift_is_measured_against_the_profile_in_the_bundle(
    tmp_path: Path,
    table: pd.DataFrame,
    drift: float,
    reached: bool,  # noqa: FBT001
) -> None:
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    profile = sum_up_frame(rows(), aims=Aims()).profile
    (bundle / "train_profile.json").write_text(to_json(profile))
    (tmp_path / "data").mkdir()
    table.to_csv(tmp_path / "data" / "train.csv", index=False)

    found = finder(tmp_path, bundle).measured(known(train="1"), {"data/train.csv": "2"})

    assert found.unknown == ""
    assert found.drift == pytest.approx(drift, abs=0.02)
    assert found.is_reached is reached


def test_what_is_not_the_training_table_is_never_too_little(tmp_path: Path) -> None:
    now = {"data/train.csv": "2", "data/lookup.csv": "2"}
    found = finder(tmp_path, None).measured(known(train="1", lookup="1"), now)
    assert found.unknown == "'data/lookup.csv' is not of data.train, so it is trained"
    assert found.is_reached


def test_what_nobody_kept_is_never_too_little(tmp_path: Path) -> None:
    found = finder(tmp_path, None).measured(known(train="1"), {"data/train.csv": "2"})
    assert "no bundle has train_profile.json" in found.unknown
    assert found.is_reached


def test_without_a_training_table_there_is_nothing_to_measure(tmp_path: Path) -> None:
    asked = finder(tmp_path, None)
    data = replace(asked.settings.data, train=None)
    asked = replace(asked, settings=replace(asked.settings, data=data))
    with pytest.raises(SettingsError, match=r"train.material needs data.train"):
        asked.measured(known(), {})
