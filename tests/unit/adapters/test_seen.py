"""How old is the baseline that was seen?"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from mlci_action.adapters.baselines import Baseline
from mlci_action.adapters.model_files import ModelFile
from mlci_action.adapters.seen import Seen
from mlci_action.domain.model_formats import ModelFormat
from mlci_action.settings.parse import parse_settings
from tests.unit.settings.documents import document

_TODAY = date(2026, 11, 28)
_FILE = ModelFile(
    path=Path("m"), digest="sha256:1", n_bytes=1, format=ModelFormat.PICKLE, kind="a pickle"
)


@pytest.mark.parametrize(
    ("source", "commit", "age"),
    [
        ("git:base:m.joblib", "c" * 40, 27),
        ("release:models", None, 27),
        ("s3://bucket/m", None, 27),
        ("promoted", "c" * 40, 27),
        # When it was copied here says nothing of the model.
        ("old/m.joblib", None, None),
    ],
)
def test_a_baseline_has_the_age_of_its_commit_or_of_its_place(
    source: str, commit: str | None, age: int | None
) -> None:
    made = "2026-11-01T12:00:00+00:00"
    seen = Seen(
        baseline=Baseline(
            file=_FILE, source=source, commit=commit, modified=made, origin="from there", url="u"
        )
    )
    told = seen.as_mapping(parse_settings(document(), path="mlci.yml"), _TODAY)["baseline"]
    assert (told["age_days"], told["origin"], told["url"]) == (age, "from there", "u")


def test_without_a_baseline_there_is_no_age() -> None:
    assert Seen().age_of_baseline(_TODAY) is None
