"""The status of everything at one time, as shown by the page and by JSON.

Its field names are those of /status.json. Times are Unix time in seconds, durations and ages in seconds,
ratios are 1 for 100 %; None is "not known", never 0.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from exporter.judgement import CampaignState, Finding, Reason
from exporter.status.condition import OperationCondition, PollCondition
from exporter.status.query import Query


@dataclass(frozen=True, slots=True)
class Poll:
    """How one poll ended; `unreadable` counts values that could not be read, by the vendor's field."""

    at: float
    worked: bool
    duration: float | None
    http_status: int | None
    cause: str
    rows: int | None
    unreadable: Mapping[str, int] | None
    by_other_process: bool


@dataclass(frozen=True, slots=True)
class ApiStatus:
    """The polling of one API.

    `age` is that of the last good answer; `withdrawn` is whether it is too old to be shown. `next_poll` is in
    how many seconds the next one is due, 0 while it waits for its turn or is under way, and None while it is
    paused. `cause` is why the last poll failed, "" when it succeeded. `polls` are the last ones, the newest
    first.
    """

    api: str
    condition: PollCondition
    interval: float
    max_age: float
    last_success: float | None
    age: float | None
    withdrawn: bool
    next_poll: float | None
    duration: float | None
    rows: int | None
    cause: str
    polls: tuple[Poll, ...]


@dataclass(frozen=True, slots=True)
class Quota:
    """Calls of an operation today; `budget` is how many of them the exporter may make.

    `own` are the exporter's calls among those `used`. `spent` is whether no more calls are made today,
    `refused` whether that is because wolkvox says so; `ends` is when the day ends.
    """

    used: float
    own: int
    limit: float | None
    budget: float | None
    spent: bool
    refused: bool
    ends: float


@dataclass(frozen=True, slots=True)
class OperationHistory:
    """The kept answers, the oldest first: when they arrived, and the sum over all campaigns.

    `interval` is the time from one to the next when none is missing.
    """

    interval: float
    at: tuple[float, ...]
    calls_per_minute: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class OperationStatus:
    """One operation; `campaigns` counts those whose figures are shown, by state in `states`.

    `answered` is whether its campaigns are known, `age` that of the oldest list they are from, and `late`
    whether one of these is older than two intervals. `running` and `running_unknown` are as in `Summary`.

    `agents` are counts by status, `findings` what should be put right, `queued_calls` those of all skills;
    `abandonment_ratio` is the share of today's live answers that were abandoned, `abandonment_limit` how much
    of them may be, None where they are not polled. What is from no list of campaigns has its own age.
    """

    name: str
    timezone: str
    condition: OperationCondition
    answered: bool
    age: float | None
    late: bool
    campaigns: int
    running: int
    running_unknown: int
    states: Mapping[CampaignState, int]
    calls_per_minute: float | None
    agents: Mapping[str, float] | None
    agents_age: float | None
    queued_calls: float | None
    queued_calls_age: float | None
    abandonment_ratio: float | None
    abandonment_age: float | None
    abandonment_limit: float | None
    findings: tuple[Finding, ...]
    quota: Quota | None
    apis: tuple[ApiStatus, ...]
    history: OperationHistory


@dataclass(frozen=True, slots=True)
class CampaignHistory:
    """The figures of a campaign in the kept answers, one for each of the times `at`."""

    interval: float
    at: tuple[float, ...]
    running: tuple[bool | None, ...]
    records_left: tuple[float | None, ...]
    calls_per_minute: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class CampaignStatus:
    """One campaign.

    It is in its `state` since a Unix time, and answers confirm that for `confirmed` seconds; `reason` is why
    it makes no calls although it should, `why` also why it need not. `stopped_by_hand` is when somebody
    stopped it, if that is why, and `stopped_by` who, where that is told. `abandonment_ratio` is the share of
    today's live answers that were abandoned, `abandonment_age` the age of that report, `abandonment_limit`
    the limit of its operation. `expected` and `permitted` are what its schedule says; `timezone` is that of
    its operation; `history` is None when it is not kept.
    """

    operation: str
    timezone: str
    campaign_id: str
    name: str
    skill_id: str
    type: str
    state: CampaignState
    since: float
    confirmed: float
    reason: Reason | None
    why: Reason | None
    stopped_by_hand: float | None
    stopped_by: str
    running: bool | None
    expected: bool | None
    permitted: bool | None
    records: float | None
    records_left: float | None
    penetration_day_ratio: float | None
    penetration_now_ratio: float | None
    contact_ratio: float | None
    hits: float | None
    hit_ratio: float | None
    calls_per_minute: float | None
    abandonment_ratio: float | None
    abandonment_age: float | None
    abandonment_limit: float | None
    history: CampaignHistory | None


Urgent = CampaignState | OperationCondition | Finding
"""What can need somebody."""


@dataclass(frozen=True, slots=True)
class AttentionEntry:
    """A campaign that needs somebody, or an operation as a whole: then `campaign` and its id are "".

    `since` is None where nobody keeps it. `why` is why a campaign does not dial, `stopped_by_hand` and
    `stopped_by` as in `CampaignStatus`; `apis` are those of the operation that are in trouble, each with the
    cause of its last failure, "late", "paused" or "unreadable"; `quota` is told where it is spent.
    """

    operation: str
    timezone: str
    campaign_id: str
    campaign: str
    since: float | None
    why: Reason | None
    stopped_by_hand: float | None
    stopped_by: str
    records_left: float | None
    apis: Mapping[str, str]
    quota: Quota | None


@dataclass(frozen=True, slots=True)
class AttentionGroup:
    """All that needs somebody for the same thing: a `state`, a `condition` or a `finding`, as `kind` says.

    `total` counts them, `entries` are the first; `runbook` is the name of the alert whose runbook says more.
    """

    kind: str
    what: Urgent
    total: int
    runbook: str
    entries: tuple[AttentionEntry, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """Over all operations, or over the one that was asked for.

    `running` counts the campaigns that are started, `running_unknown` those of which that is not known,
    `findings` the operations that have each of them;
    `answered` counts the operations whose campaigns are known, `calls_known` those whose calls are;
    `oldest` is the age of the oldest list of campaigns that is shown, `late` whether one of them is older
    than two intervals. What other APIs tell has an age of its own.
    """

    operations: int
    operation_conditions: Mapping[OperationCondition, int]
    campaigns: int
    states: Mapping[CampaignState, int]
    running: int
    running_unknown: int
    findings: Mapping[Finding, int]
    answered: int
    calls_known: int
    calls_per_minute: float | None
    oldest: float | None
    late: bool


@dataclass(frozen=True, slots=True)
class Paging:
    """Which page of how many, and how many entries there are on all of them."""

    page: int
    pages: int
    per_page: int
    total: int


@dataclass(frozen=True, slots=True)
class Status:
    """The whole status; `names` are all operations, `zone` is that of times that belong to no operation."""

    at: float
    version: str
    zone: str
    query: Query
    names: tuple[str, ...] = field(repr=False)
    summary: Summary
    attention: tuple[AttentionGroup, ...]
    operations: tuple[OperationStatus, ...]
    operations_paging: Paging
    campaigns: tuple[CampaignStatus, ...]
    campaigns_paging: Paging
