"""Limits of the data checks."""

from __future__ import annotations

from mlci_action.domain.data_limits import MissingLimits


def test_a_column_has_its_own_share_before_the_common_one() -> None:
    limits = MissingLimits(max_share=0.01, columns=(("income", 0.5), ("age", 0.0)))
    assert [limits.for_column(name) for name in ("income", "age", "sex")] == [0.5, 0.0, 0.01]


def test_without_a_common_share_only_named_columns_are_limited() -> None:
    limits = MissingLimits(columns=(("income", 0.5),))
    assert [limits.for_column(name) for name in ("income", "sex")] == [0.5, None]
