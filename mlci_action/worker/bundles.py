"""Is a tuple, list or dict of parts one model, and in which order do its parts come?"""

from __future__ import annotations

import numbers
import re
from typing import Any, Callable, List, NamedTuple, NoReturn, Optional, Tuple

from mlci_action.worker.chains import Chain
from mlci_action.worker.failures import WorkerFailure
from mlci_action.worker.foreign import Model

_MAX_NAMED = 10
_HINT = (
    "save one object that predicts from the columns of the data, such as a scikit-learn Pipeline,"
    " or name a function that makes one of the file (candidate.load: module:function)"
)
_COLUMNS = re.compile(r"feature|column|^cols$|^inputs?$", re.IGNORECASE)
_THRESHOLD = re.compile(r"^(best_|optimal_|decision_)?(threshold|cutoff)$", re.IGNORECASE)
_OF_THE_TARGET = re.compile(r"target|label|^y_|_y$", re.IGNORECASE)
# What is kept beside a model and changes nothing of what it says.
_REMARKS = re.compile(
    r"version|date|time|author|name|metric|score|accuracy|auc|f1|rmse|mae|r2|param|info|meta|descr"
    r"|seed|random_state|importance|target|class|label|note|comment|path|hash|commit|history|config",
    re.IGNORECASE,
)


class _Part(NamedTuple):
    """One part by its key in a dict, or its place in a tuple."""

    key: str
    value: Any


class _Parts(NamedTuple):
    """The parts by what they do; `others` are those of which nobody can say it."""

    models: List[_Part]
    transformers: List[_Part]
    decoders: List[_Part]
    columns: List[_Part]
    thresholds: List[_Part]
    others: List[_Part]


def bundle_as_model(
    bundle: Any,  # noqa: ANN401  a tuple, list or dict
    as_estimator: Callable[[Any], Any],
) -> Model:
    """The parts as one object that predicts; WorkerFailure when their order is not certain."""
    named = isinstance(bundle, dict)
    items = bundle.items() if named else enumerate(bundle)
    parts = _sorted_out([_Part(str(key), as_estimator(value)) for key, value in items], named=named)
    columns = _the_columns(parts.columns)
    sure = (
        len(parts.models) == 1
        and len(parts.decoders) <= 1
        and len(parts.thresholds) <= 1
        and (not parts.columns or columns is not None)
        and not parts.others
        and _order_is_certain(parts, named=named)
    )
    if not sure:
        _refuse(bundle)
    return Chain(
        [part.value for part in parts.transformers],
        parts.models[0].value,
        decoder=parts.decoders[0].value if parts.decoders else None,
        columns=columns,
        threshold=float(parts.thresholds[0].value) if parts.thresholds else None,
    )


def _order_is_certain(parts: _Parts, *, named: bool) -> bool:
    """One transformer can only come before the model; more of them only as they are listed."""
    if len(parts.transformers) <= 1:
        return True
    last = max(int(part.key) for part in parts.transformers) if not named else 0
    return not named and last < int(parts.models[0].key)


def _sorted_out(items: List[_Part], *, named: bool) -> _Parts:
    parts = _Parts([], [], [], [], [], [])
    for part in items:
        kind = _kind(part, named=named)
        if kind:
            getattr(parts, kind).append(part)
    return parts


def _kind(part: _Part, *, named: bool) -> str:
    value = part.value
    of_the_target = named and _OF_THE_TARGET.search(part.key)
    remark = named and _REMARKS.search(part.key)
    kinds = (
        ("others", isinstance(value, type)),
        ("models", _can(value, "predict")),
        ("decoders", _can(value, "inverse_transform") and hasattr(value, "classes_")),
        ("transformers", _can(value, "transform") and not of_the_target),
        ("others", _can(value, "transform")),
        ("columns", _names_in(value) and (not named or _COLUMNS.search(part.key))),
        ("thresholds", named and _THRESHOLD.search(part.key) and _is_number(value)),
        ("", value is None or (_is_plain(value) and remark)),
    )
    return next((kind for kind, holds in kinds if holds), "others")


def _can(value: Any, method: str) -> bool:  # noqa: ANN401  any part
    return callable(getattr(value, method, None))


def _names_in(value: Any) -> Optional[List[str]]:  # noqa: ANN401  any part
    """The names in a list, an index or an array of text; None for anything else."""
    value = value.tolist() if hasattr(value, "tolist") else value
    if not isinstance(value, (list, tuple)) or not value:
        return None
    return list(value) if all(isinstance(name, str) for name in value) else None


def _the_columns(parts: List[_Part]) -> Optional[List[str]]:
    """The one list of names; None when there are several that differ."""
    lists = [_names_in(part.value) for part in parts]
    return lists[0] if lists and all(names == lists[0] for names in lists) else None


def _is_number(value: object) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def _is_plain(value: Any, depth: int = 3) -> bool:  # noqa: ANN401  any part
    """Whether it is data through and through: text, numbers, and lists and dicts of them."""
    if not callable(getattr(value, "transform", None)) and hasattr(value, "isoformat"):
        return True
    if isinstance(value, dict):
        return depth > 0 and all(_is_plain(inner, depth - 1) for inner in value.values())
    if isinstance(value, (list, tuple)):
        return depth > 0 and all(_is_plain(inner, depth - 1) for inner in value)
    return (
        value is None or isinstance(value, (str, bytes, numbers.Number)) or hasattr(value, "tolist")
    )


def _refuse(bundle: Any) -> NoReturn:  # noqa: ANN401  a tuple, list or dict
    items: List[Tuple[str, Any]]
    if isinstance(bundle, dict):
        items = [(f"{str(key)!r}: ", value) for key, value in list(bundle.items())[:_MAX_NAMED]]
    else:
        items = [("", value) for value in bundle[:_MAX_NAMED]]
    found = ", ".join(key + type(value).__name__ for key, value in items)
    more = ", ..." if len(bundle) > _MAX_NAMED else ""
    raise WorkerFailure(
        "not_a_model",
        f"is a {type(bundle).__name__} of {len(bundle)} ({found}{more}); which of them predict, and"
        " in which order, is not certain",
        _HINT,
    )
