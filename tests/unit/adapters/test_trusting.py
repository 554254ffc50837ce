"""Whose bytes may run: by event, by what the base branch trusts, by format."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mlci_action.adapters.git import Git
from mlci_action.adapters.github_event import Change
from mlci_action.adapters.model_files import ModelFile
from mlci_action.adapters.trusting import (
    code_allowed,
    is_before,
    is_of_commit,
    may_load,
    refuse_interpreter_inside,
)
from mlci_action.domain.model_formats import ModelFormat
from mlci_action.domain.trust import PickleTrust, Trust
from mlci_action.errors import InterpreterError, ModelError
from tests.fakes.repositories import Repository

OURS, THEIRS = "acme/consumer", "mallory/consumer"
NEVER, SAME, ALWAYS = (Trust(pickle=each) for each in PickleTrust)
PICKLE = ModelFile(
    path=Path("models/m.joblib"),
    digest="sha256:00",
    n_bytes=1,
    format=ModelFormat.PICKLE,
    kind="a joblib file",
    imports=("posix.system",),
)


def change(event: str, head: str | None = None, *, started_by: str | None = None) -> Change:
    return Change(
        event_name=event,
        repository=OURS,
        head_repository=head,
        is_fork=event.startswith(("pull_request", "workflow_run")) and head != OURS,
        started_by=started_by,
    )


OWN = [
    Change(),
    *(change(each) for each in ("push", "schedule", "workflow_dispatch", "merge_group", "release")),
    change("pull_request", OURS),
    change("pull_request_target", OURS),
    *(
        change("workflow_run", OURS, started_by=each)
        for each in ("push", "pull_request", "schedule", "release")
    ),
]
UNPRIVILEGED = [
    change("pull_request", THEIRS),
    change("pull_request", None),
    change("pull_request_review", OURS),
    change("repository_dispatch"),
    change("an_event_of_tomorrow", OURS),
    change("check_run"),
]
PRIVILEGED = [
    change("pull_request_target", THEIRS),
    change("pull_request_target", None),
    change("workflow_run", THEIRS, started_by="pull_request"),
    change("workflow_run", None, started_by="pull_request"),
    change("workflow_run", OURS, started_by="issue_comment"),
    change("workflow_run", OURS, started_by="pull_request_target"),
    change("workflow_run", OURS, started_by="workflow_run"),
    change("workflow_run", OURS),
    change("issue_comment"),
]


def named(given: Change) -> str:
    return f"{given.event_name} of {given.head_repository} after {given.started_by}"


@pytest.mark.parametrize("given", OWN, ids=named)
def test_what_the_event_proves_to_be_the_repositorys_own_runs(given: Change) -> None:
    assert code_allowed(given, SAME) == ""
    assert code_allowed(given, ALWAYS) == ""
    assert code_allowed(given, NEVER) == "trust.pickle is `never`"


@pytest.mark.parametrize("given", UNPRIVILEGED, ids=named)
def test_what_anybody_may_have_brought_runs_only_where_everybody_is_trusted(given: Change) -> None:
    assert code_allowed(given, SAME)
    assert code_allowed(given, NEVER)
    assert code_allowed(given, ALWAYS) == ""


@pytest.mark.parametrize("given", PRIVILEGED, ids=named)
@pytest.mark.parametrize("trust", [NEVER, SAME, ALWAYS], ids=lambda trust: str(trust.pickle))
def test_beside_the_repositorys_own_rights_nobody_elses_code_runs(
    given: Change, trust: Trust
) -> None:
    assert code_allowed(given, trust)


def test_a_head_that_nobody_names_is_not_ours() -> None:
    assert code_allowed(Change(event_name="pull_request", repository=OURS, is_fork=False), SAME)


def test_the_reason_names_the_fork() -> None:
    fork = change("pull_request", THEIRS)

    assert code_allowed(fork, SAME) == "the change comes from the fork mallory/consumer"
    assert code_allowed(change("pull_request"), SAME) == (
        "the change comes from a repository that the event does not name"
    )
    assert code_allowed(change("check_run"), SAME) == (
        "the event check_run does not say whose change this is"
    )


def refusal(
    model: ModelFile, given: Change, trust: Trust = SAME, *, who: str = "the candidate"
) -> ModelError:
    with pytest.raises(ModelError) as caught:
        may_load(model, given, trust, brought_by_change=True, who=who)
    return caught.value


FORK = change("pull_request", THEIRS)


def test_a_pickle_of_a_fork_is_refused_with_what_it_would_import_and_what_to_do() -> None:
    error = refusal(PICKLE, FORK)

    assert error.message == (
        "the candidate 'm.joblib' is a joblib file, which runs code when it is loaded, and none "
        "may run: the change comes from the fork mallory/consumer; it would import posix.system"
    )
    assert error.hint == (
        "save the model in a format that needs no code (skops, onnx, xgboost, lightgbm, catboost or"
        " predictions), or, where it may run all the same, set `trust: {pickle: always}` in the"
        " mlci.yml of the base branch"
    )


def test_of_many_imports_the_first_are_named_and_the_others_counted() -> None:
    many = replace(PICKLE, imports=tuple("abcdefg"), imports_complete=False)

    assert refusal(many, FORK).message.endswith(
        "it would import a, b, c, d, e and 2 more, and perhaps what cannot be read off it"
    )
    none = replace(PICKLE, imports=(), imports_complete=False)
    assert refusal(none, FORK).message.endswith(
        "what it would import cannot be told without loading it"
    )


def test_where_more_trust_is_no_way_out_none_is_proposed() -> None:
    hint = refusal(PICKLE, change("pull_request_target", THEIRS), ALWAYS).hint

    assert "trust:" not in hint
    assert "judge the change on `pull_request`" in hint


def test_an_own_change_is_told_how_to_allow_its_own_pickles() -> None:
    assert "`trust: {pickle: same-repository}`" in refusal(PICKLE, Change(), NEVER).hint


def test_a_baseline_is_told_of_the_base_commit() -> None:
    assert "git:base:PATH is loaded" in refusal(PICKLE, FORK, who="the baseline").hint


@pytest.mark.parametrize("format", list(ModelFormat), ids=str)
def test_only_formats_that_need_no_code_are_loaded_from_a_fork(format: ModelFormat) -> None:  # noqa: A002
    model = replace(PICKLE, format=format, kind=f"a file of {format}")
    if format in (ModelFormat.PICKLE, ModelFormat.MLFLOW, ModelFormat.OTHER):
        assert format.value in refusal(model, FORK).message
    else:
        may_load(model, FORK, SAME, brought_by_change=True, who="the candidate")
    may_load(model, Change(), SAME, brought_by_change=True, who="the candidate")
    may_load(model, FORK, SAME, brought_by_change=False, who="the baseline")


@pytest.mark.parametrize("given", [Change(), FORK], ids=named)
@pytest.mark.parametrize("brought", [True, False])
def test_formats_that_the_base_branch_does_not_list_are_refused_to_everybody(
    given: Change, *, brought: bool
) -> None:
    trust = Trust(formats=(ModelFormat.SKOPS, ModelFormat.ONNX), pickle=PickleTrust.ALWAYS)

    with pytest.raises(ModelError) as caught:
        may_load(PICKLE, given, trust, brought_by_change=brought, who="the baseline")

    assert caught.value.message == (
        "the baseline 'm.joblib' is a joblib file, and `trust.formats` allows only skops, onnx"
    )
    assert "add `pickle` to trust.formats" in caught.value.hint


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "work")
    made.commit({"a/m.joblib": b"old", "other": b"x"}, "before")
    made.commit({"other": b"y"}, "base")
    return made


def test_a_file_that_the_change_does_not_touch_is_the_base_commits(repository: Repository) -> None:
    git, base = Git(folder=repository.folder), repository.head()
    path = repository.folder / "a" / "m.joblib"
    assert is_of_commit(path, git, base)
    path.write_bytes(b"new")
    assert not is_of_commit(path, git, base)
    assert not is_of_commit(repository.folder / "a", git, base)
    assert not is_of_commit(path, git, None)
    assert not is_of_commit(repository.folder.parent / "elsewhere", git, base)


def test_a_link_to_a_file_of_the_base_is_the_changes(repository: Repository) -> None:
    git, base = Git(folder=repository.folder), repository.head()
    link = repository.folder / "m.joblib"
    link.symlink_to("a/m.joblib")

    assert not is_of_commit(link, git, base)


def test_commits_before_the_base_are_no_part_of_the_change(repository: Repository) -> None:
    git, base = Git(folder=repository.folder), repository.head()
    repository.branch("topic")
    head = repository.commit({"other": b"z"}, "head")

    assert is_before(base, base, git)
    assert is_before(repository.git("rev-parse", "main~1"), base, git)
    assert not is_before(head, base, git)
    assert not is_before(None, base, git)
    assert not is_before(base, None, git)
    assert not is_before("f" * 40, base, git)


def python_in(folder: Path) -> Path:
    path = folder / "bin" / "python"
    path.parent.mkdir(parents=True)
    path.symlink_to("/usr/bin/env")
    return path


@pytest.mark.parametrize("through", ["", "link"])
def test_a_python_in_the_checkout_is_refused(through: str, tmp_path: Path) -> None:
    """That it leads to one outside says nothing: what it imports is beside it."""
    work = tmp_path / "work"
    path = python_in(work / ".venv")
    (tmp_path / "link").symlink_to(work)
    given = tmp_path / through / path.relative_to(work) if through else path

    with pytest.raises(InterpreterError, match="lies in the checkout"):
        refuse_interpreter_inside(given, work)
    with pytest.raises(InterpreterError, match="lies in the checkout"):
        refuse_interpreter_inside(path, tmp_path / "link")


def test_a_link_from_or_to_the_checkout_is_refused(tmp_path: Path) -> None:
    outside, work = tmp_path / "venv", tmp_path / "work"
    path = python_in(outside)
    work.mkdir()
    (work / ".venv").symlink_to(outside)
    (outside / "bin" / "python3").symlink_to(work / "evil")

    refuse_interpreter_inside(path, work)
    for each in (work / ".venv" / "bin" / "python", outside / "bin" / "python3"):
        with pytest.raises(InterpreterError):
            refuse_interpreter_inside(each, work)
