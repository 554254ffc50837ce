"""Between which values do the trees of a model split, and how many rows were on either side?"""

from __future__ import annotations

import re
from typing import Any, Dict, Iterable, Iterator, List, NamedTuple, Tuple

from mlci_action.worker.foreign import Array
from mlci_action.worker.model_parts import attribute, library_of

_BOOSTING = ("catboost", "lightgbm", "xgboost")
# Where what was fitted does not tell how many rows were on a side: enough to call values far off
# that lie beyond all of it, and too little to call them small beside it.
UNTOLD = 0.45
_MOST_TREES = 100
_ENOUGH_BORDERS = 8
# "0:[income<2.5] yes=1,no=2,missing=1,gain=7.1,cover=30", and the same of a leaf.
_SPLIT = re.compile(r"^\s*(\d+):\[(.+)<([^\]<]+)\] yes=(\d+),no=(\d+).*?cover=([^,\s]+)")
_LEAF = re.compile(r"^\s*(\d+):leaf=.*?cover=([^,\s]+)")
_SPAN = re.compile(r"^\[([^:\]]+):([^\]]+)\]$")


class Splits(NamedTuple):
    """A column's lowest and highest threshold, and the largest shares of rows below and above."""

    low: float
    high: float
    under: float
    over: float


def ranges_of_trees(part: Any, n_columns: int) -> Dict[int, Splits]:  # noqa: ANN401
    """What a tree, a forest or a boosted model tells, by column; empty for other models."""
    booster = _booster(part)
    library = library_of(booster)
    if library == "lightgbm":
        return _of_lightgbm(booster)
    if library == "xgboost":
        return _of_xgboost(booster, n_columns)
    if library == "catboost":
        return _of_catboost(booster)
    if attribute(part, "_predictors") is not None:
        return _gathered(_of_histograms(part))
    return _gathered(_of_trees(_trees(part)))


def _booster(part: Any) -> Any:  # noqa: ANN401
    """The library's own object inside an estimator of it, or of ours around it."""
    get = attribute(part, "get_booster")
    found = [attribute(part, name) for name in ("booster_", "_booster", "_model")]
    found += [get() if callable(get) else None, part]
    return next((one for one in found if library_of(one) in _BOOSTING), part)


def _trees(part: Any) -> List[Any]:  # noqa: ANN401
    """scikit-learn's trees, evenly picked where there are many."""
    import numpy as np

    if attribute(part, "tree_") is not None:
        return [part.tree_]
    if attribute(part, "estimators_features_") is not None:
        return []
    several = attribute(part, "estimators_")
    if several is None or len(several) == 0:
        return []
    each = np.ravel(np.asarray(several, dtype=object)).tolist()
    step = max(1, len(each) // _MOST_TREES)
    trees = [attribute(one, "tree_") for one in each[::step]]
    return [] if any(tree is None for tree in trees) else trees


_Node = Tuple[Array, Array, Array, Array]


def _of_trees(trees: Iterable[Any]) -> Iterator[_Node]:
    """Of each tree: the columns, thresholds and shares of rows under and over of its splits."""
    for tree in trees:
        inner = tree.children_left >= 0
        n = tree.n_node_samples / max(tree.n_node_samples[0], 1)
        left, right = tree.children_left[inner], tree.children_right[inner]
        yield tree.feature[inner], tree.threshold[inner], n[left], n[right]


def _of_histograms(part: Any) -> Iterator[_Node]:  # noqa: ANN401  HistGradientBoosting
    import numpy as np

    is_category = attribute(part, "is_categorical_")
    order = None
    if is_category is not None and attribute(part, "_preprocessor") is not None:
        # The categories come first inside.
        order = np.r_[np.flatnonzero(is_category), np.flatnonzero(~is_category)]
    for rounds in attribute(part, "_predictors")[:_MOST_TREES]:
        for predictor in rounds:
            nodes = predictor.nodes
            splits = nodes[(nodes["is_leaf"] == 0) & (nodes["is_categorical"] == 0)]
            n = nodes["count"] / max(nodes["count"][0], 1)
            columns = splits["feature_idx"] if order is None else order[splits["feature_idx"]]
            yield columns, splits["num_threshold"], n[splits["left"]], n[splits["right"]]


def _of_lightgbm(booster: Any) -> Dict[int, Splits]:  # noqa: ANN401
    """LightGBM writes the lowest and the highest value of each column down."""
    head = booster.model_to_string(num_iteration=1).split("\nTree=", 1)[0]
    line = next((x for x in head.splitlines() if x.startswith("feature_infos=")), "=")
    spans = [_SPAN.match(info) for info in line.partition("=")[2].split(" ")]
    return {
        column: Splits(float(span.group(1)), float(span.group(2)), 1.0, 1.0)
        for column, span in enumerate(spans)
        if span
    }


def _of_catboost(model: Any) -> Dict[int, Splits]:  # noqa: ANN401
    """The borders that its trees use; how many rows were on which side it does not tell."""
    borders_of = attribute(model, "_get_borders")
    return {
        column: Splits(min(borders), max(borders), UNTOLD, UNTOLD)
        for column, borders in (borders_of() if callable(borders_of) else {}).items()
        if len(borders) >= _ENOUGH_BORDERS
    }


def _of_xgboost(booster: Any, n_columns: int) -> Dict[int, Splits]:  # noqa: ANN401
    names = attribute(booster, "feature_names") or [f"f{at}" for at in range(n_columns)]
    column_of = {str(name): at for at, name in enumerate(names)}
    rounds = min(booster.num_boosted_rounds(), _MOST_TREES)
    return _gathered(
        _of_dump(text, column_of) for text in booster[:rounds].get_dump(with_stats=True)
    )


def _of_dump(text: str, column_of: Dict[str, int]) -> _Node:
    """Of one tree in XGBoost's text; the rows count by their second derivatives."""
    import numpy as np

    splits, cover = [], {}
    for line in text.splitlines():
        split, leaf = _SPLIT.match(line), _LEAF.match(line)
        if split:
            cover[split.group(1)] = float(split.group(6))
            splits.append(split)
        elif leaf:
            cover[leaf.group(1)] = float(leaf.group(2))
    whole = cover.get("0") or 1.0
    return (
        np.array([column_of[split.group(2)] for split in splits], dtype=int),
        np.array([float(split.group(3)) for split in splits]),
        np.array([cover.get(split.group(4), 0.0) / whole for split in splits]),
        np.array([cover.get(split.group(5), 0.0) / whole for split in splits]),
    )


def _gathered(trees: Iterable[_Node]) -> Dict[int, Splits]:
    import numpy as np

    each = list(trees)
    if not each:
        return {}
    columns, thresholds, under, over = (np.concatenate(part) for part in zip(*each))  # noqa: B905
    found = {}
    for column in np.unique(columns).tolist():
        mine = (columns == column) & np.isfinite(thresholds)
        if mine.any():
            at = thresholds[mine]
            found[column] = Splits(
                float(at.min()), float(at.max()), float(under[mine].max()), float(over[mine].max())
            )
    return found
