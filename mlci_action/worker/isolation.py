"""How is a program kept from the network, from other processes and from all of the memory?

It is started so, before any code of the user's. What the kernel refuses is gone without, and told.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import resource
import signal
import traceback
from pathlib import Path
from typing import Any, Dict, Iterator, List, NoReturn

from mlci_action.worker import kernel

# Without a network of its own a program could still ask these to start another that has one.
_SERVICES = (
    "/run/docker.sock",
    "/run/containerd/containerd.sock",
    "/run/podman/podman.sock",
    "/run/dbus/system_bus_socket",
)
_MB = 1 << 20
_BUG, _CANNOT_START = 70, 127
_STANDARD_ERROR = 2
_MOST_FILES = 1 << 16


class Refused(Exception):
    """The kernel does not give what was asked; the text says what and why."""


def run_isolated(wishes: Dict[str, Any], command: List[str]) -> NoReturn:
    """Start the command apart from the rest, and end as it ends.

    `ways`: which may be tried, of `processes` (namespaces of users, processes, files, network),
    `network` (of users and network) and `filter` (no sockets but those of the machine itself).
    `network`: whether it has one. `memory_mb`: for each process, or None. `read_only`: folders that
    it cannot change, where it has its own view of the files. `facts`: where to say what was
    reached.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    kernel.forbid_privileges()
    ways, cut = wishes["ways"], not wishes["network"]
    network = kernel.NEW_NETWORK if cut else 0
    facts = {
        "network": "cut" if cut else "allowed",
        "processes": "apart",
        "memory_mb": wishes["memory_mb"],
    }
    why = "namespaces were not tried"
    if "processes" in ways:
        whole = kernel.NEW_USERS | kernel.NEW_MOUNTS | kernel.NEW_PROCESSES | network
        why = _run_in(whole, wishes, command, facts)
    facts["processes"] = f"not apart: {why}"
    if cut and "network" in ways:
        why = _run_in(kernel.NEW_USERS | network, wishes, command, facts)
    if cut:
        refusal = _refuse_sockets() if "filter" in ways else why
        cut_by_filter = "cut, connections within the machine as well"
        facts["network"] = f"not cut: {refusal}" if refusal else cut_by_filter
    _write_facts(wishes, facts)
    _become(wishes, command)


