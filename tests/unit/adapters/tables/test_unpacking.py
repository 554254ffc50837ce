"""What bytes does a file hold, once it is unpacked? A stream of them, that ends or is refused."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from mlci_action.adapters.tables import unpacking
from mlci_action.adapters.tables.source import open_table
from mlci_action.adapters.tables.unpacking import open_unpacked
from mlci_action.errors import DatasetError
from tests.unit.adapters.tables.reading import assert_blocks_hold_the_frame, table_of

CSV = b"a,b\n" + b"1,x\n" * 1000


def _arrow_codec(name: str) -> Callable[[bytes], bytes]:
    def pack(data: bytes) -> bytes:
        sink = pa.BufferOutputStream()
        with pa.CompressedOutputStream(sink, name) as stream:
            stream.write(data)
        packed: bytes = sink.getvalue().to_pybytes()
        return packed

    return pack


def _zip(*names: str) -> Callable[[bytes], bytes]:
    def pack(data: bytes) -> bytes:
        sink = io.BytesIO()
        with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in names:
                archive.writestr(name, data)
        return sink.getvalue()

    return pack


PACKINGS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": _arrow_codec("zstd"),
    "lz4": _arrow_codec("lz4"),
    "zip": _zip("x.csv"),
    "zip from a Mac": _zip("data/", "data/x.csv", "__MACOSX/data/._x.csv"),
}


@pytest.mark.parametrize("pack", PACKINGS.values(), ids=PACKINGS)
def test_a_packed_table_is_the_same_table(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    table = table_of(tmp_path, pack(CSV))
    pd.testing.assert_frame_equal(table.frame(), pd.read_csv(io.BytesIO(CSV)))
    assert_blocks_hold_the_frame(table)
    assert table.lines([0, 999])[1].line == 1001


@pytest.mark.parametrize("name", ["gzip", "zstd"])
def test_a_file_packed_in_several_pieces_is_read_to_its_end(tmp_path: Path, name: str) -> None:
    pack = PACKINGS[name]
    table = table_of(tmp_path, pack(b"a,b\n1,2\n") + pack(b"3,4\n") + pack(b"5,6\n"))
    assert len(table.frame()) == table.count() == 3


@pytest.mark.parametrize("name", ["gzip", "bzip2", "xz", "zstd", "lz4", "zip"])
def test_a_file_that_was_cut_is_refused_both_ways(tmp_path: Path, name: str) -> None:
    rows = b"".join(b"%d,%d\n" % (number, number**3 % 9973) for number in range(50_000))
    packed = PACKINGS[name](b"a,b\n" + rows)
    with pytest.raises(DatasetError, match="cannot be read as a table"):
        table_of(tmp_path, packed[: len(packed) // 2]).frame()
    with pytest.raises(DatasetError, match="cannot be read as a table"):
        list(table_of(tmp_path, packed[: len(packed) // 2]).chunks())


@pytest.mark.parametrize(
    ("names", "message"),
    [(("a.csv", "b.csv"), "holds 2 files"), (("data/",), "holds 0 files")],
)
def test_an_archive_of_several_files_is_no_table(
    tmp_path: Path, names: tuple[str, ...], message: str
) -> None:
    with pytest.raises(DatasetError, match=message):
        table_of(tmp_path, _zip(*names)(CSV if len(names) > 1 else b""))


def test_an_archive_of_a_version_to_come_is_refused(tmp_path: Path) -> None:
    packed = bytearray(_zip("x.csv")(CSV))
    packed[packed.index(b"PK\x01\x02") + 6] = 168
    with pytest.raises(DatasetError, match="cannot be read as a table: zip file version"):
        table_of(tmp_path, bytes(packed))


def test_an_archive_with_a_password_is_refused(tmp_path: Path) -> None:
    """The bit that says so stands in both headers of a file."""
    packed = bytearray(_zip("x.csv")(CSV))
    packed[6] |= 1
    packed[packed.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(DatasetError, match="it has a password"):
        table_of(tmp_path, bytes(packed))


def test_a_bomb_is_refused_when_it_has_unpacked_too_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.gz").write_bytes(gzip.compress(b"0" * (64 << 20)))
    with (
        open_unpacked(tmp_path / "a.gz", believed_bytes=1 << 20) as stream,
        pytest.raises(DatasetError, match="unpacks to more than 500 times its size"),
    ):
        stream.read()


def test_a_line_that_does_not_end_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no line end in its first 64 MiB"):
        table_of(tmp_path, gzip.compress(b"0" * (80 << 20)))


@pytest.mark.parametrize("write", ["to_parquet", "to_feather"])
def test_a_packed_binary_table_is_unpacked_beside_and_taken_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: str
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    stream = io.BytesIO()
    frame = pd.DataFrame({"a": [1, 2]})
    getattr(frame, write)(stream)
    (tmp_path / "a.gz").write_bytes(gzip.compress(stream.getvalue()))
    table = open_table("a.gz", tmp_path)
    pd.testing.assert_frame_equal(table.frame(), frame)
    assert table.files == (tmp_path / "a.gz",)
    assert list((tmp_path / "temporary").iterdir())
    del table
    assert not list((tmp_path / "temporary").iterdir())


def test_the_limit_is_a_multiple_of_the_size(tmp_path: Path) -> None:
    """Many equal rows pack well, and are read."""
    assert unpacking._BELIEVED_BYTES >= 1 << 30
    (tmp_path / "a.gz").write_bytes(gzip.compress(CSV))
    with open_unpacked(tmp_path / "a.gz", believed_bytes=0) as stream:
        assert stream.read() == CSV
