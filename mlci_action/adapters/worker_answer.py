"""Is what the worker left behind a usable answer? Nothing in its folder is trusted."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from mlci_action.adapters.answer_arrays import (
    is_folder,
    is_plain_file,
    one_line,
    read_classes,
    read_output,
    unreadable,
)
from mlci_action.adapters.answer_facts import parameters_told, versions_told
from mlci_action.checks.context import SchemaFailure
from mlci_action.errors import ModelError
from mlci_action.evaluation.metrics.custom_metrics import CustomAnswer, CustomValues
from mlci_action.evaluation.reading.class_codes import spelled_out
from mlci_action.evaluation.reading.predictions import ModelOutput
from mlci_action.worker.resampling import RESAMPLES

_RESULT_FILE = "result.json"
_MAX_RESULT_BYTES = 4 << 20
_LARGEST = sys.float_info.max
_FACTS = (
    "python", "installed", "recorded", "format", "model_class", "columns",
    "seconds_to_load", "seconds_to_predict", "peak_bytes", "warnings",
)  # fmt: skip
_MAX_UNEXPECTED = 20


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class WorkerAnswer:
    """What the model said, and what the worker tells about itself and the model (JSON values).

    `facts`: `python`, `installed` and `recorded` (library versions), `format`, `model_class`,
    `columns` (those the model got), `seconds_to_load`, `seconds_to_predict`, `peak_bytes` (of
    memory), `warnings`, `distributions` (all that is installed, version by name), `parameters` (the
    model's own). `variants`: what it said of each, or why it said nothing. `unexpected`:
    columns whose values lie far from what the model was fitted on, a sentence each.
    """

    output: ModelOutput
    facts: Mapping[str, Any]
    variants: tuple[ModelOutput | str, ...] = ()
    unexpected: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkerEnd:
    """How the worker ended: its exit code (None: out of time) and the tail of what it printed."""

    code: int | None
    seconds_allowed: float
    log: str


def read_answer(
    folder: Path,
    end: WorkerEnd,
    *,
    n_rows: int,
    who: str,
    variant_rows: Sequence[int] = (),
    classes: Sequence[str] | None = None,
) -> WorkerAnswer:
    """The answer in `folder`; ModelError says why there is none, or what is wrong with it.

    `variant_rows`: how many rows each variant has. `classes`: the labels of the model's codes.
    An answer on the rows that was whole before a variant ended the process is an answer.
    """
    result = _said(folder, end, who, kept=bool(variant_rows))
    named = read_classes(result.get("classes"), who)

    def read(place: Path, n: int) -> ModelOutput:
        output = read_output(place, named, n_rows=n, who=who)
        return output if classes is None else spelled_out(output, classes, who=who)

    told = result.get("variants")
    told = told if isinstance(told, list) else []
    answers: list[ModelOutput | str] = []
    for number, n in enumerate(variant_rows):
        place = folder / f"variant-{number}"
        why_none = _why_none(told[number], place) if number < len(told) else _why_lost(end)
        try:
            answers.append(why_none or read(place, n))
        except ModelError as error:
            answers.append(error.message.removeprefix(f"{who} "))
    return WorkerAnswer(
        output=read(folder, n_rows),
        facts={
            **{key: result.get(key) for key in _FACTS},
            "distributions": versions_told(result.get("distributions")),
            "parameters": parameters_told(result.get("parameters")),
        },
        variants=tuple(answers),
        unexpected=_sentences(result.get("unexpected")),
    )


def read_schema_answer(folder: Path, end: WorkerEnd, *, who: str) -> tuple[SchemaFailure, ...]:
    """The rules that the worker found broken; ModelError says why there is no answer."""
    broken = _said(folder, end, who).get("broken")
    if not isinstance(broken, list):
        unreadable(who, "it does not say which rules are broken")
    return tuple(_schema_failure(entry, who) for entry in broken)


def read_metric_answers(
    folder: Path, end: WorkerEnd, *, n_metrics: int, n_slices: int, who: str
) -> tuple[CustomAnswer, ...]:
    """What the user's metrics said, in the order they were asked; ModelError says why nothing."""
    answers = _said(folder, end, who).get("metrics")
    if not isinstance(answers, list) or len(answers) != n_metrics:
        unreadable(who, "it does not hold one answer a metric")
    return tuple(metric_answer(answer, n_slices=n_slices, who=who) for answer in answers)


def read_end(folder: Path, end: WorkerEnd, *, who: str) -> Mapping[str, Any]:
    """What a worker that answers otherwise wrote at its end; ModelError says what went wrong."""
    return _said(folder, end, who)


def metric_answer(said: object, *, n_slices: int, who: str) -> CustomAnswer:
    """One answer of `worker/metric_function.py`; ModelError when it is none."""
    match said:
        case {"error": str(error), **rest} if error:
            return CustomAnswer(overall=_both_values(rest, who), error=one_line(error))
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
            unreadable(who, "a metric's answer is not told as one")
    return CustomAnswer(
        overall=_both_values(said, who),
        slices=tuple(_both_values(part, who) for part in slices),
        low=_number_or_none(low, who),
        high=_number_or_none(high, who),
        resamples=resamples,
        without=without,
        ignores=tuple(one_line(str(name)) for name in ignores),
    )


def _both_values(said: object, who: str) -> CustomValues:
    values = said if isinstance(said, dict) else {}
    return CustomValues(
        candidate=_number_or_none(values.get("candidate"), who),
        baseline=_number_or_none(values.get("baseline"), who),
        note=one_line(str(values.get("note", ""))),
    )


def _number_or_none(value: object, who: str) -> float | None:
    if value is None:
        return None
    # A whole number of JSON may be too large for a float.
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= _LARGEST:
        unreadable(who, "a metric's value is not a finite number")
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
            unreadable(who, "a broken rule is not told as one")
    return SchemaFailure(column=column, rule=one_line(rule), rows=rows, warns=warns)


def _why_none(told: object, place: Path) -> str:
    """Why there is no answer in the folder of a variant; empty when there may be one."""
    match told:
        case {"error": str(error)}:
            return one_line(error) or "gives no answer"
        case {"error": None} if is_folder(place):
            return ""
    return "left an answer that cannot be read"


def _why_lost(end: WorkerEnd) -> str:
    """Why a variant was never answered."""
    if end.code is None:
        return f"did not answer within {end.seconds_allowed:g} seconds"
    return f"ended its process {_how_it_ended(end.code)} before it answered"


def _sentences(told: object) -> tuple[str, ...]:
    """Those of what it told that are sentences; what else code wrote there is no answer."""
    sentences = told if isinstance(told, list) else []
    return tuple(
        one_line(sentence) for sentence in sentences[:_MAX_UNEXPECTED] if isinstance(sentence, str)
    )


def _said(folder: Path, end: WorkerEnd, who: str, *, kept: bool = False) -> dict[str, Any]:
    """What the worker wrote, unless it is that something went wrong.

    `kept`: what it wrote before something ended the process counts too.
    """
    path = folder / _RESULT_FILE
    if end.code != 0 and not (kept and is_plain_file(path)):
        _raise_ended_early(end, who)
    result = _read_result(path, end, who)
    error = result.get("error")
    if error is not None:
        _raise_as_said(error, who)
    return result


def _read_result(path: Path, end: WorkerEnd, who: str) -> dict[str, Any]:
    if not is_plain_file(path):
        _raise_ended_early(end, who)
    if path.stat().st_size > _MAX_RESULT_BYTES:
        unreadable(who, "its result is too large")
    try:
        result = json.loads(path.read_bytes(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        unreadable(who, "its result is not JSON")
    if not isinstance(result, dict):
        unreadable(who, "its result is not a JSON object")
    return result


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _raise_ended_early(end: WorkerEnd, who: str) -> NoReturn:
    if end.code is None:
        raise ModelError(
            f"{who} did not answer within {end.seconds_allowed:g} seconds",
            hint="raise worker.timeout_seconds, or evaluate on fewer rows",
        )
    said = next((line for line in reversed(end.log.splitlines()) if line.strip()), "")
    last_words = f"; its last line: {one_line(said)}" if said else ""
    hint = "what it printed is in the log"
    if end.code < 0:
        killed = end.code == -signal.SIGKILL
        hint = "killed from outside: most often the memory was used up" if killed else ""
        hint = hint or "a library of the model crashed; what it printed is in the log"
    ended = f"ended its process {_how_it_ended(end.code)} before it answered"
    raise ModelError(f"{who} {ended}{last_words}", hint=hint)


def _how_it_ended(code: int) -> str:
    return f"by {_signal_name(-code)}" if code < 0 else f"with exit code {code}"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _raise_as_said(error: object, who: str) -> NoReturn:
    parts = error if isinstance(error, dict) else {}
    message = one_line(str(parts.get("message", "cannot be used")))
    raise ModelError(f"{who} {message}", hint=one_line(str(parts.get("hint", ""))))
