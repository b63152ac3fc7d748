"""Campaigns of an operation together, and what holds whatever comes."""

from math import inf
from typing import Never

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from exporter.judgement import Campaign, CampaignState, Judged, View, after_answer, judge
from exporter.judgement.facts import state_of
from exporter.judgement.lasting import facts_of
from exporter.schedules import ScheduleSet
from exporter.snapshot import records
from exporter.snapshot.memories import NOTHING, OperationMemory
from judgement.floor import FIGURES, HOUR, MONDAY, NO_SCHEDULES, POLL_SECONDS, campaign, schedules

BOOK = schedules()


class Operation:
    """Ten campaigns, of which some are stopped."""

    book = BOOK

    def __init__(self, at: float = MONDAY + 9 * HOUR) -> None:
        self.at = at
        self.stopped: set[int] = set()
        self.memory: OperationMemory = NOTHING
        self.poll(0.0)

    @property
    def campaigns(self) -> tuple[Campaign, ...]:
        return tuple(
            campaign({**FIGURES, "running": float(number not in self.stopped)}, str(4870 + number))
            for number in range(10)
        )

    def poll(self, seconds: float = POLL_SECONDS) -> Judged:
        self.at += seconds
        view = View(self.campaigns, inf, inf, self.at)
        self.memory = after_answer(self.memory, "campaigns", view, self.book, self.at)
        return self.judged()

    def judged(self, later: float = 0.0) -> Judged:
        return judge(View(self.campaigns, inf, inf, self.at), self.memory, self.book, self.at + later)


def test_half_of_them_stopped_at_once_are_one_until_the_last_is_started() -> None:
    floor = Operation()
    floor.stopped = set(range(4))
    assert floor.poll().stopped == []
    floor.stopped = set(range(6))
    since = floor.at
    assert [len(floor.poll().stopped) for _ in range(3)] == [0, 6, 6], "six of ten, the first of them overdue"
    assert floor.judged().stopped_since == since
    for number in range(5):
        floor.stopped.discard(number)
        assert len(floor.poll().stopped) == 5 - number
    floor.stopped.clear()
    assert floor.poll().stopped_since is None


