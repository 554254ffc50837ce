"""What is inside a model? Its first step, and the model that a search or a threshold wraps."""

from __future__ import annotations

from typing import Any

from mlci_action.worker.foreign import Model

# Where scikit-learn's searches, tuned thresholds and transformed targets keep what they fitted.
_WRAPPED = ("best_estimator_", "estimator_", "regressor_")
_DEEPEST = 10


def attribute(thing: object, name: str) -> Any:  # noqa: ANN401  whatever it is
    """An attribute, or None: asking a foreign object may raise anything."""
    try:
        return getattr(thing, name, None)
    except Exception:  # noqa: BLE001  a property of an unfitted or half-loaded model
        return None


def unwrapped(model: Model) -> Model:
    """The model that gets the columns: not the search, the calibration or the threshold around."""
    for _ in range(_DEEPEST):
        inner = _inside(model)
        if inner is None:
            break
        model = inner
    return model


def first_step(model: Model) -> Any:  # noqa: ANN401  whatever the pipeline begins with
    """What gets the columns first, in pipelines inside pipelines too; None without a pipeline."""
    found = None
    model = unwrapped(model)
    for _ in range(_DEEPEST):
        steps = attribute(model, "steps")
        if not isinstance(steps, list) or not steps:
            break
        found = model = steps[0][-1]
    return found


def library_of(thing: object) -> str:
    """The package that defines it, such as `lightgbm`."""
    return type(thing).__module__.split(".")[0]


def _inside(model: Model) -> Model:
    calibrated = attribute(model, "calibrated_classifiers_")
    if isinstance(calibrated, list) and calibrated:
        return attribute(calibrated[0], "estimator")
    # A forest keeps an unfitted tree there, and a selection of features one that sees some columns.
    if attribute(model, "estimators_") is not None or callable(attribute(model, "get_support")):
        return None
    return next(
        (part for part in (attribute(model, name) for name in _WRAPPED) if part is not None), None
    )
