"""Whom does a run tell what it does?"""

from __future__ import annotations

from mlci_action.adapters.github_runner import Console
from mlci_action.adapters.world import Speaker


def speaker_of(console: Console) -> Speaker:
    """Our own sentences, and what the user's code printed, on one console."""
    return Speaker(say=console.say, foreign=console.foreign)
