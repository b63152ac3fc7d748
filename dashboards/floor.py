"""Floor, for supervisors and the wall: is it up, is it dialling, does it reach people, what is left."""

from dashboards import look
from dashboards.content import Column, Query, Words
from dashboards.frame import INSTANCE, JOB, OPERATION, Plan, campaign_link
from dashboards.panels import Sheet
from dashboards.parts import age, alerts, firing_count, monitoring, results_shares
from dashboards.queries import CAMPAIGN, WEEK, Scope, total

SCOPE = Scope((("job", "job"), ("instance", "instance"), ("operation", "operation")))


def build(sheet: Sheet, scope: Scope) -> None:
    """Add the panels, the most urgent question first."""
    _up(sheet, scope)
    _dialling(sheet, scope)
    _reaching(sheet, scope)
    _detail(sheet, scope)


def _up(sheet: Sheet, scope: Scope) -> None:
    sheet.row(1, "Is it up, and is it dialling?")
    monitoring(sheet, scope, 11, (4, 4))
    age(sheet, scope, 12, (4, 4))
    running = scope.each("wolkvox_campaign_running")
    sheet.stat(
        13,
        Words(
            "Campaigns",
            "Campaigns that are started, and all campaigns that wolkvox lists. Started does not mean "
            "dialling.",
            "Unknown",
        ),
        (5, 4),
        Query(f"sum({running})", "Running now"),
        Query(f"count({running})", "Listed"),
    )
    sheet.stat(
        14,
        Words(
            "Stopped, should run",
            "Campaigns that are stopped although, by their schedule in config.yaml, they should be "
            "dialling now. Without schedules this is not known.",
            "Unknown",
        ),
        (4, 4),
        Query(scope.in_state(2)),
        steps=look.thresholds(look.NONE, (1, look.RED)),
    )
    sheet.stat(
        15,
        Words(
            "Running outside hours",
            "Campaigns that are started although their schedule in config.yaml does not permit dialling "
            "now (by law or contract). Without schedules this is not known.",
            "Unknown",
        ),
        (4, 4),
        Query(scope.in_state(3)),
        steps=look.thresholds(look.NONE, (1, look.PURPLE)),
    )
    sheet.stat(
        16,
        Words(
            "Alerts firing",
            "Firing alerts of the exporter's rules, for the chosen operations. They are listed at the bottom.",
            "No alert rules",
        ),
        (3, 4),
        Query(firing_count()),
        steps=look.thresholds(look.NONE, (1, look.AMBER)),
    )


def _dialling(sheet: Sheet, scope: Scope) -> None:
    sheet.timeline(
        21,
        Words(
            "State of the campaigns",
            "Running, stopped as planned, stopped although it should be running by its schedule, or "
            "running outside the permitted hours. A gap means that nothing was known. Campaigns in one "
            "of the last two states come first.",
        ),
        (14, 10),
        Query(f"({scope.state()}) and ({scope.troubled()})", "{{campaign_id}} {{campaign}}"),
        Query(f"({scope.state()}) unless ({scope.troubled()})", "{{campaign_id}} {{campaign}}"),
        states=look.STATES,
        rows=12,
    )
    calls = scope.each("wolkvox_campaign_calls_per_minute")
    before = scope.each("wolkvox_campaign_calls_per_minute", offset=WEEK)
    sheet.series(
        22,
        Words(
            "Calls per minute",
            "Calls per minute of all campaigns of an operation, as reported by wolkvox, and of all "
            "operations together at the same time a week ago.",
        ),
        (10, 10),
        Query(total(calls, ("operation",)), "{{operation}}"),
        Query(total(before), "All, a week ago", look.GREY, dashed=True),
        unit=look.PER_MINUTE,
        stacked=True,
    )


