"""Requirements as repositories have them, and what is none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from mlci_action.adapters.baselines import BaselineFinder
from mlci_action.adapters.git import Git
from mlci_action.adapters.requirement_files import (
    Requirements,
    parse_requirements,
    requirements_of,
)
from mlci_action.errors import BaselineError
from tests.fakes.repositories import Repository


def parsed(text: str, others: Mapping[str, str] | None = None) -> Requirements:
    files = {"req/base.txt": text, **(others or {})}
    return parse_requirements("req/base.txt", files.__getitem__, origin="req/base.txt")


def refusal(text: str, others: Mapping[str, str] | None = None) -> str:
    with pytest.raises(BaselineError) as caught:
        parsed(text, others)
    return str(caught.value)


def test_packages_are_taken_as_they_are_written() -> None:
    text = "scikit-learn==1.3.2 ; python_version < '3.13'  # why\n\nPandas[x] >= 2,<3\n"
    assert parsed(text) == Requirements(
        text="scikit-learn==1.3.2 ; python_version < '3.13'\nPandas[x] >= 2,<3\n",
        origin="req/base.txt",
    )


def test_a_lock_with_hashes_stays_one() -> None:
    text = "--require-hashes\na==1 \\\n    --hash=sha256:11 \\\n    --hash=sha256:22\n"
    assert parsed(text).text == "--require-hashes\na==1  --hash=sha256:11  --hash=sha256:22\n"


def test_mirrors_are_kept_and_what_would_build_a_package_is_not() -> None:
    text = "-i https://mirror.example/simple\n--no-binary :all:\n--only-binary=none\na\n--pre\n"
    assert parsed(text).text == "-i https://mirror.example/simple\n--pre\na\n"


@pytest.mark.parametrize(
    "line",
    [
        "-e .", "-e.", "--editable=src/pkg", "-e git+https://example.org/x.git#egg=x", ".", "..",
        ".[extra]", "./pkg", "/opt/pkg", "~/pkg", "../other ; python_version > '3'",
        "file:///opt/x.whl", "pkg @ file:///opt/x.whl", "C:\\pkg",
    ],
)  # fmt: skip
def test_paths_of_its_own_machine_are_left_out_and_counted(line: str) -> None:
    found = parsed(f"numpy\n{line}\n")
    assert found.text == "numpy\n"
    assert found.notes == ("req/base.txt: 1 of its lines name paths of its own machine",)


@pytest.mark.parametrize(
    "line",
    [
        "pkg @ git+https://example.org/x.git@main", "git+ssh://git@example.org/x", "hg+http://e.org",
        "https://example.org/x-1.0.tar.gz", "pkg[a] @ https://example.org/x.zip",
    ],
)  # fmt: skip
def test_what_would_have_to_be_built_is_refused(line: str) -> None:
    assert "by an address that is no wheel" in refusal(f"numpy\n{line}\n")
    assert "example" not in refusal(f"numpy\npkg @ {line.rpartition('@ ')[2]}\n")


def test_the_address_of_a_wheel_is_fine() -> None:
    line = "torch @ https://example.org/torch-2.0-cp311-cp311-linux_x86_64.whl"
    assert parsed(line).text == f"{line}\n"


@pytest.mark.parametrize("line", ["-r more.txt", "-rmore.txt", "--requirement=../req/more.txt"])
def test_files_that_are_included_are_read_beside_it(line: str) -> None:
    others = {"req/more.txt": "-c pins.txt\npandas\n", "req/pins.txt": "numpy<2\n-e .\n"}
    found = parsed(f"{line}\nnumpy\n", others)
    assert (found.text, found.constraints) == ("pandas\nnumpy\n", "numpy<2\n")


def test_files_that_include_each_other_end() -> None:
    assert parsed("-r more.txt\na\n", {"req/more.txt": "-r base.txt\nb\n"}).text == "b\na\n"
    many = {f"req/{i}.txt": f"-r {i + 1}.txt\n" for i in range(99)}
    assert "includes more than 20 files" in refusal("-r 0.txt\n", many)


def test_a_file_at_an_address_is_refused() -> None:
    assert "includes a file at an address" in refusal("-r https://example.org/r.txt\n")


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("environment.yml", "name: x\ndependencies:\n  - python\n", "a conda environment"),
        ("environment.txt", "name: x\ndependencies:\n  - python\n", "a conda environment"),
        ("pyproject.toml", "[project]\nname = 'x'\n", "a project's file"),
        ("Pipfile", "[packages]\nnumpy = '*'\n", "a project's file"),
        ("uv.lock", "version = 1\n", "a lock file of another tool"),
        ("setup.py", "import setuptools\n", "a program"),
    ],
)
def test_another_kind_of_file_is_refused_by_name(name: str, text: str, what: str) -> None:
    with pytest.raises(BaselineError) as caught:
        parse_requirements(name, lambda _: text, origin=name)
    assert caught.value.message == (
        f"baseline.requirements: {name!r} is {what}, not a requirements file"
    )
    assert "write its packages as requirements" in caught.value.hint


def test_a_file_without_packages_is_refused() -> None:
    assert "names no package" in refusal("# nothing\n-e .\n")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "work")
    made.commit(
        {"ml/requirements.txt": b"-r ../base.txt\nold==1\n", "base.txt": b"numpy\n"}, "base"
    )
    made.commit({"ml/requirements.txt": b"new==2\n", "up.txt": b"-r ../../etc/passwd\n"}, "head")
    return made


def of(source: str, repository: Repository, folder: str = "ml") -> Requirements:
    git = Git(folder=repository.folder / folder)
    finder = BaselineFinder(
        folder=git.folder, store=repository.folder.parent / "store", git=git,
        base=git.commit("HEAD~1"), no_base="", under_test=frozenset(), fetch=lambda ref: ref,
    )  # fmt: skip
    return requirements_of(source, folder=git.folder, baselines=finder)


def test_a_path_is_that_of_the_working_copy(repository: Repository) -> None:
    found = of("requirements.txt", repository)
    assert (found.text, found.origin) == ("new==2\n", "requirements.txt")


def test_those_of_a_commit_come_with_what_they_include(repository: Repository) -> None:
    found = of("git:base:ml/requirements.txt", repository)
    assert (found.text, found.origin) == ("numpy\nold==1\n", "git:base:ml/requirements.txt")


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("gone.txt", "'gone.txt' cannot be read: No such file"),
        ("git:base:gone.txt", "has no file 'gone.txt'"),
        ("git:HEAD:up.txt", "has no file '../../etc/passwd'"),
        ("git:base", "is not git:REF:PATH"),
    ],
)
def test_a_file_that_is_not_there_is_named(repository: Repository, source: str, said: str) -> None:
    with pytest.raises(BaselineError, match=re.escape(said)):
        of(source, repository)
