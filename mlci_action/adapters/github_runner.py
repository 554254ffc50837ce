"""How does a step speak to the runner? Outputs, the job summary, annotations and the console."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import stat
import tempfile
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from io import TextIOWrapper
from itertools import accumulate
from pathlib import Path
from typing import TextIO

from mlci_action.domain.outcomes import AnnotationLevel
from mlci_action.errors import MlciError

MAX_SUMMARY_BYTES = 900 * 1024
MAX_ANNOTATION_CHARS = 4096
_MAX_TITLE_CHARS = 250
_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_COMMAND_FILES = (
    "GITHUB_OUTPUT",
    "GITHUB_ENV",
    "GITHUB_PATH",
    "GITHUB_STATE",
    "GITHUB_STEP_SUMMARY",
)
_SUMMARY_CUT = "\n\n*The summary was cut here: it is longer than GitHub shows.*\n"
# One that never ends loses its first two characters, so that it hides nothing after it.
_ESCAPE_SEQUENCE = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]?|[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)|[ -/]*[0-~]?)"
)
# Cc, Cf and Cs are control, format and surrogate characters. The runner compares text by the
# machine's culture, which reads over format characters, so "::" may hide among them.
_UNSEEN = frozenset({"Cc", "Cf", "Cs"})


def _random_token() -> str:
    return secrets.token_hex(16)


@dataclass(frozen=True, kw_only=True, slots=True)
class RunnerFiles:
    """The files through which a step tells the runner something; empty on a laptop."""

    paths: Mapping[str, Path]

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> RunnerFiles:
        """The files that the runner named for this step."""
        return cls(
            paths={name: Path(environ[name]) for name in _COMMAND_FILES if environ.get(name)}
        )

    def empty_command_files(self) -> None:
        """Drop everything that the user's code may have written there, the summary included.

        Called after the last of it has ended and before anything of ours is written. Each file is
        replaced, so that a link or a pipe put in its place, or a handle kept open, leads nowhere.
        """
        for path in self.paths.values():
            try:
                _replace_by_empty(path)
            except OSError as exc:
                raise _unwritable(path, exc) from exc

    def write_outputs(
        self, outputs: Mapping[str, str], *, token_factory: Callable[[], str] = _random_token
    ) -> None:
        """Set the step's outputs; outside of a step there are none. MlciError when it cannot."""
        text = "".join(_output(key, value, token_factory()) for key, value in outputs.items())
        self._append("GITHUB_OUTPUT", text)

    def write_summary(self, text: str) -> None:
        """Add Markdown to the job summary, cut at a line before GitHub would drop all of it."""
        path = self.paths.get("GITHUB_STEP_SUMMARY")
        taken = path.stat().st_size if path is not None and path.exists() else 0
        self._append("GITHUB_STEP_SUMMARY", _cut_summary(text, MAX_SUMMARY_BYTES - taken))

    def _append(self, name: str, text: str) -> None:
        path = self.paths.get(name)
        if path is None or not text:
            return
        try:
            _append(path, text.encode("utf-8", "backslashreplace"))
        except OSError as exc:
            raise _unwritable(path, exc) from exc


class Console:
    """The one writer to a stream that the runner reads: no line starts a command unless it is ours.

    `say` is for our own sentences, which may hold foreign names; `foreign` for whatever the user's
    code printed; `annotate` and `group` are the only ways to give a command.
    """

    def __init__(
        self,
        stream: TextIO,
        *,
        in_actions: bool,
        token_factory: Callable[[], str] = _random_token,
    ) -> None:
        if isinstance(stream, TextIOWrapper):
            # A Windows console or a C locale must not turn a check mark into a crash.
            encoding = "utf-8" if in_actions else stream.encoding
            stream.reconfigure(encoding=encoding, errors="backslashreplace")
        self._stream = stream
        self._in_actions = in_actions
        self._token_factory = token_factory

    def say(self, text: str = "") -> None:
        """Print lines of ours."""
        plain = printable(text)
        self._write(defused(plain) if self._in_actions else plain)

    def foreign(self, text: str) -> None:
        """Print what others wrote, without control characters and with all commands stopped."""
        plain = printable(text).rstrip("\n")
        if not plain:
            return
        if not self._in_actions:
            self._write(plain)
            return
        token = self._token_factory()
        while token.lower() in plain.lower():
            token = self._token_factory()
        self._write(f"::stop-commands::{token}")
        try:
            self._write(plain)
        finally:
            self._write(f"::{token}::")

    def annotate(
        self,
        level: AnnotationLevel,
        title: str,
        message: str,
        *,
        file: str | None = None,
        line: int | None = None,
    ) -> None:
        """Show an annotation, at a line of a file where one is named; on a laptop as a sentence."""
        if self._in_actions:
            self._write(annotation(level, title, message, file=file, line=line))
        else:
            place = "" if file is None else f"{file}: " if line is None else f"{file}:{line}: "
            self._write(printable(f"{place}{level}: {title}: {message}"))

    @contextlib.contextmanager
    def group(self, title: str) -> Iterator[None]:
        """Fold what is printed meanwhile under `title`."""
        plain = " ".join(printable(title).split())
        self._write(f"::group::{_escape_data(plain)}" if self._in_actions else plain)
        try:
            yield
        finally:
            if self._in_actions:
                self._write("::endgroup::")

    def _write(self, text: str) -> None:
        self._stream.write(f"{text}\n")
        self._stream.flush()


