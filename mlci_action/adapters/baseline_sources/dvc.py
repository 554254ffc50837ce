"""Which model did DVC track in the base commit? Never the one that the change's own pointer names.

DVC itself is not needed: its objects are files whose names are their md5.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from mlci_action.adapters.base_file import file_of
from mlci_action.adapters.baseline_sources.dvc_pointers import Tracked, tracked
from mlci_action.adapters.baseline_sources.dvc_remotes import DvcConfig, Keeper, paths_of
from mlci_action.adapters.baseline_sources.git import Commits
from mlci_action.adapters.baseline_sources.taken import MAX_BYTES, Place, Taken
from mlci_action.adapters.model_bytes.folders import MAX_FILES
from mlci_action.domain.bundle_names import MANIFEST, is_plain_path, name_in_bundle
from mlci_action.domain.sources import BASE_REF, DvcSource, GitSource
from mlci_action.errors import BaselineError, BaselineUnknown

_SAY_WHAT_THEY_ARE = ("MLmodel", MANIFEST)
_MAX_LIST_BYTES = 16 << 20
_MD5 = re.compile(r"[0-9a-f]{32}")
_BLOCK = 1 << 20  # the one in which DVC 2 looked for line ends


def take(source: DvcSource, place: Place, commits: Commits) -> Taken:
    """What DVC tracked in the commit that this change is measured against. Errors as `Take`'s.

    Like `git:base` it is BaselineUnknown without that commit, which is fetched if need be.
    """
    commit = commits.named_by(GitSource(ref=BASE_REF, path=source.path))
    if commit in place.under_test:
        raise BaselineError(
            f"the baseline {source} is of the commit under test ({commit[:12]})",
            hint="a model cannot be its own baseline; compare with an earlier commit",
        )
    taken = take_as_of(source, place, read=lambda path: file_of(commits.git, commit, path))
    return replace(taken, commit=commit, modified=commits.git.commit_time(commit))


def take_as_of(source: DvcSource, place: Place, *, read: Callable[[str], bytes | None]) -> Taken:
    """The file or folder that DVC tracks, from its cache here or from its remote, checked.

    read: the bytes of a file as of the base commit, by its path from the repository's top; None
    when it has no such file. Needs that commit like `git:base`: with the files of the change, the
    candidate would be its own baseline. What a remote is called is read the same way.

    BaselineMissing when DVC tracks nothing there; BaselineError when what it tracks cannot be had:
    there is a baseline then, so that no later source may take its place.
    """
    found, inside = tracked(source.path, read)
    kept = _Kept.of(found, place, read)
    asked = f"{found.path}/{inside}" if inside else found.path
    target = place.store / name_in_bundle(PurePosixPath(asked).name)
    try:
        if found.is_folder:
            path, whence = _folder(found, inside, kept, target)
        elif inside:
            raise BaselineError(f"{found.path} is a file: there is no {source.path}")
        else:
            path, whence = target, kept.bring(found.md5, target, max_bytes=MAX_BYTES)
    except BaselineUnknown as error:
        raise BaselineError(error.message, hint=error.hint) from error
    except OSError as error:
        what = error.strerror or type(error).__name__
        raise BaselineError(f"{found.path} of DVC cannot be brought here: {what}") from error
    return Taken(path=path, origin=f"{asked} as DVC tracks it, from {whence}")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Kept:
    """Where the objects are, the nearest first."""

    found: Tracked
    cache: Keeper
    remote: Callable[[], Keeper]

    @classmethod
    def of(cls, found: Tracked, place: Place, read: Callable[[str], bytes | None]) -> _Kept:
        config, top = DvcConfig.nearest(found.path, read), _top_of(place.folder)
        return cls(
            found=found,
            cache=config.cache(top),
            remote=lambda: config.remote(found, place, top),
        )

    def bring(self, md5: str, target: Path, *, max_bytes: int, is_list: bool = False) -> str:
        """Write the object to `target`, whole or not at all; says where it was."""
        places = paths_of(md5, is_folder=is_list, is_legacy=self.found.is_legacy)
        part = target.with_name(f"{target.name}.object")
        try:
            if any(self._found(self.cache, path, part, md5, max_bytes) for path in places):
                whence = self.cache.name
            else:
                remote = self.remote()
                if not any(remote.bring(path, part, max_bytes) for path in places):
                    raise BaselineError(
                        f"{remote.name} has no object {md5}, of {self.found.path}",
                        hint="`dvc push` from where the model was made",
                    )
                if not self._is(part, md5):
                    raise BaselineError(
                        f"{remote.name} has another {self.found.path} than DVC tracks: its md5 is"
                        f" not {md5}",
                        hint="it was changed or damaged; `dvc push` it again",
                    )
                whence = remote.name
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
        return whence

    def _found(self, keeper: Keeper, path: str, part: Path, md5: str, max_bytes: int) -> bool:
        """Whether it is there and undamaged."""
        try:
            return keeper.bring(path, part, max_bytes) and self._is(part, md5)
        except OSError:
            return False

    def _is(self, path: Path, md5: str) -> bool:
        """Whether it has that md5; DVC 2 took the line ends of Windows for those of Unix."""
        if _md5_of(path) == md5:
            return True
        return self.found.is_legacy and _md5_of(path, as_unix=True) == md5


def _folder(found: Tracked, inside: str, kept: _Kept, target: Path) -> tuple[Path, str]:
    """A folder, or what is `inside` it: its files by the list that DVC keeps of them."""
    files = _listed(found, kept, target.with_name(f"{target.name}.list"))
    if inside in files:
        return target, kept.bring(files[inside], target, max_bytes=MAX_BYTES)
    start = f"{inside}/" if inside else ""
    within = {name[len(start) :]: md5 for name, md5 in files.items() if name.startswith(start)}
    if not within:
        raise BaselineError(
            f"DVC tracks {found.path}, in which there is no {inside}", hint="name a file of it"
        )
    if not any(name in within for name in _SAY_WHAT_THEY_ARE):
        raise BaselineError(
            f"the baseline {found.path} is a folder, and no MLflow model",
            hint="name the model's file in it; a folder of MLflow has a file MLmodel, a bundle"
            f" {MANIFEST}",
        )
    shutil.rmtree(target, ignore_errors=True)
    whence, left = "", MAX_BYTES
    for name, md5 in within.items():
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        whence = kept.bring(md5, path, max_bytes=left)
        left -= path.stat().st_size
    return target, whence


def _listed(found: Tracked, kept: _Kept, scratch: Path) -> dict[str, str]:
    """The md5 of each file of a folder, by its name in it."""
    scratch.parent.mkdir(parents=True, exist_ok=True)
    try:
        kept.bring(found.md5, scratch, max_bytes=_MAX_LIST_BYTES, is_list=True)
        entries = json.loads(scratch.read_bytes())
    except (ValueError, RecursionError):
        entries = None
    finally:
        scratch.unlink(missing_ok=True)
    files: dict[str, str] = {}
    for entry in entries if isinstance(entries, list) and len(entries) <= MAX_FILES else [None]:
        match entry:
            case {"md5": str(md5), "relpath": str(name)} if _MD5.fullmatch(md5) and is_plain_path(
                name
            ):
                files[name] = md5
            case _:
                raise BaselineError(
                    f"DVC's list of the files of {found.path} cannot be used",
                    hint=f"at most {MAX_FILES:,} files, with plain names",
                )
    return files


def _md5_of(path: Path, *, as_unix: bool = False) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block.replace(b"\r\n", b"\n") if as_unix else block)
    return digest.hexdigest()


def _top_of(folder: Path) -> Path:
    """The top of the working copy in which a folder is; the folder itself outside of one."""
    resolved = folder.resolve()
    return next((one for one in (resolved, *resolved.parents) if (one / ".git").exists()), resolved)
