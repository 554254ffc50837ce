"""How is a model promoted to a release? As one more file of it; the newest whole one is in place.

    mlci-bundle-<16 hex digits of the manifest's digest>.json   its manifest, uploaded first
    mlci-bundle-<16 hex digits of the manifest's digest>.zip    the bundle

Nothing that was promoted is ever deleted. GitHub says of a file whether its upload came to its end,
so what broke off is never taken for a bundle. It has no pointer to switch and no condition on an
upload: of two promotions at once, whoever sees the other's file when its own is whole takes its own
away again and is refused. So at most one wins, and both may have to be started again.
"""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from mlci_action.adapters.bundles import Bundle, pack, read_manifest_text
from mlci_action.adapters.destinations.destination import Current, PromotionRefused, moved_on
from mlci_action.adapters.github_files import fetch_file
from mlci_action.adapters.github_releases import Asset, GitHubReleases, Release
from mlci_action.adapters.network import Network
from mlci_action.domain.bundle_names import MANIFEST
from mlci_action.domain.manifest import Manifest
from mlci_action.domain.promotion import short_name
from mlci_action.errors import BaselineError, BundleError, MlciError
from mlci_action.rendering.manifest_json import digest_of_manifest, manifest_from_json

_ZIP = re.compile(r"mlci-bundle-[0-9a-f]{16}\.zip")


class ReleaseDestination:
    """The release of a tag, made where the model's code is if there is none yet."""

    def __init__(
        self,
        releases: GitHubReleases,
        tag: str,
        *,
        network: Network,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._releases = releases
        self._tag = tag
        self._network, self._sleep = network, sleep

    @property
    def name(self) -> str:
        """As it is written."""
        return f"release:{self._tag}"

    def current(self) -> Current | None:
        """The newest bundle of the release, None where it has none. MlciError where it is none."""
        release = self._releases.get_release(self._tag)
        if release is None:
            return None
        assets = self._releases.list_assets(release)
        newest = _newest(assets)
        return None if newest is None else self._told(newest, assets)

    def put(self, bundle: Bundle, *, expected: str | None) -> str:
        """As `Destination.put`, and see above for two at once."""
        release = self._release(bundle.manifest)
        before = self._releases.list_assets(release)
        newest = _newest(before)
        if newest is not None and newest.name == bundle.zip_name:
            return _where(release, bundle)
        there = None if newest is None else short_name(newest.name.removeprefix("mlci-bundle-"))
        if there != (None if expected is None else short_name(expected)):
            raise moved_on(self.name, self.current())
        if any(asset.name == bundle.zip_name and asset.is_whole for asset in before):
            raise MlciError(
                f"{self.name} has this bundle already, below a newer one",
                hint=f"the newest is in place: to go back, delete {newest.name if newest else ''}",
            )
        mine = self._upload(bundle, release)
        self._alone(mine, release, before)
        return _where(release, bundle)

    def _release(self, manifest: Manifest) -> Release:
        release = self._releases.get_release(self._tag)
        if release is not None:
            return release
        if manifest.commit is None:
            raise MlciError(
                f"there is no {self.name}, and the manifest names no commit to make it at",
                hint="make the release, and promote again",
            )
        return self._releases.create_release(self._tag, manifest.commit)

    def _upload(self, bundle: Bundle, release: Release) -> Asset:
        name = bundle.zip_name
        with tempfile.TemporaryDirectory(prefix="mlci-") as scratch:
            packed = Path(scratch) / name
            pack(bundle, packed)
            told = bundle.folder / MANIFEST
            self._releases.upload_asset(release, _told_by(name), told, "application/json")
            return self._releases.upload_asset(release, name, packed, "application/zip")

    def _alone(self, mine: Asset, release: Release, before: Sequence[Asset]) -> None:
        """Nobody else has promoted meanwhile, or it was they who have."""
        known = {asset.id for asset in before if asset.is_whole} | {mine.id}
        after = self._releases.list_assets(release)
        if any(asset.id not in known for asset in _bundles(after)):
            self._releases.delete_asset(mine)
            raise PromotionRefused(
                f"another model was promoted to {self.name} at the same moment",
                hint="run the gate again with what is in place as --baseline, and promote again",
            )

    def _told(self, asset: Asset, assets: Sequence[Asset]) -> Current:
        """What is in a bundle, by the manifest beside it."""
        name = _told_by(asset.name)
        beside = next((one for one in assets if one.name == name and one.is_whole), None)
        if beside is None:
            raise BundleError(
                f"{self.name} has {asset.name}, but not its manifest {name}",
                hint=f"upload its manifest.json under that name, or delete {asset.name}",
            )
        text = self._text(beside)
        digest = digest_of_manifest(text)
        if f"mlci-bundle-{short_name(digest)}.zip" != asset.name:
            raise BundleError(
                f"{name} in {self.name} is not the manifest of {asset.name}",
                hint=f"somebody has changed it: delete {asset.name}, and promote again",
            )
        model = manifest_from_json(text).model.digest
        return Current(manifest=digest, model=model, where=f"{asset.name} in {self.name}")

    def _text(self, asset: Asset) -> str:
        with tempfile.TemporaryDirectory(prefix="mlci-") as scratch:
            path = Path(scratch) / MANIFEST
            try:
                fetch_file(
                    self._releases.http,
                    asset.url,
                    path,
                    network=self._network,
                    accept="application/octet-stream",
                    n_bytes=asset.n_bytes,
                    digest=asset.digest,
                    sleep=self._sleep,
                )
            except BaselineError as error:
                raise MlciError(
                    f"{asset.name} in {self.name} cannot be downloaded: {error.message}",
                    hint=error.hint or "run the job again",
                ) from error
            return read_manifest_text(path)


def _bundles(assets: Sequence[Asset]) -> list[Asset]:
    return [asset for asset in assets if asset.is_whole and _ZIP.fullmatch(asset.name)]


def _newest(assets: Sequence[Asset]) -> Asset | None:
    """By when it was made, and of two of the same second the later number."""
    return max(_bundles(assets), key=lambda asset: (asset.created, asset.id), default=None)


def _told_by(name: str) -> str:
    """What the manifest of that zip is called."""
    return name.removesuffix(".zip") + ".json"


def _where(release: Release, bundle: Bundle) -> str:
    return f"{bundle.zip_name} in {release.url or release.tag}"
