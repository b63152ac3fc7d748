"""A month of calls that people answered: when the alerts about abandoned ones begin and end, to the minute.

The figures are those that the exporter publishes, as `campaign_results` tells them every 15 minutes since local
midnight, made by hand here: a replay of the month would take minutes (`rules.result_scenarios` has short ones).
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from rules.floor import GROUPS, campaign, series, steady
from support.promtool import Scenario, Timeline, firing, left_open_ranges

pytestmark = pytest.mark.integration

PARTS = ("thresholds", "recording-campaigns", "abandonment")
OFFSET_HOURS = -5
DAYS = 31
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


def of_caller(caller: Caller, name: str, days: range = range(DAYS + 1), late: int = 0) -> dict[str, Timeline]:
    """Return its two figures as they are scraped on some days under a name, by an exporter that polls later or not.

    There is none from midnight until the first answer of a day.
    """
    told = [caller.day(day) for day in range(DAYS + 1)]

    def figure(which: Callable[[tuple[int, int]], int]) -> Timeline:
        def at(minute: int) -> float | None:
            local = minute + 60 * OFFSET_HOURS
            day, of_day = divmod(local, 1440)
            if day not in days or (caller.operation == "cobranza-cali" and local in AWAY):
                return None
            found = told[day].get((of_day - late) // POLL * POLL)
            return found if found is None else which(found)

        return at

    whose = {"operation": caller.operation, "campaign_id": caller.campaign_id, "campaign": name}
    return {
        campaign("attempts", whose, result="abandon"): figure(lambda one: one[1]),
        campaign("attempts", whose, result="answer"): figure(lambda one: one[0] - one[1]),
    }


def of_operation(operation: str, offset_hours: int = OFFSET_HOURS) -> dict[str, Timeline]:
    """Return what the rules must know of an operation."""
    labels = {"operation": operation}
    return {
        series("wolkvox_poll_interval_seconds", labels, api="campaign_results"): steady(900),
        series("wolkvox_operation_utc_offset_seconds", labels): steady(3600.0 * offset_hours),
        series("wolkvox_abandonment_limit_ratio", labels): steady(0.03),
    }


def month() -> Scenario:
    """Return the month. All campaigns are renamed in it, and two have an exporter more, which is a poll behind."""
    figures = of_operation("ventas-bogota") | of_operation("cobranza-cali")
    for caller in CALLERS:
        figures |= of_caller(caller, "FICTICIA", range(12))
        figures |= of_caller(caller, "FICTICIA 2", range(12, DAYS + 1))
    replicas = {
        key.replace("10042", "10043"): timeline
        for caller in CALLERS[1:3]
        for key, timeline in of_caller(caller, "FICTICIA", late=POLL).items()
    }
    return Scenario("a month", figures | replicas, minutes=DAYS * 1440, step=POLL)


def seen(caller: Caller, days: int) -> int:
    """Return the live answers of the first days, by the last answer that was scraped on each of them."""
    total = 0
    for day in range(days):
        told = [live for minute, (live, _) in caller.day(day).items() if 1440 * day + minute not in AWAY]
        total += max(told, default=0)
    return total


def when(day: int, clock: str) -> int:
    """Return the minute of promtool's clock at a local time."""
    hours, _, minutes = clock.partition(":")
    return 1440 * day + 60 * (int(hours) - OFFSET_HOURS) + int(minutes)


def of(alert: str, campaign_id: str, severity: str) -> str:
    """Return the name of an alert of the first operation."""
    return f'{alert}{{campaign_id="{campaign_id}",operation="ventas-bogota",severity="{severity}"}}'


def found(folder: Path, scenario: Scenario, query: str) -> dict[str, list[tuple[int, int]]]:
    """Return from when to when each series of a query is there."""
    groups = [group for group in GROUPS if any(part in group["name"] for part in PARTS)]
    file = folder / "rules.yml"
    file.write_text(json.dumps({"groups": groups}))  # JSON is YAML
    return firing(folder, [file], [group["name"] for group in groups], scenario, query)


def test_a_month_of_abandonment(tmp_path: Path) -> None:
    down = next(caller for caller in CALLERS if caller.operation == "cobranza-cali")
    alerts = 'ALERTS{alertname=~"WolkvoxAbandonment.*",alertstate="firing"}'
    # Nothing is counted twice, and nothing lost but what nobody has seen of a day: the last hours of one of them.
    counted = f'campaign:wolkvox_campaign_live_answers:sum_30d{{campaign_id="{down.campaign_id}"}} == {seen(down, 20)}'
    told = found(tmp_path, month(), f"{alerts} or {counted}")
    expected = {
        of("WolkvoxAbandonmentFastBurn", "1003", "critical"): [((8, "10:00"), (8, "11:30"))],
        # On Sunday the calls of Saturday are no longer within 24 hours, and Monday has to tell anew.
        of("WolkvoxAbandonmentSlowBurn", "1002", "warning"): [
            ((9, "17:00"), (10, "15:00")),
            ((11, "14:30"), (16, "11:00")),
        ],
        # Ends a day after the share has fallen below the limit.
        of("WolkvoxAbandonmentOverLimit", "1002", "warning"): [((14, "08:15"), (21, "17:45"))],
        # From the last answer of the day before to the first of the day.
        f'{{campaign_id="{down.campaign_id}",operation="cobranza-cali"}}': [((19, "23:00"), (20, "06:00"))],
    }
    assert set(told) == set(expected)
    slack = 2 * POLL if left_open_ranges() else 0
    for name, times in expected.items():
        minutes = [when(*moment) for begin_and_end in times for moment in begin_and_end]
        assert [minute for begin_and_end in told[name] for minute in begin_and_end] == [
            pytest.approx(minute, abs=slack) for minute in minutes
        ], name


def test_what_is_seen_of_yesterday_after_midnight_is_not_of_today(tmp_path: Path) -> None:
    # Midnight is minute 60, and the exporter's clock is two minutes late; the first answer of the day has more calls.
    # An answer that corrects the one before counts as what it says.
    def answered(minute: int) -> float | None:
        return 1000 if minute < 62 else None if minute < 70 else 1200 if minute < 80 else 1190

    figures = of_operation("ventas-bogota", offset_hours=23) | {
        campaign("attempts", result="answer"): answered,
        campaign("attempts", result="abandon"): steady(0),
    }
    counts = " or ".join(
        f'label_replace(campaign:wolkvox_campaign_live_answers:sum_1d == {count}, "count", "{count}", "", "")'
        for count in (1000, 2200, 2190)
    )
    told = found(tmp_path, Scenario("a midnight", figures, minutes=100), counts)
    assert list(told.values()) == [[(0, 69)], [(70, 79)], [(80, 100)]]
