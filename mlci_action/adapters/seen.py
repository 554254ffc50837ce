"""What was seen on the way? Models, interpreter and answers of one run, for its report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from mlci_action.adapters.baselines import Baseline
from mlci_action.adapters.interpreters import Interpreter
from mlci_action.adapters.metric_files import MetricFile
from mlci_action.adapters.model_files import ModelFile
from mlci_action.domain.sources import PathSource, parse_source
from mlci_action.errors import BaselineUnknown, MlciError
from mlci_action.evaluation.reading.variants import Answers
from mlci_action.parts.remarks import age_in_days
from mlci_action.settings.values import Settings

_OF_THE_MANIFEST = ("distributions", "parameters")
CANDIDATE, BASELINE = "the candidate", "the baseline"


@dataclass(kw_only=True)
class Seen:
    """What one run has found so far; `no_baseline` says why there is none, `answers` by model."""

    candidate: ModelFile | None = None
    baseline: Baseline | None = None
    no_baseline: MlciError | None = None
    interpreter: Interpreter | None = None
    metric_files: tuple[MetricFile, ...] = ()
    answers: dict[str, Answers] = field(default_factory=dict)

    def said_by(self, who: str) -> Answers | None:
        """What that model said; where one answer is both models', the baseline was asked."""
        candidate, baseline = self.candidate, self.baseline
        same = candidate and baseline and candidate.digest == baseline.file.digest
        return self.answers.get(who) or (self.answers.get(BASELINE) if same else None)

    def age_of_baseline(self, today: date) -> int | None:
        """In whole days; None where nobody can tell.

        A bare file is as old as its copy here, which says nothing of the model.
        """
        found = self.baseline
        if found is None or (
            found.commit is None and isinstance(parse_source(found.source), PathSource)
        ):
            return None
        return age_in_days(found.modified, today)

    def as_mapping(self, settings: Settings, today: date) -> dict[str, Any]:
        """As JSON values, for the report's provenance."""
        files = [file.as_mapping() for file in self.metric_files]
        return {
            "candidate": self._of_candidate(settings),
            "baseline": self._of_baseline(settings, today),
            "interpreter": self._of_interpreter(),
            **({"custom_metrics": files} if files else {}),
        }

    def _of_candidate(self, settings: Settings) -> dict[str, Any]:
        found, threshold = self.candidate, settings.candidate.threshold
        return {
            "path": settings.candidate.model,
            **({} if threshold is None else {"threshold": threshold}),
            **({} if found is None else self._of_model(found, CANDIDATE)),
        }

    def _of_baseline(self, settings: Settings, today: date) -> dict[str, Any]:
        found = self.baseline
        if found is None:
            why = self.no_baseline
            unknown = isinstance(why, BaselineUnknown)
            return {"missing": "" if why is None else why.message, "unknown": unknown}
        threshold = settings.baseline_threshold
        threshold = settings.candidate.threshold if threshold is None else threshold
        return {
            "source": found.source,
            "origin": found.origin,
            "url": found.url,
            "commit": found.commit,
            "modified": found.modified,
            "age_days": self.age_of_baseline(today),
            "bundle": found.bundle_digest,
            "tried": [{"source": one.source, "why": one.why} for one in found.tried],
            **self._of_model(found.file, BASELINE),
            **({} if threshold is None else {"threshold": threshold}),
        }

    def _of_model(self, model: ModelFile, who: str) -> dict[str, Any]:
        said = self.said_by(who)
        return {
            "digest": model.digest,
            "size": model.n_bytes,
            "kind": model.kind,
            "imports": list(model.imports),
            "imports_complete": model.imports_complete,
            **({} if said is None else _for_report(said.facts)),
        }

    def _of_interpreter(self) -> dict[str, Any]:
        found = self.interpreter
        if found is None:
            return {}
        return {"path": str(found.path), "reason": found.reason, "version": found.version}


def _for_report(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Without what stands in the manifest, and is too long for a report."""
    return {name: value for name, value in facts.items() if name not in _OF_THE_MANIFEST}
