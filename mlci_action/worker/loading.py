"""Which object is in the model file, and does it predict?"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, Optional, Sequence, Tuple

from mlci_action.worker.bundles import bundle_as_model
from mlci_action.worker.catboost_file import CatBoostModel, load_catboost
from mlci_action.worker.failures import WorkerFailure, shown
from mlci_action.worker.foreign import Model
from mlci_action.worker.formats import format_of
from mlci_action.worker.lightgbm_file import LightGBMModel, load_lightgbm
from mlci_action.worker.load_failures import load_failure, version_failure
from mlci_action.worker.mlflow_folder import load_mlflow
from mlci_action.worker.onnx_file import load_onnx
from mlci_action.worker.pickle_file import load_pickle, pickled_by
from mlci_action.worker.skops_file import load_skops
from mlci_action.worker.statsmodels_results import StatsModel, is_results
from mlci_action.worker.unreadable import NAME_A_LOADER, refuse_format
from mlci_action.worker.user_objects import import_function
from mlci_action.worker.xgboost_file import XGBoostModel, load_xgboost

__all__ = ["load_model", "shown_class", "version_failure"]
_NATIVE = {
    "catboost": load_catboost,
    "lightgbm": load_lightgbm,
    "onnx": load_onnx,
    "xgboost": load_xgboost,
}
# The classes whose own `predict` gives no labels, or takes no table.
_BARE = {
    ("xgboost", "Booster"): XGBoostModel,
    ("lightgbm", "Booster"): LightGBMModel,
    ("catboost", "CatBoost"): CatBoostModel,
}
_HOOK = "load hook"


def load_model(
    path: Path,
    recorded: Dict[str, str],
    *,
    format: Optional[str] = None,  # noqa: A002  the request's own word
    load: Optional[str] = None,
    trusted_types: Sequence[str] = (),
    folder: Path = Path(),
) -> Tuple[Model, str]:
    """An object that predicts, and the format as reports show it: `joblib`, `mlflow (sklearn)`, ...

    `format` is a value of ModelFormat; None: told by the bytes. `load` is the user's own function,
    as `module:function` or `file.py:function` in `folder`; it gets the path as text. Types of skops
    in `trusted_types` are loaded as those that it trusts itself.
    WorkerFailure says why it was not loaded, and what to do.
    """
    loaded_as = _HOOK if load else format or format_of(path)
    try:
        if load:
            model = _ask_hook(load, path, folder, recorded)
        elif loaded_as == "mlflow":
            model, flavor = load_mlflow(path, lambda file: _from_file(file, trusted_types))
            loaded_as = f"mlflow ({flavor})"
        else:
            kind = loaded_as
            loaded_as = pickled_by(path) if kind == "pickle" else kind
            model = _from_file(path, trusted_types, kind)
        return _that_predicts(model), loaded_as
    except WorkerFailure:
        raise
    except (Exception, SystemExit) as error:
        raise load_failure(error, recorded, loaded_as) from error


def shown_class(model: Model) -> str:
    """The class of what was loaded, as reports show it; of what stands for another, the other's."""
    known = getattr(model, "shown_class", None)
    kind = type(model)
    ours = kind.__module__.startswith("mlci_action.")
    return str(known) if ours and known else f"{kind.__module__}.{kind.__qualname__}"


def _from_file(path: Path, trusted_types: Sequence[str], kind: Optional[str] = None) -> Any:  # noqa: ANN401
    kind = kind or format_of(path)
    if kind in _NATIVE:
        return _NATIVE[kind](path)
    if kind == "skops":
        return load_skops(path, trusted_types)
    if kind == "pickle":
        return load_pickle(path)
    raise refuse_format(path)


def _ask_hook(place: str, path: Path, folder: Path, recorded: Dict[str, str]) -> Any:  # noqa: ANN401
    function = import_function(place, folder, kind="load", hint="it is named by `load` in mlci.yml")
    try:
        return function(str(path))
    except (Exception, SystemExit) as error:
        raise version_failure(
            f"cannot be loaded by {place!r} ({shown(error)})", recorded
        ) from error


def _that_predicts(model: Any) -> Model:  # noqa: ANN401  whatever was loaded
    """The object itself, or where it needs one, what stands for it as an estimator."""
    if isinstance(model, (dict, tuple, list)):
        return bundle_as_model(model, _as_estimator)
    model = _as_estimator(model)
    if isinstance(model, type):
        raise WorkerFailure("not_a_model", f"is the class {model.__name__}, not a fitted object")
    if not callable(getattr(model, "predict", None)):
        kind = type(model)
        of = kind.__module__.split(".")[0]
        found = (
            kind.__name__ if of in ("builtins", "_io", "__main__") else f"{kind.__name__} of {of}"
        )
        raise WorkerFailure(
            "not_a_model",
            f"is a {found} without a predict method; not one object that predicts",
            "save one object that predicts from the columns of the data, such as a scikit-learn"
            f" Pipeline; or {NAME_A_LOADER}",
        )
    return model


def _as_estimator(thing: Any) -> Any:  # noqa: ANN401  whatever was loaded
    for kind in type(thing).__mro__[:-1]:
        stands_for = _BARE.get((kind.__module__.split(".")[0], kind.__name__))
        if stands_for is None:
            continue
        # What is derived from it, such as CatBoostClassifier, predicts as an estimator does.
        return stands_for(thing) if kind is type(thing) else thing
    return StatsModel(thing) if is_results(thing) else thing
