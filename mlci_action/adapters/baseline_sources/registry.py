"""Which model does an MLflow registry have under that alias or number?"""

from __future__ import annotations

import contextlib
import datetime as dt
import re
import shutil
import tempfile
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from mlci_action.adapters.baseline_sources.taken import MAX_BYTES, Place, Taken
from mlci_action.adapters.bundles import read_manifest_text
from mlci_action.adapters.mlflow_access import MlflowAccess, NoServerNamed, access_from
from mlci_action.adapters.mlflow_api import MlflowApi, ModelVersion
from mlci_action.adapters.mlflow_artifacts import Artifacts
from mlci_action.adapters.mlflow_http import MlflowSilent
from mlci_action.domain.bundle_names import MANIFEST
from mlci_action.domain.registry_names import (
    COMMIT_TAG,
    MANIFEST_TAG,
    bundle_folder,
    promoted_manifest,
)
from mlci_action.domain.sources import RegistrySource, StoreSource, parse_source
from mlci_action.errors import BaselineError, BaselineMissing, BaselineUnknown, MlciError
from mlci_action.rendering.manifest_json import digest_of_manifest
from mlci_action.rendering.plain import one_line

_GIT_COMMIT = "mlflow.source.git.commit"
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_LOGGED_MODEL = re.compile(r"models:/(m-[\w-]{1,100})((?:/.+)?)")
_OTHER_VERSION = re.compile(r"models:/([^/@]+)/([0-9]{1,9})")
_OF_RUN = re.compile(r"runs:/([\w-]{1,256})/(.+)")
# A version may be a copy of a version, and that one of a run.
_MAX_HOPS = 5


def take(source: RegistrySource, place: Place) -> Taken:
    """The files of that version, whole, as `Take` says; Taken.path is a folder."""
    with _looking(source):
        access = access_from(place.environ)
    return take_from(access, source, place)


def take_from(access: MlflowAccess, source: RegistrySource, place: Place) -> Taken:
    """The same, of a server that is known already."""
    with _looking(source):
        api = MlflowApi(access)
        version = find_version(api, source)
        uri = resolve(api, version)
        commit = _commit_of(api, version)
    named = f"version {version.version}" + (f" ({source.alias})" if source.alias else "")
    origin = f"{named} of {one_line(source.name, 200)} in the MLflow registry"
    place.say(f"{source}: {origin}")
    return Taken(
        path=fetch(access, version, uri, place),
        origin=origin,
        commit=commit,
        modified=_time(version.created_ms),
        url=f"{access.registry.base_url}/#/models/{source.name}/versions/{version.version}",
        manifest=promoted_manifest(version.tags),
    )


def find_version(api: MlflowApi, source: RegistrySource) -> ModelVersion:
    """The version that is meant. BaselineMissing when there is none; MlflowError."""
    aliases = api.aliases(source.name)
    if aliases is None:
        raise _missing(source, f"the registry has no model {source.name!r}")
    number = source.version if source.alias is None else aliases.get(source.alias)
    if number is None:
        raise _missing(source, f"no version of {source.name!r} has the alias {source.alias!r}")
    version = api.version(source.name, number)
    if version is None:
        raise _missing(source, f"{source.name!r} has no version {number}")
    return version


def resolve(api: MlflowApi, version: ModelVersion) -> str:
    """Where the files of a version are: an address that is not one more name for them.

    MlflowError; BaselineError when a name in between means nothing.
    """
    uri = api.download_uri(version)
    for _ in range(_MAX_HOPS):
        if found := _LOGGED_MODEL.fullmatch(uri):
            uri = api.logged_model_uri(found[1]) + found[2]
        elif found := _OTHER_VERSION.fullmatch(uri):
            other = api.version(found[1], int(found[2]))
            if other is None:
                raise _nowhere(version, uri)
            uri = api.download_uri(other)
        elif found := _OF_RUN.fullmatch(uri):
            run = api.run(found[1])
            if run is None:
                raise _nowhere(version, uri)
            uri = f"{run.artifact_uri.rstrip('/')}/{found[2]}"
        else:
            return uri
    raise _nowhere(version, uri)


