"""Where does a baseline come from? The words of `baseline.from`, as values."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

BASE_REF = "base"
MAX_BYTES = 4 * 2**30  # of a baseline
DEFAULT_ARTIFACT = "mlci-bundle"
_STORES = ("s3", "gs", "gcs", "az", "abfs", "abfss", "memory", "file")


@dataclass(frozen=True, kw_only=True, slots=True)
class PathSource:
    """A file, a bundle, a folder that promotion writes to, or a glob of which the newest is taken.

    Relative to the config file.
    """

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


@dataclass(frozen=True, kw_only=True, slots=True)
class ArtifactSource:
    """An artifact of the last successful run on the base branch."""

    name: str = DEFAULT_ARTIFACT

    def __str__(self) -> str:
        return f"artifact:{self.name}"


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseSource:
    """An asset of a release. tag None: the latest; asset None: the newest bundle in it."""

    tag: str | None = None
    asset: str | None = None

    def __str__(self) -> str:
        return ":".join(
            part for part in ("release", self.tag or "", self.asset) if part is not None
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class RegistrySource:
    """A version of a registered model of MLflow, by its alias or its number."""

    name: str
    alias: str | None = None
    version: int | None = None

    def __str__(self) -> str:
        which = f"@{self.alias}" if self.alias is not None else f"/{self.version}"
        return f"mlflow:models:/{self.name}{which}"


@dataclass(frozen=True, kw_only=True, slots=True)
class StoreSource:
    """A file, a bundle's zip, or a folder that promotion writes to, in an object store."""

    url: str

    def __str__(self) -> str:
        return self.url


@dataclass(frozen=True, kw_only=True, slots=True)
class HttpsSource:
    """A file on a server."""

    url: str

    def __str__(self) -> str:
        return self.url


@dataclass(frozen=True, kw_only=True, slots=True)
class DvcSource:
    """A file that DVC tracks: `path` is the file's own, or that of its `.dvc` file."""

    path: str

    def __str__(self) -> str:
        return f"dvc:{self.path}"


BaselineSource: TypeAlias = (
    PathSource
    | GitSource
    | ArtifactSource
    | ReleaseSource
    | RegistrySource
    | StoreSource
    | HttpsSource
    | DvcSource
)


def parse_source(text: str) -> BaselineSource:
    """The source that `text` names; ValueError when it names none."""
    if not text.strip():
        raise ValueError("a baseline source is empty; write a path or git:REF:PATH")
    kind, _, rest = text.partition(":")
    if kind in _WORDS and (rest or kind in _ALONE or ":" in text):
        return _WORDS[kind](text)
    if rest.startswith("//"):
        if kind in ("http", "https"):
            return _https(text)
        if kind in _STORES:
            return StoreSource(url=text)
    return PathSource(pattern=text)


def _after(text: str) -> str:
    return text.partition(":")[2]


def _git(text: str) -> GitSource:
    ref, colon, path = _after(text).partition(":")
    if not (colon and ref and path):
        raise ValueError(f"{text!r} is not git:REF:PATH, for example git:base:models/model.joblib")
    if ref.startswith("-") or re.search(r"[\s\x00-\x1f~^:?*\[\\]|\.\.|@\{", ref):
        raise ValueError(f"{ref!r} is not a git ref: a branch, a tag or a commit")
    return GitSource(ref=ref, path=_inside(path))


def _inside(path: str) -> str:
    # git knows a file by one spelling only: any other would look like a missing baseline.
    if path.startswith("-") or {"", ".", ".."} & set(path.split("/")) or "\n" in path:
        raise ValueError(f"{path!r} is not a path inside the repository")
    return path


def _artifact(text: str) -> ArtifactSource:
    if ":" not in text:
        return ArtifactSource()
    name = _after(text)
    # What actions/upload-artifact takes for a name.
    if not name.strip() or re.search(r"[\"<>|*?\r\n\\/:]", name):
        raise ValueError(f"{name!r} is not the name of an artifact: write artifact:NAME")
    return ArtifactSource(name=name)


def _release(text: str) -> ReleaseSource:
    if ":" not in text:
        return ReleaseSource()
    tag, colon, asset = _after(text).partition(":")
    if (colon and not asset) or re.search(r"[\s:/\\]", asset) or re.search(r"[\s~^?*\[\\]", tag):
        raise ValueError(f"{text!r} is not release:TAG:ASSET, for example release:v1:model.joblib")
    return ReleaseSource(tag=tag or None, asset=asset or None)


def _registry(text: str) -> RegistrySource:
    found = re.fullmatch(
        r"(?:mlflow:)?models:/([^/:@\s]+)(?:@([A-Za-z0-9_-]+)|/([0-9]{1,9}))", text
    )
    if found is None:
        raise ValueError(
            f"{text!r} is not mlflow:models:/NAME@ALIAS, for example mlflow:models:/risk@champion"
        )
    name, alias, version = found.groups()
    return RegistrySource(name=name, alias=alias, version=None if version is None else int(version))


def _https(text: str) -> HttpsSource:
    address = text.partition("://")[2]
    if "@" in address.partition("/")[0]:
        raise ValueError("an address with a password in it would stand in reports: remove it")
    if not address.strip("/") or re.search(r"\s", text):
        raise ValueError(f"{text!r} is not an address, for example https://HOST/model.joblib")
    return HttpsSource(url=text)


def _dvc(text: str) -> DvcSource:
    return DvcSource(path=_inside(_after(text)))


_WORDS: Mapping[str, Callable[[str], BaselineSource]] = {
    "git": _git,
    "artifact": _artifact,
    "release": _release,
    "mlflow": _registry,
    "models": _registry,
    "dvc": _dvc,
}
_ALONE = ("artifact", "release")
