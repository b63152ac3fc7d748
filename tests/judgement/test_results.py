import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.judgement import results
from exporter.judgement.chance import few_calls, other_share
from exporter.snapshot.memories import CampaignMemory
from judgement.floor import HOUR, MONDAY, Floor


def memory(floor: Floor) -> CampaignMemory:
    return floor.memory.campaigns["4877"]


@given(st.floats(0, 1e6), st.floats(0, 1e6))
def test_few_calls_is_a_probability(calls: float, expected: float) -> None:
    assert 0 <= few_calls(calls, expected) <= 1


@pytest.mark.parametrize("expected", [1.0, 5.0, 20.0, 80.0])
def test_few_calls_is_a_bound_of_poissons(expected: float) -> None:
    for calls in range(int(expected)):
        true = sum(math.exp(k * math.log(expected) - expected - math.lgamma(k + 1)) for k in range(calls + 1))
        assert true <= few_calls(calls, expected) <= 1


@given(st.integers(1, 10**6), st.integers(1, 10**6), st.floats(0, 1), st.floats(0, 1))
def test_other_share_is_a_probability_and_symmetric(of: int, usual: int, one: float, two: float) -> None:
    chance = other_share(one * of, of, two * usual, usual)
    assert 0 <= chance <= 1
    assert chance == pytest.approx(other_share(two * usual, usual, one * of, of), abs=1e-9)
    assert other_share(one * of, of, one * usual, usual) == pytest.approx(1, abs=1e-6)


def test_the_pace_is_that_of_the_hours_in_which_it_dialled() -> None:
    floor = Floor()
    floor.dial(5)
    assert results.usual_calls_per_minute(memory(floor)) is None, "25 minutes"
    floor.dial(7)
    assert results.usual_calls_per_minute(memory(floor)) == pytest.approx(20)
    assert results.recent_calls_per_minute(memory(floor)) == pytest.approx(20)
    assert results.calls_chance(memory(floor)) == 1.0


def test_a_pace_that_falls_is_not_learnt_at_once_but_becomes_the_usual_one() -> None:
    floor = Floor(at=MONDAY + 8 * HOUR)
    floor.dial(12)
    floor.dial(3, calls=10.0)
    found = memory(floor)
    assert results.usual_calls_per_minute(found) == pytest.approx(20)
    assert results.recent_calls_per_minute(found) == pytest.approx(2)
    assert (results.calls_chance(found) or 1) < 1e-6
    floor.dial(90, calls=10.0)
    assert results.usual_calls_per_minute(memory(floor)) == pytest.approx(20), "held for 12 hours at most"
    floor.at += 24 * HOUR
    floor.dial(60, calls=10.0)
    assert (results.usual_calls_per_minute(memory(floor)) or 0) < 10


def test_a_stop_and_a_night_are_no_slow_hours() -> None:
    floor = Floor(at=MONDAY + 17 * HOUR)
    floor.dial(24)
    for _ in range(24):
        floor.poll(calls_per_minute=0.0)  # started after its hours, and calls nobody
    assert results.usual_calls_per_minute(memory(floor)) == pytest.approx(20)
    floor.poll(running=0.0)
    assert results.recent_calls_per_minute(memory(floor)) is None
    assert results.recent_dials(memory(floor)) is None


def test_recent_shares_are_compared_with_those_before() -> None:
    floor = Floor()
    floor.dial(24)
    shares = results.shares(memory(floor))
    assert shares["answer"] == pytest.approx((0.4, 0.4, 1.0))
    assert shares["hit"][0] == pytest.approx(0.1)
    floor.dial(2, answer=0.02, busy_congestion_failed=0.8, no_answer=0.18, answer_machine=0.0)
    recent, usual, chance = results.shares(memory(floor))["answer"]
    assert (recent, usual) == pytest.approx((0.02, 0.4))
    assert (chance or 1) < 1e-9
    assert results.recent_dials(memory(floor)) == 200


def test_what_is_improbable_is_not_learnt() -> None:
    floor = Floor()
    floor.dial(24)
    floor.dial(36, answer=0.1, no_answer=0.7)
    _, usual, _ = results.shares(memory(floor))["answer"]
    assert usual == pytest.approx(0.4, rel=0.1)


def test_few_dials_are_gathered_over_half_an_hour() -> None:
    floor = Floor()
    floor.dial(24, calls=10.0)
    assert results.recent_dials(memory(floor)) == 60


def test_a_list_that_is_reset_gives_no_figures() -> None:
    floor = Floor()
    floor.dial(3)
    before = len(memory(floor).intervals)
    floor.poll(dialed_records=0.0, clean_records=10_000.0)
    assert len(memory(floor).intervals) == before
    floor.dial()
    floor.poll(recycles=1.0, dialed_records=5_000.0)
    assert len(memory(floor).intervals) == before + 1


def test_a_refilled_list_is_told_from_the_one_before_and_a_recycled_one_is_not() -> None:
    floor = Floor()
    floor.dial(6, busy_congestion_failed=0.5, answer=0.1)
    assert results.list_failed(memory(floor)) == {"present": pytest.approx(0.5)}
    floor.poll(recycles=1.0, clean_records=9_000.0, dialed_records=1_000.0)
    assert results.list_failed(memory(floor)) == {"present": pytest.approx(0.5)}
    floor.poll(clean_records=19_000.0, records=20_000.0)
    assert results.list_failed(memory(floor)) == {"previous": pytest.approx(0.5)}
    floor.dial(6, busy_congestion_failed=0.1)
    assert results.list_failed(memory(floor)) == {
        "present": pytest.approx(0.1),
        "previous": pytest.approx(0.5),
    }
