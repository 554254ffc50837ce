from __future__ import annotations

import resource
import zipfile
from pathlib import Path

import numpy as np
import pytest
import skops.io
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from mlci_action.worker.failures import WorkerFailure
from mlci_action.worker.loading import load_model
from mlci_action.worker.skops_file import must_keep_to_its_list
from mlci_action.worker.versions import recorded_versions

GIB = 1 << 30


def doubled(table: NDArray[np.float64]) -> NDArray[np.float64]:
    return table * 2


NAME = f"{doubled.__module__}.doubled"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "model.skops"
    model = make_pipeline(FunctionTransformer(doubled), LogisticRegression())
    skops.io.dump(model.fit(np.array([[0.0], [1.0]]), [0, 1]), path)
    return path


def refusal(path: Path, trusted: list[str] | None = None) -> WorkerFailure:
    with pytest.raises(WorkerFailure) as caught:
        load_model(path, {}, format="skops", trusted_types=trusted or [])
    return caught.value


def test_types_that_are_not_trusted_are_named_with_the_setting(path: Path) -> None:
    error = refusal(path)

    assert error.kind == "untrusted"
    assert error.message == f"holds types that skops does not trust: {NAME}"
    assert f"trust them in the mlci.yml of the base branch: `trust: {{skops_types: [{NAME}]}}`" in (
        error.hint
    )


def test_a_trusted_type_is_loaded(path: Path) -> None:
    model, loaded_as = load_model(path, {}, format="skops", trusted_types=[NAME, "os.system"])

    assert loaded_as == "skops"
    assert model.predict(np.array([[1.0]])).tolist() == [1]


def test_trust_in_one_type_is_none_in_another(path: Path) -> None:
    assert refusal(path, ["os.system"]).message.endswith(NAME)


def zeros(path: Path, member: str, n_bytes: int) -> None:
    """An archive of zeros, packed a thousand times smaller than they are."""
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open(member, "w", force_zip64=True) as file,
    ):
        for _ in range(n_bytes >> 20):
            file.write(bytes(1 << 20))


def test_an_archive_that_claims_far_more_than_its_size_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "bomb.skops"
    zeros(path, "schema.json", 300 << 20)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    error = refusal(path)
    recorded = recorded_versions(path)

    assert "claims to unpack to 300 MiB" in error.message
    assert recorded == {}
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 << 10


def test_a_claim_alone_is_enough(tmp_path: Path) -> None:
    """The directory says 3 GiB, whatever the members hold."""
    path = tmp_path / "model.skops"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("schema.json", "{}")
        archive.writestr("1.npy", b"")
        archive.getinfo("1.npy").file_size = 3 * GIB

    assert "claims to unpack to 3072 MiB from 0: it is not read" in refusal(path).message


@pytest.mark.parametrize("kept", [0.3, 0.95])
def test_half_an_archive_is_said_to_be_damaged(path: Path, kept: float) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: int(kept * len(content))])

    assert "the file is damaged or holds no skops model" in refusal(path).message


def test_a_password_is_said(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)

    assert refusal(path).message == "is an archive with a password"


@pytest.mark.parametrize(("version", "safe"), [("0.11.0", False), ("0.12.0", True), ("1.0", True)])
def test_a_skops_that_can_be_made_to_run_code_is_no_help_against_it(
    version: str, *, safe: bool
) -> None:
    if safe:
        must_keep_to_its_list(version)
    else:
        with pytest.raises(WorkerFailure, match="can be made to run some"):
            must_keep_to_its_list(version)
