"""A new model where the inputs of the old one changed: what to do is decided first, then done."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from mlci_action.adapters.baselines import Baseline
from mlci_action.adapters.model_files import read_model_file
from mlci_action.adapters.training.commits import commit_of, own_commit
from mlci_action.adapters.training.material import MaterialFinder
from mlci_action.adapters.training.records import (
    record_beside,
    record_of_baseline,
    record_path,
)
from mlci_action.adapters.training.reproducing import compared_predictions, same_bytes
from mlci_action.adapters.training.site import TrainingSite
from mlci_action.adapters.world import RealWorld
from mlci_action.domain.fingerprint import Fingerprint, Part, is_file
from mlci_action.domain.retraining import Known, MetricPair, Plan, Reproduced, Retrained, what_to_do
from mlci_action.errors import BaselineMissing, MlciError, SettingsError
from mlci_action.parts.comparing import compared
from mlci_action.parts.models import Said, asked, thresholds, truth_of
from mlci_action.parts.outside import of

_FIRST, _SECOND = "the first training", "the second training"


def retrain(world: RealWorld, *, force: bool = False, reproduce: bool = False) -> Retrained:
    """Train when the inputs changed, or twice to see whether that says the same again.

    MlciError for a wrong set-up, a change whose code may not run, and a command that fails; the old
    model is in its place then.
    """
    site = site_of(world)
    now = site.fingerprint()
    with tempfile.TemporaryDirectory(prefix="mlci-train-", ignore_cleanup_errors=True) as name:
        scratch = Path(name)
        planning = _Planning(world=world, site=site, scratch=scratch)
        plan = planning.plan(now, force=force)
        output, notes = site.train.output, tuple(planning.notes)
        if reproduce:
            return _reproduced(world, site, now, plan, scratch)
        if not plan.train:
            return Retrained(plan=plan, output=output, notes=notes)
        world.speaker.say(plan.because)
        record = site.train_in_place(now)
        return Retrained(plan=plan, output=output, record=record, notes=notes)


def retrainer(world: RealWorld, scratch: Path) -> Callable[[int], Path]:
    """Trains with the seed that it is given, into `scratch`; the output stays as it is."""
    site = site_of(world)
    now = site.fingerprint()

    def trained(seed: int) -> Path:
        return site.train_into(scratch / f"seed-{seed}" / site.output.name, now, seed=seed)

    return trained


def site_of(world: RealWorld) -> TrainingSite:
    """Where the run's settings train. SettingsError without `train`, ModelError where this change
    may not run code.
    """
    train = world.settings.train
    if train is None:
        raise SettingsError(
            f"{world.settings.path} says nothing of training",
            hint="give train: {command: python train.py, inputs: [...], output: model.joblib}",
        )
    world.permission.must_allow_code("train.command")
    return TrainingSite(
        settings=world.settings,
        train=train,
        folder=world.folder,
        top=world.baselines.git.root() or world.folder,
        trainer=world.trainer(train),
        say=world.speaker.say,
    )


def _reproduced(
    world: RealWorld, site: TrainingSite, now: Fingerprint, plan: Plan, scratch: Path
) -> Retrained:
    """Train twice into `scratch`; the first model stays only where one was to be trained anyway."""
    first, second = (
        site.train_into(scratch / name / site.output.name, now) for name in ("first", "second")
    )
    record = site.put_in_place(first, now) if plan.train else None
    return Retrained(
        plan=plan,
        output=site.train.output,
        record=record,
        reproduced=_compared(world, first, second),
    )


def _compared(world: RealWorld, first: Path, second: Path) -> Reproduced:
    """What differs: nothing when the bytes do not, else what the models say is asked."""
    models = [read_model_file(path, who=who) for path, who in ((first, _FIRST), (second, _SECOND))]
    if models[0].digest == models[1].digest:
        return same_bytes()
    settings, rows = world.settings, world.load_rows()
    truth = truth_of(settings, rows)
    at, _ = thresholds(settings)
    said: list[Said] = []
    for model, who in zip(models, (_FIRST, _SECOND), strict=True):
        world.permission.must_allow(model, who=who, brought=True)
        said.append(of(asked(world, model, rows, truth, (), at, who=who)))
    comparison = compared(settings, rows, truth, said[1], said[0], world).comparison
    overall = [row for row in comparison.rows if row.slice is None and row.sensitive is None]
    pairs = [
        MetricPair(metric=row.metric.name, first=row.baseline, second=row.candidate)
        for row in overall
    ]
    return compared_predictions(said[0].predictions, said[1].predictions, pairs)


@dataclass(kw_only=True)
class _Planning:
    """Gathers what is known of earlier trainings. notes: what could not be found out."""

    world: RealWorld
    site: TrainingSite
    scratch: Path
    notes: list[str] = field(default_factory=list)
    _found: Baseline | None = None

    def plan(self, now: Fingerprint, *, force: bool) -> Plan:
        """What to do; the baseline is only looked for where the model at the output is unknown."""
        output, git = self.site.output, self.world.baselines.git
        beside = record_beside(output)
        if beside is None and record_path(output).exists():
            self.notes.append(f"{record_path(output).name} is not about the model beside it")
        known = None
        if beside is not None:
            known = Known(record=beside, whose=f"the model at {self.site.train.output}")
        inputs = [name for part in Part for name in now.of(part) if is_file(name)]
        measures = (self.site.train.min_rows, self.site.train.min_drift) != (None, None)
        return what_to_do(
            now,
            beside=known,
            baseline=None if known else self._baseline(force=force),
            own_commit=own_commit(git, self.site.folder, output, inputs),
            material=(lambda of_what: self._material().measured(of_what, now.data))
            if measures
            else None,
            force=force,
        )

    def _baseline(self, *, force: bool) -> Known | None:
        try:
            self._found = self.world.baselines.find(self.world.settings.baseline)
        except BaselineMissing as error:
            self.notes.append(error.message)
            return None
        except MlciError as error:
            if not force:
                raise
            self.notes.append(error.message)
            return None
        record = record_of_baseline(self._found, self.world.baselines.git, self.scratch)
        if record is None:
            self.notes.append(f"the baseline {self._found.source} has no record of its training")
            return None
        return Known(record=record, whose=f"the baseline {self._found.source}")

    def _material(self) -> MaterialFinder:
        return MaterialFinder(
            settings=self.world.settings,
            train=self.site.train,
            folder=self.site.folder,
            git=self.world.baselines.git,
            scratch=self.scratch,
            commit=self._commit(),
            bundle=self._bundle(),
        )

    def _commit(self) -> str | None:
        """Whose tree has the inputs that the known model was made of."""
        if self._found is not None:
            manifest = self._found.manifest
            return self._found.commit or (None if manifest is None else manifest.commit)
        return commit_of(self.world.baselines.git, record_path(self.site.output))

    def _bundle(self) -> Path | None:
        found = self._found
        return None if found is None or found.manifest is None else found.file.path.parent
