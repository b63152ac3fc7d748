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
    monitoring(sheet, scope, 11, (4, 4), linked=False)
    sheet.stat(
        12,
        Words(
            "Scrapes",
            "Whether Prometheus reaches the exporter; the worst of the chosen exporters.",
            "No data",
        ),
        (4, 4),
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
        (3, 4),
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
        Words("Samples per scrape", "Samples in the last scrape of all chosen exporters.", "Unknown"),
        (4, 4),
        Query(total(scope.select("scrape_samples_scraped"))),
        unit=look.LOCAL,
    )
    sheet.stat(
        16,
        Words(
            "Quota used",
            "The largest share of the day's calls that any operation has used.",
            "No limit known",
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
    polls = scope.each("wolkvox_up", by=_BY)
    worst = f"min by ({', '.join(_BY)}) (min_over_time({scope.select('wolkvox_up')}[$__range] @ end()))"
    sheet.timeline(
        21,
        Words(
            "Polls",
            "Whether the last poll of each API worked, those first that failed in the time shown. A gap means "
            "that there was no poll: before the first one, or while the exporter is silent.",
        ),
        (12, 9),
        Query(f"{polls} and {worst} == 0", _NAME),
        Query(f"{polls} and {worst} == 1", _NAME),
        states=look.UP,
        rows=12,
    )
    interval = scope.each("wolkvox_poll_interval_seconds", by=_BY)
    sheet.series(
        22,
        Words(
            "Age in poll intervals",
            "Age of each API's figures, in poll intervals: up to about 1 is normal; from 3 on the "
            "exporter drops them, unless max_age says otherwise.",
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
            "Poll duration",
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
        Words("Rows per answer", "Rows of each API's last good answer. wolkvox gives 60,000 at most."),
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
            "Unreadable values",
            "Values that were present but could not be read, in the chosen time range. They have no "
            "sample; the log has an example of each. wolkvox may have changed its format.",
            "No unreadable values seen",
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
            "Discarded rows",
            "Rows of answers that were discarded, in the chosen time range. duplicate: the same campaign "
            "twice; shape: no campaign in the row; limit: more campaigns than campaigns.limit.",
            "No discarded rows seen",
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
    sheet.row(4, "Calls today")
    used = scope.each("wolkvox_quota_used_requests", by=("operation",))
    limit = scope.each("wolkvox_quota_limit_requests", by=("operation",))
    sheet.series(
        41,
        Words(
            "Share of the quota used",
            "Calls that all of the operation's tokens have made today, as a share of what wolkvox "
            "allows. The count starts again at the operation's midnight.",
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
            "Calls used and allowed today, and how many a whole day takes at the pace of the last hour: "
            "by everybody (as far as wolkvox reports) and by this exporter alone.",
            "No data",
        ),
        (12, 8),
        {"used": used, "limit": limit, "share": _quota_share(scope), "pace": pace, "own": own},
        [
            Column("operation", "Operation"),
            Column("Value #used", "Used today", unit=look.LOCAL, width=105),
            Column("Value #limit", "Allowed", unit=look.LOCAL, width=105),
            Column("Value #share", "Share", unit=look.SHARE, decimals=1, width=105),
            Column("Value #pace", "Per day at this pace", unit=look.LOCAL, decimals=0, width=150),
            Column("Value #own", "By this exporter", unit=look.LOCAL, decimals=0, width=150),
        ],
        sort="Share",
    )


def _size(sheet: Sheet, scope: Scope) -> None:
    sheet.row(5, "Size and alerts")
    sheet.series(
        51,
        Words("Campaigns published", "Campaigns with samples, by operation. Each has 40 to 70 series."),
        (8, 7),
        Query(
            total(scope.each("wolkvox_campaign_state"), ("operation",)),
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
        Words("Scrape duration", "Seconds that Prometheus's scrapes of the exporter took."),
        (8, 7),
        Query(scope.select("scrape_duration_seconds"), "{{instance}}"),
        unit=look.SECONDS,
    )
    alerts(sheet, scope, 54, (14, 7))
    sheet.note(
        55,
        Words("About this dashboard", "What the dashboard is for and how to read it."),
        (10, 7),
        "For those who run the wolkvox exporter. **Monitoring** and **Polls** show whether you can "
        "trust the other dashboards.\n\nEach operation may make `licences x 1000` calls per day, "
        "shared with everybody else's scripts. A poll is one call; machine codes and results cost "
        "one call for each campaign that dialled today.",
    )


PLAN = Plan(
    uid="wolkvox-exporter",
    title="wolkvox / Exporter",
    description="Is the monitoring itself working? Polls, ages, failures, quota. For those who run it.",
    scope=SCOPE,
    variables=(JOB, INSTANCE, OPERATION),
    build=build,
    time_from="now-24h",
)
