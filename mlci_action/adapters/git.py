"""What does git know? Commits and blobs, read without checking anything out.

The user's repository is only ever read. What it lacks is fetched into a bare repository of ours,
whose objects are then seen beside the user's (`GIT_ALTERNATE_OBJECT_DIRECTORIES`), so neither their
refs nor the depth of their clone change.
"""

from __future__ import annotations

import base64
import os
import re
import subprocess
import threading
from collections.abc import Generator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from subprocess import DEVNULL, PIPE, CompletedProcess
from typing import IO

from mlci_action.errors import BaselineError

_SECONDS = 300
_MAX_DIFF_BYTES = 64 * 2**20
_MAX_HUNKS = 10_000
_LONGEST_READ = 2**16  # of a line; a file may be one line
_SHA = re.compile(r"^[0-9a-f]{40}([0-9a-f]{24})?$")
# A repository's own configuration can name programs for git to run; none is ours to run.
_HARMLESS = (
    *("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"),
    *("-c", "protocol.ext.allow=never", "-c", "safe.directory=*"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Git:
    """One working copy, and where further objects may lie."""

    folder: Path
    extra_objects: Path | None = None
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ), repr=False)

    def root(self) -> Path | None:
        """The top of the working copy, None outside of one."""
        answer = self._ask("rev-parse", "--show-toplevel")
        return Path(answer) if answer else None

    def git_dir(self) -> Path | None:
        """Where this clone keeps what git has, None outside of one."""
        answer = self._ask("rev-parse", "--path-format=absolute", "--git-common-dir")
        return Path(answer) if answer else None

    def commit(self, ref: str) -> str | None:
        """The commit that `ref` names here, or on `origin`; None when nothing here is called so."""
        names = [ref] if _SHA.match(ref) else [ref, f"refs/remotes/origin/{ref}"]
        for name in names:
            found = self._ask(
                "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"
            )
            if found:
                return found
        return None

    def head(self) -> str | None:
        """The commit that is checked out."""
        return self.commit("HEAD")

    def merge_base(self, one: str, other: str) -> str | None:
        """The commit from which both came."""
        return self._ask("merge-base", one, other)

    def parent(self, commit: str) -> str | None:
        """The first parent, None for a root or the edge of a shallow clone."""
        return self.commit(f"{commit}^1")

    def changed(self) -> bool:
        """Whether the working copy differs from the commit that is checked out."""
        return bool(self._ask("status", "--porcelain", "--untracked-files=normal"))

    def default_branch(self) -> str | None:
        """The commit of the branch that others start from: origin's HEAD, else main or master."""
        for name in (
            "refs/remotes/origin/HEAD",
            "refs/remotes/origin/main",
            "refs/remotes/origin/master",
            "refs/heads/main",
            "refs/heads/master",
        ):
            found = self.commit(name)
            if found:
                return found
        return None

    def origin(self) -> str | None:
        """Where this working copy was cloned from."""
        return self._ask("config", "--get", "remote.origin.url")

    def has_file(self, commit: str, path: str) -> bool:
        """Whether the commit has a regular file of that name; its bytes need not be here.

        BaselineError when git cannot tell, or something else (a link, a folder) has that name.
        """
        what = f"list the files of commit {commit[:12]}"
        listed = self.answer(what, "ls-tree", commit, "--", f":(literal,top){path}")
        entry = listed.decode(errors="replace")
        if entry and not entry.startswith(("100644 ", "100755 ")):
            raise BaselineError(
                f"{path!r} of commit {commit[:12]} is no file: a link, a folder or a submodule",
                hint="name the file itself",
            )
        return bool(entry)

    def blob_size(self, commit: str, path: str) -> int | None:
        """The size of a file in a commit, None when its bytes are not here."""
        size = self._ask("cat-file", "-s", f"{commit}:{path}")
        return int(size) if size else None

    def write_blob(self, commit: str, path: str, target: Path) -> None:
        """The file as that commit has it, written to `target`."""
        with target.open("wb") as stream:
            what = f"read {path!r} of commit {commit[:12]}"
            self.answer(what, "cat-file", "blob", f"{commit}:{path}", stdout=stream)

    def is_folder(self, commit: str, path: str) -> bool:
        """Whether the commit has a folder of that name."""
        return self._ask("cat-file", "-t", f"{commit}:{path}") == "tree"

    def answer(
        self, what: str, *arguments: str, stdin: bytes = b"", stdout: int | IO[bytes] = PIPE
    ) -> bytes:
        """What git prints; BaselineError says that it cannot `what`."""
        done = self._run(*arguments, stdin=stdin, stdout=stdout)
        if done.returncode:
            raise BaselineError(
                f"git cannot {what}: {_last_line(done.stderr)}",
                hint="the clone may be damaged or partial; check out again, without tree:0",
            )
        return done.stdout or b""

    def hunks(self, old: str, new: str, path: str) -> tuple[bytes, ...]:
        """Where the file at `path`, from the top, differs between two commits: `@@ -1,2 +1,3 @@`.

        They are compared as they were committed, so that no filter, textconv or external diff that
        the repository names is started. Of a change beyond 64 MiB or 10,000 hunks it is the first.
        """
        arguments = (
            *("diff-tree", "-p", "-r", "-U0", "--no-color", "--no-renames"),
            *("--no-ext-diff", "--no-textconv", "--end-of-options", old, new),
            *("--", f":(literal,top){path}"),
        )
        # What a file holds stands behind a plus or a minus, so no line of it looks like a hunk.
        printed = _starts_of_lines(("-C", str(self.folder), *arguments), self._surroundings())
        with closing(printed) as lines:
            return tuple(islice((line for line in lines if line.startswith(b"@@ ")), _MAX_HUNKS))

    def holds(self, commit: str, path: str) -> bool:
        """Whether the file at `path`, from the top, is byte for byte as it was committed."""
        top = self.root()
        committed = self._ask(
            "rev-parse", "--verify", "--quiet", "--end-of-options", f"{commit}:{path}"
        )
        if top is None or committed is None or not _is_plain_file(top / path):
            return False
        return self._ask("hash-object", "--no-filters", "--", str(top / path)) == committed

    def commit_time(self, commit: str) -> str | None:
        """When it was committed, as ISO 8601."""
        return self._ask("show", "--no-patch", "--format=%cI", "--end-of-options", commit)

    def _ask(self, *arguments: str) -> str | None:
        done = self._run(*arguments)
        return done.stdout.decode(errors="replace").strip() or None if not done.returncode else None

    def _run(
        self, *arguments: str, stdout: int | IO[bytes] = PIPE, stdin: bytes = b""
    ) -> CompletedProcess[bytes]:
        arguments = ("-C", str(self.folder), *arguments)
        return _git(arguments, self._surroundings(), stdout=stdout, stdin=stdin)

    def _surroundings(self) -> dict[str, str]:
        environ = {
            **self.environ,
            "GIT_TERMINAL_PROMPT": "0",
            "LC_ALL": "C",
            "GIT_OPTIONAL_LOCKS": "0",
        }
        if self.extra_objects is not None:
            environ["GIT_ALTERNATE_OBJECT_DIRECTORIES"] = str(self.extra_objects / "objects")
        return environ


