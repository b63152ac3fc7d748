"""Exporter: is the monitoring itself well? For those who run it."""

from dashboards import look
from dashboards.content import Column, Query, Words
from dashboards.floor import SCOPE
from dashboards.frame import INSTANCE, JOB, OPERATION, Plan
from dashboards.panels import Sheet
from dashboards.parts import alerts, monitoring
from dashboards.queries import OPERATION_ALONE, Scope, ratio, total

_BY = ("operation", "api")

CAUSES: look.Words = (
    ("auth", "Token refused", look.NONE),
    ("quota", "Calls of the day used up", look.NONE),
    ("concurrency", "Token in use by others", look.NONE),
    ("forbidden", "Refused by wolkvox", look.NONE),
    ("timeout", "Took over 60 seconds", look.NONE),
    ("connection", "No connection", look.NONE),
    ("tls", "TLS failed", look.NONE),
    ("http_status", "HTTP error", look.NONE),
    ("redirect", "Redirect refused", look.NONE),
    ("too_large", "Answer too large", look.NONE),
    ("decode", "Answer unreadable", look.NONE),
    ("shape", "Answer of another form", look.NONE),
)
"""Why calls fail, by the values of the label `cause`."""

DISCARDED: look.Words = (
    ("duplicate", "the same thing twice", look.NONE),
    ("shape", "no campaign in the row", look.NONE),
    ("limit", "over campaigns.limit", look.NONE),
)
"""Why rows are discarded, by the values of the label `reason`."""


def build(sheet: Sheet, scope: Scope) -> None:
    """Add the panels."""
    _process(sheet, scope)
    _polls(sheet, scope)
    _failures(sheet, scope)
    _quota(sheet, scope)
    _size(sheet, scope)


def _process(sheet: Sheet, scope: Scope) -> None:
    sheet.row(1, "The exporter")
    monitoring(sheet, scope, 11, (4, 4), linked=False)
    sheet.stat(
        12,
        Words(
            "Scrapes",
            "Whether Prometheus reaches the exporter; the worst of the chosen exporters.",
            "No scrape job",
        ),
        (5, 4),
        Query(f"min({scope.select('up')})"),
        states=look.UP,
    )
    sheet.stat(
        13,
        Words(
            "Configuration",
            "Whether the last reload of the configuration worked. Failed: the previous configuration is "
            "still in use, and the log says why.",
            "Unknown",
        ),
        (4, 4),
        Query(f"min({scope.select('wolkvox_exporter_config_last_reload_successful')})"),
        states=look.RELOAD,
    )
    sheet.stat(
        17,
        Words(
            "State store",
            "Whether the exporter can use the store that survives a restart. From memory: figures and "
            "counts are still right, but a restart loses them.",
            "Unknown",
        ),
        (4, 4),
        Query(f"min({scope.select('wolkvox_exporter_state_up')})"),
        states=look.STORE,
    )
    sheet.stat(
        16,
        Words(
            "Budget used",
            "The largest share of its budget that any operation has used today. The budget is how many calls the "
            "exporter lets the operation come to before it stops itself.",
            "No limit known",
        ),
        (4, 4),
        Query(f"max({_budget_share(scope)})"),
        unit=look.SHARE,
        decimals=0,
        steps=_BUDGET_STEPS,
    )
    sheet.stat(
        14,
        Words("Version", "The version of the running exporter.", "Unknown"),
        (3, 4),
        Query(f"group by (version) ({scope.select('wolkvox_exporter_build_info')})"),
        label="version",
    )


_BUDGET_STEPS = look.thresholds(look.NONE, (0.8, look.WARNING), (1, look.CRITICAL))


def _budget_share(scope: Scope) -> str:
    used, budget = (
        scope.each(f"wolkvox_quota_{what}_requests", by=OPERATION_ALONE) for what in ("used", "budget")
    )
    return ratio(used, budget)


