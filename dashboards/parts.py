"""Panels and queries that several dashboards have, so that they mean the same everywhere."""

from dashboards import look
from dashboards.content import Column, Query, Words
from dashboards.panels import Sheet
from dashboards.queries import Scope

AGENTS = (
    ("ready", "Ready", look.BLUE),
    ("talk", "Talking", look.SKY),
    ("acw", "ACW", look.AMBER),
    ("auxiliary", "Auxiliary", look.GREY),
)
"""What agents who are logged in do: the status, its English name and its colour."""

NO_RESULTS = "Off (apis.campaign_results), no calls yet today, or no data"

_REAL_TIME = 'api="campaigns"'


def monitoring(sheet: Sheet, scope: Scope, panel_id: int, size: tuple[int, int]) -> None:
    """Add the tile that says whether the figures can be trusted."""
    sheet.stat(
        panel_id,
        Words(
            "Monitoring",
            "Whether you can trust the figures on this screen. Live: every API answers. Polls failing: "
            "the last poll of an API failed, and its last good figures are still shown. Figures are old: "
            "no good answer about the campaigns for three poll intervals. Exporter silent: Prometheus "
            "cannot reach the exporter. Partly silent: it reaches only some of several exporters.",
            "No data",
        ),
        size,
        Query(_polling(scope)),
        states=look.POLLING,
    )


def _polling(scope: Scope) -> str:
    """Return how far the figures can be trusted: one of the values of `look.POLLING`."""
    interval = scope.each("wolkvox_poll_interval_seconds", _REAL_TIME, by=("operation", "api"))
    polls = scope.each("wolkvox_up", by=("operation", "api"))
    scrapes = scope.select("up")
    return (
        f"(max({scrapes}) == 0) + 4"
        f" or count({scope.age(_REAL_TIME)} > 3 * {interval}) * 0 + 3"
        f" or (min({scrapes}) == 0) + 5"
        f" or count({polls} == 0) * 0 + 2"
        f" or count({polls} == 1) * 0 + 1"
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
        Query(f"max({scope.age(_REAL_TIME)}) / 60"),
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


def firing_count(scope: Scope) -> str:
    """Return how many alerts fire; no sample where the rules, whose watchdog always fires, are not loaded."""
    return f'count({scope.alerts()}) or count(ALERTS{{alertname="WolkvoxWatchdog"}}) * 0'


def _named_alerts(scope: Scope) -> str:
    """Return the alerts that fire, those about a campaign with its name, which they have no label for."""
    campaigns = scope.each(
        "wolkvox_campaign_state", 'campaign_id!=""', by=("operation", "campaign_id", "campaign")
    )
    name = f"topk by (operation, campaign_id) (1, {campaigns})"
    return (
        f"{scope.alerts()} * on (operation, campaign_id) group_left (campaign) {name}"
        f" or on (alertname, severity, operation, campaign_id) {scope.alerts()}"
    )


def alerts(sheet: Sheet, scope: Scope, panel_id: int, size: tuple[int, int]) -> None:
    """Add the table of the alerts that fire."""
    sheet.table(
        panel_id,
        Words(
            "Firing alerts",
            "Alerts of the exporter's rules that are firing now, for the chosen operations.",
            "No alert is firing, or the rules are not loaded",
        ),
        size,
        {"alerts": _named_alerts(scope)},
        [
            Column("severity", "Severity", width=120),
            Column("alertname", "Alert", width=300),
            Column("operation", "Operation", width=160),
            Column("campaign_id", "ID", width=60),
            Column("campaign", "Campaign"),
        ],
        sort="Severity",
        descending=False,
    )
