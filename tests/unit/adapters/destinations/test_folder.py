from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mlci_action.adapters.bundles import Bundle, read_bundle
from mlci_action.adapters.destinations.destination import Current, PromotionRefused
from mlci_action.adapters.destinations.folder import FolderDestination
from mlci_action.domain.promotion import short_name
from mlci_action.errors import BundleError, MlciError
from tests.builders_bundle import make_bundle

ROOT = Path(__file__).resolve().parents[4]
OLD, NEW = b"the old model", b"the new model"


@pytest.fixture
def old(tmp_path: Path) -> Bundle:
    return make_bundle(tmp_path / "old", model=OLD)


@pytest.fixture
def new(tmp_path: Path) -> Bundle:
    return make_bundle(tmp_path / "new", model=NEW)


def files_below(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def promoters(*arguments: object) -> list[dict[str, Any]]:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.fakes.promoters", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    seen: list[dict[str, Any]] = json.loads(ran.stdout)
    return seen


def test_a_bundle_lies_in_the_folder_under_its_digest_and_the_pointer_names_it(
    tmp_path: Path, old: Bundle
) -> None:
    place = FolderDestination(tmp_path / "deep" / "models")
    assert place.current() is None
    where = place.put(old, expected=None)
    name = short_name(old.digest)
    assert where == str(tmp_path / "deep" / "models" / name)
    assert read_bundle(Path(where)).digest == old.digest
    assert json.loads((tmp_path / "deep" / "models" / "promoted.json").read_text()) == {
        "version": 1,
        "bundle": name,
        "manifest": old.digest,
        "model": old.manifest.model.digest,
    }
    assert place.current() == Current(
        manifest=old.digest, model=old.manifest.model.digest, where=where
    )
    assert Path(where).stat().st_mode & 0o777 == 0o755


def test_the_bundles_before_it_stay_where_they_were(
    tmp_path: Path, old: Bundle, new: Bundle
) -> None:
    place = FolderDestination(tmp_path / "models")
    first = place.put(old, expected=None)
    second = place.put(new, expected=old.digest)
    assert read_bundle(Path(first)).digest == old.digest
    assert read_bundle(Path(second)).digest == new.digest
    assert {path.name for path in (tmp_path / "models").iterdir()} == {
        short_name(old.digest),
        short_name(new.digest),
        "promoted.json",
        ".lock",
    }
    # Back again: nothing is copied a second time.
    assert place.put(old, expected=new.digest) == first


def test_a_model_that_is_a_folder_arrives_whole(tmp_path: Path) -> None:
    model = tmp_path / "mlmodel"
    (model / "data").mkdir(parents=True)
    (model / "MLmodel").write_text("flavors: {}\n")
    (model / "data" / "weights.bin").write_bytes(bytes(3000))
    bundle = make_bundle(tmp_path / "bundle", model=model)
    where = FolderDestination(tmp_path / "models").put(bundle, expected=None)
    assert files_below(Path(where)) == files_below(bundle.folder)


def test_done_twice_it_is_done_once(tmp_path: Path, old: Bundle) -> None:
    place = FolderDestination(tmp_path / "models")
    where = place.put(old, expected=None)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "models").rglob("*")}
    assert place.put(old, expected=None) == where
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "models").rglob("*")} == before


@pytest.mark.parametrize("expected", [None, "sha256:" + "0" * 64])
def test_what_came_between_is_not_overwritten(
    tmp_path: Path, old: Bundle, new: Bundle, expected: str | None
) -> None:
    place = FolderDestination(tmp_path / "models")
    place.put(old, expected=None)
    with pytest.raises(PromotionRefused, match="by now"):
        place.put(new, expected=expected)
    found = place.current()
    assert found is not None
    assert found.manifest == old.digest
    assert not (tmp_path / "models" / short_name(new.digest)).exists()


def test_killed_at_any_step_the_old_state_is_whole_and_a_retry_completes_it(
    tmp_path: Path, old: Bundle, new: Bundle
) -> None:
    models = tmp_path / "models"
    FolderDestination(models).put(old, expected=None)
    *seen, last = promoters("killed", models, new.folder, old.digest)
    old_state = {"manifest": old.digest, "read": old.digest}
    new_state = {"manifest": new.digest, "read": new.digest}
    # One open for each file of the bundle, and what comes before and after.
    assert len(seen) > len(files_below(new.folder)) + 4
    assert [step["code"] for step in seen] == [-9] * len(seen)
    assert [step["after"] for step in seen if step["after"] != new_state] == (
        [old_state] * sum(step["after"] != new_state for step in seen)
    )
    assert seen[0]["after"] == old_state
    assert [step["retry"] for step in seen] == [0] * len(seen)
    assert [step["retried"] for step in seen] == [new_state] * len(seen)
    assert [step["left"] for step in seen if step["after"] == old_state] == (
        [[]] * sum(step["after"] == old_state for step in seen)
    )
    assert last["after"] == new_state


