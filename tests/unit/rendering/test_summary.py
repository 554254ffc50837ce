from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from mlci_action.domain.behaviour import GroupRates
from mlci_action.rendering.summary import MAX_BYTES, render_summary
from tests.builders import by, check, report, row
from tests.sample_behaviour import BEHAVIOUR
from tests.sample_reports import SAMPLES, failing


@pytest.mark.parametrize("name", ["fail", "inconclusive", "unfair", "bad_data", "fragile"])
def test_the_summary_reads_as_reviewed(name: str, golden: Callable[[str, str], None]) -> None:
    golden(f"summary/{name}.md", render_summary(SAMPLES[name]()))


def test_nothing_is_folded() -> None:
    shown = render_summary(failing())
    assert "<details>" not in shown
    assert "#### 7 checks: 3 failed, 1 not run, 1 warned, 2 passed" in shown
    assert shown.startswith("### ❌ mlci: fail, would not deploy")


def test_it_never_exceeds_what_the_runner_takes() -> None:
    """Above one MiB the runner drops the whole summary; it counts bytes, not characters."""
    slices = [by(name=f"日本{number}") for number in range(700)]
    made = report(
        *(check(f"budget.x{number}", message="日" * 400) for number in range(1_000)),
        rows=(row(), *(row(slice_=slice_) for slice_ in slices)),
    )
    assert made.comparison is not None
    groups = tuple(
        GroupRates(
            sensitive="日" * 400, group=f"{number}" + "&" * 400, n=1, positives=0, judged=True
        )
        for number in range(2_000)
    )
    behaving = replace(made.comparison, behaviour=replace(BEHAVIOUR, groups=groups))
    shown = render_summary(replace(made, comparison=behaving))
    assert len(shown.encode()) <= MAX_BYTES
    assert "1,900 more groups in report.json" in shown
    assert "500 more checks in report.json" in shown
