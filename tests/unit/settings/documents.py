"""Texts of mlci.yml that are right but for what a test changes, and their problems."""

from __future__ import annotations

import pytest

from mlci_action.errors import SettingsError
from mlci_action.settings.parse import parse_settings

DATA = "data: {evaluation: test.csv, target: approved}"
CANDIDATE = "candidate: {model: model.joblib}"
BASELINE = "baseline: {from: old.joblib}"
METRICS = "metrics: {roc_auc: {min: 0.8}}"


def document(
    *more: str,
    data: str = DATA,
    candidate: str = CANDIDATE,
    baseline: str = BASELINE,
    metrics: str = METRICS,
) -> str:
    """Lines 1 to 4 are data, candidate, baseline and metrics; `more` comes behind."""
    return "\n".join((data, candidate, baseline, metrics, *more))


def problems(text: str) -> tuple[str, ...]:
    """What `parse_settings` complains of, without the file's name."""
    with pytest.raises(SettingsError) as caught:
        parse_settings(text, path="mlci.yml")
    return tuple(line.removeprefix("mlci.yml:") for line in caught.value.problems)


def pairs(table: str) -> list[tuple[str, str]]:
    """Pairs of lines: what is written, and below it what is said."""
    lines = [line.strip() for line in table.strip().splitlines()]
    return list(zip(lines[::2], lines[1::2], strict=True))
