"""From the text of mlci.yml to settings, or to every problem in it at once."""

from __future__ import annotations

from dataclasses import replace

from mlci_action.domain.sources import BaselineSource, parse_source
from mlci_action.errors import SettingsError
from mlci_action.settings.contradictions import contradictions, nothing_required
from mlci_action.settings.document import read_document
from mlci_action.settings.problems import Problem, settings_error
from mlci_action.settings.resolve import resolve
from mlci_action.settings.shape import read_shape
from mlci_action.settings.values import Settings

_NOTHING_REQUIRED = (
    "no check is required, and an empty gate never opens; give a metric a limit"
    " (min, max, max_regression), or fairness, flips, robustness, budgets,"
    " data.schema or data.checks"
)


def parse_settings(
    text: str, *, path: str, candidate: str | None = None, baseline: str | None = None
) -> Settings:
    """The settings in `text`; `path` is the file's name in messages.

    `candidate` and `baseline`, when given, take the place of the file's own. Raises one
    SettingsError with all problems, each with its line.
    """
    document = read_document(text)
    if not document.values and document.problems:
        raise settings_error(path, document.problems)
    file, misfits = read_shape(document.values, document)
    problems = [*document.problems, *misfits]
    problems += contradictions(document, has_baseline=baseline is not None)
    if problems or file is None:
        raise settings_error(path, problems)
    settings = resolve(file, path=path)
    if nothing_required(settings):
        raise settings_error(path, [Problem(line=1, text=_NOTHING_REQUIRED)])
    return with_overrides(settings, candidate=candidate, baseline=baseline)


def with_overrides(settings: Settings, *, candidate: str | None, baseline: str | None) -> Settings:
    """The settings with another candidate or baseline; SettingsError when it is no source."""
    if candidate is not None:
        settings = replace(settings, candidate=replace(settings.candidate, model=_path(candidate)))
    if baseline is not None:
        settings = replace(settings, baseline=(_source(baseline),))
    return settings


def _path(text: str) -> str:
    if not text.strip():
        raise SettingsError("candidate is empty", hint="give the path of a model, or leave it out")
    return text


def _source(text: str) -> BaselineSource:
    try:
        return parse_source(text)
    except ValueError as error:
        hint = "a baseline is a path, git:REF:PATH, artifact, release, mlflow:... or an address"
        raise SettingsError(f"baseline: {error}", hint=hint) from error
