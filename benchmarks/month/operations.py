"""The operations of the month: campaigns, the hours that people keep, and the exporter's configuration.

The hours here are the floor's habits and do not come from `exporter.schedules`: the judge needs a second
opinion.
"""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import holidays

DAY_MINUTES = 1440
Window = tuple[int, int]
"""Minutes since the midnight in which it begins; the end may pass the next one."""


def _hours(text: str) -> Mapping[int, tuple[Window, ...]]:
    """Return windows by weekday, 0 for Monday, from "Mon-Fri 08:00-12:00; Sat 09:00-13:00"."""
    days = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    found: dict[int, list[Window]] = {}
    for entry in filter(None, (part.strip() for part in text.split(";"))):
        span, times = entry.split()
        first, _, last = span.partition("-")
        begin, end = (int(time[:2]) * 60 + int(time[3:]) for time in times.split("-"))
        for day in range(days.index(first), days.index(last or first) + 1):
            found.setdefault(day, []).append((begin, end if end > begin else end + DAY_MINUTES))
    return {day: tuple(windows) for day, windows in found.items()}


@dataclass(frozen=True)
class Hours:
    """When a group of campaigns works. `expected`, `permitted` None: the configuration does not say."""

    habit: str
    expected: str | None = None
    permitted: str | None = None
    holidays: bool = True
    tolerance_minutes: int = 10
    early: int = 5
    """People start it at most so many minutes early."""
    linger: int = 5
    """People stop it at most so many minutes after its hours; negative: before them."""

    def windows(self, day: date) -> tuple[Window, ...]:
        """Return when people dial on a day."""
        return (
            () if self.holidays and day in colombian_holidays() else _hours(self.habit).get(day.weekday(), ())
        )

    def permits(self, local: datetime) -> bool:
        """Return whether its campaigns may dial at a local time; true where nothing forbids it."""
        if self.permitted is None:
            return True
        text = "Mon-Fri 07:00-19:00; Sat 08:00-15:00" if self.permitted == "ley-2300" else self.permitted
        for back in (0, 1):
            day = local.date() - timedelta(days=back)
            if (self.holidays or self.permitted == "ley-2300") and day in colombian_holidays():
                continue
            minute = local.hour * 60 + local.minute + back * DAY_MINUTES
            if any(begin <= minute < end for begin, end in _hours(text).get(day.weekday(), ())):
                return True
        return False


@dataclass(frozen=True)
class Campaign:
    """What does not change about a campaign. `pace` is calls an hour on an average hour."""

    campaign_id: str
    name: str
    skill: str
    hours: Hours
    pace: float
    kind: str
    shares: Mapping[str, float]
    hit_share: float
    size: int
    at_the_end: str
    """What people do when the list is used up: recycle, refill, append, leave."""
    remainder: int
    """Records that are never called."""
    spare: bool = False
    """Stopped, without a list, unless an incident starts it."""


@dataclass(frozen=True)
class Operation:
    """One operation, and how its server writes.

    `counts`: "attempts" or "records", what `dial` and the results count.
    """

    name: str
    zone: str
    licences: int
    counts: str
    pace_format: str
    campaigns: tuple[Campaign, ...]
    thousands: bool = False
    figures: bool = False

    @property
    def timezone(self) -> ZoneInfo:
        """Its time zone."""
        return ZoneInfo(self.zone)


@cache
def colombian_holidays() -> holidays.HolidayBase:
    """Return Colombia's public holidays."""
    return holidays.country_holidays("CO")


_CO = "Mon-Fri 07:00-20:00; Sat 08:00-15:00"
LUNCH = Hours(
    "Mon-Fri 08:00-12:00; Mon-Fri 13:00-18:00; Sat 09:00-13:00",
    "Mon-Fri 08:00-12:00; Mon-Fri 13:00-18:00; Sat 09:00-13:00",
    _CO,
)
NINE = Hours("Mon-Fri 09:00-17:00", "Mon-Fri 09:00-17:00", _CO, tolerance_minutes=5, linger=3)
WHOLE = Hours(
    "Mon-Fri 07:00-19:00; Sat 08:00-15:00",
    "Mon-Fri 07:00-19:00; Sat 08:00-15:00",
    "ley-2300",
    early=0,
    linger=-1,
)
EVENING = Hours(
    "Mon-Fri 16:00-22:00; Sat 10:00-14:00",
    "Mon-Fri 16:00-22:00; Sat 10:00-14:00",
    "Mon-Sat 08:00-22:30",
    holidays=False,
)
NIGHT = Hours("Mon-Thu 20:00-02:00", "Mon-Thu 20:00-02:00", "Mon-Thu 19:00-03:00", holidays=False)
SIESTA = Hours(
    "Mon-Fri 08:00-12:00; Mon-Fri 14:00-18:00",
    "Mon-Fri 08:00-12:00; Mon-Fri 14:00-18:00",
    "Mon-Fri 07:00-19:00",
)
EIGHT = Hours("Mon-Fri 08:00-17:00", "Mon-Fri 08:00-17:00", _CO)
UNSCHEDULED = Hours("Mon-Fri 08:00-12:30; Mon-Fri 13:30-18:00; Sat 09:00-13:00")
UNPLANNED = Hours("Mon-Fri 08:00-17:30")
PERMITTED = Hours("Mon-Fri 08:00-17:30", None, _CO)


