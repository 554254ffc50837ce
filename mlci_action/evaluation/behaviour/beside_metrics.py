"""How do the two models behave, beside what their metrics are worth?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from mlci_action.domain.behaviour import Behaviour, GroupRates
from mlci_action.domain.comparison import ComparisonRow
from mlci_action.domain.limits import Evidence, FairnessLimits, SliceLimits
from mlci_action.domain.metric import Needs, Task
from mlci_action.evaluation.behaviour.calibration import calibration
from mlci_action.evaluation.behaviour.flips import flips
from mlci_action.evaluation.behaviour.found_slices import found_slices
from mlci_action.evaluation.behaviour.score_shift import score_shift
from mlci_action.evaluation.fairness.gaps import fairness
from mlci_action.evaluation.reading.paired import PairedRows
from mlci_action.evaluation.reading.predictions import SliceRows

Same = Mapping[Needs, str]


def behaviour(
    rows: PairedRows,
    features: pd.DataFrame,
    limits: SliceLimits,
    *,
    evidence: Evidence,
    same: Same,
) -> Behaviour:
    """All that is shown of the n scored rows, without the groups of `between_groups`.

    features: (n, columns) what may describe a region. same: why the models count as one, by what is
    read of them; where they are one there is nothing to find.
    """
    apart = rows.baseline is not None and not any(same.values())
    return Behaviour(
        flips=flips(rows, same=same[Needs.LABELS]),
        calibration=calibration(rows),
        score_shift=score_shift(rows),
        found_slices=found_slices(
            rows,
            features,
            most=limits.find if apart else 0,
            seed=evidence.seed,
            min_rows=limits.min_rows,
        ),
    )


def between_groups(
    rows: PairedRows,
    groups: Sequence[Sequence[SliceRows]],
    limits: FairnessLimits | None,
    *,
    same: Same,
) -> tuple[tuple[ComparisonRow, ...], tuple[GroupRates, ...]]:
    """The fairness values of each sensitive entry, and the rates of its groups.

    groups: the parts that each entry makes. Only labels of two classes have such values.
    """
    if limits is None or rows.task is not Task.BINARY:
        return (), ()
    table: tuple[ComparisonRow, ...] = ()
    rates: tuple[GroupRates, ...] = ()
    for sensitive, parts in zip(limits.labels, groups, strict=True):
        values, of_groups = fairness(
            rows,
            parts,
            sensitive,
            [limit.metric for limit in limits.limits],
            min_rows=limits.min_rows,
            same=same[Needs.LABELS],
        )
        table, rates = (*table, *values), (*rates, *of_groups)
    return table, rates
