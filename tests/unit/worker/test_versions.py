from __future__ import annotations

import gzip
import lzma
import pickle
import platform
import struct
import sys
import tracemalloc
import types
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
import sklearn
import skops.io
from sklearn.linear_model import LogisticRegression

from mlci_action.worker import onnx_header, version_marks
from mlci_action.worker.formats import format_of
from mlci_action.worker.onnx_header import is_onnx
from mlci_action.worker.versions import installed_versions, recorded_versions, version_clashes

OLD = "1.0.2"


class Aged:
    """Pickles the way that a scikit-learn estimator of an older version did."""

    def __init__(self, padding: bytes = b"") -> None:
        self.padding = padding

    def __getstate__(self) -> dict[str, Any]:
        return {"padding": self.padding, "_sklearn_version": OLD, "z": "later"}


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_every_pickle_protocol_tells_its_version(tmp_path: Path, protocol: int) -> None:
    path = tmp_path / "model"
    path.write_bytes(pickle.dumps(Aged(), protocol=protocol))

    assert recorded_versions(path) == {"scikit-learn": OLD}


@pytest.mark.parametrize("compress", [0, "zlib", "gzip", "bz2", "xz", "lzma"])
def test_every_compression_of_joblib_tells_its_version(tmp_path: Path, compress: Any) -> None:  # noqa: ANN401
    path = tmp_path / "model"
    model = LogisticRegression().fit(np.array([[0.0], [1.0]]), [0, 1])
    joblib.dump(model, path, compress=compress)

    assert recorded_versions(path) == {"scikit-learn": sklearn.__version__}


@pytest.mark.parametrize("n_bytes", range((1 << 20) - 120, (1 << 20) + 20, 7))
def test_a_version_across_two_reads_is_found_whole(tmp_path: Path, n_bytes: int) -> None:
    """The file is read by the MiB; wherever the boundary falls, no digit is lost."""
    path = tmp_path / "model"
    path.write_bytes(pickle.dumps(Aged(b"x" * n_bytes)))

    assert recorded_versions(path) == {"scikit-learn": OLD}


