"""What is installed in the user's environment, and with which parameters was the model made?"""

from __future__ import annotations

import math
import numbers
import re
import warnings
from typing import Any, Dict, Iterator, Tuple

from mlci_action.worker.foreign import Model
from mlci_action.worker.model_parts import attribute

_MAX_PARAMETERS = 500
_MAX_TEXT = 200
_MAX_ITEMS = 20
_LARGEST = 2**63
_MAX_DISTRIBUTIONS = 5000


def distributions() -> Dict[str, str]:
    """Everything that is installed: normalised name -> version, sorted; empty when nobody knows.

    What is found first on the path is what an import finds.
    """
    found: Dict[str, str] = {}
    for name, version in _installed():
        found.setdefault(re.sub(r"[-_.]+", "-", name).lower()[:_MAX_TEXT], version[:_MAX_TEXT])
    return dict(sorted(found.items())[:_MAX_DISTRIBUTIONS])


def parameters(model: Model) -> Dict[str, Any]:
    """What `get_params` of scikit-learn's convention says, or what a booster was trained with.

    Empty where the model tells nothing. Values that are no JSON are the name of their class;
    numbers that JSON has no word for are text.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            asked = _asked(model)
            names = sorted(name for name in asked if isinstance(name, str))
            return {name[:_MAX_TEXT]: _told(asked[name]) for name in names[:_MAX_PARAMETERS]}
    except (Exception, SystemExit):  # noqa: BLE001  user code raises anything
        return {}


def _installed() -> Iterator[Tuple[str, str]]:
    try:
        from importlib import metadata

        for one in metadata.distributions():
            # A damaged one has no name, or no description at all.
            said = attribute(one, "metadata")
            name, version = (
                (None, None) if said is None else (said.get("Name"), said.get("Version"))
            )
            if isinstance(name, str) and isinstance(version, str):
                yield name, version
    except Exception:  # noqa: BLE001  no matter of the model's answer
        return


def _told(value: Any) -> Any:  # noqa: ANN401
    if type(value) in (list, tuple) and len(value) <= _MAX_ITEMS:
        plain = [_plain(item) for item in value]
        if all(item is not NotImplemented for item in plain):
            return plain
    told = _plain(value)
    return type(value).__name__[:_MAX_TEXT] if told is NotImplemented else told


def _plain(value: Any) -> Any:  # noqa: ANN401
    """A value of JSON's own kinds; NotImplemented for anything else."""
    if value is None or type(value) in (bool, str):
        return value[:_MAX_TEXT] if isinstance(value, str) else value
    if isinstance(value, numbers.Integral):
        return int(value) if abs(int(value)) < _LARGEST else str(value)[:_MAX_TEXT]
    if isinstance(value, numbers.Real):
        return float(value) if math.isfinite(value) else str(float(value))
    return NotImplemented


def _asked(model: Model) -> Any:  # noqa: ANN401
    """A dict of parameters, of whatever kind of model."""
    if callable(attribute(model, "get_params")):
        return model.get_params(deep=True)
    steps = attribute(model, "steps")
    if isinstance(steps, list):  # a chain of parts
        return {
            f"{name}__{key}": value
            for name, part in steps
            if callable(attribute(part, "get_params"))
            for key, value in part.get_params(deep=True).items()
        }
    if callable(attribute(attribute(model, "_model"), "get_all_params")):  # CatBoost
        return model._model.get_all_params()  # noqa: SLF001
    found = attribute(attribute(model, "_booster"), "params")  # LightGBM
    return found if isinstance(found, dict) else {}
