"""What can a program of the user's reach, once it is started apart?"""

from __future__ import annotations

import json
import os
import platform
import select
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from mlci_action.adapters.containment import contained
from mlci_action.adapters.worker_isolation import (
    IN_PLACE,
    WAYS,
    isolated,
    kept_folders,
    program_of,
    read_facts,
)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="namespaces are Linux's")

NOBODY = 65534
SYSTEM_PYTHON = Path("/usr/bin/python3")
# By what may be tried: all, no view of /proc (containers), no namespaces (hosted runners), nothing.
LADDER = [WAYS, ("network", "filter"), ("filter",), ()]
ids = ["all", "no-processes", "no-namespaces", "nothing"]
CONNECT = """
import socket, sys
try:
    socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5)
    print("connected")
except OSError as error:
    print(type(error).__name__)
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ran:
    """How a program ended, what it printed, and how far apart it was."""

    code: int
    printed: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Runner:
    """Starts programs of one line or more apart, in `folder`."""

    folder: Path
    python: Path = Path(sys.executable)
    options: Mapping[str, Any] = field(default_factory=dict)
    around: tuple[str, ...] = ()

    def __call__(
        self,
        code: str,
        *arguments: object,
        ways: tuple[str, ...] = WAYS,
        network: bool = False,
        memory_mb: float | None = None,
        read_only: tuple[Path, ...] = (),
    ) -> Ran:
        facts = self.folder / "facts.json"
        command = isolated(
            (str(self.python), "-c", dedent(code), *map(str, arguments)),
            network=network,
            memory_mb=memory_mb,
            read_only=read_only,
            facts=facts,
            ways=ways,
        )
        command[0] = str(self.python)
        with contained():
            ran = subprocess.run(
                [*self.around, *command],
                cwd=self.folder,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                text=True,
                check=False,
                timeout=60,
                **self.options,
            )
        return Ran(code=ran.returncode, printed=ran.stdout, facts=read_facts(facts))


@pytest.fixture
def run(tmp_path: Path) -> Runner:
    return Runner(folder=tmp_path)


@pytest.fixture
def port() -> Iterator[int]:
    """Something on this machine that would answer."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def can_have_namespaces() -> bool:
    """Whether this machine gives them, which hosted runners and containers may not."""
    unshare = shutil.which("unshare")
    command = [unshare or "", "--user", "--map-root-user", "--net", "--pid", "--fork"]
    command += ["--mount-proc", "true"]
    return unshare is not None and not subprocess.run(command, check=False).returncode


needs_namespaces = pytest.mark.skipif(
    not can_have_namespaces(), reason="the kernel gives no namespaces to this user"
)


@needs_namespaces
@pytest.mark.parametrize(
    ("ways", "network", "processes"),
    [
        (WAYS, "cut", "apart"),
        (LADDER[1], "cut", "not apart: namespaces were not tried"),
        (LADDER[2], "cut, connections within the machine as well", "not apart: namespaces"),
        (LADDER[3], "not cut: namespaces were not tried", "not apart: namespaces"),
    ],
    ids=ids,
)
def test_what_was_reached_is_told_and_is_so(
    run: Runner, port: int, ways: tuple[str, ...], network: str, processes: str
) -> None:
    ran = run(CONNECT, port, ways=ways, memory_mb=800)

    assert (ran.facts["network"], ran.facts["memory_mb"]) == (network, 800.0)
    assert ran.facts["processes"].startswith(processes)
    assert (ran.printed == "connected\n") == (ways == ())


@pytest.mark.parametrize("ways", LADDER, ids=ids)
def test_who_is_given_the_network_has_it(run: Runner, port: int, ways: tuple[str, ...]) -> None:
    ran = run(CONNECT, port, ways=ways, network=True)

    assert ran.printed == "connected\n"
    assert ran.facts["network"] == "allowed"


@pytest.mark.parametrize("ways", LADDER[:3], ids=ids[:3])
@pytest.mark.parametrize("family", ["AF_INET", "AF_INET6"])
@pytest.mark.parametrize("kind", ["SOCK_STREAM", "SOCK_DGRAM"])
def test_nothing_leaves_by_any_kind_of_socket(
    run: Runner, ways: tuple[str, ...], family: str, kind: str
) -> None:
    """The addresses are those of documentation, which nobody has."""
    code = f"""
    import socket
    address = "192.0.2.1" if socket.{family} == socket.AF_INET else "2001:db8::1"
    try:
        with socket.socket(socket.{family}, socket.{kind}) as out:
            out.settimeout(2)
            out.connect((address, 9))
            out.send(b"secret")
        print("sent")
    except (TimeoutError, OSError) as error:
        print(error.errno)
    """
    refused = ["101", "13"] if family == "AF_INET" else ["101", "13", "97", "99"]

    assert run(code, ways=ways).printed.strip() in refused


