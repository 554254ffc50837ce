from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from mlci_action.adapters import containment
from mlci_action.adapters.containment import contained, end_group
from mlci_action.errors import ModelError

DAEMON = """
import os, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        open(sys.argv[1], "w").write(str(os.getpid()))
        time.sleep(60)
        open(sys.argv[1], "a").write(" and it went on")
    os._exit(0)
os.wait()
while not os.path.exists(sys.argv[1]) or not open(sys.argv[1]).read():
    time.sleep(0.01)
"""


def is_alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def test_a_daemon_does_not_outlive_the_block(tmp_path: Path) -> None:
    """Forked twice and in a session of its own, it has left every group that could be ended."""
    log = tmp_path / "log"

    with contained():
        subprocess.run([sys.executable, "-c", DAEMON, str(log)], check=True)
        daemon = int(log.read_text())
        assert is_alive(daemon)

    assert not is_alive(daemon)
    assert log.read_text() == str(daemon)


def test_a_daemon_ends_when_the_block_is_left_by_an_error(tmp_path: Path) -> None:
    log = tmp_path / "log"

    def interrupted() -> None:
        with contained():
            subprocess.run([sys.executable, "-c", DAEMON, str(log)], check=True)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()

    assert not is_alive(int(log.read_text()))


def test_children_from_before_the_block_live_on() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as older:
        with contained():
            pass

        assert older.poll() is None
        older.kill()


def test_orphans_go_their_own_way_again_after_the_block(tmp_path: Path) -> None:
    """A library must not leave its host process changed."""
    assert not containment._is_reaper()
    with contained():
        assert containment._is_reaper()
    assert not containment._is_reaper()


def test_what_cannot_be_ended_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containment, "_PATIENCE_SECONDS", 0.02)
    monkeypatch.setattr("os.kill", lambda *_: None)
    process = None

    with pytest.raises(ModelError, match="processes that cannot be ended"), contained():
        process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)

    monkeypatch.undo()
    assert process is not None
    with process:
        process.kill()


def test_a_process_ends_with_its_group() -> None:
    """The member outlives its leader by being adopted, and tells us what it died of."""
    script = "import os, time; os.write(1, b'%d\\n' % os.fork()); time.sleep(60)"
    with (
        contained(),
        subprocess.Popen(
            [sys.executable, "-c", script], stdout=subprocess.PIPE, start_new_session=True
        ) as process,
    ):
        assert process.stdout is not None
        member = max(int(process.stdout.readline()), int(process.stdout.readline()))

        end_group(process)

        assert os.waitpid(member, 0) == (member, signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL


def test_hidden_memory_is_not_readable_by_the_same_user() -> None:
    """Asked of the kernel in a process of its own: hiding cannot be taken back by this one."""
    script = dedent("""
        import ctypes
        from mlci_action.adapters.containment import hide_memory
        dumpable = lambda: ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)
        print(dumpable(), hide_memory(), dumpable())
    """)

    said = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert said.stdout == "1 True 0\n"
