"""Records beside models, and whom they are believed."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlci_action.adapters.model_files import digest_of_model
from mlci_action.adapters.training.records import (
    parameters_in,
    record_beside,
    record_path,
    write_record,
)
from mlci_action.domain.fingerprint import Fingerprint, TrainingRecord


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "m.joblib"
    path.write_bytes(b"model")
    return path


def record_of(model: Path) -> TrainingRecord:
    made = digest_of_model(model, who="the model")
    return TrainingRecord(model=made, command="c", fingerprint=Fingerprint())


def test_a_record_is_believed_of_the_bytes_that_it_names(model: Path) -> None:
    write_record(record_of(model), model)
    assert record_path(model).name == "m.joblib.mlci.json"
    assert record_beside(model) == record_of(model)
    model.write_bytes(b"another model")
    assert record_beside(model) is None


@pytest.mark.parametrize("content", [None, b"", b"\xff", b"{}", b"[" * 9_999])
def test_a_file_that_is_no_record_is_none(model: Path, content: bytes | None) -> None:
    if content is not None:
        record_path(model).write_bytes(content)
    assert record_beside(model) is None


def test_a_record_without_its_model_is_none(model: Path) -> None:
    write_record(record_of(model), model)
    model.unlink()
    assert record_beside(model) is None


def test_parameters_are_told_without_what_sounds_secret(tmp_path: Path) -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n"
    for name, before in zip("bcdefgh", "abcdefg", strict=True):
        bomb += f"{name}: &{name} [{', '.join(f'*{before}' for _ in range(9))}]\n"
    files = {
        "p.yaml": "depth: 3\napi_key: x\nopt: {lr: 0.1, password: y}\n",
        "q.toml": "[a]\nb = [1, 2]\n",
        "r.json": '{"n": NaN}',
        "bomb.yaml": bomb,
        "no.yaml": "[",
        "t.yaml": "day: 2026-01-01",
        "u.ini": "[a]",
        "large.json": '"' + "x" * 70_000 + '"',
        "!.yaml": "!!python/object/apply:os.system ['touch evil']",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert parameters_in(tuple(files), tmp_path, seed=7) == {
        "seed": 7,
        "p.yaml": {"depth": 3, "opt": {"lr": 0.1}},
        "q.toml": {"a": {"b": [1, 2]}},
        "r.json": {"n": None},
    }
