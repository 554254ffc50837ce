from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from mlci_action.adapters.bundles import Bundle
from mlci_action.adapters.destinations.destination import Current, PromotionRefused
from mlci_action.adapters.destinations.folder import FolderDestination
from mlci_action.adapters.github_event import Change
from mlci_action.adapters.promoting import promote, promote_command
from mlci_action.adapters.report_folder import write_report
from mlci_action.domain.decision import Decision
from mlci_action.domain.outcomes import Verdict
from mlci_action.domain.promotion import Promotion, PromotionOutcome
from mlci_action.errors import BundleError, MlciError
from tests.builders import check, report
from tests.fakes.passing_reports import HELD, make_report

LOCAL = Change()
ON_MAIN = Change(event_name="push", ref="refs/heads/main", default_branch="main")


@dataclass
class Shelf:
    """A destination made of values, which remembers what was put there."""

    name: str = "release:models"
    there: Current | None = None
    taken: list[tuple[str, str | None]] = field(default_factory=list)

    def current(self) -> Current | None:
        return self.there

    def put(self, bundle: Bundle, *, expected: str | None) -> str:
        self.taken.append((bundle.digest, expected))
        return "the shelf"


def in_place(bundle: Bundle) -> Current:
    return Current(manifest=bundle.digest, model=bundle.manifest.model.digest, where="the shelf")


def outcome(what: PromotionOutcome, bundle: Bundle) -> Promotion:
    return Promotion(
        outcome=what,
        where="the shelf",
        manifest=bundle.digest,
        model=bundle.manifest.model.digest,
    )


def test_a_model_that_passed_goes_where_nothing_is(tmp_path: Path) -> None:
    bundle, shelf = make_report(tmp_path / "report", baseline="sha256:" + "0" * 64), Shelf()
    promotion = promote(tmp_path / "report", shelf, change=LOCAL)
    assert promotion == outcome(PromotionOutcome.PROMOTED, bundle)
    assert not promotion.already
    assert shelf.taken == [(bundle.digest, None)]


def test_a_model_follows_the_one_that_it_was_compared_with(tmp_path: Path) -> None:
    first = make_report(tmp_path / "first", model=b"first")
    second = make_report(tmp_path / "second", model=b"second", baseline=first.manifest.model.digest)
    shelf = Shelf(there=in_place(first))
    assert promote(tmp_path / "second", shelf, change=LOCAL) == outcome(
        PromotionOutcome.PROMOTED, second
    )
    assert shelf.taken == [(second.digest, first.digest)]


@pytest.mark.parametrize("baseline", [None, "sha256:" + "0" * 64])
def test_a_model_does_not_replace_one_that_it_was_not_compared_with(
    tmp_path: Path, baseline: str | None
) -> None:
    first = make_report(tmp_path / "first", model=b"first")
    second = make_report(tmp_path / "second", model=b"second", baseline=baseline)
    shelf = Shelf(there=in_place(first))
    with pytest.raises(PromotionRefused) as refused:
        promote(tmp_path / "second", shelf, change=LOCAL)
    assert first.manifest.model.digest in refused.value.message
    assert "--baseline" in refused.value.hint
    assert "--replace" in refused.value.hint
    assert shelf.taken == []

    assert promote(tmp_path / "second", shelf, change=LOCAL, replace=True) == outcome(
        PromotionOutcome.PROMOTED, second
    )
    # Even so it replaces what was seen, and nothing that came since.
    assert shelf.taken == [(second.digest, first.digest)]


def test_what_is_in_place_already_is_not_put_there_again(tmp_path: Path) -> None:
    bundle = make_report(tmp_path / "report")
    shelf = Shelf(there=in_place(bundle))
    for replace_ in (False, True):
        promotion = promote(tmp_path / "report", shelf, change=LOCAL, replace=replace_)
        assert promotion == outcome(PromotionOutcome.ALREADY, bundle)
        assert promotion.already
    assert shelf.taken == []


