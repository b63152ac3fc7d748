"""The local day of an operation, also where midnight comes twice or not at all."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.clock import day_of

ZONES = ["America/Bogota", "America/Santiago", "America/Asuncion", "America/Havana", "America/Mexico_City"]
HOUR = 3600.0


@given(wall=st.floats(1.6e9, 2.0e9), zone=st.sampled_from(ZONES).map(ZoneInfo))
def test_a_time_lies_in_its_day_and_the_next_day_follows_at_once(wall: float, zone: ZoneInfo) -> None:
    midnight, next_midnight = day_of(wall, zone)
    assert midnight.timestamp() <= wall < next_midnight.timestamp()
    assert 23 * HOUR <= next_midnight.timestamp() - midnight.timestamp() <= 25 * HOUR
    after, _ = day_of(next_midnight.timestamp(), zone)
    assert after == next_midnight
    assert after.timestamp() == next_midnight.timestamp()


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        # Of the past: a law may still change what is to come.
        ("America/Bogota", "2024-09-08", 24),
        ("America/Santiago", "2024-09-08", 23),  # the clock goes from 24:00 to 01:00: there is no midnight
        ("America/Santiago", "2024-04-06", 25),  # and from 24:00 back to 23:00
        ("America/Havana", "2024-11-03", 25),  # from 01:00 back to 00:00: midnight comes twice
    ],
)
def test_days_of_another_length(zone: str, day: str, hours: float) -> None:
    noon = datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=ZoneInfo(zone))
    midnight, next_midnight = day_of(noon.timestamp(), ZoneInfo(zone))
    assert midnight.date().isoformat() == day
    assert next_midnight.timestamp() - midnight.timestamp() == hours * HOUR