def annotation(
    level: AnnotationLevel,
    title: str,
    message: str,
    *,
    file: str | None = None,
    line: int | None = None,
) -> str:
    """The workflow command of an annotation, one line of at most MAX_ANNOTATION_CHARS."""
    properties = {
        "title": _cut(" ".join(printable(title).split()), _escape_property, _MAX_TITLE_CHARS)
    }
    if file is not None:
        properties["file"] = _cut(printable(file), _escape_property, MAX_ANNOTATION_CHARS // 4)
        if line is not None:
            properties["line"] = str(line)
    start = f"::{level} {','.join(f'{key}={value}' for key, value in properties.items())}::"
    return start + _cut(printable(message), _escape_data, MAX_ANNOTATION_CHARS - len(start))


def printable(text: str) -> str:
    """`text` without escape sequences and unseen characters, its line ends all newlines."""
    lines = _ESCAPE_SEQUENCE.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in lines if c in "\n\t" or unicodedata.category(c) not in _UNSEEN)


def defused(text: str) -> str:
    """`text` without commands: the runner finds `::` after leading blanks and `##[` anywhere."""
    return re.sub(r":(?=:)", ": ", text).replace("##[", "## [")


def _escape_data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape_data(text).replace(":", "%3A").replace(",", "%2C")


def _cut(text: str, escape: Callable[[str], str], limit: int) -> str:
    """`text` escaped, cut between characters (never inside an escape) to at most `limit`."""
    whole = escape(text)
    if len(whole) <= limit:
        return whole
    ends = accumulate(len(escape(character)) for character in text)
    kept = (character for character, end in zip(text, ends, strict=True) if end < limit)
    return escape("".join(kept)) + "…"


def _output(key: str, value: str, delimiter: str) -> str:
    if not _KEY.fullmatch(key):
        raise ValueError(f"{key!r} is not the name of an output")
    if not re.search(r"[\r\n]", value):
        return f"{key}={value}\n"
    if delimiter in value:
        raise MlciError(
            f"the output {key!r} holds the delimiter that would end it",
            hint="run the step again; the delimiter is drawn at random",
        )
    return f"{key}<<{delimiter}\n{value}\n{delimiter}\n"


def _cut_summary(text: str, limit: int) -> str:
    data = text.encode("utf-8", "backslashreplace")
    if len(data) <= limit:
        return text
    room = limit - len(_SUMMARY_CUT.encode())
    if room <= 0:
        return ""
    whole_lines, _, _ = data[:room].rpartition(b"\n")
    return whole_lines.decode("utf-8", "ignore") + _SUMMARY_CUT


def _append(path: Path, data: bytes) -> None:
    # Neither through a link nor into a pipe, where the open would wait for a reader for ever.
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
    flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    with open(os.open(path, flags, 0o644), "ab", buffering=0) as file:  # noqa: PTH123 (a descriptor)
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError("it is not a regular file")
        file.write(data)


def _replace_by_empty(path: Path) -> None:
    try:
        handle, name = tempfile.mkstemp(dir=path.parent)
    except PermissionError:
        # In a container the folder may be another user's while the file is ours.
        flags = os.O_WRONLY | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0)
        os.close(os.open(path, flags | getattr(os, "O_NONBLOCK", 0)))
        return
    os.close(handle)
    empty = Path(name)
    try:
        # The runner may read it as another user.
        empty.chmod(0o644)
        empty.replace(path)
    except OSError:
        empty.unlink()
        raise


def _unwritable(path: Path, exc: OSError) -> MlciError:
    return MlciError(
        f"cannot write the runner's file {path.name!r}: {exc.strerror or exc}",
        hint="something replaced it during this step; look at what ran in it",
    )
