"""Which columns does the model get, in which order, with their names or by position?"""

from __future__ import annotations

import difflib
import re
from typing import Dict, List, NamedTuple, Optional, Protocol, Sequence, Tuple

from mlci_action.worker.failures import WorkerFailure
from mlci_action.worker.foreign import Model, Table
from mlci_action.worker.forms import AS_ARRAY, AS_DICTS, AS_TABLE
from mlci_action.worker.model_parts import attribute, first_step, library_of, unwrapped

# The first is scikit-learn's, kept only where the model was fitted on named columns. The others are
# CatBoost's, LightGBM's and XGBoost's, which make names up when there were none.
_SURE_NAMES = "feature_names_in_"
_LIKELY_NAMES = ("feature_names_", "feature_name_", "feature_names", "feature_name")
_BOOSTING = ("catboost", "lightgbm", "xgboost")
_MADE_UP = re.compile(r"^(?:Column_|f)?\d+$")
_NAMES_SINCE = 1  # scikit-learn 1.0 was the first to keep names
_MAX_NAMED = 5
_NAME_THEM = "name its columns, in its order, with candidate.columns"


class GivenInput(NamedTuple):
    """Rows as a `table` with these `columns`, and the `forms` in which a model may want them."""

    table: Table
    columns: List[str]
    forms: Tuple[str, ...] = (AS_TABLE,)


class Columns(Protocol):
    """Rows that are a table or become one: those of the data, or what `features` made of them."""

    @property
    def names(self) -> List[str]: ...  # noqa: D102  as `Rows` says

    @property
    def texts(self) -> List[str]: ...  # noqa: D102

    def table(self, names: List[str]) -> Table: ...  # noqa: D102


def choose_input(
    model: Model,
    rows: Columns,
    *,
    set_aside: List[str],
    withheld: List[str],
    recorded: Dict[str, str],
    columns: Optional[List[str]] = None,
) -> GivenInput:
    """The `columns` of the settings; else those that the model names, in its order; else all of
    them but `set_aside`.
    """
    if columns is not None:
        _must_exist(columns, rows.names, withheld, _Written())
        return _given(model, rows, columns, recorded)
    text = _only_text(model, rows, set_aside)
    if text is not None:
        return _given(model, rows, [text], recorded)
    names = _known_names(model, rows.names)
    if names is not None:
        names = _as_the_data_spells(model, names, rows.names)
        _must_exist(names, rows.names, withheld, _Fitted())
        return _given(model, rows, names, recorded)
    others = [name for name in rows.names if name not in set_aside]
    _must_count(model, others, [name for name in rows.names if name in set_aside])
    return _given(model, rows, others, recorded)


def must_take(model: Model, n_columns: int, whose: str) -> None:
    """WorkerFailure when the model is known to take another number of columns."""
    wanted = attribute(model, "n_features_in_")
    if isinstance(wanted, int) and wanted != n_columns:
        raise WorkerFailure(
            "columns",
            f"takes {wanted} columns, and {whose} {n_columns}",
            "give it what it was fitted on",
        )


def _given(model: Model, rows: Columns, names: List[str], recorded: Dict[str, str]) -> GivenInput:
    """These columns, in the forms in which the model may want them."""
    if _takes_texts(model) and len(names) == 1:
        return GivenInput(rows.table(names)[names[0]], names)
    table = rows.table(names)
    if _takes_dicts(model):
        return GivenInput(table, names, (AS_DICTS,))
    if _known_names(model, rows.names) is not None:
        return GivenInput(table, names)
    must_take(model, len(names), "candidate.columns names")
    # A model that would know names, had it been fitted on a table, was fitted on an array. Others
    # may go by names inside or by positions, and only trying tells.
    was_array = attribute(model, "n_features_in_") is not None and _keeps_names(recorded)
    return GivenInput(table, names, (AS_ARRAY, AS_TABLE) if was_array else (AS_TABLE, AS_ARRAY))


def _known_names(model: Model, available: List[str]) -> Optional[List[str]]:
    for part in (model, unwrapped(model), first_step(model)):
        names = attribute(part, _SURE_NAMES)
        if names is not None:
            return [str(name) for name in names]
    for name in _LIKELY_NAMES:
        names = attribute(model, name)
        names = names() if callable(names) else names
        if not isinstance(names, list) or not names:
            continue
        if set(names) <= set(available) or _are_real(model, names):
            return [str(name) for name in names]
    return _keys_of_dicts(model, available)


def _are_real(model: Model, names: List[str]) -> bool:
    """Whether a library that was given names says these, and did not make them up."""
    return library_of(model) in _BOOSTING and not all(_MADE_UP.match(str(name)) for name in names)


