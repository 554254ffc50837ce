"""What is asked of MLflow's REST API? Models, their versions, runs, and where artifacts are.

https://mlflow.org/docs/latest/rest-api.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from mlci_action.adapters.mlflow_access import MlflowAccess
from mlci_action.adapters.mlflow_http import MlflowError
from mlci_action.rendering.plain import one_line

_MAX_PAGES = 30
_ALREADY = "RESOURCE_ALREADY_EXISTS"


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelVersion:
    """A version of a registered model. source: where it was made of; created_ms: since 1970."""

    name: str
    version: int
    source: str
    created_ms: int
    run_id: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """A run: `artifact_uri` is the folder of its artifacts."""

    run_id: str
    artifact_uri: str
    tags: Mapping[str, str] = field(default_factory=dict)


class MlflowApi:
    """The REST API of a tracking server and its registry.

    Every method raises MlflowError, after the retries of `MlflowHttp`. What does not exist is None
    where the result may be.
    """

    def __init__(self, access: MlflowAccess) -> None:
        self._tracking, self._registry = access.tracking, access.registry

    def aliases(self, model: str) -> Mapping[str, int] | None:
        """The versions of a registered model by alias; None when there is no such model."""
        answer = _unless_missing(
            lambda: self._registry.get("mlflow/registered-models/get", name=model)
        )
        if answer is None:
            return None
        entries = _dict(answer, "registered_model").get("aliases") or []
        try:
            return {str(entry["alias"]): int(entry["version"]) for entry in entries}
        except (TypeError, KeyError, ValueError):
            raise _unexpected("a registered model") from None

    def version(self, model: str, number: int) -> ModelVersion | None:
        """A version of a registered model; None when there is none of that number."""
        answer = _unless_missing(
            lambda: self._registry.get("mlflow/model-versions/get", name=model, version=number)
        )
        return None if answer is None else _version(_dict(answer, "model_version"))

    def versions_tagged(self, model: str, key: str, value: str) -> tuple[ModelVersion, ...]:
        """All versions of a model with that tag, newest first; `value` holds no quote."""
        found: list[ModelVersion] = []
        token = ""
        for _ in range(_MAX_PAGES):
            answer = self._registry.get(
                "mlflow/model-versions/search",
                filter=f"tags.`{key}` = '{value}'",
                **({"page_token": token} if token else {}),
            )
            found += [_version(entry) for entry in _list(answer, "model_versions")]
            token = str(answer.get("next_page_token") or "")
            if not token:
                break
        mine = (version for version in found if version.name == model)
        return tuple(sorted(mine, key=lambda version: -version.version))

    def download_uri(self, version: ModelVersion) -> str:
        """Where the registry says that the version's artifacts are."""
        answer = self._registry.get(
            "mlflow/model-versions/get-download-uri", name=version.name, version=version.version
        )
        return _text(answer, "artifact_uri")

    def logged_model_uri(self, model_id: str) -> str:
        """Where the artifacts of a logged model are, which MLflow has since version 3."""
        answer = self._tracking.get(f"mlflow/logged-models/{model_id}")
        return _text(_dict(_dict(answer, "model"), "info"), "artifact_uri")

    def run(self, run_id: str) -> Run | None:
        """A run; None when there is none of that id."""
        answer = _unless_missing(lambda: self._tracking.get("mlflow/runs/get", run_id=run_id))
        return None if answer is None else _run(_dict(answer, "run"))

    def experiment(self, name: str) -> str:
        """The id of an experiment, made when there is none of that name."""
        query = {"experiment_name": name}
        found = _unless_missing(
            lambda: self._tracking.get("mlflow/experiments/get-by-name", **query)
        )
        if found is None:
            try:
                return _text(
                    self._tracking.post("mlflow/experiments/create", {"name": name}),
                    "experiment_id",
                )
            except MlflowError as error:
                if error.code != _ALREADY:
                    raise
            found = self._tracking.get("mlflow/experiments/get-by-name", **query)
        return _text(_dict(found, "experiment"), "experiment_id")

    def runs_tagged(self, experiment: str, key: str, value: str) -> tuple[Run, ...]:
        """The newest run of an experiment with that tag, if any; `value` holds no quote."""
        answer = self._tracking.post(
            "mlflow/runs/search",
            {
                "experiment_ids": [experiment],
                "filter": f"tags.`{key}` = '{value}'",
                "max_results": 1,
            },
        )
        return tuple(_run(entry) for entry in _list(answer, "runs"))

    def create_run(
        self, experiment: str, *, name: str, started_ms: int, tags: Mapping[str, str]
    ) -> Run:
        """A new run, which is under way."""
        body = {
            "experiment_id": experiment,
            "run_name": name,
            "start_time": started_ms,
            "tags": _pairs(tags),
        }
        answer = self._tracking.post("mlflow/runs/create", body, repeatable=False)
        return _run(_dict(answer, "run"))

    def log(
        self,
        run: Run,
        *,
        at_ms: int,
        metrics: Mapping[str, float] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> None:
        """Add metrics and parameters to a run, at most 100 of either."""
        body = {
            "run_id": run.run_id,
            "metrics": [
                {"key": key, "value": value, "timestamp": at_ms, "step": 0}
                for key, value in (metrics or {}).items()
            ],
            "params": _pairs(params or {}),
        }
        self._tracking.post("mlflow/runs/log-batch", body)

    def finish(self, run: Run, *, ended_ms: int) -> None:
        """Say that all of a run is there."""
        body = {"run_id": run.run_id, "status": "FINISHED", "end_time": ended_ms}
        self._tracking.post("mlflow/runs/update", body)

    def make_model(self, name: str) -> None:
        """Have a registered model of that name, an old one or a new one."""
        try:
            self._registry.post("mlflow/registered-models/create", {"name": name})
        except MlflowError as error:
            if error.code != _ALREADY:
                raise

    def create_version(
        self, model: str, *, source: str, run_id: str, tags: Mapping[str, str]
    ) -> ModelVersion:
        """A new version of a registered model."""
        body = {"name": model, "source": source, "run_id": run_id, "tags": _pairs(tags)}
        answer = self._registry.post("mlflow/model-versions/create", body, repeatable=False)
        return _version(_dict(answer, "model_version"))

    def set_alias(self, model: str, alias: str, version: int) -> None:
        """Let an alias name a version, and no longer the one that it named."""
        body = {"name": model, "alias": alias, "version": str(version)}
        self._registry.post("mlflow/registered-models/alias", body)


def _unless_missing(ask: Any) -> dict[str, Any] | None:  # noqa: ANN401
    try:
        answer: dict[str, Any] = ask()
    except MlflowError as error:
        if error.status == HTTPStatus.NOT_FOUND and error.code == "RESOURCE_DOES_NOT_EXIST":
            return None
        raise
    return answer


def _pairs(values: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in values.items()]


def _version(value: object) -> ModelVersion:
    match value:
        case {"name": str(name), "version": str(number), "source": str(source), **fields} if (
            number.isascii() and number.isdecimal() and len(number) < 10  # noqa: PLR2004
        ):
            return ModelVersion(
                name=name,
                version=int(number),
                source=source,
                created_ms=_milliseconds(fields.get("creation_timestamp")),
                run_id=str(fields.get("run_id") or "") or None,
                tags=_tags(fields.get("tags")),
            )
        case _:
            raise _unexpected("a model version")


def _run(value: object) -> Run:
    match value:
        case {"info": {"run_id": str(run_id), "artifact_uri": str(uri)}, **rest}:
            data = rest.get("data")
            tags = data.get("tags") if isinstance(data, dict) else None
            return Run(run_id=run_id, artifact_uri=uri, tags=_tags(tags))
        case _:
            raise _unexpected("a run")


def _tags(value: object) -> Mapping[str, str]:
    entries = value if isinstance(value, list) else []
    return {
        str(entry["key"]): str(entry.get("value", ""))
        for entry in entries
        if isinstance(entry, dict) and "key" in entry
    }


def _milliseconds(value: object) -> int:
    """Protocol buffers write large numbers as texts."""
    text = str(value)
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 15 else 0  # noqa: PLR2004


def _dict(answer: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = answer.get(key)
    if not isinstance(value, dict):
        raise _unexpected(key)
    return value


def _list(answer: Mapping[str, Any], key: str) -> list[Any]:
    value = answer.get(key, [])
    if not isinstance(value, list):
        raise _unexpected(key)
    return value


def _text(answer: Mapping[str, Any], key: str) -> str:
    value = answer.get(key)
    if not isinstance(value, str) or not value:
        raise _unexpected(key)
    return value


def _unexpected(what: str) -> MlflowError:
    return MlflowError(
        f"the server answered without {one_line(what, 60).replace('_', ' ')}",
        hint="is MLFLOW_TRACKING_URI the address of an MLflow server?",
    )
