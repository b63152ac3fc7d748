"""Draws up the status from what is known at present; nothing here waits for the vendor or for a poll."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from exporter import __version__
from exporter.apis import campaign_settings, campaigns
from exporter.clock import Clock, Moment
from exporter.config import Operation
from exporter.history import History, Key
from exporter.metrics.view import View
from exporter.polling.timetable import Slot
from exporter.schedules import Book
from exporter.snapshot import OperationSnapshot, PollRecord, PollStatus, Snapshots
from exporter.status import model
from exporter.status.condition import (
    UNPLANNED,
    Condition,
    OperationCondition,
    condition,
    operation_condition,
    out_of_quota,
    poll_condition,
)
from exporter.status.figures import Figures, figures
from exporter.status.query import Judged, Query, matching, paged

OPERATIONS_PER_PAGE = 12


Settings = Mapping[str, tuple[Operation, Book]]
"""The operations of a configuration by their names, each with its schedules."""


@dataclass(frozen=True, slots=True)
class _Read:
    """The campaigns of a view, and the place of each one's schedule in the book."""

    view: View
    book: Book
    campaigns: tuple[tuple[Figures, int | None], ...]


@dataclass(frozen=True, slots=True)
class _Known:
    """One operation's snapshot and campaigns, judged."""

    settings: Operation
    snapshot: OperationSnapshot
    condition: OperationCondition
    judged: Sequence[Judged]


class Reporter:
    """Draws up the status; one thread at a time may ask.

    `settings` returns the operations that there are at present, each with its schedules.
    `views` returns the campaigns that are published, `next_polls` the monotonic time of each slot's next
    poll.
    """

    def __init__(  # noqa: PLR0913 - everything that it reads is passed in
        self,
        *,
        snapshots: Snapshots,
        views: Callable[[], Mapping[str, View]],
        next_polls: Callable[[], Mapping[Slot, float]],
        settings: Callable[[], Settings],
        history: History,
        clock: Clock,
    ) -> None:
        self._snapshots = snapshots
        self._views = views
        self._next_polls = next_polls
        self._history = history
        self._clock = clock
        self._settings = settings
        self._read: dict[str, _Read] = {}

    def status(self, query: Query) -> model.Status:
        """Return the status that is asked for."""
        now = self._clock.now()
        settings, snapshots, views = self._settings(), self._snapshots.current(), self._views()
        known = [
            self._known(*settings[name], snapshot, views.get(name), now)
            for name, snapshot in snapshots.items()
            # While a configuration is replaced, an operation can have a snapshot and no settings.
            if query.operation in {"", name} and name in settings
        ]
        judged = matching(query, (pair for one in known for pair in one.judged))
        shown = sorted(known, key=lambda one: one.condition.rank)
        page, pages = paged(len(judged), query.page, query.per_page)
        place, places = paged(len(shown), query.operations_page, OPERATIONS_PER_PAGE)
        self._read = {name: read for name, read in self._read.items() if name in snapshots}
        turns = self._next_polls()
        of_page = judged[(page - 1) * query.per_page : page * query.per_page]
        of_place = shown[(place - 1) * OPERATIONS_PER_PAGE : place * OPERATIONS_PER_PAGE]
        return model.Status(
            at=now.wall,
            version=__version__,
            zone=_zone(known),
            query=query,
            names=tuple(snapshots),
            summary=_summary(known, now),
            operations=tuple(self._operation(one, turns, now) for one in of_place),
            operations_paging=model.Paging(place, places, OPERATIONS_PER_PAGE, len(shown)),
            campaigns=self._campaigns(of_page, known, now),
            campaigns_paging=model.Paging(page, pages, query.per_page, len(judged)),
        )

    def _known(
        self,
        operation: Operation,
        book: Book,
        snapshot: OperationSnapshot,
        view: View | None,
        now: Moment,
    ) -> _Known:
        polls = {api: poll_condition(api, status, now) for api, status in snapshot.polls.items()}
        spent = out_of_quota(snapshot.quota, _budget(operation, snapshot), now.wall)
        states = book.states(now.wall)
        judged = [
            Judged(one, planned, condition(one, planned))
            for one, place in (self._campaigns_of(snapshot.operation, book, view) if view else ())
            for planned in (UNPLANNED if place is None else states[place],)
        ]
        return _Known(operation, snapshot, operation_condition(polls, out_of_quota=spent), judged)

    def _campaigns_of(self, operation: str, book: Book, view: View) -> tuple[tuple[Figures, int | None], ...]:
        """Return what is read of a view, once for each view: it is replaced when there are news."""
        read = self._read.get(operation)
        if read is None or read.view is not view or read.book is not book:
            campaigns = tuple((one, book.place(one.campaign_id, one.name)) for one in figures(view.campaigns))
            read = self._read[operation] = _Read(view, book, campaigns)
        return read.campaigns

    def _operation(self, known: _Known, turns: Mapping[Slot, float], now: Moment) -> model.OperationStatus:
        snapshot = known.snapshot
        course = self._history.course(snapshot.operation)
        return model.OperationStatus(
            name=snapshot.operation,
            timezone=known.settings.timezone.key,
            condition=known.condition,
            campaigns=len(known.judged),
            conditions=_counted(known.judged),
            calls_per_minute=_calls(known.judged),
            quota=_quota(known.settings, snapshot, now),
            apis=tuple(
                _api(
                    api,
                    status,
                    known.settings.apis[api].max_age,
                    turns.get(Slot(snapshot.operation, api)),
                    now,
                )
                for api, status in snapshot.polls.items()
            ),
            history=model.OperationHistory(
                _interval(known.settings), _walls(course.at, now), course.calls_per_minute
            ),
        )

    def _campaigns(
        self, judged: Sequence[Judged], known: Iterable[_Known], now: Moment
    ) -> tuple[model.CampaignStatus, ...]:
        intervals = {one.snapshot.operation: _interval(one.settings) for one in known}
        keys: dict[str, list[Key]] = {}
        for one in judged:
            keys.setdefault(one.figures.operation, []).append(_key(one.figures))
        histories: dict[tuple[str, Key], model.CampaignHistory] = {}
        for operation, own_keys in keys.items():
            course = self._history.course(operation, own_keys)
            at = _walls(course.at, now)
            for key, own in zip(own_keys, course.campaigns, strict=True):
                if own:
                    histories[operation, key] = model.CampaignHistory(
                        intervals[operation], at, own.running, own.records_left, own.calls_per_minute
                    )
        return tuple(
            _campaign(one, histories.get((one.figures.operation, _key(one.figures)))) for one in judged
        )


