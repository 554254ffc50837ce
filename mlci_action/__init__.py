"""Validate the data, compare the candidate model with the baseline, say whether to deploy.

from mlci_action import compare
compare(y_true, old_scores, new_scores, metrics=["roc_auc", "log_loss"]).to_frame()
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlci_action._version import __version__

if TYPE_CHECKING:
    from mlci_action.api import (
        Comparison,
        DataChecks,
        DataReport,
        DuplicateLimits,
        MissingLimits,
        Predictions,
        check_data,
        compare,
        run_gate,
    )

__all__ = [
    "Comparison",
    "DataChecks",
    "DataReport",
    "DuplicateLimits",
    "MissingLimits",
    "Predictions",
    "__version__",
    "check_data",
    "compare",
    "run_gate",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whichever of the public names it is
    """Import pandas and the rest only for whoever asks: the comment step has no need of them."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from mlci_action import api  # noqa: PLC0415

    return getattr(api, name)
