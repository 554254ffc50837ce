"""What is tried on changed rows? From the file's own shape to the limits of the domain."""

from __future__ import annotations

from mlci_action.domain.limits import Margin
from mlci_action.domain.robustness import (
    Perturbation,
    PerturbationLimits,
    PropertyLimits,
    RobustnessLimits,
)
from mlci_action.settings.robustness_sections import ChangeSection, RobustnessSection

_AMOUNT = {Perturbation.NOISE: "scale", Perturbation.UNITS: "factor"}


def resolve_robustness(section: RobustnessSection) -> RobustnessLimits:
    """All of it, the perturbations in the order of the domain."""
    invariant, monotonic = section.invariant_to or {}, section.monotonic or {}
    return RobustnessLimits(
        perturbations=tuple(
            _perturbation(kind, change) for kind, change in section.perturbations.items()
        ),
        properties=(
            *(
                PropertyLimits(column=column, max_share=held.max_share, severity=held.severity)
                for column, held in invariant.items()
            ),
            *(
                PropertyLimits(
                    column=column,
                    direction=held.direction,
                    max_share=held.max_share,
                    severity=held.severity,
                )
                for column, held in monotonic.items()
            ),
        ),
        rows=section.rows,
    )


def _perturbation(kind: Perturbation, section: ChangeSection) -> PerturbationLimits:
    drop = section.max_drop
    return PerturbationLimits(
        kind=kind,
        amount=getattr(section, _AMOUNT.get(kind, ""), 1.0),
        share=getattr(section, "share", 1.0),
        columns=None if section.columns is None else tuple(section.columns),
        max_drop=Margin(absolute=drop.absolute, relative=drop.relative) if drop else None,
        max_drop_regression=section.max_drop_regression,
        max_flips=section.max_flips,
        max_flips_regression=section.max_flips_regression,
        severity=section.severity,
    )
