"""What the base branch trusts, whatever the change says."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlci_action.adapters.base_file import name_in_repository
from mlci_action.adapters.base_trust import TrustInForce, trust_in_force
from mlci_action.adapters.git import Git
from mlci_action.adapters.github_event import Change
from mlci_action.domain.model_formats import ModelFormat
from mlci_action.domain.trust import PickleTrust, Trust
from mlci_action.errors import BaselineError
from tests.fakes.repositories import Repository

NEVER, ALWAYS = Trust(pickle=PickleTrust.NEVER), Trust(pickle=PickleTrust.ALWAYS)
OURS = "acme/consumer"


def no_fetch(ref: str) -> str:
    raise BaselineError(f"the ref {ref!r} cannot be fetched")


def pull_request(base: str, *, head: str = OURS, event: str = "pull_request") -> Change:
    return Change(
        event_name=event,
        repository=OURS,
        head_repository=head,
        is_fork=head != OURS,
        base_sha=base,
        base_ref="main",
    )


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "work")


def in_force(
    repository: Repository, base: bytes | None, *, own: Trust = ALWAYS, head: str = OURS
) -> TrustInForce:
    """What counts when mlci.yml is `base` in the base commit."""
    files = {} if base is None else {"ml/mlci.yml": base}
    change = pull_request(repository.commit({"other": b"", **files}, "base"), head=head)
    (repository.folder / "ml").mkdir(exist_ok=True)
    return trust_in_force(
        change,
        Git(folder=repository.folder),
        own=own,
        config=repository.folder / "ml" / "mlci.yml",
        fetch=no_fetch,
    )


def test_the_base_branch_says_what_is_trusted(repository: Repository) -> None:
    text = b"trust:\n  formats: [skops, onnx]\n  skops_types: [features.Ratio]\n  pickle: never\n"

    found = in_force(repository, b"metrics: {roc_auc: {min: 0.8}}\n" + text)

    assert found.trust == Trust(
        formats=(ModelFormat.SKOPS, ModelFormat.ONNX),
        skops_types=("features.Ratio",),
        pickle=PickleTrust.NEVER,
    )
    assert found.origin == f"ml/mlci.yml of the base branch ({repository.head()[:12]})"


@pytest.mark.parametrize("head", [OURS, "mallory/consumer"])
def test_a_change_cannot_widen_what_the_base_branch_says_nothing_of(
    repository: Repository, head: str
) -> None:
    assert in_force(repository, b"metrics: {}\n", head=head).trust == Trust()


def test_without_a_file_in_the_base_a_fork_gets_the_defaults(repository: Repository) -> None:
    found = in_force(repository, None, head="mallory/consumer")

    assert found.trust == Trust()
    assert found.origin.startswith("the defaults, because there is no ml/mlci.yml of the base")


def test_without_a_file_in_the_base_an_own_change_speaks_for_itself(
    repository: Repository,
) -> None:
    found = in_force(repository, None)

    assert found == TrustInForce(trust=ALWAYS, origin="the settings file of this run")


@pytest.mark.parametrize(
    ("text", "trust", "odd"),
    [
        (b"trust: {pickle: sometimes}", NEVER, "'pickle'"),
        (b"trust: {pickle: [always]}", NEVER, "'pickle'"),
        (b"trust: {pickle: }", NEVER, "'pickle'"),
        (b"trust: {formats: [skops, word]}", Trust(formats=(ModelFormat.SKOPS,)), "'formats'"),
        (b"trust: {formats: skops}", Trust(formats=()), "'formats'"),
        (b"trust: {skops_types: [a.B, [c]]}", Trust(skops_types=("a.B",)), "'skops_types'"),
        (b"trust: {skops_types: a.B}", Trust(), "'skops_types'"),
        (b"trust: {pickle: always, of_tomorrow: 1}", ALWAYS, "'of_tomorrow'"),
        (b"trust: always", NEVER, "no mapping"),
        (b"trust:", NEVER, "no mapping"),
        (b"a: b: c", NEVER, "no settings file"),
        (b"", NEVER, "no settings file"),
        (b"\xff\xfe\x00", NEVER, "no settings file"),
        (b"- a", NEVER, "no settings file"),
        (b"#" * (2**20 + 1), NEVER, "too large"),
    ],
)
def test_what_the_base_branch_says_oddly_is_read_as_its_strictest(
    repository: Repository, text: bytes, trust: Trust, odd: str
) -> None:
    found = in_force(repository, text)

    assert found.trust == trust
    assert odd in found.origin
    assert "once it is mended there" in found.origin


def test_a_link_in_the_base_is_not_followed(repository: Repository) -> None:
    (repository.folder / "ml").mkdir()
    (repository.folder / "ml" / "mlci.yml").symlink_to("../lax.yml")

    found = in_force(repository, None)

    assert found.trust == NEVER
    assert "is no file: a link" in found.origin


def test_a_link_of_the_change_leads_to_no_other_files_trust(repository: Repository) -> None:
    """Somewhere in the base may lie an example that trusts everybody."""
    lax = {"examples/mlci.yml": b"trust: {pickle: always}", "mlci.yml": b"metrics: {}"}
    base = repository.commit(lax, "base")
    repository.branch("topic")
    (repository.folder / "mlci.yml").unlink()
    (repository.folder / "mlci.yml").symlink_to("examples/mlci.yml")
    (repository.folder / "gate").symlink_to("examples")
    git = Git(folder=repository.folder)

    for name in ("mlci.yml", "gate/mlci.yml", "gate/../gate/mlci.yml"):
        found = trust_in_force(
            pull_request(base, head="mallory/consumer"), git,
            own=ALWAYS, config=repository.folder / name, fetch=no_fetch,
        )  # fmt: skip
        assert found.trust == Trust()


def test_a_base_that_is_not_here_is_fetched(repository: Repository, tmp_path: Path) -> None:
    base = repository.commit({"mlci.yml": b"trust: {pickle: never}"}, "base")
    repository.commit({"mlci.yml": b"trust: {pickle: always}"}, "head")
    clone = repository.cloned(tmp_path / "clone", depth=1)
    git = Git(folder=clone.folder)

    def fetch(ref: str) -> str:
        clone.git("fetch", "--quiet", "--depth=1", "origin", ref)
        return ref

    def found(how: object) -> TrustInForce:
        return trust_in_force(
            pull_request(base), git,
            own=ALWAYS, config=clone.folder / "mlci.yml", fetch=fetch if how else no_fetch,
        )  # fmt: skip

    unread = found(None)
    assert unread.trust == NEVER
    assert "cannot be fetched (check out with fetch-depth: 0)" in unread.origin
    assert found("fetch").trust == NEVER
    assert "mlci.yml of the base branch" in found("fetch").origin


@pytest.mark.parametrize("event", ["push", "schedule", "workflow_dispatch"])
def test_without_a_base_branch_the_branch_speaks_for_itself(
    repository: Repository, event: str
) -> None:
    """Whoever pushed may write to the branch that others are measured against."""
    base = repository.commit({"mlci.yml": b"trust: {pickle: never}"}, "before")

    found = trust_in_force(
        Change(event_name=event, repository=OURS, base_sha=base),
        Git(folder=repository.folder),
        own=ALWAYS,
        config=repository.folder / "mlci.yml",
        fetch=no_fetch,
    )

    assert found.trust == ALWAYS


@pytest.mark.parametrize("event", ["workflow_run", "issue_comment", "check_run"])
def test_whoever_is_not_known_does_not_speak_for_himself(
    repository: Repository, event: str
) -> None:
    found = trust_in_force(
        Change(event_name=event, repository=OURS),
        Git(folder=repository.folder),
        own=ALWAYS,
        config=repository.folder / "mlci.yml",
        fetch=no_fetch,
    )

    assert found.trust == Trust()
    assert found.origin == "the defaults, because the event names no base branch"


def test_a_file_outside_of_a_repository_has_no_base(tmp_path: Path) -> None:
    git = Git(folder=tmp_path)

    assert name_in_repository(tmp_path / "mlci.yml", git) is None
    found = trust_in_force(
        pull_request("a" * 40), git, own=ALWAYS, config=tmp_path / "mlci.yml", fetch=no_fetch
    )
    assert found.trust == ALWAYS


def test_a_checkout_behind_a_link_is_the_repository(repository: Repository) -> None:
    repository.commit({"a": b""}, "first")
    link = repository.folder.parent / "link"
    link.symlink_to(repository.folder)

    git = Git(folder=repository.folder)
    assert name_in_repository(link / "ml" / "mlci.yml", git) == "ml/mlci.yml"