def test_without_a_campaign_no_hours_are_looked_through(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_through: list[float] = []

    def changes(_self: ScheduleSet, after: float, until: float) -> list[Never]:
        looked_through.append(until - after)
        return []

    monkeypatch.setattr(ScheduleSet, "changes", changes)
    wall = MONDAY + 9 * HOUR
    for last_list in (0.0, wall - 72 * HOUR):
        judge(View((), inf, inf, last_list), NOTHING, BOOK, wall)
    assert looked_through == [0.0, 0.0]
    judge(View((campaign({**FIGURES}, "4870"),), inf, inf, wall - HOUR), NOTHING, BOOK, wall)
    assert HOUR in looked_through, "of a campaign that is not remembered yet"


def test_one_that_stops_much_later_is_not_of_them() -> None:
    floor = Operation()
    floor.stopped = set(range(5))
    for _ in range(6):
        floor.poll()
    assert len(floor.judged().stopped) == 5
    floor.stopped = {9}
    assert floor.poll().stopped == []


def test_they_end_when_the_schedule_does_not_expect_them() -> None:
    floor = Operation(at=MONDAY + 18 * HOUR - 4 * POLL_SECONDS)
    floor.stopped = set(range(10))
    for _ in range(3):
        floor.poll()
    assert len(floor.judged(200).stopped) == 10
    assert floor.judged(301).stopped_since is None


def test_one_campaign_alone_is_no_operation_that_stopped() -> None:
    floor = Operation()
    floor.stopped = {3}
    assert floor.poll().stopped == []


class Silent(Operation):
    """The same ten, which dial unless they are stopped; `silent` are started and make no calls."""

    def __init__(self) -> None:
        self.silent: set[int] = set()
        self.dialled = dict.fromkeys(range(10), 1000.0)
        super().__init__()

    @property
    def campaigns(self) -> tuple[Campaign, ...]:
        return tuple(
            campaign(
                {
                    **FIGURES,
                    "dialed_records": self.dialled[number],
                    "calls_per_minute": 0.0 if number in self.silent else 20.0,
                },
                str(4870 + number),
            )
            for number in range(10)
        )

    def poll(self, seconds: float = POLL_SECONDS) -> Judged:
        for number in range(10):
            self.dialled[number] += 0 if number in self.silent else seconds / 3
        return super().poll(seconds)


def test_half_of_them_without_a_call_are_one_too() -> None:
    floor = Silent()
    for _ in range(12):
        floor.poll()
    floor.silent = set(range(6))  # their agents have logged out
    assert [len(floor.poll().stopped) for _ in range(3)] == [0, 6, 6]
    floor.silent = {5}
    assert len(floor.poll().stopped) == 1
    floor.silent = set()
    assert floor.poll().stopped == []
    floor.silent = {1, 2}
    assert floor.poll().stopped == []


class Unscheduled(Operation):
    """The same ten without a schedule; those that are started dial."""

    book = NO_SCHEDULES

    @property
    def campaigns(self) -> tuple[Campaign, ...]:
        dialled = 1000.0 + 20 * (self.at - MONDAY) / 60
        return tuple(
            campaign(
                {
                    **FIGURES,
                    "running": float(number not in self.stopped),
                    "dialed_records": 1000.0 if number in self.stopped else dialled,
                },
                str(4870 + number),
            )
            for number in range(10)
        )


def alone(judged: Judged) -> list[float]:
    return [one.idle_alone for one in judged.campaigns if one.idle_alone is not None]


def test_one_that_stops_while_the_others_go_on_is_idle_alone_until_it_is_started() -> None:
    floor = Unscheduled()
    for _ in range(4):
        floor.poll()
    floor.stopped = {3}
    assert [alone(floor.poll()) for _ in range(3)] == [[0.0], [0.0], [1.0]]
    for _ in range(3):
        floor.poll()
    floor.stopped = set(range(10))  # in the evening all stop
    assert sum(alone(floor.poll())) == 1
    assert sum(alone(floor.poll(12 * HOUR))) == 1
    floor.stopped.discard(3)
    assert sum(alone(floor.poll())) == 0


def test_at_lunch_none_is_idle_alone() -> None:
    floor = Unscheduled()
    for _ in range(10):
        floor.poll()
    for number in range(0, 10, 4):  # within minutes
        floor.stopped |= {number, number + 1, number + 2, number + 3}
        assert not any(alone(floor.poll()))
    for _ in range(10):
        assert not any(alone(floor.poll()))


FIGURE = st.one_of(st.none(), st.sampled_from([0.0, 1.0, 3.0, 50.0, 1_000.0, 1e12]))


class Answers(RuleBasedStateMachine):
    """Any answers at any times, the clock put back and ahead, campaigns that come and go."""

    def __init__(self) -> None:
        super().__init__()
        self.at = self.latest = MONDAY + 7.5 * HOUR
        self.memory = NOTHING
        self.view = View((), inf, inf, self.at)

    @rule(
        seconds=st.sampled_from([0.0, 1.0, 300.0, 300.0, 300.0, 3600.0, 86_400.0, -1800.0]),
        running=st.sampled_from([None, 0.0, 1.0, 1.0, 1.0]),
        figures=st.fixed_dictionaries({key: FIGURE for key in FIGURES if key != "running"}),
        ids=st.lists(st.sampled_from(["", "1", "2", "2"]), max_size=3),
    )
    def answer(self, seconds: float, running: float | None, figures: dict, ids: list[str]) -> None:  # type: ignore[type-arg]
        self.at += seconds
        self.latest = max(self.latest, self.at)
        found = tuple(
            Campaign(
                ("op", one, "X", f"{number}"),
                campaign({**figures, "running": running}).values,
                fallback=False,
            )
            for number, one in enumerate(ids)
        )
        before = self.memory.campaigns
        self.view = View(found, inf, inf, self.at)
        after = after_answer(self.memory, "campaigns", self.view, BOOK, self.at)
        self.memory = records.decode_memory(records.encode_memory(after))
        for key, one in self.memory.campaigns.items():
            assert one.confirmed >= 0
            old = before.get(key)
            if old is not None and one.since != old.since:
                assert one.since <= self.latest
                # A clock that was put back may have left a beginning that was still to come.
                assert self.at < self.latest or one.since > old.since or old.since > old.at

    @invariant()
    def what_is_judged_follows_from_the_facts_and_the_clock(self) -> None:
        for later in (0.0, 1800.0, 43_200.0):
            judged = judge(self.view, self.memory, BOOK, self.at + later)
            for one in judged.campaigns:
                assert one.schedule is not None
                assert one.state is state_of(facts_of(one.memory), one.schedule)
                assert one.lasting.confirmed >= 0
                assert (one.reason is not None) == (
                    one.state in {CampaignState.NO_CALLS, CampaignState.STOPPED_IN_HOURS}
                )
            assert len(judged.stopped) != 1 or judged.stopped_since is not None


Answers.TestCase.settings = settings(max_examples=60, stateful_step_count=12, deadline=None)
TestAnswers = Answers.TestCase
