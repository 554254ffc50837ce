"""Which rows are meant? A named part of the rows; `None` in a result means all of them."""

from __future__ import annotations

from dataclasses import dataclass

from mlci_action.domain.names import id_part


@dataclass(frozen=True, kw_only=True, slots=True)
class Slice:
    """Rows where each `by` column has its value, or where the expression `where` holds."""

    by: tuple[tuple[str, str], ...] = ()
    where: str | None = None

    def __post_init__(self) -> None:
        if bool(self.by) == (self.where is not None):
            raise ValueError("a slice is either `by` columns or a `where` expression")

    @property
    def label(self) -> str:
        """As a person reads it: `sex=female, region=north` or `age >= 60`."""
        if self.where is not None:
            return self.where
        return ", ".join(f"{column}={value}" for column, value in self.by)

    @property
    def key(self) -> str:
        """As the last part of a check id."""
        if self.where is not None:
            return id_part(self.where)
        return "&".join(f"{id_part(column)}={id_part(value)}" for column, value in self.by)

    def as_mapping(self) -> dict[str, str]:
        """As the report holds it."""
        return {"where": self.where} if self.where is not None else dict(self.by)
