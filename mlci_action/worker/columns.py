"""Which columns does the model get, in which order, with their names or by position?"""

from __future__ import annotations

import difflib
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

from mlci_action.worker.failures import WorkerFailure
from mlci_action.worker.foreign import Model, Table
from mlci_action.worker.rows import Rows

AS_TABLE, AS_ARRAY = "table", "array"
# The first is scikit-learn's, kept only where the model was fitted on named columns. The others are
# CatBoost's, LightGBM's and XGBoost's, which make names up when there were none.
_SURE_NAMES = "feature_names_in_"
_LIKELY_NAMES = ("feature_names_", "feature_name_", "feature_names", "feature_name")
_NAMES_SINCE = 1  # scikit-learn 1.0 was the first to keep names
_MAX_NAMED = 5


class GivenInput(NamedTuple):
    """Rows as a `table` with these `columns`, and the `forms` in which a model may want them."""

    table: Table
    columns: List[str]
    forms: Tuple[str, ...] = (AS_TABLE,)


def choose_input(
    model: Model, rows: Rows, *, set_aside: List[str], withheld: List[str], recorded: Dict[str, str]
) -> GivenInput:
    """The columns that the model names, in its order; else all of them but `set_aside`."""
    text = _only_text(model, rows, set_aside)
    if text is not None:
        return GivenInput(rows.table([text])[text], [text])
    names = _known_names(model, rows.names)
    if names is not None:
        names = _as_the_data_spells(model, names, rows.names)
        _must_exist(names, rows.names, withheld)
        return GivenInput(rows.table(names), names)
    names = [name for name in rows.names if name not in set_aside]
    wanted = _attribute(model, "n_features_in_")
    if isinstance(wanted, int) and wanted != len(names):
        raise WorkerFailure(
            "columns",
            f"takes {wanted} columns by position, and the data has {len(names)} besides the target",
            "fit it on a DataFrame, so that it knows its columns by name",
        )
    # A model that would know names, had it been fitted on a table, was fitted on an array. Others
    # may go by names inside or by positions, and only trying tells.
    was_array = wanted is not None and _keeps_names(recorded)
    forms = (AS_ARRAY, AS_TABLE) if was_array else (AS_TABLE, AS_ARRAY)
    return GivenInput(rows.table(names), names, forms)


def _known_names(model: Model, available: List[str]) -> Optional[List[str]]:
    for part in (model, _first_step(model)):
        names = _attribute(part, _SURE_NAMES)
        if names is not None:
            return [str(name) for name in names]
    for attribute in _LIKELY_NAMES:
        names = _attribute(model, attribute)
        names = names() if callable(names) else names
        if isinstance(names, list) and names and set(names) <= set(available):
            return names
    return None


def _first_step(model: Model) -> Any:  # noqa: ANN401  whatever the pipeline begins with
    steps = _attribute(model, "steps")
    return steps[0][-1] if isinstance(steps, list) and steps else None


def _only_text(model: Model, rows: Rows, set_aside: List[str]) -> Optional[str]:
    """The column for a model that begins with a text vectorizer; None for every other model.

    A vectorizer takes one column, and reads the names of a table as if they were its rows.
    """
    if not callable(_attribute(_first_step(model), "build_analyzer")):
        return None
    texts = [name for name in rows.texts if name not in set_aside]
    if len(texts) == 1:
        return texts[0]
    found = ", ".join(repr(name) for name in texts[:_MAX_NAMED]) or "none"
    raise WorkerFailure(
        "columns",
        f"begins with a text vectorizer, which takes one column of text; the data has: {found}",
        "name the column inside the model, with a ColumnTransformer, and save it again",
    )


def _as_the_data_spells(model: Model, names: List[str], available: List[str]) -> List[str]:
    """LightGBM writes a blank in a name as `_`; it was fitted on the column with the blank."""
    parts = (model, _first_step(model))
    if not any(type(part).__module__.split(".")[0] == "lightgbm" for part in parts):
        return names
    spelled = {name.replace(" ", "_"): name for name in available}
    return [name if name in available else spelled.get(name, name) for name in names]


def _must_exist(names: List[str], available: List[str], withheld: List[str]) -> None:
    if any(name in withheld for name in names):
        raise WorkerFailure(
            "columns",
            f"was fitted on the target column {withheld[0]!r} as a feature",
            "fit it again without the target among its columns: it has seen the answer",
        )
    missing = [name for name in names if name not in available]
    if missing:
        shown = ", ".join(_with_nearest(name, available) for name in missing[:_MAX_NAMED])
        raise WorkerFailure(
            "columns",
            f"needs {len(names)} columns, and the data lacks {len(missing)} of them: {shown}",
            "give it data with the columns it was fitted on; preprocessing belongs into the model",
        )


def _with_nearest(name: str, available: List[str]) -> str:
    near = difflib.get_close_matches(name, available, n=1)
    return f"{name!r} (nearest: {near[0]!r})" if near else repr(name)


def _keeps_names(recorded: Dict[str, str]) -> bool:
    major = recorded.get("scikit-learn", "").split(".")[0]
    return not major.isdigit() or int(major) >= _NAMES_SINCE


def _attribute(thing: object, name: str) -> Any:  # noqa: ANN401  whatever it is
    """An attribute, or None: asking a foreign object may raise anything."""
    try:
        return getattr(thing, name, None)
    except Exception:  # noqa: BLE001  a property of an unfitted or half-loaded model
        return None
