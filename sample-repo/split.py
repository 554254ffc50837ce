"""Split data/german_credit.csv into data/train.csv and data/test.csv, the same way every time.

Run it only when the source file changes: both parts are committed, so that every model is judged
on the same rows.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import pandas as pd

DATA = Path(__file__).resolve().parent / "data"


def main() -> None:
    loans = pd.read_csv(DATA / "german_credit.csv")
    loans.insert(0, "loan_id", range(1, len(loans) + 1))
    in_test = loans["loan_id"].map(belongs_to_test)
    loans[~in_test].to_csv(DATA / "train.csv", index=False, lineterminator="\n")
    loans[in_test].to_csv(DATA / "test.csv", index=False, lineterminator="\n")


def belongs_to_test(loan_id: int) -> bool:
    """About half of the loans. The id alone decides, so new loans never move an old one."""
    return hashlib.sha256(str(loan_id).encode()).digest()[-1] % 2 == 1


if __name__ == "__main__":
    main()