def fetch_commit(
    url: str, ref: str, *, into: Path, environ: Mapping[str, str], token: str | None = None
) -> str:
    """The commit that `ref` names at `url`, fetched with its files into the bare repository `into`.

    With a token nothing of the machine's git configuration is used, and the token travels in the
    environment, never on the command line. BaselineError when there is no such ref, or no answer.
    """
    clean = {**environ, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    if token is not None:
        basic = base64.b64encode(f"x-access-token:{token}".encode()).decode()
        clean |= {
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "http.extraheader",
            "GIT_CONFIG_VALUE_0": f"AUTHORIZATION: basic {basic}",
        }
    if not (into / "objects").is_dir():
        _git(("init", "--quiet", "--bare", str(into)), clean)
    done = _git(
        (
            "-C",
            str(into),
            "-c",
            "http.followRedirects=false",
            "fetch",
            "--quiet",
            "--no-tags",
            "--depth=1",
            "--no-write-fetch-head",
            "--no-recurse-submodules",
            url,
            f"+{ref}:refs/mlci/fetched",
        ),
        clean,
    )
    if done.returncode:
        raise BaselineError(
            f"the ref {ref!r} cannot be fetched: {_last_line(done.stderr)}",
            hint="does it exist in this repository? On a runner, check out with fetch-depth: 0",
        )
    fetched = Git(folder=into, environ=clean).commit("refs/mlci/fetched")
    if fetched is None:
        raise BaselineError(f"what {ref!r} names is not a commit", hint="name a branch or a commit")
    return fetched


def _git(
    arguments: tuple[str, ...],
    environ: Mapping[str, str],
    *,
    stdout: int | IO[bytes] = PIPE,
    stdin: bytes = b"",
) -> CompletedProcess[bytes]:
    try:
        return subprocess.run(  # noqa: S603 - no shell, and every ref and path was checked
            ("git", *_HARMLESS, *arguments),  # noqa: S607 - the user's git, wherever it is
            env=environ,
            input=stdin,
            stdout=stdout,
            stderr=PIPE,
            timeout=_SECONDS,
            check=False,
        )
    except FileNotFoundError as error:
        raise BaselineError(
            "git is not installed", hint="install git, or use a path as baseline"
        ) from error
    except subprocess.TimeoutExpired as error:
        raise BaselineError(
            f"git did not answer within {_SECONDS} seconds", hint="is the remote reachable?"
        ) from error


def _starts_of_lines(
    arguments: tuple[str, ...], environ: Mapping[str, str]
) -> Generator[bytes, None, None]:
    """The first 64 KiB of each line that git prints, until it is done or has printed 64 MiB."""
    with subprocess.Popen(  # noqa: S603 - no shell, and every commit was checked
        ("git", *_HARMLESS, *arguments),  # noqa: S607 - the user's git, wherever it is
        env={**environ},
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=DEVNULL,
    ) as process:
        deadline = threading.Timer(_SECONDS, process.kill)
        deadline.start()
        try:
            at_start, n_read = True, 0
            while process.stdout and n_read < _MAX_DIFF_BYTES:
                piece = process.stdout.readline(_LONGEST_READ)
                if not piece:
                    return
                if at_start:
                    yield piece
                at_start = piece.endswith(b"\n")
                n_read += len(piece)
        finally:
            deadline.cancel()
            process.kill()


def _is_plain_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _last_line(stderr: bytes) -> str:
    lines = stderr.decode(errors="replace").strip().splitlines()
    # git repeats the address it was given, and an address may hold a password.
    return re.sub(r"://[^/@\s]+@", "://***@", lines[-1]) if lines else "git gave no reason"
