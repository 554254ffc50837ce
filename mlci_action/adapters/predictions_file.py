"""What did a model say, when all there is of it is a file of its answers?"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlci_action.adapters.plain_arrays import MAGIC, array_in
from mlci_action.adapters.prediction_columns import READ_NAMES, AnswerColumns, find_columns
from mlci_action.adapters.prediction_rows import Joined, by_position, join, refuse_other_order
from mlci_action.adapters.prediction_values import (
    decoded,
    known_labels,
    most_likely,
    numbers_in,
    same_as_truth,
    values_in,
)
from mlci_action.adapters.stored_predictions import parse_npz
from mlci_action.adapters.tables.header import NoHeader
from mlci_action.adapters.tables.options import AS_FOUND, ReadOptions
from mlci_action.adapters.tables.source import open_table
from mlci_action.domain.model_formats import ModelFormat
from mlci_action.errors import DatasetError, ModelError
from mlci_action.evaluation.reading.predictions import ModelOutput
from mlci_action.evaluation.reading.variants import Answers

_ZIP = b"PK\x03\x04"
_MAX_ARRAY_BYTES_PER_ROW = 80_000
_MAX_HEADER_BYTES = 1 << 20
_OUTSIDE = 1e-6  # how far rounding may take a probability out of 0..1
_TWO = 2
_BOTH_AXES = 2


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Asked:
    """About which rows answers are wanted. needed: (N,) which of them have a label."""

    rows: pd.DataFrame
    id_column: str | None
    target: str
    truth: pd.Series | None
    needed: NDArray[np.bool_]
    classes: tuple[str, ...] | None
    who: str

    @property
    def labels(self) -> tuple[str, ...]:
        return known_labels(self.truth, self.classes)


def read_predictions_file(
    path: Path,
    rows: pd.DataFrame,
    *,
    id_column: str | None,
    target: str,
    classes: tuple[str, ...] | None,
    who: str,
) -> Answers:
    """The answers in a table (CSV, Parquet, ...), a `.npy` array or a `predictions.npz` of ours.

    rows: the evaluation data; where it has the target, that is only used to read the file. Answers
    are joined by `id_column` when the file has it, else line by line. classes: what the codes 0, 1,
    2, ... stand for. facts: `joined_by`, `extra_rows`, `read_columns` and `warnings`.
    ModelError when the file cannot be read, or it is not clear what it says of which row.
    """
    truth = rows[target] if target in rows.columns else None
    asked = _Asked(
        rows=rows, id_column=id_column, target=target, truth=truth, classes=classes, who=who,
        needed=np.ones(len(rows), np.bool_) if truth is None else truth.notna().to_numpy(),
    )  # fmt: skip
    output, facts = _read(path, asked)
    facts["warnings"] = []
    if same_as_truth(output.predictions, truth, asked.needed):
        n = int(asked.needed.sum())
        said = f"{who}'s predictions equal the truth in all {n:,} rows: are they the labels?"
        facts["warnings"].append(said)
    return Answers(output=output, facts={"format": ModelFormat.PREDICTIONS.value, **facts})


def _read(path: Path, asked: _Asked) -> tuple[ModelOutput, dict[str, Any]]:
    head = _beginning(path, len(_ZIP) + len(MAGIC), asked.who)
    facts: dict[str, Any] = {"joined_by": None, "extra_rows": 0, "read_columns": []}
    if head.startswith(MAGIC):
        return _from_array(path, asked), facts
    if head.startswith(_ZIP) and _holds_arrays(path):
        return _from_npz(path, asked), facts
    table = _table(path, asked.who)
    columns = find_columns(
        [str(name) for name in table.columns],
        id_column=asked.id_column,
        target=asked.target,
        data_columns=[str(name) for name in asked.rows.columns],
        classes=asked.labels,
        who=asked.who,
    )
    joined = join(table, asked.rows, id_column=asked.id_column, who=asked.who)
    if joined.by is None:
        for name in columns.numbering:
            refuse_other_order(table[name], who=asked.who)
    facts |= {
        "joined_by": joined.by, "extra_rows": joined.extra, "read_columns": list(columns.all),
    }  # fmt: skip
    return _from_table(table, columns, joined, asked), facts


def _from_table(
    table: pd.DataFrame, columns: AnswerColumns, joined: Joined, asked: _Asked
) -> ModelOutput:
    cells = table[list(columns.all)].iloc[joined.positions]
    who, needed = asked.who, asked.needed
    probabilities, classes = _probabilities(cells, columns, asked)
    decisions = None
    score = (
        None if columns.score is None else numbers_in(cells[columns.score], columns.score, who=who)
    )
    if columns.prediction is not None:
        said = decoded(
            values_in(cells[columns.prediction], needed, who=who), asked.classes, needed, who=who
        )
        if score is not None and _are_margins(score, str(columns.score)):
            decisions = score
        elif score is not None:
            probabilities = score
    elif score is not None:
        # What is only a number is, for two classes, how likely the positive one is.
        said = score
    else:
        assert probabilities is not None and classes is not None  # noqa: S101, PT018 - as found
        said = most_likely(probabilities, classes, needed, who=who)
    return ModelOutput(
        predictions=said, probabilities=probabilities, decisions=decisions, classes=classes
    )


def _probabilities(
    cells: pd.DataFrame, columns: AnswerColumns, asked: _Asked
) -> tuple[NDArray[np.float64] | None, tuple[str, ...] | None]:
    """(N, k) in the order of the classes beside it."""
    if not columns.by_class:
        return None, None
    values = [numbers_in(cells[name], name, who=asked.who) for name in columns.by_class.values()]
    names = decoded(
        np.array(list(columns.by_class), dtype=np.str_), asked.classes,
        np.ones(len(values), np.bool_), who=asked.who,
    ).tolist()  # fmt: skip
    if len(values) == 1:
        other = [label for label in asked.labels if label != names[0]]
        if len(other) != 1:
            raise ModelError(
                f"{asked.who}'s predictions have the probability of a class that the data has not",
                hint=READ_NAMES,
            )
        values, names = [1 - values[0], values[0]], [other[0], names[0]]
    return np.column_stack(values), tuple(names)


def _from_array(path: Path, asked: _Asked) -> ModelOutput:
    content = _content(path, asked)
    try:
        values = array_in(content)
    except ValueError as error:
        raise ModelError(
            f"{asked.who}'s predictions {path.name!r} cannot be read: {error}",
            hint="save a plain array: np.save(path, predictions.astype(str)) for labels",
        ) from error
    by_position(len(values), len(asked.rows), id_column=asked.id_column, who=asked.who)
    if values.ndim == _BOTH_AXES and values.shape[1] > 1:
        return _from_columns(values, asked)
    if values.size != len(values):
        raise ModelError(
            f"{asked.who}'s predictions are an array of shape {values.shape}",
            hint="save one value for each row, or one column of probabilities for each class",
        )
    values = values.reshape(-1)
    return ModelOutput(predictions=decoded(values, asked.classes, asked.needed, who=asked.who))


def _from_columns(values: NDArray[Any], asked: _Asked) -> ModelOutput:
    """(N, k) probabilities, of which only the settings, or labels that count, say the classes."""
    n_columns = values.shape[1]
    counted = tuple(str(number) for number in range(n_columns))
    classes: tuple[str | int, ...] = asked.classes or tuple(range(n_columns))
    unnamed = asked.classes is None and n_columns > _TWO and set(asked.labels) != set(counted)
    if values.dtype.kind != "f" or unnamed or len(classes) != n_columns:
        raise ModelError(
            f"{asked.who}'s predictions are {n_columns} columns of {values.dtype}, and it is not "
            "known for which classes",
            hint="list the classes in the order of the columns as candidate.classes, or write a "
            "CSV with a column probability_CLASS for each",
        )
    probabilities = values.astype(np.float64)
    said = most_likely(probabilities, classes, asked.needed, who=asked.who)
    return ModelOutput(predictions=said, probabilities=probabilities, classes=classes)


def _from_npz(path: Path, asked: _Asked) -> ModelOutput:
    try:
        _, output = parse_npz(_content(path, asked))
    except ValueError as error:
        raise ModelError(
            f"{asked.who}'s predictions {path.name!r} cannot be read: {error}",
            hint="an NPZ is read if a report wrote it; else write CSV, Parquet or NPY",
        ) from error
    by_position(len(output.predictions), len(asked.rows), id_column=asked.id_column, who=asked.who)
    return output


def _are_margins(scores: NDArray[np.float64], name: str) -> bool:
    """Whether a column that may hold anything holds what no probability is."""
    known = scores[~np.isnan(scores)]
    outside = bool(((known < -_OUTSIDE) | (known > 1 + _OUTSIDE)).any())
    return outside and "score" in name.casefold()


def _table(path: Path, who: str) -> pd.DataFrame:
    try:
        try:
            return _opened(path, AS_FOUND)
        except NoHeader as error:
            if error.width == 1:
                return _opened(path, ReadOptions(columns=("prediction",)))
            raise
    except DatasetError as error:
        ours = f"write a CSV with a line of names, in UTF-8, or Parquet; {READ_NAMES}"
        speaks_of_data = "data." in error.hint or "data are" in error.hint
        raise ModelError(
            f"{who}'s predictions: {error.message}", hint=ours if speaks_of_data else error.hint
        ) from error


def _opened(path: Path, options: ReadOptions) -> pd.DataFrame:
    return open_table(path.name, path.parent, options).frame()


def _holds_arrays(path: Path) -> bool:
    """Whether it is an NPZ: a workbook and a packed CSV are zip archives too."""
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.endswith(".npy") for name in archive.namelist())
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError):
        return False


def _beginning(path: Path, n_bytes: int, who: str) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(n_bytes)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ModelError(
            f"{who}'s predictions {str(path)!r} cannot be read: {reason}",
            hint="check the path; is the file committed, or made by an earlier step?",
        ) from error


def _content(path: Path, asked: _Asked) -> bytes:
    most = _MAX_HEADER_BYTES + len(asked.rows) * _MAX_ARRAY_BYTES_PER_ROW
    content = _beginning(path, most + 1, asked.who)
    if len(content) > most:
        raise ModelError(
            f"{asked.who}'s predictions {path.name!r} are far larger than "
            f"{len(asked.rows):,} rows need"
        )
    return content
