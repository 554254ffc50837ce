"""What does mlci.yml say of the data: where they are, how they are read, what must hold?"""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from mlci_action.settings.check_sections import ChecksSection
from mlci_action.settings.data_scalars import Encoding, Flag, Reference, Separator
from mlci_action.settings.integrity_sections import IntegritySection
from mlci_action.settings.scalars import Maybe, Text, Word, complaint
from mlci_action.settings.section import Section


class DataSection(Section):
    """The rows on which both models are judged, and what must hold for them."""

    evaluation: Text = Field(
        description="The labelled rows: path, glob or URL. What the files are, their bytes tell.",
        examples=["data/test.csv", "s3://bucket/test.parquet"],
    )
    labels: Maybe[Text] = Field(
        default=None,
        description="The file with the target, when it stands in one of its own: row by row as in"
        " `evaluation`.",
        examples=["data/y_test.csv"],
    )
    target: Word = Field(description="The column with the truth.", examples=["approved"])
    positive: Maybe[Word] = Field(
        default=None,
        description="The positive class of a binary target, as in the data.",
        examples=["yes"],
    )
    id: Maybe[Word] = Field(
        default=None, description="The column that names a row.", examples=["loan_id"]
    )
    time: Maybe[Word] = Field(
        default=None, description="The column with the row's time.", examples=["issued_at"]
    )
    sample_weight: Maybe[Word] = Field(
        default=None,
        description="The column with how much a row counts: numbers >= 0.",
        examples=["exposure"],
    )
    columns: list[Word] = Field(
        default=[],
        min_length=1,
        description="The names of all columns in their order, for files without a header line.",
        examples=[["age", "income", "approved"]],
    )
    separator: Maybe[Separator] = Field(
        default=None,
        description="What stands between two values: one character, or the word `whitespace`."
        " Found out when not given.",
        examples=[";", "whitespace"],
    )
    encoding: Maybe[Encoding] = Field(
        default=None, description="How text is encoded, when not as UTF-8.", examples=["latin-1"]
    )
    sheet: Maybe[Word] = Field(
        default=None, description="Which sheet of an Excel file, when not the first.",
        examples=["Sheet1"],
    )  # fmt: skip
    train: Maybe[Text] = Field(
        default=None,
        description="The rows that the model was fitted on: rows that are in both, and what the"
        " data are compared with when nothing else is there.",
        examples=["data/train.csv"],
    )
    reference: Maybe[Reference] = Field(
        default=None,
        description="What the data are compared with: a table, a stored profile, or git:REF:PATH."
        " When not given: the data that the baseline was judged on, else `train`.",
        examples=["data/last_month.csv", "profile.json", "git:base:data/test.csv"],
    )
    schema_: Maybe[Text] = Field(
        default=None,
        alias="schema",
        description="A pandera schema: a YAML file or module:Object.",
        examples=["schema.yml", "schemas:Loans"],
    )
    integrity: list[IntegritySection] = Field(
        default=[],
        min_length=1,
        description="Rules across columns, each a text or a mapping around it.",
        examples=[["start <= end", {"never": "age < 18 and status == 'married'"}]],
    )
    show_values: Flag = Field(
        default=False,
        description="Whether reports may name values of the data, such as a new category.",
    )
    checks: ChecksSection = Field(
        default_factory=ChecksSection,
        description="How the data checks are to be taken, by their names.",
    )

    @model_validator(mode="after")
    def _target_and_weight_are_nothing_else(self) -> Self:
        for one, other in (
            ("target", "id"),
            ("target", "time"),
            ("target", "sample_weight"),
            ("id", "sample_weight"),
            ("time", "sample_weight"),
        ):
            if getattr(self, one) is not None and getattr(self, one) == getattr(self, other):
                raise complaint(f"{one} and {other} are the same column")
        return self
