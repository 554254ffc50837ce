"""What did `mlci train` do, and why? In words on a console, and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from mlci_action.domain.fingerprint import Change, Part
from mlci_action.domain.retraining import MetricPair, Reproduced, Retrained
from mlci_action.rendering.manifest_fields import training_fields
from mlci_action.rendering.plain import one_line, wrapped
from mlci_action.rendering.strict_json import plain_values

_MOST_FILES = 10
_MOST_TOLD = 1_000
_LABEL = 13


def training_text(found: Retrained, width: int = 80) -> str:
    """What was done, the inputs that changed by part, and what to do next."""
    plan, output = found.plan, one_line(found.output)
    because = one_line(plan.because)
    if found.record is not None:
        lines = wrapped(f"Trained {output}: {because}.", width)
    elif found.reproduced is None:
        nothing = "Not trained" if plan.changes else "Nothing to train"
        lines = wrapped(f"{nothing}: {because}.", width)
    else:
        lines = wrapped(f"{output} is as it was: {because}.", width)
    for part in plan.changed:
        lines += _labelled(part.value, _files(plan.changes, part), width)
    if found.record is not None:
        lines += _labelled("model", found.record.model, width)
    for note in found.notes:
        lines += _labelled("note", one_line(note), width)
    if found.reproduced is not None:
        lines += ["", *_reproduced(found.reproduced, width)]
    return "\n".join([*lines, "", _next(found)])


def training_json(found: Retrained) -> dict[str, Any]:
    """The same as JSON values."""
    plan, reproduced = found.plan, found.reproduced
    document: dict[str, Any] = {
        "trained": found.record is not None,
        "because": plan.because,
        "since": plan.since or None,
        "changed": {
            part.value: [
                {"name": each.name, "how": each.how} for each in plan.changes if each.part is part
            ][:_MOST_TOLD]
            for part in plan.changed
        },
        "material": None if plan.material is None else asdict(plan.material),
        "output": found.output,
        "record": None if found.record is None else training_fields(found.record),
        "reproduced": None if reproduced is None else asdict(reproduced),
        "notes": list(found.notes),
        "exit_code": found.exit_code,
    }
    return {name: plain_values(value) for name, value in document.items()}


def _files(changes: Sequence[Change], part: Part) -> str:
    named = [each for each in changes if each.part is part]
    shown = [f"{one_line(each.name, 100)} ({each.how})" for each in named[:_MOST_FILES]]
    more = len(named) - len(shown)
    return ", ".join(shown) + (f" and {more:,} more" if more else "")


def _labelled(label: str, text: str, width: int) -> list[str]:
    room = max(width - _LABEL - 2, 20)
    first, *rest = wrapped(text, room)
    start = f"  {label}".ljust(_LABEL + 2)
    return [start + first, *(" " * (_LABEL + 2) + line for line in rest)]


def _reproduced(found: Reproduced, width: int) -> list[str]:
    if found.same_bytes:
        return ["Reproducible: two trainings of the same inputs gave the same bytes."]
    on = f"on {found.rows:,} rows"
    if found.same_predictions:
        return wrapped(f"Reproducible: bytes differ, predictions identical {on}.", width)
    told = []
    if found.max_difference is not None:
        told.append(f"by at most {found.max_difference:.3g}")
    if found.flipped is not None:
        told.append(f"{found.flipped:.3g} of the labels flip")
    how = f": {', and '.join(told)}" if told else ""
    lines = wrapped(f"Not reproducible: predictions differ {on}{how}.", width)
    for pair in found.metrics:
        lines += _labelled(one_line(pair.metric, 100), _pair(pair), width)
    seeds = "Give every random draw the seed {seed} of train.command, or the variable MLCI_SEED."
    return [*lines, *wrapped(seeds, width)]


def _pair(pair: MetricPair) -> str:
    if pair.first is None or pair.second is None:
        return "has no value"
    return f"{pair.first:.6g} and {pair.second:.6g}, {pair.second - pair.first:+.3g}"


def _next(found: Retrained) -> str:
    if found.record is not None:
        return "Next: mlci gate"
    if found.reproduced is not None:
        return "Next: mlci train"
    return "Next: mlci gate, or mlci train --force to train all the same"
