"""What was a model made of? The record that lies beside it, where it is about these very bytes."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from mlci_action.adapters.baselines import Baseline
from mlci_action.adapters.git import Git
from mlci_action.adapters.model_bytes.streams import open_regular
from mlci_action.adapters.model_files import digest_of_model
from mlci_action.adapters.report_folder import write_whole
from mlci_action.adapters.training.fingerprints import RECORD_SUFFIX
from mlci_action.domain.fingerprint import TrainingRecord
from mlci_action.domain.sources import GitSource, parse_source
from mlci_action.errors import MlciError, ModelError
from mlci_action.rendering.strict_json import plain_values
from mlci_action.rendering.training_record import (
    MAX_CHARACTERS,
    record_from_json,
    record_to_json,
)

_MAX_PARAMETER_BYTES = 64 << 10
_MAX_FILES = 100
_MAX_DEPTH, _MAX_VALUES = 10, 1_000
_SECRET = re.compile(r"secret|token|passw|credential|private|api_?key", re.IGNORECASE)


def record_path(output: Path) -> Path:
    """Where the record of the model at `output` lies."""
    return output.with_name(output.name + RECORD_SUFFIX)


def record_beside(output: Path) -> TrainingRecord | None:
    """The record beside a model; None without one, and where it is about other bytes."""
    try:
        found = _read(record_path(output))
        if found is None or found.model != digest_of_model(output, who="the output"):
            return None
    except (OSError, MlciError):
        return None
    return found


def record_of_baseline(baseline: Baseline, git: Git, scratch: Path) -> TrainingRecord | None:
    """What the baseline was made of: as its manifest says, or the record beside it, also in git."""
    if baseline.manifest is not None:
        training = baseline.manifest.training
        return training if training and training.model == baseline.file.digest else None
    if baseline.commit is None:
        return record_beside(baseline.file.path)
    try:
        source = parse_source(baseline.source)
        if not isinstance(source, GitSource):
            return None
        path = f"{PurePosixPath(source.path)}{RECORD_SUFFIX}"
        size = git.blob_size(baseline.commit, path)
        if size is None or size > MAX_CHARACTERS or not git.has_file(baseline.commit, path):
            return None
        scratch.mkdir(parents=True, exist_ok=True)
        copied = scratch / "record.json"
        git.write_blob(baseline.commit, path, copied)
        found = _read(copied)
    except (OSError, ValueError, MlciError):
        return None
    return found if found is not None and found.model == baseline.file.digest else None


def write_record(record: TrainingRecord, output: Path) -> None:
    """Leave the record beside the model, whole or not at all; MlciError when it cannot be."""
    path = record_path(output)
    try:
        write_whole(path, record_to_json(record))
    except OSError as error:
        raise MlciError(f"cannot write {path.name}: {error.strerror or error}") from error


def parameters_in(names: tuple[str, ...], folder: Path, seed: int) -> dict[str, Any]:
    """What small parameter files say, by their names, and the seed; nothing that sounds secret."""
    found: dict[str, Any] = {"seed": seed}
    for name in names[:_MAX_FILES]:
        said = _said(folder / name)
        if said is not None:
            found[name] = said
    return found


def _read(path: Path) -> TrainingRecord | None:
    """None without a file there; MlciError when it is no record."""
    try:
        with open_regular(path) as stream:
            data = stream.read(MAX_CHARACTERS + 1)
        return record_from_json(data.decode())
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise ModelError(f"{path.name} is not UTF-8 text") from error


def _said(path: Path) -> object:
    try:
        with open_regular(path.resolve()) as stream:
            data = stream.read(_MAX_PARAMETER_BYTES + 1)
        if len(data) > _MAX_PARAMETER_BYTES:
            return None
        match path.suffix.lower():
            case ".yaml" | ".yml":
                document = yaml.safe_load(data)
            case ".json":
                document = json.loads(data)
            case ".toml":
                document = tomllib.loads(data.decode())
            case _:
                return None
        return plain_values(_without_secrets(document, [_MAX_VALUES]))
    except (OSError, ValueError, TypeError, RecursionError, yaml.YAMLError):
        return None


def _without_secrets(value: object, room: list[int], depth: int = 0) -> object:
    """The value without keys that sound secret; ValueError for one that is too large to keep.

    A YAML file of a few lines can stand for millions of values, each an alias of another.
    """
    room[0] -= 1
    if room[0] < 0 or depth > _MAX_DEPTH:
        raise ValueError("it is too large")
    match value:
        case Mapping():
            return {
                str(key): _without_secrets(item, room, depth + 1)
                for key, item in value.items()
                if not _SECRET.search(str(key))
            }
        case list():
            return [_without_secrets(item, room, depth + 1) for item in value]
        case _:
            return value
