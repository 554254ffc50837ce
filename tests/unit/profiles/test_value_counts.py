"""All values are counted while they are few, and the frequent ones always."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mlci_action.domain.profile import MOST_VALUES
from mlci_action.profiles.value_counts import NumberCounts, WordCounts


@given(st.lists(st.lists(st.integers(-5, 5), min_size=1, max_size=30), min_size=1, max_size=5))
def test_few_numbers_are_all_counted(chunks: list[list[int]]) -> None:
    counts, everything = NumberCounts(), [float(n) for chunk in chunks for n in chunk]
    for chunk in chunks:
        counts.add(np.sort(np.array(chunk, dtype=float)))
    expected = Counter(everything)
    assert counts.complete
    assert dict(counts.most_frequent(100)) == expected
    assert counts.distinct(len(everything)) == len(expected)
    assert counts.repeats is (len(expected) < len(everything))


@given(st.lists(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=30), min_size=1))
def test_few_words_are_all_counted(chunks: list[list[str]]) -> None:
    counts = WordCounts()
    for chunk in chunks:
        one = Counter(chunk)
        counts.add(list(one), np.array(list(one.values())))
    everything = Counter(word for chunk in chunks for word in chunk)
    assert dict(counts.most_frequent()) == everything
    assert counts.repeats is (len(everything) < sum(everything.values()))


def test_of_many_numbers_the_frequent_ones_keep_their_counts() -> None:
    random = np.random.default_rng(1)
    counts, n, spikes = NumberCounts(), 0, 0
    for _ in range(5):
        values = random.normal(size=20_000)
        values[:300] = 7.0
        counts.add(np.sort(values))
        n, spikes = n + 20_000, spikes + 300
    assert not counts.complete
    assert counts.most_frequent(1) == ((7.0, spikes),)
    assert counts.repeats
    expected = n - spikes + 1
    assert abs(counts.distinct(n) - expected) < 0.03 * expected


def test_numbers_that_never_repeat_are_known_not_to_across_chunks() -> None:
    """A column of ids: counted exactly at first, by their hashes from 5,000 on."""
    ids = np.random.default_rng(2).permutation(60_000).astype(float)
    counts = NumberCounts()
    for chunk in np.array_split(ids, 40):
        counts.add(np.sort(chunk))
    assert not counts.repeats
    assert abs(counts.distinct(60_000) - 60_000) < 1_800
    # A later chunk that repeats the first is found out by hashes, though each by itself is unique.
    counts.add(np.sort(ids[:20_000]))
    assert counts.repeats


def test_words_that_never_repeat_are_known_not_to_across_chunks() -> None:
    words = [f"id-{number}" for number in range(30_000)]
    counts = WordCounts()
    for start in range(0, 30_000, 2_000):
        counts.add(words[start : start + 2_000], np.ones(2_000, dtype=np.int64))
    assert not counts.complete
    assert not counts.repeats
    assert abs(counts.distinct(30_000) - 30_000) < 1_000
    counts.add(words[:4_000], np.ones(4_000, dtype=np.int64))
    assert counts.repeats


def test_exactly_as_many_as_are_kept_is_still_complete() -> None:
    counts = NumberCounts()
    counts.add(np.arange(float(MOST_VALUES)))
    assert counts.complete
    counts.add(np.arange(float(MOST_VALUES)))
    assert counts.complete
    counts.add(np.array([-1.0]))
    assert not counts.complete
