"""Exporter: is the monitoring itself well? For those who run it."""

from dashboards import look
from dashboards.content import Column, Query, Words
from dashboards.floor import SCOPE
from dashboards.frame import INSTANCE, JOB, OPERATION, Plan
from dashboards.panels import Sheet
from dashboards.parts import alerts, monitoring
from dashboards.queries import Scope, ratio, total

_BY = ("operation", "api")
_NAME = "{{operation}} {{api}}"
_LIMIT_OF_A_CALL = 60
"""Seconds after which wolkvox ends a call."""


def build(sheet: Sheet, scope: Scope) -> None:
    """Add the panels."""
    _process(sheet, scope)
    _polls(sheet, scope)
    _failures(sheet, scope)
    _quota(sheet, scope)
    _size(sheet, scope)


def _process(sheet: Sheet, scope: Scope) -> None:
    sheet.row(1, "The exporter")
    monitoring(sheet, scope, 11, (4, 4))
    sheet.stat(
        12,
        Words(
            "Scrapes",
            "Whether Prometheus reaches the exporter; the worst of the chosen ones.",
            "Nothing heard",
        ),
        (4, 4),
        Query(f"min({scope.select('up')})"),
        states=look.UP,
    )
    sheet.stat(
        13,
        Words(
            "Configuration",
            "Whether the last reload of the configuration worked. Failed: the one before is still in use, and "
            "the log says why.",
            "Unknown",
        ),
        (3, 4),
        Query(f"min({scope.select('wolkvox_exporter_config_last_reload_successful')})"),
        states=look.RELOAD,
    )
    sheet.stat(
        17,
        Words(
            "State store",
            "Whether the store that outlives a restart can be used. From memory: figures and counts are still "
            "right, but are lost with the process.",
            "Unknown",
        ),
        (3, 4),
        Query(f"min({scope.select('wolkvox_exporter_state_up')})"),
        states=look.STORE,
    )
    sheet.stat(
        14,
        Words("Version", "The version of the running exporter.", "Unknown"),
        (3, 4),
        Query(f"group by (version) ({scope.select('wolkvox_exporter_build_info')})"),
        label="version",
    )
    sheet.stat(
        15,
        Words(
            "Samples a scrape", "Samples that the last scrape brought, of all chosen exporters.", "Unknown"
        ),
        (4, 4),
        Query(total(scope.select("scrape_samples_scraped"))),
        unit=look.LOCAL,
    )
    sheet.stat(
        16,
        Words(
            "Quota used", "The largest share of the day's calls that an operation has used.", "No limit known"
        ),
        (3, 4),
        Query(f"max({_quota_share(scope)})"),
        unit=look.SHARE,
        decimals=0,
        steps=look.thresholds(look.NONE, (0.8, look.AMBER), (0.95, look.RED)),
    )


def _quota_share(scope: Scope) -> str:
    used, limit = (
        scope.each(f"wolkvox_quota_{what}_requests", by=("operation",)) for what in ("used", "limit")
    )
    return ratio(used, limit)


def _polls(sheet: Sheet, scope: Scope) -> None:
    sheet.row(2, "Polls of wolkvox")
    sheet.timeline(
        21,
        Words(
            "Polls",
            "Whether the last poll of each API worked. A gap means that nobody asked: before the first "
            "poll, or while the exporter is silent.",
        ),
        (12, 9),
        Query(scope.each("wolkvox_up", by=_BY), _NAME),
        states=look.UP,
        rows=0,
    )
    interval = scope.each("wolkvox_poll_interval_seconds", by=_BY)
    sheet.series(
        22,
        Words(
            "Age in poll intervals",
            "Age of each API's figures, counted in intervals of its polling: up to about 1 is normal, from 3 "
            "on they are dropped unless max_age says otherwise.",
        ),
        (12, 9),
        Query(f"({scope.age()}) / {interval}", _NAME),
        unit=look.COUNT,
        decimals=1,
        many=True,
        limit=3,
    )
    sheet.series(
        23,
        Words(
            "Duration of the polls",
            "Seconds that each API's last poll took. wolkvox ends a call after 60 s.",
        ),
        (12, 9),
        Query(scope.each("wolkvox_poll_duration_seconds", by=_BY), _NAME),
        unit=look.SECONDS,
        many=True,
        limit=_LIMIT_OF_A_CALL,
    )
    sheet.series(
        24,
        Words("Rows of the answers", "Rows of each API's last good answer. wolkvox gives 60,000 at most."),
        (12, 9),
        Query(scope.each("wolkvox_response_rows", by=_BY), _NAME),
        unit=look.LOCAL,
        many=True,
    )


def _grown(scope: Scope, family: str, *by: str, window: str = "1h") -> str:
    return f"{total(f'increase({scope.select(family)}[{window}])', by)} > 0"


