from datetime import date

import pytest

from exporter.schedules import Calendar, CalendarError


@pytest.mark.parametrize(
    ("code", "holiday", "ordinary"),
    [
        # Of the past, which no law changes any more.
        ("CO", date(2024, 7, 20), date(2024, 7, 22)),
        ("CO", date(2026, 7, 13), date(2025, 7, 14)),  # the newest of Colombia
        ("CO", date(2024, 1, 8), date(2024, 1, 6)),  # Epiphany is kept on the Monday after
        ("MX", date(2024, 9, 16), date(2024, 9, 17)),
        ("PE", date(2024, 7, 28), date(2024, 7, 30)),
        ("EC", date(2020, 8, 10), date(2020, 8, 12)),
        ("CL", date(2024, 9, 18), date(2024, 9, 17)),
        ("ES", date(2024, 10, 12), date(2024, 10, 11)),
        ("ES-MD", date(2024, 5, 2), date(2024, 5, 3)),
        ("US", date(2024, 11, 28), date(2024, 11, 29)),
    ],
)
def test_it_knows_the_public_holidays(code: str, holiday: date, ordinary: date) -> None:
    calendar = Calendar.of(code)
    assert holiday in calendar
    assert ordinary not in calendar


@pytest.mark.parametrize("code", ["XX", "", "co", "Colombia", "ES-ZZ", "CO-", "__class__", "../CO"])
def test_an_unknown_country_is_refused_by_name(code: str) -> None:
    with pytest.raises(CalendarError, match="unknown country"):
        Calendar.of(code)
