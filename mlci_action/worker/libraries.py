"""Is the library there that the model needs?"""

from __future__ import annotations

import importlib
import sys
from typing import Any

from mlci_action.worker.failures import WorkerFailure, shown

PACKAGE_NAMES = {
    "PIL": "pillow",
    "cv2": "opencv-python",
    "imblearn": "imbalanced-learn",
    "sklearn": "scikit-learn",
    "yaml": "pyyaml",
}


def library(module: str, *, what: str) -> Any:  # noqa: ANN401  a module of the user's
    """The module, imported; WorkerFailure says that `what` the model is needs it."""
    top = module.partition(".")[0]
    package = PACKAGE_NAMES.get(top, top)
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != top:
            raise _broken(package, what, error) from error
        raise WorkerFailure(
            "missing_module",
            f"cannot be loaded: it is {what}, which needs {package}, and {sys.executable} does not"
            " have it",
            f"install {package} in that environment",
        ) from error
    except Exception as error:
        raise _broken(package, what, error) from error


def _broken(package: str, what: str, error: Exception) -> WorkerFailure:
    return WorkerFailure(
        "missing_module",
        f"cannot be loaded: it is {what}, which needs {package}, and that cannot be imported"
        f" ({shown(error)})",
        f"mend {package} in that environment",
    )
