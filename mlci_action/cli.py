"""The command line: what can be asked, and which exit code answers."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TypeAlias

from mlci_action._version import __version__
from mlci_action.stages import STAGES

_FEWEST_RETRAININGS = 3
_EXAMPLES = """\
examples:
  mlci demo                        the gate on packaged data: a better and a worse model
  mlci gate                        the gate as mlci.yml says, on this working copy
  mlci gate --candidate new.joblib --baseline git:main:models/model.joblib
  mlci data --json | jq .checks    the data checks alone, for a program to read
  mlci train && mlci gate          a new model where its inputs changed, and the gate
  mlci self-test                   can the limits of mlci.yml say no?
  mlci calibrate                   margins that these rows can settle
  mlci promote mlci-report --to release:models     the bytes that passed
  mlci verify model.joblib --manifest manifest.json    are these the bytes that passed?
  mlci schema > mlci.schema.json   what may stand in mlci.yml, for editors
  mlci schema infer data/train.csv > schema.yml    a pandera schema to edit

exit codes:
  0 pass, yes, done   1 fail, inconclusive, no   2 error or a wrong set-up   3 a bug in mlci
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
    _add_train(commands)
    _add_looks_at_limits(commands)
    _add_promote(commands)
    _add_verify(commands)
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
    _add_python(command)


def _add_python(command: argparse.ArgumentParser) -> None:
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


def _add_train(commands: _Commands) -> None:
    train = commands.add_parser("train", help="a new model, where the inputs of the old changed")
    _add_config(train)
    _add_python(train)
    train.add_argument("--force", action="store_true", help="whatever has changed or not")
    train.add_argument("--reproduce", action="store_true", help="train twice, and say what differs")
    train.add_argument("--json", action="store_true", help="print what was done for a program")


def _add_looks_at_limits(commands: _Commands) -> None:
    self_test = commands.add_parser("self-test", help="sabotaged candidates meet the limits")
    calibrate = commands.add_parser("calibrate", help="margins that fit the noise of these rows")
    for command in (self_test, calibrate):
        _add_config(command)
        _add_models(command)
    calibrate.add_argument(
        "--retrain",
        type=_several,
        default=0,
        metavar="K",
        help="measure the noise by K retrainings, each with a seed of its own",
    )
    calibrate.add_argument("--json", action="store_true", help="print it for a program to read")


def _several(text: str) -> int:
    """At least three: two would hardly tell how much they differ."""
    number = int(text)
    if number < _FEWEST_RETRAININGS:
        raise argparse.ArgumentTypeError(f"at least {_FEWEST_RETRAININGS}, not {number}")
    return number


def _add_promote(commands: _Commands) -> None:
    promote = commands.add_parser("promote", help="bring the model of a passing report in place")
    promote.add_argument("report", type=Path, help="the report folder")
    promote.add_argument(
        "--to",
        required=True,
        metavar="DESTINATION",
        help="a folder, release:TAG, mlflow:NAME@ALIAS, or an object store (s3://...)",
    )
    promote.add_argument(
        "--replace",
        action="store_true",
        help="also where another model is in place than the one it was compared with",
    )


def _add_verify(commands: _Commands) -> None:
    verify = commands.add_parser("verify", help="are these the bytes that passed?")
    verify.add_argument("model", type=Path, help="a model, or a whole bundle")
    verify.add_argument("--manifest", type=Path, metavar="FILE", help="not needed for a bundle")
    verify.add_argument("--attestation", type=Path, metavar="FILE", help="in-toto, DSSE, Sigstore")
    verify.add_argument("--key", type=Path, metavar="FILE", help="what signed the attestation")
    verify.add_argument("--digest", metavar="SHA256", help="what the gate's output says")
