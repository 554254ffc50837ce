"""Of what is a model made, as a bill of materials that inventories read? CycloneDX 1.6.

Without a time, and its serial number comes from the manifest: the same bundle has the same one.
"""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

from mlci_action.domain.manifest import DataEntry, Manifest, MetricEntry

_SCHEMA = "http://cyclonedx.org/schema/bom-1.6.schema.json"
_MODEL_REF = "model"
_Component = dict[str, Any]


def mlbom_to_json(manifest: Manifest, digest: str) -> str:
    """The text of mlbom.cdx.json. digest: of the manifest's own file, `sha256:...`."""
    rows = [_rows(number, entry) for number, entry in enumerate(manifest.data)]
    found = [_library(*one) for one in sorted(manifest.environment.items())]
    # Names that differ by a dash alone are one package.
    libraries = list({one["bom-ref"]: one for one in found}.values())
    document = {
        "$schema": _SCHEMA,
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": uuid.uuid5(uuid.NAMESPACE_URL, digest).urn,
        "version": 1,
        "metadata": {"component": _model(manifest, [one["bom-ref"] for one in rows])},
        "components": [*rows, *libraries],
        "dependencies": [
            {
                "ref": _MODEL_REF,
                "dependsOn": [one["bom-ref"] for one in (*rows, *libraries)],
            }
        ],
    }
    return json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _model(manifest: Manifest, data_refs: list[str]) -> _Component:
    return {
        "type": "machine-learning-model",
        "bom-ref": _MODEL_REF,
        "name": manifest.model.path,
        "version": manifest.model.digest,
        "hashes": _hashes(manifest.model.digest),
        "modelCard": {
            "modelParameters": {"datasets": [{"ref": ref} for ref in data_refs]},
            "quantitativeAnalysis": {
                "performanceMetrics": [one for entry in manifest.metrics for one in _metrics(entry)]
            },
        },
        "properties": _properties(manifest),
        **_pedigree(manifest),
    }


def _metrics(entry: MetricEntry) -> list[dict[str, Any]]:
    """What the candidate reached, and the difference from the baseline, which has the interval."""
    found = []
    if entry.candidate is not None:
        found.append({"type": entry.metric, "value": _number(entry.candidate)})
    if entry.diff is not None:
        difference: dict[str, Any] = {
            "type": f"{entry.metric}, difference from the baseline",
            "value": _number(entry.diff),
        }
        if entry.ci_low is not None and entry.ci_high is not None:
            difference["confidenceInterval"] = {
                "lowerBound": _number(entry.ci_low),
                "upperBound": _number(entry.ci_high),
            }
        found.append(difference)
    return found


def _properties(manifest: Manifest) -> list[dict[str, str]]:
    known: dict[str, Any] = {
        "mlci:verdict": manifest.verdict.value,
        "mlci:deploy": manifest.deploy,
        "mlci:format": manifest.format.value,
        "mlci:policy": manifest.policy,
        "mlci:baseline": manifest.baseline,
        "mlci:repository": manifest.repository,
        "mlci:python": manifest.python,
        "mlci:seed": manifest.seed,
        "mlci:confidence": manifest.confidence,
    }
    named = {f"mlci:parameter:{name}": value for name, value in sorted(manifest.parameters.items())}
    return [
        {"name": name, "value": value if isinstance(value, str) else json.dumps(value)}
        for name, value in (known | named).items()
        if value is not None or name in named
    ]


def _pedigree(manifest: Manifest) -> dict[str, Any]:
    """The code that it came from and the model that it follows, where there are any."""
    commits = [] if manifest.commit is None else [{"uid": manifest.commit}]
    parent = manifest.parent
    ancestors = [] if parent is None else [_ancestor(parent.model)]
    found = {"commits": commits, "ancestors": ancestors}
    kept = {name: entries for name, entries in found.items() if entries}
    return {"pedigree": kept} if kept else {}


def _ancestor(digest: str) -> _Component:
    return {
        "type": "machine-learning-model",
        "name": "the model that this one follows",
        "version": digest,
        "hashes": _hashes(digest),
    }


def _rows(number: int, entry: DataEntry) -> _Component:
    return {
        "type": "data",
        "bom-ref": f"data:{entry.role}:{number}",
        "name": entry.path,
        "version": entry.digest,
        "description": f"{entry.role} rows, {entry.rows:,}",
        "hashes": _hashes(entry.digest),
        "data": [{"type": "dataset", "name": entry.role}],
    }


def _library(name: str, version: str) -> _Component:
    url = f"pkg:pypi/{_quoted(re.sub(r'[-_.]+', '-', name).lower())}@{_quoted(version)}"
    return {"type": "library", "bom-ref": url, "name": name, "version": version, "purl": url}


def _quoted(text: str) -> str:
    """As package URLs spell it: every byte but the plainest as %XX."""
    plain = re.compile(rb"[A-Za-z0-9._~-]")
    octets = (bytes([octet]) for octet in text.encode("utf-8", "replace"))
    return "".join(one.decode() if plain.match(one) else f"%{one[0]:02X}" for one in octets)


def _hashes(digest: str) -> list[dict[str, str]]:
    return [{"alg": "SHA-256", "content": digest.removeprefix("sha256:")}]


def _number(value: float) -> str:
    return repr(float(value))
