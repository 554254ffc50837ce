"""In which format a model is, told by its bytes."""

from __future__ import annotations

import gzip
import io
import json
import pickle
import struct
import tarfile
import tracemalloc
import zipfile
import zlib
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression
from skops.io import dumps as skops_dumps

from mlci_action.adapters.model_bytes.formats import Recognised, recognise_file
from mlci_action.adapters.model_files import recognise
from mlci_action.domain.model_formats import ModelFormat
from tests.fakes.hostile_models import hostile_pickles

MEGABYTES = 1 << 20


def found_in(content: bytes, folder: Path) -> Recognised:
    path = folder / "model.bin"
    path.write_bytes(content)
    with path.open("rb") as file:
        return recognise_file(path, file)


def zipped(members: dict[str, bytes], *, method: int = zipfile.ZIP_STORED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def tarred() -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("saved_model.pb"))
    return stream.getvalue()


def saved(array: object) -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.array(array, dtype=object if isinstance(array, dict) else None))
    return stream.getvalue()


def varint(number: int) -> bytes:
    return bytes([number])


def onnx_file() -> bytes:
    """An IR version, a producer and a graph."""
    return (
        b"\x08\x0a" + b"\x12\x07pytorch" + b"\x3a" + varint(4) + b"\x12\x02gr" + b"\x42\x02\x10\x15"
    )


