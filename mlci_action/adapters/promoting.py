"""May this report's model be promoted there? Only bytes that passed, and only after what they beat.

Whatever is in place is followed only by a model that was compared with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mlci_action.adapters.bundles import Bundle, read_bundle
from mlci_action.adapters.destinations import destination_of
from mlci_action.adapters.destinations.destination import Current, Destination, PromotionRefused
from mlci_action.adapters.destinations.folder import FolderDestination
from mlci_action.adapters.github_event import LOCAL, Change, load_change
from mlci_action.adapters.report_folder import read_report_text
from mlci_action.domain.bundle_names import MANIFEST
from mlci_action.domain.promotion import Promotion, PromotionOutcome
from mlci_action.domain.report import Report
from mlci_action.rendering.plain import one_line
from mlci_action.rendering.report_json import from_json

BUNDLE = "bundle"
_GATE_AGAIN = "promote the report folder as the gate wrote it, or run the gate again"
# Where the commit in question is the one that the run is on, and nobody else's.
_DECIDED = ("push", "schedule", "workflow_dispatch", "repository_dispatch")
_WHERE = "let the promotion run on push, schedule or workflow_dispatch on the default branch"


def promote_command(
    report: Path, to: str, *, replace: bool, environ: Mapping[str, str]
) -> tuple[int, str]:
    """What `mlci promote` answers: 0 when the model is in place now, 1 when it is refused, and why.

    MlciError for a wrong set-up.
    """
    token = environ.get("GITHUB_TOKEN") or environ.get("GH_TOKEN") or ""
    try:
        destination = destination_of(to, folder=Path(), environ=environ, token=token)
        promotion = promote(report, destination, change=load_change(environ), replace=replace)
    except PromotionRefused as refusal:
        return 1, f"not promoted: {refusal}"
    return 0, promotion.sentence


def promote(
    report_folder: Path,
    destination: Destination,
    *,
    change: Change,
    replace: bool = False,
    model: str | None = None,
) -> Promotion:
    """Bring the bundle of a passing report to `destination`, once.

    replace: also where another model is in place than the one it was compared with. model: the
    digest that somebody vouches for, None: only the report does. PromotionRefused says why not;
    BundleError for bytes that were changed; other MlciErrors where a place cannot be used.
    """
    _may_promote_from(change, destination)
    bundle = _passed(report_folder, model)
    found = destination.current()
    if found is not None:
        if found.manifest == bundle.digest:
            return _in_place(PromotionOutcome.ALREADY, bundle, found.where)
        if not replace and found.model == bundle.manifest.model.digest:
            return Promotion(
                outcome=PromotionOutcome.KEPT,
                where=found.where,
                manifest=found.manifest,
                model=found.model,
            )
        if not replace:
            _must_follow(bundle, found)
    where = destination.put(bundle, expected=None if found is None else found.manifest)
    return _in_place(PromotionOutcome.PROMOTED, bundle, where)


def _in_place(outcome: PromotionOutcome, bundle: Bundle, where: str) -> Promotion:
    return Promotion(
        outcome=outcome, where=where, manifest=bundle.digest, model=bundle.manifest.model.digest
    )


def _may_promote_from(change: Change, destination: Destination) -> None:
    """A pull request may fill a folder of its own machine, and nothing that others take from."""
    if change.event_name == LOCAL or isinstance(destination, FolderDestination):
        return
    if change.event_name not in _DECIDED:
        raise PromotionRefused(
            f"nothing is promoted to {destination.name} on {change.event_name}: what was judged is"
            " not on the default branch yet",
            hint=_WHERE,
        )
    # A schedule runs on the default branch alone, and its event may not name it.
    default = change.default_branch
    if change.event_name != "schedule" and (
        default is None or change.ref != f"refs/heads/{default}"
    ):
        ref = one_line(change.ref or "no branch", 200)
        raise PromotionRefused(
            f"nothing is promoted to {destination.name} from {ref}: it is not the default branch",
            hint=_WHERE,
        )


def _passed(report_folder: Path, model: str | None) -> Bundle:
    """The bundle, where report and manifest agree that it passed."""
    report = from_json(read_report_text(report_folder))
    _must_pass(report)
    folder = report_folder / BUNDLE
    if not (folder / MANIFEST).exists():
        raise PromotionRefused(
            f"there is no bundle in {report_folder}: this report is not about a model to deploy",
            hint="run `mlci gate` with a candidate; `mlci data` alone has none",
        )
    bundle = read_bundle(folder)
    manifest, decision = bundle.manifest, report.decision
    if not manifest.passed or manifest.verdict is not decision.verdict:
        raise PromotionRefused(
            f"the report says {decision.verdict} and deploy=true, the manifest in its bundle says"
            f" {manifest.verdict} and deploy={'true' if manifest.deploy else 'false'}",
            hint=_GATE_AGAIN,
        )
    judged = _judged_model(report)
    if judged != manifest.model.digest:
        raise PromotionRefused(
            f"the report is about the model {judged}, the bundle holds {manifest.model.digest}",
            hint=_GATE_AGAIN,
        )
    if model is not None and model != judged:
        raise PromotionRefused(
            f"the report is about the model {judged}, the one to promote is {one_line(model, 80)}",
            hint="give the report of the gate whose output model-digest is",
        )
    return bundle


def _must_pass(report: Report) -> None:
    decision = report.decision
    if decision.deploy:
        return
    why = f": {one_line(decision.reasons[0], 300)}" if decision.reasons else ""
    raise PromotionRefused(
        f"the verdict is {decision.verdict} and deploy is false{why}",
        hint="only a model that passed is promoted",
    )


def _judged_model(report: Report) -> str:
    candidate = report.provenance.get("candidate")
    digest = candidate.get("digest") if isinstance(candidate, dict) else None
    return one_line(digest, 80) if isinstance(digest, str) else "that it does not name"


def _must_follow(bundle: Bundle, found: Current) -> None:
    if found.model == bundle.manifest.baseline:
        return
    compared = bundle.manifest.baseline
    raise PromotionRefused(
        f"the model in place ({found.model}, {one_line(found.where)}) is not the one that this was"
        f" compared with ({compared or 'it was compared with none'})",
        hint="run the gate again with that one as --baseline, or promote with --replace",
    )