def _keys_of_dicts(model: Model, available: List[str]) -> Optional[List[str]]:
    """The columns that a DictVectorizer was fitted on: it takes a missing one for a 0."""
    first = first_step(model)
    features = attribute(first, "feature_names_")
    if type(first).__name__ != "DictVectorizer" or not isinstance(features, list):
        return None
    separator = str(attribute(first, "separator"))
    keys = [f if f in available else f.split(separator)[0] for f in map(str, features)]
    return list(dict.fromkeys(keys))


def _takes_dicts(model: Model) -> bool:
    first = first_step(model)
    name = type(first).__name__
    hashes = name == "FeatureHasher" and attribute(first, "input_type") == "dict"
    return name == "DictVectorizer" or hashes


def _takes_texts(model: Model) -> bool:
    return callable(attribute(first_step(model), "build_analyzer"))


def _only_text(model: Model, rows: Columns, set_aside: List[str]) -> Optional[str]:
    """The column for a model that begins with a text vectorizer; None for every other model.

    A vectorizer takes one column, and reads the names of a table as if they were its rows.
    """
    if not _takes_texts(model):
        return None
    texts = [name for name in rows.texts if name not in set_aside]
    if len(texts) == 1:
        return texts[0]
    found = ", ".join(repr(name) for name in texts[:_MAX_NAMED]) or "none"
    raise WorkerFailure(
        "columns",
        f"begins with a text vectorizer, which takes one column of text; the data has: {found}",
        "name that column with candidate.columns, or inside the model, with a ColumnTransformer",
    )


def _as_the_data_spells(model: Model, names: List[str], available: List[str]) -> List[str]:
    """LightGBM writes a blank in a name as `_`; it was fitted on the column with the blank."""
    parts = (model, first_step(model))
    if not any(library_of(p) == "lightgbm" or attribute(p, "writes_blanks_as") for p in parts):
        return names
    spelled = {name.replace(" ", "_"): name for name in available}
    return [name if name in available else spelled.get(name, name) for name in names]


class _Fitted:
    """How it is said that columns are wrong which the model itself names."""

    on_target = "was fitted on the target column {!r} as a feature"
    remedy = "fit it again without the target among its columns: it has seen the answer"
    missing = (
        "give it data with the columns it was fitted on; what is made outside the model is made "
        "with candidate.features"
    )


class _Written(_Fitted):
    """How it is said of those that the settings name."""

    on_target = "is to be given the target column {!r} by candidate.columns"
    remedy = "remove it: the target is what the model is asked for"
    missing = "candidate.columns names columns of the data, or of what candidate.features gives"


def _must_exist(
    names: Sequence[str], available: List[str], withheld: List[str], said: _Fitted
) -> None:
    targets = [name for name in names if name in withheld]
    if targets:
        raise WorkerFailure("columns", said.on_target.format(targets[0]), said.remedy)
    twice = [name for name in names if list(names).count(name) > 1]
    if twice:
        raise WorkerFailure("columns", f"needs the column {twice[0]!r} twice", _NAME_THEM)
    missing = [name for name in names if name not in available]
    if missing:
        shown = ", ".join(_with_nearest(name, available) for name in missing[:_MAX_NAMED])
        raise WorkerFailure(
            "columns",
            f"needs {len(names)} columns, and the data lacks {len(missing)} of them: {shown}",
            said.missing,
        )


def _must_count(model: Model, names: List[str], aside: List[str]) -> None:
    """Whether a model that goes by position takes as many columns as there are."""
    wanted = attribute(model, "n_features_in_")
    if not isinstance(wanted, int) or wanted == len(names):
        return
    more = wanted - len(names)
    if 0 < more <= len(aside):
        shown = ", ".join(repr(name) for name in aside[:_MAX_NAMED])
        are, too = ("is", f"{shown} as well") if len(aside) == 1 else ("are", "some of these")
        raise WorkerFailure(
            "columns",
            f"takes {wanted} columns by position, and the data has {len(names)} besides the target "
            f"and {shown}, which {are} set aside",
            f"if it was fitted on {too}: {_NAME_THEM}",
        )
    raise WorkerFailure(
        "columns",
        f"takes {wanted} columns by position, and the data has {len(names)} besides the target",
        f"fit it on a DataFrame, so that it knows its columns by name; or {_NAME_THEM}",
    )


def _with_nearest(name: str, available: List[str]) -> str:
    near = difflib.get_close_matches(name, available, n=1)
    return f"{name!r} (nearest: {near[0]!r})" if near else repr(name)


def _keeps_names(recorded: Dict[str, str]) -> bool:
    major = recorded.get("scikit-learn", "").split(".")[0]
    return not major.isdigit() or int(major) >= _NAMES_SINCE
