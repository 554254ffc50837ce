"""How often has an evaluation set judged a candidate? Each look wears it out a little."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True, slots=True)
class Ledger:
    """The models that each evaluation set has judged, by digests, each once and in their order."""

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
            known[data] = tuple(dict.fromkeys((*known.get(data, ()), *models)))
        return Ledger(judged=known)
