from datetime import date

import pytest

from exporter.schedules import Calendar, CalendarError


@pytest.mark.parametrize(
    ("code", "holiday", "ordinary"),
    [
        ("CO", date(2026, 7, 20), date(2026, 7, 21)),
        ("CO", date(2026, 1, 12), date(2026, 1, 6)),  # Epiphany is kept on the Monday after
        ("MX", date(2026, 9, 16), date(2026, 9, 15)),
        ("PE", date(2026, 7, 28), date(2026, 7, 30)),
        ("EC", date(2026, 8, 10), date(2026, 8, 12)),
        ("CL", date(2026, 9, 18), date(2026, 9, 17)),
        ("ES", date(2026, 10, 12), date(2026, 10, 13)),
        ("ES-MD", date(2026, 5, 2), date(2026, 5, 4)),
        ("US", date(2026, 11, 26), date(2026, 11, 27)),
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