def test_of_two_at_the_same_moment_one_wins_and_the_other_is_refused(
    tmp_path: Path, old: Bundle, new: Bundle
) -> None:
    (tmp_path / "turns").mkdir()
    seen = promoters("together", tmp_path / "turns", old.folder, new.folder, 20)
    digests = (old.digest, new.digest)
    assert len(seen) == 20
    for turn in seen:
        assert sorted(turn["codes"]) == [0, 1]
        winner = digests[turn["codes"].index(0)]
        assert turn["after"] == {"manifest": winner, "read": winner}


def test_two_that_promote_the_same_bundle_at_once_are_both_done(
    tmp_path: Path, old: Bundle
) -> None:
    (tmp_path / "turns").mkdir()
    for turn in promoters("together", tmp_path / "turns", old.folder, old.folder, 5):
        assert turn == {"codes": [0, 0], "after": {"manifest": old.digest, "read": old.digest}}


def test_a_full_disk_loses_nothing(tmp_path: Path, old: Bundle) -> None:
    models = tmp_path / "models"
    place = FolderDestination(models)
    place.put(old, expected=None)
    large = make_bundle(tmp_path / "large", model=bytes(200_000))
    before = files_below(models)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        with pytest.raises(MlciError, match=r"cannot promote to .*: File too large"):
            place.put(large, expected=old.digest)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert files_below(models) == before
    found = place.current()
    assert found is not None
    assert read_bundle(Path(found.where)).digest == old.digest
    place.put(large, expected=old.digest)


def test_a_bundle_that_changes_while_it_is_copied_is_not_promoted(
    tmp_path: Path, old: Bundle
) -> None:
    (old.folder / "profile.json").write_text("edited after it was read")
    with pytest.raises(BundleError, match=r"profile\.json is not the one"):
        FolderDestination(tmp_path / "models").put(old, expected=None)
    assert files_below(tmp_path / "models") == {".lock"}


def test_a_folder_of_that_name_with_other_bytes_is_not_pointed_to(
    tmp_path: Path, old: Bundle, new: Bundle
) -> None:
    models = tmp_path / "models"
    models.mkdir()
    os.rename(new.folder, models / short_name(old.digest))  # noqa: PTH104 (a folder, as it is)
    with pytest.raises(BundleError, match="is not the bundle"):
        FolderDestination(models).put(old, expected=None)
    assert FolderDestination(models).current() is None


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"version": 2, "bundle": "0123456789abcdef", "manifest": "", "model": ""}',
        '{"version": 1, "bundle": "../elsewhere", "manifest": "DIGEST", "model": "DIGEST"}',
        '{"version": 1, "bundle": "fedcba9876543210", "manifest": "DIGEST", "model": "DIGEST"}',
        '{"version": 1, "bundle": "0123456789abcdef", "manifest": "DIGEST", "model": "DIGEST"}',
        "[" * 4000,
        " " * 5000,
    ],
    ids=["cut", "list", "version", "outside", "other", "missing", "deep", "long"],
)
def test_a_pointer_that_names_no_bundle_is_an_error_and_not_an_empty_place(
    tmp_path: Path, old: Bundle, text: str
) -> None:
    digest = "sha256:" + "0123456789abcdef" * 4
    (tmp_path / "promoted.json").write_text(text.replace("DIGEST", digest))
    with pytest.raises(BundleError):
        FolderDestination(tmp_path).current()
    with pytest.raises(BundleError):
        FolderDestination(tmp_path).put(old, expected=None)


def test_a_place_that_is_no_folder_is_told_with_a_remedy(tmp_path: Path, old: Bundle) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MlciError, match=r"cannot promote to .*file"):
        FolderDestination(tmp_path / "file").put(old, expected=None)
    with pytest.raises(MlciError, match="is a bundle itself"):
        FolderDestination(old.folder).put(old, expected=None)
