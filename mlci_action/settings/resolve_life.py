"""What do the words of `train` and `waivers` name, as values of the domain?"""

from __future__ import annotations

from collections.abc import Sequence

from mlci_action.domain.fingerprint import Part
from mlci_action.domain.waivers import Waiver
from mlci_action.settings.life_sections import TrainSection, WaiverSection
from mlci_action.settings.values import TrainSettings


def resolve_train(section: TrainSection) -> TrainSettings:
    """How a model is made."""
    inputs, material = section.inputs, section.material
    return TrainSettings(
        command=section.command,
        output=section.output,
        inputs=tuple(inputs.files),
        parts={part: globs for part in Part if (globs := tuple(getattr(inputs, part.value)))},
        min_rows=material.rows if material else None,
        min_drift=material.drift if material else None,
        env=tuple(section.env),
        timeout_seconds=section.timeout_seconds,
        explain_seconds=section.explain_seconds,
    )


def resolve_waivers(sections: Sequence[WaiverSection]) -> tuple[Waiver, ...]:
    """What is tolerated, in the order of the file."""
    return tuple(
        Waiver(
            check=section.check,
            ceiling=section.ceiling,
            reason=section.reason,
            expires=section.expires,
            issue=section.issue,
            author=section.author,
            column=section.column,
            slice=section.slice,
        )
        for section in sections
    )
