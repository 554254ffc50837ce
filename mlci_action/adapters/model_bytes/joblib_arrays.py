"""How many bytes of an array stand in the middle of a pickle, as joblib writes them?"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from mlci_action.adapters.model_bytes.pickle_values import Made, Mapping, Value

_WRAPPER = "joblib.numpy_pickle.NumpyArrayWrapper"
_OLD_WRAPPERS = (
    "joblib.numpy_pickle.NDArrayWrapper",
    "joblib.numpy_pickle.ZNDArrayWrapper",
    "joblib.numpy_pickle_compat.NDArrayWrapper",
    "joblib.numpy_pickle_compat.ZNDArrayWrapper",
)
_CODE = re.compile(r"[?]|[<>|=]?[a-zA-Z](\d{0,9})")
_HAS_OBJECTS = 1
_STATE_SIZE, _STATE_FLAGS = 5, 7
_MAX_AXES = 64
_BYTES_OF_LETTER = 4  # NumPy's texts are UCS-4


class Odd(Exception):
    """An array of which it is not sure where it ends."""


@dataclass(frozen=True, slots=True)
class Array:
    """n_bytes: None for one of Python objects, which is a pickle of its own. padded: whether a byte
    that counts the padding, and the padding, stand before it.
    """

    n_bytes: int | None
    padded: bool


def stands_in_another_file(built: Value) -> bool:
    """Whether it stands for an array as joblib wrote them before 0.10: each beside the pickle."""
    return isinstance(built, Made) and built.of.name.endswith(_OLD_WRAPPERS)


def array_behind(built: Value) -> Array | None:
    """The array whose bytes follow the object that was just built; None where none does.

    Odd when one does, and it is not sure which bytes are its own.
    """
    if not isinstance(built, Made) or not built.of.name.endswith(_WRAPPER):
        return None
    if not isinstance(built.state, Mapping):
        raise Odd
    entries = built.state.entries
    item = _item_bytes(entries.get("dtype"))
    if item is None:
        return Array(None, padded=False)
    alignment = entries.get("numpy_array_alignment_bytes")
    return Array(item * _count(entries.get("shape")), padded=alignment is not None)


def _count(shape: Value) -> int:
    if not isinstance(shape, tuple) or len(shape) > _MAX_AXES:
        raise Odd
    sizes = [size for size in shape if isinstance(size, int) and size >= 0]
    if len(sizes) < len(shape):
        raise Odd
    return math.prod(sizes)


def _item_bytes(dtype: Value) -> int | None:
    """The size of one item; None when the items are Python objects."""
    if not isinstance(dtype, Made) or dtype.of.name != "numpy.dtype" or not dtype.arguments:
        raise Odd
    code, state = dtype.arguments[0], dtype.state
    match = _CODE.fullmatch(code) if isinstance(code, str) else None
    if match is None or not isinstance(code, str):
        raise Odd
    size, objects = None, "O" in code
    if isinstance(state, tuple) and len(state) > _STATE_FLAGS:
        size, flags = state[_STATE_SIZE], state[_STATE_FLAGS]
        if not isinstance(flags, int) or (objects and not flags & _HAS_OBJECTS):
            raise Odd
        objects = bool(flags & _HAS_OBJECTS)
    elif state is not None:
        raise Odd
    if objects:
        return None
    if isinstance(size, int) and size >= 0:
        return size
    if not match[1]:
        raise Odd
    return int(match[1]) * (_BYTES_OF_LETTER if "U" in code else 1)
