"""The entry: builds the real world, runs one command, and picks the exit code."""

from __future__ import annotations

import errno
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from types import FrameType

from mlci_action.adapters.github_runner import Console
from mlci_action.cli import parser
from mlci_action.commands import run_command
from mlci_action.domain.fail_on import BUG_EXIT_CODE
from mlci_action.domain.outcomes import AnnotationLevel
from mlci_action.errors import MlciError, SettingsError

_SETUP_EXIT_CODE = 2
_INTERRUPTED_EXIT_CODE = 130
_TERMINATED_EXIT_CODE = 143


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code of one command."""
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _terminated)
    in_actions = os.environ.get("GITHUB_ACTIONS") == "true"
    # Commands to the runner are only understood on stdout.
    console = Console(sys.stdout if in_actions else sys.stderr, in_actions=in_actions)
    try:
        return run_command(parser().parse_args(arguments), dict(os.environ))
    except MlciError as error:
        console.annotate(AnnotationLevel.ERROR, "mlci", str(error))
        for problem in error.problems if isinstance(error, SettingsError) else ():
            console.say(f"  {problem}")
        return _SETUP_EXIT_CODE
    except KeyboardInterrupt:
        console.say("interrupted")
        return _INTERRUPTED_EXIT_CODE
    except OSError as error:
        if error.errno not in (errno.EPIPE, errno.ENOSPC):
            return _bug(error, console)
        # Whoever read our output has gone, or there is no room for it; nobody is left to tell.
        sys.stdout = None
        return _SETUP_EXIT_CODE
    except Exception as error:  # noqa: BLE001 - anything that is not ours to expect is a bug
        return _bug(error, console)


def _bug(error: Exception, console: Console) -> int:
    console.foreign("".join(traceback.format_exception(error)))
    named = f"{type(error).__name__}: {error}"
    console.annotate(AnnotationLevel.ERROR, "mlci", f"this is a bug in mlci: {named}")
    return BUG_EXIT_CODE


def _terminated(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(_TERMINATED_EXIT_CODE)


if __name__ == "__main__":
    sys.exit(main())