def test_the_same_model_keeps_its_first_manifest_unless_it_is_to_be_replaced(
    tmp_path: Path,
) -> None:
    first = make_report(tmp_path / "first")
    again = make_report(tmp_path / "again", commit="d" * 40)
    shelf = Shelf(there=in_place(first))
    kept = promote(tmp_path / "again", shelf, change=LOCAL)
    assert kept == outcome(PromotionOutcome.KEPT, first)
    assert kept.already
    assert "--replace" in kept.sentence
    assert shelf.taken == []
    promote(tmp_path / "again", shelf, change=LOCAL, replace=True)
    assert shelf.taken == [(again.digest, first.digest)]


def test_an_inconclusive_verdict_that_the_owner_lets_deploy_is_promoted(tmp_path: Path) -> None:
    bundle = make_report(tmp_path / "report", decision=replace(HELD, verdict=Verdict.INCONCLUSIVE))
    shelf = Shelf()
    promote(tmp_path / "report", shelf, change=LOCAL)
    assert shelf.taken == [(bundle.digest, None)]


@pytest.mark.parametrize("verdict", Verdict)
def test_a_report_that_did_not_pass_promotes_nothing(tmp_path: Path, verdict: Verdict) -> None:
    decision = Decision(verdict=verdict, deploy=False, reasons=("roc_auc fell by 0.021",))
    make_report(tmp_path / "report", decision=decision)
    refused_because(tmp_path / "report", f"the verdict is {verdict} .* roc_auc fell by 0.021")


def test_a_report_without_a_bundle_promotes_nothing(tmp_path: Path) -> None:
    make_report(tmp_path / "report", bundle=False)
    refused_because(tmp_path / "report", "there is no bundle in")


def test_a_report_about_data_alone_promotes_nothing(tmp_path: Path) -> None:
    write_report(report(check("data.schema"), decision=HELD, provenance={}), tmp_path / "report")
    refused_because(tmp_path / "report", "there is no bundle in")
    # Nor with a bundle that somebody put beside it.
    make_report(tmp_path / "other")
    shutil.move(tmp_path / "other" / "bundle", tmp_path / "report")
    refused_because(tmp_path / "report", "the report is about the model that it does not name")


@pytest.mark.parametrize(
    "decision",
    [replace(HELD, deploy=False), replace(HELD, verdict=Verdict.FAIL, deploy=False)],
    ids=["held", "failed"],
)
def test_a_report_that_was_edited_to_pass_disagrees_with_its_manifest(
    tmp_path: Path, decision: Decision
) -> None:
    make_report(tmp_path / "report", decision=decision)
    edit(tmp_path / "report", verdict="pass", deploy=True)
    refused_because(tmp_path / "report", "the manifest in its bundle says")


def test_a_manifest_that_lets_deploy_another_verdict_is_refused(tmp_path: Path) -> None:
    make_report(tmp_path / "report", decision=replace(HELD, verdict=Verdict.INCONCLUSIVE))
    edit(tmp_path / "report", verdict="pass")
    refused_because(tmp_path / "report", "the report says pass .* says inconclusive")


def test_a_bundle_of_another_model_than_the_report_is_about_is_refused(tmp_path: Path) -> None:
    make_report(tmp_path / "report", judged="sha256:" + "9" * 64)
    refused_because(tmp_path / "report", "the report is about the model sha256:9999")


def test_a_model_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    bundle, shelf = make_report(tmp_path / "report"), Shelf()
    with pytest.raises(PromotionRefused, match="the one to promote is sha256:1111"):
        promote(tmp_path / "report", shelf, change=LOCAL, model="sha256:" + "1" * 64)
    promote(tmp_path / "report", shelf, change=LOCAL, model=bundle.manifest.model.digest)
    assert len(shelf.taken) == 1


@pytest.mark.parametrize("name", ["model.joblib", "profile.json", "predictions.npz"])
def test_a_byte_that_was_edited_is_refused(tmp_path: Path, name: str) -> None:
    make_report(tmp_path / "report")
    path = tmp_path / "report" / "bundle" / name
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    shelf = Shelf()
    with pytest.raises(BundleError, match=rf"{name} is not the one"):
        promote(tmp_path / "report", shelf, change=LOCAL)
    assert shelf.taken == []


