"""Is what the worker left behind a usable answer? Nothing in its folder is trusted."""

from __future__ import annotations

import json
import signal
import stat
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tokenize import TokenError
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from mlci_action.checks.context import SchemaFailure
from mlci_action.errors import ModelError
from mlci_action.evaluation.metrics.custom_metrics import CustomAnswer, CustomValues
from mlci_action.evaluation.reading.predictions import ModelOutput
from mlci_action.worker.resampling import RESAMPLES

_RESULT_FILE = "result.json"
_MAX_RESULT_BYTES = 4 << 20
_MAX_CLASSES = 10_000
# 10,000 classes, or a label of 20,000 letters; and a file's header.
_MAX_BYTES_PER_ROW = 80_000
_MAX_HEADER_BYTES = 1 << 20
_MAX_TEXT = 1000
_LARGEST = sys.float_info.max
# What numpy raises on headers that somebody made up.
_BROKEN_ARRAY = (
    OSError, EOFError, MemoryError, RecursionError, SyntaxError, TokenError, TypeError, ValueError,
)  # fmt: skip
_FACTS = (
    "python", "installed", "recorded", "format", "model_class", "columns",
    "seconds_to_load", "seconds_to_predict", "warnings",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class WorkerAnswer:
    """What the model said, and what the worker tells about itself and the model (JSON values).

    `facts`: `python`, `installed` and `recorded` (library versions), `format`, `model_class`,
    `columns` (those the model got), `seconds_to_load`, `seconds_to_predict`, `warnings`.
    """

    output: ModelOutput
    facts: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkerEnd:
    """How the worker ended: its exit code (None: out of time) and the tail of what it printed."""

    code: int | None
    seconds_allowed: float
    log: str


def read_answer(folder: Path, end: WorkerEnd, *, n_rows: int, who: str) -> WorkerAnswer:
    """The answer in `folder`; ModelError says why there is none, or what is wrong with it."""
    result = _said(folder, end, who)
    output = ModelOutput(
        predictions=_required(_read_array(folder, "predictions", "biufU", n_rows, who), who),
        probabilities=_read_array(folder, "probabilities", "f", n_rows, who),
        decisions=_read_array(folder, "decisions", "f", n_rows, who),
        classes=_read_classes(result.get("classes"), who),
    )
    return WorkerAnswer(output=output, facts={key: result.get(key) for key in _FACTS})


def read_schema_answer(folder: Path, end: WorkerEnd, *, who: str) -> tuple[SchemaFailure, ...]:
    """The rules that the worker found broken; ModelError says why there is no answer."""
    broken = _said(folder, end, who).get("broken")
    if not isinstance(broken, list):
        _unreadable(who, "it does not say which rules are broken")
    return tuple(_schema_failure(entry, who) for entry in broken)


def read_metric_answers(
    folder: Path, end: WorkerEnd, *, n_metrics: int, n_slices: int, who: str
) -> tuple[CustomAnswer, ...]:
    """What the user's metrics said, in the order they were asked; ModelError says why nothing."""
    answers = _said(folder, end, who).get("metrics")
    if not isinstance(answers, list) or len(answers) != n_metrics:
        _unreadable(who, "it does not hold one answer a metric")
    return tuple(metric_answer(answer, n_slices=n_slices, who=who) for answer in answers)


def metric_answer(said: object, *, n_slices: int, who: str) -> CustomAnswer:
    """One answer of `worker/metric_function.py`; ModelError when it is none."""
    match said:
        case {"error": str(error), **rest} if error:
            return CustomAnswer(overall=_both_values(rest, who), error=_one_line(error))
        case {
            "low": low,
            "high": high,
            "resamples": int(resamples),
            "without": int(without),
            "slices": list(slices),
            "ignores": list(ignores),
        } if len(slices) == n_slices and 0 <= without <= resamples <= RESAMPLES:
            pass
        case _:
            _unreadable(who, "a metric's answer is not told as one")
    return CustomAnswer(
        overall=_both_values(said, who),
        slices=tuple(_both_values(part, who) for part in slices),
        low=_number_or_none(low, who),
        high=_number_or_none(high, who),
        resamples=resamples,
        without=without,
        ignores=tuple(_one_line(str(name)) for name in ignores),
    )


def _both_values(said: object, who: str) -> CustomValues:
    values = said if isinstance(said, dict) else {}
    return CustomValues(
        candidate=_number_or_none(values.get("candidate"), who),
        baseline=_number_or_none(values.get("baseline"), who),
        note=_one_line(str(values.get("note", ""))),
    )


def _number_or_none(value: object, who: str) -> float | None:
    if value is None:
        return None
    # A whole number of JSON may be too large for a float.
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= _LARGEST:
        _unreadable(who, "a metric's value is not a finite number")
    return float(value)


def _schema_failure(entry: object, who: str) -> SchemaFailure:
    match entry:
        case {
            "column": str() | None as column,
            "rule": str(rule),
            "rows": int() | None as rows,
            "warns": bool(warns),
        }:
            pass
        case _:
            _unreadable(who, "a broken rule is not told as one")
    return SchemaFailure(column=column, rule=_one_line(rule), rows=rows, warns=warns)


def _said(folder: Path, end: WorkerEnd, who: str) -> dict[str, Any]:
    """What the worker wrote, unless it is that something went wrong."""
    if end.code is None:
        raise ModelError(
            f"{who} did not answer within {end.seconds_allowed:g} seconds",
            hint="raise worker.timeout_seconds, or evaluate on fewer rows",
        )
    result = _read_result(folder / _RESULT_FILE, end, who)
    error = result.get("error")
    if error is not None:
        _raise_as_said(error, who)
    return result


def _read_result(path: Path, end: WorkerEnd, who: str) -> dict[str, Any]:
    if end.code != 0 or not _is_plain_file(path):
        _raise_ended_early(end, who)
    if path.stat().st_size > _MAX_RESULT_BYTES:
        _unreadable(who, "its result is too large")
    try:
        result = json.loads(path.read_bytes(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        _unreadable(who, "its result is not JSON")
    if not isinstance(result, dict):
        _unreadable(who, "its result is not a JSON object")
    return result


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _is_plain_file(path: Path) -> bool:
    """Not a link, a pipe or a device: reading those could hang or lead elsewhere."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def _raise_ended_early(end: WorkerEnd, who: str) -> NoReturn:
    code = end.code or 0
    said = next((line for line in reversed(end.log.splitlines()) if line.strip()), "")
    last_words = f"; its last line: {_one_line(said)}" if said else ""
    if code < 0:
        killed = code == -signal.SIGKILL
        hint = "killed from outside: most often the memory was used up" if killed else ""
        raise ModelError(
            f"{who} ended its process by {_signal_name(-code)} before it answered{last_words}",
            hint=hint or "a library of the model crashed; what it printed is in the log",
        )
    raise ModelError(
        f"{who} ended its process with exit code {code} before it answered{last_words}",
        hint="what it printed is in the log",
    )


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _raise_as_said(error: object, who: str) -> NoReturn:
    parts = error if isinstance(error, dict) else {}
    message = _one_line(str(parts.get("message", "cannot be used")))
    raise ModelError(f"{who} {message}", hint=_one_line(str(parts.get("hint", ""))))


def _one_line(text: str) -> str:
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(printable.split())[:_MAX_TEXT]


def _unreadable(who: str, why: str) -> NoReturn:
    raise ModelError(
        f"{who} left an answer that cannot be read: {why}",
        hint="code of the model wrote into the worker's folder, or the disk is full",
    )


def _read_array(folder: Path, name: str, kinds: str, n_rows: int, who: str) -> NDArray[Any] | None:
    path = folder / f"{name}.npy"
    if not path.exists() and not path.is_symlink():
        return None
    if not _is_plain_file(path):
        _unreadable(who, f"{name} is not a plain file")
    if path.stat().st_size > _MAX_HEADER_BYTES + n_rows * _MAX_BYTES_PER_ROW:
        _unreadable(who, f"{name} is far larger than {n_rows} rows need")
    try:
        # Mapped first: a header that promises more than the file holds then costs no memory.
        mapped = np.load(path, mmap_mode="r", allow_pickle=False)
        values = np.array(mapped)
    except _BROKEN_ARRAY as error:
        raise ModelError(f"{who} left {name} that are not an array") from error
    if values.dtype.kind not in kinds or values.ndim == 0:
        _unreadable(who, f"{name} are an array of type {values.dtype}")
    # pandas cannot count labels in another machine's byte order.
    return values.astype(values.dtype.newbyteorder("="), copy=False)


def _required(values: NDArray[Any] | None, who: str) -> NDArray[Any]:
    if values is None:
        _unreadable(who, "there are no predictions")
    return values


def _read_classes(classes: object, who: str) -> tuple[str | int | float | bool, ...] | None:
    if classes is None:
        return None
    if (
        not isinstance(classes, list)
        or len(classes) > _MAX_CLASSES
        or not all(isinstance(label, str | int | float | bool) for label in classes)
    ):
        _unreadable(who, "its classes are not a list of labels")
    return tuple(classes)