def _polls(sheet: Sheet, scope: Scope) -> None:
    sheet.row(2, "Polls of wolkvox")
    interval = scope.each("wolkvox_poll_interval_seconds", by=_BY)
    attempt = scope.each("wolkvox_last_attempt_timestamp_seconds", by=_BY)
    sheet.table(
        21,
        Words(
            "APIs",
            "Each API of each operation, those first that fail: whether the last poll worked, and if not why; how old "
            "its figures are, also counted in poll intervals (from 3 on the exporter drops them, unless max_age says "
            "otherwise); how often it is polled and when next (day/month and time); how long the last poll took, of "
            "the 60 seconds that wolkvox allows; the rows of its last good answer, of 60,000 at most.",
            "Nothing heard of any API. Does the exporter run, and does Prometheus scrape it? See docs/prometheus.md",
        ),
        (24, 10),
        {
            "works": scope.each("wolkvox_up", by=_BY),
            "cause": _cause(scope),
            "age": f"({scope.age()}) / 60",
            "intervals": f"({scope.age()}) / {interval}",
            "every": f"{interval} / 60",
            "next": f"({attempt} + {interval}) * 1000",
            "took": scope.each("wolkvox_poll_duration_seconds", by=_BY),
            "rows": scope.each("wolkvox_response_rows", by=_BY),
        },
        [
            Column("Value #works", "Last poll", words=look.UP, width=150),
            Column("operation", "Operation"),
            Column("api", "API", words=look.API_TITLES, plain=True),
            Column("cause", "Cause", words=CAUSES, plain=True, width=190),
            Column("Value #age", "Data age", unit=look.MINUTES, width=115, decimals=0),
            Column(
                "Value #intervals",
                "In intervals",
                width=120,
                decimals=1,
                steps=look.thresholds(look.NONE, (2, look.WARNING), (3, look.CRITICAL)),
            ),
            Column("Value #every", "Every", unit=look.MINUTES, width=100, decimals=0),
            Column("Value #next", "Next poll", unit=look.CLOCK, width=135),
            Column(
                "Value #took",
                "Took",
                unit=look.IN_SECONDS,
                width=90,
                decimals=1,
                steps=look.thresholds(look.NONE, (30, look.WARNING), (60, look.CRITICAL)),
            ),
            Column("Value #rows", "Rows", unit=look.LOCAL, width=85),
        ],
        sort="Last poll",
        descending=False,
        only="works",
    )


def _cause(scope: Scope) -> str:
    """Return the commonest cause of the last hour, or else day, of the APIs whose last poll failed."""
    by = (*_BY, "cause")
    hour, day = (
        f"topk by ({', '.join(_BY)}) (1, {_grown(scope, 'wolkvox_request_failures_total', *by, window=window)})"
        for window in ("1h", "1d")
    )
    failing = f"{scope.each('wolkvox_up', by=_BY)} == 0"
    return f"({hour} or on ({', '.join(_BY)}) {day}) and on ({', '.join(_BY)}) ({failing})"


def _grown(scope: Scope, family: str, *by: str, window: str = "1h") -> str:
    return f"{total(f'increase({scope.select(family)}[{window}])', by)} > 0"


def _failures(sheet: Sheet, scope: Scope) -> None:
    sheet.row(3, "What went wrong")
    polls = scope.each("wolkvox_up", by=_BY)
    worst = f"min by ({', '.join(_BY)}) (min_over_time({scope.select('wolkvox_up')}[$__range] @ end()))"
    sheet.timeline(
        35,
        Words(
            "APIs that failed",
            "The APIs with a failed poll in the time shown, and whether each last poll worked. A gap means that "
            "there was no poll: before the first one, or while the exporter is silent.",
            "No failed polls seen",
        ),
        (12, 6),
        Query(f"{polls} and {worst} == 0", "{{operation}} {{api}}"),
        states=look.UP,
        rows=8,
    )
    _by_reason(
        sheet,
        scope,
        31,
        Words(
            "Failed calls by cause",
            "Calls in the previous hour that brought no usable answer. auth: the token; quota: the day's "
            "calls; connection: often the allow-list of addresses at wolkvox.",
            "No failed calls seen",
        ),
        "wolkvox_request_failures_total",
        "cause",
    )
    _by_reason(
        sheet,
        scope,
        32,
        Words(
            "Skipped polls by reason",
            "Polls in the previous hour that were skipped. quota: the day's budget is used up; overlap: "
            "the previous poll took too long; lease: another replica polled, which is normal.",
            "No skipped polls seen",
        ),
        "wolkvox_polls_skipped_total",
        "reason",
    )
    sheet.table(
        33,
        Words(
            "Unreadable values and discarded rows",
            "Of the answers in the chosen time range: values that were present but could not be read, by field (they "
            "have no sample, and wolkvox may have changed its format), and rows that were discarded, by reason. The "
            "log has an example of each.",
            "No unreadable values or discarded rows seen",
        ),
        (12, 6),
        {
            name: _grown(scope, family, *_BY, label, window="$__range")
            for name, family, label in (
                ("values", "wolkvox_field_errors_total", "field"),
                ("rows", "wolkvox_rows_discarded_total", "reason"),
            )
        },
        [
            Column("operation", "Operation"),
            Column("api", "API", words=look.API_TITLES, plain=True),
            Column("field", "Field"),
            Column("Value #values", "Values", unit=look.LOCAL, decimals=0, width=85),
            Column("reason", "Reason", words=DISCARDED, plain=True),
            Column("Value #rows", "Rows", unit=look.LOCAL, decimals=0, width=85),
        ],
        sort="Values",
    )


