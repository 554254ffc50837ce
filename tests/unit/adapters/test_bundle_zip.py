"""A zip that nobody vouches for is unpacked safely, or leaves nothing behind."""

from __future__ import annotations

import os
import random
import stat
import struct
import time
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from mlci_action.adapters import bundle_zip
from mlci_action.adapters.bundles import is_bundle, open_bundle, pack
from mlci_action.errors import BundleError
from tests.builders_bundle import make_bundle


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    pack(make_bundle(tmp_path / "bundle"), tmp_path / "bundle.zip")
    return tmp_path / "bundle.zip"


def must_be_refused(path: Path, why: str | None = None) -> None:
    store = path.parent / "store"
    with pytest.raises(BundleError, match=why) as refused:
        open_bundle(path, store)
    assert "\n" not in str(refused.value)
    assert list(store.iterdir()) == []
    assert not (path.parent / "escaped").exists()


def repack(path: Path, change: Callable[[zipfile.ZipFile], None], *, compression: int = 0) -> None:
    """The same files in a zip of another writer, and what `change` adds."""
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        change(archive)


def test_the_same_files_make_the_same_zip_whatever_their_times_and_modes(tmp_path: Path) -> None:
    one, two = make_bundle(tmp_path / "one"), make_bundle(tmp_path / "two")
    for file in two.folder.iterdir():
        file.chmod(0o600)
    first, second = pack(one, tmp_path / "one.zip"), pack(two, tmp_path / "two.zip")
    assert first == second
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {member.compress_type for member in archive.infolist()} == {zipfile.ZIP_STORED}
        assert archive.namelist() == sorted(archive.namelist())


def test_a_zip_of_another_writer_is_a_bundle_too(packed: Path, tmp_path: Path) -> None:
    """Artifacts come compressed, and with entries for folders."""

    def change(archive: zipfile.ZipFile) -> None:
        archive.writestr("empty/", "")

    repack(packed, change, compression=zipfile.ZIP_DEFLATED)
    opened = open_bundle(packed, tmp_path / "store")
    assert opened.digest == make_bundle(tmp_path / "again").digest


@pytest.mark.parametrize(
    "name",
    [
        *("../escaped", "/escaped", "a/../../escaped", "..\\escaped", "C:escaped", "a//b"),
        *("a\\b", "./x", "x\ny", "a/./b", "..", "../"),
    ],
)
def test_a_name_that_leads_elsewhere_ends_it(packed: Path, name: str) -> None:
    repack(packed, lambda archive: archive.writestr(name, b"x"))
    must_be_refused(packed, "no plain relative name")


def test_a_name_with_a_zero_byte_ends_it(packed: Path) -> None:
    repack(packed, lambda archive: archive.writestr("notes.txtQx", b"x"))
    packed.write_bytes(packed.read_bytes().replace(b"notes.txtQx", b"notes.txt\0x"))
    must_be_refused(packed, "no plain relative name")


def test_two_files_of_the_same_name_end_it(packed: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        repack(packed, lambda archive: archive.writestr("profile.json", b"x"))
    must_be_refused(packed, "two files of the same name")


def test_a_file_where_a_folder_stands_ends_it(packed: Path) -> None:
    repack(packed, lambda archive: archive.writestr("profile.json/x", b"x"))
    must_be_refused(packed)


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFDIR])
def test_a_link_or_a_device_ends_it(packed: Path, kind: int) -> None:
    def change(archive: zipfile.ZipFile) -> None:
        member = zipfile.ZipInfo("odd")
        member.create_system, member.external_attr = 3, (kind | 0o777) << 16
        archive.writestr(member, "../escaped")

    repack(packed, change)
    must_be_refused(packed, "a link or a device")


def test_a_member_that_the_manifest_does_not_name_ends_it(packed: Path) -> None:
    repack(packed, lambda archive: archive.writestr("notes.txt", b"x"))
    must_be_refused(packed, "does not name 'notes.txt'")


def test_too_many_members_end_it(packed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle_zip, "MAX_FILES", 7)
    repack(packed, lambda archive: archive.writestr("notes.txt", b"x"))
    must_be_refused(packed, "more than 7 files")


def test_too_many_bytes_end_it(packed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle_zip, "MAX_BYTES", 1_000)
    must_be_refused(packed, "unpacks to more than")


def test_what_packs_too_well_ends_it(packed: Path) -> None:
    def change(archive: zipfile.ZipFile) -> None:
        archive.writestr("zeros", bytes(65 << 20))

    repack(packed, change, compression=zipfile.ZIP_DEFLATED)
    must_be_refused(packed, "far more than a file of its size can hold")


def _patched(path: Path, offset: int, value: int) -> None:
    """Another size of the last file in the list of the zip."""
    data = bytearray(path.read_bytes())
    at = data.rindex(b"PK\x01\x02") + offset
    data[at : at + 4] = struct.pack("<I", value)
    path.write_bytes(data)


@pytest.mark.parametrize("size", [0, 10, 1 << 20])
def test_a_file_that_has_another_size_than_the_list_says_ends_it(packed: Path, size: int) -> None:
    _patched(packed, 24, size)
    must_be_refused(packed)


def test_files_that_lie_over_each_other_end_it(packed: Path) -> None:
    _patched(packed, 20, 1 << 20)
    must_be_refused(packed)


def test_a_password_or_a_rare_way_to_pack_ends_it(packed: Path) -> None:
    data = bytearray(packed.read_bytes())
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    packed.write_bytes(data)
    must_be_refused(packed, "password")
    pack(make_bundle(packed.parent / "again"), packed)
    repack(packed, lambda _: None, compression=zipfile.ZIP_LZMA)
    must_be_refused(packed, "rare way")


def test_wherever_it_is_cut_off_nothing_is_left(packed: Path) -> None:
    whole = packed.read_bytes()
    for length in [*range(0, len(whole), 97), len(whole) - 1]:
        packed.write_bytes(whole[:length])
        must_be_refused(packed)


def test_no_damage_is_a_bug_and_none_goes_unseen(packed: Path) -> None:
    """A byte that nothing depends on may change: what is opened is then still the same bundle."""
    whole, draw = packed.read_bytes(), random.Random(7)
    digest = open_bundle(packed, packed.parent / "first").digest
    for _ in range(300):
        data = bytearray(whole)
        for _ in range(draw.choice([1, 1, 4])):
            data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
        packed.write_bytes(data)
        is_bundle(packed)
        try:
            assert open_bundle(packed, packed.parent / "store").digest == digest
        except BundleError:
            continue


def test_a_list_of_files_without_end_is_not_read(
    packed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sixteen million entries would fill the memory before the first is looked at."""
    monkeypatch.setattr(bundle_zip, "_MAX_LIST_BYTES", 100)
    must_be_refused(packed, "no zip that can be read")
    assert not is_bundle(packed)


def test_a_time_before_zip_knows_any_is_no_matter(tmp_path: Path) -> None:
    made = make_bundle(tmp_path / "bundle")
    before = time.mktime((1975, 1, 1, 0, 0, 0, 0, 0, 0))
    os.utime(made.model, (before, before))
    assert pack(made, tmp_path / "x.zip") == pack(make_bundle(tmp_path / "b"), tmp_path / "y.zip")
