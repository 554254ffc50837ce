"""How is a model promoted to an MLflow registry? As a version of it, and then by its alias.

The files are artifacts of a run in the experiment `mlci`. Whatever ends a promotion half-way, the
alias names a version all of whose files are up, and a retry completes what was begun.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from mlci_action.adapters.baseline_sources.registry import fetch, resolve
from mlci_action.adapters.baseline_sources.taken import Place
from mlci_action.adapters.bundles import Bundle
from mlci_action.adapters.destinations.destination import Current, PromotionRefused, moved_on
from mlci_action.adapters.destinations.registry_run import (
    metrics_of,
    params_of,
    run_tags,
    version_tags,
)
from mlci_action.adapters.github_event import Change
from mlci_action.adapters.mlflow_access import access_from
from mlci_action.adapters.mlflow_api import MlflowApi, ModelVersion, Run
from mlci_action.adapters.mlflow_artifacts import Artifacts
from mlci_action.adapters.model_bytes.folders import files_in
from mlci_action.adapters.model_files import digest_of_model
from mlci_action.domain.promotion import short_name
from mlci_action.domain.registry_names import (
    BUNDLE_FOLDER,
    MANIFEST_TAG,
    bundle_folder,
    promoted_manifest,
    promoted_model,
)
from mlci_action.errors import MlciError, SettingsError
from mlci_action.rendering.plain import one_line

EXPERIMENT = "mlci"
_NAMED = re.compile(
    r"(?:mlflow:(?:models:/)?|models:/)([^/:@\s'\"`]{1,200})@([A-Za-z0-9_-]{1,200})"
)
# MLflow has its own meaning for these.
_NO_ALIAS = re.compile(r"[vV][0-9]+|latest")


def registry_destination(text: str, environ: Mapping[str, str]) -> RegistryDestination:
    """The destination that `mlflow:NAME@ALIAS` names, at the server that the variables name.

    SettingsError when it names none; MlciError when no server is named.
    """
    found = _NAMED.fullmatch(text)
    if found is None or _NO_ALIAS.fullmatch(found[2]):
        raise SettingsError(
            f"{one_line(text, 200)!r} is not mlflow:NAME@ALIAS",
            hint="for example mlflow:risk@champion; an alias is none of MLflow's own, as v1",
        )
    return RegistryDestination(found[1], found[2], environ=environ)


class RegistryDestination:
    """The alias of a registered model.

    MLflow has no compare-and-set. The alias is read again just before it is set and just after:
    two promotions within that moment may both set it, then the later one holds, and the earlier is
    told so unless it has already looked. `concurrency` in the workflow rules that out.
    """

    def __init__(
        self,
        model: str,
        alias: str,
        *,
        environ: Mapping[str, str],
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._model, self._alias = model, alias
        self._environ, self._now = environ, now
        self._access = access_from(environ, sleep=sleep)
        self._api = MlflowApi(self._access)
        self._artifacts = Artifacts(self._access.tracking)

    @property
    def name(self) -> str:
        """As `mlci promote --to` takes it."""
        return f"mlflow:{self._model}@{self._alias}"

    def current(self) -> Current | None:
        """The version that has the alias. Of one that somebody else registered, the model is
        fetched to see which it is.
        """
        with self._told():
            version = self._in_place()
            if version is None:
                return None
            model = promoted_model(version.tags) or self._digest_of(version)
        return Current(manifest=_identity(version), model=model, where=self._where(version))

    def put(self, bundle: Bundle, *, expected: str | None) -> str:
        """As `Destination.put`, and see above for two at once."""
        with self._told():
            found = self._in_place()
            if found is not None and _identity(found) == bundle.digest:
                return self._where(found)
            self._must_be(expected, found)
            self._api.make_model(self._model)
            version = self._brought(bundle)
            self._must_be(expected, self._in_place())
            self._api.set_alias(self._model, self._alias, version.version)
            found = self._in_place()
            if found is None or found.version != version.version:
                raise moved_on(self.name, self.current())
        return self._where(version)

    def _in_place(self) -> ModelVersion | None:
        number = (self._api.aliases(self._model) or {}).get(self._alias)
        return None if number is None else self._api.version(self._model, number)

    def _must_be(self, expected: str | None, found: ModelVersion | None) -> None:
        if (None if found is None else _identity(found)) != expected:
            raise moved_on(self.name, self.current())

    def _brought(self, bundle: Bundle) -> ModelVersion:
        """The version that holds the bundle: the one of an earlier try, or a new one."""
        for version in self._api.versions_tagged(self._model, MANIFEST_TAG, bundle.digest):
            folder = bundle_folder(self._folder_of(resolve(self._api, version)))
            if folder is not None:
                self._fill(folder, bundle)
                return version
        run = self._run(bundle)
        self._fill(f"{self._folder_of(run.artifact_uri)}/{BUNDLE_FOLDER}", bundle)
        self._api.log(run, at_ms=self._milliseconds(), metrics=metrics_of(bundle.manifest))
        self._api.log(run, at_ms=self._milliseconds(), params=params_of(bundle.manifest))
        self._api.finish(run, ended_ms=self._milliseconds())
        source = f"{run.artifact_uri.rstrip('/')}/{BUNDLE_FOLDER}"
        if (bundle.model / "MLmodel").is_file():
            # So that `mlflow.pyfunc.load_model("models:/NAME@ALIAS")` finds it.
            source += f"/{bundle.manifest.model.path}"
        return self._api.create_version(
            self._model, source=source, run_id=run.run_id, tags=version_tags(bundle)
        )

    def _run(self, bundle: Bundle) -> Run:
        """The run of an earlier try, or a new one."""
        experiment = self._api.experiment(EXPERIMENT)
        begun = self._api.runs_tagged(experiment, MANIFEST_TAG, bundle.digest)
        if begun:
            return begun[0]
        return self._api.create_run(
            experiment,
            name=f"{self._model}-{short_name(bundle.digest)}",
            started_ms=self._milliseconds(),
            tags=run_tags(bundle),
        )

    def _fill(self, folder: str, bundle: Bundle) -> None:
        """Bring the files that are not there yet. MlciError unless all are there then."""
        wanted = {file.name: file.path for file in files_in(bundle.folder)}
        lengths = {name: path.stat().st_size for name, path in wanted.items()}
        there = self._lengths(folder)
        for name, path in wanted.items():
            if there.get(name) != lengths[name]:
                self._artifacts.upload(path, f"{folder}/{name}")
        if self._lengths(folder) != lengths:
            raise MlciError(
                f"what the server has at {folder!r} is not what was uploaded",
                hint="promote again; if that does not help, delete the run of this model",
            )

    def _lengths(self, folder: str) -> Mapping[str, int]:
        return {file.path: file.n_bytes for file in self._artifacts.files(folder)}

    def _folder_of(self, uri: str) -> str:
        folder = self._artifacts.folder_of(uri)
        if folder is None:
            raise MlciError(
                f"the server takes no artifacts itself: they would go to {one_line(uri, 100)!r}",
                hint=f"start it with --artifacts-destination and without an experiment"
                f" {EXPERIMENT!r} of before, or promote to the object store itself",
            )
        return folder

    def _digest_of(self, version: ModelVersion) -> str:
        with tempfile.TemporaryDirectory() as scratch:
            place = Place(
                folder=Path(scratch), store=Path(scratch), environ=self._environ, change=Change()
            )
            path = fetch(self._access, version, resolve(self._api, version), place)
            return digest_of_model(path, who="the model in place")

    def _where(self, version: ModelVersion) -> str:
        return (
            f"version {version.version} ({self._alias}) of {self._model} in the MLflow registry at"
            f" {self._access.host}"
        )

    def _milliseconds(self) -> int:
        return int(self._now() * 1000)

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except PromotionRefused:
            raise
        except MlciError as error:
            raise MlciError(
                f"cannot promote to {self.name}: {error.message}",
                hint=error.hint or "what was in place before still is",
            ) from error
        except OSError as error:
            raise MlciError(
                f"cannot promote to {self.name}: {error.strerror or type(error).__name__}",
                hint="can the bundle be read, and is there room for temporary files?",
            ) from error


def _identity(version: ModelVersion) -> str:
    """The digest of its manifest; of a version without one, a digest that only it has."""
    known = promoted_manifest(version.tags)
    if known is not None:
        return known
    text = f"{version.name}\n{version.version}\n{version.created_ms}\n{version.source}"
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
