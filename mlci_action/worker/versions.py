"""Which library versions wrote the model file, and which are installed here?"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import sys
import zipfile
import zlib
from pathlib import Path
from typing import Callable, Dict, Optional, Tuple

_LIBRARIES = {
    "catboost": "catboost",
    "cloudpickle": "cloudpickle",
    "joblib": "joblib",
    "lightgbm": "lightgbm",
    "numpy": "numpy",
    "pandas": "pandas",
    "scipy": "scipy",
    "sklearn": "scikit-learn",
    "skops": "skops",
    "torch": "torch",
    "xgboost": "xgboost",
}
_CHUNK_BYTES = 1 << 20
_MAX_SCHEMA_BYTES = 64 << 20
# Every scikit-learn estimator pickles `_sklearn_version` beside its state: the key, perhaps a memo
# opcode, then a text opcode with its length and the version. The bytes are searched, not walked
# with pickletools, because joblib writes raw array data between the opcodes. Nothing is executed.
_IN_PICKLE = re.compile(
    rb"_sklearn_version(?:\x94|q.|r.{4}|\np\d+\n)?"
    rb"(?:\x8c(?P<length>.)|X(?P<length4>.)\0\0\0|V)(?P<text>\d+\.[0-9A-Za-z.+]+)",
    re.DOTALL,
)
_LONGEST_MATCH = 128
_IN_SKOPS = re.compile(r'"_sklearn_version": \{[^{}]*?"content": "\\"(\d+\.[0-9A-Za-z.+]+)\\""')
_OPENERS: Dict[bytes, Callable[[Path], io.BufferedIOBase]] = {
    b"\x1f\x8b": gzip.GzipFile,
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ": lzma.LZMAFile,
    b"\x5d\x00\x00": lzma.LZMAFile,
}


def installed_versions() -> Dict[str, str]:
    """The versions of the libraries that are loaded by now, by the names one installs them by."""
    versions = {}
    for module, name in _LIBRARIES.items():
        version = getattr(sys.modules.get(module), "__version__", None)
        if isinstance(version, str):
            versions[name] = version
    return versions


def recorded_versions(path: Path) -> Dict[str, str]:
    """The scikit-learn version that the file says it was written by; empty when it says none."""
    try:
        found = _recorded_in_zip(path) if is_zip(path) else _recorded_in_pickle(path)
    except (OSError, EOFError, ValueError, zipfile.BadZipFile, zlib.error, lzma.LZMAError):
        return {}
    return {"scikit-learn": found} if found else {}


def is_zip(path: Path) -> bool:
    """Whether the file itself is an archive; a pickle may well end with one."""
    with path.open("rb") as file:
        return file.read(2) == b"PK" and zipfile.is_zipfile(path)


def _recorded_in_pickle(path: Path) -> str:
    with open_decompressed(path) as stream:
        window = b""
        while True:
            chunk = stream.read(_CHUNK_BYTES)
            window += chunk
            match = _IN_PICKLE.search(window)
            # A match at the window's very end may go on in the next chunk.
            if match and (match.end() < len(window) or not chunk):
                length = match["length"] or match["length4"]
                return match["text"][: length[0] if length else None].decode("ascii")
            if not chunk:
                return ""
            window = window[-_LONGEST_MATCH:]


def open_decompressed(path: Path) -> io.BufferedIOBase:
    """The file's content, decompressed where the standard library can; told by its first bytes."""
    with path.open("rb") as file:
        start = file.read(8)
    for magic, opener in _OPENERS.items():
        if start.startswith(magic):
            return opener(path)
    if start[:1] == b"\x78" and start[1:2] in (b"\x01", b"\x5e", b"\x9c", b"\xda"):
        return io.BytesIO(zlib.decompress(path.read_bytes()))
    return path.open("rb")


def _recorded_in_zip(path: Path) -> str:
    with zipfile.ZipFile(path) as archive:
        if "schema.json" not in archive.namelist():
            return ""
        with archive.open("schema.json") as member:
            text = member.read(_MAX_SCHEMA_BYTES).decode("utf-8", "replace")
    match = _IN_SKOPS.search(text)
    return match.group(1) if match else ""


def version_clash(recorded: Dict[str, str]) -> Optional[Tuple[str, str]]:
    """(recorded, installed) scikit-learn versions when they differ, else None."""
    saved_by = recorded.get("scikit-learn")
    here = installed_versions().get("scikit-learn")
    return (saved_by, here) if saved_by and here and saved_by != here else None
