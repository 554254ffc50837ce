"""What a key of `metrics` may be called, and what `metric` beside it may name."""

from __future__ import annotations

import pytest

from mlci_action.settings.metric_names import is_built_in, is_place, misnamed

_OWN = "a name of your own is up to 64 letters, digits, underscores, hyphens and dots"


@pytest.mark.parametrize(
    ("name", "metric"),
    [
        ("roc_auc", None),
        ("auc", None),
        ("neg_log_loss", None),
        ("scoring:profit", None),
        ("deep.er.scoring:profit", None),
        ("costs.py:expected_cost", None),
        ("my folder/costs.py:f", None),
        ("f1_of_birds", "f1"),
        ("F1-of-birds.2", "neg_brier_score"),
        ("_", "rmse"),
        ("x" * 64, "auc"),
        ("2024", "costs.py:expected_cost"),
    ],
)
def test_these_names_are_right(name: str, metric: str | None) -> None:
    assert misnamed(name, metric) is None


@pytest.mark.parametrize(
    ("name", "metric", "below", "said"),
    [
        ("accuraccy", None, (), "unknown metric 'accuraccy'; did you mean 'accuracy'?"),
        (
            "zzz",
            None,
            (),
            "unknown metric 'zzz'; under a name of your own, say by `metric` what it is",
        ),
        (
            "equalized_odds_ratio",
            None,
            (),
            "compares groups, so it stands under fairness, not under metrics",
        ),
        ("scoring:", None, (), "expected module:function or file.py:function, not 'scoring:'"),
        (":f", None, (), "expected module:function or file.py:function, not ':f'"),
        ("a:b:c", None, (), "expected module:function or file.py:function, not 'a:b:c'"),
        ("a/b:f", None, (), "expected module:function or file.py:function, not 'a/b:f'"),
        ("a\n.py:f", None, (), "expected module:function or file.py:function, not 'a\\n.py:f'"),
        ("f1", "recall", ("metric",), "f1 is a metric already; give this one a name of its own"),
        ("auc", "roc_auc", ("metric",), "auc is a metric already; give this one a name of its own"),
        ("my f1", "f1", (), _OWN),
        ("-f1", "f1", (), _OWN),
        ("f|1", "f1", (), _OWN),
        ("", "f1", (), _OWN),
        ("x" * 65, "f1", (), _OWN),
        ("f1\n", "f1", (), _OWN),
        ("a:b", "c:d", (), _OWN),
        ("mine", "recal", ("metric",), "unknown metric 'recal'; did you mean 'recall'?"),
        ("mine", "x y", ("metric",), "unknown metric 'x y'; say a metric, or module:function"),
        (
            "mine",
            "a:",
            ("metric",),
            "expected module:function or file.py:function, not 'a:'",
        ),
    ],
)
def test_these_names_are_not(name: str, metric: str | None, below: tuple[str], said: str) -> None:
    assert misnamed(name, metric) == (below, said)


def test_a_place_has_a_colon() -> None:
    assert (is_place("a:b"), is_place("roc_auc")) == (True, False)


def test_short_forms_are_built_in() -> None:
    assert [is_built_in(name) for name in ("ap", "mine")] == [True, False]
