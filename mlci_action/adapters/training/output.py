"""What stands at the output of a training? The old model, whole, until the new one is.

The old model and its record lie aside while the training runs, and come back whatever ends it. A
run that was killed outright is tidied up by the next one.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mlci_action.adapters.training.fingerprints import ASIDE_SUFFIX
from mlci_action.adapters.training.records import record_beside, record_path
from mlci_action.errors import MlciError

_MODEL, _RECORD = "model", "record"


@contextmanager
def old_output_aside(output: Path) -> Iterator[None]:
    """No model stands at `output` inside the block; the old one is back when the block fails.

    When it ends well, what it left at `output` stays, and the old model is gone. MlciError when
    another training of the same output is under way, or its folder cannot be written to.
    """
    aside = output.with_name(f".{output.name}{ASIDE_SUFFIX}")
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        aside.mkdir(exist_ok=True)
    except OSError as error:
        raise MlciError(
            f"cannot write to {str(output.parent)!r}: {error.strerror or error}",
            hint="train.output names a file in a folder that can be written to",
        ) from error
    with _locked(aside):
        _tidy_up(output, aside)
        for path, kept in _pairs(output, aside):
            if os.path.lexists(path):
                path.replace(kept)
        try:
            yield
        except BaseException:
            _put_back(output, aside)
            raise
        shutil.rmtree(aside)


@contextmanager
def no_output(output: Path, into: Path) -> Iterator[None]:
    """As `old_output_aside`, for a block whose own output is moved to `into` and never stays."""
    with contextlib.suppress(_Done), old_output_aside(output):
        yield
        into.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(output, into)
        raise _Done


class _Done(Exception):
    """Ends a block whose old output has to come back."""


def _pairs(output: Path, aside: Path) -> tuple[tuple[Path, Path], tuple[Path, Path]]:
    return (output, aside / _MODEL), (record_path(output), aside / _RECORD)


def _tidy_up(output: Path, aside: Path) -> None:
    """After a run that was killed: a finished training stays, else the old model comes back."""
    if record_beside(output) is None:
        _put_back(output, aside, keep=True)
        return
    for _, kept in _pairs(output, aside):
        _remove(kept)


def _put_back(output: Path, aside: Path, *, keep: bool = False) -> None:
    """keep: what stands in a place whose old content was not moved away."""
    for path, kept in _pairs(output, aside):
        was_there = os.path.lexists(kept)
        if was_there or not keep:
            _remove(path)
        if was_there:
            kept.replace(path)
    if not keep:
        shutil.rmtree(aside, ignore_errors=True)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


@contextmanager
def _locked(aside: Path) -> Iterator[None]:
    handle = os.open(aside, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            is_ours = os.path.samestat(os.fstat(handle), aside.stat())
        except OSError:
            is_ours = False
        if not is_ours:
            raise MlciError(
                "another training writes to the same output",
                hint="wait for it, or end it; train.output is written by one at a time",
            )
        yield
    finally:
        os.close(handle)
