"""Advice on margins on a console, and as JSON."""

from __future__ import annotations

import json

import pytest

from mlci_action.domain.margins import MarginAdvice, Rates
from mlci_action.rendering.margins_text import margins_json, margins_text

_KNOWN = MarginAdvice(
    metric="roc_auc",
    n=513,
    width=0.0317,
    noise=0.0161,
    retrainings=5,
    current=Rates(margin=0.2, passes=0.9999999, fails=1e-9, power=1.0),
    proposed=(Rates(margin=0.046, passes=0.812, fails=0.0004, power=0.812),),
)


def test_what_each_margin_does_fits_a_console() -> None:
    text = margins_text([_KNOWN])
    assert max(map(len, text.splitlines())) <= 80
    assert "roc_auc (513 rows): interval ±0.0317, noise 0.0161 by 5 retrainings" in text
    assert [line.split() for line in text.splitlines()[2:4]] == [
        ["0.2", "(now)", ">99.9", "%", "<0.1", "%", ">99.9", "%"],
        ["0.046", "(proposed)", "81.2", "%", "<0.1", "%", "81.2", "%"],
    ]


@pytest.mark.parametrize("name", ["a\nb\x1b[31m", "x" * 500])
def test_a_metric_without_a_margin_says_why_on_lines_of_its_own(name: str) -> None:
    text = margins_text([MarginAdvice(metric=name, n=5, note="too few\n::error::")])
    assert "no margin can be proposed" in " ".join(text.split())
    assert "\x1b" not in text
    assert "\n::error::" not in text


def test_a_program_reads_the_same() -> None:
    (read,) = json.loads(json.dumps(margins_json([_KNOWN])))
    assert read["current"]["margin"] == 0.2
    assert read["proposed"][0]["fails"] == 0.0004
