"""Which packages does a requirements file name? Its text, without what only its own machine has."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from mlci_action.adapters.baselines import BaselineFinder
from mlci_action.domain.sources import GitSource, parse_source
from mlci_action.errors import BaselineError

_MAX_BYTES = 1 << 20
_MAX_FILES = 20
_FILES = {"-r": "requirement", "--requirement": "requirement", "-c": "constraint",
          "--constraint": "constraint"}  # fmt: skip
_EDITABLE = ("-e", "--editable")
# What would let a package be built, or another mirror be believed.
_NOT_TAKEN = ("--no-binary", "--only-binary", "--no-build-isolation", "--config-settings")
_LOCAL = re.compile(r"(\.{0,2}/|\.{1,2}($|[\[\s;])|~|file:|[\w.-]+ *@ *file:|[A-Za-z]:\\)")
_BUILT = re.compile(r"(^|@ *)(git|hg|svn|bzr)\+|^(?:[\w.\[\],-]+ *@ *)?https?://(?!\S+\.whl)")
_OTHER_KINDS = {
    ".yml": "a conda environment", ".yaml": "a conda environment", ".toml": "a project's file",
    ".lock": "a lock file of another tool", ".cfg": "a project's file", ".py": "a program",
}  # fmt: skip
_EXPORT = "write its packages as requirements: `pip freeze`, or `uv export`"
_CONDA = "write its packages as requirements: `pip list --format=freeze` in that environment"


@dataclass(frozen=True, kw_only=True, slots=True)
class Requirements:
    """text, constraints: what an installer reads. origin: as written. notes: what was left out."""

    text: str
    constraints: str = ""
    origin: str = ""
    notes: tuple[str, ...] = ()


def requirements_of(source: str, *, folder: Path, baselines: BaselineFinder) -> Requirements:
    """What the file at `source` names: a path in `folder`, or `git:REF:PATH`.

    BaselineError when there is no such file, or it names no packages that can be installed as they
    are: a conda environment, a lock file of another tool, packages that have to be built.
    """
    if not source.startswith("git:"):
        return parse_requirements(source, _in_folder(folder), origin=source)
    try:
        parsed = parse_source(source)
    except ValueError as error:
        raise BaselineError(f"baseline.requirements: {error}") from error
    assert isinstance(parsed, GitSource)  # noqa: S101 - what begins with git: is one
    commit = baselines.commit_of(parsed)
    return parse_requirements(parsed.path, _in_commit(baselines, commit), origin=source)


def parse_requirements(name: str, read: Callable[[str], str], *, origin: str) -> Requirements:
    """The requirements in the file `name` and those that it includes, each asked of `read`."""
    lines = _Lines(read=read, origin=origin)
    lines.add(name)
    if not lines.requirements:
        raise BaselineError(f"baseline.requirements: {origin} names no package", hint=_EXPORT)
    left_out = f"{origin}: {lines.local:,} of its lines name paths of its own machine"
    return Requirements(
        text="".join(f"{line}\n" for line in (*lines.options, *lines.requirements)),
        constraints="".join(f"{line}\n" for line in lines.constraints),
        origin=origin,
        notes=(left_out,) if lines.local else (),
    )


@dataclass(kw_only=True)
class _Lines:
    """What is collected from a file and those that it names."""

    read: Callable[[str], str]
    origin: str
    requirements: list[str] = field(default_factory=list)
    constraints: list[str] = field(default_factory=list)
    options: list[str] = field(default_factory=list)
    local: int = 0
    _seen: set[tuple[str, str]] = field(default_factory=set)

    def add(self, name: str, kind: str = "requirement") -> None:
        if (name, kind) in self._seen:
            return
        self._seen.add((name, kind))
        if len(self._seen) > _MAX_FILES:
            raise BaselineError(
                f"baseline.requirements: {self.origin} includes more than {_MAX_FILES} files",
                hint="write one file with all packages: `pip freeze`",
            )
        text = self.read(name)
        _must_be_requirements(name, text)
        for line in _logical_lines(text):
            self._add_line(line, name, kind)

    def _add_line(self, line: str, name: str, kind: str) -> None:
        if not line.startswith("-"):
            if _LOCAL.match(line):
                self.local += 1
                return
            self._must_not_be_built(line)
            (self.requirements if kind == "requirement" else self.constraints).append(line)
            return
        option, value = _option(line)
        if option in _FILES:
            if "://" in value:
                raise BaselineError(
                    f"baseline.requirements: {self.origin} includes a file at an address",
                    hint="write one file with all packages: `pip freeze`",
                )
            self.add(_beside(name, value), _FILES[option])
        elif option in _EDITABLE:
            self.local += 1
        elif option not in _NOT_TAKEN:
            self.options.append(line)

    def _must_not_be_built(self, line: str) -> None:
        if _BUILT.search(line.partition("#")[0]):
            package = re.split(r"[\s@\[;=<>!~]", line, maxsplit=1)[0][:80]
            raise BaselineError(
                f"baseline.requirements: {self.origin} names {package!r} by an address that is no "
                "wheel, and its set-up code is not run here",
                hint="name a released version, or the address of a wheel",
            )


def _option(line: str) -> tuple[str, str]:
    """The name of an option and what is written behind it: `-rX`, `-r X`, `--requirement=X`."""
    if not line.startswith("--"):
        return line[:2], line[2:].lstrip(" =\t")
    name, _, value = line.replace("=", " ", 1).partition(" ")
    return name, value.strip()


def _logical_lines(text: str) -> list[str]:
    """Lines without comments, those that end in a backslash joined with the next."""
    joined = re.sub(r"\\\r?\n[ \t]*", " ", text.removeprefix("\ufeff"))
    lines = (re.sub(r"(^|\s)#.*$", "", line).strip() for line in joined.splitlines())
    return [line for line in lines if line]


def _must_be_requirements(name: str, text: str) -> None:
    kind = _OTHER_KINDS.get(PurePosixPath(name).suffix.lower())
    if kind is None and re.search(r"^(dependencies|channels):", text, re.MULTILINE):
        kind = "a conda environment"
    if kind is None and re.search(r"^\[[\w.\[\]-]+\]\s*$", text, re.MULTILINE):
        kind = "a project's file"
    if kind is not None:
        hint = _CONDA if "conda" in kind else _EXPORT
        raise BaselineError(
            f"baseline.requirements: {name!r} is {kind}, not a requirements file", hint=hint
        )


def _beside(name: str, value: str) -> str:
    """A file that another one names: relative to that one."""
    parts: list[str] = []
    for part in (PurePosixPath(name).parent / value.strip("'\"")).as_posix().split("/"):
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def _in_folder(folder: Path) -> Callable[[str], str]:
    def read(name: str) -> str:
        try:
            with (folder / name).open("rb") as stream:
                return _text(stream.read(_MAX_BYTES + 1), name)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise BaselineError(
                f"baseline.requirements: {name!r} cannot be read: {reason}",
                hint=f"it is looked up in {folder}",
            ) from error

    return read


def _in_commit(baselines: BaselineFinder, commit: str) -> Callable[[str], str]:
    git = baselines.git

    def read(name: str) -> str:
        inside = not name.startswith(("/", "-")) and ".." not in name.split("/")
        if not inside or not git.has_file(commit, name):
            raise BaselineError(
                f"baseline.requirements: commit {commit[:12]} has no file {name!r}",
                hint="name a file of that commit, relative to the top of the repository",
            )
        what = f"read {name!r} of commit {commit[:12]}"
        return _text(git.answer(what, "cat-file", "blob", f"{commit}:{name}"), name)

    return read


def _text(content: bytes, name: str) -> str:
    if len(content) > _MAX_BYTES:
        raise BaselineError(f"baseline.requirements: {name!r} has more than {_MAX_BYTES:,} bytes")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BaselineError(
            f"baseline.requirements: {name!r} is not UTF-8 text", hint=_EXPORT
        ) from error
