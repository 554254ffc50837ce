"""Where is trained? One folder with its inputs, the output, and the command that leads there."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from mlci_action.adapters.model_files import digest_of_model
from mlci_action.adapters.tables.options import ReadOptions
from mlci_action.adapters.tables.source import open_table
from mlci_action.adapters.training.fingerprints import (
    FileDigests,
    InputFinder,
    fingerprint_of,
)
from mlci_action.adapters.training.output import no_output, old_output_aside
from mlci_action.adapters.training.records import parameters_in, write_record
from mlci_action.adapters.training.running import Trainer
from mlci_action.domain.fingerprint import Fingerprint, Part, TrainingRecord, is_file
from mlci_action.errors import MlciError, ModelError
from mlci_action.settings.values import Settings, TrainSettings

_WHO = "the trained model"


@dataclass(kw_only=True)
class TrainingSite:
    """The settings' own folder. top: of the repository."""

    settings: Settings
    train: TrainSettings
    folder: Path
    top: Path
    trainer: Trainer
    say: Callable[[str], None]
    _digests: FileDigests = field(default_factory=FileDigests)

    @property
    def output(self) -> Path:
        """Where the model is written."""
        return self.folder / self.train.output

    def fingerprint(self) -> Fingerprint:
        """Of the inputs as they are now. SettingsError as `fingerprint_of`."""
        finder = InputFinder(
            train=self.train,
            folder=self.folder,
            top=self.top,
            train_data=self.settings.data.train,
        )
        return fingerprint_of(
            finder,
            self._digests,
            python=self.trainer.interpreter.version,
            seed=self.settings.evidence.seed,
        )

    def train_in_place(self, now: Fingerprint) -> TrainingRecord:
        """Train, and leave the model with its record in place of the old one.

        now: of the inputs. The old model is back where anything fails. ModelError as `Trainer.run`,
        and when no model is written, or an input changed meanwhile.
        """
        with old_output_aside(self.output):
            record = self._record(self._trained(now, self.settings.evidence.seed), now)
            write_record(record, self.output)
        return record

    def train_into(self, target: Path, now: Fingerprint, *, seed: int | None = None) -> Path:
        """Train, and move the model to `target`; the old output is in its place again."""
        with no_output(self.output, target):
            self._trained(now, self.settings.evidence.seed if seed is None else seed)
        return target

    def put_in_place(self, model: Path, now: Fingerprint) -> TrainingRecord:
        """Make a copy of a model that was trained of these inputs the output."""
        with old_output_aside(self.output):
            if model.is_dir():
                shutil.copytree(model, self.output)
            else:
                shutil.copyfile(model, self.output)
            record = self._record(digest_of_model(self.output, who=_WHO), now)
            write_record(record, self.output)
        return record

    def _trained(self, now: Fingerprint, seed: int) -> str:
        """The digest of what the command wrote."""
        self.say(f"training: {self.train.command}")
        self.trainer.run(self.folder, seed=seed)
        if not self.output.exists():
            raise ModelError(
                f"the training ended well and wrote no {self.train.output!r}",
                hint="train.output names the file that train.command writes",
            )
        digest = digest_of_model(self.output, who=_WHO)
        touched = self.fingerprint().changes_since(now)
        if touched:
            raise ModelError(
                f"the training changed its own inputs ({touched[0].name!r} is {touched[0].how}),"
                " so nobody can say what it was made of",
                hint="leave out of train.inputs what train.command writes",
            )
        return digest

    def _record(self, digest: str, now: Fingerprint) -> TrainingRecord:
        names = tuple(name for name in sorted(now.of(Part.PARAMETERS)) if is_file(name))
        return TrainingRecord(
            model=digest,
            command=self.train.command,
            fingerprint=now,
            python=self.trainer.interpreter.version,
            rows=self._rows(),
            parameters=parameters_in(names, self.folder, self.settings.evidence.seed),
        )

    def _rows(self) -> int | None:
        data = self.settings.data
        if data.train is None:
            return None
        asked = data.options
        options = ReadOptions(
            separator=asked.separator,
            encoding=asked.encoding,
            columns=asked.columns or None,
            sheet=asked.sheet,
        )
        try:
            return open_table(data.train, self.folder, options).count()
        except MlciError:
            return None