def test_a_report_that_is_none_is_a_wrong_set_up(tmp_path: Path) -> None:
    with pytest.raises(MlciError, match="no report at"):
        promote(tmp_path, Shelf(), change=LOCAL)
    make_report(tmp_path / "report")
    (tmp_path / "report" / "report.json").write_text('{"verdict": "pass", "deploy": true}')
    with pytest.raises(MlciError, match="this is not a report"):
        promote(tmp_path / "report", Shelf(), change=LOCAL)


@pytest.mark.parametrize("verdict", ["fail", "error"])
def test_a_failed_report_that_was_edited_to_deploy_is_no_report(
    tmp_path: Path, verdict: str
) -> None:
    make_report(tmp_path / "report")
    edit(tmp_path / "report", verdict=verdict)
    with pytest.raises(MlciError, match="this is not a report"):
        promote(tmp_path / "report", Shelf(), change=LOCAL)


@pytest.mark.parametrize(
    "change",
    [
        replace(ON_MAIN, event_name="pull_request", ref="refs/pull/7/merge", pr_number=7),
        replace(ON_MAIN, event_name="pull_request_target", pr_number=7),
        replace(ON_MAIN, event_name="merge_group"),
        replace(ON_MAIN, event_name="workflow_run", started_by="pull_request"),
        replace(ON_MAIN, event_name="issue_comment"),
        replace(ON_MAIN, ref="refs/heads/feature"),
        replace(ON_MAIN, ref="refs/tags/main"),
        replace(ON_MAIN, ref=None),
        replace(ON_MAIN, ref=None, default_branch=None),
        replace(ON_MAIN, event_name="workflow_dispatch", ref="refs/heads/feature"),
    ],
    ids=lambda change: f"{change.event_name} {change.ref}",
)
def test_only_what_is_on_the_default_branch_goes_where_others_take_it_from(
    tmp_path: Path, change: Change
) -> None:
    make_report(tmp_path / "report")
    shelf = Shelf()
    with pytest.raises(PromotionRefused, match="nothing is promoted to release:models"):
        promote(tmp_path / "report", shelf, change=change)
    assert shelf.taken == []
    # A folder of this machine is nobody else's.
    promote(tmp_path / "report", FolderDestination(tmp_path / "models"), change=change)


@pytest.mark.parametrize(
    "change",
    [
        LOCAL,
        ON_MAIN,
        replace(ON_MAIN, event_name="workflow_dispatch"),
        replace(ON_MAIN, event_name="repository_dispatch"),
        replace(ON_MAIN, event_name="schedule", default_branch=None),
    ],
    ids=lambda change: change.event_name,
)
def test_the_default_branch_and_a_laptop_may_promote(tmp_path: Path, change: Change) -> None:
    make_report(tmp_path / "report")
    shelf = Shelf()
    promote(tmp_path / "report", shelf, change=change)
    assert len(shelf.taken) == 1


def test_the_command_says_what_it_did_and_why_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    make_report(tmp_path / "report")
    make_report(tmp_path / "other", model=b"other")
    said = promote_command(Path("report"), "models", replace=False, environ={})
    assert said[0] == 0
    assert said[1].startswith("promoted: models/")
    said = promote_command(Path("report"), "models", replace=False, environ={})
    assert said[0] == 0
    assert said[1].startswith("already in place: models/")
    said = promote_command(Path("other"), "models", replace=False, environ={})
    assert said[0] == 1
    assert said[1].startswith("not promoted: the model in place")
    assert promote_command(Path("other"), "models", replace=True, environ={})[0] == 0


def edit(folder: Path, **fields: object) -> None:
    path = folder / "report.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))


def refused_because(folder: Path, sentence: str) -> None:
    shelf = Shelf()
    with pytest.raises(PromotionRefused, match=sentence):
        promote(folder, shelf, change=LOCAL)
    # Whatever --replace covers, it is not this.
    with pytest.raises(PromotionRefused, match=sentence):
        promote(folder, shelf, change=LOCAL, replace=True)
    assert shelf.taken == []