def _reaching(sheet: Sheet, scope: Scope) -> None:
    sheet.row(3, "Is it reaching people, and is the list running out?")
    sheet.stat(
        31,
        Words(
            "Results, last 30 minutes",
            "Shares of the records dialled in the last 30 minutes: answered by a person; answered by a "
            "machine; busy, congested or failed. A jump of the last one in all campaigns points to the "
            "carrier, in one campaign to its list.",
            "No data",
        ),
        (4, 8),
        *results_shares(scope),
        unit=look.SHARE,
        decimals=1,
        rows=True,
    )
    sheet.series(
        32,
        Words(
            "Contacts, machines, busy or failed",
            "Shares of the records dialled in the previous 30 minutes, for all chosen campaigns "
            "together; contacts also at the same time a week ago. A gap means that nothing was dialled.",
            "No dialling in this period, or no data",
        ),
        (11, 8),
        *results_shares(scope),
        Query(scope.share("answer", offset=WEEK), "Contacts, a week ago", look.GREY, dashed=True),
        unit=look.SHARE,
    )
    running = f"({scope.each('wolkvox_campaign_running')} == 1)"
    clean = scope.each("wolkvox_campaign_clean_records")
    soonest = f"({scope.hours_left()}) or ({clean} == 0)"
    sheet.table(
        33,
        Words(
            "Lists ending first",
            "Running campaigns by how many hours their clean records last at the pace of the last 30 "
            "minutes. 0 means that the list is used up: wolkvox leaves such a campaign started, but it "
            "dials nobody new.",
            "No list is being dialled, or no data",
        ),
        (9, 8),
        {"hours": f"bottomk(10, ({soonest}) and {running})", "clean": f"{clean} and {running}"},
        [
            Column("campaign", "Campaign"),
            Column("operation", "Operation", width=135),
            Column("Value #hours", "Hours", unit=look.HOURS, width=90, decimals=1),
            Column("Value #clean", "Clean", unit=look.LOCAL, width=85),
        ],
        sort="Hours",
        descending=False,
        only="hours",
    )


def _detail(sheet: Sheet, scope: Scope) -> None:
    sheet.row(4, "Campaigns and alerts")
    figures = {
        "calls": "wolkvox_campaign_calls_per_minute",
        "speed": "wolkvox_campaign_speed_ratio",
        "records": "wolkvox_campaign_records",
        "clean": "wolkvox_campaign_clean_records",
        "penetration": "wolkvox_campaign_penetration_day_ratio",
        "hits": "wolkvox_campaign_hits",
        "hitrate": "wolkvox_campaign_hit_ratio",
        "recycles": "wolkvox_campaign_recycles",
    }
    sheet.table(
        41,
        Words(
            "All campaigns",
            "What wolkvox reports about each campaign now. Contact rate: share of the records dialled in "
            "the last 30 minutes that a person answered. Hours: how long the list lasts at the pace of "
            "the last 30 minutes. The name leads to the campaign's own dashboard.",
            "No campaign is known",
        ),
        (24, 12),
        {
            "state": scope.state(),
            **{name: scope.each(family) for name, family in figures.items()},
            "contacts": scope.share("answer", by=CAMPAIGN),
            "hours": scope.hours_left(),
            "info": scope.each("wolkvox_campaign_info", by=(*CAMPAIGN, "dial_mode")),
            "used": f"{scope.each('wolkvox_campaign_last_use_timestamp_seconds')} * 1000",
        },
        [
            Column("campaign", "Campaign", width=255, link=campaign_link(sheet.say)),
            Column("operation", "Operation", width=135),
            Column("Value #state", "State", words=look.STATES, width=200),
            Column("Value #calls", "Calls/min", unit=look.PER_MINUTE, width=105),
            Column("Value #contacts", "Contact rate", unit=look.SHARE, width=110, decimals=1),
            Column("Value #hits", "Hits", unit=look.LOCAL, width=65),
            Column("Value #hitrate", "Hit rate", unit=look.SHARE, width=120, decimals=1),
            Column("Value #clean", "Clean", unit=look.LOCAL, width=85),
            Column("Value #records", "Records", unit=look.LOCAL, width=85),
            Column("Value #hours", "Hours", unit=look.HOURS, width=90, decimals=1),
            Column("Value #penetration", "Penetration", unit=look.SHARE, width=105, decimals=0),
            Column("Value #recycles", "Recycled", width=100),
            Column("Value #speed", "Speed", unit=look.SHARE, width=95, decimals=0),
            Column("dial_mode", "Dial mode", width=165),
            Column("Value #used", "Last use", unit=look.CLOCK, width=110),
            Column("campaign_id", "ID", width=60),
        ],
        sort="State",
    )
    alerts(sheet, 42, (14, 7))
    sheet.note(
        43,
        Words("About this screen", "What the screen is for and how old its figures are."),
        (10, 7),
        "For supervisors of the floor. The exporter polls wolkvox every 5 minutes and Prometheus "
        "scrapes the exporter every minute, so figures are up to 6 minutes old; see **Age of the "
        "figures**.\n\nA gap or a word instead of a figure means *not known*, never zero. Colours of "
        "the state: grey is stopped as planned, blue is running, vermilion is stopped although it "
        "should be running, purple is running outside the permitted hours. The last two need "
        "`schedules` in the exporter's configuration.",
    )


PLAN = Plan(
    uid="wolkvox-floor",
    title="wolkvox / Floor",
    description="Is it up, is it dialling, is it reaching people, is the list running out? For supervisors.",
    scope=SCOPE,
    variables=(JOB, INSTANCE, OPERATION),
    build=build,
)
