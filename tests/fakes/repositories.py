"""Real git repositories in a test's own folder."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

# Nothing of the machine's own configuration, and always the same author.
_ENVIRON = {
    "PATH": os.environ["PATH"],
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_AUTHOR_NAME": "A Tester",
    "GIT_AUTHOR_EMAIL": "tester@example.org",
    "GIT_COMMITTER_NAME": "A Tester",
    "GIT_COMMITTER_EMAIL": "tester@example.org",
}


class Repository:
    """One repository with a working copy, on branch `main`."""

    def __init__(self, folder: Path) -> None:
        """Make it, or take the one that is there."""
        self.folder = folder
        if not (folder / ".git").exists():
            folder.mkdir(parents=True, exist_ok=True)
            self.git("init", "--quiet", "--initial-branch=main")
            self.git("config", "uploadpack.allowAnySHA1InWant", "true")

    @property
    def url(self) -> str:
        """What it is cloned from."""
        return self.folder.as_uri()

    def git(self, *arguments: str) -> str:
        """What git answers; an error of git's is an error of the test."""
        done = subprocess.run(
            ["git", "-C", str(self.folder), *arguments],
            env=_ENVIRON,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout.strip()

    def commit(self, files: Mapping[str, bytes], message: str) -> str:
        """Write the files, commit all there is, and answer the commit."""
        for name, content in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.head()

    def head(self) -> str:
        """The commit that is checked out."""
        return self.git("rev-parse", "HEAD")

    def branch(self, name: str) -> None:
        """Make and check out a branch."""
        self.git("checkout", "--quiet", "-b", name)

    def cloned(self, into: Path, *, depth: int | None = None) -> Repository:
        """A clone of it, as deep as asked."""
        limit = [] if depth is None else [f"--depth={depth}"]
        subprocess.run(
            ["git", "clone", "--quiet", *limit, self.url, str(into)],
            env=_ENVIRON,
            check=True,
            capture_output=True,
        )
        return Repository(into)

    def snapshot(self) -> str:
        """All refs, what is shallow, and the state of the working copy."""
        shallow = self.folder / ".git" / "shallow"
        return "\n".join(
            [
                self.git("for-each-ref"),
                shallow.read_text() if shallow.exists() else "",
                self.git("status", "--porcelain"),
                self.git("count-objects", "-v"),
            ]
        )
