"""CONTRACT section 4 as a model: what /metrics must say after what has happened, figure by figure.

It is told what the configuration says, which calls reached the vendor and how each was answered, when the
process began, and what the clocks show. It never sees the exporter, and shares no code with it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from model import reading
from model.calls import Reply, judged
from model.hours import matches, scheduled
from model.rows import (
    FIELDS,
    Row,
    agent_sums,
    attempt_sums,
    audit_sums,
    figures,
    identified,
    service_sums,
    skill_sums,
    telephone_sums,
    token_sums,
    unreadable_fields,
)
from model.series import SECONDS_OF_TOLERANCE, Figure, Series, about, exactly, labels

_HOUR_SECONDS, _DAY_SECONDS = 3600.0, 86_400.0

Config = Mapping[str, Any]
"""config.yaml as a mapping; durations are whole seconds such as "300s"."""

CAUSES = (
    "auth", "quota", "concurrency", "forbidden", "timeout", "connection",
    "tls", "http_status", "redirect", "too_large", "decode", "shape",
)  # fmt: skip
SKIPPED = ("quota", "overlap", "lease")
LISTS = ("campaigns", "campaign_settings")
REPORTS = ("machine_codes", "campaign_results")
WHOLE = ("services", "skills", "agents", "campaign_results")
"""The APIs whose answers tell of the operation as a whole, or of its skills."""
DISCARDED = ("duplicate", "shape", "limit")
DEFAULTS = {
    "campaigns": (True, 300.0),
    "campaign_settings": (True, 300.0),
    "token_info": (True, 3600.0),
    "machine_codes": (False, 3600.0),
    "services": (True, 86_400.0),
    "skills": (False, 300.0),
    "agents": (False, 300.0),
    "campaign_results": (False, 900.0),
    "audit_log": (False, 300.0),
}
"""Whether an API is on, and its interval."""
_SUMS = {"services": service_sums, "skills": skill_sums, "agents": agent_sums}


@dataclass(frozen=True)
class Now:
    """The two clocks: Unix time, and seconds on a clock that nobody sets."""

    wall: float
    elapsed: float


@dataclass(frozen=True)
class Call:
    """One call: what of whom was asked, and when; `campaign` is "" where one answer tells everything."""

    operation: str
    api: str
    campaign: str
    begun: Now


@dataclass
class Answer:
    """The last good answer of an API, or of an API about one campaign.

    `day` is the local date of the call where figures count since midnight. `doubtful`: its age is not known,
    because the clock was set back across a restart. `lapsed`: it was seen on another day.
    """

    rows: Sequence[Row]
    wall: float
    elapsed: float
    sums: Mapping[Series, float] = field(default_factory=dict)
    day: date | None = None
    doubtful: bool = False
    lapsed: bool = False


@dataclass
class Polls:
    """What is known of the polls of one API, and outlives the process.

    `ahead` are times that lay in the future of a process that found them, with the time at which it did.
    """

    up: bool | None = None
    attempt: float | None = None
    success: float | None = None
    duration: float | None = None
    rows: int | None = None
    size: int | None = None
    answers: dict[str, Answer] = field(default_factory=dict)
    ahead: dict[float, float] = field(default_factory=dict)


@dataclass
class Counts:
    """What is counted since the process started."""

    requests: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    unreadable: Counter[str] = field(default_factory=Counter)
    discarded: Counter[str] = field(default_factory=Counter)


@dataclass
class Told:
    """The vendor's word about a token: its count, on which day by our clock, and our own calls by then.

    `counts`: it is of the same day as ours; None where that cannot be known.
    """

    used: float
    day: str
    own: int
    elapsed: float
    counts: bool | None


@dataclass(frozen=True)
class Campaign:
    """One campaign as it is to be published."""

    id: str
    name: str
    skill: str
    live: Row | None
    known: Row | None
    fallback: bool = False
    reports: Sequence[Answer] = ()


@dataclass(frozen=True)
class _Sources:
    """What campaigns are made of: the wanted rows of each list, and whether they may be served.

    `names` are those by `campaign_settings`: who a campaign is does not age.
    """

    names: Mapping[str, str]
    live: Sequence[Row]
    known: Sequence[Row]
    reports: Mapping[str, Sequence[Answer]]
    live_fresh: bool
    known_fresh: bool


class Operation:
    """One entry of `operations`, with the defaults of the contract filled in."""

    def __init__(self, entry: Mapping[str, Any], config: Config) -> None:
        self.name: str = entry["name"]
        self.scope = (entry["name"], entry["base_url"])
        self.token: str = entry["token"]
        self.zone = ZoneInfo(entry.get("timezone", "America/Bogota"))
        self.licences: int | None = entry.get("licences")
        self.reserve: float = entry.get("quota_reserve", 0.5)
        self.intervals: dict[str, float] = {}
        self.max_ages: dict[str, float] = {}
        for api, (on, usual) in DEFAULTS.items():
            own = entry.get("apis", {}).get(api, {})
            if own.get("enabled", on):
                interval = _seconds(own["interval"]) if "interval" in own else usual
                age = own.get("max_age") or config.get("max_age")
                self.intervals[api] = interval
                self.max_ages[api] = max(_seconds(age), interval) if age else 3 * interval
        wanted = entry.get("campaigns", {})
        self._include = wanted.get("include", [".*"])
        self._exclude = wanted.get("exclude", [])
        self.limit: int = wanted.get("limit", 2000)
        self.unreachable_after: int = (
            entry.get("apis", {}).get("machine_codes", {}).get("unreachable_after", 3)
        )
        self.schedules: Sequence[Mapping[str, Any]] = entry.get("schedules", [])

    def selects(self, campaign: str, name: str) -> bool:
        """Return whether include and exclude let a campaign through."""
        return matches(self._include, campaign, name) and not matches(self._exclude, campaign, name)

    def wants(self, row: Row, names: Mapping[str, str]) -> bool:
        """Return whether a row's campaign is let through by its id and its clean name."""
        return self.selects(row.campaign, names.get(row.campaign, row.name))

    def day(self, wall: float) -> date:
        """Return the date in its zone."""
        return datetime.fromtimestamp(wall, self.zone).date()


