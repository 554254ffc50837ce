"""How much memory may a program have, and which limit do its last words name?"""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

from mlci_action.errors import ModelError

_MEMORY = Path("/proc/meminfo")
_MOST_OF_GROUP = Path("/sys/fs/cgroup/memory.max")
_SHARE_FOR_OTHERS = 0.05
_LAST_WORDS = 4096
_OUT_OF_MEMORY = re.compile(
    r"MemoryError|bad_alloc|bad allocation|[Cc]annot allocate memory|[Oo]ut of memory|OutOfMemory"
    r"|failed to map segment|cannot map zero-fill pages|can't start new thread"
)
_SAID = "ran out of memory"
_NO_NETWORK = re.compile(
    r"Network is unreachable|[Nn]ame resolution|Name or service not known|nodename nor servname"
    r"|NameResolutionError|NewConnectionError|ENETUNREACH|EAI_AGAIN|Max retries exceeded"
)
_NO_SOCKET = re.compile(r"PermissionError: \[Errno 13\] Permission denied(?!: ['\"])")


def memory_available(memory: Path = _MEMORY, most_of_group: Path = _MOST_OF_GROUP) -> float | None:
    """What this machine or container has free, in MB and less a little; None where unknown."""
    try:
        lines = (line.split() for line in memory.read_text(encoding="ascii").splitlines())
        kilobytes = {words[0]: int(words[1]) for words in lines if len(words) > 1}
        free = (kilobytes["MemAvailable:"] + kilobytes.get("SwapFree:", 0)) / 1024
    except (OSError, ValueError, KeyError):
        return None
    with contextlib.suppress(OSError, ValueError):
        free = min(free, int(most_of_group.read_text(encoding="ascii")) / (1 << 20))
    return round(free * (1 - _SHARE_FOR_OTHERS), 1)


def explained(
    error: ModelError,
    log: str,
    *,
    asked_mb: float | None,
    given_mb: float | None,
    network: bool,
) -> ModelError:
    """The error, with the limit that a program ran into where it or its last words name one.

    asked_mb: what the settings allow, None: nothing is said. given_mb: what it had. `network`:
    whether it had one.
    """
    words = f"{error.message}\n{log[-_LAST_WORDS:]}"
    if given_mb is not None and _OUT_OF_MEMORY.search(words):
        had = f"the {given_mb:,.0f} MB that worker.memory_mb allows"
        hint = "raise worker.memory_mb, or evaluate on fewer rows"
        if asked_mb is None:
            had = f"the {given_mb:,.0f} MB that were free when it started"
            hint = "use a machine with more memory, or evaluate on fewer rows"
        message = error.message.replace(_SAID, f"{_SAID} ({had})", 1)
        if message == error.message:
            message += f"; it ran out of {had}"
        return ModelError(message, hint=hint)
    if not network and (_NO_NETWORK.search(words) or _NO_SOCKET.search(words)):
        hint = (
            "it has no network: keep what it needs in the repository, or set worker.network: true"
        )
        return ModelError(error.message, hint=hint)
    return error