def _by_reason(sheet: Sheet, scope: Scope, number: int, words: Words, counter: str, reason: str) -> None:  # noqa: PLR0913, PLR0917 - what sets two panels apart
    sheet.series(
        number,
        words,
        (12, 6),
        Query(_grown(scope, counter, "operation", reason), f"{{{{operation}}}} {{{{{reason}}}}}"),
        unit=look.LOCAL,
        decimals=0,
        stacked=True,
        many=True,
    )


def _quota(sheet: Sheet, scope: Scope) -> None:
    sheet.row(4, "Calls today")
    used, budget, limit = (
        scope.each(f"wolkvox_quota_{what}_requests", by=OPERATION_ALONE)
        for what in ("used", "budget", "limit")
    )
    pace = f"max by (operation) (deriv({scope.select('wolkvox_quota_used_requests')}[1h]) >= 0) * 86400"
    requests = scope.select("wolkvox_requests_total")
    own = f"sum by (operation) (rate({requests}[1h])) * 86400"
    sheet.table(
        42,
        Words(
            "Budget by operation",
            "Calls used today; the budget, at which the exporter stops itself; what wolkvox allows; and how many a "
            "whole day takes at the pace of the last hour: by everybody (as far as wolkvox reports) and by this "
            "exporter alone.",
        ),
        (14, 8),
        {
            "used": used,
            "budget": budget,
            "share": _budget_share(scope),
            "limit": limit,
            "pace": pace,
            "own": own,
        },
        [
            Column("operation", "Operation"),
            Column("Value #used", "Used today", unit=look.LOCAL, width=105),
            Column("Value #budget", "Budget", unit=look.LOCAL, width=115),
            Column(
                "Value #share",
                "Of the budget",
                unit=look.SHARE,
                decimals=1,
                width=135,
                steps=_BUDGET_STEPS,
            ),
            Column("Value #limit", "Allowed", unit=look.LOCAL, width=105),
            Column("Value #pace", "Per day at this pace", unit=look.LOCAL, decimals=0, width=155),
            Column("Value #own", "By this exporter", unit=look.LOCAL, decimals=0, width=155),
        ],
        sort="Of the budget",
    )
    sheet.series(
        41,
        Words(
            "Share of the budget used",
            "Calls that all of the operation's tokens have made today, as a share of the budget, at which the "
            "exporter stops itself. The count starts again at the operation's midnight.",
            "No limit known",
        ),
        (10, 8),
        Query(_budget_share(scope), "{{operation}}"),
        unit=look.SHARE,
        limit=1,
    )


def _size(sheet: Sheet, scope: Scope) -> None:
    sheet.row(5, "Size and alerts")
    sheet.series(
        51,
        Words("Campaigns published", "Campaigns with samples, by operation. Each has 40 to 70 series."),
        (6, 7),
        Query(
            total(scope.each("wolkvox_campaign_state"), ("operation",)),
            "{{operation}}",
        ),
        unit=look.LOCAL,
    )
    sheet.series(
        15,
        Words("Samples per scrape", "Samples that each scrape of the exporter brought."),
        (6, 7),
        Query(scope.select("scrape_samples_scraped"), "{{instance}}"),
        unit=look.LOCAL,
    )
    sheet.series(
        52,
        Words("Memory", "Resident memory of the exporter's process."),
        (6, 7),
        Query(scope.select("process_resident_memory_bytes"), "{{instance}}"),
        unit=look.BYTES,
    )
    sheet.series(
        53,
        Words("Scrape duration", "Seconds that Prometheus's scrapes of the exporter took."),
        (6, 7),
        Query(scope.select("scrape_duration_seconds"), "{{instance}}"),
        unit=look.SECONDS,
    )
    alerts(sheet, scope, 54, (14, 7))
    sheet.note(
        55,
        Words("About this dashboard", "What the dashboard is for and how to read it."),
        (10, 7),
        "For those who run the wolkvox exporter. **Monitoring** and **APIs** show whether you can "
        "trust the other dashboards.\n\nEach operation may make `licences x 1000` calls per day, "
        "shared with everybody else's scripts; the exporter stops at its budget. A poll is one call; machine codes "
        "and results cost one call for each campaign that dialled today.",
    )


PLAN = Plan(
    uid="wolkvox-exporter",
    title="wolkvox / Exporter",
    description="Is the monitoring itself working? Polls, failures, budget. For those who run it.",
    scope=SCOPE,
    variables=(JOB, INSTANCE, OPERATION),
    build=build,
    time_from="now-24h",
)