def _seconds(duration: str) -> float:
    return float(duration.removesuffix("s"))


class Contract:
    """The model. `violations` are calls that must not have been made, in words."""

    def __init__(self) -> None:
        self.violations: list[str] = []
        self.operations: dict[str, Operation] = {}
        self.clock_was_set = False
        # With those that a reload has removed: their last call may still be under way.
        self._known: dict[str, Operation] = {}
        self._polls: dict[tuple[tuple[str, str], str], Polls] = {}
        self._counts: dict[tuple[tuple[str, str], str], Counts] = {}
        self._own: Counter[tuple[str, str]] = Counter()
        self._told: dict[str, Told] = {}
        self._licences: dict[str, float] = {}
        self._limits: dict[str, tuple[float | None, float | None]] = {}
        self._limits_at: dict[str, float] = {}
        self._limits_ahead: set[str] = set()
        self._published: dict[str, tuple[str, float]] = {}
        self._asked: dict[tuple[tuple[str, str], str, str], tuple[float, float]] = {}
        self._retries: dict[tuple[tuple[str, str], str], bool] = {}
        self._retrying: set[tuple[tuple[str, str], str]] = set()
        self._names: dict[tuple[str, str], Mapping[str, str]] = {}
        # What is wrong with rows is counted by the settings with which they were asked for.
        self._asked_with: dict[tuple[tuple[str, str], str], Operation] = {}
        self._since = Now(0.0, 0.0)
        self._reloaded_at = 0.0

    # What happens.

    def started(self, config: Config, now: Now) -> None:
        """Begin a process: what outlives one is known at once, what is counted begins at 0."""
        self._counts = {}
        self._since = now
        self._limits_ahead |= {token for token, at in self._limits_at.items() if at > now.wall}
        self._retries, self._retrying = {}, set()
        self._configure(config, now)
        for (scope, _api), polls in self._polls.items():
            if any(operation.scope == scope for operation in self.operations.values()):
                _restore(polls, now)
        # The store knows Unix times alone: the longer of two waits counts where a clock was set.
        self._asked = {
            key: (wall, min(at, now.elapsed - max(now.wall - wall, 0.0)))
            for key, (wall, at) in self._asked.items()
        }
        self._publish_all(now)

    def reloaded(self, config: Config, now: Now) -> None:
        """Apply another configuration; what stays the same operation keeps everything."""
        before = self.operations
        self._configure(config, now)
        kept = {
            (operation.scope, api)
            for operation in self.operations.values()
            for api in operation.intervals
            for other in before.values()
            if other.scope == operation.scope and api in other.intervals
        }
        self._counts = {key: counts for key, counts in self._counts.items() if key in kept}
        for operation in self.operations.values():
            for api in operation.intervals:
                polls = self._polls.get((operation.scope, api))
                if polls is not None and (operation.scope, api) not in kept:
                    _restore(polls, now)
        self._reloaded_at = now.elapsed
        self._publish_all(now)

    def _configure(self, config: Config, now: Now) -> None:
        self.operations = {entry["name"]: Operation(entry, config) for entry in config["operations"]}
        self._known |= self.operations
        self._since = Now(now.wall, self._since.elapsed)

    def begun(self, call: Call) -> None:
        """Note a call as it reaches the vendor."""
        operation, api, campaign, now = self.operations[call.operation], call.api, call.campaign, call.begun
        self._hold_interval(operation, api, campaign, now)
        whole = api == "campaign_results" and not campaign
        if api in REPORTS and not whole and campaign not in set(self._dialling(operation, now)):
            self.violations.append(f"{call.operation}: {api} of {campaign!r}, which does not dial")
        self._polls.setdefault((operation.scope, api), Polls()).attempt = now.wall
        self._count(operation, api).requests += 1
        self._own[operation.token, operation.day(now.wall).isoformat()] += 1
        self._names[operation.scope] = self._settings_names(operation)
        self._asked_with[operation.scope, api] = operation
        self._publish(operation, now)

    def ended(self, call: Call, reply: Reply, now: Now) -> str:
        """Note how a call was answered, and return why it failed, "" where it worked."""
        operation, api = self._known[call.operation], call.api
        polls, counts = self._polls[operation.scope, api], self._count(operation, api)
        cause, rows = judged(api, reply)
        answer = Answer([], now.wall, now.elapsed)
        if not cause:
            cause = self._take(operation, call, rows, answer)
        # One retry before the interval has passed, but none of a retry.
        again = (operation.scope, api) in self._retrying
        self._retrying.discard((operation.scope, api))
        self._retries[operation.scope, api] = cause == "connection" and not again
        polls.duration = now.elapsed - call.begun.elapsed
        polls.up = not cause
        if cause:
            counts.failures[cause] += 1
            return cause
        polls.success, polls.rows, polls.size = now.wall, len(rows), reply.size
        if api in REPORTS:
            answer.day = operation.day(call.begun.wall)
        polls.answers[call.campaign] = answer
        if api in LISTS:
            names = self._settings_names(operation)
            wanted = [row for row in answer.rows if operation.wants(row, names)]
            counts.discarded["limit"] += max(len(wanted) - operation.limit, 0)
        licences = answer.sums.get(("wolkvox_licences", ()))
        if api == "services" and licences is not None:
            self._licences[operation.token] = licences
        if api == "token_info":
            self._note_told(operation, rows, now)
            if call.operation in self.operations:
                self._publish(operation, now)
        return ""

    def _take(self, operation: Operation, call: Call, rows: Sequence[object], answer: Answer) -> str:
        """Read the rows of an answer into `answer` and the counts; return "shape" where none is one."""
        api = call.api
        counts = self._count(operation, api)
        discarded: Counter[str] = Counter()
        unreadable: Counter[str] = Counter()
        if api in LISTS:
            answer.rows = self._listed(operation, api, rows, discarded, unreadable)
        elif api == "machine_codes":
            answer.sums = telephone_sums(rows, operation.unreachable_after, discarded, unreadable)
        elif api == "campaign_results":
            family = f"wolkvox_{'campaign' if call.campaign else 'operation'}_attempts"
            answer.sums = attempt_sums(rows, family, discarded, unreadable)
        elif api == "audit_log":
            audit_sums(rows, operation.zone, discarded, unreadable)
        elif api == "token_info":
            token_sums(rows, discarded, unreadable)
        else:
            answer.sums = _SUMS[api](rows, discarded, unreadable)
        counts.discarded += discarded
        if rows and discarded["shape"] == len(rows):
            return "shape"
        counts.unreadable += unreadable
        return ""

    def _listed(
        self,
        operation: Operation,
        api: str,
        rows: Sequence[object],
        discarded: Counter[str],
        unreadable: Counter[str],
    ) -> Sequence[Row]:
        """Return the campaigns of a list; of several rows about the same the last one counts."""
        names = self._names[operation.scope] if api == "campaigns" else {}
        last: dict[tuple[str, str], Row] = {}
        for raw in rows:
            row = identified(api, raw)
            if row is None:
                discarded["shape"] += 1
                continue
            again = last.pop((row.campaign or row.name, row.skill), None)
            last[row.campaign or row.name, row.skill] = row
            if self._asked_with[operation.scope, api].wants(row, names):
                discarded["duplicate"] += again is not None
                unreadable.update(unreadable_fields(api, row.raw, operation.zone))
        return list(last.values())

    # The day's calls.

    def _note_told(self, operation: Operation, rows: Sequence[object], now: Now) -> None:
        uses = [reading.count(row.get("all_token_today")) for row in rows if isinstance(row, dict)]
        limits = [reading.count(row.get("token_limit")) for row in rows if isinstance(row, dict)]
        known = [one for one in limits if isinstance(one, float) and one > 0]
        token, day = operation.token, operation.day(now.wall).isoformat()
        if known:
            self._limits_at[token] = now.wall
            self._limits_ahead.discard(token)
            self._limits[token] = (min(known), max(known))
        used = max((one for one in uses if isinstance(one, float)), default=None)
        before = self._told.get(token)
        if used is None:
            return  # what was told before still holds
        counts: bool | None = before is None or used < before.used or (before.day == day and before.counts)
        if self.clock_was_set or (before is not None and now.elapsed - before.elapsed > _DAY_SECONDS - 1):
            counts = None
        self._told[token] = Told(used, day, self._own[token, day], now.elapsed, counts)

    def used(self, operation: Operation, now: Now) -> Figure:
        """Return the calls of today: our own, or the vendor's count with our own since it was told."""
        token, day = operation.token, operation.day(now.wall).isoformat()
        own = self._own[token, day]
        told = self._told.get(token)
        if told is None or told.day != day:
            return exactly(own)
        high = max(own, told.used + own - told.own)
        if self.clock_was_set or told.counts is None:
            return Figure(own, high)
        return exactly(high if told.counts else own)

    def _publish(self, operation: Operation, now: Now) -> None:
        self._published[operation.name] = (
            operation.day(now.wall).isoformat(),
            self.used(operation, now).low,
        )

    def _publish_all(self, now: Now) -> None:
        self._published = {}
        for operation in self.operations.values():
            self._publish(operation, now)

    # The rules of calls that the figures depend on.

    def _hold_interval(self, operation: Operation, api: str, campaign: str, now: Now) -> None:
        key = (operation.scope, api, campaign)
        last = self._asked.get(key)
        self._asked[key] = (now.wall, now.elapsed)
        if last is None:
            return
        waited, interval = now.elapsed - last[1], operation.intervals[api]
        retry = self._retries.pop((operation.scope, api), False)
        if waited >= interval - SECONDS_OF_TOLERANCE:
            return
        if retry and waited >= interval / 20:
            self._retrying.add((operation.scope, api))
            return
        self.violations.append(
            f"{operation.name} {api} {campaign}: called {waited:.3f} s after the last call, "
            f"not {interval:g} s"
        )

    def hold_polling(self, now: Now, slack: float) -> None:
        """Note each API that was not asked for an interval and `slack` seconds, though nothing forbids it."""
        for operation in self.operations.values():
            for api, interval in operation.intervals.items():
                if api in REPORTS:
                    continue
                _, last = self._asked.get((operation.scope, api, ""), (0.0, float("-inf")))
                last = max(last, self._since.elapsed, self._reloaded_at)
                if now.elapsed - last > interval + slack:
                    self.violations.append(
                        f"{operation.name} {api}: not polled for {now.elapsed - last:.0f} s"
                    )

    def _dialling(self, operation: Operation, now: Now) -> Iterator[str]:
        answer = self._fresh(operation, "campaigns", now).get("")
        for row in _chosen(operation, answer, self._settings_names(operation)):
            dialled = reading.count(row.raw.get("dial"))
            if row.campaign and isinstance(dialled, float) and dialled > 0:
                yield row.campaign

    # What must be published.

    def expected(self, now: Now) -> dict[Series, Figure]:
        """Return every series of wolkvox and of the polling, with what it may show."""
        found: dict[Series, Figure] = {}
        for operation in self.operations.values():
            found.update(self._campaign_series(operation, now))
            found.update(self._whole_series(operation, now))
            for api in operation.intervals:
                found.update(self._poll_series(operation, api))
            found.update(self._quota_series(operation, now))
            # Written with the other figures, so that a change of the hour shows with the next poll.
            walls = (now.wall - _HOUR_SECONDS, now.wall)
            ahead = [_utc_offset(operation.zone, wall) for wall in walls]
            series = ("wolkvox_operation_utc_offset_seconds", labels(operation=operation.name))
            found[series] = Figure(min(ahead), max(ahead))
        own = "wolkvox_exporter_"
        found[f"{own}config_last_reload_successful", ()] = exactly(1.0)
        found[f"{own}config_last_reload_success_timestamp_seconds", ()] = about(self._since.wall)
        found[f"{own}state_up", ()] = exactly(1.0)
        found[f"{own}state_losses_total", ()] = exactly(0.0)
        return found

    def _poll_series(self, operation: Operation, api: str) -> Iterator[tuple[Series, Figure]]:
        polls = self._polls.get((operation.scope, api), Polls())
        counts = self._count(operation, api)

        def series(name: str, **more: str) -> Series:
            return f"wolkvox_{name}", labels(operation=operation.name, api=api, **more)

        yield series("poll_interval_seconds"), exactly(operation.intervals[api])
        yield series("requests_total"), exactly(counts.requests)
        # An answer from the future is not used after a restart, nor is the success that it was.
        unsure = polls.success in polls.ahead
        if polls.up is not None:
            yield series("up"), exactly(polls.up, optional=unsure and polls.up)
        if polls.attempt is not None:
            yield series("last_attempt_timestamp_seconds"), _stored(polls.attempt, polls.ahead)
        if polls.success is not None:
            yield series("last_success_timestamp_seconds"), _stored(polls.success, polls.ahead)
            assert polls.rows is not None
            assert polls.size is not None
            yield series("response_rows"), exactly(polls.rows, optional=unsure)
            yield series("response_bytes"), exactly(polls.size, optional=unsure)
        if polls.duration is not None:
            lost = unsure and polls.up is True
            yield series("poll_duration_seconds"), about(polls.duration, optional=lost)
        for cause in CAUSES:
            yield series("request_failures_total", cause=cause), exactly(counts.failures[cause])
        for reason in SKIPPED:
            yield series("polls_skipped_total", reason=reason), Figure(0, float("inf"))
        for one in FIELDS[api]:
            yield series("field_errors_total", field=one), exactly(counts.unreadable[one])
        for reason in DISCARDED:
            yield series("rows_discarded_total", reason=reason), exactly(counts.discarded[reason])

    def _quota_series(self, operation: Operation, now: Now) -> Iterator[tuple[Series, Figure]]:
        own = labels(operation=operation.name)
        low, high = self._limits.get(operation.token, (None, None))
        # What services has told counts before the vendor's limit, while it is asked.
        told = self._licences.get(operation.token) if "services" in operation.intervals else None
        licences = told if operation.licences is None else operation.licences
        if licences is not None:
            low = high = licences * 1000.0
        if low is not None and high is not None:
            lost = licences is None and operation.token in self._limits_ahead
            yield ("wolkvox_quota_limit_requests", own), Figure(low, high, lost)
        day, published = self._published[operation.name]
        figure = self.used(operation, now)
        if day != operation.day(now.wall).isoformat():
            # Until the next poll nothing was called today; a clock that was set back shows a day again.
            published = 0.0
        if self.clock_was_set:  # the count of a day that comes again may be gone, or be shown already
            yield ("wolkvox_quota_used_requests", own), Figure(0.0, float("inf"))
        else:
            yield (
                ("wolkvox_quota_used_requests", own),
                Figure(min(published, figure.low), max(figure.high, published)),
            )
        if low is not None and high is not None:
            share = 1 - operation.reserve
            yield (
                ("wolkvox_quota_budget_requests", own),
                Figure(low * share - 0.01, high * share + 0.01, lost),
            )

    def _whole_series(self, operation: Operation, now: Now) -> Iterator[tuple[Series, Figure]]:
        own = {"operation": operation.name}
        yield ("wolkvox_abandonment_limit_ratio", labels(**own)), exactly(0.03)
        for api in WHOLE:
            answer = self._fresh(operation, api, now).get("")
            for (name, extra), value in answer.sums.items() if answer else ():
                unsure = answer is not None and (answer.doubtful or answer.lapsed)
                yield (name, labels(**own, **dict(extra))), exactly(value, optional=unsure)

    def _campaign_series(self, operation: Operation, now: Now) -> Iterator[tuple[Series, Figure]]:
        live = self._fresh(operation, "campaigns", now).get("")
        known = self._fresh(operation, "campaign_settings", now).get("")
        reports: dict[str, list[Answer]] = {}
        for api in REPORTS:
            for campaign, answer in self._fresh(operation, api, now).items():
                reports.setdefault(campaign, []).append(answer)
        reports.pop("", None)
        last_live, last_known = (self._last(operation, api) for api in ("campaigns", "campaign_settings"))
        # An answer whose age is not known may be served or not, and its names with it.
        lives = [(live, last_live), *([(None, None)] if last_live and last_live.doubtful else [])]
        settings = [(known, last_known), *([(None, None)] if last_known and last_known.doubtful else [])]
        worlds = [
            dict(self._series_of(operation, now, _sources(operation, *one, *other, reports)))
            for one in lives
            for other in settings
        ]
        for series in {one: None for world in worlds for one in world}:
            shown = [world[series] for world in worlds if series in world]
            optional = len(shown) < len(worlds) or any(figure.optional for figure in shown)
            yield series, Figure(min(f.low for f in shown), max(f.high for f in shown), optional)

    def _series_of(
        self, operation: Operation, now: Now, sources: "_Sources"
    ) -> Iterator[tuple[Series, Figure]]:
        for campaign in _joined(sources):
            own = {
                "operation": operation.name,
                "campaign_id": campaign.id,
                "campaign": sources.names.get(campaign.id, campaign.name),
                "skill_id": campaign.skill,
            }
            for name, more, value in figures(
                campaign.live, campaign.known, operation.zone, fallback=campaign.fallback
            ):
                yield (name, labels(**own, **more)), exactly(value)
            unsure = any(report.doubtful or report.lapsed for report in campaign.reports)
            for report in campaign.reports:
                for (name, extra), value in report.sums.items():
                    optional = report.doubtful or report.lapsed
                    yield (name, labels(**own, **dict(extra))), exactly(value, optional=optional)
            for name, says in scheduled(
                operation.schedules, operation.zone, campaign.id, own["campaign"], now.wall
            ):
                alone = campaign.live is campaign.known is None
                yield (name, labels(**own)), exactly(says, optional=unsure and alone)

    # What may still be served.

    def _fresh(self, operation: Operation, api: str, now: Now) -> Mapping[str, Answer]:
        """Return the answers of an API that may still be served."""
        polls = self._polls.get((operation.scope, api))
        if api not in operation.intervals or polls is None:
            return {}
        fresh = {}
        for campaign, answer in polls.answers.items():
            if answer.day is not None and answer.day != operation.day(now.wall):
                # Of a clock that was set back before the day of the answer the contract says nothing.
                answer.lapsed = True
                if answer.day < operation.day(now.wall):
                    continue
            if now.elapsed - answer.elapsed < operation.max_ages[api]:
                fresh[campaign] = answer
        return fresh

    def _last(self, operation: Operation, api: str) -> Answer | None:
        if api not in operation.intervals:
            return None
        return self._polls.get((operation.scope, api), Polls()).answers.get("")

    def _settings_names(self, operation: Operation) -> Mapping[str, str]:
        """Return the names by `campaign_settings`: who a campaign is does not age."""
        return _names(self._last(operation, "campaign_settings"))

    def _count(self, operation: Operation, api: str) -> Counts:
        return self._counts.setdefault((operation.scope, api), Counts())


