"""The campaigns of the answers beside filters, schedules and the zone of the configuration."""

import re
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from doctor.support import checks, kept, said
from exporter.config import CampaignFilter
from exporter.schedules import PRESETS, Schedule, Week, parse_window
from support.fakes import campaign_settings_row, campaigns_row, make_operation


def patterns(*texts: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(text) for text in texts)


def chosen(*include: str, exclude: tuple[str, ...] = (), limit: int = 2000) -> CampaignFilter:
    return CampaignFilter(patterns(*include), patterns(*exclude), limit)


def schedule(*campaigns: str) -> Schedule:
    return Schedule(patterns(*campaigns), None, Week.of([parse_window("Mon-Fri 08:00-18:00")]))


LIST = kept(
    "campaigns", [campaigns_row(f"487{n} - {name}") for n, name in enumerate(("VENTAS", "COBRO", "COBRO 2"))]
)


def of(subject: str, **more: Any) -> list[str]:
    return said(checks([LIST], operation=make_operation(**more)), subject)


def test_what_the_filters_let_through() -> None:
    assert of("filters") == ["good: 3 of 3 campaigns are watched"]
    assert of("filters", campaigns=chosen("COBRO.*")) == ["good: 2 of 3 campaigns are watched"]
    assert of("filters", campaigns=chosen("4870")) == ["good: 1 of 3 campaigns are watched"]
    assert of("filters", campaigns=chosen(".*", limit=2)) == [
        "odd: 2 of 3 campaigns are watched, those with the highest numbers: the limit is 2"
    ]


def test_filters_that_match_nothing() -> None:
    assert of("filters", campaigns=chosen("cobro.*")) == [
        "wrong: 0 of 3 campaigns are watched: include and exclude leave none",
        "odd: operations[0].campaigns.include[0] matches no campaign",
    ]
    assert of("filters", campaigns=chosen(".*", exclude=("COBRO", "PRUEBA.*"))) == [
        "good: 2 of 3 campaigns are watched",
        "odd: operations[0].campaigns.exclude[1] matches no campaign",
    ]


def test_campaigns_without_a_schedule_and_schedules_without_a_campaign() -> None:
    assert of("schedules", schedules=(schedule(".*"),)) == ["good: each of 3 campaigns has a schedule"]
    assert of("schedules", schedules=(schedule("COBRO"), schedule("cobro.*"))) == [
        "odd: operations[0].schedules[1] matches no campaign",
        "odd: 2 of 3 campaigns have no schedule: 4870 VENTAS, 4872 COBRO 2",
    ]


@pytest.mark.parametrize("expected", [None, Week.of([])])
def test_a_schedule_without_hours_is_odd(expected: Week | None) -> None:
    hourless = Schedule(patterns("COBRO.*"), expected, None)
    assert of("schedules", schedules=(hourless, schedule(".*"))) == [
        "odd: 2 of 3 campaigns have a schedule without hours: 4871 COBRO, 4872 COBRO 2"
    ]
    assert of("schedules", schedules=(hourless,)) == [
        "odd: 1 of 3 campaigns have no schedule: 4870 VENTAS",
        "odd: 2 of 3 campaigns have a schedule without hours: 4871 COBRO, 4872 COBRO 2",
    ]


def test_a_tolerance_longer_than_the_hours_is_odd() -> None:
    short = replace(schedule(".*"), expected=Week.of([parse_window("Mon-Fri 08:00-09:00")]), tolerance=18000)
    first, second = of("schedules", schedules=(short,))
    assert first == "good: each of 3 campaigns has a schedule"
    assert second == (
        "odd: schedules[0] tolerates 300 min, and the longest of its expected hours have 60: "
        "nobody is told when its campaigns stop"
    )


def test_a_schedule_behind_one_that_takes_all() -> None:
    assert of("schedules", schedules=(schedule(".*"), schedule("COBRO.*"))) == [
        "odd: operations[0].schedules[1] matches only campaigns that a schedule before it has",
        "good: each of 3 campaigns has a schedule",
    ]


def test_a_campaign_that_is_filtered_out_needs_no_schedule() -> None:
    assert of("schedules", campaigns=chosen("COBRO.*"), schedules=(schedule("COBRO.*"),)) == [
        "good: each of 2 campaigns has a schedule"
    ]


def test_the_name_of_the_settings_counts() -> None:
    settings = kept("campaign_settings", [campaign_settings_row(campaign_id="4870", campaign_name="NUEVO")])
    found = checks([LIST, settings], operation=make_operation(schedules=(schedule("NUEVO"),)))
    assert said(found, "schedules") == ["odd: 2 of 3 campaigns have no schedule: 4871 COBRO, 4872 COBRO 2"]


def used(last_use: str, zone: str = "America/Bogota", calls: str = "12") -> list[str]:
    answers = [
        kept("campaigns", [campaigns_row(calls_x_min=calls)]),
        kept("campaign_settings", [campaign_settings_row(last_use=last_use)]),
    ]
    return said(checks(answers, operation=make_operation(timezone=ZoneInfo(zone))), "time zone")


@pytest.mark.parametrize(
    ("last_use", "expected"),
    [
        ("2026-08-12 09:58:00", ["good: last_use agrees with America/Bogota, where it is 10:00"]),
        ("2026-08-12 12:01:00", ["wrong: the latest last_use is 2 h ahead of the 10:00 of America/Bogota"]),
        (
            "2026-08-12 08:29:00",
            [
                (
                    "wrong: campaigns make calls, and the latest last_use is 1 h 30 min behind the 10:00 of "
                    "America/Bogota"
                )
            ],
        ),
        ("2027-08-12 08:29:00", ["odd: the latest last_use lies more than a day ahead"]),
        ("2025-08-12 08:29:00", []),
        ("9999-12-31 23:59:59", ["odd: the latest last_use lies more than a day ahead"]),
        ("0001-01-01 00:00:00", []),
        ("2026-08-12", ["good: last_use agrees with America/Bogota, where it is 10:00"]),
        (
            "2026-08-11",
            [
                (
                    "wrong: campaigns make calls, and the latest last_use is 10 h behind the 10:00 of "
                    "America/Bogota"
                )
            ],
        ),
        ("2026-08-13", ["wrong: the latest last_use is 14 h ahead of the 10:00 of America/Bogota"]),
        ("", []),
        ("x", []),
    ],
)
def test_the_zone_is_compared_with_last_use(last_use: str, expected: list[str]) -> None:
    assert used(last_use) == expected


def test_where_nobody_dials_an_old_last_use_says_nothing() -> None:
    assert used("2026-08-12 08:29:00", calls="0") == []
    assert used("2026-08-11 18:00:00", calls="0") == []


def test_another_zone_is_found() -> None:
    assert used("2026-08-12 09:58:00", "America/Mexico_City") == [
        "wrong: the latest last_use is 1 h ahead of the 09:00 of America/Mexico_City"
    ]


def test_holidays_and_hours_of_another_clock_are_told() -> None:
    law = PRESETS["ley-2300"]
    one = replace(schedule(".*"), permitted=Week.of(law.windows), holidays=law.calendar, preset=law.name)
    found = checks(
        [LIST], operation=make_operation(schedules=(one,), timezone=ZoneInfo("America/Mexico_City"))
    )
    texts = said(found, "schedules")
    assert any(text.startswith("good: next holidays of CO: Mon 2026-08-17") for text in texts)
    assert any(text.startswith("odd: the hours of ley-2300 are those of America/Bogota") for text in texts)
