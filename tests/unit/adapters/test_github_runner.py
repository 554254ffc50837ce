"""Nothing that data or user code wrote becomes a command, an output or a crash."""

from __future__ import annotations

import errno
import io
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from mlci_action.adapters.github_runner import (
    MAX_ANNOTATION_CHARS,
    MAX_SUMMARY_BYTES,
    Console,
    RunnerFiles,
    annotation,
    printable,
)
from mlci_action.domain.outcomes import AnnotationLevel
from mlci_action.errors import MlciError
from tests.fakes.runner import Command, commands, file_values

HOSTILE = [
    "a|b\n::error::@team <script>",
    "x##[set-output name=deploy]true",
    "   ::set-output name=deploy::true",
    "\t::add-mask::e",
    "a\r::error::carriage return",
    "a\r\n::error::both",
    "\x1b[31m::error::colour",
    "\x1b]0;title\x07::error::title",
    "\x1b]0;never ends ::error::title",
    "\u200b::error::zero width",
    ":\u200b:error::zero width inside",
    "#\u00ad#[error]soft hyphen",
    "::stop-commands::x",
    "::endgroup::",
    ":::error::three",
    "###[error]three",
    "\x00::error::null",
    "\x85::error::next line",
    "\u2028::error::line separator",
    "models/\udcff::error::surrogate",
]
FILES = ("OUTPUT", "ENV", "PATH", "STATE", "STEP_SUMMARY")


def console(*, in_actions: bool = True) -> tuple[Console, io.StringIO]:
    stream = io.StringIO()
    return Console(stream, in_actions=in_actions), stream


def tokens(*values: str) -> Callable[[], str]:
    given = iter(values)
    return lambda: next(given)


@pytest.fixture
def files(tmp_path: Path) -> RunnerFiles:
    environ = {f"GITHUB_{name}": str(tmp_path / name) for name in FILES}
    for path in environ.values():
        Path(path).write_text("deploy=true\n", encoding="utf-8")
    return RunnerFiles.from_environ(environ)


def text_of(files: RunnerFiles, name: str) -> str:
    return files.paths[name].read_text(encoding="utf-8")


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_of_ours_or_theirs_becomes_a_command(text: str) -> None:
    writer, stream = console()
    writer.say(f"column {text} moved")
    writer.say(text)
    writer.foreign(text)
    with writer.group(text):
        pass
    writer.annotate(AnnotationLevel.WARNING, text, text, file=text, line=3)

    found = commands(stream.getvalue())
    assert [command.name for command in found] == ["group", "endgroup", "warning"]
    assert set(found[2].properties) == {"title", "file", "line"}


@pytest.mark.parametrize("text", ["::error::x", "x##[error]y", "  ::error::x"])
def test_the_fake_runner_would_have_seen_the_command(text: str) -> None:
    """The test above says something only if the same text, printed bare, is a command."""
    assert [command.name for command in commands(text)] == ["error"]


def test_foreign_text_stands_between_stop_and_resume() -> None:
    stream = io.StringIO()
    Console(stream, in_actions=True, token_factory=tokens("t1")).foreign("one\n::error::two\n")

    assert stream.getvalue() == "::stop-commands::t1\none\n::error::two\n::t1::\n"


def test_a_token_that_the_text_holds_is_drawn_again() -> None:
    stream = io.StringIO()
    writer = Console(stream, in_actions=True, token_factory=tokens("AB", "ef"))
    writer.foreign("::ab::\n::error::x")

    assert stream.getvalue() == "::stop-commands::ef\n::ab::\n::error::x\n::ef::\n"
    assert commands(stream.getvalue()) == []


def test_tokens_are_drawn_at_random() -> None:
    writer, stream = console()
    writer.foreign("one")
    writer.foreign("two")

    first, second = (line for line in stream.getvalue().splitlines() if "stop-commands" in line)
    assert first != second
    assert len(first) >= len("::stop-commands::") + 32


def test_commands_resume_even_when_printing_breaks() -> None:
    class Breaking(io.StringIO):
        def write(self, text: str) -> int:
            if text.startswith("one"):
                raise KeyboardInterrupt
            return super().write(text)

    stream = Breaking()
    with pytest.raises(KeyboardInterrupt):
        Console(stream, in_actions=True, token_factory=tokens("t1")).foreign("one")
    assert stream.getvalue() == "::stop-commands::t1\n::t1::\n"


def test_nothing_foreign_prints_nothing() -> None:
    writer, stream = console()
    writer.foreign("\x1b[0m\n")

    assert stream.getvalue() == ""


