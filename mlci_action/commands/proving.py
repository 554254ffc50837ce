"""Are these the bytes that passed, and can the limits say no?"""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from mlci_action.adapters.verifying import verify as verify_bytes
from mlci_action.commands.console import progress, show

Environ = Mapping[str, str]


def verify(options: argparse.Namespace, environ: Environ) -> int:
    """0 for the bytes that passed, 1 for others; light, because a deploy job has little."""
    found = verify_bytes(
        options.model,
        options.manifest,
        attestation=options.attestation,
        digest=options.digest,
        key=options.key,
    )
    for step in found.steps:
        show(f"{'ok' if step.held else 'no'}  {step.name}: {step.sentence}", environ)
    return 0 if found.holds else 1


def self_test(options: argparse.Namespace, environ: Environ) -> int:
    """Sabotaged candidates meet the limits; 0 when all are held back."""
    from mlci_action.adapters.github_event import load_change
    from mlci_action.commands.speaking import speaker_of
    from mlci_action.rendering.self_test_sections import self_test_table
    from mlci_action.runs import RunOptions, real_world
    from mlci_action.self_testing import tested

    asked = RunOptions(
        config=options.config,
        candidate=options.candidate,
        baseline=options.baseline,
        python=options.python,
    )
    speaker = speaker_of(progress(environ))
    with real_world(asked, load_change(environ), environ=environ, speaker=speaker) as world:
        found = tested(world.settings, world)
    show(self_test_table(found), environ)
    return 0 if found.all_caught else 1
