"""Where is the packaged sample repository, and how do its three models come about?"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mlci_action.errors import InterpreterError, MlciError

_PACKAGE = Path(__file__).resolve().parents[1]
# In a wheel the sample lies inside the package; in the source tree beside it.
_PLACES = (_PACKAGE / "_sample", _PACKAGE.parent / "sample-repo")
_LEFT_BY_RUNS = frozenset({"__pycache__", ".git", ".venv", "mlci-report"})
_TRAINING_SECONDS = 300


@dataclass(frozen=True, kw_only=True, slots=True)
class DemoRuns:
    """A copy of the sample in `folder`, its baseline, and what is to be compared with that."""

    folder: Path
    config: Path
    baseline: Path
    good_candidate: Path
    bad_candidate: Path


def materialise_sample(into: Path, *, python: str | Path = sys.executable) -> DemoRuns:
    """Copy the sample into `into`, a new or empty folder, and train its three models there.

    `python` runs the sample's own `train.py`. MlciError when the sample or the folder cannot be
    used, InterpreterError when that Python cannot train.
    """
    source = _sample_folder(_PLACES)
    folder = into.absolute()
    try:
        if folder.exists() and any(folder.iterdir()):
            raise MlciError(
                f"{str(into)!r} is not empty, and the demo overwrites nothing",
                hint="remove it, or name a folder that does not exist yet",
            )
        _copy(source, folder)
    except OSError as error:
        raise MlciError(
            f"cannot copy the sample to {str(into)!r}: {error.strerror}",
            hint="name a folder that can be written to",
        ) from error
    return DemoRuns(
        folder=folder,
        config=folder / "mlci.yml",
        baseline=_train(folder, python, preset="baseline", name="model"),
        good_candidate=_train(folder, python, preset="checking-account", name="good"),
        bad_candidate=_train(folder, python, preset="misjoined", name="bad"),
    )


def _sample_folder(places: tuple[Path, ...]) -> Path:
    for place in places:
        if (place / "train.py").is_file():
            return place
    raise MlciError(
        "this installation has no sample repository", hint="install mlci-action from its wheel"
    )


def _copy(source: Path, into: Path) -> None:
    """Contents only: in a read-only installation the modes would make the copy read-only too."""
    into.mkdir(parents=True, exist_ok=True)
    for path in _files(source):
        copy = into / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name in _LEFT_BY_RUNS:
            continue
        if path.is_dir():
            yield from _files(path)
        else:
            yield path


def _train(folder: Path, python: str | Path, *, preset: str, name: str) -> Path:
    model = folder / "models" / f"{name}.joblib"
    command = [str(python), "train.py", "--preset", preset, "--output", str(model)]
    try:
        training = subprocess.run(  # noqa: S603 - our own script, no shell
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_TRAINING_SECONDS,
            check=False,
        )
    except OSError as error:
        raise InterpreterError(
            f"cannot start {str(python)!r}: {error.strerror}", hint="name a Python interpreter"
        ) from error
    except subprocess.TimeoutExpired as error:
        raise InterpreterError(
            f"the sample's training took more than {_TRAINING_SECONDS} seconds",
            hint="a few seconds are enough; try a less busy machine",
        ) from error
    if training.returncode != 0 or not model.is_file():
        last_line = (training.stderr.strip().splitlines() or ["it said nothing"])[-1]
        requirements = str(folder / "requirements.txt")
        raise InterpreterError(
            f"{str(python)!r} cannot train the sample: {last_line}",
            hint=f"{str(python)!r} -m pip install --requirement {requirements!r}",
        )
    return model
