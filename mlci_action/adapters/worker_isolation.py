"""How is a program of the user's started apart from the rest, and how far apart was it?"""

from __future__ import annotations

import contextlib
import json
import stat
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from mlci_action.rendering.plain import one_line

# In this order; what the kernel refuses is gone without. Tests refuse by shortening it.
WAYS = ("processes", "network", "filter")
# Nothing stands between: the process that is started is the program itself.
IN_PLACE = ("filter",)
_ISOLATED = "isolated"
_WORKER = Path(__file__).resolve().parent.parent / "worker" / "__main__.py"
_RUNNER_FILES = (
    "GITHUB_OUTPUT",
    "GITHUB_ENV",
    "GITHUB_PATH",
    "GITHUB_STATE",
    "GITHUB_STEP_SUMMARY",
)
_MOST_BETWEEN = 3
_MAX_BYTES = 64 << 10
_MAX_TEXT = 300
_MOST_MB = 1e12


def isolated(
    command: Sequence[str],
    *,
    network: bool,
    memory_mb: float | None,
    read_only: Iterable[Path],
    facts: Path,
    ways: Sequence[str] | None = None,
) -> list[str]:
    """The command that starts this one apart and ends as it ends; `facts` says how far apart.

    On Linux; elsewhere it is the command itself, and there are no facts.
    """
    if sys.platform != "linux":
        return list(command)
    wishes = {
        "ways": list(WAYS if ways is None else ways),
        "network": network,
        "memory_mb": memory_mb,
        "read_only": [str(folder) for folder in read_only],
        "facts": str(facts),
    }
    # Ours and not the user's, so that nothing of theirs has run when it begins.
    ours = (sys.executable, "-I", "-S", "-B", str(_WORKER))
    return [*ours, _ISOLATED, json.dumps(wishes), *command]


def kept_folders(
    interpreter: Path, environ: Mapping[str, str], *, written: Iterable[Path]
) -> tuple[Path, ...]:
    """What a program of the user's has no business to change, as far as it is there.

    Both environments, the action's own files, those by which steps speak to the runner, and git's:
    its settings name programs. But no folder around one that is `written` to.
    """
    found = [Path(sys.prefix), Path(__file__).parents[1]]
    found += [each.parent.parent for each in (interpreter.absolute(), interpreter.resolve())]
    found += [
        Path(environ[name]) for name in ("MLCI_STATE", "GITHUB_ACTION_PATH") if name in environ
    ]
    found += [Path(environ[name]).parent for name in _RUNNER_FILES if environ.get(name)]
    places = [place.resolve() for place in written]
    found += [parent / ".git" for place in places for parent in (place, *place.parents)]
    if environ.get("HOME"):
        places.append(Path(environ["HOME"]).resolve())
    return tuple(
        folder
        for folder in dict.fromkeys(each.resolve() for each in found)
        if folder.is_dir() and not any(place.is_relative_to(folder) for place in places)
    )


def program_of(pid: int) -> int:
    """The process that became the command, of one that was started with `isolated`."""
    for _ in range(_MOST_BETWEEN):
        with contextlib.suppress(OSError, ValueError, IndexError):
            if f"\0{_ISOLATED}\0".encode() not in Path(f"/proc/{pid}/cmdline").read_bytes():
                break
            # The first is the oldest: what lost its parent is added behind it.
            pid = int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])
    return pid


def read_facts(path: Path) -> Mapping[str, Any]:
    """How far apart it was: `network` and `processes` as text, `memory_mb` or None.

    Nothing where nobody says. The program could have written there too, and is not trusted.
    """
    try:
        if not stat.S_ISREG(path.lstat().st_mode) or path.stat().st_size > _MAX_BYTES:
            return {}
        said = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    match said:
        case {"network": str(network), "processes": str(processes), "memory_mb": memory}:
            pass
        case _:
            return {}
    sound = (
        isinstance(memory, int | float) and not isinstance(memory, bool) and 0 < memory < _MOST_MB
    )
    return {
        "network": one_line(network, _MAX_TEXT),
        "processes": one_line(processes, _MAX_TEXT),
        "memory_mb": float(memory) if sound else None,
    }
