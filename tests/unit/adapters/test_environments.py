"""Environments that are kept, made anew and forgotten; a stand-in for uv says what it was asked."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from mlci_action.adapters.environments import (
    KEPT_ENVIRONMENTS,
    default_cache,
    own_environment,
)
from mlci_action.adapters.interpreters import Interpreter
from mlci_action.adapters.requirement_files import Requirements
from mlci_action.errors import InterpreterError

HERE = Interpreter(path=Path(sys.executable), reason="", version=platform.python_version())
FAKE_UV = """\
#!/bin/sh
echo "$@" >> "$HOME/asked"
for last in "$@"; do :; done
case "$1 $2" in
venv*) mkdir -p "$last/bin" && ln -s {python} "$last/bin/python" ;;
"pip install")
    env > "$HOME/environ"; cat requirements.txt constraints.txt > "$HOME/lists"
    cat requirements.txt | grep -q missing || exit 0
    echo "hint: a hint"; echo "error: no mirror at https://me:secret@mirror.example"; exit 1 ;;
*) exit 1 ;;
esac
"""


@dataclass
class Maker:
    """Asks for environments in a folder of its own."""

    home: Path
    said: list[str] = field(default_factory=list)

    @property
    def cache(self) -> Path:
        return self.home / "cache"

    def __call__(
        self,
        text: str = "a==1\n",
        python: str | None = None,
        candidate: Interpreter = HERE,
        environ: Mapping[str, str] | None = None,
    ) -> Interpreter:
        return own_environment(
            Requirements(text=text, constraints="b<2\n", origin="old.txt"),
            python=python,
            candidate=candidate,
            folder=self.home,
            cache=self.cache,
            environ={"PATH": os.environ["PATH"], "HOME": str(self.home), **(environ or {})},
            say=self.said.append,
        )

    @property
    def asked(self) -> list[str]:
        file = self.home / "asked"
        return file.read_text().splitlines() if file.exists() else []


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Maker:
    uv = tmp_path / "fake-uv"
    uv.write_text(FAKE_UV.format(python=sys.executable))
    uv.chmod(0o755)
    monkeypatch.setattr("mlci_action.adapters.environments._find_uv", lambda _: (str(uv),))
    return Maker(tmp_path)


def test_an_environment_is_made_once_for_the_same_packages(make: Maker) -> None:
    first, again = make(), make()
    assert first == again
    assert first.path.is_relative_to(make.cache)
    assert first.reason == "made from old.txt, for the baseline alone"
    assert len(make.asked) == 2
    assert make("a==2\n").path != first.path
    other = Interpreter(path=HERE.path, reason="", version="3.99.1")
    assert make(candidate=other).path != first.path


def test_packages_come_as_wheels_and_no_settings_of_the_user_are_read(make: Maker) -> None:
    make()
    (venv, install) = make.asked
    assert venv.startswith("venv --no-config")
    assert f"--python {sys.executable}" in venv
    assert "--only-binary :all: -r requirements.txt -c constraints.txt" in install
    assert "--no-config" in install
    assert f"--cache-dir {make.cache}/uv" in install
    assert (make.home / "lists").read_text() == "a==1\nb<2\n"


def test_hashes_are_required_where_the_file_requires_them(make: Maker) -> None:
    make("--require-hashes\na==1 --hash=sha256:11\n")
    assert "--require-hashes" in make.asked[1]


def test_the_installer_sees_a_mirror_and_no_token(make: Maker) -> None:
    make(
        environ={
            "GITHUB_TOKEN": "t0", "ACTIONS_RUNTIME_TOKEN": "t1",
            "UV_DEFAULT_INDEX": "https://m.example",
        }
    )  # fmt: skip
    seen = (make.home / "environ").read_text()
    assert "UV_DEFAULT_INDEX=https://m.example" in seen
    assert "t0" not in seen
    assert "t1" not in seen


def test_a_build_that_fails_says_why_without_a_password_and_leaves_nothing(make: Maker) -> None:
    with pytest.raises(InterpreterError) as caught:
        make("missing\n")
    assert caught.value.message == (
        "no environment can be made from old.txt (error: no mirror at https://***@mirror.example)"
    )
    assert list(make.cache.iterdir()) == []


def test_one_that_no_longer_starts_is_made_anew(make: Maker) -> None:
    first = make()
    first.path.unlink()
    first.path.symlink_to("/nowhere/python")
    assert make() == first
    assert len(make.asked) == 4


def test_half_an_environment_under_its_name_is_made_anew(make: Maker) -> None:
    """No build of ours leaves one, but a disk or a person may."""
    first = make()
    (first.path.parent.parent / ".mlci-used").unlink()
    assert make() == first
    assert len(make.asked) == 4


def test_one_that_another_run_made_meanwhile_is_as_good(make: Maker) -> None:
    first = make()
    kept = first.path.parent.parent
    kept.rename(make.home / "theirs")
    uv = make.home / "fake-uv"
    # While this one installs, the other run ends.
    uv.write_text(uv.read_text().replace("env >", f"cp -a '{make.home}/theirs' '{kept}'; env >"))
    (make.home / "theirs" / "mark").touch()
    assert make() == first
    assert (kept / "mark").exists()
    assert [path.name for path in make.cache.iterdir()] == [kept.name]


def test_the_most_recently_used_are_kept(make: Maker) -> None:
    made = [make(f"a=={number}\n").path.parent.parent for number in range(KEPT_ENVIRONMENTS + 1)]
    # None of them goes while another run may be using it.
    assert all(path.exists() for path in made)
    for age, path in enumerate(made):
        os.utime(path / ".mlci-used", (1_000_000 - age, 1_000_000 - age))
    make("a==0\n")
    make("new\n")
    kept = [path.exists() for path in made]
    assert kept == [True] * (KEPT_ENVIRONMENTS - 1) + [False] * 2


def test_what_a_killed_build_left_is_taken_away_after_a_day(make: Maker) -> None:
    old, fresh = make.cache / ".building-old", make.cache / ".building-fresh"
    for folder in (old, fresh):
        folder.mkdir(parents=True)
    os.utime(old, (1_000_000, 1_000_000))
    make()
    assert (old.exists(), fresh.exists()) == (False, True)


def test_another_python_is_the_one_that_is_asked_for(make: Maker) -> None:
    make(python=sys.executable, candidate=Interpreter(path=Path("/no"), reason="", version="3.8.1"))
    assert f"--python {sys.executable}" in make.asked[0]


@pytest.mark.parametrize("python", ["3.99", "nowhere/python"])
def test_a_python_that_is_not_to_be_had_is_told(make: Maker, python: str) -> None:
    with pytest.raises(InterpreterError, match=r"baseline\.python: there is no Python"):
        make(python=python)


@pytest.mark.parametrize(
    ("environ", "folder"),
    [
        ({"XDG_CACHE_HOME": "/c", "HOME": "/h"}, "/c/mlci/environments"),
        ({"HOME": "/h"}, "/h/.cache/mlci/environments"),
    ],
    ids=["xdg", "home"],
)
def test_the_cache_is_where_caches_are(environ: dict[str, Any], folder: str) -> None:
    assert default_cache(environ) == Path(folder)
