"""Is a file in the binary format of XGBoost that 3.1 gave up, and which XGBoost wrote it?"""

from __future__ import annotations

import re
import struct
from typing import Dict

# 136 bytes of numbers, then the objective and the kind of booster, each with its length.
OLD_XGBOOST = re.compile(
    rb"(?:binf)?(?P<numbers>.{136})[\x01-\x40]\0{7}(?P<objective>[a-z0-9:_@]{3,64})"
    rb"[\x04-\x08]\0{7}(?:gbtree|gblinear|dart)",
    re.DOTALL,
)
_FEATURES_AT, _CLASSES_AT, _VERSION_AT = 4, 8, 20


def old_xgboost_version(head: bytes) -> str:
    """The version such as `1.7`; empty for another file. Before 1.0 none was written."""
    match = OLD_XGBOOST.match(head)
    if match is None:
        return ""
    major, minor = struct.unpack_from("<II", match["numbers"], _VERSION_AT)
    return f"{major}.{minor}" if major else "0.90 or earlier"


def old_learner(content: bytes) -> Dict[str, object]:
    """The part of a booster's configuration that its model tells: XGBoost before 1.0 has no other.

    ValueError when it is no such model.
    """
    match = OLD_XGBOOST.match(content)
    if match is None:
        raise ValueError("the booster does not say what it was fitted for")
    (features,) = struct.unpack_from("<I", match["numbers"], _FEATURES_AT)
    (classes,) = struct.unpack_from("<i", match["numbers"], _CLASSES_AT)
    return {
        "learner_train_param": {"objective": match["objective"].decode("ascii")},
        "learner_model_param": {"num_class": classes, "num_feature": features},
    }
