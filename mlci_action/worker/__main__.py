"""The program for the user's interpreter: `python PATH/worker/__main__.py request.json`.

It is run by path, not by name: this package's environment never reaches the user's `sys.path`, and
nothing but this folder is imported from it.
"""

from __future__ import annotations

import os
import sys
import types
from pathlib import Path
from typing import Callable

PACKAGE = "mlci_action"


def main(request: str) -> None:
    """Do what the request file asks; the answer is in the output folder, not in the exit code."""
    run_job = _own_code()
    run_job(Path(request))
    sys.stdout.flush()
    sys.stderr.flush()
    # The answer is on disk. Threads and exit handlers of the model's libraries, which may hang or
    # crash at the very end, have no say any more.
    os._exit(0)


def _own_code() -> Callable[[Path], None]:
    """Import this folder without the package's own `__init__`, and leave no name of it behind.

    A stand-in parent package is enough for the imports; taking the names away again lets user code
    import its own modules, whatever they are called.
    """
    folder = Path(__file__).resolve().parent
    parent = types.ModuleType(PACKAGE)
    parent.__path__ = [str(folder.parent)]
    sys.modules[PACKAGE] = parent
    if Path(sys.path[0]).resolve() == folder:
        del sys.path[0]
    from mlci_action.worker.job import run_job

    for name in [name for name in sys.modules if name.split(".")[0] == PACKAGE]:
        del sys.modules[name]
    return run_job


if __name__ == "__main__":
    main(sys.argv[1])
