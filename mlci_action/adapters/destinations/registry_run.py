"""What does MLflow show of a promoted model? The run's metrics and parameters, and the tags.

https://mlflow.org/docs/latest/rest-api.html#request-limits
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from itertools import islice

from mlci_action.adapters.bundles import Bundle
from mlci_action.domain.manifest import Manifest
from mlci_action.domain.registry_names import COMMIT_TAG, MANIFEST_TAG, MODEL_TAG
from mlci_action.rendering.plain import one_line

_MOST = 100
_MAX_KEY_CHARS = 250
_MAX_VALUE_CHARS = 250  # what servers before version 2 take
_UNUSABLE = re.compile(r"[^\w\-. ]")


def metrics_of(manifest: Manifest) -> Mapping[str, float]:
    """The candidate's metrics by name; with `.baseline` and `.diff` what it was compared with."""
    found: dict[str, float] = {}
    for entry in manifest.metrics:
        name = _key(entry.metric)
        values = {"": entry.candidate, ".baseline": entry.baseline, ".diff": entry.diff}
        found |= {
            f"{name}{end}": value
            for end, value in values.items()
            if value is not None and math.isfinite(value)
        }
    return dict(islice(found.items(), _MOST))


def params_of(manifest: Manifest) -> Mapping[str, str]:
    """The model's parameters, each as one short line."""
    named = sorted(manifest.parameters.items())
    return {
        _key(name): one_line(
            value if isinstance(value, str) else json.dumps(value, default=str), _MAX_VALUE_CHARS
        )
        for name, value in islice(named, _MOST)
    }


def version_tags(bundle: Bundle) -> Mapping[str, str]:
    """What a version of the registered model is known by."""
    manifest = bundle.manifest
    commit = {COMMIT_TAG: manifest.commit} if manifest.commit else {}
    return {MANIFEST_TAG: bundle.digest, MODEL_TAG: manifest.model.digest, **commit}


def run_tags(bundle: Bundle) -> Mapping[str, str]:
    """The same for its run, and what MLflow itself shows of where a run comes from."""
    manifest = bundle.manifest
    commit = {"mlflow.source.git.commit": manifest.commit} if manifest.commit else {}
    return {**version_tags(bundle), "mlci.verdict": str(manifest.verdict), **commit}


def _key(name: str) -> str:
    return _UNUSABLE.sub("_", name)[: _MAX_KEY_CHARS - len(".baseline")].strip(" ./") or "unnamed"