def _failures(sheet: Sheet, scope: Scope) -> None:
    sheet.row(3, "What went wrong")
    _by_reason(
        sheet,
        scope,
        31,
        Words(
            "Failed calls by cause",
            "Calls of the hour before that brought no usable answer. auth: the token; quota: the day's calls; "
            "connection: often the allow-list of addresses at wolkvox.",
            "No failed call was seen",
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
            "Polls of the hour before that were left out. quota: the day's budget is used; overlap: the poll "
            "before took too long; lease: another replica has polled, which is as it should be.",
            "No skipped poll was seen",
        ),
        "wolkvox_polls_skipped_total",
        "reason",
    )
    sheet.table(
        33,
        Words(
            "Unreadable values",
            "Values that were present but could not be read, in the chosen time. They have no sample; the log has "
            "an example of each. wolkvox may have changed its format.",
            "No unreadable value was seen",
        ),
        (12, 7),
        {
            "values": _grown(
                scope, "wolkvox_field_errors_total", "operation", "api", "field", window="$__range"
            )
        },
        [
            Column("operation", "Operation"),
            Column("api", "API"),
            Column("field", "Field"),
            Column("Value", "Values", unit=look.LOCAL, decimals=0),
        ],
        sort="Values",
    )
    sheet.table(
        34,
        Words(
            "Rows not used",
            "Rows of answers that were not used, in the chosen time. duplicate: the same campaign twice; shape: no "
            "campaign in it; limit: more campaigns than campaigns.limit.",
            "No unused row was seen",
        ),
        (12, 7),
        {
            "rows": _grown(
                scope, "wolkvox_rows_discarded_total", "operation", "api", "reason", window="$__range"
            )
        },
        [
            Column("operation", "Operation"),
            Column("api", "API"),
            Column("reason", "Reason"),
            Column("Value", "Rows", unit=look.LOCAL, decimals=0),
        ],
        sort="Rows",
    )


def _by_reason(sheet: Sheet, scope: Scope, number: int, words: Words, counter: str, reason: str) -> None:  # noqa: PLR0913, PLR0917 - what sets two panels apart
    sheet.series(
        number,
        words,
        (12, 8),
        Query(_grown(scope, counter, "operation", reason), f"{{{{operation}}}} {{{{{reason}}}}}"),
        unit=look.LOCAL,
        decimals=0,
        stacked=True,
        many=True,
    )


def _quota(sheet: Sheet, scope: Scope) -> None:
    sheet.row(4, "The day's calls")
    used = scope.each("wolkvox_quota_used_requests", by=("operation",))
    limit = scope.each("wolkvox_quota_limit_requests", by=("operation",))
    sheet.series(
        41,
        Words(
            "Share of the quota",
            "Calls of the operation's day, of all of its tokens, as a share of what wolkvox allows. It begins anew "
            "at the operation's midnight.",
            "No limit known",
        ),
        (12, 8),
        Query(_quota_share(scope), "{{operation}}"),
        unit=look.SHARE,
        limit=1,
    )
    pace = f"max by (operation) (deriv({scope.select('wolkvox_quota_used_requests')}[1h]) >= 0) * 86400"
    requests = scope.select("wolkvox_requests_total")
    own = f"sum by (operation) (rate({requests}[1h])) * 86400"
    sheet.table(
        42,
        Words(
            "Quota by operation",
            "Calls used today and allowed, and what a whole day costs at the pace of the last hour: of everybody "
            "(as far as wolkvox tells) and of this exporter alone.",
            "No figures",
        ),
        (12, 8),
        {"used": used, "limit": limit, "share": _quota_share(scope), "pace": pace, "own": own},
        [
            Column("operation", "Operation"),
            Column("Value #used", "Used today", unit=look.LOCAL, width=105),
            Column("Value #limit", "Allowed", unit=look.LOCAL, width=105),
            Column("Value #share", "Share", unit=look.SHARE, decimals=1, width=105),
            Column("Value #pace", "A day at this pace", unit=look.LOCAL, decimals=0, width=150),
            Column("Value #own", "Of this exporter", unit=look.LOCAL, decimals=0, width=150),
        ],
        sort="Share",
    )


def _size(sheet: Sheet, scope: Scope) -> None:
    sheet.row(5, "Size and alerts")
    sheet.series(
        51,
        Words("Campaigns published", "Campaigns with samples, by operation. Each has 20 to 30 series."),
        (8, 7),
        Query(
            total(f"count by (operation) ({scope.each('wolkvox_campaign_running')})", ("operation",)),
            "{{operation}}",
        ),
        unit=look.LOCAL,
    )
    sheet.series(
        52,
        Words("Memory", "Resident memory of the exporter's process."),
        (8, 7),
        Query(scope.select("process_resident_memory_bytes"), "{{instance}}"),
        unit=look.BYTES,
    )
    sheet.series(
        53,
        Words("Duration of the scrapes", "Seconds that Prometheus' scrapes of the exporter took."),
        (8, 7),
        Query(scope.select("scrape_duration_seconds"), "{{instance}}"),
        unit=look.SECONDS,
    )
    alerts(sheet, 54, (14, 7))
    sheet.note(
        55,
        Words("About this dashboard", "What the dashboard is for and how to read it."),
        (10, 7),
        "For those who run the exporter of wolkvox. **Monitoring** and **Polls** tell whether the other dashboards "
        "can be trusted.\n\n"
        "Each operation may make `licences x 1000` calls a day, shared with everybody else's scripts. A poll is one "
        "call; machine codes cost one for each campaign.",
    )


PLAN = Plan(
    uid="wolkvox-exporter",
    title="wolkvox / Exporter",
    description="Is the monitoring itself well? Polls, ages, failures, quota. For those who run it.",
    scope=SCOPE,
    variables=(JOB, INSTANCE, OPERATION),
    build=build,
    time_from="now-24h",
)
