"""What is a file that no loader here reads, and how is it used all the same?"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Optional

from mlci_action.worker.compressed import is_zip
from mlci_action.worker.failures import WorkerFailure

NAME_A_LOADER = (
    "name a function that loads it (candidate.load: module:function, which gets the path and gives"
    " an object that predicts), or a command that predicts (candidate.predict)"
)
_GET_THE_FILE = "get the file itself before the gate runs: "
_LFS = _GET_THE_FILE + "`lfs: true` at actions/checkout, or `git lfs pull`"
_DVC = _GET_THE_FILE + "`dvc pull`"
_HEAD_BYTES = 4096
_MAX_NAMES = 100_000
_ENCRYPTED = 0x1
_STARTS = (
    (b"\x89HDF\r\n", "an HDF5 file, as Keras writes them"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"PAR1", "a Parquet file"),
    (b"GGUF", "a GGUF file of weights"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"RDX", "a file of R's"),
    (b"X\n\x00\x00\x00", "a file of R's"),
    (b"%PDF", "a PDF file"),
    (b"\x7fELF", "a program"),
    (b"L1OM\x03", "an H2O model"),
)
_LFS_START, _DVC_START = b"version https://git-lfs", b"outs:"
# The first thing that PyTorch's older files hold is this number.
_OLD_TORCH = b"\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
_IN_ZIP = (
    (re.compile(r"(^|/)model\.weights\.h5$"), "a Keras model"),
    (re.compile(r"(^|/)constants\.pkl$"), "a TorchScript model"),
    (re.compile(r"(^|/)data\.pkl$"), "a file of PyTorch's"),
    (re.compile(r"^model\.ini$"), "an H2O MOJO"),
    (re.compile(r"\.npy$"), "an archive of NumPy arrays"),
    (re.compile(r"(^|/)saved_model\.pb$"), "a zip with a TensorFlow SavedModel"),
    (re.compile(r"(^|/)MLmodel$"), "a zip with an MLflow model"),
)
_IN_FOLDER = (
    ("saved_model.pb", "a folder with a TensorFlow SavedModel"),
    ("metadata/part-*", "a folder with a Spark model"),
    ("*.safetensors", "a folder with the weights of a neural network"),
    ("pytorch_model*.bin", "a folder with the weights of a neural network"),
)


def refuse_format(path: Path) -> WorkerFailure:
    """The refusal of a file that only its owner's own code can load."""
    if not path.is_dir():
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
        if head.startswith(_LFS_START):
            return WorkerFailure("format", "is a pointer of Git LFS, not the model", _LFS)
        if head.startswith(_DVC_START) and b"md5" in head:
            return WorkerFailure("format", "is a pointer of DVC, not the model", _DVC)
        if not head:
            return WorkerFailure("format", "is an empty file", "save the model again")
    found = what_it_is(path) or "in no format that is known here"
    return WorkerFailure("format", f"is {found}, which is not loaded by itself", NAME_A_LOADER)


def what_it_is(path: Path) -> Optional[str]:
    """A few words such as "an HDF5 file"; None for what has no sure beginning."""
    if path.is_dir():
        within = (
            name
            for pattern, name in _IN_FOLDER
            if any(path.glob(pattern)) or any(path.glob(f"*/{pattern}"))
        )
        return next(within, "a folder")
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if is_zip(path):
        return _archive(path)
    for start, name in _STARTS:
        if head.startswith(start):
            return name
    return _by_more_than_its_start(head)


def _by_more_than_its_start(head: bytes) -> Optional[str]:
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    signs = (
        ("an empty file", not head),
        ("a pointer of Git LFS", head.startswith(_LFS_START)),
        ("a pointer of DVC", head.startswith(_DVC_START) and b"md5" in head),
        ("a file of PyTorch's", _OLD_TORCH in head[:64]),
        ("a TensorFlow Lite model", head[4:8] == b"TFL3"),
        ("a file of safetensors", head[4:10] == bytes(4) + b'{"'),
        ("a tar archive", head[257:262] == b"ustar"),
        ("a PMML file", text.startswith(b"<") and b"<PMML" in head),
        ("an XML or HTML file", text.startswith(b"<")),
        ("a JSON file", text.startswith(b"{") and b'"' in text[:64]),
    )
    return next((name for name, holds in signs if holds), None)


def _archive(path: Path) -> str:
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()[:_MAX_NAMES]
    if any(member.flag_bits & _ENCRYPTED for member in members):
        return "an archive with a password"
    for pattern, name in _IN_ZIP:
        if any(pattern.search(member.filename) for member in members):
            return name
    return "a zip archive"
