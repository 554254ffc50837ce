"""Which array do the bytes of a `.npy` file hold? Read without trust in a word of their header."""

from __future__ import annotations

import io
import math
from tokenize import TokenError
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAGIC = b"\x93NUMPY"
_PLAIN_KINDS = "biufU"
# What numpy raises on headers that somebody made up.
_BROKEN = (EOFError, MemoryError, RecursionError, SyntaxError, TokenError, TypeError, ValueError)
_READERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


def array_in(content: bytes) -> NDArray[Any]:
    """An array of numbers, booleans or text; ValueError says why there is none."""
    stream = io.BytesIO(content)
    try:
        shape, by_columns, dtype = _READERS[np.lib.format.read_magic(stream)](stream)
    except KeyError:
        raise ValueError("it is written in a version of the format that is not read") from None
    except _BROKEN:
        raise ValueError("its header is broken") from None
    if dtype.kind not in _PLAIN_KINDS or not shape:
        raise ValueError(f"it holds {_named(dtype, shape)}")
    # Before anything is allocated: a header may promise more than there is.
    if dtype.itemsize == 0 or math.prod(shape) * dtype.itemsize != len(content) - stream.tell():
        raise ValueError("it is not as long as its header says")
    flat = np.frombuffer(content, dtype, offset=stream.tell())
    values = flat.reshape(shape, order="F" if by_columns else "C")
    # pandas cannot count labels in another machine's byte order.
    return np.ascontiguousarray(values.astype(dtype.newbyteorder("=")))


def array_bytes(values: NDArray[Any]) -> bytes:
    """The array as a `.npy` file, the same on every machine. ValueError for Python objects."""
    plain = np.ascontiguousarray(values.astype(values.dtype.newbyteorder("<")))
    stream = io.BytesIO()
    np.save(stream, plain, allow_pickle=False)
    return stream.getvalue()


def _named(dtype: np.dtype[Any], shape: tuple[int, ...]) -> str:
    if dtype.hasobject:
        return "Python objects, which are a pickle"
    return "a single value" if not shape else f"values of type {dtype}"