def _chosen(operation: Operation, answer: Answer | None, names: Mapping[str, str]) -> Sequence[Row]:
    """Return the wanted campaigns of a list in the order of their ids; of too many, the highest ids."""
    rows = [row for row in answer.rows if operation.wants(row, names)] if answer else []
    rows.sort(key=lambda row: (_rank(row.campaign), _rank(row.skill), names.get(row.campaign, row.name)))
    return rows[-operation.limit :]


def _utc_offset(zone: ZoneInfo, wall: float) -> float:
    ahead = datetime.fromtimestamp(wall, zone).utcoffset()
    assert ahead is not None
    return ahead.total_seconds()


def _rank(text: str) -> tuple[int, str]:
    return len(text), text


def _sources(  # noqa: PLR0913, PLR0917 - of each list the answer that may be served, and the last one
    operation: Operation,
    live: Answer | None,
    last_live: Answer | None,
    known: Answer | None,
    last_known: Answer | None,
    reports: Mapping[str, Sequence[Answer]],
) -> _Sources:
    names = _names(last_known)
    return _Sources(
        names,
        _chosen(operation, last_live, names),
        _chosen(operation, last_known, names),
        reports,
        live is not None,
        known is not None,
    )


def _joined(sources: _Sources) -> Iterator[Campaign]:
    """Join what the answers say of one campaign, told apart by id (by name where there is no id).

    A list that is over age says no more who there is, if the other one is not; but a skill that only it has
    stays known.
    """
    old = not (sources.live_fresh or sources.known_fresh)
    live_rows, known_rows = _by_key(sources.live), _by_key(sources.known)
    for key in {**live_rows, **known_rows}:
        pairs: list[tuple[Row | None, Row | None]] = []
        left = list(known_rows.get(key, []))
        mine = live_rows.get(key, [])
        for row in mine:
            same = [one for one in left if one.skill == row.skill]
            partner = next(iter(same or (left if len(mine) == 1 else [])), None)
            if partner is not None:
                left.remove(partner)
            pairs.append((row, partner))
        pairs += [(None, row) for row in left]
        reports = sources.reports.get(key, ())
        for live_row, info in pairs:
            candidates = ((live_row, sources.live_fresh or old), (info, sources.known_fresh or old))
            some = next((row for row, counts in candidates if row and counts), None)
            if some is None:
                continue
            skills = [row.skill for row in (some, live_row, info) if row]
            shown_live = live_row if sources.live_fresh else None
            shown_info = info if sources.known_fresh else None
            if not (shown_live or shown_info or (old and reports)):
                continue
            yield Campaign(
                some.campaign,
                some.name,
                next(filter(None, skills), ""),
                shown_live,
                shown_info,
                fallback=not (mine and sources.live_fresh),
                reports=reports,
            )
            reports = ()