def fetch(access: MlflowAccess, version: ModelVersion, uri: str, place: Place) -> Path:
    """The files at `uri`, whole, in a folder of `place.store`; of what we promoted, the bundle.

    BaselineError when they cannot be had.
    """
    with _bringing(version):
        artifacts = Artifacts(access.tracking)
        folder = artifacts.folder_of(uri)
        if folder is None:
            return _elsewhere(version, uri, place)
        promoted = promoted_manifest(version.tags)
        if promoted:
            folder = bundle_folder(folder) or folder
        files = artifacts.files(folder)
        if not files:
            raise BaselineError(
                f"{_shown(version)} has no files: the server's store has nothing at {folder!r}",
                hint="were the artifacts of its run deleted? promote a model again",
            )
        place.store.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place.store, prefix=".unfinished.") as scratch:
            found = Path(scratch) / "model"
            artifacts.download(folder, files, found, max_bytes=MAX_BYTES)
            if promoted:
                _must_be(version, promoted, found / MANIFEST)
            target = place.store / "model"
            shutil.rmtree(target, ignore_errors=True)
            found.rename(target)
        return target


def _elsewhere(version: ModelVersion, uri: str, place: Place) -> Path:
    """The files of a version that the server does not hand out itself."""
    source = parse_source(uri)
    if isinstance(source, StoreSource) and not uri.startswith(("file:", "memory:")):
        # Not before it is needed: it brings libraries that not every installation has.
        store = import_module("mlci_action.adapters.baseline_sources.store")
        taken: Taken = store.take(source, place)
        return taken.path
    kind = one_line(uri.partition(":")[0], 40) if ":" in uri else "a path"
    raise BaselineError(
        f"{_shown(version)} lies where only the server's own machine can reach it ({kind})",
        hint="start the server with --artifacts-destination, or name the folder itself as baseline",
    )


def _must_be(version: ModelVersion, digest: str, manifest: Path) -> None:
    if digest_of_manifest(read_manifest_text(manifest)) != digest:
        raise BaselineError(
            f"the files of {_shown(version)} are not those that its tag {MANIFEST_TAG} names",
            hint="they were changed after the promotion; promote the model again",
        )


def _commit_of(api: MlflowApi, version: ModelVersion) -> str | None:
    """The code that it was made from, as our promotion or MLflow noted it."""
    commit = version.tags.get(COMMIT_TAG)
    if commit is None and version.run_id is not None:
        run = api.run(version.run_id)
        commit = None if run is None else run.tags.get(_GIT_COMMIT)
    return commit if commit is not None and _COMMIT.fullmatch(commit) else None


def _time(milliseconds: int) -> str | None:
    if not milliseconds:
        return None
    when = dt.datetime.fromtimestamp(milliseconds / 1000, tz=dt.UTC)
    return when.isoformat(timespec="seconds")


@contextlib.contextmanager
def _looking(source: RegistrySource) -> Iterator[None]:
    """While nobody knows yet whether there is one."""
    try:
        yield
    except BaselineError:
        raise
    except (NoServerNamed, MlflowSilent) as error:
        raise BaselineUnknown(error.message, hint=error.hint) from error
    except MlciError as error:
        raise BaselineError(f"{source}: {error.message}", hint=error.hint) from error


@contextlib.contextmanager
def _bringing(version: ModelVersion) -> Iterator[None]:
    """From here on there is one, and what fails is that it cannot be had whole."""
    try:
        yield
    except MlciError as error:
        if isinstance(error, BaselineError) and not isinstance(error, BaselineMissing):
            raise
        raise BaselineError(f"{_shown(version)}: {error.message}", hint=error.hint) from error
    except OSError as error:
        raise BaselineError(
            f"{_shown(version)} cannot be written here: {error.strerror or type(error).__name__}",
            hint="is there room on the disk?",
        ) from error


def _missing(source: RegistrySource, what: str) -> BaselineMissing:
    named = f"{source.name}@{source.alias or 'champion'}"
    return BaselineMissing(f"{what}; `mlci promote REPORT_FOLDER --to mlflow:{named}` makes one")


def _nowhere(version: ModelVersion, uri: str) -> BaselineError:
    return BaselineError(
        f"{_shown(version)} is said to be at {one_line(uri, 200)!r}, and that is nowhere",
        hint="was its run or its model deleted? promote a model again",
    )


def _shown(version: ModelVersion) -> str:
    return f"version {version.version} of {one_line(version.name, 200)!r} in the registry"
