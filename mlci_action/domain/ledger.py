"""How often has an evaluation set judged a candidate? Each look wears it out a little."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True, slots=True)
class Ledger:
    """The models that each evaluation set has judged, by digests, each once and in their order.

    The set that judged last stands last.
    """

    judged: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def models(self, data: str) -> tuple[str, ...]:
        """The models that this evaluation set has judged."""
        return self.judged.get(data, ())

    def with_judged(self, data: str, model: str) -> Ledger:
        """The same with one more look; a model that was judged before is no new one."""
        return self.merged(Ledger(judged={data: (model,)}))

    def merged(self, other: Ledger) -> Ledger:
        """What either of the two knows."""
        known = dict(self.judged)
        for data, models in other.judged.items():
            known[data] = tuple(dict.fromkeys((*known.pop(data, ()), *models)))
        return Ledger(judged=known)

    def bounded(self, n_sets: int, n_models: int) -> Ledger:
        """The last so many sets, and of each the last so many models."""
        last = list(self.judged.items())[-n_sets:]
        return Ledger(judged={data: models[-n_models:] for data, models in last})