MODEL = LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])
XGBOOST, LIGHTGBM = ModelFormat.XGBOOST, ModelFormat.LIGHTGBM
CATBOOST, TABLE, OTHER = ModelFormat.CATBOOST, ModelFormat.PREDICTIONS, ModelFormat.OTHER
UNKNOWN = "a file in no format that is known here"
FORMATS: dict[str, tuple[bytes, ModelFormat, str]] = {
    "skops": (skops_dumps(MODEL), ModelFormat.SKOPS, "a skops file"),
    "onnx": (onnx_file(), ModelFormat.ONNX, "an ONNX file"),
    "xgboost json": (b'{"learner":{"attributes":{}}}', XGBOOST, "an XGBoost JSON file"),
    "xgboost ubj": (b"{L" + struct.pack(">q", 7) + b"learner{", XGBOOST, "an XGBoost UBJSON file"),
    "xgboost binary": (b"binf" + bytes(90), XGBOOST, "an XGBoost file of the older binary format"),
    "xgboost of old": (
        b"\0\0\0\x3f" + bytes(96) + b"\x0f" + bytes(7) + b"binary:logistic" + b"\x06" + bytes(7)
        + b"gbtree",
        XGBOOST,
        "an XGBoost file of the older binary format",
    ),
    "lightgbm": (b"tree\nversion=v4\nnum_class=1\n", LIGHTGBM, "a LightGBM text file"),
    "lightgbm of Windows": (b"tree\r\nversion=v4\r\n", LIGHTGBM, "a LightGBM text file"),
    "catboost": (b"CBM1\x08\x22\0\0\x14\0\0\0", CATBOOST, "a CatBoost file"),
    "catboost json": (b'{"features_info": {}}', CATBOOST, "a CatBoost JSON file"),
    "keras": (zipped({"config.json": b"{}", "model.weights.h5": b""}), OTHER, "a Keras file"),
    "hdf5": (b"\x89HDF\r\n\x1a\n" + bytes(90), OTHER, "a Keras HDF5 file"),
    "pytorch": (zipped({"m/data.pkl": b"\x80\x02.", "m/version": b"3"}), OTHER, "a PyTorch file"),
    "pytorch of old": (
        pickle.dumps(0x1950A86A20F9469CFC6C, 2) + pickle.dumps(1001, 2), OTHER, "a PyTorch file",
    ),
    "torchscript": (
        zipped({"m/constants.pkl": b"", "m/data.pkl": b""}), OTHER, "a TorchScript file",
    ),
    "mojo": (zipped({"model.ini": b"[info]"}), OTHER, "an H2O MOJO"),
    "a zip of anything": (zipped({"a.txt": b"x"}), OTHER, "a zip archive"),
    "an empty zip": (zipped({}), OTHER, "a zip archive"),
    "safetensors": (struct.pack("<Q", 60) + b'{"w":{}}', OTHER, "a safetensors file"),
    "tflite": (b"\x1c\0\0\0TFL3" + bytes(20), OTHER, "a TensorFlow Lite file"),
    "pmml": (b'<?xml version="1.0"?>\n<PMML version="4.4"/>', OTHER, "a PMML file"),
    "html": (b"<!doctype html>\n<html>", OTHER, "an XML or HTML file"),
    "json": (b'{"weights": [1, 2]}', OTHER, "a JSON file"),
    "json of a list": (b"[1, 2]\n", OTHER, "a JSON file"),
    "tar": (tarred(), OTHER, "a tar archive"),
    "packed tar": (gzip.compress(tarred()), OTHER, "a tar archive, compressed with gzip"),
    "R": (gzip.compress(b"X\n\0\0\0\x03"), OTHER, "a file of R's, compressed with gzip"),
    "zstandard": (b"\x28\xb5\x2f\xfd\x04", OTHER, "a file compressed with Zstandard"),
    "noise": (bytes(range(256)), OTHER, UNKNOWN),
    "prose": (b"Some words,\nand more of them here.\n", OTHER, UNKNOWN),
    "parquet": (b"PAR1" + bytes(90), TABLE, "a Parquet table"),
    "arrow": (b"ARROW1\0\0" + bytes(90), TABLE, "an Arrow table"),
    "npy": (saved([1.0, 2.0]), TABLE, "a NumPy array"),
    "npy of objects": (saved({"a": 1}), TABLE, "a NumPy array"),
    "npz": (zipped({"a.npy": b"", "about.json": b"{}"}), TABLE, "an archive of NumPy arrays"),
    "xlsx": (zipped({"xl/workbook.xml": b"<x/>"}), TABLE, "an Excel workbook"),
    "packed csv": (gzip.compress(b"id,score\n1,0.5\n"), TABLE, "a table, compressed with gzip"),
    "csv": (b"id,score\n1,0.5\n2,0.7\n", TABLE, "a table of text"),
    "csv of Windows": (b"\xef\xbb\xbfid;score\r\n1;0,5\r\n", TABLE, "a table of text"),
    "csv of classes": (b"class\nyes\nno\nyes\n", TABLE, "a table of text"),
    "csv of a pickle's opcodes": (b"(id,churn\nN.,0\n", TABLE, "a table of text"),
    "csv of numbers": (b"0\n1\n1\n", TABLE, "a table of text"),
    "json lines": (b'{"id": 1, "score": 0.5}\n{"id": 2}\n', TABLE, "a table of text"),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_a_format_is_told_by_its_bytes(name: str, tmp_path: Path) -> None:
    content, expected, kind = FORMATS[name]

    found = found_in(content, tmp_path)

    assert (found.format, found.kind) == (expected, kind)


def test_a_pickle_names_who_wrote_it(tmp_path: Path) -> None:
    stream = io.BytesIO()
    joblib.dump(MODEL, stream)

    assert found_in(stream.getvalue(), tmp_path).kind == "a joblib file"
    assert found_in(pickle.dumps(MODEL), tmp_path).kind == "a pickle"
    assert found_in(pickle.dumps({"a": 1}, 0), tmp_path).kind == "a pickle"
    packed = found_in(zlib.compress(pickle.dumps(MODEL)), tmp_path)
    assert packed.kind == "a joblib file, compressed with zlib"


@pytest.mark.parametrize("name", sorted(hostile_pickles(Path("/x"))))
def test_what_an_unpickler_would_run_is_a_pickle(name: str, tmp_path: Path) -> None:
    """Whatever else it begins as, or has behind it."""
    content = hostile_pickles(tmp_path / "marker")[name].content

    assert found_in(content, tmp_path).format is ModelFormat.PICKLE


def test_a_table_that_pandas_writes_is_predictions(tmp_path: Path) -> None:
    table = pd.DataFrame({"loan, id": [1, 2], "churn": ["yes", 'a "b"']})
    path = tmp_path / "model.pkl"
    table.to_csv(path, index=False)

    assert recognise(path).format is TABLE


def test_types_of_skops_are_listed(tmp_path: Path) -> None:
    imports = found_in(FORMATS["skops"][0], tmp_path).imports

    assert "sklearn.linear_model._base.LinearRegression" in imports.names
    assert imports.complete


@pytest.mark.parametrize(
    "schema",
    [
        b'{"__class__": ',
        b"[" * 100_000,
        b"\xff\xfe",
        b'{"a": 1}',
        b"[]",
        b'{"__class__": 1, "__module__": "os"}',
    ],
)
def test_an_odd_schema_ends_in_a_word_and_not_in_an_error(schema: bytes, tmp_path: Path) -> None:
    assert found_in(zipped({"schema.json": schema}), tmp_path).format in (OTHER, ModelFormat.SKOPS)


def test_an_archive_with_a_password_is_said_to_have_one(tmp_path: Path) -> None:
    content = bytearray(zipped({"schema.json": b"{}"}))
    content[content.index(b"PK\x01\x02") + 8] |= 1

    assert found_in(bytes(content), tmp_path).kind == "a zip archive with a password"


@pytest.mark.parametrize("name", ["skops", "keras"])
def test_an_archive_that_is_cut_off_is_no_model(name: str, tmp_path: Path) -> None:
    whole = FORMATS[name][0]
    step = max(1, len(whole) // 200)
    for length in range(4, len(whole) - 1, step):
        found = found_in(whole[:length], tmp_path)
        assert (found.format, found.kind) == (OTHER, "a zip archive that is damaged")


def test_an_archive_with_a_byte_changed_anywhere_is_read_without_an_error(tmp_path: Path) -> None:
    whole = zipped({"schema.json": b'{"__class__": "A", "__module__": "b"}', "a.npy": b"x"})
    for at in range(4, len(whole)):
        for value in (0x00, 0x7F, 0xFF):
            found_in(whole[:at] + bytes([value]) + whole[at + 1 :], tmp_path)


@settings(max_examples=100)
@given(st.sampled_from(["", *sorted(FORMATS)]), st.integers(0, 64), st.binary(max_size=80))
def test_any_bytes_are_something(
    tmp_path_factory: pytest.TempPathFactory, name: str, kept: int, content: bytes
) -> None:
    start = FORMATS[name][0][:kept] if name else b""

    found_in(start + content, tmp_path_factory.getbasetemp())


def claiming(kind: bytes, count: bytes) -> bytes:
    return b"\x80\x04" + kind + count


TEN_GIGABYTES = 10 << 30
BOMBS = {
    "bytes that claim to be 10 GB": claiming(b"\x8e", struct.pack("<Q", TEN_GIGABYTES)),
    "more bytes than there can be": claiming(b"\x8e", b"\xff" * 8) + bytes(300),
    "a longer text than the file": claiming(b"\x8d", struct.pack("<Q", 1 << 40)) + b"x" * 300,
    "a text that claims to be 10 GB": claiming(b"\x8d", struct.pack("<Q", TEN_GIGABYTES)),
    "an array of bytes": claiming(b"\x96", struct.pack("<Q", TEN_GIGABYTES)),
    "a frame": claiming(b"\x95", struct.pack("<Q", TEN_GIGABYTES)),
    "a number of 2 GB": claiming(b"\x8b", b"\xff\xff\xff\x7f"),
    "a negative length": claiming(b"\x8b", b"\xff\xff\xff\xff"),
    "a memo far out": b"\x80\x04Nr\xff\xff\xff\xff.",
    "a memo by a long number": b"Np" + b"9" * 100_000 + b"\n.",
    "lists in lists": b"]" * 100_000,
    "marks": b"(" * 100_000,
    "tuples of themselves": b"(" + b"2\x86" * 20_000 + b".",
    "a tuple that doubles": b")" + b"2\x86" * 20_000 + b".",
    "a text that doubles": b"\x80\x04" + b"V" + b"a" * 1_000_000 + b"\n" + b"2\x93." ,
    "a line without an end": b"V" + b"a" * 4_000_000,
    "a gzip of nothing but zeros": gzip.compress(bytes(200 * MEGABYTES), 9),
    "a gzip of a pickle that goes on": gzip.compress(b"\x80\x04B" + b"\xff" * 4 + bytes(150 << 20)),
    "a schema of zeros": zipped({"schema.json": bytes(100 << 20)}, method=zipfile.ZIP_DEFLATED),
    "an xz that wants 4 GB": b"\x5d\x00\x00\xff\xff" + b"\xff" * 8 + b"\x00" * 64,
    "json in json": b'{"__class__":' * 100_000,
    "lines that look like imports": b"\x80\x04\xff" + b"ca\nb\n" * 30_000,
    "what nearly is an import": b"\x80\x04\xff" + b"c" * 1_000_000,
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(BOMBS))
def test_a_file_that_promises_more_than_it_is_takes_no_memory(name: str, tmp_path: Path) -> None:
    content = BOMBS[name]
    tracemalloc.start()
    try:
        found = found_in(content, tmp_path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert found.format in (ModelFormat.PICKLE, OTHER)
    assert peak < 150 * MEGABYTES
    assert not found.imports.complete or found.imports.names == ()


def test_an_archive_of_too_many_files_is_not_listed(tmp_path: Path) -> None:
    entry = b"PK\x01\x02" + bytes(42)
    n_entries = (9 << 20) // len(entry)
    listed = entry * n_entries
    end = b"PK\x05\x06" + bytes(4) + struct.pack("<HHIIH", 65535, 65535, len(listed), 4, 0)

    found = found_in(b"PK\x03\x04" + listed + end, tmp_path)

    assert (found.format, found.kind) == (OTHER, "a zip archive of far too many files")


def test_a_member_that_is_packed_in_a_rare_way_is_not_unpacked(tmp_path: Path) -> None:
    schema = json.dumps({"__class__": "A", "__module__": "b"}).encode()

    found = found_in(zipped({"schema.json": schema}, method=zipfile.ZIP_BZIP2), tmp_path)

    assert found.kind == "a zip archive in which schema.json is packed in a rare way"


def test_an_lzma_file_gets_no_dictionary_of_half_a_gigabyte(tmp_path: Path) -> None:
    """It would be made before anything is unpacked."""
    content = hostile_pickles(tmp_path / "marker")["lzma"].content
    asking = content[:1] + struct.pack("<I", 512 * MEGABYTES) + content[5:]

    found = found_in(asking, tmp_path)

    assert found.format is ModelFormat.PICKLE
    assert found.imports.names == ()
    assert not found.imports.complete
