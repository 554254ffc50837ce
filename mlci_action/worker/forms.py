"""In which form does a model take the rows? As a table, an array, plain types or dicts."""

from __future__ import annotations

import sys
from typing import Any, Iterable, Iterator, List

from mlci_action.worker.foreign import Model, Pandas, Table
from mlci_action.worker.model_parts import attribute, library_of, unwrapped

AS_TABLE, AS_ARRAY, AS_DICTS = "table", "array", "dicts"


def in_forms(model: Model, table: Table, forms: Iterable[str]) -> Iterator[Table]:
    """The rows in each of the forms; a table also in what else its model may want of a table."""
    for form in forms:
        if form == AS_DICTS and hasattr(table, "to_dict"):
            yield table.to_dict(orient="records")
        elif form == AS_ARRAY and hasattr(table, "to_numpy"):
            yield _as_array(table)
        else:
            yield table
            yield from _further_tables(model, table)


def copy_of(table: Table) -> Table:
    """A copy, for code that writes into what it is given."""
    copy = getattr(table, "copy", None)
    return copy() if callable(copy) else table


def _as_array(table: Table) -> Any:  # noqa: ANN401  an array of the user's numpy
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(table, pandas.DataFrame):
        return _with_plain_types(table, pandas).to_numpy()
    return table.to_numpy()


def _further_tables(model: Model, table: Table) -> Iterator[Table]:
    pandas = sys.modules.get("pandas")
    if pandas is None or not isinstance(table, pandas.DataFrame):
        return
    if any(_is_nullable(dtype, pandas) for dtype in table.dtypes):
        yield _with_plain_types(table, pandas)
    texts = [name for name, dtype in zip(table.columns, table.dtypes) if _is_text(dtype, pandas)]  # noqa: B905
    if texts and _keeps_categories(model):
        yield table.assign(**{name: table[name].astype("category") for name in texts})


def has_text(table: Table) -> bool:
    """Whether a column of a table is text, which few models take as it is."""
    pandas = sys.modules.get("pandas")
    if pandas is None or not isinstance(table, pandas.DataFrame):
        return False
    return any(_is_text(dtype, pandas) for dtype in table.dtypes)


def _keeps_categories(model: Model) -> bool:
    """Whether the model holds the values of its categories, and so finds each by its value.

    The others read a category's position among those of the rows at hand, which is another one.
    """
    inner = unwrapped(model)
    if library_of(inner) == "xgboost":
        # Since 3.1; earlier ones went by the position.
        get = attribute(inner, "get_booster")
        known = attribute(get(), "get_categories") if callable(get) else None
        return callable(known) and not known().empty()
    return library_of(inner) == "lightgbm"


def _is_text(dtype: object, pandas: Pandas) -> bool:
    return str(dtype) == "object" or isinstance(dtype, getattr(pandas, "StringDtype", ()))


def _is_nullable(dtype: object, pandas: Pandas) -> bool:
    """A type of pandas' own that an older scikit-learn does not know."""
    if isinstance(dtype, pandas.CategoricalDtype) or not pandas.api.types.is_extension_array_dtype(
        dtype
    ):
        return False
    return hasattr(dtype, "numpy_dtype") or isinstance(dtype, pandas.StringDtype)


def _with_plain_types(table: Table, pandas: Pandas) -> Table:
    """Each nullable column as numpy has it: NaN in place of what is missing."""
    names = _nullable_names(table, pandas)
    return table.assign(**{name: _plain(table[name], pandas) for name in names}) if names else table


def _nullable_names(table: Table, pandas: Pandas) -> List[str]:
    return [n for n, dtype in zip(table.columns, table.dtypes) if _is_nullable(dtype, pandas)]  # noqa: B905


def _plain(column: Table, pandas: Pandas) -> Table:
    gaps = column.isna().any()
    if isinstance(column.dtype, pandas.StringDtype) or (gaps and column.dtype == "boolean"):
        cells = column.astype(object)
        return cells.where(cells.notna(), float("nan"))
    if gaps:
        return pandas.Series(column.to_numpy(dtype="float64", na_value=float("nan")))
    return column.astype(column.dtype.numpy_dtype)
