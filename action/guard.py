"""Are these still the bytes that were installed? If so, run one stage of mlci_action from them.

action.yml hands this text from step to step as an output, which lives in the runner: the user's
code, which may have run in between, can edit files and leave environment variables behind, but
not this. The steps that hold a token therefore start from here, in an interpreter that is named by
its absolute path. It stops careless and opportunistic code; only a separate job stops an attacker.
"""

from __future__ import annotations

import json
import os
import runpy
import sys
from pathlib import Path

# What the runner says about the run, and what action.yml sets for the step.
KEPT_PREFIXES = ("GITHUB_", "RUNNER_", "MLCI_")
KEPT_NAMES = ("CI", "HOME", "LANG", "LC_ALL", "PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "TZ")
DROPPED_NAMES = ("GITHUB_TOKEN", "MLCI_GUARD", "MLCI_NETWORK")


def main(stage: str) -> None:
    """Leave the inherited environment behind, refuse changed bytes, and become that stage."""
    light = Path(os.environ["MLCI_LIGHT"])
    cleaned = clean_environment(dict(os.environ), json.loads(os.environ["MLCI_NETWORK"]))
    os.environ.clear()
    os.environ.update(cleaned)
    if tree_digest(light) != os.environ["MLCI_LIGHT_DIGEST"]:
        raise SystemExit(
            f"::error title=mlci-action::files of the action changed while the job ran, so its step"
            f" '{stage}' was not run; does the code of the model write into {light.parent}?"
        )
    sys.path.insert(0, str(light))
    sys.argv = ["mlci", "stage", stage]
    runpy.run_module("mlci_action", run_name="__main__", alter_sys=True)


def clean_environment(environ: dict[str, str], network: dict[str, str]) -> dict[str, str]:
    """The runner's and our own variables, with proxies and certificates as they were before.

    A netrc file that the user's code wrote would outrank the token, so none is read.
    """
    kept = {
        name: value
        for name, value in environ.items()
        if (name.startswith(KEPT_PREFIXES) or name in KEPT_NAMES) and name not in DROPPED_NAMES
    }
    return {**kept, **network, "NETRC": os.devnull}


def tree_digest(folder: Path) -> str:
    """The sha256 over the name and the content of everything in it, links as links."""
    import hashlib  # noqa: PLC0415 - loads OpenSSL, which reads variables that must be gone by then

    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            kind, content = "link", os.fsencode(path.readlink())
        elif path.is_dir():
            kind, content = "folder", b""
        else:
            kind, content = "file", path.read_bytes()
        name = path.relative_to(folder).as_posix()
        digest.update(f"{kind}\0{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


if __name__ == "__main__":
    main(sys.argv[1])