def _campaign(judged: Judged, history: model.CampaignHistory | None) -> model.CampaignStatus:
    one = judged.figures
    return model.CampaignStatus(
        operation=one.operation,
        campaign_id=one.campaign_id,
        name=one.name,
        skill_id=one.skill_id,
        type=one.type,
        condition=judged.condition,
        running=one.running,
        expected=judged.planned.expected,
        permitted=judged.planned.permitted,
        records=one.records,
        records_left=one.records_left,
        penetration_day_ratio=one.penetration_day_ratio,
        penetration_now_ratio=one.penetration_now_ratio,
        contact_ratio=one.contact_ratio,
        hits=one.hits,
        hit_ratio=one.hit_ratio,
        calls_per_minute=one.calls_per_minute,
        history=history,
    )


def _interval(settings: Operation) -> float:
    return settings.apis[campaigns.NAME].interval


def _key(one: Figures) -> Key:
    return one.campaign_id or one.name, one.skill_id


def _zone(known: Sequence[_Known]) -> str:
    """Return the zone of the first operation: people there look at the page."""
    return known[0].settings.timezone.key if known else "UTC"


def _summary(known: Sequence[_Known], now: Moment) -> model.Summary:
    judged = [pair for one in known for pair in one.judged]
    ages = [age for one in known if (age := _age(one, now)) is not None]
    return model.Summary(
        operations=len(known),
        operation_conditions=Counter(one.condition for one in known),
        campaigns=len(judged),
        conditions=_counted(judged),
        calls_per_minute=_calls(judged),
        oldest=max(ages, default=None),
    )


def _age(known: _Known, now: Moment) -> float | None:
    """Return the age of the list whose figures are shown: `campaign_settings` stands in for `campaigns`."""
    for api in (campaigns.NAME, campaign_settings.NAME):
        listing = known.snapshot.listing(api)
        if listing and listing.rows and listing.fresh(now, known.settings.apis[api].max_age):
            return now.monotonic - listing.at.monotonic
    return None


def _counted(judged: Iterable[Judged]) -> Mapping[Condition, int]:
    return Counter(one.condition for one in judged)


def _calls(judged: Iterable[Judged]) -> float | None:
    told = [calls for one in judged if (calls := one.figures.calls_per_minute) is not None]
    return sum(told) if told else None


def _budget(settings: Operation, snapshot: OperationSnapshot) -> float | None:
    usage = snapshot.quota
    return None if usage is None or usage.limit is None else usage.limit * (1 - settings.quota_reserve)


def _quota(settings: Operation, snapshot: OperationSnapshot, now: Moment) -> model.Quota | None:
    usage = snapshot.quota
    if usage is None:
        return None
    budget = _budget(settings, snapshot)
    return model.Quota(
        # After midnight and before the next poll nothing was called yet.
        used=usage.used if now.wall < usage.ends else 0.0,
        limit=usage.limit,
        budget=budget,
        spent=out_of_quota(usage, budget, now.wall),
        ends=usage.ends,
    )


def _api(api: str, status: PollStatus, max_age: float, turn: float | None, now: Moment) -> model.ApiStatus:
    last = status.last_success
    age = None if last is None else max(now.monotonic - last.monotonic, 0.0)
    return model.ApiStatus(
        api=api,
        condition=poll_condition(api, status, now),
        interval=status.interval,
        max_age=max_age,
        last_success=None if last is None else last.wall,
        age=age,
        withdrawn=age is not None and age >= max_age,
        next_poll=None if turn is None else max(turn - now.monotonic, 0.0),
        duration=status.duration,
        rows=status.rows,
        cause="" if status.up is not False else status.last_failure,
        polls=tuple(_poll(poll) for poll in reversed(status.history)),
    )


def _poll(poll: PollRecord) -> model.Poll:
    unreadable = poll.unreadable
    return model.Poll(
        at=poll.at.wall,
        worked=poll.up,
        duration=poll.duration,
        http_status=poll.http_status,
        cause=poll.cause,
        rows=poll.rows,
        unreadable=None
        if unreadable is None
        else {name: count for name, count in unreadable.items() if count},
        by_other_process=poll.by_other_process,
    )


def _walls(at: Iterable[float], now: Moment) -> tuple[float, ...]:
    return tuple(now.wall - (now.monotonic - monotonic) for monotonic in at)
