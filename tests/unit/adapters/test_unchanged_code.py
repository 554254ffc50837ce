from __future__ import annotations

import compileall
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.machinery import PathFinder
from pathlib import Path

import pytest

from mlci_action.adapters.unchanged_code import UnchangedFinder


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    """An environment with one package in it, compiled, and another beside the environment."""
    for name in ("env/lib/kit", "elsewhere/kit"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "__init__.py").touch()
        (tmp_path / name / "part.py").write_text("said = 'as it was'\n")
        compileall.compile_dir(tmp_path / name, quiet=2)
    return tmp_path / "env"


def finder_of(environment: Path) -> UnchangedFinder:
    """It takes over when the clock of files has gone on."""
    began = max(path.lstat().st_ctime_ns for path in environment.parent.rglob("*"))
    beside = environment.parent / "clock"
    while not beside.exists() or beside.stat().st_ctime_ns <= began:
        beside.unlink(missing_ok=True)
        beside.touch()
    return UnchangedFinder(began, environment)


def rewritten(lib: Path) -> None:
    (lib / "kit" / "part.py").write_text("said = 'evil'\n")


def compiled(lib: Path) -> None:
    (pyc,) = (lib / "kit" / "__pycache__").glob("part.*.pyc")
    pyc.write_bytes(pyc.read_bytes())


def replaced(lib: Path) -> None:
    """By a file that is old, whose name alone is new."""
    (lib.parents[1] / "elsewhere" / "kit" / "part.py").replace(lib / "kit" / "part.py")


def moved(lib: Path) -> None:
    """By a folder that is old, with all that is in it."""
    shutil.rmtree(lib / "kit")
    (lib.parents[1] / "elsewhere" / "kit").rename(lib / "kit")


def linked(lib: Path) -> None:
    shutil.rmtree(lib / "kit")
    (lib / "kit").symlink_to(lib.parents[1] / "elsewhere" / "kit")


def shadowed(lib: Path) -> None:
    """By a package of the same name, which is found before the module."""
    shutil.copytree(lib.parents[1] / "elsewhere" / "kit", lib / "kit" / "part")


@pytest.mark.parametrize("change", [rewritten, compiled, replaced, moved, linked, shadowed])
def test_what_was_changed_is_not_imported(
    environment: Path, change: Callable[[Path], None]
) -> None:
    finder, lib = finder_of(environment), environment / "lib"
    found = finder.find_spec("kit.part", [str(lib / "kit")])
    assert found is not None
    assert found.origin == str(lib / "kit" / "part.py")

    change(lib)
    PathFinder.invalidate_caches()

    with pytest.raises(ImportError, match="changed while the gate ran"):
        finder.find_spec("kit.part", [str(lib / "kit")])


def test_outside_of_the_environment_others_may_come_and_go(environment: Path) -> None:
    """Such as compiled files beside a standard library that users share."""
    elsewhere = environment.parent / "elsewhere" / "kit"
    finder = finder_of(environment)

    (elsewhere / "new.txt").touch()

    found = finder.find_spec("kit.part", [str(elsewhere)])
    assert found is not None
    assert finder.find_spec("kit.nothing", [str(elsewhere)]) is None


def test_our_own_process_goes_on_with_what_it_has(tmp_path: Path) -> None:
    """In a process of its own: it cannot be taken back."""
    code = """
import pathlib, sys
from mlci_action.adapters.unchanged_code import refuse_changed_code
sys.path.insert(0, sys.argv[1])
refuse_changed_code()
import importlib.metadata, wave, sklearn.svm
importlib.metadata.version("numpy")
pathlib.Path(sys.argv[1], "late.py").touch()
try:
    import late
except ImportError as error:
    print(error)
"""
    said = subprocess.run(
        [sys.executable, "-B", "-c", code, tmp_path], capture_output=True, text=True, check=True
    )

    assert said.stdout == f"{tmp_path}/late.py changed while the gate ran\n"
