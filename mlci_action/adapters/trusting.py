"""May these bytes run? Decided before any process starts, and from nothing that the bytes say."""

from __future__ import annotations

import os
from pathlib import Path

from mlci_action.adapters.git import Git
from mlci_action.adapters.github_event import LOCAL, Change
from mlci_action.adapters.model_files import ModelFile
from mlci_action.domain.model_formats import ModelFormat
from mlci_action.domain.trust import PickleTrust, Trust
from mlci_action.errors import InterpreterError, ModelError

# Whoever starts one of these may write to the repository.
_OWN_EVENTS = frozenset({LOCAL, "push", "schedule", "workflow_dispatch", "merge_group", "release"})
_PULL_REQUESTS = frozenset({"pull_request", "pull_request_target"})
# They run with the repository's own secrets, whoever's code is checked out.
_PRIVILEGED = frozenset({"pull_request_target", "workflow_run", "issue_comment"})
_STARTED_BY_THEIR_OWN = (_OWN_EVENTS - {LOCAL}) | {"pull_request"}
_BASELINE = "the baseline"
_MAX_NAMED = 5
_MAX_KIND = 80
_HARMLESS = "skops, onnx, xgboost, lightgbm, catboost or predictions"
_NOT_SAID = "the event {} does not say whose change this is"


def code_allowed(change: Change, trust: Trust) -> str:
    """Why code that comes with the change may not run; empty when it may.

    That is pickles, and whatever the settings name: metrics, schemas, hooks, commands.
    """
    doubt = _whose(change)
    if not doubt and trust.pickle is not PickleTrust.NEVER:
        return ""
    if trust.pickle is PickleTrust.NEVER:
        return "trust.pickle is `never`"
    if trust.pickle is PickleTrust.ALWAYS:
        if change.event_name not in _PRIVILEGED:
            return ""
        return f"{doubt}, and {change.event_name} runs with the repository's own rights"
    return doubt


def may_load(
    model: ModelFile, change: Change, trust: Trust, *, brought_by_change: bool, who: str
) -> None:
    """ModelError, with the remedy, when the file may not be loaded.

    brought_by_change: whether its bytes are the change's, and not those of the base branch.
    """
    named = f"{who} {model.path.name!r} is {model.kind[:_MAX_KIND]}"
    if trust.formats is not None and model.format not in trust.formats:
        allowed = ", ".join(each.value for each in trust.formats) or "none"
        raise ModelError(
            f"{named}, and `trust.formats` allows only {allowed}",
            hint=f"save it in one of these, or add `{model.format.value}` to trust.formats in the"
            " mlci.yml of the base branch",
        )
    if not (brought_by_change and (model.format.runs_code or model.format is ModelFormat.OTHER)):
        return
    why = code_allowed(change, trust)
    if not why:
        return
    elsewhere = "; git:base:PATH is loaded in any case" if who == _BASELINE else ""
    if model.format is ModelFormat.OTHER:
        raise ModelError(
            f"{named}, which only code of the change could load, and none may run: {why}",
            hint=_remedy(change) + elsewhere,
        )
    raise ModelError(
        f"{named}, which runs code when it is loaded, and none may run: {why}; "
        f"{_what_it_imports(model)}",
        hint=_remedy(change) + elsewhere,
    )


def is_of_commit(path: Path, git: Git, commit: str | None) -> bool:
    """Whether the file at `path` is byte for byte as that commit has it: nothing brought it."""
    root = git.root()
    if commit is None or root is None or path.is_dir():
        return False
    try:
        # The folder may be reached by a link, the file may not.
        inside = (path.parent.resolve() / path.name).relative_to(root.resolve())
    except (OSError, ValueError):
        return False
    return git.holds(commit, inside.as_posix())


def is_before(commit: str | None, base: str | None, git: Git) -> bool:
    """Whether a commit is the base, or one that the base came from, and so no part of the change.

    False where git cannot tell, as in a shallow clone.
    """
    if commit is None or base is None:
        return False
    return commit == base or git.merge_base(commit, base) == commit


def refuse_interpreter_inside(path: Path, folder: Path) -> None:
    """InterpreterError when the Python at `path` lies in `folder`, itself or behind a link.

    A change that may not run code could bring its own. To be asked before it is started at all.
    """
    inside = {Path(os.path.abspath(folder)), folder.resolve()}  # noqa: PTH100 - links kept
    given = {Path(os.path.abspath(path)), path.resolve()}  # noqa: PTH100
    # The environment may be linked from outside, or lead outside.
    given |= {(each.parent.resolve() / each.name) for each in tuple(given)}
    if any(each.is_relative_to(where) for each in given for where in inside):
        raise InterpreterError(
            f"the Python at {str(path)!r} lies in the checkout, where a change could have put it",
            hint="make the environment outside of the working directory"
            " (`python -m venv $RUNNER_TEMP/venv`, UV_PROJECT_ENVIRONMENT), and name it with the"
            " input `python`",
        )


def _whose(change: Change) -> str:
    """Empty when the event proves that the change is the repository's own; else what it says."""
    event = change.event_name
    own = change.head_repository is not None and not change.is_fork
    if event in _OWN_EVENTS or (event in _PULL_REQUESTS and own):
        return ""
    if event == "workflow_run" and own:
        if change.started_by in _STARTED_BY_THEIR_OWN:
            return ""
        return _NOT_SAID.format(f"workflow_run (after {change.started_by or 'an unknown event'})")
    if event in _PULL_REQUESTS or event == "workflow_run":
        theirs = change.head_repository
        if theirs is None:
            return "the change comes from a repository that the event does not name"
        return f"the change comes from the fork {theirs}"
    return _NOT_SAID.format(event)


def _what_it_imports(model: ModelFile) -> str:
    names, n = ", ".join(model.imports[:_MAX_NAMED]), len(model.imports)
    more = f" and {n - _MAX_NAMED:,} more" if n > _MAX_NAMED else ""
    if not names:
        return "what it would import cannot be told without loading it"
    perhaps = "" if model.imports_complete else ", and perhaps what cannot be read off it"
    return f"it would import {names}{more}{perhaps}"


def _remedy(change: Change) -> str:
    """What to do: another format always helps, more trust only where it may be given."""
    save = f"save the model in a format that needs no code ({_HARMLESS})"
    doubt = _whose(change)
    if doubt and change.event_name in _PRIVILEGED:
        return f"{save}, or judge the change on `pull_request`, which has no rights to lose"
    widen = "always" if doubt else PickleTrust.SAME_REPOSITORY.value
    return (
        f"{save}, or, where it may run all the same, set `trust: {{pickle: {widen}}}` in the"
        " mlci.yml of the base branch"
    )
