"""Makes the status of what is known at present; nothing here waits for the vendor or for a poll."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from exporter import __version__
from exporter.apis import agents, audit_log, campaign_results, campaign_settings, campaigns, skills
from exporter.clock import Clock, Moment
from exporter.config import Operation
from exporter.history import History, Key
from exporter.judgement import CampaignState, Finding, Judged, OperationView
from exporter.polling.timetable import Slot
from exporter.schedules import ScheduleSet
from exporter.snapshot import OperationSnapshot, PollRecord, PollStatus, Snapshots, Usage
from exporter.status import model
from exporter.status.attention import OperationFacts, attention
from exporter.status.campaign_list import FoundCampaign, campaigns_of, matching
from exporter.status.condition import (
    LATE_INTERVALS,
    OperationCondition,
    PollCondition,
    operation_condition,
    poll_condition,
)
from exporter.status.query import Query, paged

OPERATIONS_PER_PAGE = 12


Settings = Mapping[str, tuple[Operation, ScheduleSet]]
"""The operations of a configuration by their names, each with its schedules."""


@dataclass(frozen=True, slots=True)
class _Read:
    """The campaigns of an operation, as long as they are judged the same, and the lists they are from."""

    judged: Judged
    timezone: str
    show_users: bool
    campaigns: tuple[FoundCampaign, ...]
    lists: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Known:
    """One operation with its condition, and its campaigns; `age` is that of the oldest list they are from.

    A list is `late` when it is older than two of its intervals.
    """

    settings: Operation
    snapshot: OperationSnapshot
    condition: OperationCondition
    conditions: Mapping[str, PollCondition]
    age: float | None
    late: bool
    campaigns: Sequence[FoundCampaign]
    whole: OperationView
    findings: tuple[Finding, ...]


class Reporter:
    """Makes the status; used by one thread at a time.

    `settings` returns the present operations, each with its schedules, `judged` the campaigns that are
    published, and `next_polls` the monotonic time of each slot's next poll.
    """

    def __init__(  # noqa: PLR0913 - everything that it reads is passed in
        self,
        *,
        snapshots: Snapshots,
        judged: Callable[[], Mapping[str, Judged]],
        next_polls: Callable[[], Mapping[Slot, float]],
        settings: Callable[[], Settings],
        history: History,
        clock: Clock,
    ) -> None:
        self._snapshots = snapshots
        self._judged = judged
        self._next_polls = next_polls
        self._history = history
        self._clock = clock
        self._settings = settings
        self._read: dict[str, _Read] = {}

    def status(self, query: Query) -> model.Status:
        """Return the status that a query asks for."""
        now = self._clock.now()
        settings, snapshots, judged = self._settings(), self._snapshots.current(), self._judged()
        known = [
            self._known(settings[name][0], snapshot, judged.get(name), now)
            for name, snapshot in snapshots.items()
            # While a configuration is replaced, an operation can have a snapshot and no settings.
            if query.operation in {"", name} and name in settings
        ]
        found = matching(query, (campaign for operation in known for campaign in operation.campaigns))
        by_rank = sorted(known, key=lambda operation: (operation.condition.rank, not operation.findings))
        page, pages = paged(len(found), query.page, query.per_page)
        operations_page, operations_pages = paged(len(by_rank), query.operations_page, OPERATIONS_PER_PAGE)
        self._read = {name: read for name, read in self._read.items() if name in snapshots}
        turns = self._next_polls()
        shown_campaigns = found[(page - 1) * query.per_page : page * query.per_page]
        first = (operations_page - 1) * OPERATIONS_PER_PAGE
        shown_operations = by_rank[first : first + OPERATIONS_PER_PAGE]
        return model.Status(
            at=now.wall,
            version=__version__,
            zone=_zone(known),
            query=query,
            names=tuple(snapshots),
            summary=_summary(known),
            attention=attention(
                (_facts(operation, now) for operation in known),
                (campaign.status for operation in known for campaign in operation.campaigns),
            ),
            operations=tuple(self._operation(operation, turns, now) for operation in shown_operations),
            operations_paging=model.Paging(
                operations_page, operations_pages, OPERATIONS_PER_PAGE, len(by_rank)
            ),
            campaigns=self._campaigns(shown_campaigns, known, now),
            campaigns_paging=model.Paging(page, pages, query.per_page, len(found)),
        )

    def _known(
        self,
        operation: Operation,
        snapshot: OperationSnapshot,
        judged: Judged | None,
        now: Moment,
    ) -> _Known:
        polls = {api: poll_condition(api, status, now) for api, status in snapshot.polls.items()}
        spent = snapshot.quota is not None and snapshot.quota.spent(now.wall)
        read = self._read_of(operation, judged) if judged else None
        age, late = _lists_age(operation, snapshot, read.lists if read else frozenset(), now)
        return _Known(
            operation,
            snapshot,
            operation_condition(polls, out_of_quota=spent),
            polls,
            age,
            late,
            read.campaigns if read else (),
            judged.operation if judged else OperationView(),
            tuple(finding for finding, so in judged.findings.items() if so) if judged else (),
        )

    def _read_of(self, operation: Operation, judged: Judged) -> _Read:
        """Return the campaigns of an operation, which are read once: what is judged is never changed."""
        read, timezone = self._read.get(operation.name), operation.timezone.key
        # An answer may be from before a reload that has switched it off.
        show_users = audit_log.SHOW_USERS.of(operation.apis[audit_log.NAME].options)
        as_before = read is not None and (read.timezone, read.show_users) == (timezone, show_users)
        if read is None or read.judged is not judged or not as_before:
            found = campaigns_of(judged.campaigns, timezone, show_users=show_users)
            lists = frozenset(
                campaign_settings.NAME if one.campaign.fallback else campaigns.NAME
                for one in judged.campaigns
            )
            read = self._read[operation.name] = _Read(judged, timezone, show_users, found, lists)
        return read

    def _operation(self, known: _Known, turns: Mapping[Slot, float], now: Moment) -> model.OperationStatus:
        snapshot, whole = known.snapshot, known.whole
        abandonment = campaign_results.abandonment(whole.attempts)
        series = self._history.series(snapshot.operation)
        return model.OperationStatus(
            name=snapshot.operation,
            timezone=known.settings.timezone.key,
            condition=known.condition,
            answered=known.age is not None,
            age=known.age,
            late=known.late,
            campaigns=len(known.campaigns),
            running=_running(known.campaigns, True),
            running_unknown=_running(known.campaigns, None),
            states=_counted(known.campaigns),
            calls_per_minute=_calls(known.campaigns),
            agents=whole.agents,
            agents_age=_age(whole.agents, snapshot, agents.NAME, now),
            queued_calls=whole.queued_calls,
            queued_calls_age=_age(whole.queued_calls, snapshot, skills.NAME, now),
            abandonment_ratio=abandonment,
            abandonment_age=_age(abandonment, snapshot, campaign_results.NAME, now),
            abandonment_limit=_abandonment_limit(known.settings),
            findings=known.findings,
            quota=_quota(snapshot.quota, now),
            apis=tuple(
                _api(
                    api,
                    status,
                    known.conditions[api],
                    max_age=known.settings.apis[api].max_age,
                    turn=turns.get(Slot(snapshot.operation, api)),
                    now=now,
                )
                for api, status in snapshot.polls.items()
            ),
            history=model.OperationHistory(
                _interval(known.settings), _walls(series.at, now), series.calls_per_minute
            ),
        )

    def _campaigns(
        self, shown: Sequence[model.CampaignStatus], known: Iterable[_Known], now: Moment
    ) -> tuple[model.CampaignStatus, ...]:
        """Return the campaigns with their history and limit, and the age of what a report tells of them."""
        by_name = {operation.snapshot.operation: operation for operation in known}
        keys: dict[str, list[Key]] = {}
        for campaign in shown:
            keys.setdefault(campaign.operation, []).append(_key(campaign))
        histories: dict[tuple[str, Key], model.CampaignHistory] = {}
        for operation, wanted in keys.items():
            series = self._history.series(operation, wanted)
            at = _walls(series.at, now)
            for key, found in zip(wanted, series.campaigns, strict=True):
                if found:
                    histories[operation, key] = model.CampaignHistory(
                        _interval(by_name[operation].settings),
                        at,
                        found.running,
                        found.records_left,
                        found.calls_per_minute,
                    )
        return tuple(
            replace(
                campaign,
                history=histories.get((campaign.operation, _key(campaign))),
                abandonment_age=_age(
                    campaign.abandonment_ratio,
                    by_name[campaign.operation].snapshot,
                    campaign_results.NAME,
                    now,
                    _key(campaign)[0],
                ),
                abandonment_limit=_abandonment_limit(by_name[campaign.operation].settings),
            )
            for campaign in shown
        )


def _interval(settings: Operation) -> float:
    return settings.apis[campaigns.NAME].interval


def _abandonment_limit(settings: Operation) -> float | None:
    """Return the limit, None where nobody asks how many calls were abandoned."""
    return settings.abandonment_limit if settings.apis[campaign_results.NAME].enabled else None


def _key(campaign: model.CampaignStatus) -> Key:
    return campaign.campaign_id or campaign.name, campaign.skill_id


def _zone(known: Sequence[_Known]) -> str:
    """Return the zone of the first operation, where the page is most likely read."""
    return known[0].settings.timezone.key if known else "UTC"


def _facts(known: _Known, now: Moment) -> OperationFacts:
    return OperationFacts(
        known.snapshot.operation,
        known.settings.timezone.key,
        known.condition,
        known.conditions,
        known.snapshot.polls,
        known.findings,
        _quota(known.snapshot.quota, now),
    )


def _summary(known: Sequence[_Known]) -> model.Summary:
    found = [campaign for operation in known for campaign in operation.campaigns]
    ages = [operation.age for operation in known if operation.age is not None]
    return model.Summary(
        operations=len(known),
        operation_conditions=Counter(operation.condition for operation in known),
        campaigns=len(found),
        states=_counted(found),
        running=_running(found, True),
        running_unknown=_running(found, None),
        findings=Counter(finding for operation in known for finding in operation.findings),
        answered=len(ages),
        calls_known=sum(_calls_known(operation) for operation in known),
        calls_per_minute=_calls(found),
        oldest=max(ages, default=None),
        late=any(operation.late for operation in known),
    )


def _lists_age(
    settings: Operation, snapshot: OperationSnapshot, lists: frozenset[str], now: Moment
) -> tuple[float | None, bool]:
    """Return the age of the oldest of the `lists` that campaigns are from, and whether one of them is late.

    Without campaigns it is the list that says so. The age is None where no list may be shown.
    """
    ages = {
        api: now.monotonic - listing.at.monotonic
        for api in (campaigns.NAME, campaign_settings.NAME)
        if (listing := snapshot.listing(api)) and listing.fresh(now, settings.apis[api].max_age)
    }
    shown = [api for api in ages if api in lists] or list(ages)[:1]
    late = any(ages[api] > LATE_INTERVALS * settings.apis[api].interval for api in shown)
    return max((ages[api] for api in shown), default=None), late


def _age(
    figure: object, snapshot: OperationSnapshot, api: str, now: Moment, campaign_id: str = ""
) -> float | None:
    """Return the age of the answer that a figure is from, None without the figure."""
    listing = snapshot.answers.get(api, {}).get(campaign_id)
    return None if figure is None or listing is None else max(now.monotonic - listing.at.monotonic, 0.0)


def _running(campaigns: Iterable[FoundCampaign], running: bool | None) -> int:
    """Return how many campaigns are started, stopped, or of unknown state."""
    return sum(campaign.status.running is running for campaign in campaigns)


def _calls_known(known: _Known) -> bool:
    """Return whether it is known how many calls an operation makes; one without campaigns makes none."""
    if not known.campaigns:
        return known.age is not None
    return _calls(known.campaigns) is not None


def _counted(campaigns: Iterable[FoundCampaign]) -> Mapping[CampaignState, int]:
    return Counter(campaign.status.state for campaign in campaigns)


def _calls(campaigns: Iterable[FoundCampaign]) -> float | None:
    known = [calls for campaign in campaigns if (calls := campaign.status.calls_per_minute) is not None]
    return sum(known) if known else None


def _quota(usage: Usage | None, now: Moment) -> model.Quota | None:
    if usage is None:
        return None
    return model.Quota(
        used=usage.used_at(now.wall),
        own=usage.own_count if now.wall < usage.ends else 0,
        limit=usage.limit,
        budget=usage.budget,
        spent=usage.spent(now.wall),
        refused=usage.refused_at is not None and usage.spent(now.wall),
        ends=usage.ends,
    )


def _api(  # noqa: PLR0913 - its status, its settings and its next turn
    api: str,
    status: PollStatus,
    condition: PollCondition,
    *,
    max_age: float,
    turn: float | None,
    now: Moment,
) -> model.ApiStatus:
    last = status.last_success
    age = None if last is None else max(now.monotonic - last.monotonic, 0.0)
    return model.ApiStatus(
        api=api,
        condition=condition,
        interval=status.interval,
        max_age=max_age,
        last_success=None if last is None else last.wall,
        age=age,
        withdrawn=age is not None and age >= max_age,
        next_poll=None if turn is None or status.paused else max(turn - now.monotonic, 0.0),
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
