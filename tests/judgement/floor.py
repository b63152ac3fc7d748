"""A campaign whose answers come every five minutes, judged as the exporter does."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from math import inf

from exporter.apis import BY_NAME, PLACE
from exporter.apis.campaigns import FAMILIES
from exporter.families import Value
from exporter.judgement import Campaign, Judged, Judgement, OperationView, View, after_answer, judge
from exporter.schedules import Schedule, ScheduleSet, Week, parse_window
from exporter.snapshot import records
from exporter.snapshot.memories import NOTHING

POLL_SECONDS = 300.0
MONDAY = datetime(2026, 11, 23, tzinfo=UTC).timestamp()
HOUR = 3600.0

FIGURES = {
    "running": 1.0,
    "speed_ratio": 1.0,
    "records": 10_000.0,
    "clean_records": 9_000.0,
    "dialed_records": 1_000.0,
    "answer": 400.0,
    "no_answer": 400.0,
    "busy_congestion_failed": 100.0,
    "answer_machine": 100.0,
    "hits": 40.0,
    "calls_per_minute": 20.0,
    "recycles": 0.0,
}


def schedules(
    expected: Sequence[str] | None = ("Mon-Fri 08:00-18:00",),
    permitted: Sequence[str] | None = ("Mon-Fri 07:00-19:00",),
    tolerance: float = 600.0,
) -> ScheduleSet:
    """Return one schedule for all campaigns, in UTC."""

    def week(windows: Sequence[str] | None) -> Week | None:
        return None if windows is None else Week.of(map(parse_window, windows))

    one = Schedule((re.compile(".*"),), week(expected), week(permitted), tolerance=tolerance)
    return ScheduleSet.of([one], UTC)


NO_SCHEDULES = ScheduleSet.of([], UTC)


def campaign(figures: dict[str, float | None], campaign_id: str = "4877", name: str = "VENTAS") -> Campaign:
    """Return a campaign with these figures, by the ends of their families' names or their outcomes."""
    values: list[Value | None] = [None] * len(BY_NAME["campaigns"].columns)
    for family in FAMILIES:
        for column in family.columns:
            key = column.labels[0] if column.labels else family.name.removeprefix("wolkvox_campaign_")
            values[PLACE[column]] = figures.get(key)
    return Campaign(("op", campaign_id, name, "4001"), {"campaigns": tuple(values)}, fallback=False)


class Floor:
    """One campaign; `at` is the Unix time at which the last answer was asked for."""

    def __init__(self, at: float = MONDAY + 9 * HOUR, book: ScheduleSet | None = None) -> None:
        self.at = at
        self.book = book if book is not None else schedules()
        self.figures: dict[str, float | None] = dict(FIGURES)
        self.memory = NOTHING
        self.name = "VENTAS"
        self.listed = True
        self.operation = OperationView()
        self.answer()

    @property
    def view(self) -> View:
        found = (campaign(self.figures, name=self.name),) if self.listed else ()
        return View(found, inf, inf, self.at, self.operation)

    def answer(self, **figures: float | None) -> Judgement:
        """Let an answer with these figures come, and return how the campaign is judged then."""
        self.figures |= figures
        after = after_answer(self.memory, "campaigns", self.view, self.book, self.at)
        # What is remembered is what the state store gives back.
        self.memory = records.decode_memory(records.encode_memory(after))
        return self.judged()

    def judged(self, later: float = 0.0) -> Judgement:
        """Return how the campaign is judged some seconds after the last answer."""
        return self.all(later).campaigns[0]

    def all(self, later: float = 0.0) -> Judged:
        return judge(
            View((campaign(self.figures, name=self.name),), inf, inf, self.at, self.operation),
            self.memory,
            self.book,
            self.at + later,
        )

    def poll(self, **figures: float | None) -> Judgement:
        """Let five minutes pass, and an answer come."""
        self.at += POLL_SECONDS
        return self.answer(**figures)

    def dial(self, polls: int = 1, calls: float = 100.0, **shares: float) -> Judgement:
        """Let polls pass in which it dials: so many calls each, of which shares have a result."""
        parts = {
            "answer": 0.4,
            "no_answer": 0.4,
            "busy_congestion_failed": 0.1,
            "answer_machine": 0.1,
            **shares,
        }
        hits = parts.pop("hits", 0.1 * parts["answer"])
        for _ in range(polls):
            figures = self.figures
            more = {key: (figures[key] or 0.0) + round(calls * share) for key, share in parts.items()}
            found = self.poll(
                running=1.0,
                **more,
                hits=(figures["hits"] or 0.0) + round(calls * hits),
                dialed_records=(figures["dialed_records"] or 0.0) + calls,
                clean_records=(figures["clean_records"] or 0.0) - calls,
                calls_per_minute=calls / 5,
            )
        return found
