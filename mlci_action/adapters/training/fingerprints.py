"""Which bytes does a training depend on? Each input that the settings name, by its digest."""

from __future__ import annotations

import glob
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from mlci_action.adapters.model_bytes.streams import open_regular
from mlci_action.adapters.paths import matching_files
from mlci_action.adapters.tables.remote import is_url
from mlci_action.domain.fingerprint import Fingerprint, Part
from mlci_action.domain.input_parts import part_of
from mlci_action.errors import SettingsError
from mlci_action.settings.values import TrainSettings

COMMAND, PYTHON, SEED = "<command>", "<python>", "<seed>"
MAX_INPUTS = 50_000
RECORD_SUFFIX = ".mlci.json"
ASIDE_SUFFIX = ".mlci-before"
_MAX_NAME = 1_000
_MAX_NOTEBOOK_BYTES = 64 << 20
_NO_INPUTS = frozenset({"__pycache__", ".git", ".ipynb_checkpoints", ".DS_Store"})


@dataclass(frozen=True, kw_only=True, slots=True)
class InputFinder:
    """Finds the inputs of a training in `folder`, the settings file's.

    top: of the repository, out of which no input may lead. train_data: `data.train`, whose files
    are data whatever their names.
    """

    train: TrainSettings
    folder: Path
    top: Path
    train_data: str | None = None

    def parts(self) -> dict[str, Part]:
        """The files by their names relative to `folder`, with `/`, and what each is.

        The output and its record are none. SettingsError for a glob that matches nothing, a file
        outside of the repository or in two parts, and more than 50,000 files.
        """
        found: dict[str, Part] = {}
        for part, globs in self.train.parts.items():
            for pattern in globs:
                for name in self._names(pattern, f"train.inputs.{part}"):
                    if found.setdefault(name, part) is not part:
                        raise SettingsError(
                            f"train.inputs: {name!r} is both {found[name]} and {part}",
                            hint="name it in one part",
                        )
        data = () if self.train_data is None else self._files(self.train_data)
        is_train = {_relative(path, self.folder) for path in data}
        for pattern in self.train.inputs:
            for name in self._names(pattern, "train.inputs"):
                found.setdefault(name, Part.DATA if name in is_train else part_of(name))
                if len(found) > MAX_INPUTS:
                    raise SettingsError(
                        f"train.inputs: more than {MAX_INPUTS:,} files", hint="name fewer"
                    )
        return found

    def _names(self, pattern: str, asked_by: str) -> Iterator[str]:
        if is_url(pattern):
            raise SettingsError(
                f"{asked_by}: {pattern!r} is no file of the repository",
                hint="fetch it in an earlier step, and name the file",
            )
        files = self._files(pattern)
        if not files:
            raise SettingsError(
                f"{asked_by}: {pattern!r} matches no file", hint=f"it is looked up in {self.folder}"
            )
        for path in files:
            yield self._checked(path, asked_by)

    def _files(self, pattern: str) -> list[Path]:
        if is_url(pattern):
            return []
        if not glob.has_magic(pattern) or (self.folder / pattern).is_file():
            found = matching_files(pattern, self.folder)
        else:
            names = glob.iglob(pattern, root_dir=self.folder, recursive=True)  # noqa: PTH207
            paths = (self.folder / name for name in names)
            found = sorted(islice((path for path in paths if path.is_file()), MAX_INPUTS + 1))
        return [path for path in found if not self._is_left_out(path)]

    def _is_left_out(self, path: Path) -> bool:
        """What the training itself writes, and what nobody wrote."""
        name, output = _relative(path, self.folder), os.path.normpath(self.train.output)
        written = name == output or name.startswith((f"{output}/", f"{output}{RECORD_SUFFIX}"))
        aside = f"{ASIDE_SUFFIX}/" in name
        return written or aside or not _NO_INPUTS.isdisjoint(name.split("/"))

    def _checked(self, path: Path, asked_by: str) -> str:
        name = _relative(path, self.folder)
        if not path.resolve().is_relative_to(self.top.resolve()):
            raise SettingsError(
                f"{asked_by}: {name!r} leads out of the repository",
                hint="an input is a file of the repository, and no link to another place",
            )
        if len(name) > _MAX_NAME or not name.isprintable():
            raise SettingsError(f"{asked_by}: {name[:80]!a} is no name that can be recorded")
        return name


@dataclass(kw_only=True)
class FileDigests:
    """The digests of files, each read once as long as it does not change."""

    _known: dict[tuple[str, int, int, int], str] = field(default_factory=dict)

    def of(self, path: Path) -> str:
        """SHA-256 as `sha256:...`; of a notebook that of its code cells, whatever they printed.

        SettingsError when it cannot be read.
        """
        try:
            found = path.stat()
            # Unlike the time of its content, that of any change is none that its owner can set.
            key = (str(path.resolve()), found.st_size, found.st_mtime_ns, found.st_ctime_ns)
            if key not in self._known:
                self._known[key] = digest_of_input(path)
            return self._known[key]
        except OSError as error:
            raise SettingsError(
                f"train.inputs: {path.name!r} cannot be read: {error.strerror or error}"
            ) from error


def fingerprint_of(
    finder: InputFinder, digests: FileDigests, *, python: str, seed: int
) -> Fingerprint:
    """The fingerprint of what is in the folder now. python: the user's `x.y.z`. SettingsError as
    `InputFinder.parts`.
    """
    found: dict[Part, dict[str, str]] = {part: {} for part in Part}
    for name, part in finder.parts().items():
        found[part][name] = digests.of(finder.folder / name)
    found[Part.CODE][COMMAND] = digest_of_text(finder.train.command)
    found[Part.DEPENDENCIES][PYTHON] = digest_of_text(python)
    found[Part.PARAMETERS][SEED] = digest_of_text(str(seed))
    return Fingerprint(**{part.value: values for part, values in found.items()})


def digest_of_input(path: Path) -> str:
    """As `FileDigests.of`, read now; OSError when it cannot be."""
    # A link was followed to a file of the repository before.
    with open_regular(path.resolve()) as stream:
        if path.suffix == ".ipynb":
            data = stream.read(_MAX_NOTEBOOK_BYTES + 1)
            cells = _code_cells(data) if len(data) <= _MAX_NOTEBOOK_BYTES else None
            if cells is not None:
                return digest_of_text(json.dumps(cells))
            stream.seek(0)
        return f"sha256:{hashlib.file_digest(stream, 'sha256').hexdigest()}"


def digest_of_text(text: str) -> str:
    """SHA-256 of a text, as `sha256:...`."""
    return f"sha256:{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"


def _code_cells(notebook: bytes) -> list[str] | None:
    """The source of each code cell; None for what is no notebook of format 4."""
    try:
        cells = json.loads(notebook)["cells"]
        code = [cell["source"] for cell in cells if cell["cell_type"] == "code"]
        return [source if isinstance(source, str) else "".join(source) for source in code]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _relative(path: Path, folder: Path) -> str:
    return Path(os.path.relpath(path, folder)).as_posix()
