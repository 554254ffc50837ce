"""Bytes that are an array, and bytes that only say so."""

from __future__ import annotations

import io
import pickle

import numpy as np
import pytest

from mlci_action.adapters.plain_arrays import array_bytes, array_in


def npy(header: str, data: bytes = b"") -> bytes:
    text = header.encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + data


@pytest.mark.parametrize(
    "values",
    [
        np.array([1, 2, 3]),
        np.array([[0.5, 0.5], [1.0, 0.0]]),
        np.array(["no", "yés"]),
        np.array([True, False]),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.array([1.5, 2.5], dtype=">f8"),
        np.empty((0, 2)),
    ],
    ids=["whole", "columns", "text", "booleans", "by columns", "big end", "none"],
)
def test_an_array_comes_back_as_it_was(values: np.ndarray) -> None:
    read = array_in(array_bytes(values))
    assert read.dtype == values.dtype.newbyteorder("=")
    np.testing.assert_array_equal(read, values)


class Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return print, ("code ran",)


def test_a_pickle_is_not_read(capsys: pytest.CaptureFixture[str]) -> None:
    stream = io.BytesIO()
    np.save(stream, np.array([Evil()], dtype=object), allow_pickle=True)
    with pytest.raises(ValueError, match="it holds Python objects"):
        array_in(stream.getvalue())
    with pytest.raises(ValueError, match="its header is broken"):
        array_in(pickle.dumps(Evil()))
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (npy("{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999,)}"), "as long as"),
        (npy("{'descr': '<f8', 'fortran_order': False, 'shape': (-1,)}"), "as long as"),
        (npy("{'descr': '<U0', 'fortran_order': False, 'shape': (4,)}"), "as long as"),
        (npy("{'descr': '<f8', 'fortran_order': False, 'shape': (1,)}", b"12"), "as long as"),
        (npy("{'descr': '<f8', 'fortran_order': False, 'shape': ()}", b"12345678"), "single value"),
        (npy("{'descr': '<c16', 'fortran_order': False, 'shape': (0,)}"), "complex128"),
        (npy("__import__('os')"), "header is broken"),
        (npy("(" * 100), "header is broken"),
        (b"\x93NUMPY\x07\x00", "version of the format"),
        (b"", "header is broken"),
    ],
    ids=["vast", "negative", "no width", "short", "scalar", "complex", "code", "nested", "new", ""],
)
def test_a_header_is_not_believed(content: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        array_in(content)


def test_python_objects_are_not_written() -> None:
    with pytest.raises(ValueError, match="pickle"):
        array_bytes(np.array([None], dtype=object))