def test_on_a_laptop_the_text_stays_readable_and_without_commands() -> None:
    writer, stream = console(in_actions=False)
    writer.say("std::vector of \x1b[31mred\x1b[0m ##[x]")
    writer.foreign("theirs")
    with writer.group("Data"):
        writer.say("inside")
    writer.annotate(AnnotationLevel.ERROR, "mlci", "it fell")
    writer.annotate(AnnotationLevel.NOTICE, "mlci", "there", file="a.csv", line=7)

    assert stream.getvalue() == (
        "std::vector of red ##[x]\ntheirs\nData\ninside\nerror: mlci: it fell\n"
        "a.csv:7: notice: mlci: there\n"
    )


def test_in_actions_a_command_loses_its_form_and_nothing_else() -> None:
    writer, stream = console()
    writer.say("module:function std::vector ##[x]")

    assert stream.getvalue() == "module:function std: :vector ## [x]\n"


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_a_narrow_console_shows_escapes_instead_of_crashing(encoding: str) -> None:
    buffer = io.BytesIO()
    stream = io.TextIOWrapper(buffer, encoding=encoding)
    Console(stream, in_actions=False).say("✅ pass")

    assert buffer.getvalue() == f"\\u2705 pass{os.linesep}".encode()


def test_the_runner_is_spoken_to_in_utf_8() -> None:
    buffer = io.BytesIO()
    stream = io.TextIOWrapper(buffer, encoding="cp1252")
    Console(stream, in_actions=True).say("✅ pass")

    assert buffer.getvalue() == f"✅ pass{os.linesep}".encode()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]8;;https://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b]0;never ends, and hides nothing", "0;never ends, and hides nothing"),
        ("\x1b(Bplain", "plain"),
        ("a\tb\nc", "a\tb\nc"),
        ("10 %\r100 %", "10 %\n100 %"),
        ("\x08\x07\x00bell", "bell"),
        ("right\u202eleft", "rightleft"),
        ("é ✅ 日本", "é ✅ 日本"),
        ("\x1b[", ""),
        ("\x1b", ""),
    ],
)
def test_control_characters_are_taken_out(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_an_annotation_reads_back_as_it_was_meant() -> None:
    title, message, file = "a,b: 100 %", "100 %\nfell, by ::x::", "src/a,b:c.py"
    line = annotation(AnnotationLevel.ERROR, title, message, file=file, line=12)

    assert line == (
        "::error title=a%2Cb%3A 100 %25,file=src/a%2Cb%3Ac.py,line=12::100 %25%0Afell, by ::x::"
    )
    assert commands(line) == [
        Command(
            name="error",
            data=message,
            properties={"title": title, "file": file, "line": "12"},
        )
    ]


@pytest.mark.parametrize("character", ["a", "%", "\n", ":", "✅"])
def test_a_long_annotation_is_cut_between_characters(character: str) -> None:
    line = annotation(
        AnnotationLevel.NOTICE, character * 9000, character * 9000, file=character * 9000
    )

    (command,) = commands(line)
    assert len(line) <= MAX_ANNOTATION_CHARS
    assert command.data.endswith(f"{character}…")
    assert set(command.data) == {character, "…"}


def test_an_annotation_without_a_file_has_no_line() -> None:
    assert annotation(AnnotationLevel.NOTICE, "t", "m", line=3) == "::notice title=t::m"


def test_outputs_are_appended_and_read_back(files: RunnerFiles) -> None:
    files.write_outputs({"verdict": "pass", "bundle-path": "a\nb", "empty": "", "odd": "a<<b=c"})

    assert file_values(text_of(files, "GITHUB_OUTPUT")) == {
        "deploy": "true",
        "verdict": "pass",
        "bundle-path": "a\nb",
        "empty": "",
        "odd": "a<<b=c",
    }


@pytest.mark.parametrize(
    "value", ["pass\ndeploy=true", "x\rdeploy=true", "x\n\ndeploy<<E\ntrue\nE"]
)
def test_a_value_cannot_set_another_output(files: RunnerFiles, value: str) -> None:
    files.empty_command_files()
    files.write_outputs({"reason": value})

    values = file_values(files.paths["GITHUB_OUTPUT"].read_bytes().decode())
    assert values == {"reason": value}


def test_a_value_that_holds_its_delimiter_is_refused(files: RunnerFiles) -> None:
    with pytest.raises(MlciError, match="the output 'reason' holds the delimiter") as caught:
        files.write_outputs({"reason": "a\nEOF\ndeploy=true"}, token_factory=tokens("EOF"))
    assert caught.value.hint
    assert text_of(files, "GITHUB_OUTPUT") == "deploy=true\n"


@pytest.mark.parametrize("key", ["", "a b", "a=b", "a\nb", "a<<b", "1a", "ä"])
def test_a_key_that_is_no_name_is_our_bug(files: RunnerFiles, key: str) -> None:
    with pytest.raises(ValueError, match="is not the name of an output"):
        files.write_outputs({key: "x"})


def test_outside_of_a_step_there_is_nothing_to_write() -> None:
    files = RunnerFiles.from_environ({"GITHUB_OUTPUT": ""})
    files.empty_command_files()
    files.write_outputs({"deploy": "false"})
    files.write_summary("# report")

    assert files.paths == {}


def test_text_that_is_no_unicode_is_written_with_escapes(files: RunnerFiles) -> None:
    files.empty_command_files()
    files.write_outputs({"reason": "models/\udcff"})

    assert text_of(files, "GITHUB_OUTPUT") == "reason=models/\\udcff\n"


def test_what_user_code_wrote_is_gone(files: RunnerFiles) -> None:
    files.empty_command_files()

    assert [path.read_bytes() for path in files.paths.values()] == [b""] * len(FILES)
    for path in files.paths.values():
        assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert len(list(files.paths["GITHUB_ENV"].parent.iterdir())) == len(FILES)


def test_a_handle_that_user_code_kept_open_leads_nowhere(files: RunnerFiles) -> None:
    with files.paths["GITHUB_OUTPUT"].open("a") as kept:
        files.empty_command_files()
        files.write_outputs({"deploy": "false"})
        kept.write("deploy=true\n")

    assert text_of(files, "GITHUB_OUTPUT") == "deploy=false\n"


def test_a_link_in_place_of_a_file_is_replaced_not_followed(
    files: RunnerFiles, tmp_path: Path
) -> None:
    target = tmp_path / "precious"
    target.write_text("keep me", encoding="utf-8")
    files.paths["GITHUB_OUTPUT"].unlink()
    files.paths["GITHUB_OUTPUT"].symlink_to(target)
    files.empty_command_files()
    files.write_outputs({"deploy": "false"})

    assert target.read_text(encoding="utf-8") == "keep me"
    assert not files.paths["GITHUB_OUTPUT"].is_symlink()
    assert text_of(files, "GITHUB_OUTPUT") == "deploy=false\n"


def test_a_pipe_in_place_of_a_file_is_replaced_not_waited_for(files: RunnerFiles) -> None:
    path = files.paths["GITHUB_OUTPUT"]
    path.unlink()
    os.mkfifo(path)
    files.empty_command_files()

    assert path.is_file()


def test_in_a_folder_of_another_user_the_files_are_emptied_in_place(
    files: RunnerFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: object) -> tuple[int, str]:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("mlci_action.adapters.github_runner.tempfile.mkstemp", refuse)
    files.empty_command_files()
    assert [path.read_bytes() for path in files.paths.values()] == [b""] * len(FILES)

    files.paths["GITHUB_ENV"].unlink()
    files.paths["GITHUB_ENV"].symlink_to(files.paths["GITHUB_PATH"])
    with pytest.raises(MlciError, match="cannot write the runner's file 'ENV'"):
        files.empty_command_files()


@pytest.mark.parametrize("kind", ["link", "pipe", "folder", "device"])
def test_outputs_go_into_a_file_or_nowhere(files: RunnerFiles, tmp_path: Path, kind: str) -> None:
    path = files.paths["GITHUB_OUTPUT"]
    path.unlink()
    if kind == "link":
        path.symlink_to(tmp_path / "elsewhere")
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        files = RunnerFiles(paths={"GITHUB_OUTPUT": Path(os.devnull)})

    with pytest.raises(MlciError, match="cannot write the runner's file") as caught:
        files.write_outputs({"deploy": "true"})
    assert caught.value.hint
    assert not (tmp_path / "elsewhere").exists()


def test_a_folder_in_place_of_a_file_is_an_error_with_a_hint(files: RunnerFiles) -> None:
    files.paths["GITHUB_ENV"].unlink()
    files.paths["GITHUB_ENV"].mkdir()

    with pytest.raises(MlciError, match="cannot write the runner's file 'ENV'"):
        files.empty_command_files()


def test_the_summary_is_added_to_what_is_there(files: RunnerFiles) -> None:
    files.empty_command_files()
    files.write_summary("# one\n")
    files.write_summary("# two ✅\n")

    assert text_of(files, "GITHUB_STEP_SUMMARY") == "# one\n# two ✅\n"


def test_a_summary_that_github_would_drop_is_cut_at_a_line(files: RunnerFiles) -> None:
    files.empty_command_files()
    files.write_summary("| ✅ | row |\n" * 100_000)
    files.write_summary("one line more\n")

    data = files.paths["GITHUB_STEP_SUMMARY"].read_bytes()
    assert MAX_SUMMARY_BYTES - 100 <= len(data) <= MAX_SUMMARY_BYTES
    assert data.decode().endswith(
        "| ✅ | row |\n\n*The summary was cut here: it is longer than GitHub shows.*\n"
    )


def test_a_summary_file_that_is_not_there_yet_is_made(tmp_path: Path) -> None:
    files = RunnerFiles.from_environ({"GITHUB_STEP_SUMMARY": str(tmp_path / "summary")})
    files.write_summary("# report\n")

    assert text_of(files, "GITHUB_STEP_SUMMARY") == "# report\n"
