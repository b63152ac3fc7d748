from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from exporter.usual_hours.slot_sets import (
    WEEK_SLOTS,
    alike,
    closed,
    in_at_least,
    majority,
    runs,
    similarity,
    stretch,
    turned,
    without_short,
)

SETS = st.integers(min_value=0, max_value=2**40 - 1)


def slots(one: int) -> set[int]:
    return {slot for slot in range(one.bit_length()) if one >> slot & 1}


@given(SETS)
def test_runs_are_the_set(one: int) -> None:
    found = runs(one)
    assert sum(stretch(*run) for run in found) == one
    assert all(end < begin for (_, end), (begin, _) in pairwise(found))


@given(SETS, st.integers(0, 8))
def test_gaps_are_closed_up_to_a_length_and_short_runs_go(one: int, longest: int) -> None:
    shut = closed(one, longest)
    assert shut & one == one
    gaps = [begin - end for (_, end), (begin, _) in pairwise(runs(shut))]
    assert all(gap > longest for gap in gaps)
    assert runs(without_short(one, longest)) == [run for run in runs(one) if run[1] - run[0] > longest]


@given(st.lists(SETS, min_size=1, max_size=30), st.integers(1, 30))
def test_slots_in_at_least_so_many_sets(sets: Sequence[int], least: int) -> None:
    counts = [sum(one >> slot & 1 for one in sets) for slot in range(40)]
    assert slots(in_at_least(sets, least)) == {slot for slot, count in enumerate(counts) if count >= least}


def test_a_majority_has_the_medians_of_the_edges_and_no_gap_of_a_half() -> None:
    assert majority([]) == 0
    assert majority([stretch(3, 9), stretch(4, 10), stretch(6, 12)]) == stretch(4, 10)
    # Of two days, one with a gap: no gap. One that is longer: not longer.
    assert majority([stretch(0, 20), stretch(0, 5) | stretch(9, 12)]) == stretch(0, 12)
    assert majority([stretch(0, 4), stretch(8, 12)]) == 0


@given(SETS, SETS, st.integers(0, 6))
def test_sets_are_alike_that_differ_only_in_short_runs(one: int, other: int, slack: int) -> None:
    longest = max((end - begin for begin, end in runs(one ^ other)), default=0)
    assert alike(one, other, slack) == (longest <= slack)


def test_similarity_is_what_is_common_of_all() -> None:
    assert similarity(0, 0) == 1
    assert similarity(stretch(0, 3), stretch(1, 4)) == 0.5


@given(st.integers(0, 2**WEEK_SLOTS - 1), st.integers(0, WEEK_SLOTS - 1))
def test_a_week_turns(one: int, by: int) -> None:
    assert turned(turned(one, by), WEEK_SLOTS - by) == one
