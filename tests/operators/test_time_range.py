from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.operators.time_range import TimeRangeError, time_range

ZONE = ZoneInfo("America/Bogota")
NOW = datetime(2026, 8, 12, 15, 30, 20, 7, tzinfo=UTC)  # 10:30:20 in Bogota


def shown(first: str | None, last: str | None, zone: ZoneInfo = ZONE) -> tuple[str, str]:
    found = time_range(first, last, zone, NOW)
    return f"{found.start:%Y%m%d%H%M%S}", f"{found.end:%Y%m%d%H%M%S}"


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (None, None, ("20260812000000", "20260812103020")),
        ("2026-08-10", None, ("20260810000000", "20260812103020")),
        (None, "2026-08-10", ("20260810000000", "20260810235959")),
        ("2026-08-01", "2026-08-10", ("20260801000000", "20260810235959")),
        ("20260801", "20260801", ("20260801000000", "20260801235959")),
        ("2026-W31-6", "2026-W31-6", ("20260801000000", "20260801235959")),  # also a date of ISO 8601
        ("2026-08-01T08:30", "2026-08-01T09:00:05", ("20260801083000", "20260801090005")),
        ("2026-08-01 08:30", None, ("20260801083000", "20260812103020")),
        # An offset is taken over into the operation's zone.
        ("2026-08-12T05:00:00Z", "2026-08-12T12:00:00+02:00", ("20260812000000", "20260812050000")),
        # All of a month with 31 days, and not a second more.
        ("2026-07-01", "2026-07-31", ("20260701000000", "20260731235959")),
        ("2026-07-01T00:00", "2026-08-01T00:00", ("20260701000000", "20260801000000")),
    ],
)
def test_spans(first: str | None, last: str | None, expected: tuple[str, str]) -> None:
    assert shown(first, last) == expected


@pytest.mark.parametrize(
    ("first", "last", "problem"),
    [
        ("2026-07-01", "2026-08-01", "is more than 31 days, the longest range that wolkvox reports"),
        ("2026-07-01T00:00", "2026-08-01T00:00:01", "is more than 31 days"),
        ("2026-08-10", "2026-08-09", "is after --to"),
        ("2026-08-13", None, "is after --to"),
        ("12/08/2026", None, "--from: '12/08/2026' is not a date or time such as"),
        (None, "hoy", "--to: 'hoy' is not a date"),
        ("2026-02-30", None, "is not a date"),
        ("2026-08-12T25:00", None, "is not a date"),
        ("0001-01-01T00:00+05:00", None, "is not a date"),  # in the operation's zone it is before the year 1
        (None, "9999-12-31T23:00-06:00", "is not a date"),
    ],
)
def test_spans_that_are_refused_say_why(first: str | None, last: str | None, problem: str) -> None:
    with pytest.raises(TimeRangeError, match=problem.replace("(", "\\(")):
        shown(first, last)


def test_the_day_of_the_operation_is_meant() -> None:
    assert shown(None, None, ZoneInfo("Asia/Tokyo")) == ("20260813000000", "20260813003020")


@given(st.text(max_size=30))
def test_any_text_is_a_span_or_a_refusal(text: str) -> None:
    try:
        found = time_range(text, None, ZONE, NOW)
    except TimeRangeError:
        return
    assert found.start <= found.end