def floor(seed: int) -> tuple[Operation, ...]:
    """Return six operations with 99 campaigns."""
    rng = random.Random(f"operations {seed}")
    number = iter(range(11001, 99999, 17))

    def group(
        count: int,
        name: str,
        hours: Hours,
        pace: tuple[float, float],
        *,
        kind: str = "predictive",
        spare: bool = False,
    ) -> list[Campaign]:
        campaigns = []
        for index in range(count):
            calls = pace[0] * (pace[1] / pace[0]) ** rng.random()
            answer, failed, machine = (
                rng.uniform(0.12, 0.38),
                rng.uniform(0.04, 0.15),
                rng.uniform(0.08, 0.28),
            )
            days = rng.choice((0.4, 0.8, 1.5, 3, 6, 12))
            campaigns.append(
                Campaign(
                    campaign_id=str(next(number)),
                    name=f"{name} {index + 1:02d}",
                    skill=str(4000 + rng.randrange(40)),
                    hours=hours,
                    pace=calls,
                    kind=kind,
                    shares={"answer": answer, "busy/congestion/failed": failed, "answer_machine": machine},
                    hit_share=rng.uniform(0.02, 0.15),
                    size=max(60, round(calls * 8 * days * 0.6)),
                    at_the_end=rng.choice(("recycle", "refill", "append", "leave")),
                    remainder=rng.choice((0, 0, 0, 0, 1, 3, 12)),
                    spare=spare,
                )
            )
        return campaigns

    fast, slow = (60.0, 1500.0), (2.0, 20.0)
    return (
        Operation(
            "ventas-bogota",
            "America/Bogota",
            110,
            "attempts",
            "mean of five minutes",
            (*group(18, "VENTAS HOGAR", LUNCH, fast), *group(6, "RETENCION", NINE, fast)),
        ),
        Operation(
            "cobranza-medellin",
            "America/Bogota",
            100,
            "records",
            "last minute",
            tuple(group(20, "COBRANZA TRAMO", WHOLE, fast)),
            thousands=True,
        ),
        Operation(
            "encuestas-quito",
            "America/Guayaquil",
            80,
            "attempts",
            "whole figures",
            (*group(10, "ENCUESTA", EVENING, fast), *group(4, "NOCTURNA", NIGHT, (40.0, 300.0))),
        ),
        Operation(
            "sin-horario-cali",
            "America/Bogota",
            90,
            "attempts",
            "last minute",
            tuple(group(18, "PROSPECTOS", UNSCHEDULED, fast)),
        ),
        Operation(
            "b2b-barranquilla",
            "America/Bogota",
            80,
            "records",
            "mean of five minutes",
            (*group(11, "EMPRESAS", SIESTA, slow), *group(4, "CITAS", SIESTA, slow, kind="preview")),
        ),
        Operation(
            "mixta-pereira",
            "America/Bogota",
            12,
            "attempts",
            "mean of five minutes",
            (
                *group(2, "RENOVACION", EIGHT, fast),
                *group(1, "AGENDA", EIGHT, slow, kind="preview"),
                *group(2, "PORTABILIDAD", PERMITTED, fast),
                *group(1, "MANUAL", UNPLANNED, slow, kind="preview"),
                *group(1, "LIBRE", UNPLANNED, fast),
                *group(1, "RESERVA", UNPLANNED, fast, spare=True),
            ),
            figures=True,
        ),
    )


def configuration(operation: Operation, folder: Path) -> str:
    """Return the exporter's configuration for an operation, as JSON, which is YAML."""
    schedules = []
    for hours in dict.fromkeys(campaign.hours for campaign in operation.campaigns):
        if hours.expected is None and hours.permitted is None:
            continue
        names = [f"{c.name}.*" for c in operation.campaigns if c.hours == hours]
        ids = [c.campaign_id for c in operation.campaigns if c.hours == hours]
        entry: dict[str, object] = {"campaigns": names + ids, "tolerance": f"{hours.tolerance_minutes}m"}
        if hours.expected:
            entry["expected"] = _entries(hours.expected)
        if hours.permitted == "ley-2300":
            entry["permitted"] = hours.permitted
        elif hours.permitted:
            entry["permitted"] = _entries(hours.permitted)
        if hours.holidays:
            entry["holidays"] = "CO"
        schedules.append(entry)
    described: dict[str, object] = {
        "name": operation.name,
        "server": "0042",
        "token": f"fake-token-of-{operation.name}",
        "licences": operation.licences,
        "timezone": operation.zone,
    }
    if schedules:
        described["schedules"] = schedules
    return json.dumps({"operations": [described], "state": {"url": f"sqlite:///{folder}/state.db"}}, indent=1)


def _entries(text: str) -> Sequence[str]:
    return [part.strip() for part in text.split(";")]


def midnight(start: float, day: int, operation: Operation) -> float:
    """Return the Unix time at which a local day of the month begins, 0 for the first."""
    first = datetime.fromtimestamp(start, UTC).date()
    at = datetime.combine(first + timedelta(days=day), datetime.min.time(), operation.timezone)
    return at.timestamp()
