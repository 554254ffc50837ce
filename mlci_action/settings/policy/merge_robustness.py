"""What is tried on changed rows where two policies differ, and how far may answers move?"""

from __future__ import annotations

from dataclasses import replace

from mlci_action.domain.robustness import (
    Perturbation,
    PerturbationLimits,
    PropertyLimits,
    RobustnessLimits,
)
from mlci_action.settings.policy.stricter import lower, margin, severity, united


def merged_robustness(
    base: RobustnessLimits | None, own: RobustnessLimits | None
) -> RobustnessLimits | None:
    """What either side tries, as the base does where both do, with the stricter limits."""
    if base is None or own is None:
        return base or own
    tried = united(base.perturbations, own.perturbations, lambda each: each.kind, _perturbation)
    judged = base.properties or any(each.limited for each in base.perturbations)
    return RobustnessLimits(
        perturbations=tuple(sorted(tried, key=lambda each: list(Perturbation).index(each.kind))),
        properties=united(
            base.properties, own.properties, lambda each: (each.what, each.column), _property
        ),
        rows=base.rows if judged else own.rows,
    )


def _perturbation(base: PerturbationLimits, own: PerturbationLimits) -> PerturbationLimits:
    if not base.limited:
        # What is only shown loosens nothing.
        return own
    given = [each.severity for each in (base, own) if each.limited]
    return replace(
        base,
        max_drop=margin(base.max_drop, own.max_drop),
        max_drop_regression=lower(base.max_drop_regression, own.max_drop_regression),
        max_flips=lower(base.max_flips, own.max_flips),
        max_flips_regression=lower(base.max_flips_regression, own.max_flips_regression),
        severity=severity(*given),
    )


def _property(base: PropertyLimits, own: PropertyLimits) -> PropertyLimits:
    return replace(
        base,
        max_share=min(base.max_share, own.max_share),
        severity=severity(base.severity, own.severity),
    )