@pytest.mark.skipif(platform.machine() != "x86_64", reason="these are numbers of x86_64")
@pytest.mark.parametrize("asked", ["425, 1, 0", "0x40000000 + 41, 2, 1, 0", "41, 2, 1, 0"])
def test_no_other_call_makes_a_socket(run: Runner, asked: str) -> None:
    """Rings of requests make them unseen, and numbers of another calling form go to the same."""
    code = f"""
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    print(libc.syscall({asked}), ctypes.get_errno())
    """
    assert run(code, ways=("filter",)).printed == "-1 13\n"
    assert run(code, ways=()).printed != "-1 13\n"


@needs_namespaces
@pytest.mark.parametrize("ways", LADDER[:2], ids=ids[:2])
def test_a_library_may_still_speak_to_its_own_processes(run: Runner, ways: tuple[str, ...]) -> None:
    code = """
    import socket
    with socket.create_server(("127.0.0.1", 0)) as server:
        with socket.create_connection(server.getsockname(), 5) as out:
            out.sendall(b"hello")
            print(server.accept()[0].recv(5))
    """
    assert run(code, ways=ways).printed == "b'hello'\n"


@pytest.mark.parametrize("ways", [WAYS, IN_PLACE], ids=["all", "no-namespaces"])
def test_files_and_pipes_of_libraries_work(run: Runner, ways: tuple[str, ...]) -> None:
    """Processes of joblib, of multiprocessing in each of its ways, and threads of OpenMP."""
    (run.folder / "program.py").write_text(
        dedent("""
        import multiprocessing, socket

        if __name__ == "__main__":
            import numpy as np
            from joblib import Parallel, delayed
            from sklearn.ensemble import RandomForestClassifier

            X = np.random.default_rng(0).normal(size=(200, 4))
            forest = RandomForestClassifier(10, n_jobs=2).fit(X, X[:, 0] > 0)
            said = [forest.predict(X).shape[0], len(Parallel(n_jobs=2)(
                delayed(abs)(number) for number in range(4)))]
            for method in ("fork", "spawn", "forkserver"):
                with multiprocessing.get_context(method).Pool(2) as pool:
                    said.append(sum(pool.map(abs, [-1, -2])))
            socket.socketpair()
            print(*said)
        """)
    )
    code = "import runpy; runpy.run_path('program.py', run_name='__main__')"

    assert run(code, ways=ways, memory_mb=4000).printed == "200 4 3 3 3\n"


@needs_namespaces
def test_other_processes_are_neither_seen_nor_ended(run: Runner) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        code = """
        import os, sys
        seen = sorted(int(name) for name in os.listdir("/proc") if name.isdigit())
        try:
            os.kill(int(sys.argv[1]), 9)
        except ProcessLookupError:
            print(seen, os.getpid(), "no such process")
        """
        ran = run(code, other.pid + (1 << 16 if other.pid < 3 else 0))

        assert ran.printed == "[1, 2] 2 no such process\n"
        assert other.poll() is None
        other.kill()


