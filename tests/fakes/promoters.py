"""What becomes of a folder when a promotion to it is killed at each of its steps, or meets another?

    python -m tests.fakes.promoters killed SCRATCH BUNDLE EXPECTED
    python -m tests.fakes.promoters together SCRATCH BUNDLE BUNDLE TIMES

One process does all of it by forking: the tests' own has threads. It prints JSON.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from mlci_action.adapters.bundles import read_bundle
from mlci_action.adapters.destinations.destination import PromotionRefused
from mlci_action.adapters.destinations.folder import FolderDestination

# What the interpreter reports before it asks the system to change a folder.
_STEPS = {"open", "os.mkdir", "os.chmod", "os.rename", "os.remove", "os.rmdir", "shutil.rmtree"}
DONE, REFUSED = 0, 1


def state_of(folder: Path) -> dict[str, Any] | None:
    """What is in place, every byte of it compared; None where nothing is."""
    found = FolderDestination(folder).current()
    if found is None:
        return None
    return {"manifest": found.manifest, "read": read_bundle(Path(found.where)).digest}


def put(folder: Path, bundle: Path, expected: str | None) -> int:
    """The exit code of one promotion."""
    try:
        FolderDestination(folder).put(read_bundle(bundle), expected=expected)
    except PromotionRefused:
        return REFUSED
    return DONE


def in_child(work: Callable[[], int]) -> int:
    """The process id of a child that does it and ends."""
    child = os.fork()
    if child == 0:
        code = 70
        try:
            code = work()
        finally:
            os._exit(code)
    return child


def code_of(child: int) -> int:
    """The exit code of a child, negative for a signal."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def killed(scratch: Path, bundle: Path, expected: str | None) -> list[dict[str, Any]]:
    """What a retry finds and leaves where one was killed at its first step, second, ..."""
    seen: list[dict[str, Any]] = []
    for step in count(1):
        folder = scratch.with_name(f"{scratch.name}-{step}")
        shutil.copytree(scratch, folder)

        def work(folder: Path = folder, step: int = step) -> int:
            _die_at(step, folder)
            return put(folder, bundle, expected)

        code = code_of(in_child(work))
        after = state_of(folder)
        if code == DONE:
            return [*seen, {"code": code, "after": after, "retried": after, "left": []}]
        # What is in place says whether the last step was taken.
        now = None if after is None else after["manifest"]
        retry = put(folder, bundle, now)
        left = sorted(path.name for path in folder.iterdir() if "unfinished" in path.name)
        seen.append(
            {
                "code": code,
                "after": after,
                "retry": retry,
                "retried": state_of(folder),
                "left": left,
            }
        )
    raise AssertionError("it counts for ever")


def _die_at(step: int, folder: Path) -> None:
    """Let this process be killed when it is about to do its so-manieth change below the folder."""
    left = step

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal left
        if event not in _STEPS or not any(_below(folder, each) for each in arguments):
            return
        if event == "open" and not _writes(arguments):
            return
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def _below(folder: Path, argument: object) -> bool:
    return isinstance(argument, str | os.PathLike) and os.fspath(argument).startswith(str(folder))


def _writes(arguments: tuple[Any, ...]) -> bool:
    _, mode, flags = arguments
    return bool(set(mode or "") & set("wxa+")) or bool(flags & (os.O_WRONLY | os.O_RDWR))


def together(scratch: Path, bundles: list[Path], times: int) -> list[dict[str, Any]]:
    """What two promotions to an empty folder do that are let go at the same moment."""
    seen = []
    for turn in range(times):
        folder = scratch / str(turn)
        folder.mkdir()
        gate, start = os.pipe()

        def work(bundle: Path, folder: Path, gate: int, start: int) -> int:
            os.close(start)
            os.read(gate, 1)
            return put(folder, bundle, None)

        children = [in_child(partial(work, bundle, folder, gate, start)) for bundle in bundles]
        os.close(gate)
        os.close(start)
        codes = [code_of(child) for child in children]
        seen.append({"codes": codes, "after": state_of(folder)})
    return seen


def main() -> None:
    """See the module's docstring."""
    what, scratch, *rest = sys.argv[1:]
    if what == "killed":
        bundle, expected = rest
        seen = killed(Path(scratch), Path(bundle), expected or None)
    else:
        *bundles, times = rest
        seen = together(Path(scratch), [Path(bundle) for bundle in bundles], int(times))
    print(json.dumps(seen))  # noqa: T201 (its answer to whoever started it)


if __name__ == "__main__":
    main()
