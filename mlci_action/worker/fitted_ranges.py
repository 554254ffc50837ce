"""Which values was each column of a model fitted on, as far as what was fitted still tells?"""

from __future__ import annotations

from typing import Any, Dict, List, NamedTuple, Optional

from mlci_action.worker.foreign import Model
from mlci_action.worker.model_parts import attribute, unwrapped
from mlci_action.worker.tree_ranges import UNTOLD, ranges_of_trees

_SCALES = 2.0  # around its center a scaler has most values within these
_FAR = 10.0  # and none of them beyond these
_ENOUGH_VECTORS = 20
_DEEPEST = 8

Origins = List[Optional[int]]


class FittedRange(NamedTuple):
    """Most values were between `low` and `high`; `margin` beyond them there were none.

    `under` is the share of the rows that is known to have had at most `high`, `over` the share that
    had at least `low`: a tree tells of few values only. `scale`: their standard deviation.
    """

    low: float
    high: float
    margin: float
    under: float = 1.0
    over: float = 1.0
    scale: Optional[float] = None


def fitted_ranges(model: Model, n_columns: int) -> Dict[int, FittedRange]:
    """What is known, by the column's position in the input."""
    found: Dict[int, FittedRange] = {}
    _walk(model, list(range(n_columns)), found, 0)
    return found


def _walk(
    part: Any,  # noqa: ANN401  a step of the user's
    origins: Origins,
    found: Dict[int, FittedRange],
    depth: int,
) -> Optional[Origins]:
    """Note what the part tells of its columns; which columns of the input come out as they were.

    `origins` has the input's column of each column that comes in, None for one that was made. None
    where nothing comes out that is known.
    """
    part = unwrapped(part)
    if part is None or isinstance(part, str) or depth > _DEEPEST:
        return origins if part == "passthrough" else None
    for name, through in _MADE_OF_PARTS.items():
        if attribute(part, name) is not None:
            return through(part, origins, found, depth + 1)
    unchanged = _unchanged(part, origins)
    if unchanged is None:
        _note(part, origins, found, depth)
    return unchanged


def _note(
    part: Any,  # noqa: ANN401
    origins: Origins,
    found: Dict[int, FittedRange],
    depth: int,
) -> None:
    ranges = _ranges_of(part, len(origins))
    several = attribute(part, "estimators_")
    if not ranges and isinstance(several, list) and attribute(part, "estimators_features_") is None:
        for each in several:
            _walk(each, origins, found, depth + 1)
    for position, fitted in ranges.items():
        origin = origins[position] if position < len(origins) else None
        if origin is not None:
            found[origin] = _joined(found[origin], fitted) if origin in found else fitted


def _through_steps(
    part: Any,  # noqa: ANN401  a Pipeline
    origins: Origins,
    found: Dict[int, FittedRange],
    depth: int,
) -> Optional[Origins]:
    out: Optional[Origins] = origins
    for _, step in part.steps:
        out = None if out is None else _walk(step, out, found, depth)
    return out


def _through_union(
    part: Any,  # noqa: ANN401  a FeatureUnion
    origins: Origins,
    found: Dict[int, FittedRange],
    depth: int,
) -> None:
    for _, transformer in part.transformer_list:
        _walk(transformer, origins, found, depth)


def _through_columns(
    part: Any,  # noqa: ANN401  a ColumnTransformer
    origins: Origins,
    found: Dict[int, FittedRange],
    depth: int,
) -> Optional[Origins]:
    places = attribute(part, "output_indices_") or {}
    out: Dict[int, Optional[int]] = {}
    n_out = 0
    for name, transformer, columns in part.transformers_:
        inside = [origins[at] for at in _positions(part, columns, len(origins))]
        came = _walk(transformer, inside, found, depth)
        place = places.get(name, slice(0, 0))
        n_out = max(n_out, place.stop)
        if came is not None and len(came) == place.stop - place.start:
            out.update(zip(range(place.start, place.stop), came))  # noqa: B905
    return [out.get(at) for at in range(n_out)]


_MADE_OF_PARTS = {
    "steps": _through_steps,
    "transformers_": _through_columns,
    "transformer_list": _through_union,
}


def _positions(part: Any, columns: Any, n_columns: int) -> List[int]:  # noqa: ANN401
    import numpy as np

    if isinstance(columns, slice) and not isinstance(columns.start or columns.stop, str):
        return list(range(n_columns))[columns]
    if isinstance(columns, (str, int)):
        columns = [columns]
    listed = list(columns) if not isinstance(columns, slice) and not callable(columns) else []
    if listed and isinstance(listed[0], (bool, np.bool_)):
        return [at for at, taken in enumerate(listed) if taken]
    if listed and isinstance(listed[0], str):
        names = [str(name) for name in attribute(part, "feature_names_in_")]
        return [names.index(name) for name in listed]
    return [int(at) % n_columns for at in listed]