def _stored(at: float, ahead: Mapping[float, float]) -> Figure:
    """Return a time; one that lay in the future when it was found may be that moment, or unknown."""
    if at not in ahead:
        return about(at)
    return Figure(ahead[at] - SECONDS_OF_TOLERANCE, at + SECONDS_OF_TOLERANCE, optional=True)


def _names(settings: Answer | None) -> Mapping[str, str]:
    """Return the names by id; of several of one id, that of the least skill."""
    rows = sorted(settings.rows, key=lambda row: _rank(row.skill), reverse=True) if settings else []
    return {row.campaign: row.name for row in rows if row.campaign and row.name}


def _restore(polls: Polls, now: Now) -> None:
    """Make of Unix times that were stored ages on the present process's clock."""
    for at in (polls.attempt, polls.success):
        if at is not None and at > now.wall:
            polls.ahead[at] = min(polls.ahead.get(at, at), now.wall)
    for answer in polls.answers.values():
        # What an earlier process has left out for that is gone.
        answer.doubtful = answer.doubtful or answer.wall > now.wall
        answer.elapsed = now.elapsed - max(now.wall - answer.wall, 0.0)


def _by_key(found: Sequence[Row]) -> dict[str, list[Row]]:
    rows: dict[str, list[Row]] = {}
    for row in found:
        rows.setdefault(row.campaign or row.name, []).append(row)
    return rows
