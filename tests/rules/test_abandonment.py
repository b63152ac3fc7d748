"""A month of calls that people answered: when the alerts about abandoned ones begin and end, to the minute.

The figures are those that the exporter publishes, as `campaign_results` tells them every 15 minutes since local
midnight, made by hand here: a replay of the month would take minutes (`rules.result_scenarios` has short ones).
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from rules.floor import GROUPS, RULES, campaign, series, steady
from support.promtool import Scenario, Timeline, firing, left_open_ranges

pytestmark = pytest.mark.integration

PARTS = ("thresholds", "recording-campaigns", "abandonment")
OFFSET_HOURS = -5
DAYS = 36
POLL = 15
SUNDAYS = range(3, DAYS, 7)
"""promtool's clock begins on a Thursday."""

Share = Callable[[int, float], float]
"""Takes the day and the local hour; returns which share of the live answers are abandoned."""


@dataclass(frozen=True)
class Caller:
    """A campaign that dials from `first` to `last` o'clock, but on Sundays, with so many live answers an hour."""

    campaign_id: str
    an_hour: float
    share: Share
    first: float = 8
    last: float = 18
    operation: str = "ventas-bogota"

    def day(self, day: int) -> Mapping[int, tuple[int, int]]:
        """Return live answers and abandoned calls since midnight by minute of the day, as each poll tells them."""
        live = abandoned = 0.0
        told = {}
        for minute in range(0, 24 * 60, POLL):
            hour = (minute - POLL) / 60
            if self.first <= hour < self.last and day not in SUNDAYS:
                live += self.an_hour * POLL / 60
                abandoned += self.an_hour * POLL / 60 * self.share(day, hour)
            if live:
                told[minute] = (int(live + 1e-6), int(abandoned + 1e-6))
        return told


def always(share: float) -> Share:
    return lambda _day, _hour: share


def creeping(day: int, _hour: float) -> float:
    return 0.05 if 9 <= day < 16 else 0.02


def one_bad_morning(day: int, hour: float) -> float:
    return 0.15 if day == 8 and 9 <= hour < 11 else 0.01


CALLERS = (
    Caller("1001", 100, always(0.02)),
    Caller("1002", 300, creeping),
    Caller("1003", 200, one_bad_morning),
    Caller("1004", 2, always(0.3)),
    Caller("1005", 400, always(0.03)),
    # More answers on the day after than on the day before, so that the first figure seen of a day is no fall.
    Caller("2001", 40, always(0.02), first=6, last=23, operation="cobranza-cali"),
)
AWAY = range(13 * 1440 + 20 * 60, 14 * 1440 + 22 * 60)
"""Minutes, by local time, in which the exporter of the second operation is down: from 20:00 to 22:00 of the next day."""


def of_caller(caller: Caller) -> Mapping[str, Timeline]:
    """Return its two figures as they are scraped; there is none from midnight until the first answer of a day."""
    told = [caller.day(day) for day in range(DAYS + 1)]

    def figure(which: Callable[[tuple[int, int]], int]) -> Timeline:
        def at(minute: int) -> float | None:
            local = minute + 60 * OFFSET_HOURS
            day, of_day = divmod(local, 1440)
            if day < 0 or (caller.operation == "cobranza-cali" and local in AWAY):
                return None
            found = told[day].get(of_day // POLL * POLL)
            return found if found is None else which(found)

        return at

    whose = {"operation": caller.operation, "campaign_id": caller.campaign_id, "campaign": f"C {caller.campaign_id}"}
    return {
        campaign("attempts", whose, result="abandon"): figure(lambda one: one[1]),
        campaign("attempts", whose, result="answer"): figure(lambda one: one[0] - one[1]),
    }


def month() -> Scenario:
    figures: dict[str, Timeline] = {}
    for operation in ("ventas-bogota", "cobranza-cali"):
        of = {"operation": operation}
        figures |= {
            series("wolkvox_poll_interval_seconds", of, api="campaign_results"): steady(900),
            series("wolkvox_operation_utc_offset_seconds", of): steady(3600.0 * OFFSET_HOURS),
            series("wolkvox_abandonment_limit_ratio", of): steady(0.03),
        }
    for caller in CALLERS:
        figures |= of_caller(caller)
    return Scenario("a month", figures, minutes=DAYS * 1440, step=POLL)


def seen(caller: Caller, days: int) -> int:
    """Return the live answers of the first days, by the last answer that was scraped on each of them."""
    total = 0
    for day in range(days):
        told = [live for minute, (live, _) in caller.day(day).items() if 1440 * day + minute not in AWAY]
        total += max(told, default=0)
    return total


def clock(minute: int) -> str:
    """Return a minute of promtool's as day and local time."""
    day, of_day = divmod(minute + 60 * OFFSET_HOURS, 1440)
    return f"day {day}, {of_day // 60:02}:{of_day % 60:02}"


def found(folder: Path, query: str) -> dict[str, list[tuple[int, int]]]:
    """Return from when to when each series of a query is there."""
    groups = [group for group in GROUPS if any(part in group["name"] for part in PARTS)]
    file = folder / "rules.yml"
    file.write_text(json.dumps({"groups": groups}))  # JSON is YAML
    return firing(folder, [file], [group["name"] for group in groups], month(), query)


def test_a_month_of_abandonment(tmp_path: Path) -> None:
    down = next(caller for caller in CALLERS if caller.operation == "cobranza-cali")
    alerts = 'ALERTS{alertname=~"WolkvoxAbandonment.*",alertstate="firing"}'
    # Nothing is counted twice, and nothing lost but what nobody has seen of a day: the last hours of one of them.
    counted = (
        f'campaign:wolkvox_campaign_live_answers:sum_30d{{campaign_id="{down.campaign_id}"}} == {seen(down, 20)}'
    )
    ranges = found(tmp_path, f"{alerts} or {counted}")
    told = {
        name: [f"{clock(first)} to {clock(last)}" for first, last in times] for name, times in ranges.items()
    }
    bogota = 'operation="ventas-bogota"'
    assert told == {}
