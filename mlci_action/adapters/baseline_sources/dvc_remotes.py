"""Where does DVC keep what it tracks? Its own cache, then the remote that its configuration names.

`.dvc/config.local`, in which passwords stand, is never read.
"""

from __future__ import annotations

import configparser
import os
import posixpath
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import requests

from mlci_action.adapters.baseline_sources.dvc_pointers import Read, Tracked
from mlci_action.adapters.baseline_sources.https import bearer
from mlci_action.adapters.baseline_sources.store import LIBRARIES, Store, telling
from mlci_action.adapters.baseline_sources.taken import Place
from mlci_action.adapters.downloads import DownloadError, download, shown
from mlci_action.adapters.model_bytes.streams import open_regular
from mlci_action.adapters.network import Network
from mlci_action.errors import BaselineError
from mlci_action.rendering.plain import one_line

# Brings the object at a path to a file, of so many bytes at most; False when it is not there.
Bring: TypeAlias = Callable[[str, Path, int], bool]

_CONFIG = ".dvc/config"
_REMOTE = re.compile(r"'?remote \"(.+)\"'?")
_MAX_STEPS = 5
_NOT_FOUND = 404
_SCHEMES = {"azure": "az"}
# What the libraries of the stores call the options of a remote.
_OPTIONS = {
    "s3": {"endpointurl": "endpoint_url", "profile": "profile"},
    "gs": {"projectname": "project"},
    "az": {"account_name": "account_name"},
}
_ANONYMOUS = "allow_anonymous_login"


@dataclass(frozen=True, kw_only=True, slots=True)
class Keeper:
    """A place where objects are kept. name: for a reader."""

    name: str
    bring: Bring


@dataclass(frozen=True, kw_only=True, slots=True)
class DvcConfig:
    """What a repository's `.dvc/config` says. folder: that of the `.dvc` folder, from the top."""

    folder: str
    sections: Mapping[str, Mapping[str, str]]

    @classmethod
    def nearest(cls, path: str, read: Read) -> DvcConfig:
        """That of the DVC repository in which `path` is; an empty one where there is none."""
        while path:
            path = posixpath.dirname(path)
            named = posixpath.join(path, _CONFIG)
            text = read(named)
            if text is not None:
                return cls(folder=posixpath.dirname(named), sections=_sections(named, text))
        return cls(folder=".dvc", sections={})

    def cache(self, top: Path) -> Keeper:
        """What lies in the working copy whose top that is."""
        named = self.sections.get("cache", {}).get("dir") or "cache"
        return Keeper(name="the cache", bring=_from_folder(self._beside(top, named)))

    def remote(self, found: Tracked, place: Place, top: Path) -> Keeper:
        """The remote that keeps it; BaselineError where none is named that can be asked here."""
        name = found.remote or self.sections.get("core", {}).get("remote", "")
        if not name:
            raise BaselineError(
                f"DVC's configuration names no remote, and {found.path} is not in its cache",
                hint=f"`dvc remote add -d NAME URL`, and commit {_CONFIG}; or {_pulled(found)}",
            )
        name, options = one_line(name, 100), self._options(name)
        url = options.get("url", "")
        if {options.get("version_aware"), options.get("worktree")} & {"true", "True", "yes", "1"}:
            raise BaselineError(
                f"the DVC remote {name!r} keeps files under their own names, as versions",
                hint=_pulled(found),
            )
        scheme, is_url, rest = url.partition("://")
        scheme = _SCHEMES.get(scheme, scheme)
        if url and (not is_url or scheme == "file"):
            folder = self._beside(top, rest if is_url else url)
            return Keeper(name=f"the DVC remote {name!r}", bring=_from_folder(folder))
        shown_as = f"the DVC remote {name!r} ({one_line(shown(url), 200)})"
        if scheme in LIBRARIES:
            return Keeper(name=shown_as, bring=_from_store(f"{scheme}://{rest}", options))
        if scheme in ("http", "https"):
            return Keeper(name=shown_as, bring=_from_server(url, place))
        raise BaselineError(f"{shown_as} is of a kind that is not asked here", hint=_pulled(found))

    def _beside(self, top: Path, path: str) -> Path:
        """A path of the configuration, which is relative to it; it need not be checked out."""
        return Path(os.path.normpath(top / self.folder / path))

    def _options(self, name: str) -> Mapping[str, str]:
        """What is said of a remote, whose address may be a path below another remote."""
        options = self.sections.get(f"remote {name}", {})
        for _ in range(_MAX_STEPS):
            scheme, _, rest = options.get("url", "").partition("://")
            if scheme != "remote":
                break
            other, _, path = rest.partition("/")
            below = self.sections.get(f"remote {other}", {})
            options = {**below, **options, "url": f"{below.get('url', '')}/{path}"}
        if not options.get("url"):
            raise BaselineError(
                f"DVC's configuration names no address of the remote {one_line(name, 100)!r}",
                hint=f"`dvc remote add {one_line(name, 100)} URL`, and commit {_CONFIG}",
            )
        return options


