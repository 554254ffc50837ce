"""Where are the files for which git holds only pointers? In clones, and on the server of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import requests

from mlci_action.adapters.git import Git
from mlci_action.adapters.git_lfs import Pointer, batch_url, from_local, from_server, object_path
from mlci_action.adapters.network import Network
from mlci_action.errors import BaselineError

_GITHUB = "https://github.com"
_BY_HAND = "fetch the model of that commit in an earlier step, and name its path as baseline"


@dataclass(frozen=True, kw_only=True, slots=True)
class LfsObjects:
    """kept: git folders that may have them, of which the last is ours and is filled.

    server: the repository's address, None where there is none that can be asked. token: for that
    server alone. environ: for proxies and certificates.
    """

    kept: tuple[Path, ...]
    server: str | None = None
    token: str | None = field(default=None, repr=False)
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)

    def write(self, pointer: Pointer, target: Path) -> None:
        """The file that the pointer stands for. BaselineError when it cannot be had."""
        if any(from_local(pointer, folder, target) for folder in self.kept):
            return
        if self.server is None or not self.kept:
            raise BaselineError("its file is in no clone here", hint=_BY_HAND)
        ours = object_path(pointer, self.kept[-1])
        ours.parent.mkdir(parents=True, exist_ok=True)
        with requests.Session() as session:
            from_server(
                pointer,
                batch_url(self.server),
                ours,
                session=session,
                token=self.token,
                network=Network.from_environ(self.environ),
            )
        if not from_local(pointer, self.kept[-1], target):
            raise BaselineError("its file changed on the way", hint=_BY_HAND)


def lfs_objects(git: Git, environ: Mapping[str, str], *, asks: bool) -> LfsObjects:
    """Those of a working copy, and where it `asks`, of the server that it was cloned from.

    A token in the environment is for GitHub, and shown to no other server.
    """
    own = git.git_dir()
    extra = git.extra_objects
    kept = tuple(folder for folder in (own, extra) if folder is not None)
    origin = git.origin() if asks and extra is not None else None
    if origin is None or not origin.startswith(("https://", "http://")):
        return LfsObjects(kept=kept, environ=environ)
    github = environ.get("GITHUB_SERVER_URL") or _GITHUB
    known = origin.startswith(f"{github.rstrip('/')}/")
    token = environ.get("GITHUB_TOKEN") or environ.get("GH_TOKEN") if known else None
    return LfsObjects(kept=kept, server=origin, token=token, environ=environ)
