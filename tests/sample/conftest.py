"""The sample, copied and trained once for all its tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlci_action.adapters.sample import DemoRuns, materialise_sample


@pytest.fixture(scope="session")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Home, working directory and TMPDIR of the training: a place to see what it leaves."""
    folder = tmp_path_factory.mktemp("sample") / "elsewhere"
    folder.mkdir()
    return folder


@pytest.fixture(scope="session")
def runs(elsewhere: Path) -> DemoRuns:
    """The demo's models, really trained, in a folder whose path has a space."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(elsewhere))
        patch.setenv("TMPDIR", str(elsewhere))
        patch.chdir(elsewhere)
        return materialise_sample(elsewhere.parent / "a demo")
