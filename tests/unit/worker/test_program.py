"""The worker as the program that it is: started by path, in a process of its own."""

from __future__ import annotations

import ast
import json
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlci_action.worker
from mlci_action.adapters.row_files import write_rows

WORKER = Path(mlci_action.worker.__file__).parent
SOURCES = sorted(WORKER.glob("*.py"))
# Every name that this folder uses is taken by a module of the user's as well.
KIT = """
import sys, warnings
import rows, loading, columns, job, failures, worker
assert rows.whose == loading.whose == worker.whose == "the user's"

class Doubler:
    def predict(self, table):
        print("doubling", flush=True)
        warnings.warn("this is\\nold", FutureWarning)
        self.seen = [name for name in sys.modules if name.split(".")[0] == "mlci_action"]
        assert not self.seen, self.seen
        return table["age"] * 2
"""


def run(tmp_path: Path, model: bytes, kit: str = KIT) -> tuple[dict[str, Any], str]:
    """The result, and what was printed."""
    home = tmp_path / "home"
    for folder in (home, tmp_path / "data", tmp_path / "output"):
        folder.mkdir()
    (home / "kit.py").write_text(kit)
    for name in ("rows", "loading", "columns", "job", "failures", "worker"):
        (home / f"{name}.py").write_text('whose = "the user\'s"')
    (tmp_path / "model").write_bytes(model)
    write_rows(pd.DataFrame({"age": [1, 2, 3]}), tmp_path / "data")
    request = {
        "task": "predict",
        "model": str(tmp_path / "model"),
        "data": str(tmp_path / "data"),
        "output": str(tmp_path / "output"),
        "working_directory": str(home),
        "format": None,
        "load": None,
        "features": None,
        "columns": None,
        "trusted_types": [],
        "code_allowed": True,
        "withheld": ["y"],
        "set_aside": [],
        "variants": [],
    }
    (tmp_path / "request.json").write_text(json.dumps(request))
    ended = subprocess.run(
        [sys.executable, "-B", WORKER / "__main__.py", tmp_path / "request.json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    return json.loads((tmp_path / "output" / "result.json").read_text()), ended.stdout


def test_a_model_of_the_users_own_module_predicts(tmp_path: Path) -> None:
    """Neither our package nor our file names stand in the way of the user's."""
    result, printed = run(tmp_path, b"ckit\nDoubler\n)\x81.")

    assert result["error"] is None, printed
    assert np.load(tmp_path / "output" / "predictions.npy").tolist() == [2, 4, 6]
    assert result["model_class"] == "kit.Doubler"
    assert result["columns"] == ["age"]
    assert result["classes"] is None
    assert result["warnings"] == ["FutureWarning: this is old"]
    assert result["seconds_to_load"] >= 0
    assert printed == "doubling\n"


def test_an_answer_is_whole_or_not_there(tmp_path: Path) -> None:
    run(tmp_path, b"ckit\nDoubler\n)\x81.")

    assert sorted(path.name for path in (tmp_path / "output").iterdir()) == [
        "predictions.npy",
        "result.json",
    ]


def test_a_class_of_the_training_script_gets_its_remedy(tmp_path: Path) -> None:
    result, printed = run(tmp_path, b"c__main__\nDoubler\n)\x81.")

    assert result["error"]["kind"] == "main_class"
    assert "Traceback" in printed


@pytest.mark.parametrize("crash", ["raise SystemExit(0)", "raise ValueError('no\\nluck')"])
def test_a_crash_while_loading_is_an_answer(tmp_path: Path, crash: str) -> None:
    result, _ = run(tmp_path, b"ckit\nDoubler\n)\x81.", kit=crash)

    assert result["error"]["message"].startswith("cannot be loaded (")
    assert result["installed"]["numpy"] == np.__version__


def test_a_crash_in_the_users_attributes_is_an_answer(tmp_path: Path) -> None:
    kit = """
class Doubler:
    def predict(self, table):
        return [1, 2, 3]
    @property
    def classes_(self):
        raise RuntimeError("not yet")
"""
    result, _ = run(tmp_path, b"ckit\nDoubler\n)\x81.", kit=kit)

    assert result["error"] == {
        "kind": "crashed",
        "message": "cannot be used: RuntimeError: not yet",
    }


def test_a_thread_that_never_ends_does_not_keep_the_worker(tmp_path: Path) -> None:
    kit = """
import threading
threading.Thread(target=threading.Event().wait).start()
class Doubler:
    def predict(self, table):
        return [1, 2, 3]
"""
    result, _ = run(tmp_path, b"ckit\nDoubler\n)\x81.", kit=kit)

    assert result["error"] is None


def test_a_model_without_predictions_of_its_own_is_described(tmp_path: Path) -> None:
    result, _ = run(tmp_path, pickle.dumps({"model": 1}))

    assert result["error"]["message"].startswith("is a dict of 1 ('model': int)")


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_the_source_is_python_3_8(path: Path) -> None:
    """The user's interpreter may be that old."""
    tree = ast.parse(path.read_text(), feature_version=(3, 8))

    newer = [
        ast.unparse(node.func)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).endswith((".removeprefix", ".removesuffix", ".bit_count"))
    ]
    strict_zips = [
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and any(word.arg == "strict" for word in node.keywords)
    ]
    assert newer + strict_zips == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_only_the_standard_library_is_imported_before_a_model_asks_for_more(path: Path) -> None:
    modules = set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Import):
            modules |= {alias.name.split(".")[0] for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            modules.add((node.module or "").split(".")[0])

    assert modules <= sys.stdlib_module_names | {"mlci_action"}
