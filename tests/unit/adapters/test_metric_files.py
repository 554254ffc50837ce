from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from mlci_action.adapters.metric_files import MetricFile, find_metric_files

CONTENT = b"def cost(y_true, y_pred): return 1.0"
DIGEST = "sha256:" + hashlib.sha256(CONTENT).hexdigest()


@pytest.mark.parametrize(
    ("place", "path"),
    [
        ("costs.py:cost", "costs.py"),
        ("costs:cost", "costs.py"),
        ("kit/costs.py:cost", "kit/costs.py"),
        ("kit.costs:cost", "kit/costs.py"),
        ("kit:cost", "kit/__init__.py"),
        ("kit.gone:cost", None),
        ("sklearn.metrics:zero_one_loss", None),
    ],
)
def test_a_metric_has_the_file_that_it_would_be_imported_from(
    tmp_path: Path, place: str, path: str | None
) -> None:
    (tmp_path / "kit").mkdir()
    for name in ("costs.py", "kit/costs.py", "kit/__init__.py"):
        (tmp_path / name).write_bytes(CONTENT)

    (found,) = find_metric_files([("cost", place)], tmp_path)

    digest = None if path is None else DIGEST
    assert found == MetricFile(name="cost", place=place, path=path, digest=digest)
    assert found.as_mapping() == {
        "name": "cost",
        "place": place,
        "path": path,
        "digest": digest,
    }
