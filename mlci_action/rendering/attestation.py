"""What does a verdict say of which bytes, as an in-toto statement that anybody can sign?

Statement v1 with the predicate `test-result/v0.1` of the in-toto attestation framework.
"""

from __future__ import annotations

import json
from typing import Any

from mlci_action.domain.bundle_names import MANIFEST
from mlci_action.domain.manifest import Manifest
from mlci_action.domain.outcomes import Outcome, Verdict

PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://in-toto.io/attestation/test-result/v0.1"
_RESULTS = {Verdict.PASS: "PASSED", Verdict.INCONCLUSIVE: "WARNED"}
_FAILED = (Outcome.FAILED, Outcome.ERRORED, Outcome.INCONCLUSIVE, Outcome.NOT_RUN)


def statement_to_json(manifest: Manifest, digest: str) -> str:
    """The text of statement.intoto.json. digest: of the manifest's own file, `sha256:...`."""
    statement = statement_of(manifest, digest)
    return json.dumps(statement, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def statement_of(manifest: Manifest, digest: str) -> dict[str, Any]:
    """The statement about the model and its manifest, as JSON values."""
    model = _subject(manifest.model.path, manifest.model.digest)
    return {
        "_type": STATEMENT_TYPE,
        "subject": [model, _subject(MANIFEST, digest)],
        "predicateType": PREDICATE_TYPE,
        "predicate": predicate_of(manifest, digest),
    }


def predicate_of(manifest: Manifest, digest: str) -> dict[str, Any]:
    """Which checks held, under which limits: PASSED and WARNED may be deployed, FAILED may not.

    Beside a model that may be deployed, what did not pass only warns.
    """
    ids, passed = manifest.checks, manifest.passed
    failed = () if passed else _FAILED
    warned = (outcome for outcome in Outcome if outcome not in (Outcome.PASSED, *failed))
    policy = [] if manifest.policy is None else [_subject("policy", manifest.policy)]
    return {
        "result": _RESULTS[manifest.verdict] if passed else "FAILED",
        "configuration": [*policy, _subject(MANIFEST, digest)],
        "passedTests": list(ids.get(Outcome.PASSED, ())),
        "warnedTests": [name for outcome in warned for name in ids.get(outcome, ())],
        "failedTests": [name for outcome in failed for name in ids.get(outcome, ())],
    }


def _subject(name: str, digest: str) -> dict[str, Any]:
    algorithm, _, value = digest.partition(":")
    return {"name": name, "digest": {algorithm: value}}
