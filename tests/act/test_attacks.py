"""Does hostile code in a model file get what it wants, here and where nobody took care?

The same payloads run against a careless action and against ours: the first shows that they bite.
Ours is run where the kernel gives namespaces, and where it gives none to the users of the machine.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

import pytest

from tests.act.attacks import NO_NAMESPACES, Reached, attack, gives_namespaces
from tests.act.conftest import Consumer, Installation
from tests.act.host import Host
from tests.act.payloads import NEEDS

# All of it shares three runs of act, which are made once if one process has them all.
pytestmark = [pytest.mark.act, pytest.mark.xdist_group("attacks")]

# What each wants of the careless action.
WANTS = {
    "output-and-end": "deploys",
    "output-and-kill": "deploys",
    "own-environment": "leaks",
    "later-environments": "leaks",
    "later-files": "deploys",
    "bash-env": "leaks",
    "preload": "leaks",
    "python-path": "leaks",
    "proxy": "leaks",
    "node-options": "leaks",
    "paths": "leaks",
    "written-report": "lies",
    "token-step": "leaks",
    "gate-code": "deploys",
    "interpreter": "leaks",
    "home": "leaks",
}
CAN_RUN = [name for name in WANTS if name not in NEEDS or shutil.which(NEEDS[name])]
# What keeps others from going on, on a machine without namespaces; where there are, only the first
# can.
ALONE = ("output-and-end", "output-and-kill", "token-step", "gate-code")


def jobs_for(*alone: str) -> dict[str, tuple[str, ...]]:
    """The payloads that are alone in a job, and the rest of them in one."""
    rest = tuple(name for name in CAN_RUN if name not in alone)
    return {**{name: (name,) for name in alone}, "rest": rest}


JOBS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "careless": {name: (name,) for name in CAN_RUN},
    "ours": jobs_for(ALONE[0]),
    "ours-without-namespaces": jobs_for(*ALONE),
}
Run = Callable[..., Mapping[str, Reached]]


@pytest.fixture(scope="module")
def attacked(
    act: Path,
    action: Path,
    installation: Installation,
    consumer: Consumer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Run:
    """Runs jobs with payloads on a new machine."""

    def run(
        jobs: Mapping[str, Sequence[str]], *, naive: bool = False, around: tuple[str, ...] = ()
    ) -> Mapping[str, Reached]:
        folder = tmp_path_factory.mktemp("attacked")
        host = Host(act=act, action=action, bin=installation.bin, folder=folder, around=around)
        with attack(host, installation, consumer, jobs, naive=naive) as (prepared, github):
            return prepared.run(github)

    return run


@pytest.fixture(scope="module")
def machines(attacked: Run) -> Callable[[str], Mapping[str, Reached]]:
    """What was reached on each, run when it is first asked for."""

    @cache
    def ran(machine: str) -> Mapping[str, Reached]:
        without = machine == "ours-without-namespaces" and gives_namespaces()
        return attacked(
            JOBS[machine],
            naive=machine == "careless",
            around=NO_NAMESPACES if without else (),
        )

    return ran


@pytest.mark.parametrize("name", WANTS)
@pytest.mark.parametrize("machine", JOBS)
def test_a_payload_gets_what_it_wants_only_where_nobody_took_care(
    machines: Callable[[str], Mapping[str, Reached]], machine: str, name: str
) -> None:
    """Ours ends what it started as well, and says in its verdict what was spoiled."""
    if name not in CAN_RUN:
        pytest.skip(f"there is no {NEEDS[name]}")
    if machine == "ours" and not gives_namespaces():
        pytest.skip("the kernel gives no namespaces to this user")
    (job,) = (job for job, names in JOBS[machine].items() if name in names)
    reached = machines(machine)[job]
    assert name in reached.ran
    if machine == "careless":
        assert getattr(reached, WANTS[name]), reached
        return
    assert reached == Reached(
        ran=JOBS[machine][job],
        deploys=False,
        leaks=False,
        lies=False,
        alive=False,
        verdict="inconclusive" if job == "rest" else "error",
    )
