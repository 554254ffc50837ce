"""What does a gate leave that let a model pass? A report folder with its bundle."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mlci_action.adapters.bundles import Bundle
from mlci_action.adapters.report_folder import write_report
from mlci_action.domain.decision import Decision
from mlci_action.domain.outcomes import Verdict
from tests.builders import PROVENANCE, check, report
from tests.builders_bundle import make_bundle

HELD = Decision(verdict=Verdict.PASS, deploy=True, reasons=("all 3 required checks held",))


def make_report(
    folder: Path,
    *,
    model: bytes = b"a model",
    baseline: str | None = None,
    decision: Decision = HELD,
    bundle: bool = True,
    judged: str | None = None,
    **fields: Any,  # noqa: ANN401 - those of Manifest
) -> Bundle:
    """The bundle of a new report folder. judged: the digest that the report names, its own if None.

    Without `bundle` it is made elsewhere, as of a run that may not deploy.
    """
    fields = {"verdict": decision.verdict, "deploy": decision.deploy, **fields}
    place = folder / "bundle" if bundle else folder.with_name(f"{folder.name}-elsewhere")
    folder.mkdir(parents=True)
    made = make_bundle(place, model=model, baseline=baseline, **fields)
    candidate = {"digest": judged or made.manifest.model.digest}
    provenance = {**PROVENANCE, "candidate": candidate}
    write_report(report(check(), decision=decision, provenance=provenance), folder)
    return made
