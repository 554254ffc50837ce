"""In which format is a model file or folder? Told by its bytes, never by its name; nothing is run.

What could be two things at once is taken for the one whose loading runs code.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from mlci_action.adapters.model_bytes.archives import NoArchive, list_archive
from mlci_action.adapters.model_bytes.pickle_reading import (
    Followed,
    Imports,
    follow_pickle,
    read_imports,
)
from mlci_action.adapters.model_bytes.skops_types import SCHEMA, read_skops
from mlci_action.adapters.model_bytes.streams import LZ4, open_stream, packing_of
from mlci_action.adapters.model_bytes.text_tables import looks_like_a_table
from mlci_action.domain.model_formats import ModelFormat
from mlci_action.worker.onnx_header import is_onnx

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_MLMODEL = re.compile(r"([^/]+/)?MLmodel")
_IMPORTABLE = re.compile(r"[\w.]+")
_HEAD_BYTES = 1 << 16
_OLD_HEADER_BYTES = 1024
_NOTHING = Imports()
_NOT_LOOKED_FOR = Imports(complete=False)
# The first thing that PyTorch's files of before 1.6 hold is this number, a pickle of its own.
_OLD_TORCH = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."
_PICKLED = re.compile(rb"\x80[\x00-\x0f]")
# XGBoost's binary files of before 3.1 start with numbers; then come the objective and the booster.
_OLD_XGBOOST = re.compile(rb"[\x04-\x08]\0{7}(gbtree|gblinear|dart)")
_NATIVE = (
    (b"CBM1", ModelFormat.CATBOOST, "a CatBoost file"),
    (b"tree\n", ModelFormat.LIGHTGBM, "a LightGBM text file"),
    (b"tree\r\n", ModelFormat.LIGHTGBM, "a LightGBM text file"),
    (b"{L\x00", ModelFormat.XGBOOST, "an XGBoost UBJSON file"),
    (b"binf", ModelFormat.XGBOOST, "an XGBoost file of the older binary format"),
    (b"bs64", ModelFormat.XGBOOST, "an XGBoost file of the older binary format"),
    (b"PAR1", ModelFormat.PREDICTIONS, "a Parquet table"),
    (b"ARROW1", ModelFormat.PREDICTIONS, "an Arrow table"),
    (b"\xff\xff\xff\xff", ModelFormat.PREDICTIONS, "an Arrow table"),
    (b"\x93NUMPY", ModelFormat.PREDICTIONS, "a NumPy array"),
    (b"\x89HDF\r\n", ModelFormat.OTHER, "a Keras HDF5 file"),
    (b"GGUF", ModelFormat.OTHER, "a GGUF file of weights"),
    (b"RDX", ModelFormat.OTHER, "a file of R's"),
    (b"X\n\0\0\0", ModelFormat.OTHER, "a file of R's"),
    (b"\x28\xb5\x2f\xfd", ModelFormat.OTHER, "a file compressed with Zstandard"),
    (b"7z\xbc\xaf", ModelFormat.OTHER, "a 7-Zip archive"),
    (b"Rar!", ModelFormat.OTHER, "a RAR archive"),
)
_IN_JSON = (
    (re.compile(rb'"learner"\s*:\s*\{'), ModelFormat.XGBOOST, "an XGBoost JSON file"),
    (
        re.compile(rb'"(ctr_data|features_info|model_info|oblivious_trees|trees)"\s*:'),
        ModelFormat.CATBOOST,
        "a CatBoost JSON file",
    ),
)
_IN_ZIP = (
    (re.compile(r"(^|/)model\.weights\.h5$"), ModelFormat.OTHER, "a Keras file"),
    (re.compile(r"(^|/)constants\.pkl$"), ModelFormat.OTHER, "a TorchScript file"),
    (re.compile(r"(^|/)data\.pkl$"), ModelFormat.OTHER, "a PyTorch file"),
    (re.compile(r"^model\.ini$"), ModelFormat.OTHER, "an H2O MOJO"),
    (re.compile(r"(^|/)saved_model\.pb$"), ModelFormat.OTHER, "a zip of a TensorFlow SavedModel"),
    (re.compile(r"(^|/)MLmodel$"), ModelFormat.OTHER, "a zip of an MLflow model"),
    (re.compile(r"\.npy$"), ModelFormat.PREDICTIONS, "an archive of NumPy arrays"),
    (re.compile(r"^xl/workbook\.xml$"), ModelFormat.PREDICTIONS, "an Excel workbook"),
    (re.compile(r"\.(csv|tsv|parquet)$"), ModelFormat.PREDICTIONS, "a zip of a table"),
)
_IN_FOLDER = (
    (re.compile(r"^([^/]+/)?saved_model\.(pb|pbtxt)$"), "a TensorFlow SavedModel"),
    (re.compile(r"^([^/]+/)?metadata/part-"), "a Spark model"),
    (re.compile(r"^([^/]+/)?[^/]+\.safetensors$"), "a folder with the weights of a neural network"),
    (
        re.compile(r"^([^/]+/)?pytorch_model[^/]*\.bin$"),
        "a folder with the weights of a neural network",
    ),
)
# Where other words stand than at the beginning.
_SIGNS = (
    (slice(257, 262), b"ustar", "a tar archive"),
    (slice(4, 8), b"TFL3", "a TensorFlow Lite file"),
    (slice(4, 8), b"ORTM", "a file of ONNX Runtime's own format"),
    (slice(4, 10), bytes(4) + b'{"', "a safetensors file"),
)
_TEXTS = ((b"<", "an XML or HTML file"), (b"{", "a JSON file"), (b"[", "a JSON file"))
_UNKNOWN = "a file in no format that is known here"
_WRITERS = (
    ("joblib.", "a joblib file"),
    ("cloudpickle.", "a cloudpickle file"),
    ("dill.", "a dill file"),
)


@dataclass(frozen=True, slots=True)
class Recognised:
    """kind: for people, as in "a joblib file". imports: what loading it would import."""

    format: ModelFormat
    kind: str
    imports: Imports = _NOTHING


def recognise_file(path: Path, file: BinaryIO) -> Recognised:
    """What the open file at `path` is; of a damaged one, what it begins as."""
    file.seek(0)
    head = file.read(_HEAD_BYTES)
    if head.startswith(_ZIP):
        return _archive(file)
    if head.startswith(_OLD_TORCH):
        return _other("a PyTorch file")
    packing = packing_of(head)
    plain = _unpacked_head(file) if packing else head
    followed = follow_pickle(file)
    sure = _PICKLED.match(plain) or packing == LZ4 or not plain
    if sure or _runs_something(followed):
        return _pickle(file, followed, packing)
    found = _compressed(plain, packing) if packing else _native(path, head)
    # Plain values in the first protocol's lines look like a table of one column.
    if followed.ends and (followed.imports.complete or found.kind == _UNKNOWN):
        return _pickle(file, followed, packing)
    return found


def recognise_folder(names: tuple[str, ...]) -> Recognised:
    """What a folder with these files is; names are relative, with `/`."""
    described = [name for name in names if _MLMODEL.fullmatch(name)]
    if "MLmodel" in described or len(described) == 1:
        return Recognised(ModelFormat.MLFLOW, "an MLflow model", _NOT_LOOKED_FOR)
    kinds = (kind for pattern, kind in _IN_FOLDER if any(map(pattern.search, names)))
    return _other(next(kinds, "a folder"))


def _other(kind: str) -> Recognised:
    return Recognised(ModelFormat.OTHER, kind, _NOT_LOOKED_FOR)


def _runs_something(followed: Followed) -> bool:
    """Whether an unpickler would do more than fail. The first line of a table may well begin with
    a `c`, which asks for an import, but what follows calls nothing.
    """
    importable = any(_IMPORTABLE.fullmatch(name) for name in followed.imports.names)
    return importable and (followed.calls > 0 or followed.ends)


def _pickle(file: BinaryIO, followed: Followed, packing: str | None) -> Recognised:
    imports = read_imports(file, followed)
    if packing == LZ4:
        imports = replace(imports, complete=False)
    starts = (kind for start, kind in _WRITERS if any(n.startswith(start) for n in imports.names))
    kind = next(starts, "a joblib file" if packing else "a pickle")
    kind = f"{kind}, compressed with {packing}" if packing else kind
    return Recognised(ModelFormat.PICKLE, kind, imports)


def _unpacked_head(file: BinaryIO) -> bytes:
    """Empty where nothing can be unpacked."""
    return next(open_stream(file).blocks(), b"")


def _compressed(plain: bytes, packing: str) -> Recognised:
    if looks_like_a_table(plain):
        return Recognised(ModelFormat.PREDICTIONS, f"a table, compressed with {packing}")
    starts = (kind for start, _, kind in _NATIVE if plain.startswith(start))
    kind = next(starts, None) or _by_signs(plain)
    return _other(f"{kind}, compressed with {packing}")


def _native(path: Path, head: bytes) -> Recognised:
    for start, format, kind in _NATIVE:  # noqa: A001 - the word for it
        if head.startswith(start):
            return Recognised(format, kind, _imports_of(format))
    if head.lstrip().startswith(b"{"):
        for pattern, format, kind in _IN_JSON:  # noqa: A001
            if pattern.search(head):
                return Recognised(format, kind)
    if _OLD_XGBOOST.search(head[:_OLD_HEADER_BYTES]):
        return Recognised(ModelFormat.XGBOOST, "an XGBoost file of the older binary format")
    if is_onnx(path):
        return Recognised(ModelFormat.ONNX, "an ONNX file")
    if looks_like_a_table(head):
        return Recognised(ModelFormat.PREDICTIONS, "a table of text")
    return _other(_by_signs(head))


def _by_signs(head: bytes) -> str:
    for where, mark, kind in _SIGNS:
        if head[where] == mark:
            return kind
    text = head.lstrip()
    if text.startswith(b"<") and b"<PMML" in text:
        return "a PMML file"
    return next((kind for start, kind in _TEXTS if text.startswith(start)), _UNKNOWN)


def _archive(file: BinaryIO) -> Recognised:
    try:
        archive = list_archive(file)
        if archive.encrypted:
            return _other("a zip archive with a password")
        types = read_skops(file) if SCHEMA in archive.names else None
    except NoArchive as error:
        return _other(str(error))
    if types is not None:
        return Recognised(ModelFormat.SKOPS, "a skops file", types)
    for pattern, format, kind in _IN_ZIP:  # noqa: A001
        if any(map(pattern.search, archive.names)):
            return Recognised(format, kind, _imports_of(format))
    return _other("a zip archive")


def _imports_of(format: ModelFormat) -> Imports:  # noqa: A002
    return _NOT_LOOKED_FOR if format is ModelFormat.OTHER else _NOTHING