def paths_of(md5: str, *, is_folder: bool, is_legacy: bool) -> tuple[str, str]:
    """Where an object is kept, its own layout first: that of DVC 3, or of the ones before it."""
    old = f"{md5[:2]}/{md5[2:]}{'.dir' if is_folder else ''}"
    new = f"files/md5/{old}"
    return (old, new) if is_legacy else (new, old)


def _sections(named: str, text: bytes) -> dict[str, Mapping[str, str]]:
    parser = configparser.ConfigParser(interpolation=None, strict=False, default_section="")
    try:
        # It indents its keys, which configparser takes for further lines of the one before.
        lines = (line.strip() for line in text.decode("utf-8-sig").splitlines())
        parser.read_file(lines)
    except (configparser.Error, UnicodeDecodeError) as error:
        raise BaselineError(
            f"{named} cannot be read: {type(error).__name__}", hint="restore it as DVC wrote it"
        ) from error
    found: dict[str, Mapping[str, str]] = {}
    for section in parser.sections():
        remote = _REMOTE.fullmatch(section)
        values = {key: _unquoted(value) for key, value in parser.items(section, raw=True)}
        found[f"remote {remote[1]}" if remote else section] = values
    return found


def _unquoted(value: str) -> str:
    quote = value[:1]
    if quote in ("'", '"') and value.find(quote, 1) > 0:
        return value[1 : value.find(quote, 1)]
    return value.partition(" #")[0].strip()


def _from_folder(folder: Path) -> Bring:
    def bring(path: str, target: Path, max_bytes: int) -> bool:
        try:
            with open_regular(folder / path) as stream:
                _must_fit(os.fstat(stream.fileno()).st_size, max_bytes)
                target.parent.mkdir(parents=True, exist_ok=True)
                with target.open("wb") as file:
                    shutil.copyfileobj(stream, file)
        except (FileNotFoundError, NotADirectoryError):
            return False
        return True

    return bring


def _from_store(url: str, options: Mapping[str, str]) -> Bring:
    scheme = url.partition("://")[0]
    names = _OPTIONS.get(scheme, {})
    known: dict[str, object] = {
        names[key]: value for key, value in options.items() if key in names and value
    }
    if scheme == "s3" and options.get("region"):
        known["client_kwargs"] = {"region_name": options["region"]}
    if options.get(_ANONYMOUS) == "true":
        known["anon"] = True

    def bring(path: str, target: Path, max_bytes: int) -> bool:
        with telling(url):
            store = Store.at(url, **known)
            try:
                store.bring(f"{store.place}/{path}", target, max_bytes=max_bytes)
            except FileNotFoundError:
                store.must_have_bucket()
                return False
        return True

    return bring


def _from_server(url: str, place: Place) -> Bring:
    def bring(path: str, target: Path, max_bytes: int) -> bool:
        address = f"{url.rstrip('/')}/{path}"
        target.parent.mkdir(parents=True, exist_ok=True)
        with requests.Session() as session:
            Network.from_environ(place.environ).apply_to(session, address)
            headers = bearer(place.environ)
            try:
                download(address, target, session=session, headers=headers, max_bytes=max_bytes)
            except DownloadError as error:
                if error.status == _NOT_FOUND:
                    return False
                raise
        return True

    return bring


def _must_fit(n_bytes: int, max_bytes: int) -> None:
    if n_bytes > max_bytes:
        raise BaselineError(
            f"an object of DVC has {n_bytes:,} bytes, more than the {max_bytes:,} allowed"
        )


def _pulled(found: Tracked) -> str:
    return (
        f"run `dvc pull --all-commits {one_line(found.path, 200)}` in an earlier step: what is in"
        " the cache is not asked for elsewhere"
    )
