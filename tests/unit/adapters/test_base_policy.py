"""By which limits a change is judged, whatever it says itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlci_action.adapters.base_policy import PolicyInForce, policy_in_force
from mlci_action.adapters.config_file import load_config
from mlci_action.adapters.git import Git
from mlci_action.adapters.github_event import Change
from mlci_action.domain.policy import Move, PolicyChange
from mlci_action.domain.sources import PathSource
from mlci_action.settings.policy.merge import merged
from tests.fakes.repositories import Repository
from tests.unit.adapters.test_base_trust import no_fetch, pull_request
from tests.unit.settings.documents import document

STRICT = document(metrics="metrics: {roc_auc: {min: 0.9}}").encode()
LAX = document(metrics="metrics: {roc_auc: {min: 0.1}}").encode()


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "work")


def in_force(
    repository: Repository, change: Change, *, baseline: str | None = None, fetch: object = None
) -> PolicyInForce:
    config = repository.folder / "ml" / "mlci.yml"
    return policy_in_force(
        change,
        Git(folder=repository.folder),
        own=load_config(config, baseline=baseline).settings,
        config=config,
        fetch=fetch or no_fetch,  # type: ignore[arg-type]
        baseline=baseline,
    )


def proposed(
    repository: Repository, base: bytes | None, own: bytes, files: dict[str, bytes] | None = None
) -> Change:
    """A pull request whose mlci.yml is `own`, on a branch where it is `base`."""
    there = {} if base is None else {"ml/mlci.yml": base}
    commit = repository.commit({"ml/other": b"", **there, **(files or {})}, "base")
    repository.branch("topic")
    repository.commit({"ml/mlci.yml": own}, "topic")
    return pull_request(commit)


def test_a_looser_limit_is_judged_by_the_base_branchs(repository: Repository) -> None:
    change = proposed(repository, STRICT, LAX)

    found = in_force(repository, change)

    assert found.settings.metrics[0].min == 0.9
    assert found.facts.changes == (
        PolicyChange(rule="metrics.roc_auc.min", move=Move.LOOSER, before="0.9", after="0.1"),
    )
    base = (change.base_sha or "")[:12]
    assert found.facts.origin == f"ml/mlci.yml of the base branch ({base})"
    assert found.facts.problem == ""


def test_a_tighter_limit_counts_at_once(repository: Repository) -> None:
    found = in_force(repository, proposed(repository, LAX, STRICT))

    assert found.settings.metrics[0].min == 0.9
    assert [change.in_force for change in found.facts.changes] == [True]
    assert found.facts.origin.endswith("), tightened here")


def test_the_digest_is_of_the_limits_in_force(repository: Repository) -> None:
    """Whether they come from the base branch or from the change, and in whatever order."""
    other = document(metrics="metrics: {roc_auc: {min: 0.9}, f1: {min: 0.1}}").encode()
    turned = document(metrics="metrics: {f1: {min: 0.1}, roc_auc: {min: 0.9}}").encode()
    change = proposed(repository, other, turned)

    digest = in_force(repository, change).facts.digest

    assert digest == in_force(repository, Change()).facts.digest
    (repository.folder / "ml" / "mlci.yml").write_bytes(STRICT)
    assert digest == in_force(repository, change).facts.digest
    assert digest != in_force(repository, Change()).facts.digest


def test_in_a_merge_queue_the_base_branch_has_its_say_as_well(repository: Repository) -> None:
    change = proposed(repository, STRICT, LAX)
    queued = Change(event_name="merge_group", base_ref="main", base_sha=change.base_sha)

    assert in_force(repository, queued).settings.metrics[0].min == 0.9


@pytest.mark.parametrize("event", ["local", "push", "schedule", "workflow_dispatch"])
def test_without_a_base_branch_the_file_of_the_run_counts(
    repository: Repository, event: str
) -> None:
    base = proposed(repository, STRICT, LAX).base_sha

    found = in_force(repository, Change(event_name=event, base_sha=base))

    assert found.settings.metrics[0].min == 0.1
    assert found.facts.origin == ("the working copy" if event == "local" else f"this {event}")
    assert (found.facts.problem, found.facts.changes) == ("", ())


def test_whoever_is_not_known_is_not_judged_by_his_own_file(repository: Repository) -> None:
    proposed(repository, STRICT, LAX)

    found = in_force(repository, Change(event_name="issue_comment"))

    assert "the event names no base branch" in found.facts.problem


def test_the_first_file_speaks_for_itself(repository: Repository) -> None:
    found = in_force(repository, proposed(repository, None, LAX))

    assert found.settings.metrics[0].min == 0.1
    assert found.facts.origin == "this pull_request (the base branch has no ml/mlci.yml)"
    assert found.facts.problem == ""


@pytest.mark.parametrize(
    ("base", "said"),
    [
        (b"data: {evaluation: a", "not valid YAML"),
        (b"", "the file is empty"),
        (STRICT + b"\nof_tomorrow: 1\nslises: 2", "(and 1 more problems)"),
        (b"\xff\xfe", "is not UTF-8 text"),
        (b"#" * (2**20 + 1), "is larger than 1,048,576 bytes"),
    ],
)
def test_a_base_branch_that_cannot_be_understood_is_a_problem(
    repository: Repository, base: bytes, said: str
) -> None:
    found = in_force(repository, proposed(repository, base, LAX))

    assert said in found.facts.problem
    assert found.facts.problem.startswith("the limits of the base branch are not known: ")
    assert found.settings.metrics[0].min == 0.1


def test_a_base_branch_that_cannot_be_fetched_is_a_problem(repository: Repository) -> None:
    proposed(repository, STRICT, LAX)

    found = in_force(repository, pull_request("a" * 40))

    assert "cannot be fetched (check out with fetch-depth: 0)" in found.facts.problem


def test_a_base_that_is_not_here_is_fetched(repository: Repository, tmp_path: Path) -> None:
    change = proposed(repository, STRICT, LAX)
    clone = repository.cloned(tmp_path / "clone", depth=1)

    def fetch(ref: str) -> str:
        clone.git("fetch", "--quiet", "--depth=1", "origin", ref)
        return ref

    assert in_force(clone, change).facts.problem
    assert in_force(clone, change, fetch=fetch).settings.metrics[0].min == 0.9


def test_a_link_is_not_followed_on_either_side(repository: Repository) -> None:
    """Somewhere in the base may lie an example with hardly a limit."""
    change = proposed(repository, STRICT, LAX, {"examples/mlci.yml": LAX})
    (repository.folder / "ml" / "mlci.yml").unlink()
    (repository.folder / "ml" / "mlci.yml").symlink_to("../examples/mlci.yml")

    assert in_force(repository, change).settings.metrics[0].min == 0.9
    linked = repository.commit({}, "a link")
    assert "is no file: a link" in in_force(repository, pull_request(linked)).facts.problem


def test_the_baseline_that_the_caller_names_is_taken(repository: Repository) -> None:
    weak = document(baseline="baseline: {from: weak.joblib}").encode()
    change = proposed(repository, document().encode(), weak)

    assert in_force(repository, change).settings.baseline == (PathSource(pattern="old.joblib"),)
    asked = in_force(repository, change, baseline="theirs.joblib")
    assert asked.settings.baseline == (PathSource(pattern="theirs.joblib"),)
    assert asked.facts.changes == ()


def test_what_is_in_force_is_what_the_two_files_make_together(repository: Repository) -> None:
    change = proposed(repository, STRICT, LAX)
    own = load_config(repository.folder / "ml" / "mlci.yml").settings
    (repository.folder / "strict").mkdir()
    (repository.folder / "strict" / "mlci.yml").write_bytes(STRICT)
    base = load_config(repository.folder / "strict" / "mlci.yml").settings

    found = in_force(repository, change)

    assert (found.settings, found.facts.changes) == merged(base, own)