def test_a_skops_archive_tells_its_version(tmp_path: Path) -> None:
    path = tmp_path / "model"
    skops.io.dump(LogisticRegression().fit(np.array([[0.0], [1.0]]), [0, 1]), path)

    assert recorded_versions(path) == {"scikit-learn": sklearn.__version__}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no model",
        gzip.compress(b"x", mtime=0)[:-9],
        b"\x78\x9cbroken",
        pickle.dumps({"a": 1}),
    ],
)
def test_a_file_without_a_version_says_nothing(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model"
    path.write_bytes(content)

    assert recorded_versions(path) == {}


def test_an_archive_without_a_schema_says_nothing(tmp_path: Path) -> None:
    path = tmp_path / "model"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x", "y")

    assert recorded_versions(path) == {}


def test_looking_never_runs_what_is_pickled(tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[Any, ...]:
            return (Path.touch, (tmp_path / "ran",))

    path = tmp_path / "model"
    path.write_bytes(pickle.dumps(Bomb()))

    assert recorded_versions(path) == {}
    assert not (tmp_path / "ran").exists()


def test_no_more_is_unpacked_than_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(version_marks, "_MOST_BYTES", 2 << 20)
    path = tmp_path / "model"
    path.write_bytes(gzip.compress(pickle.dumps(Aged(bytes(4 << 20)))))
    assert recorded_versions(path) == {}

    path.write_bytes(gzip.compress(pickle.dumps(Aged(bytes(1 << 20)))))
    assert recorded_versions(path) == {"scikit-learn": OLD}


def test_a_large_plain_file_is_read_at_its_end_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Arrays come first, and the version of what holds them after."""
    monkeypatch.setattr(version_marks, "_MOST_BYTES", 2 << 20)
    path = tmp_path / "model"
    path.write_bytes(pickle.dumps(Aged(bytes(30 << 20))))

    assert recorded_versions(path) == {"scikit-learn": OLD}


@pytest.mark.parametrize("compress", [zlib.compress, gzip.compress, lzma.compress])
def test_a_bomb_costs_no_memory(tmp_path: Path, compress: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "model"
    content = compress(bytes(32 << 20))
    assert len(content) < 1 << 20
    path.write_bytes(content)
    tracemalloc.start()

    assert recorded_versions(path) == {}

    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 16 << 20


def test_a_pickle_of_numpy_2_says_so(tmp_path: Path) -> None:
    path = tmp_path / "model"
    path.write_bytes(pickle.dumps(np.float64(0.5)))

    assert recorded_versions(path) == {"numpy": "2 or later"}


@pytest.mark.parametrize(
    ("start", "major", "minor", "version"),
    [(b"binf", 1, 7, "1.7"), (b"", 1, 0, "1.0"), (b"", 0, 0, "0.90 or earlier")],
)
def test_the_old_binary_files_of_xgboost_tell_theirs(
    tmp_path: Path, start: bytes, major: int, minor: int, version: str
) -> None:
    path = tmp_path / "model.bin"
    numbers = struct.pack("<fIiiiII", 0.5, 2, 0, 1, 0, major, minor).ljust(136, b"\0")
    names = b"".join(struct.pack("<Q", len(name)) + name for name in (b"reg:linear", b"gbtree"))
    path.write_bytes(start + numbers + names + bytes(64))

    assert recorded_versions(path) == {"xgboost": version}
    assert format_of(path) == "xgboost"


@pytest.mark.parametrize(
    ("left", "version"),
    [
        (b'CONFIG-offset:..{"learner":{"x":"1"},"version":[1,5,2]}', "1.5.2"),
        (b"\x0a\0\0\0\0\0\0\0reg:linear\x06\0\0\0\0\0\0\0gbtree", "0.90 or earlier"),
    ],
    ids=["before-1.6", "before-1.0"],
)
def test_a_pickled_booster_of_long_ago_tells_its_version(
    tmp_path: Path, left: bytes, version: str
) -> None:
    path = tmp_path / "model"
    path.write_bytes(pickle.dumps(bytearray(left)))

    assert recorded_versions(path) == {"xgboost": version}


def test_a_file_of_crumbs_is_not_read_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A graph of empty nodes costs two bytes each."""
    monkeypatch.setattr(onnx_header, "_MAX_FIELDS", 1000)
    path = tmp_path / "model.onnx"
    nodes = b"\x0a\x00" * 50_000
    length = bytes([len(nodes) & 0x7F | 0x80, len(nodes) >> 7 & 0x7F | 0x80, len(nodes) >> 14])
    path.write_bytes(b"\x08\x08\x12\x04made\x1a\x031.0" + b"\x3a" + length + nodes)

    assert is_onnx(path)
    assert recorded_versions(path) == {"ONNX IR": "8", "made": "1.0"}


def test_what_a_file_calls_itself_is_cut_to_a_word(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    name = b"<b>|@all\n" + b"x" * 90
    path.write_bytes(
        b"\x08\x08\x12" + bytes([len(name)]) + name + b"\x1a\x031.0" + b"\x3a\x02\x0a\x00"
    )

    (recorded,) = [key for key in recorded_versions(path) if key != "ONNX IR"]
    assert recorded == ("b all " + "x" * 90)[:60]


@pytest.mark.parametrize(
    ("recorded", "pins"),
    [
        ({"scikit-learn": sklearn.__version__}, []),
        ({"scikit-learn": sklearn.__version__.rpartition(".")[0]}, []),
        ({"scikit-learn": OLD}, [f"scikit-learn=={OLD}"]),
        ({"scikit-learn": "1.0"}, ["scikit-learn==1.0.*"]),
        ({"scikit-learn": "0.90 or earlier"}, ["scikit-learn<1"]),
        ({"pandas": "0.1", "joblib": "0.1", "LightGBM format": "v3"}, []),
        ({"numpy": "2 or later"}, []),
        ({"python": "3.4.1"}, ["Python 3.4"]),
        ({"python": ".".join(platform.python_version_tuple()[:2]) + ".99"}, []),
    ],
    ids=str,
)
def test_only_versions_that_decide_clash(recorded: dict[str, str], pins: list[str]) -> None:
    assert [clash.pin for clash in version_clashes(recorded)] == pins


def test_numpy_1_clashes_with_what_numpy_2_wrote(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numpy", types.SimpleNamespace(__version__="1.26.4"))

    assert version_clashes({"numpy": "2 or later"}) == [
        ("numpy", "2 or later", "1.26.4", "numpy>=2")
    ]
    assert version_clashes({"numpy": "1.24.0"}) == []


def test_installed_versions_are_named_as_one_installs_them() -> None:
    assert installed_versions()["scikit-learn"] == sklearn.__version__
    assert installed_versions()["numpy"] == np.__version__
