"""How is a whole set of hostile pull requests run against an action, and what did each reach?"""

from __future__ import annotations

import base64
import http.server
import operator
import os
import pickle
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from tests.act.conftest import Consumer, Installation, check_out, event_of, stand_in
from tests.act.host import ROOT, ActRun, GateJob, Host, copy_action
from tests.act.payloads import Hidden, Target, hidden
from tests.fakes.github_server import TOKEN, GitHubServer

# One column says it all: what a careless gate takes for a model needs no library.
CARELESS_MODEL = pickle.dumps(operator.itemgetter("job"))
NAIVE = ROOT / "tests" / "act" / "naive"
# The token as it is, and as git sends it.
TOKENS = (TOKEN.encode(), base64.b64encode(f"x-access-token:{TOKEN}".encode()))
# As on a machine whose owner gives its users no namespaces.
NO_NAMESPACES = (
    *("unshare", "--user", "--map-root-user", "sh", "-c"),
    'echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"',
    "sh",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Reached:
    """What the payloads of a job reached. `ran`: their names; `alive`: one was, afterwards."""

    ran: tuple[str, ...]
    deploys: bool
    leaks: bool
    lies: bool
    alive: bool
    verdict: str


class Catcher:
    """A server of the attacker's, which remembers all that it is sent."""

    def __init__(self) -> None:
        self.caught = b""
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.caught += f"{self.requestline}\n{self.headers}\n".encode()
                self.send_error(502)

            do_POST = do_PATCH = do_CONNECT = do_GET  # noqa: N815 (the library's names)

            def log_message(self, *args: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@dataclass(kw_only=True)
class Attack:
    """A machine, and the hostile pull requests that run on it, each as a job of its own."""

    host: Host
    installation: Installation
    consumer: Consumer
    gates: dict[str, GateJob] = field(default_factory=dict)
    catchers: dict[str, Catcher] = field(default_factory=dict)
    actions: dict[str, Path] = field(default_factory=dict)

    def folder(self, name: str) -> Path:
        """The attacker's own folder, named after the payload."""
        return self.host.folder / "jobs" / name

    def add(self, name: str, payloads: Sequence[str], *, naive: bool, server: str) -> None:
        """A job with these payloads in its model, which is no model to deploy."""
        work, home = self.host.folder / "work", self.folder(name) / "home"
        home.mkdir(parents=True)
        found = self.folder(name) / "bin-of-the-job"
        shutil.copytree(self.host.bin, found)
        self.actions[name] = self.folder(name) / "action"
        target = self._naive(name, found) if naive else self._ours(name, found)
        known = target.lines(catcher=self.catchers[name].url, server=server)
        file, folder = self.folder(name) / "model.joblib", self.folder(name)
        real = (work / "models" / "model.joblib").read_bytes()
        model, loader = (CARELESS_MODEL, "pickle") if naive else (real, "joblib")
        code = hidden(payloads, known, job=folder, home=home, act=self.host.act)
        file.write_bytes(pickle.dumps(Hidden(code, model, loader)))
        before = f"cp '{file}' models/model.joblib; echo '{found}' >> \"$GITHUB_PATH\""
        env = {"HOME": str(home)}
        if naive:
            gate = GateJob(uses=f"org/naive-{name}@v1", before=before, env=env)
        else:
            inputs = {"baseline": "none.joblib", "id": name}
            env["MLCI_TEST_INSTALLED"] = f"own-{name}"
            uses = f"org/mlci-{name}@v1"
            gate = GateJob(uses=uses, inputs=inputs, before=before, env=env)
        self.gates[name] = gate

    def _naive(self, name: str, found: Path) -> Target:
        action = self.actions[name]
        shutil.copytree(NAIVE, action)
        return Target(
            reports="['naive-report.json']",
            later_code="glob.glob(actions + '/comment.py')",
            gate_code="glob.glob(actions + '/limits.py')",
            interpreters=repr([str(found / "python3")]),
        )

    def _ours(self, name: str, found: Path) -> Target:
        """With an installation that may be spoiled: only libraries are shared between jobs."""
        copy_action(self.actions[name])
        state = self.folder(name) / "state"
        shutil.copytree(self.installation.light, state / "light")
        python = _own_environment(self.installation, state / "env")
        text = (self.installation.outputs / "real").read_text(encoding="utf-8")
        for old, new in {
            "STATE": state,
            self.installation.light: state / "light",
            self.installation.python: python,
        }.items():
            text = text.replace(f"\n{old}\n", f"\n{new}\n")
        (self.installation.outputs / f"own-{name}").write_text(text, encoding="utf-8")
        light = [str(path) for path in state.glob("light/mlci_action/**/*.py")]
        package = state.glob("env/lib/*/site-packages/*/**/*.py")
        return Target(
            reports=f"glob.glob({str(state / 'report' / '*.json')!r})",
            later_code=f"{light} + glob.glob(actions + '/action/guard.py')",
            gate_code=repr([str(path) for path in package]),
            interpreters=repr([str(found / "python3"), str(python)]),
        )

    def run(self, github: GitHubServer) -> Mapping[str, Reached]:
        """What each reached, by name."""
        uses = {gate.uses: self.actions[name] for name, gate in self.gates.items()}
        ran = replace(self.host, others=uses).run(
            self.host.folder / "work",
            self.gates,
            event=event_of(self.consumer),
            server_url=github.url,
        )
        (self.host.folder / "log").write_text(ran.log, encoding="utf-8")
        return {name: self._reached(name, ran, github) for name in self.gates}

    def _reached(self, name: str, ran: ActRun, github: GitHubServer) -> Reached:
        loot = self.folder(name) / "loot"
        stolen = [path for path in self.folder(name).rglob("*") if _holds_token(path)]
        outputs = ran.gates[name].outputs
        claims = (f"{name} deploys: True", f"key={name} sha={self.consumer.head} verdict=pass")
        bodies = [comment["body"] for comment in github.comments]
        lines = loot.read_text(errors="replace").splitlines() if loot.is_file() else []
        return Reached(
            ran=tuple(line.removeprefix("ran ") for line in lines if line.startswith("ran ")),
            deploys=outputs.get("deploy") == "true",
            leaks=bool(stolen) or _with_token(self.catchers[name].caught),
            lies=any(claim in body for claim in claims for body in bodies),
            alive=_end(self.folder(name)),
            verdict=outputs.get("verdict", ""),
        )


@contextmanager
def attack(
    host: Host,
    installation: Installation,
    consumer: Consumer,
    jobs: Mapping[str, Sequence[str]],
    *,
    naive: bool,
) -> Iterator[tuple[Attack, GitHubServer]]:
    """All these payloads prepared, and a GitHub to run them with."""
    check_out(consumer, host.folder)
    attacked = Attack(host=host, installation=installation, consumer=consumer)
    with ExitStack() as alive:
        github = alive.enter_context(stand_in(consumer))
        for name, payloads in jobs.items():
            attacked.catchers[name] = alive.enter_context(Catcher())
            attacked.add(name, payloads, naive=naive, server=github.url)
        try:
            yield attacked, github
        finally:
            for name in jobs:
                _end(attacked.folder(name))


def gives_namespaces() -> bool:
    """Whether the kernel gives them to the user of these tests."""
    found = shutil.which(NO_NAMESPACES[0])
    command = [*NO_NAMESPACES, "true"]
    return bool(found) and not subprocess.run(command, check=False, capture_output=True).returncode


def _own_environment(installation: Installation, folder: Path) -> Path:
    """An environment with an interpreter and packages of its own; most libraries are shared."""
    real = installation.python.parents[1]
    (site,) = (real / "lib").glob("python3.*/site-packages")
    own = folder / site.relative_to(real)
    own.mkdir(parents=True)
    (folder / "bin").mkdir()
    shutil.copy(real / "pyvenv.cfg", folder)
    (folder / "bin" / "python").symlink_to(installation.python.resolve())
    # A part of pydantic is imported only when the report is made, after the model ran.
    for name in ("mlci_action", "pydantic"):
        shutil.copytree(site / name, own / name)
    (own / "shared.pth").write_text(f"{site}\n", encoding="utf-8")
    return folder / "bin" / "python"


def _end(folder: Path) -> bool:
    """End what a payload left running; whether there was any."""
    noted = folder / "pids"
    alive = False
    for pid in noted.read_text().split() if noted.is_file() else ():
        try:
            # A number may have become another process's: only ours has that home.
            if str(folder).encode() in Path(f"/proc/{pid}/environ").read_bytes():
                os.kill(int(pid), signal.SIGKILL)
                alive = True
        except OSError:
            continue
    return alive


def _holds_token(path: Path) -> bool:
    return path.is_file() and not path.is_symlink() and _with_token(path.read_bytes())


def _with_token(content: bytes) -> bool:
    return any(token in content for token in TOKENS)
