"""Panels and queries that several dashboards have, so that they mean the same everywhere."""

from grafana_foundation_sdk.models.dashboard import DashboardLink

from dashboards import look
from dashboards.content import Column, Query, Words
from dashboards.frame import campaign_link
from dashboards.panels import Sheet
from dashboards.queries import OF_CAMPAIGNS, Scope
from exporter.glossary import term

AGENTS = (
    *(
        (status, term("agent_status", status).words["en"], color)
        for status, color in (("ready", look.BLUE), ("talk", look.PURPLE))
    ),
    ("acw", "ACW", look.AMBER),
    ("auxiliary", term("agent_status", "auxiliary").words["en"], look.GREY),
)
"""What agents who are logged in do: the status, its English name and its colour."""

NO_RESULTS = "Off (apis.campaign_results), no calls yet today, or no data"


def monitoring(
    sheet: Sheet, scope: Scope, panel_id: int, size: tuple[int, int], *, linked: bool = True
) -> None:
    """Add the tile that says whether the figures can be trusted; linked: it leads to the dashboard Exporter."""
    sheet.stat(
        panel_id,
        Words(
            "Monitoring",
            "Whether you can trust the figures on this screen. Live: every API answers. Polls failing: "
            "the last poll of an API failed, and its last good figures are still shown. Figures are old: "
            "no good answer about the campaigns for three poll intervals. Exporter silent: Prometheus "
            "cannot reach the exporter, or does not know it: see whether it runs, and whether Prometheus has a scrape "
            "job for it whose name contains wolkvox (docs/prometheus.md). Partly silent: it reaches only some of "
            "several exporters.",
            "No data",
        ),
        size,
        Query(_polling(scope)),
        states=(*look.POLLING, look.WAITING),
        link=_exporter_link(sheet) if linked else None,
    )


def _exporter_link(sheet: Sheet) -> DashboardLink:
    return DashboardLink(
        title=sheet.say("Open the dashboard Exporter"),
        url=f"/d/wolkvox-exporter{sheet.say.suffix}?${{datasource:queryparam}}&${{__url_time_range}}",
    )


def _polling(scope: Scope) -> str:
    """Return how far the figures can be trusted: one of the values of `look.POLLING`, or `look.WAITING`.

    No target at all is a silent exporter. No sample is no answer of Prometheus.
    """
    polls = scope.each("wolkvox_up", by=("operation", "api"))
    scrapes = scope.select("up")
    return (
        f"(max({scrapes}) == 0) + 4 or max(absent({scrapes})) * 4"
        f" or count({scope.old()}) * 0 + 3"
        f" or (min({scrapes}) == 0) + 5"
        f" or count({polls} == 0) * 0 + 2"
        f" or count({scope.waiting()}) * 0 + 6"
        f" or count({polls} == 1) * 0 + 1"
        f" or max({scrapes}) * 0 + 6"
    )


def age(sheet: Sheet, scope: Scope, panel_id: int, size: tuple[int, int]) -> None:
    """Add the tile of the age of the oldest figures of campaigns."""
    sheet.stat(
        panel_id,
        Words(
            "Data age",
            "Minutes since the oldest live figures of campaigns came from wolkvox. Up to 6 minutes is normal: "
            "the exporter polls wolkvox every 5 minutes, and Prometheus scrapes the exporter every minute.",
            "Unknown",
        ),
        size,
        Query(f"max({scope.age(OF_CAMPAIGNS)}) / 60"),
        unit=look.MINUTES,
        decimals=0,
    )


def results_shares(scope: Scope) -> tuple[Query, ...]:
    """Return the shares of the results that a floor looks at."""
    return (
        Query(scope.share("answer"), "Contacts", look.BLUE),
        Query(scope.share("answer_machine"), "Machines", look.AMBER),
        Query(scope.share("busy_congestion_failed"), "Busy or failed", look.RED),
    )


def agents(sheet: Sheet, scope: Scope, panel_id: int, size: tuple[int, int]) -> None:
    """Add the tile of what the agents do."""
    sheet.stat(
        panel_id,
        Words(
            "Agents of the operation",
            "How many agents are ready for a call, talking, in after-call work (ACW) and in auxiliary, and how "
            "many are logged in, whatever they do. Of the whole operation: wolkvox does not say which skills "
            "an agent has. Needs apis.agents, which is off by default.",
            "Off or no data (apis.agents)",
        ),
        size,
        *(Query(scope.agents(f'status="{status}"'), title) for status, title, _ in AGENTS),
        Query(scope.agents('status!="logout"'), "Logged in"),
    )


_ALERT = ("alertname", "operation", "campaign_id", "campaign")
"""What tells alerts apart: one that is raised as a warning and as critical, or for several APIs, is one."""


def _by_rank(scope: Scope) -> str:
    """Return the alerts that fire, each once, with the rank of its highest severity."""
    critical, warnings = (scope.alerts(f'severity="{severity}"') for severity in ("critical", "warning"))
    return f"max by ({', '.join(_ALERT)}) ({critical} * 3 or {warnings} * 2 or {scope.alerts()})"


def alert_counts(sheet: Sheet, scope: Scope, panel_id: int, size: tuple[int, int]) -> None:
    """Add the tile of how many critical alerts and warnings fire."""
    # No sample where the rules, whose watchdog always fires, are not loaded.
    none = 'count(ALERTS{alertname="WolkvoxWatchdog"}) * 0'
    sheet.stat(
        panel_id,
        Words(
            "Alerts",
            "Critical alerts and warnings that are firing now, for the chosen operations. One that is both counts "
            "as critical.",
            "No alert rules",
        ),
        size,
        *(
            Query(f"count({_by_rank(scope)} == {rank}) or {none}", name, color)
            for rank, name, color in reversed(look.SEVERITIES[1:])
        ),
        alarms=True,
        rows=True,
    )


def alerts(
    sheet: Sheet,
    scope: Scope,
    panel_id: int,
    size: tuple[int, int],
) -> None:
    """Add the table of the alerts that fire, the most urgent first."""
    since = f"min by ({', '.join(_ALERT)}) ({scope.alerts_since()}) * 1000"
    sheet.table(
        panel_id,
        Words(
            "Firing alerts",
            "Alerts of the exporter's rules that are firing now, for the chosen operations, the most urgent first, and "
            "since when what they are about is so (day/month and time). The campaign leads to its own dashboard.",
            "No alert is firing, or the rules are not loaded",
        ),
        size,
        {"rank": _named(scope, _by_rank(scope)), "since": _named(scope, since)},
        [
            Column("Value #rank", "Severity", words=look.SEVERITIES, width=105),
            Column("alertname", "Alert", words=look.ALERTS, plain=True, width=290),
            Column("campaign", "Campaign", link=campaign_link(sheet.say)),
            Column("operation", "Operation", width=135),
            Column("Value #since", "Since", unit=look.CLOCK, width=105),
            Column("campaign_id", "ID", width=60),
        ],
        sort="Severity",
        only="rank",
    )


def _named(scope: Scope, alerts: str) -> str:
    """Return figures of alerts, those about a campaign with its name, which they have no label for."""
    campaigns = scope.each(
        "wolkvox_campaign_state", 'campaign_id!=""', by=("operation", "campaign_id", "campaign")
    )
    name = f"topk by (operation, campaign_id) (1, {campaigns})"
    return (
        f"({alerts}) * on (operation, campaign_id) group_left (campaign) {name}"
        f" or on (alertname, operation, campaign_id) ({alerts})"
    )
