"""Which models lie between the baseline's inputs and the candidate's? Trained on demand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from mlci_action.adapters.baselines import Baseline
from mlci_action.adapters.git import Git
from mlci_action.adapters.interpreters import Interpreter
from mlci_action.adapters.model_files import ModelFile, read_model_file
from mlci_action.adapters.training.corners import CornerTrainer
from mlci_action.adapters.training.records import record_of_baseline
from mlci_action.adapters.training.running import Trainer
from mlci_action.domain.moves import corner_name
from mlci_action.errors import MlciError
from mlci_action.parts.outside import Between
from mlci_action.settings.values import Settings, TrainSettings


def models_between(
    settings: Settings,
    train: TrainSettings,
    *,
    baseline: Baseline,
    folder: Path,
    git: Git,
    trainer: Trainer,
    scratch: Path,
    say: Callable[[str], None],
    old_python: Callable[[], Interpreter] | None,
) -> Between[ModelFile]:
    """Those that could be trained in the time that the settings give.

    MlciError where it cannot be told what changed since the baseline.
    """
    commit = baseline.commit or (baseline.manifest.commit if baseline.manifest else None)
    if commit is None or git.commit(commit) is None:
        raise MlciError(
            "the inputs of the baseline are not known: its commit is not in this clone",
            hint="check out with fetch-depth: 0, and promote bundles or use git:base:PATH",
        )
    record = record_of_baseline(baseline, git, scratch / "record")
    found = CornerTrainer(
        settings=settings,
        train=train,
        folder=folder,
        config=settings.path,
        git=git,
        commit=commit,
        known=None if record is None else record.fingerprint,
        trainer=trainer,
        scratch=scratch,
        say=say,
        old_python=old_python,
    ).models()
    models = {
        corner: read_model_file(path, who=f"the model with new {corner_name(corner)}")
        for corner, path in found.models.items()
    }
    return Between(changed=found.changed, models=models, note=found.note)
