"""What lies at a path? A model, a bundle, or a folder of promoted ones with its pointer."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from mlci_action.adapters.baseline_sources.path import take
from mlci_action.adapters.baseline_sources.taken import Place, Taken
from mlci_action.adapters.github_event import Change
from mlci_action.domain.promotion import POINTER, pointer_to, pointer_to_json
from mlci_action.domain.sources import PathSource
from mlci_action.errors import BaselineError, BaselineMissing
from tests.builders_bundle import make_bundle


def taken(folder: Path, pattern: str) -> Taken:
    place = Place(folder=folder, store=folder / "store", environ={}, change=Change())
    return take(PathSource(pattern=pattern), place)


def test_a_folder_that_promotion_writes_to_is_followed(tmp_path: Path) -> None:
    for name in ("0" * 16, "f" * 16):
        make_bundle(tmp_path / "prod" / name)
    bundle = make_bundle(tmp_path / "made", model=b"in place")
    pointer = pointer_to(bundle.digest, bundle.manifest.model.digest)
    bundle.folder.rename(tmp_path / "prod" / pointer.bundle)
    (tmp_path / "prod" / POINTER).write_text(pointer_to_json(pointer))
    for pattern in ("prod", "prod/", str(tmp_path / "prod")):
        found = taken(tmp_path, pattern)
        assert found.path.name == pointer.bundle
        assert found.manifest == bundle.digest
        assert found.origin == f"{pointer.bundle} in {pattern}"
        assert found.modified is not None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is not JSON"),
        ("{}", "not a pointer"),
        (json.dumps({"version": 1, "bundle": "../x", "manifest": "", "model": ""}), "is none"),
        (pointer_to_json(pointer_to(f"sha256:{'a' * 64}", f"sha256:{'b' * 64}")), "is not there"),
    ],
    ids=["empty", "nothing", "leads out", "gone"],
)
def test_a_pointer_that_leads_nowhere_is_an_error(tmp_path: Path, text: str, why: str) -> None:
    """Something was in place once: to say that there is no baseline would open the gate."""
    (tmp_path / "prod").mkdir()
    (tmp_path / "prod" / POINTER).write_text(text)
    with pytest.raises(BaselineError, match=why) as caught:
        taken(tmp_path, "prod")
    assert not isinstance(caught.value, BaselineMissing)


@pytest.mark.parametrize("pattern", ["prod/", "locked"])
def test_a_folder_that_nothing_was_promoted_to_has_no_baseline(
    tmp_path: Path, pattern: str
) -> None:
    (tmp_path / pattern).mkdir()
    (tmp_path / "locked").mkdir(exist_ok=True)
    (tmp_path / "locked" / ".lock").touch()
    with pytest.raises(BaselineMissing, match="nothing has been promoted to it yet") as caught:
        taken(tmp_path, pattern)
    assert "mlci promote" in caught.value.hint


def test_of_several_bundles_the_newest_is_taken(tmp_path: Path) -> None:
    for age, name in ((100, "a"), (10, "b"), (50, "c")):
        folder = make_bundle(tmp_path / "kept" / name).folder
        os.utime(folder, (1_000_000 - age, 1_000_000 - age))
    assert taken(tmp_path, "kept/*").path.name == "b"
    assert taken(tmp_path, "kept/c").path.name == "c"


def test_where_nothing_is_there_is_no_baseline(tmp_path: Path) -> None:
    with pytest.raises(BaselineMissing, match="no such file"):
        taken(tmp_path, "models/*.joblib")
