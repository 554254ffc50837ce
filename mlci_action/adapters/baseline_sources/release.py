"""Which file of a release is a baseline? The one that is named, else the newest bundle in it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence

from mlci_action.adapters.baseline_sources.taken import Place, Taken
from mlci_action.adapters.github_access import GitHubAccess, bringing, github_of, looking
from mlci_action.adapters.github_files import fetch_file
from mlci_action.adapters.github_releases import Asset, GitHubReleases, Release
from mlci_action.adapters.network import Network
from mlci_action.domain.bundle_names import is_plain_path
from mlci_action.domain.sources import ReleaseSource
from mlci_action.errors import BaselineError, BaselineMissing
from mlci_action.rendering.plain import one_line

_BYTES = "application/octet-stream"
_BUNDLE = re.compile(r"mlci-bundle-[0-9a-f]{16}\.zip")
_MODELS = (
    *(".joblib", ".pkl", ".pickle", ".skops", ".onnx", ".cbm", ".ubj", ".xgb", ".bst", ".lgb"),
    *(".model", ".npy", ".npz", ".parquet"),
)
_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_MAX_NAMES = 5
_MAX_NAME = 100


def take(
    source: ReleaseSource, place: Place, *, sleep: Callable[[float], None] = time.sleep
) -> Taken:
    """Brings a bundle's zip, or a model file. Errors as `Take` has them."""
    access = github_of(place.change, place.environ, place.folder, sleep=sleep)
    releases = GitHubReleases(access.http, access.repository)
    with looking():
        release = _release(source, access, releases)
        assets = releases.list_assets(release)
    tag = one_line(release.tag, _MAX_NAME)
    asset = _chosen(tag, assets) if source.asset is None else _named(source.asset, tag, assets)
    what = f"{one_line(asset.name, _MAX_NAME)} of the release {tag}"
    if not is_plain_path(asset.name) or "/" in asset.name:
        raise BaselineError(f"{what} has a name that no file can have here")
    place.say(f"downloading {what}, {asset.n_bytes:,} bytes")
    place.store.mkdir(parents=True, exist_ok=True)
    target = place.store / asset.name
    with bringing(what):
        fetch_file(
            access.http,
            f"{access.url}/releases/assets/{asset.id}",
            target,
            network=Network.from_environ(place.environ),
            accept=_BYTES,
            n_bytes=asset.n_bytes,
            digest=asset.digest,
            sleep=sleep,
        )
    return Taken(
        path=target,
        origin=what,
        commit=release.target if _SHA.fullmatch(release.target) else None,
        modified=asset.created or release.published,
        url=release.url or None,
    )


def _release(source: ReleaseSource, access: GitHubAccess, releases: GitHubReleases) -> Release:
    found = releases.get_release(source.tag)
    if found is not None:
        return found
    # To those who may not see it, GitHub says of a repository too that it is not there.
    access.default_branch()
    which = "a release" if source.tag is None else f"a release with the tag {source.tag}"
    raise BaselineMissing(
        f"{access.repository} has not got {which}",
        hint=f"`mlci promote REPORT_FOLDER --to release:{source.tag or 'TAG'}` makes one",
    )


def _named(name: str, tag: str, assets: Sequence[Asset]) -> Asset:
    found = next((asset for asset in assets if asset.name == name), None)
    if found is None:
        raise BaselineMissing(f"the release {tag} has no file {name}: it has {_listed(assets)}")
    if not found.is_whole:
        raise BaselineError(
            f"{name} of the release {tag} was never uploaded to its end",
            hint="delete it and upload it again",
        )
    return found


def _chosen(tag: str, assets: Sequence[Asset]) -> Asset:
    whole = [asset for asset in assets if asset.is_whole]
    bundles = [asset for asset in whole if _BUNDLE.fullmatch(asset.name)]
    if bundles:
        return max(bundles, key=lambda asset: (asset.created, asset.id))
    models = [asset for asset in whole if asset.name.lower().endswith(_MODELS)]
    if len(models) == 1:
        return models[0]
    raise BaselineMissing(
        f"the release {tag} has no bundle, and not one model: it has {_listed(assets)}",
        hint=f"name the file: release:{tag}:FILE",
    )


def _listed(assets: Sequence[Asset]) -> str:
    names = [one_line(asset.name, _MAX_NAME) for asset in assets[:_MAX_NAMES]]
    more = f" and {len(assets) - _MAX_NAMES:,} more" if len(assets) > _MAX_NAMES else ""
    return f"{', '.join(names) or 'no files'}{more}"
