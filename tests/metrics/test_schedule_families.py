import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from math import inf

from exporter.metrics.schedule_families import SCHEDULE_FAMILIES, ScheduleLines
from exporter.metrics.view import Campaign, View
from exporter.schedules import Schedule, ScheduleSet, Week, parse_window

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)  # a Tuesday


def view(*names: str) -> View:
    return View(tuple(Campaign(("op", "", name, "4000"), {}, fallback=False) for name in names), inf, inf)


def schedule(pattern: str, expected: Sequence[str] | None, permitted: Sequence[str] | None) -> Schedule:
    return Schedule((re.compile(pattern),), week(expected), week(permitted))


def week(texts: Sequence[str] | None) -> Week | None:
    return None if texts is None else Week.of(map(parse_window, texts))


def test_each_campaign_says_what_its_schedule_says() -> None:
    book = ScheduleSet.of(
        [schedule("A", ["Tue 12:00-13:00"], ["Tue 08:00-12:00"]), schedule("B", None, ["Tue 08:00-20:00"])],
        UTC,
    )
    lines = ScheduleLines(book).lines(view("A", "B", 'C "x"'), NOON.timestamp())
    assert [family.name for family, _ in SCHEDULE_FAMILIES] == [
        "wolkvox_campaign_expected",
        "wolkvox_campaign_permitted",
    ]
    labels = 'operation="op",campaign_id="",campaign="{}",skill_id="4000"'
    assert lines[0].decode() == f"wolkvox_campaign_expected{{{labels.format('A')}}} 1\n"
    assert lines[1].decode().splitlines() == [
        f"wolkvox_campaign_permitted{{{labels.format('A')}}} 0",
        f"wolkvox_campaign_permitted{{{labels.format('B')}}} 1",
    ]


def test_lines_are_kept_until_the_campaigns_or_the_schedules_say_otherwise() -> None:
    made = ScheduleLines(ScheduleSet.of([schedule(".*", ["Tue 12:00-13:00"], None)], UTC))
    shown = view("A")
    first = made.lines(shown, NOON.timestamp())
    assert made.lines(shown, (NOON + timedelta(minutes=59, seconds=59)).timestamp()) is first
    after = made.lines(shown, (NOON + timedelta(minutes=60)).timestamp())
    assert after[0].endswith(b" 0\n")
    assert b'"B"' in made.lines(view("B"), (NOON + timedelta(minutes=60)).timestamp())[0]


def test_an_operation_without_schedules_has_no_lines() -> None:
    assert ScheduleLines(ScheduleSet.of([], UTC)).lines(view("A"), NOON.timestamp()) == (b"", b"")
