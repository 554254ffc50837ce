"""What does a user of MLflow do who never heard of us? Load a model, and register one by hand."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

# The folder of a model that MLflow's own client can load, without training one.
MLMODEL = """flavors:
  python_function:
    code: code
    loader_module: constant
    data: data
mlflow_version: 2.9.0
"""
LOADER = """
class Constant:
    def predict(self, rows):
        return [7] * len(rows)

def _load_pyfunc(path):
    return Constant()
"""
# What a user of MLflow does: load what was promoted, and register a model without us.
USER = """
import sys, mlflow
from mlflow import MlflowClient
mlflow.set_tracking_uri(sys.argv[1])
print(mlflow.pyfunc.load_model("models:/loadable@champion").predict([[1], [2]]))
class Constant(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return [0] * len(model_input)
with mlflow.start_run():
    mlflow.pyfunc.log_model(
        name="model", python_model=Constant(), registered_model_name="handmade", pip_requirements=[]
    )
MlflowClient().set_registered_model_alias("handmade", "champion", "1")
MlflowClient().copy_model_version("models:/handmade/1", "copied")
"""


def loadable_folder(folder: Path) -> Path:
    """A model that answers 7 to every row."""
    (folder / "code").mkdir(parents=True)
    (folder / "data").mkdir()
    (folder / "MLmodel").write_text(MLMODEL)
    (folder / "code" / "constant.py").write_text(LOADER)
    (folder / "data" / "nothing").write_text("")
    return folder


def use_mlflow(url: str, folder: Path) -> str:
    """Load `loadable`, register `handmade` and copy it to `copied`, with MLflow's own client.

    What it printed; `folder` is the working directory.
    """
    ran = subprocess.run(
        [sys.executable, "-c", USER, url],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout
