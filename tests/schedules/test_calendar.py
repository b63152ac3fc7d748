from datetime import date

import pytest
from holidays import list_supported_countries

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


@pytest.mark.parametrize(
    ("code", "within", "expected"),
    [
        ("ES", "ES", True),
        ("ES-MD", "ES", True),
        ("ES-MD", "ES-MD", True),
        ("ES", "ES-MD", False),
        ("ES-CT", "ES-MD", False),
        ("BR", "BR-SP", False),
        ("EC", "ES", False),
    ],
)
def test_a_region_is_within_its_country(code: str, within: str, expected: bool) -> None:
    assert Calendar.of(code).within(within) is expected


def test_the_next_holidays_begin_with_today_and_end_where_none_are_known() -> None:
    today = date(2025, 12, 25)
    assert [day for day, _ in Calendar("CO").next_holidays(today, 2)] == [today, date(2026, 1, 1)]
    assert Calendar("BV").next_holidays(today, 3) == []  # an island on which nobody lives


def test_every_country_has_its_next_holidays_in_order_and_with_names() -> None:
    today = date(2026, 11, 26)
    for code in list_supported_countries(include_aliases=False):
        found = Calendar.of(code).next_holidays(today, 3)
        assert len(found) <= 3
        assert [day for day, _ in found] == sorted({day for day, _ in found})
        assert all(day >= today and name.isprintable() and name for day, name in found), code
