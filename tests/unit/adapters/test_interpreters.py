from __future__ import annotations

import platform
import sys
from pathlib import Path

import pytest

from mlci_action.adapters.interpreters import Interpreter, find_interpreter
from mlci_action.errors import InterpreterError

VERSION = platform.python_version()


def program(path: Path, says: str) -> Path:
    """An executable that answers like a Python, or like something that is none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{says}\n")
    path.chmod(0o755)
    return path


def python(path: Path, version: str = "3.12.1") -> Path:
    return program(path, f"echo '[\"{path}\", [{version.replace('.', ', ')}]]'")


def found(
    asked: str | None = None, environ: dict[str, str] | None = None, wd: Path | None = None
) -> Interpreter:
    return find_interpreter(asked, environ or {}, wd or Path("/nowhere"))


def test_the_asked_for_path_is_taken() -> None:
    assert found(sys.executable) == Interpreter(
        path=Path(sys.executable), reason=f"{sys.executable} was asked for", version=VERSION
    )


def test_a_relative_path_starts_at_the_working_directory(tmp_path: Path) -> None:
    path = python(tmp_path / "env" / "bin" / "python")

    assert found("env/bin/python", wd=tmp_path).path == path


@pytest.mark.parametrize("layout", ["bin/python", "bin/python3", "Scripts/python.exe"])
def test_an_environments_folder_is_enough(tmp_path: Path, layout: str) -> None:
    path = python(tmp_path / "env" / layout)

    assert found("env", wd=tmp_path).path == path


def test_a_bare_word_is_a_command_before_it_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "python").mkdir()
    path = python(tmp_path / "bin" / "python")

    assert found("python", {"PATH": str(path.parent)}, tmp_path).path == path


def test_an_asked_for_python_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InterpreterError, match="there is no Python at 'nope', nor on PATH") as e:
        found("nope", wd=tmp_path)

    assert "--python" in e.value.hint


def test_an_asked_for_python_that_does_not_run_is_an_error(tmp_path: Path) -> None:
    program(tmp_path / "python3", "exit 9009")

    with pytest.raises(InterpreterError, match="does not run as a Python"):
        found("./python3", wd=tmp_path)


def test_an_old_python_is_an_error(tmp_path: Path) -> None:
    python(tmp_path / "env" / "bin" / "python", "3.7.16")

    with pytest.raises(InterpreterError) as caught:
        found("env", wd=tmp_path)

    assert caught.value.message == ("env was asked for, but its Python is 3.7.16, older than 3.8")


def test_environments_are_tried_in_their_order(tmp_path: Path) -> None:
    """Each is taken only when the ones before it are gone."""
    names = {name: tmp_path / name for name in ("VIRTUAL_ENV", "CONDA_PREFIX", "pythonLocation")}
    for prefix in [*names.values(), tmp_path / ".venv"]:
        python(prefix / "bin" / "python")
    on_path = python(tmp_path / "bin" / "python3")
    environ = {name: str(prefix) for name, prefix in names.items()} | {"PATH": str(on_path.parent)}

    reasons = [found(environ=environ, wd=tmp_path).reason]
    del environ["VIRTUAL_ENV"]
    reasons.append(found(environ=environ, wd=tmp_path).reason)
    (tmp_path / ".venv" / "bin" / "python").unlink()
    reasons.append(found(environ=environ, wd=tmp_path).reason)
    del environ["CONDA_PREFIX"]
    reasons.append(found(environ=environ, wd=tmp_path).reason)
    del environ["pythonLocation"]
    reasons.append(found(environ=environ, wd=tmp_path).reason)

    assert reasons == [
        "$VIRTUAL_ENV is set",
        "the working directory has a .venv",
        "$CONDA_PREFIX is set",
        "$pythonLocation is set",
        "python3 is on PATH; no environment is active",
    ]


def test_an_active_environment_that_is_too_old_is_not_passed_over(tmp_path: Path) -> None:
    """Its libraries are the ones that the model was made with: another Python would be a guess."""
    python(tmp_path / "env" / "bin" / "python", "3.6.15")
    python(tmp_path / "bin" / "python3")
    environ = {"VIRTUAL_ENV": str(tmp_path / "env"), "PATH": str(tmp_path / "bin")}

    with pytest.raises(InterpreterError, match=r"VIRTUAL_ENV is set, but its Python is 3\.6\.15"):
        found(environ=environ)


def test_an_environment_without_a_python_is_mentioned(tmp_path: Path) -> None:
    python(tmp_path / "bin" / "python3")
    environ = {"VIRTUAL_ENV": str(tmp_path / "gone"), "PATH": str(tmp_path / "bin")}

    assert found(environ=environ).reason == (
        "python3 is on PATH; $VIRTUAL_ENV is set, but no Python runs there"
    )


def test_a_stub_on_path_is_passed_over(tmp_path: Path) -> None:
    """Windows has a python3 that only opens the store."""
    program(tmp_path / "python3", "echo 'get it from the store'; exit 0")
    path = python(tmp_path / "python")

    assert found(environ={"PATH": str(tmp_path)}).path == path


def test_an_old_python3_gives_way_to_a_newer_python(tmp_path: Path) -> None:
    python(tmp_path / "python3", "3.6.15")
    path = python(tmp_path / "python")

    assert found(environ={"PATH": str(tmp_path)}).path == path


def test_only_old_ones_on_path_are_named(tmp_path: Path) -> None:
    python(tmp_path / "python3", "3.6.15")

    with pytest.raises(InterpreterError, match=r"only 3\.6\.15 on PATH"):
        found(environ={"PATH": str(tmp_path)})


def test_no_python_at_all_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InterpreterError, match="no Python to run the model with: none on PATH"):
        found(environ={"PATH": str(tmp_path)})


def test_the_python_behind_a_shim_is_taken(tmp_path: Path) -> None:
    real = python(tmp_path / "versions" / "python3")
    program(tmp_path / "shims" / "python3", f'exec "{real}"')

    assert found(environ={"PATH": str(tmp_path / "shims")}).path == real


def test_probing_gives_no_secret_away(tmp_path: Path) -> None:
    path = program(
        tmp_path / "python3",
        f'[ -z "$GITHUB_TOKEN" ] && echo \'["{tmp_path}/python3", [3, 12, 1]]\'',
    )

    assert found(environ={"PATH": str(tmp_path), "GITHUB_TOKEN": "secret"}).path == path


@pytest.mark.parametrize("asked", ["3.11", "3.11.4", "3"])
def test_a_version_is_found_on_path(tmp_path: Path, asked: str) -> None:
    name = "python3" if asked == "3" else "python3.11"
    path = python(tmp_path / "bin" / name, "3.11.4")
    assert found(asked, {"PATH": str(path.parent)}) == Interpreter(
        path=path, reason=f"Python {asked} was asked for", version="3.11.4"
    )


@pytest.mark.parametrize(
    ("variable", "inside"),
    [
        ("PYENV_ROOT", "versions/3.11.4/bin/python"),
        ("XDG_DATA_HOME", "uv/python/cpython-3.11.4-linux-x86_64-gnu/bin/python3"),
        ("RUNNER_TOOL_CACHE", "Python/3.11.4/x64/bin/python"),
    ],
)
def test_a_version_is_found_where_versions_are_kept(
    tmp_path: Path, variable: str, inside: str
) -> None:
    path = python(tmp_path / inside, "3.11.4")
    assert found("3.11", {variable: str(tmp_path)}).path == path


def test_of_kept_versions_the_newest_that_fits_and_runs_is_taken(tmp_path: Path) -> None:
    for version in ("3.11.4", "3.11.10", "3.12.1"):
        python(tmp_path / "versions" / version / "bin" / "python", version)
    program(tmp_path / "versions" / "3.11.12" / "bin" / "python", "exit 1")
    assert found("3.11", {"PYENV_ROOT": str(tmp_path)}).version == "3.11.10"


def test_a_version_that_is_not_there_names_those_that_are(tmp_path: Path) -> None:
    for version in ("3.12.1", "3.9.18", "3.10.2", "2.7.18"):
        python(tmp_path / "versions" / version / "bin" / "python", version)
    on_path = python(tmp_path / "bin" / "python3", "3.13.1")
    environ = {"PYENV_ROOT": str(tmp_path), "PATH": str(on_path.parent)}
    with pytest.raises(InterpreterError) as caught:
        found("3.11", environ)
    assert caught.value.message == (
        "there is no Python 3.11 here: there are 3.9.18, 3.10.2, 3.12.1, 3.13.1"
    )


def test_a_folder_that_is_named_like_a_version_is_a_folder(tmp_path: Path) -> None:
    path = python(tmp_path / "3.11" / "bin" / "python")
    assert found("3.11", wd=tmp_path).path == path