@needs_namespaces
@pytest.mark.parametrize("ways", LADDER[:2], ids=ids[:2])
def test_memory_of_others_is_not_read_even_where_they_are_seen(
    run: Runner, ways: tuple[str, ...]
) -> None:
    """Their environment holds what ours does not: a user of another namespace has no say there."""
    code = """
    import sys
    try:
        print(open(f"/proc/{sys.argv[1]}/environ").read())
    except OSError as error:
        print(type(error).__name__)
    """
    with subprocess.Popen(
        [sys.executable, "-c", "print(flush=True); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "SECRET": "planted"},
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        assert "planted" in Path(f"/proc/{other.pid}/environ").read_text()

        said = run(code, other.pid, ways=ways).printed
        other.kill()

    assert said in {"PermissionError\n", "FileNotFoundError\n"}


@needs_namespaces
def test_what_is_kept_cannot_be_changed_nor_moved_away(run: Runner) -> None:
    kept = run.folder / "kept"
    (kept / "deep").mkdir(parents=True)
    (kept / "deep" / "file").write_text("as it was")
    code = """
    import ctypes, os
    os.chdir("kept")
    libc = ctypes.CDLL(None, use_errno=True)
    for attempt in (
        lambda: open("deep/file", "w"),
        lambda: open("new", "w"),
        lambda: os.unlink("deep/file"),
        lambda: os.rename("../kept", "../gone"),
        lambda: open("../kept/deep/../deep/file", "a"),
        lambda: libc.umount2(b"..", 2) and open(".././kept/deep/file", "a"),
        lambda: libc.mount(None, b".", None, 32 | 4096, None) and open("deep/file", "a"),
        lambda: libc.unshare(0x10020000) or libc.umount2(os.getcwd().encode(), 2),
        lambda: open("deep/file", "a"),
    ):
        try:
            print("done", attempt())
        except OSError as error:
            print(error.errno)
    """
    ran = run(code, read_only=(kept,))

    assert ran.facts["processes"] == "apart"
    assert "done <" not in ran.printed
    assert (kept / "deep" / "file").read_text() == "as it was"
    assert sorted(path.name for path in kept.iterdir()) == ["deep"]


@pytest.mark.parametrize("ways", LADDER, ids=ids)
def test_no_program_gives_more_rights_than_there_are(run: Runner, ways: tuple[str, ...]) -> None:
    """Such a program is sudo. And root is an owner of files and no administrator."""
    code = """
    for line in open("/proc/self/status"):
        if line.startswith(("NoNewPrivs", "CapEff")):
            print(line.split()[1])
    """
    capabilities, no_new = run(code, ways=ways).printed.split()

    assert no_new == "1"
    assert int(capabilities, 16) < 1 << 8


@pytest.mark.parametrize("ways", LADDER, ids=ids)
@pytest.mark.parametrize(
    ("code", "ended"),
    [
        ("import os; os._exit(7)", 7),
        ("import os; os.kill(os.getpid(), 9)", -9),
        ("import os; os.kill(os.getpid(), 11)", -11),
        ("import os; os.abort()", -6),
        ("import os; os.killpg(0, 15)", -15),
        ("raise SystemExit(0)", 0),
    ],
)
def test_the_end_of_the_program_is_the_end_that_is_seen(
    run: Runner, ways: tuple[str, ...], code: str, ended: int
) -> None:
    assert run(code, ways=ways).code == ended


@pytest.mark.parametrize("ways", LADDER, ids=ids)
def test_a_signal_to_its_own_group_is_not_for_us(run: Runner, ways: tuple[str, ...]) -> None:
    code = """
    import os, signal
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.killpg(0, signal.SIGTERM)
    os._exit(3)
    """
    assert run(code, ways=ways).code == 3


def test_a_program_that_is_not_there_says_so(run: Runner) -> None:
    facts = run.folder / "facts.json"
    command = isolated(
        ["/nowhere/python"], network=False, memory_mb=None, read_only=(), facts=facts
    )

    ran = subprocess.run(command, capture_output=True, text=True, check=False)

    assert ran.returncode == 127
    assert ran.stderr == "/nowhere/python does not start: No such file or directory\n"


@pytest.mark.parametrize("ways", LADDER, ids=ids)
def test_memory_ends_where_the_limit_is(run: Runner, ways: tuple[str, ...]) -> None:
    """And cannot be raised again; what is only reserved or shared with a file does not count."""
    code = """
    import mmap, resource
    reserved = mmap.mmap(-1, 4 << 30, prot=mmap.PROT_READ)
    most = resource.getrlimit(resource.RLIMIT_DATA)[1] >> 20
    try:
        resource.setrlimit(resource.RLIMIT_DATA, (-1, -1))
    except (ValueError, PermissionError):
        pass
    try:
        bytearray(1 << 30)
    except MemoryError:
        print("no", most, resource.getrlimit(resource.RLIMIT_CORE))
    """
    assert run(code, ways=ways, memory_mb=400).printed == "no 400 (0, 0)\n"


@pytest.mark.parametrize("ways", [WAYS, IN_PLACE], ids=["all", "in-place"])
def test_the_program_itself_is_found_behind_what_started_it(
    tmp_path: Path, ways: tuple[str, ...]
) -> None:
    command = isolated(
        [sys.executable, "-c", "print(flush=True); input()"],
        network=False,
        memory_mb=None,
        read_only=(),
        facts=tmp_path / "facts.json",
        ways=ways,
    )
    with (
        contained(),
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process,
    ):
        assert process.stdout is not None
        process.stdout.readline()
        found = program_of(process.pid)

        assert b"input()" in Path(f"/proc/{found}/cmdline").read_bytes()
        assert (found == process.pid) == (ways == IN_PLACE or not can_have_namespaces())
        process.kill()


@needs_namespaces
def test_all_ends_when_what_started_it_is_killed(tmp_path: Path) -> None:
    """Also without anybody who looks for orphans."""
    code = "print(1, flush=True); import time; time.sleep(60)"
    command = isolated(
        [sys.executable, "-c", code],
        network=False,
        memory_mb=None,
        read_only=(),
        facts=tmp_path / "facts.json",
    )
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()

        process.kill()

        # It ends when whoever held it is gone, long before the program itself would be.
        assert select.select([process.stdout], [], [], 20)[0]
        assert process.stdout.read() == b""


@needs_namespaces
@pytest.mark.skipif(os.geteuid() != 0, reason="everybody else is an ordinary user already")
@pytest.mark.skipif(not SYSTEM_PYTHON.exists(), reason="there is no Python that all may run")
@pytest.mark.parametrize("ways", LADDER, ids=ids)
def test_an_ordinary_user_is_kept_apart_as_well(port: int, ways: tuple[str, ...]) -> None:
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o777)
        as_nobody = {"user": NOBODY, "group": NOBODY, "extra_groups": [44]}
        runner = Runner(folder=Path(name), python=SYSTEM_PYTHON, options=as_nobody)
        code = "import os; open('new', 'w'); print(os.getuid(), os.stat('new').st_uid)"

        ran = runner(CONNECT, port, ways=ways)

        assert (ran.printed == "connected\n") == (ways == ())
        assert (ran.facts["processes"] == "apart") == (ways == WAYS)
        assert runner(code, ways=ways).printed == f"{NOBODY} {NOBODY}\n"


@needs_namespaces
@pytest.mark.parametrize("network", [False, True])
def test_a_service_that_could_start_others_is_not_there(run: Runner, *, network: bool) -> None:
    """In a folder /run of the test's own, which nobody else sees."""
    made = 'mount -t tmpfs none /run && touch /run/docker.sock && exec "$@"'
    around = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", made, "sh")
    code = """
    import os, stat
    print(*(stat.S_ISCHR(os.stat(path).st_mode) for path in ("/run/docker.sock", "/dev/null")))
    """

    ran = Runner(folder=run.folder, around=around)(code, network=network)

    assert ran.facts["processes"] == "apart"
    assert ran.printed == f"{not network} True\n"


@needs_namespaces
def test_a_kernel_that_really_refuses_leaves_the_filter(run: Runner, port: int) -> None:
    """As on a machine where the owner forbids namespaces to its users."""
    forbid = 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"'
    around = ("unshare", "--user", "--map-root-user", "sh", "-c", forbid, "sh")
    ran = Runner(folder=run.folder, around=around)(CONNECT, port)

    assert ran.printed == "PermissionError\n"
    assert ran.facts == {
        "network": "cut, connections within the machine as well",
        "processes": "not apart: the kernel refuses namespaces (No space left on device)",
        "memory_mb": None,
    }


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b'{"network": "cut"}',
        b'{"network": 1, "processes": "apart", "memory_mb": 1}',
        b"[" * 100_000,
    ],
)
def test_facts_that_are_none_are_not_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "facts.json").write_bytes(content)

    assert read_facts(tmp_path / "facts.json") == {}