def _unchanged(part: Any, origins: Origins) -> Optional[Origins]:  # noqa: ANN401
    """The columns that a step hands on as they were, None for a step that makes others."""
    import numpy as np

    kind = type(part).__name__
    if kind == "FunctionTransformer" and attribute(part, "func") is None:
        return origins
    statistics = attribute(part, "statistics_")
    if kind == "SimpleImputer" and statistics is not None:
        whole = not attribute(part, "add_indicator") and not any(s != s for s in statistics)  # noqa: PLR0124
        return origins if whole else None
    if callable(attribute(part, "get_support")):
        taken = np.asarray(part.get_support())
        if len(taken) == len(origins):
            return [origin for origin, is_taken in zip(origins, taken) if is_taken]  # noqa: B905
    return None


def _ranges_of(part: Any, n_columns: int) -> Dict[int, FittedRange]:  # noqa: ANN401
    for question in (_of_scaler, _of_bayes, _of_rows):
        ranges = question(part)
        if ranges:
            return ranges
    return {
        column: FittedRange(seen.low, seen.high, seen.high - seen.low, seen.under, seen.over)
        for column, seen in ranges_of_trees(part, n_columns).items()
        if seen.high > seen.low
    }


def _of_scaler(part: Any) -> Dict[int, FittedRange]:  # noqa: ANN401
    import numpy as np

    lows, highs = attribute(part, "data_min_"), attribute(part, "data_max_")
    if lows is not None and highs is not None:
        return _between(np.asarray(lows), np.asarray(highs))
    quantiles = attribute(part, "quantiles_")
    if quantiles is not None:
        return _between(np.asarray(quantiles)[0], np.asarray(quantiles)[-1])
    most = attribute(part, "max_abs_")
    if most is not None:
        return _between(-np.asarray(most), np.asarray(most))
    centers, scales = attribute(part, "mean_"), attribute(part, "scale_")
    centers = attribute(part, "center_") if centers is None else centers
    if centers is None or scales is None or np.ndim(scales) != 1 or len(centers) != len(scales):
        return {}
    # A column of one value has no spread, and the scaler's 1 says nothing of it.
    spreads = attribute(part, "var_")
    spreads = np.asarray(scales) if spreads is None else np.asarray(spreads)
    return {
        at: FittedRange(
            low=float(center - _SCALES * scale),
            high=float(center + _SCALES * scale),
            margin=float((_FAR - _SCALES) * scale),
            scale=float(scale),
        )
        for at, (center, scale, spread) in enumerate(zip(centers, scales, spreads))  # noqa: B905
        if spread > 0
    }


def _of_bayes(part: Any) -> Dict[int, FittedRange]:  # noqa: ANN401
    """GaussianNB: the mean and the variance of each class."""
    import numpy as np

    means, variances = attribute(part, "theta_"), attribute(part, "var_")
    if means is None or variances is None or np.shape(means) != np.shape(variances):
        return {}
    scales = np.sqrt(variances)
    lows, highs = (means - _SCALES * scales).min(axis=0), (means + _SCALES * scales).max(axis=0)
    return {
        at: FittedRange(float(low), float(high), float((_FAR - _SCALES) * scale))
        for at, (low, high, scale) in enumerate(zip(lows, highs, scales.max(axis=0)))  # noqa: B905
    }


def _of_rows(part: Any) -> Dict[int, FittedRange]:  # noqa: ANN401
    """Of models that keep rows: neighbours, Gaussian processes and support vectors."""
    import numpy as np

    for name in ("_fit_X", "X_train_", "X_fit_", "support_vectors_"):
        rows = attribute(part, name)
        if not isinstance(rows, np.ndarray) or rows.ndim != 2 or rows.dtype.kind not in "iuf":  # noqa: PLR2004
            continue
        ranges = _between(np.nanmin(rows, axis=0), np.nanmax(rows, axis=0))
        if name != "support_vectors_":
            return ranges
        # They lie where the classes meet, and most rows may lie elsewhere.
        few = len(rows) < _ENOUGH_VECTORS
        return (
            {} if few else {at: r._replace(under=UNTOLD, over=UNTOLD) for at, r in ranges.items()}
        )
    return {}


def _between(lows: Any, highs: Any) -> Dict[int, FittedRange]:  # noqa: ANN401
    return {
        at: FittedRange(float(low), float(high), float(high - low))
        for at, (low, high) in enumerate(zip(lows, highs))  # noqa: B905
        if high > low
    }


def _joined(one: FittedRange, other: FittedRange) -> FittedRange:
    """What both tell: of two models that get the same column."""
    return FittedRange(
        low=min(one.low, other.low),
        high=max(one.high, other.high),
        margin=max(one.margin, other.margin),
        under=max(one.under, other.under),
        over=max(one.over, other.over),
    )
