"""Where can a model be promoted to? One file for each kind of place; `destination_of` reads names.

A place pays for the libraries that it uses, not for others'.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

from mlci_action.adapters.destinations.destination import Destination
from mlci_action.adapters.destinations.folder import FolderDestination
from mlci_action.adapters.destinations.release import ReleaseDestination
from mlci_action.adapters.github_http import GitHubHttp
from mlci_action.adapters.github_releases import GitHubReleases
from mlci_action.adapters.network import Network
from mlci_action.errors import MlciError, SettingsError

__all__ = ["destination_of"]

_KINDS = "a folder, release:TAG, mlflow:NAME@ALIAS, or an object store as s3://BUCKET/FOLDER"
_PUBLIC_API = "https://api.github.com"
_STORES = ("s3", "gs", "gcs", "az", "abfs", "abfss", "memory")
_TAG = re.compile(r"(?!-)[^\s~^:?*\[\\\x00-\x1f\x7f]{1,200}")
_REPOSITORY = re.compile(r"[A-Za-z0-9._-]+/[A-Za-z0-9._-]+")


def destination_of(
    text: str,
    *,
    folder: Path,
    environ: Mapping[str, str],
    token: str = "",
    api_url: str | None = None,
) -> Destination:
    """The place that `text` names; a path is relative to `folder`.

    environ: with the credentials of the store or the registry, proxies and certificates. token: of
    GitHub. SettingsError where it names no place; MlciError where that cannot be asked.
    """
    text = text.strip()
    kind, colon, rest = text.partition(":")
    if not text:
        raise SettingsError("the destination names nothing", hint=f"write {_KINDS}")
    if kind == "artifact":
        raise SettingsError(
            "an artifact is uploaded by the workflow itself: write a step with"
            " `uses: actions/upload-artifact`, `if: steps.gate.outputs.deploy == 'true'`,"
            " `name: mlci-bundle` and the gate's output `bundle-path` as `path`",
            hint="then `baseline.from: artifact` finds it",
        )
    if kind == "release":
        return _release(rest, environ, token, api_url)
    if kind == "mlflow":
        return _registry(text, environ)
    if rest.startswith("//"):
        return _store(kind, text)
    if kind in ("git", "dvc") and colon:
        raise SettingsError(f"nothing can be promoted to {kind}:", hint=f"write {_KINDS}")
    return FolderDestination(folder / text, name=text)


def _release(
    tag: str, environ: Mapping[str, str], token: str, api_url: str | None
) -> ReleaseDestination:
    if not _TAG.fullmatch(tag):
        raise SettingsError(
            f"release:{tag[:100]} names no tag",
            hint="write release:TAG, for example release:models",
        )
    repository = environ.get("GITHUB_REPOSITORY", "")
    if not _REPOSITORY.fullmatch(repository):
        raise MlciError(
            "it is not known whose release is meant", hint="set GITHUB_REPOSITORY to OWNER/NAME"
        )
    if not token.strip():
        raise MlciError(
            f"there is no token to write release:{tag} with",
            hint="set GITHUB_TOKEN; it needs `permissions: contents: write`",
        )
    network = Network.from_environ(environ)
    http = GitHubHttp(
        api_url or environ.get("GITHUB_API_URL") or _PUBLIC_API, token, network=network
    )
    return ReleaseDestination(GitHubReleases(http, repository), tag, network=network)


def _registry(text: str, environ: Mapping[str, str]) -> Destination:
    module = import_module("mlci_action.adapters.destinations.registry")
    found: Destination = module.registry_destination(text, environ)
    return found


def _store(kind: str, text: str) -> Destination:
    if kind == "file":
        return FolderDestination(Path(text.removeprefix("file://")), name=text)
    if kind not in _STORES:
        raise SettingsError(f"nothing can be promoted to {kind}://", hint=f"write {_KINDS}")
    module = import_module("mlci_action.adapters.destinations.object_store")
    found: Destination = module.ObjectStoreDestination(text)
    return found