def test_facts_are_one_line_each_and_never_a_link_or_a_flood(tmp_path: Path) -> None:
    said = {"network": "a\n::error::b", "processes": "x" * 1000, "memory_mb": -1}
    facts = tmp_path / "facts.json"
    facts.write_text(json.dumps(said))

    read = read_facts(facts)

    assert read["network"] == "a ::error::b"
    assert len(read["processes"]) == 300
    assert read["memory_mb"] is None
    (tmp_path / "link").symlink_to(facts)
    assert read_facts(tmp_path / "link") == {}
    facts.write_text(json.dumps(said) + " " * (64 << 10))
    assert read_facts(facts) == {}
    assert read_facts(tmp_path / "nowhere") == {}


def test_both_environments_and_the_runners_files_are_kept(tmp_path: Path) -> None:
    for name in ("state", "action", "files", "theirs/bin", "repository/.git", "home"):
        (tmp_path / name).mkdir(parents=True)
    environ = {
        "MLCI_STATE": str(tmp_path / "state"),
        "GITHUB_ACTION_PATH": str(tmp_path / "action"),
        "GITHUB_OUTPUT": str(tmp_path / "files" / "output"),
        "GITHUB_ENV": str(tmp_path / "files" / "env"),
        "GITHUB_PATH": "",
        "GITHUB_STATE": str(tmp_path / "nowhere" / "state"),
        "HOME": str(tmp_path / "home"),
    }

    python, models = tmp_path / "theirs" / "bin" / "python", tmp_path / "repository" / "models"

    kept = kept_folders(python, environ, written=[models])

    assert {"state", "action", "files", "theirs", ".git"} == {
        path.name for path in kept if path.is_relative_to(tmp_path)
    }
    assert Path(sys.prefix).resolve() in kept


def test_no_folder_is_kept_that_the_program_works_in(tmp_path: Path) -> None:
    """An action in the repository itself, or an interpreter at the top of somebody's home."""
    (tmp_path / "bin").mkdir()
    environ = {"GITHUB_ACTION_PATH": str(tmp_path), "HOME": str(tmp_path / "home")}

    kept = kept_folders(tmp_path / "bin" / "python", environ, written=[tmp_path / "work"])

    assert tmp_path not in kept
