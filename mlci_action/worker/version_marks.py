"""Where do files name the version that wrote them? In marks that are searched for, never run.

The bytes of pickles are searched, not walked with pickletools, because joblib writes raw array data
between the opcodes.
"""

from __future__ import annotations

import os
import re
import zipfile
from pathlib import Path
from typing import BinaryIO, Callable, Dict, Iterator, Match, NamedTuple, Pattern, Tuple

from mlci_action.worker.compressed import is_compressed, open_decompressed
from mlci_action.worker.old_xgboost import old_xgboost_version

_CHUNK_BYTES = 1 << 20
_MOST_BYTES = 256 << 20  # of one file, unpacked
_EDGE_BYTES = 1 << 16
_TAIL_BYTES = 16 << 20
_MAX_SCHEMA_BYTES = 64 << 20
_LONGEST_MATCH = 128
# Every scikit-learn estimator pickles `_sklearn_version` beside its state: the key, perhaps a memo
# opcode, then a text opcode with its length and the version.
_SKLEARN = re.compile(
    rb"_sklearn_version(?:\x94|q.|r.{4}|\np\d+\n)?"
    rb"(?:\x8c(?P<length>.)|X(?P<length4>.)\0\0\0|V)(?P<text>\d+\.[0-9A-Za-z.+]+)",
    re.DOTALL,
)
# XGBoost writes [major, minor, patch], in binary JSON or in text.
_XGBOOST_BINARY = re.compile(
    rb"version\[#L\0{7}\x03"
    + b"".join(rb"(?:[iU](.)|I\0(.)|l\0{3}(.)|L\0{7}(.))" for _ in range(3)),
    re.DOTALL,
)
_XGBOOST_TEXT = re.compile(
    rb'\}\s*,\s*"version"\s*:\s*\[(\d{1,4})\s*,\s*(\d{1,4})\s*,\s*(\d{1,4})\s*\]'
)
# Before 1.0 there was none: the objective, such as reg:linear, and the booster with its length.
_XGBOOST_OLD = re.compile(rb":[a-z0-9_@]{3,60}[\x04-\x08]\0{7}(?:gbtree|gblinear|dart)")
_LIGHTGBM = re.compile(rb"^version=(v\d{1,3})\s*$", re.MULTILINE)
_CATBOOST = re.compile(rb"(?:tags/v|[Rr]elease[ /])(\d{1,3}(?:\.\d{1,4}){1,3})")
_NUMPY_2 = re.compile(rb"numpy\._core")
_SKOPS = re.compile(r'"_sklearn_version": \{[^{}]*?"content": "\\"(\d+\.[0-9A-Za-z.+]+)\\""')


def versions_in_pickles(path: Path) -> Dict[str, str]:
    """scikit-learn's, XGBoost's, and whether it was numpy 2 or later."""
    found: Dict[Mark, str] = {}
    with open_decompressed(path) as stream:
        for window, is_end in _windows(stream):
            _look(window, found, is_end=is_end)
    if not is_compressed(path) and path.stat().st_size > _MOST_BYTES:
        _look(_tail(path, _TAIL_BYTES), found, is_end=True)
    versions: Dict[str, str] = {}
    for mark in _IN_PICKLES:
        if mark in found:
            versions.setdefault(mark.library, found[mark])
    return versions


def versions_in_skops(path: Path) -> Dict[str, str]:
    """The scikit-learn version; nothing for another archive."""
    with zipfile.ZipFile(path) as archive:
        if "schema.json" not in archive.namelist():
            return {}
        with archive.open("schema.json") as member:
            text = member.read(_MAX_SCHEMA_BYTES).decode("utf-8", "replace")
    match = _SKOPS.search(text)
    return {"scikit-learn": match.group(1)} if match else {}


def versions_in_boosters(path: Path, kind: str) -> Dict[str, str]:
    """The library's version; of LightGBM, whose files do not say it, that of its format."""
    with path.open("rb") as file:
        edges = file.read(_EDGE_BYTES) + b"\n" + _tail(path, _EDGE_BYTES)
    if kind == "lightgbm":
        match = _LIGHTGBM.search(edges)
        return {"LightGBM format": match.group(1).decode()} if match else {}
    if kind == "catboost":
        match = _CATBOOST.search(edges) or _CATBOOST.search(_tail(path, _TAIL_BYTES))
        return {"catboost": match.group(1).decode()} if match else {}
    binary, text = _XGBOOST_BINARY.search(edges), _XGBOOST_TEXT.search(edges)
    if binary:
        return {"xgboost": _of_numbers(binary)}
    if text:
        return {"xgboost": _of_digits(text)}
    old = old_xgboost_version(edges)
    return {"xgboost": old} if old else {}


def _windows(stream: BinaryIO) -> Iterator[Tuple[bytes, bool]]:
    """The content in pieces that overlap, so that no mark is cut; and whether it ends there."""
    window = b""
    for _ in range(_MOST_BYTES // _CHUNK_BYTES):
        chunk = stream.read(_CHUNK_BYTES)
        window += chunk
        yield window, not chunk
        if not chunk:
            return
        window = window[-_LONGEST_MATCH:]


def _look(window: bytes, found: Dict[Mark, str], *, is_end: bool) -> None:
    for mark in _IN_PICKLES:
        match = None if mark in found else mark.pattern.search(window)
        # A match at the window's very end may go on in the next one.
        if match and (is_end or match.end() < len(window)):
            found[mark] = mark.read(match)


def _of_text(match: Match[bytes]) -> str:
    length = match["length"] or match["length4"]
    return match["text"][: length[0] if length else None].decode("ascii")


def _of_numbers(match: Match[bytes]) -> str:
    return ".".join(str(group[0]) for group in match.groups() if group)


def _of_digits(match: Match[bytes]) -> str:
    return b".".join(match.groups()).decode("ascii")


class Mark(NamedTuple):
    """What a library leaves in a pickle; of several of one library the first counts."""

    library: str
    pattern: Pattern[bytes]
    read: Callable[[Match[bytes]], str]


_IN_PICKLES = (
    Mark("scikit-learn", _SKLEARN, _of_text),
    Mark("xgboost", _XGBOOST_BINARY, _of_numbers),
    Mark("xgboost", _XGBOOST_TEXT, _of_digits),
    Mark("xgboost", _XGBOOST_OLD, lambda _match: "0.90 or earlier"),
    Mark("numpy", _NUMPY_2, lambda _match: "2 or later"),
)


def _tail(path: Path, n_bytes: int) -> bytes:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - n_bytes), os.SEEK_SET)
        return file.read(n_bytes)
