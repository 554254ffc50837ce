"""Which columns of a table hold what a model said? A few names are read; nothing is guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from mlci_action.errors import ModelError
from mlci_action.evaluation.reading.labels import label_text, quoted

PREDICTION_NAMES = ("prediction", "predictions", "label", "y_pred", "predicted")
SCORE_NAMES = ("score", "probability", "proba", "y_score", "y_proba")
CLASS_PREFIXES = ("probability_", "proba_")
READ_NAMES = (
    "read are `prediction`, for two classes `score`, and `probability_CLASS` for each class"
)
_MAX_SHOWN = 10
_TWO = 2
# What pandas writes for an index without a name, and what it reads then.
_NUMBERING = re.compile(r"(unnamed: \d+|index|level_\d+)?", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class AnswerColumns:
    """The names of the columns that hold answers; what is not there is None or empty.

    by_class: the column of each class' probability. numbering: columns that only count the lines.
    """

    prediction: str | None = None
    score: str | None = None
    by_class: Mapping[str, str] = field(default_factory=dict)
    numbering: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[str, ...]:
        """Every column that is read."""
        named = (self.prediction, self.score, *self.by_class.values())
        return tuple(name for name in named if name is not None)


def find_columns(
    names: Sequence[str],
    *,
    id_column: str | None,
    target: str,
    data_columns: Iterable[str],
    classes: Sequence[str],
    who: str,
) -> AnswerColumns:
    """Which of a file's columns are answers; ModelError lists them where that cannot be told.

    data_columns: those of the evaluation data, which a file may repeat. classes: the labels that
    are known, whose names are columns of probabilities where every one has its own.
    """
    others = [name for name in names if name not in (id_column, target)]
    if not others and target in names:
        raise ModelError(
            f"{who}'s predictions have only the target's column {quoted(target)}: is it the truth?",
            hint=f"call the column of predictions `prediction`; {READ_NAMES}",
        )
    numbering = tuple(name for name in others if _NUMBERING.fullmatch(name.strip()))
    if len(numbering) < len(others):
        others = [name for name in others if name not in numbering]
    else:
        numbering = ()
    repeated = set(data_columns)
    prediction = _one_of(others, PREDICTION_NAMES, repeated, names, who)
    by_class = _by_class(others, classes, names, who)
    score = None if by_class else _one_of(others, SCORE_NAMES, repeated, names, who)
    if prediction is None and score is None and not by_class:
        new = [name for name in others if name not in repeated]
        lone = others if len(others) == 1 else new
        if len(lone) != 1:
            raise _unclear(names, who, "it is not clear which of its columns is the prediction")
        prediction = lone[0]
    return AnswerColumns(prediction=prediction, score=score, by_class=by_class, numbering=numbering)


def _one_of(
    columns: Sequence[str],
    wanted: Sequence[str],
    repeated: set[str],
    names: Sequence[str],
    who: str,
) -> str | None:
    found = [name for name in columns if _plain(name) in wanted]
    if len(found) > 1:
        found = [name for name in found if name not in repeated]
        if len(found) != 1:
            raise _unclear(names, who, "more than one of its columns may be the answer")
    return found[0] if found else None


def _by_class(
    columns: Sequence[str], classes: Sequence[str], names: Sequence[str], who: str
) -> dict[str, str]:
    """The column of each class; of two classes one may be enough, which `complete` mends."""
    found: dict[str, str] = {}
    for name in columns:
        prefix = next((one for one in CLASS_PREFIXES if name.casefold().startswith(one)), None)
        if prefix is None:
            continue
        text = label_text(name[len(prefix) :])
        if text in found:
            raise _unclear(names, who, f"two of its columns are the probability of {quoted(text)}")
        found[text] = name
    if len(found) == 1 and len(classes) != _TWO:
        raise _unclear(names, who, "it has the probability of one class only")
    if found:
        return found
    bare = {name: name for name in columns if name in set(classes)}
    return {text: bare[text] for text in classes} if _TWO <= len(classes) == len(bare) else {}


def _plain(name: str) -> str:
    return re.sub(r"[\s\-]+", "_", name.strip().casefold())


def _unclear(names: Sequence[str], who: str, why: str) -> ModelError:
    shown = ", ".join(quoted(name) for name in names[:_MAX_SHOWN])
    more = f" and {len(names) - _MAX_SHOWN} more" if len(names) > _MAX_SHOWN else ""
    return ModelError(f"{who}'s predictions have the columns {shown}{more}: {why}", hint=READ_NAMES)
