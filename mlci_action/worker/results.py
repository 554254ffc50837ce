"""How is an answer written? A result and arrays, each of them whole or not there."""

from __future__ import annotations

import json
import platform
from pathlib import Path
from typing import Any, Dict

from mlci_action.worker.foreign import Array
from mlci_action.worker.versions import installed_versions

RESULT_FILE = "result.json"


def write_result(folder: Path, facts: Dict[str, Any]) -> None:
    """Write what the worker has to tell, with the versions that it ran under."""
    whole = {**facts, "python": platform.python_version(), "installed": installed_versions()}
    part = folder / f"{RESULT_FILE}.part"
    part.write_bytes(json.dumps(whole, allow_nan=False).encode())
    part.replace(folder / RESULT_FILE)


def write_arrays(folder: Path, arrays: Dict[str, Array]) -> None:
    """Write each array into a file of its name."""
    import numpy as np

    for name, array in arrays.items():
        part = folder / f"{name}.part"
        with part.open("wb") as file:
            np.save(file, array, allow_pickle=False)
        part.replace(folder / f"{name}.npy")
