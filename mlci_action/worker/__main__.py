"""The program for the user's interpreter: `python PATH/worker/__main__.py request.json`.

It is run by path, not by name: this package's environment never reaches the user's `sys.path`, and
nothing but this folder is imported from it. `isolated WISHES COMMAND...` starts it apart from the
rest of the machine, and is run by our own interpreter.
"""

from __future__ import annotations

import json
import os
import sys
import types
from importlib import import_module
from pathlib import Path
from types import ModuleType

PACKAGE = "mlci_action"


def main(request: str) -> None:
    """Do what the request file asks; the answer is in the output folder, not in the exit code."""
    _own_module("job").run_job(Path(request))
    sys.stdout.flush()
    sys.stderr.flush()
    # The answer is on disk. Threads and exit handlers of the model's libraries, which may hang or
    # crash at the very end, have no say any more.
    os._exit(0)


def _own_module(name: str) -> ModuleType:
    """Import of this folder without the package's own `__init__`, and leave no name of it behind.

    A stand-in parent package is enough for the imports; taking the names away again lets user code
    import its own modules, whatever they are called.
    """
    folder = Path(__file__).resolve().parent
    parent = types.ModuleType(PACKAGE)
    parent.__path__ = [str(folder.parent)]
    sys.modules[PACKAGE] = parent
    if Path(sys.path[0]).resolve() == folder:
        del sys.path[0]
    module = import_module(f"{PACKAGE}.worker.{name}")
    for own in [own for own in sys.modules if own.split(".")[0] == PACKAGE]:
        del sys.modules[own]
    return module


if __name__ == "__main__":
    if sys.argv[1] == "isolated":
        _own_module("isolation").run_isolated(json.loads(sys.argv[2]), sys.argv[3:])
    else:
        main(sys.argv[1])
