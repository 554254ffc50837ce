"""A stored profile is the profile again, and anything else is refused in one line."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlci_action.errors import DatasetError
from mlci_action.profiles.frames import chunks_of
from mlci_action.profiles.stored import from_json, looks_like_profile, to_json
from mlci_action.profiles.table import Aims, sum_up

_RANDOM = np.random.default_rng(0)
FRAME = pd.DataFrame(
    {
        "x": _RANDOM.normal(size=900),
        "big": np.arange(900) + 2**60,
        "t": ["é", "b|\n", "2024-01-05", None] * 225,
        "when": pd.date_range("2020", periods=900),
        "y": _RANDOM.integers(0, 2, 900),
    }
)


def stored(**fields: Any) -> str:  # noqa: ANN401 - what Aims takes
    return to_json(sum_up(chunks_of(FRAME), aims=Aims(target="y", **fields)).profile)


def test_a_profile_comes_back_as_it_was_and_gives_the_same_bytes() -> None:
    profile = sum_up(chunks_of(FRAME), aims=Aims(target="y"), origin="july").profile
    text = to_json(profile)
    assert from_json(text, path="p.json") == profile
    assert to_json(from_json(text, path="p.json")) == text
    assert looks_like_profile(text.encode()[:64])


def test_how_a_batch_lay_beside_its_reference_is_not_stored() -> None:
    profile = sum_up(chunks_of(FRAME)).profile
    beside = sum_up(chunks_of(FRAME), reference=profile).profile
    assert beside.columns[0].numbers is not None
    assert beside.columns[0].numbers.at_reference is not None
    assert to_json(beside) == to_json(profile)


def without_version(document: dict[str, Any]) -> None:
    document["version"] = 99


def too_many_missing(document: dict[str, Any]) -> None:
    document["columns"][0]["missing"] = 10_000


def unordered(document: dict[str, Any]) -> None:
    document["columns"][0]["numbers"]["points"].reverse()


def unknown_shape(document: dict[str, Any]) -> None:
    document["columns"][0]["rows"] = "many"


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (without_version, "profile of version 99"),
        (too_many_missing, "the counts of 'x' do not add up"),
        (unordered, "the counts of 'x' do not add up"),
        (unknown_shape, "is not a profile: columns.0.rows"),
    ],
)
def test_a_tampered_profile_is_refused(spoil: Callable[[dict[str, Any]], None], said: str) -> None:
    """Counts that no table has would turn exact tests into nonsense without a word."""
    document = json.loads(stored())
    spoil(document)
    with pytest.raises(DatasetError, match=said):
        from_json(json.dumps(document), path="p.json")


@pytest.mark.parametrize(
    "text", ["", "{", "[1]", '{"version":1}', '{"version": NaN}', "[" * 100_000, "9" * 40]
)
def test_what_is_no_profile_is_refused(text: str) -> None:
    with pytest.raises(DatasetError):
        from_json(text, path="p.json")
