"""Are the arrays that a worker left usable? Plain files of plain values; no link is followed."""

from __future__ import annotations

import stat
from pathlib import Path
from tokenize import TokenError
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from mlci_action.errors import ModelError
from mlci_action.evaluation.reading.predictions import ModelOutput

Labels = tuple[str | int | float | bool, ...]

_MAX_CLASSES = 10_000
# 10,000 classes, or a label of 20,000 letters; and a file's header.
_MAX_BYTES_PER_ROW = 80_000
_MAX_HEADER_BYTES = 1 << 20
_MAX_TEXT = 1000
# What numpy raises on headers that somebody made up.
_BROKEN_ARRAY = (
    OSError, EOFError, MemoryError, RecursionError, SyntaxError, TokenError, TypeError, ValueError,
)  # fmt: skip


def read_output(folder: Path, classes: Labels | None, *, n_rows: int, who: str) -> ModelOutput:
    """What the model said, from the arrays in `folder`; ModelError when they are not usable."""
    return ModelOutput(
        predictions=_required(_read_array(folder, "predictions", "biufU", n_rows, who), who),
        probabilities=_read_array(folder, "probabilities", "f", n_rows, who),
        decisions=_read_array(folder, "decisions", "f", n_rows, who),
        classes=classes,
    )


def read_classes(classes: object, who: str) -> Labels | None:
    """The labels that the worker names; ModelError when they are none."""
    if classes is None:
        return None
    if (
        not isinstance(classes, list)
        or len(classes) > _MAX_CLASSES
        or not all(isinstance(label, str | int | float | bool) for label in classes)
    ):
        unreadable(who, "its classes are not a list of labels")
    return tuple(classes)


def is_plain_file(path: Path) -> bool:
    """Not a link, a pipe or a device: reading those could hang or lead elsewhere."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def is_folder(path: Path) -> bool:
    """A folder itself, and no link to one."""
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except OSError:
        return False


def one_line(text: str) -> str:
    """A text of the worker for a message: one line, bounded, of printable letters."""
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(printable.split())[:_MAX_TEXT]


def unreadable(who: str, why: str) -> NoReturn:
    """Say that what the worker left is no answer."""
    raise ModelError(
        f"{who} left an answer that cannot be read: {why}",
        hint="code of the model wrote into the worker's folder, or the disk is full",
    )


def _read_array(folder: Path, name: str, kinds: str, n_rows: int, who: str) -> NDArray[Any] | None:
    path = folder / f"{name}.npy"
    if not path.exists() and not path.is_symlink():
        return None
    if not is_plain_file(path):
        unreadable(who, f"{name} is not a plain file")
    if path.stat().st_size > _MAX_HEADER_BYTES + n_rows * _MAX_BYTES_PER_ROW:
        unreadable(who, f"{name} is far larger than {n_rows} rows need")
    try:
        # Mapped first: a header that promises more than the file holds then costs no memory.
        mapped = np.load(path, mmap_mode="r", allow_pickle=False)
        values = np.array(mapped)
    except _BROKEN_ARRAY as error:
        raise ModelError(f"{who} left {name} that are not an array") from error
    if values.dtype.kind not in kinds or values.ndim == 0:
        unreadable(who, f"{name} are an array of type {values.dtype}")
    # pandas cannot count labels in another machine's byte order.
    return values.astype(values.dtype.newbyteorder("="), copy=False)


def _required(values: NDArray[Any] | None, who: str) -> NDArray[Any]:
    if values is None:
        unreadable(who, "there are no predictions")
    return values
