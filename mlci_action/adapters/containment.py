"""How is everything that user code started ended again, and our own memory kept from it?

Linux only; elsewhere no more than the worker's process group is ended. It stops careless and
opportunistic code. It is no boundary against an attacker in the same job.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mlci_action.errors import ModelError

# The numbers are those of linux/prctl.h.
_PR_SET_DUMPABLE = 4
_PR_SET_CHILD_SUBREAPER = 36
_PR_GET_CHILD_SUBREAPER = 37
_PATIENCE_SECONDS = 10.0
_PAUSE_SECONDS = 0.002
_TASKS = Path("/proc/self/task")


def hide_memory() -> bool:
    """Keep our memory and environment from other processes of the same user; whether it holds.

    Not for a process that is somebody else's (a notebook): it also ends core dumps.
    """
    return _prctl(_PR_SET_DUMPABLE, 0)


@contextlib.contextmanager
def contained() -> Iterator[None]:
    """What starts inside the block is dead after it, daemons included; older children live on.

    Blocks may be nested, but not overlap in two threads: each ends what the other started.
    """
    before = children()
    was_reaper = _is_reaper()
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    try:
        yield
    finally:
        try:
            _end_children(keep=before)
        finally:
            if not was_reaper:
                _prctl(_PR_SET_CHILD_SUBREAPER, 0)


def children() -> frozenset[int]:
    """Our children, whichever thread has them; none where the kernel does not say."""
    found: set[int] = set()
    with contextlib.suppress(FileNotFoundError):
        for task in _TASKS.iterdir():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                found.update(int(pid) for pid in (task / "children").read_text().split())
    return frozenset(found)


def end_group(process: subprocess.Popen[Any]) -> None:
    """End a process that leads a group, with its group."""
    # What an exited leader left is ended by `contained` on Linux, where no freed number is trusted.
    if hasattr(os, "killpg") and (process.poll() is None or sys.platform != "linux"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()


def _end_children(*, keep: frozenset[int]) -> None:
    """End our children until there are none but `keep`.

    Only children are ended, never deeper descendants: a child's number stays taken until we
    reap it, so it cannot have become another process's. When a parent dies, its children become
    ours.
    """
    give_up_at = time.monotonic() + _PATIENCE_SECONDS
    while remaining := children() - keep:
        for child in remaining:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(child, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(child, os.WNOHANG)
        if time.monotonic() > give_up_at:
            raise ModelError(
                f"the model started processes that cannot be ended ({len(remaining)} are left)",
                hint="a model that is loaded and asked to predict must not start services",
            )
        time.sleep(_PAUSE_SECONDS)


def _is_reaper() -> bool:
    answer = ctypes.c_int(0)
    return _prctl(_PR_GET_CHILD_SUBREAPER, ctypes.addressof(answer)) and answer.value == 1


def _prctl(option: int, argument: int) -> bool:
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None)
    return bool(libc.prctl(option, ctypes.c_ulong(argument), 0, 0, 0) == 0)
