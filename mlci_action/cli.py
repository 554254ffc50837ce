"""The command line: what can be asked, and which exit code answers."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TypeAlias

from mlci_action._version import __version__
from mlci_action.stages import STAGES

_EXAMPLES = """\
examples:
  mlci demo                        the gate on packaged data: a better and a worse model
  mlci gate                        the gate as mlci.yml says, on this working copy
  mlci gate --candidate new.joblib --baseline git:main:models/model.joblib
  mlci data --json | jq .checks    the data checks alone, for a program to read
  mlci schema > mlci.schema.json   what may stand in mlci.yml, for editors
  mlci schema infer data/train.csv > schema.yml    a pandera schema to edit

exit codes:
  0 pass   1 fail or inconclusive   2 error or a wrong set-up   3 a bug in mlci
"""


def parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    top = argparse.ArgumentParser(
        prog="mlci",
        description="Validate the data, compare the candidate model with the baseline, "
        "and say whether to deploy.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"mlci {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_runs(commands)
    _add_baseline(commands)
    _add_comment(commands)
    _add_schema(commands)
    demo = commands.add_parser("demo", help="the gate on packaged data, without a network")
    demo.add_argument(
        "--folder",
        type=Path,
        help="where to work, a new or empty folder (default: a temporary one)",
    )
    # For action.yml only: no help, so that nobody takes it for a command of theirs.
    stage = commands.add_parser("stage")
    stage.add_argument("name", choices=STAGES)
    return top


# What add_subparsers answers has no public name.
_Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001


def _add_runs(commands: _Commands) -> None:
    gate = commands.add_parser("gate", help="the whole gate: data, models, comparison, verdict")
    data = commands.add_parser("data", help="the data checks alone")
    for command in (gate, data):
        _add_config(command)
        command.add_argument(
            "--output",
            type=Path,
            default=Path("mlci-report"),
            metavar="FOLDER",
            help="where the report goes (default: mlci-report)",
        )
        command.add_argument("--json", action="store_true", help="print report.json on stdout")
    _add_models(gate)


def _add_models(command: argparse.ArgumentParser) -> None:
    command.add_argument("--candidate", metavar="PATH", help="instead of candidate.model")
    command.add_argument("--baseline", metavar="SOURCE", help="instead of baseline.from")
    command.add_argument(
        "--python", metavar="PATH", help="the interpreter that has the models' libraries"
    )


def _add_config(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--config",
        type=Path,
        default=Path("mlci.yml"),
        metavar="FILE",
        help="the settings (default: mlci.yml); paths in it are relative to its folder",
    )


def _add_baseline(commands: _Commands) -> None:
    baseline = commands.add_parser("baseline", help="which baseline is there, and why that one")
    what = baseline.add_subparsers(dest="what", required=True, metavar="WHAT")
    listed = what.add_parser("list", help="ask every source, and take none")
    pull = what.add_parser("pull", help="copy the baseline that would be taken")
    pull.add_argument("source", nargs="?", help="instead of baseline.from")
    pull.add_argument(
        "--output", type=Path, default=Path("mlci-baseline"), metavar="FOLDER", help="where to"
    )
    for command in (listed, pull):
        _add_config(command)


def _add_schema(commands: _Commands) -> None:
    schema = commands.add_parser(
        "schema", help="print the JSON Schema of mlci.yml; infer: propose a schema of data"
    )
    what = schema.add_subparsers(dest="what", metavar="WHAT")
    infer = what.add_parser("infer", help="print a pandera schema that the data follow, to edit")
    infer.add_argument("data", metavar="DATA", help="a path, a glob or a URL of a table")


def _add_comment(commands: _Commands) -> None:
    comment = commands.add_parser("comment", help="post a finished report on its pull request")
    comment.add_argument("report", type=Path, help="the report folder")
    comment.add_argument("--id", default="default", help="tells several gates apart")
    comment.add_argument("--mode", default="always", choices=("always", "changes", "failures"))
