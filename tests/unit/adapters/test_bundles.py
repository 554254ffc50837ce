"""A bundle is whole and unchanged, or it is none."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from mlci_action.adapters.bundles import is_bundle, open_bundle, pack, read_bundle
from mlci_action.domain.bundle_names import MANIFEST, MLBOM, STATEMENT
from mlci_action.errors import BundleError
from tests.builders_bundle import make_bundle

_BYTES_LOOKED_AT = 200


def mlflow_model(folder: Path) -> Path:
    (folder / "data").mkdir(parents=True)
    (folder / "MLmodel").write_text("flavors: {python_function: {}}\n", encoding="utf-8")
    (folder / "data" / "weights.bin").write_bytes(b"weights")
    return folder


def test_a_bundle_is_read_as_it_was_written(tmp_path: Path) -> None:
    made = make_bundle(tmp_path / "bundle")
    assert read_bundle(tmp_path / "bundle") == made
    assert made.model.read_bytes() == b"a model, byte by byte"
    profile = made.file("profile.json")
    assert profile is not None
    assert profile.read_text(encoding="utf-8") == '{"rows": 500}\n'
    assert made.file("train_profile.json") is None
    assert made.file(STATEMENT) is None


def test_a_model_that_is_a_folder_stays_one(tmp_path: Path) -> None:
    made = make_bundle(tmp_path / "bundle", model=mlflow_model(tmp_path / "risk"))
    assert made.model == tmp_path / "bundle" / "risk"
    assert (made.model / "data" / "weights.bin").read_bytes() == b"weights"
    assert read_bundle(made.folder) == made
    pack(made, tmp_path / "x.zip")
    opened = open_bundle(tmp_path / "x.zip", tmp_path / "store")
    assert (opened.manifest, opened.digest) == (made.manifest, made.digest)
    (made.model / "data" / "more.bin").write_bytes(b"")
    with pytest.raises(BundleError, match="risk is not the one that its manifest names"):
        read_bundle(made.folder)


def test_a_folder_is_opened_where_it_is(tmp_path: Path) -> None:
    made = make_bundle(tmp_path / "bundle")
    assert open_bundle(made.folder, tmp_path / "store") == made
    assert not (tmp_path / "store").exists()


def test_a_zip_is_opened_into_a_folder_of_its_own(tmp_path: Path) -> None:
    made = make_bundle(tmp_path / "bundle")
    target = tmp_path / made.zip_name
    assert made.zip_name == f"mlci-bundle-{made.digest[7:23]}.zip"
    first = pack(made, target)
    for _ in range(2):  # and once more over what is there
        opened = open_bundle(target, tmp_path / "store")
        assert opened.folder == tmp_path / "store" / f"mlci-bundle-{made.digest[7:23]}"
        assert (opened.manifest, opened.digest) == (made.manifest, made.digest)
    assert pack(opened, tmp_path / "again.zip") == first
    assert (tmp_path / "again.zip").read_bytes() == target.read_bytes()
    assert [path.name for path in (tmp_path / "store").iterdir()] == [opened.folder.name]


def test_what_has_a_manifest_at_its_top_is_meant_to_be_a_bundle(tmp_path: Path) -> None:
    made = make_bundle(tmp_path / "bundle")
    pack(made, tmp_path / "x.zip")
    assert is_bundle(made.folder)
    assert is_bundle(tmp_path / "x.zip")
    assert not is_bundle(made.model)
    assert not is_bundle(tmp_path / "nothing")
    assert not is_bundle(tmp_path)
    other = mlflow_model(tmp_path / "risk")
    (other / MANIFEST).write_text("{}", encoding="utf-8")
    assert not is_bundle(other)


def test_one_changed_byte_of_any_file_is_seen(tmp_path: Path) -> None:
    """The two documents that are derived are for other readers, and vouch for nothing here."""
    made = make_bundle(tmp_path / "bundle")
    names = [path.name for path in made.folder.iterdir() if path.name not in (MLBOM, STATEMENT)]
    assert len(names) == 5
    for name in names:
        path = made.folder / name
        whole = path.read_bytes()
        for at in range(0, len(whole), max(1, len(whole) // _BYTES_LOOKED_AT)):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
            if name == MANIFEST:
                try:
                    assert read_bundle(made.folder).digest != made.digest
                except BundleError:
                    continue
            else:
                with pytest.raises(BundleError):
                    read_bundle(made.folder)
        path.write_bytes(whole)
    assert read_bundle(made.folder) == made


def _link(folder: Path) -> None:
    (folder / "profile.json").rename(folder.parent / "elsewhere")
    (folder / "profile.json").symlink_to(folder.parent / "elsewhere")


def _folder_too_many(folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "x\n::error").write_text("x", encoding="utf-8")


def _large_manifest(folder: Path) -> None:
    with (folder / MANIFEST).open("ab") as file:
        file.truncate(40 << 20)


_DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "a file is missing": (lambda f: (f / "profile.json").unlink(), "has no profile.json"),
    "the model is missing": (lambda f: (f / "model.joblib").unlink(), "does not exist"),
    "the manifest is missing": (lambda f: (f / MANIFEST).unlink(), "no manifest"),
    "a file too many": (lambda f: (f / "notes.txt").write_text("x"), "does not name 'notes.txt'"),
    "a folder too many": (
        _folder_too_many,
        "does not name 'sub/x ::error'",
    ),
    "a link": (_link, "'profile.json' is a link"),
    "a pipe": (lambda f: os.mkfifo(f / "pipe"), "'pipe' is no regular file"),
    "a manifest without end": (_large_manifest, "larger than any manifest"),
    "a manifest of bytes": (lambda f: (f / MANIFEST).write_bytes(b"\xff"), "not UTF-8"),
    "an empty model": (lambda f: (f / "model.joblib").write_bytes(b""), "is empty"),
}


@pytest.mark.parametrize(("damage", "why"), _DAMAGE.values(), ids=_DAMAGE.keys())
def test_a_damaged_bundle_is_refused_with_the_reason(
    tmp_path: Path, damage: Callable[[Path], object], why: str
) -> None:
    made = make_bundle(tmp_path / "bundle")
    damage(made.folder)
    with pytest.raises(BundleError, match=why) as refused:
        read_bundle(made.folder)
    assert "\n" not in str(refused.value)


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="cannot be read"):
        read_bundle(tmp_path / "nothing")
    with pytest.raises(BundleError, match="cannot be read"):
        open_bundle(tmp_path / "nothing.zip", tmp_path / "store")
    made = make_bundle(tmp_path / "bundle")
    with pytest.raises(BundleError, match="No such file"):
        pack(made, tmp_path / "no" / "where.zip")
