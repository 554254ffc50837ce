"""What does DVC track under a path? Its `.dvc` files and `dvc.lock` say so, as a commit has them.

The formats: https://dvc.org/doc/user-guide/project-structure
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from mlci_action.errors import BaselineError, BaselineMissing
from mlci_action.rendering.plain import one_line
from mlci_action.settings.document import read_document

Read: TypeAlias = Callable[[str], bytes | None]

SUFFIX = ".dvc"
_LOCK = "dvc.lock"
_MD5 = re.compile(r"([0-9a-f]{32})(\.dir)?")
_MAX_OUTPUTS = 10_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Tracked:
    """A file or folder that DVC tracks.

    path: from the repository's top. md5: of a file, or of the list of a folder's files. is_legacy:
    made by DVC 2 or older, which lays its objects out otherwise. remote: where it is kept, None:
    where all others are.
    """

    path: str
    md5: str
    is_folder: bool = False
    is_legacy: bool = False
    n_bytes: int | None = None
    remote: str | None = None


def tracked(path: str, read: Read) -> tuple[Tracked, str]:
    """What holds `path`, and where in it: "" for all of it, else the path inside that folder.

    path: of the file, or of its `.dvc` file, from the top; read: the bytes of a file, None without
    one. BaselineMissing when DVC does not track it, BaselineError when that cannot be told.
    """
    if path.endswith(SUFFIX):
        return _of_file(path, read), ""
    for named in _pointers(path):
        text = read(named)
        if text is None:
            continue
        for folder, written in _outputs(named, text, read):
            place = _place(folder, written)
            if place is not None and (path == place or path.startswith(f"{place}/")):
                return _tracked(place, written, named), path[len(place) + 1 :]
    raise BaselineMissing(
        f"DVC tracks no {path!r}: there is no {path}{SUFFIX}, and no {_LOCK} names it",
        hint=f"`dvc add {path}`, and commit {path}{SUFFIX}",
    )


def _of_file(path: str, read: Read) -> Tracked:
    """The one output of a `.dvc` file."""
    text = read(path)
    if text is None:
        raise BaselineMissing(f"there is no {path!r}", hint="`dvc add` makes it; commit it")
    outputs = list(_outputs(path, text, read))
    if len(outputs) != 1:
        raise _broken(path, f"it names {len(outputs):,} outputs, not one")
    folder, written = outputs[0]
    place = _place(folder, written)
    if place is None:
        raise _broken(path, "its output is outside of the repository")
    return _tracked(place, written, path)


def _pointers(path: str) -> Iterator[str]:
    """The files that may say what is at `path`: its own first, then those of folders above it."""
    above = path
    while above:
        yield above + SUFFIX
        above = posixpath.dirname(above)
    while path:
        path = posixpath.dirname(path)
        yield posixpath.join(path, _LOCK)


def _outputs(named: str, text: bytes, read: Read) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The outputs in such a file, each with the folder that its path is relative to."""
    document, folder = _document(named, text), posixpath.dirname(named)
    if named.endswith(SUFFIX):
        within = posixpath.join(folder, str(document.get("wdir") or ""))
        yield from ((within, output) for output in _listed(named, document))
        return
    stages = document.get("stages", document)
    for name, stage in stages.items() if isinstance(stages, dict) else ():
        outputs = _listed(named, stage) if isinstance(stage, dict) else []
        within = posixpath.join(folder, _working_folder(name, folder, read)) if outputs else folder
        yield from ((within, output) for output in outputs)


def _listed(named: str, holder: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    outputs = holder.get("outs") or []
    if not isinstance(outputs, list) or len(outputs) > _MAX_OUTPUTS:
        raise _broken(named, "its outs are no list")
    return [output for output in outputs if isinstance(output, dict)]


def _working_folder(stage: str, folder: str, read: Read) -> str:
    """Where a stage runs, as its dvc.yaml says, to which the paths of its outputs are relative."""
    named = posixpath.join(folder, "dvc.yaml")
    text = read(named)
    stages = _document(named, text).get("stages") if text is not None else None
    # Of a stage for several values (`foreach`) each has a name of its own.
    one = stages.get(stage, stages.get(stage.partition("@")[0])) if isinstance(stages, dict) else {}
    one = one.get("do", one) if isinstance(one, dict) else {}
    found = one.get("wdir") if isinstance(one, dict) else None
    return found if isinstance(found, str) else ""


def _document(named: str, text: bytes) -> dict[str, Any]:
    try:
        document = read_document(text.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise _broken(named, "it is not UTF-8 text") from error
    if document.problems:
        raise _broken(named, document.problems[0].text)
    return document.values


def _place(folder: str, written: Mapping[str, Any]) -> str | None:
    """Where an output is, from the top; None for one outside of the repository."""
    path = written.get("path")
    if not isinstance(path, str):
        return None
    place = posixpath.normpath(posixpath.join(folder, path))
    return None if place.startswith(("/", "..")) or place == "." else place


def _tracked(place: str, written: Mapping[str, Any], named: str) -> Tracked:
    md5 = _MD5.fullmatch(str(getattr(written.get("md5"), "text", written.get("md5"))))
    if md5 is None or written.get("hash", "md5") != "md5":
        raise BaselineError(
            f"{named} names no md5 of {one_line(place, 200)!r}: DVC keeps no copy of it",
            hint=f"is it in git? then write git:base:{one_line(place, 200)}",
        )
    size, remote = written.get("size"), written.get("remote")
    return Tracked(
        path=place,
        md5=md5[1],
        is_folder=md5[2] is not None,
        is_legacy="hash" not in written,
        n_bytes=int(size) if isinstance(size, float) and size >= 0 else None,
        remote=remote if isinstance(remote, str) else None,
    )


def _broken(named: str, problem: str) -> BaselineError:
    return BaselineError(
        f"{named} cannot be read: {one_line(problem, 200)}", hint="restore it as DVC wrote it"
    )