def _run_in(
    namespaces: int, wishes: Dict[str, Any], command: List[str], facts: Dict[str, Any]
) -> str:
    """Run it there, and never come back; where that is refused, why.

    It is tried in a child, because half of it could not be taken back. This process stays outside,
    from where alone the child can be given its users.
    """
    from_child, said = os.pipe()
    heard, to_child = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(to_child)
        _as_child(namespaces, wishes, command, said, heard)
    refused, status = "", None
    _close_all_but(from_child, to_child)
    with os.fdopen(from_child, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            word, _, rest = line.strip().partition(" ")
            if word == "unshared":
                refused = _give_users(child)
                os.write(to_child, b"refused" if refused else b"given")
            elif word == "ready":
                _write_facts(wishes, facts)
            elif word == "ended":
                status = int(rest)
            elif word == "refused":
                refused = rest
    os.close(to_child)
    ended = os.waitpid(child, 0)[1]
    if not refused:
        _end_like(ended if status is None else status)
    return refused


def _as_child(
    namespaces: int, wishes: Dict[str, Any], command: List[str], said: int, heard: int
) -> NoReturn:
    """Leave for the new namespaces, and start the command in them."""
    code = _BUG
    try:
        if _enter(namespaces, wishes, said, heard):
            _say(said, "ready")
            if namespaces & kernel.NEW_PROCESSES:
                _tend(wishes, command, said)
            else:
                _become(wishes, command)
        code = 0
    except Refused as error:
        _say(said, f"refused {error}")
    except BaseException:  # noqa: BLE001  nothing may go on from here as if it were the parent
        traceback.print_exc()
    finally:
        os._exit(code)


def _enter(namespaces: int, wishes: Dict[str, Any], said: int, heard: int) -> bool:
    """Whether it is for this process to go on: with a process table, that is its first one."""
    with _asking_for("namespaces"):
        kernel.unshare(namespaces)
    _say(said, "unshared")
    if os.read(heard, len(b"refused")) != b"given":
        return False
    kernel.die_with_parent(signal.SIGKILL)
    if namespaces & kernel.NEW_PROCESSES:
        first = os.fork()
        if first != 0:
            # From here on this process sees the files as the first one does, and says nothing.
            _close_all_but()
            os.waitpid(first, 0)
            return False
        kernel.die_with_parent(signal.SIGKILL)
        _arrange_files(wishes)
    if namespaces & kernel.NEW_NETWORK:
        with _asking_for("a network"):
            kernel.raise_loopback()
    return True


def _arrange_files(wishes: Dict[str, Any]) -> None:
    with _asking_for("a process table"):
        kernel.mount_processes()
    with _asking_for("a view of the files"):
        for folder in wishes["read_only"]:
            kernel.mount_read_only(folder)
        if not wishes["network"]:
            for path in filter(os.path.exists, _SERVICES):
                kernel.mount_over(path, source="/dev/null")
        # A folder that was entered before leads past all of these.
        os.chdir(Path.cwd())


def _tend(wishes: Dict[str, Any], command: List[str], said: int) -> None:
    """Run the command as the first process of the namespace, with which all others in it end."""
    program = os.fork()
    if program == 0:
        _become(wishes, command)
    _close_all_but(said)
    while True:
        ended, status = os.wait()
        if ended == program:
            _say(said, f"ended {status}")
            return


def _become(wishes: Dict[str, Any], command: List[str]) -> NoReturn:
    """Be the command from here on, with its limits."""
    # A signal that it sends to its group is not for those who stand before it.
    with contextlib.suppress(OSError):
        os.setsid()
    # When the machine itself runs out of memory, this is what has to go.
    with contextlib.suppress(OSError):
        _write("/proc/self/oom_score_adj", "1000")
    kernel.drop_capabilities()
    if wishes["memory_mb"] is not None:
        # Of the address space only what is written to privately counts: CUDA and memory-mapped
        # models reserve and map far more than they use, which RLIMIT_AS would forbid.
        asked, hard = int(wishes["memory_mb"] * _MB), resource.getrlimit(resource.RLIMIT_DATA)[1]
        most = asked if hard == resource.RLIM_INFINITY else min(asked, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    # This interpreter ignores them, and what it becomes would go on doing so.
    for ignored in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(ignored, signal.SIG_DFL)
    try:
        os.execv(command[0], command)  # noqa: S606  it is not for a shell to read
    except OSError as error:
        os.write(_STANDARD_ERROR, f"{command[0]} does not start: {error.strerror}\n".encode())
        os._exit(_CANNOT_START)


def _give_users(child: int) -> str:
    """Let the child have the users of here, under their own numbers; why not, where refused."""
    try:
        # Somebody ordinary may give only themselves, and no say over groups.
        if os.geteuid() != 0:
            _write(f"/proc/{child}/setgroups", "deny")
        for kind, own in (("uid", os.geteuid()), ("gid", os.getegid())):
            ranges = [f"{own} 1"]
            if os.geteuid() == 0:
                lines = Path(f"/proc/self/{kind}_map").read_text(encoding="ascii").splitlines()
                ranges = [" ".join(line.split()[::2]) for line in lines]
            text = "".join(f"{each.split()[0]} {each}\n" for each in ranges)
            _write(f"/proc/{child}/{kind}_map", text)
    except OSError as error:
        return _refusal("a table of users", error)
    return ""


def _refuse_sockets() -> str:
    """Why that does not work; empty when it does."""
    try:
        kernel.refuse_sockets(errno.EACCES)
    except OSError as error:
        return _refusal("a filter of sockets", error)
    return ""


@contextlib.contextmanager
def _asking_for(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Refused(_refusal(what, error)) from error


def _refusal(what: str, error: OSError) -> str:
    return f"the kernel refuses {what} ({error.strerror})"


def _end_like(status: int) -> NoReturn:
    """End as a child with this status did, by a signal or with an exit code."""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number != signal.SIGKILL:
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    os._exit(os.WEXITSTATUS(status))


def _say(said: int, text: str) -> None:
    os.write(said, f"{text}\n".encode())


def _close_all_but(*kept: int) -> None:
    """What the program was given to speak by is closed when the program closes it."""
    lowest = _STANDARD_ERROR + 1
    for number in (*sorted(kept), _MOST_FILES):
        os.closerange(lowest, number)
        lowest = number + 1


def _write(path: str, text: str) -> None:
    with Path(path).open("w", encoding="ascii") as file:
        file.write(text)


def _write_facts(wishes: Dict[str, Any], facts: Dict[str, Any]) -> None:
    Path(wishes["facts"]).write_text(json.dumps(facts), encoding="utf-8")
