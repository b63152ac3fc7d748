"""The day's budget: what was told, when it counts, and who may still call."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.apis import APIS
from exporter.clock import MAX_CLOCK_SKEW_SECONDS, Moment
from exporter.snapshot import QuotaReading, TokenUse, Usage
from exporter.traffic import QuotaPolicy
from exporter.traffic.budget import LOOK_SECONDS, has_room, reading_after, seconds_until_look
from support.fakes import MORNING, make_operation

HOUR = 3600.0
DAY = "2026-08-12"
METERS = {"services", "token_info"}
COUNTS = st.none() | st.floats(0, 1e12)


def told(used: float | None, limit: float | None = 25_000.0, hours: float = 0.0) -> TokenUse:
    """Return what the vendor told so many hours after the morning."""
    return TokenUse(Moment(MORNING + hours * HOUR, 5000.0 + hours * HOUR), limit, used)


def usage(
    reading: QuotaReading | None,
    own_count: int = 0,
    refused_at: float | None = None,
    licences: int | None = 25,
) -> Usage:
    policy = QuotaPolicy.of([make_operation(licences=licences)])
    return policy.usage(MORNING, own_count=own_count, reading=reading, refused_at=refused_at)


def test_others_made_what_was_told_less_our_own_calls_until_then() -> None:
    reading = reading_after(None, told(2300.0), DAY, 100)
    assert usage(reading, own_count=100).used == 2300
    assert usage(reading, own_count=150).used == 2350


def test_a_count_below_our_own_says_that_nobody_else_calls() -> None:
    assert usage(reading_after(None, told(20.0), DAY, 100), own_count=130).used == 130


def test_what_was_told_on_another_day_says_nothing_of_this_one_but_its_limit() -> None:
    reading = reading_after(None, told(2300.0, 7000.0), "2026-08-11", 0)
    today = usage(reading, own_count=3, licences=None)
    assert (today.used, today.others_count, today.limit, today.budget) == (3, None, 7000, 3500)


@pytest.mark.parametrize(
    ("yesterday", "today", "counts"),
    [(500.0, 499.0, True), (500.0, 500.0, False), (500.0, 900.0, False), (None, 900.0, True)],
)
def test_a_count_is_todays_once_it_has_fallen(yesterday: float | None, today: float, counts: bool) -> None:
    before = reading_after(None, told(yesterday), "2026-08-11", 7)
    assert reading_after(before, told(today, hours=1), DAY, 0).counts is counts


def test_a_count_of_yesterday_that_rises_is_yesterdays_until_it_falls() -> None:
    reading = reading_after(None, told(500.0), "2026-08-11", 7)
    found = []
    for hour, used in enumerate((510.0, 530.0, 520.0, 900.0), 1):
        reading = reading_after(reading, told(used, hours=hour), DAY, 0)
        found.append(reading.counts)
    assert found == [False, False, True, True]


def test_after_a_day_without_a_count_the_next_one_is_todays() -> None:
    before = reading_after(None, told(500.0), "2026-08-11", 7)
    assert not reading_after(before, told(900.0, hours=23.9), DAY, 0).counts
    assert reading_after(before, told(900.0, hours=24), DAY, 0).counts


def test_what_an_answer_does_not_tell_stays_as_it_was_told() -> None:
    before = reading_after(None, told(500.0, 7000.0), DAY, 7)
    later = reading_after(before, told(None, None, hours=1), DAY, 20)
    assert (later.told.used, later.told.limit, later.own_count) == (500, 7000, 7)
    assert later.told.at.monotonic == 5000 + HOUR


@given(st.lists(st.tuples(COUNTS, COUNTS, st.integers(0, 3), st.floats(0, 30))), st.integers(0, 12_498))
def test_nothing_that_was_told_keeps_the_meter_from_being_read(
    answers: list[tuple[float | None, float | None, int, float]], own_count: int
) -> None:
    reading, hours = None, 0.0
    for used, limit, days, later in answers:
        hours += later
        reading = reading_after(reading, told(used, limit, hours), f"2026-08-{9 + days:02}", own_count)
    for licences in (None, 25):
        policy = QuotaPolicy.of([make_operation(licences=licences)])
        found = policy.usage(MORNING, own_count=own_count, reading=reading, refused_at=None)
        assert policy.permits(found, "token_info", MORNING)
        assert found.used >= found.own_count


@given(st.integers(0, 13_000), st.floats(0, 26_000), st.floats(0, 13 * HOUR))
def test_whoever_is_more_important_may_call_as_long_as_others_may(
    own: int, used: float, later: float
) -> None:
    policy = QuotaPolicy.of([make_operation()])
    reading = reading_after(None, told(used), DAY, own)
    found = policy.usage(MORNING, own_count=own, reading=reading, refused_at=None)
    allowed = [policy.permits(found, api.name, MORNING + later) for api in APIS if api.name not in METERS]
    assert allowed == sorted(allowed, reverse=True)
    assert policy.permits(found, "services", MORNING + later) is allowed[0]
    assert allowed[0] is (found.used + 1 <= 12_500)


def test_a_refusal_holds_until_midnight() -> None:
    assert usage(None, refused_at=MORNING - 60).refused_at == MORNING - 60
    assert usage(None, refused_at=MORNING - 11 * HOUR).refused_at is None  # of 23:00


@pytest.mark.parametrize(
    ("since", "wait"),
    [
        (0.0, LOOK_SECONDS),
        (LOOK_SECONDS - 1, 1),
        (LOOK_SECONDS, 0),
        (-2.0, LOOK_SECONDS + 2),  # another replica's clock is ahead
        (-MAX_CLOCK_SKEW_SECONDS, 0),  # the clock was put back
    ],
)
def test_after_a_refusal_one_call_an_hour_looks(since: float, wait: float) -> None:
    refused = replace(usage(None), refused_at=MORNING)
    assert seconds_until_look(refused, MORNING + since) == pytest.approx(wait)


@pytest.mark.parametrize(
    ("licences", "limit", "used", "found"),
    [
        (25, 25_000.0, 24_999.0, True),
        (25, 25_000.0, 25_000.0, False),
        (25, 12_000.0, 13_000.0, False),
        (25, None, 13_000.0, True),
        (None, None, 3.0, False),
        (None, 25_000.0, None, False),
    ],
)
def test_there_is_room_where_it_is_known(
    licences: int | None, limit: float | None, used: float | None, found: bool
) -> None:
    assert has_room(usage(None, licences=licences), told(used, limit)) is found
