from __future__ import annotations

import resource
import sys
from pathlib import Path

import pytest

from mlci_action.worker import memory


def test_the_peak_is_the_systems_own_count(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    status = tmp_path / "status"
    status.write_text("VmPeak:\t  999 kB\nVmHWM:\t   2048 kB\nVmRSS:\t 1024 kB\n")
    monkeypatch.setattr(memory, "_STATUS", status)

    assert memory.peak_bytes() == 2 << 20


@pytest.mark.parametrize(("system", "n_bytes"), [("linux", 3 << 10), ("darwin", 3)])
def test_elsewhere_it_is_what_the_system_says_of_us(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, system: str, n_bytes: int
) -> None:
    class Usage:
        ru_maxrss = 3

    monkeypatch.setattr(memory, "_STATUS", tmp_path / "none")
    monkeypatch.setattr(resource, "getrusage", lambda _who: Usage())
    monkeypatch.setattr(sys, "platform", system)

    assert memory.peak_bytes() == n_bytes


def test_a_system_that_says_nothing_is_not_known(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(memory, "_STATUS", tmp_path / "none")
    monkeypatch.setitem(sys.modules, "resource", None)

    assert memory.peak_bytes() is None


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's own count")
def test_this_process_has_some() -> None:
    assert (memory.peak_bytes() or 0) > 1 << 20
