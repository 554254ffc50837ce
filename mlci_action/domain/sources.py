"""Where does a baseline come from? The words of `baseline.from`, as values."""

from __future__ import annotations

import re
from dataclasses import dataclass

BASE_REF = "base"
_NOT_YET = re.compile(
    r"^(artifact|release|mlflow|dvc)(:.*)?$|^(s3|gs|az|abfss?|https?)://", re.DOTALL
)


@dataclass(frozen=True, kw_only=True, slots=True)
class PathSource:
    """A file, or a glob of which the newest match is taken, relative to the config file."""

    pattern: str

    def __str__(self) -> str:
        return self.pattern


@dataclass(frozen=True, kw_only=True, slots=True)
class GitSource:
    """A file in a commit. The ref `base` is the commit that this change is measured against."""

    ref: str
    path: str

    def __str__(self) -> str:
        return f"git:{self.ref}:{self.path}"


BaselineSource = PathSource | GitSource


def parse_source(text: str) -> BaselineSource:
    """The source that `text` names; ValueError when it names none, or one that is not built yet."""
    if not text.strip():
        raise ValueError("a baseline source is empty; write a path or git:REF:PATH")
    if text.startswith("git:"):
        ref, colon, path = text.removeprefix("git:").partition(":")
        if not (colon and ref and path):
            raise ValueError(
                f"{text!r} is not git:REF:PATH, for example git:base:models/model.joblib"
            )
        if ref.startswith("-") or re.search(r"[\s\x00-\x1f~^:?*\[\\]|\.\.|@\{", ref):
            raise ValueError(f"{ref!r} is not a git ref: a branch, a tag or a commit")
        # git knows a file by one spelling only: any other would look like a missing baseline.
        if path.startswith("-") or {"", ".", ".."} & set(path.split("/")) or "\n" in path:
            raise ValueError(f"{path!r} is not a path inside the repository")
        return GitSource(ref=ref, path=path)
    if _NOT_YET.match(text):
        raise ValueError(f"{text!r} is not available in this version; use a path or git:REF:PATH")
    return PathSource(pattern=text)
