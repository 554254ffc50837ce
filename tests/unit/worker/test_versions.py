from __future__ import annotations

import gzip
import pickle
import zipfile
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
import sklearn
import skops.io
from sklearn.linear_model import LogisticRegression

from mlci_action.worker.versions import installed_versions, recorded_versions

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


def test_installed_versions_are_named_as_one_installs_them() -> None:
    assert installed_versions()["scikit-learn"] == sklearn.__version__
    assert installed_versions()["numpy"] == np.__version__
