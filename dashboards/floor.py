"""Floor, for supervisors and the wall: is it up, is it dialling, does it reach people, what is left."""

from dashboards import look
from dashboards.content import Column, Query, Words
from dashboards.frame import INSTANCE, JOB, OPERATION, Plan, campaign_link
from dashboards.panels import Sheet
from dashboards.parts import NO_RESULTS, age, agents, alert_counts, alerts, monitoring, results_shares
from dashboards.queries import CAMPAIGN, OPERATION_ALONE, URGENT, WEEK, Scope, total
from exporter.judgement import CampaignState

_BY_SCHEDULE = {CampaignState.OUTSIDE_HOURS, CampaignState.STOPPED_IN_HOURS}
"""States in which only campaigns with a schedule can be: without one, a count of 0 would claim too much."""

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
    age(sheet, scope, 12, (3, 4))
    sheet.stat(
        13,
        Words(
            "Campaigns",
            "Campaigns that are running and need nobody, and all campaigns that wolkvox lists.",
            "Unknown",
        ),
        (4, 4),
        Query(total(scope.in_state(CampaignState.RUNNING)), CampaignState.RUNNING.words["en"]),
        Query(total(scope.each("wolkvox_campaign_state")), "Listed"),
    )
    scheduled = scope.each("wolkvox_campaign_tolerance_seconds")
    sheet.stat(
        14,
        Words(
            "To be looked at",
            "How many campaigns are in each of the states that need somebody. Two of them need schedules in "
            "config.yaml, and are left out where no campaign has one.",
            "Unknown",
        ),
        (10, 4),
        *(
            Query(
                total(
                    f"{scope.in_state(state)} and {scheduled}"
                    if state in _BY_SCHEDULE
                    else scope.in_state(state)
                ),
                state.words["en"],
                state.color,
            )
            for state in URGENT
        ),
        alarms=True,
    )
    alert_counts(sheet, scope, 16, (3, 4))
    agents(sheet, scope, 17, (8, 4))
    sheet.stat(
        18,
        Words(
            "Abandonment today",
            "Share of the calls answered by a person since local midnight that were abandoned, and the limit "
            "of the configuration (abandonment_limit): the lowest, if operations differ. Needs apis.campaign_results, which is off by default.",
            "Off or no data (apis.campaign_results)",
        ),
        (5, 4),
        Query(scope.abandonment_together(OPERATION_ALONE), "Today"),
        Query(f"min({scope.limit_beside(scope.abandonment(OPERATION_ALONE))})", "Limit"),
        unit=look.SHARE,
        decimals=1,
    )
    sheet.table(
        19,
        Words(
            "To be checked in wolkvox",
            "What is wrong with the licences, the customer protection or the number of started predictive "
            "campaigns of an operation. Needs apis.services, which is on by default.",
            "Nothing, or no data (apis.services)",
        ),
        (11, 4),
        {"findings": f"{scope.each('wolkvox_operation_finding', by=('operation', 'finding'))} == 1"},
        [
            Column("operation", "Operation", width=120),
            Column("finding", "Finding", words=look.FINDINGS, plain=True),
        ],
        sort="Operation",
        descending=False,
    )


def _dialling(sheet: Sheet, scope: Scope) -> None:
    sheet.timeline(
        21,
        Words(
            "State of the campaigns",
            "The state of each campaign as the exporter judges it, those that needed somebody in the time "
            "shown first. A gap means that nothing was known.",
        ),
        (14, 10),
        *(Query(part, "{{campaign_id}} {{campaign}}") for part in scope.state_by_urgency()),
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
    soonest = f"bottomk(10, ({scope.hours_left()}) and {scope.in_state(CampaignState.RUNNING)} == 1)"
    sheet.table(
        33,
        Words(
            "Lists ending first",
            "Running campaigns by when their clean records will be used up at the pace of the last 30 "
            "minutes: day/month and time. Those whose list is used up already are in the state of that name.",
            "No list is being dialled, or no data",
        ),
        (9, 8),
        {
            "ends": f"(time() + 3600 * {soonest}) * 1000",
            "clean": scope.each("wolkvox_campaign_clean_records"),
        },
        [
            Column("campaign", "Campaign"),
            Column("operation", "Operation", width=135),
            Column("Value #ends", "Ends", unit=look.CLOCK, width=110),
            Column("Value #clean", "Clean", unit=look.LOCAL, width=85),
        ],
        sort="Ends",
        descending=False,
        only="ends",
    )
    sheet.table(
        34,
        Words(
            "Abandonment today, by campaign",
            "Share of the calls answered by a person since local midnight that were abandoned, beside the limit "
            "of the configuration (abandonment_limit); amber from the limit on. A share of few answers "
            "says little. Needs apis.campaign_results, which is off by default.",
            NO_RESULTS,
        ),
        (15, 8),
        {
            "share": scope.abandonment(),
            "limit": scope.limit_beside(scope.abandonment()),
            "used": scope.abandonment_of_limit(),
            "abandoned": scope.attempts("abandon"),
            "live": scope.live_answers(),
        },
        [
            Column("campaign", "Campaign", link=campaign_link(sheet.say)),
            Column("operation", "Operation", width=135),
            Column("Value #share", "Abandonment", unit=look.SHARE, width=110, decimals=1),
            Column("Value #limit", "Limit", unit=look.SHARE, width=70, decimals=1),
            Column(
                "Value #used",
                "Of the limit",
                unit=look.SHARE,
                width=100,
                decimals=0,
                steps=look.thresholds(look.NONE, (1, look.CELL)),
            ),
            Column("Value #abandoned", "Abandoned", unit=look.LOCAL, width=130),
            Column("Value #live", "Live answers", unit=look.LOCAL, width=110),
            Column("campaign_id", "ID", width=60),
        ],
        sort="Abandoned",
        only="share",
    )
    today = scope.abandonment(OPERATION_ALONE)
    sheet.series(
        35,
        Words(
            "Abandonment today, by operation",
            "Share of the calls answered by a person since local midnight that were abandoned, as the day went "
            "on, and the limit of the configuration (the lowest, if operations differ). Each day begins anew.",
            NO_RESULTS,
        ),
        (9, 8),
        Query(today, "{{operation}}"),
        Query(f"min({scope.limit_beside(today)})", "Limit", look.RED, dashed=True),
        unit=look.SHARE,
        decimals=1,
    )


def _detail(sheet: Sheet, scope: Scope) -> None:
    sheet.row(4, "Campaigns and alerts")
    figures = {
        "calls": "wolkvox_campaign_calls_per_minute",
        "usual": "wolkvox_campaign_usual_calls_per_minute",
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
            "What each campaign is doing now: its state, since when (day/month and time) and why, when it was "
            "stopped if somebody stopped it by hand, and what wolkvox reports. Usual: calls per minute in the last hours in which it dialled. Contact rate: "
            "share of the records dialled in the last 30 minutes that a person answered. Hours: how long the "
            "list lasts at the pace of the last 30 minutes. The name leads to the campaign's own dashboard.",
            "No campaign is known",
        ),
        (24, 12),
        {
            "state": scope.state(),
            "since": scope.since(),
            "reason": scope.reason(),
            "byhand": scope.stopped_by_hand(),
            **{name: scope.each(family) for name, family in figures.items()},
            "contacts": scope.share("answer", by=CAMPAIGN),
            "hours": scope.hours_left(),
            "info": scope.each("wolkvox_campaign_info", by=(*CAMPAIGN, "dial_mode")),
            "used": f"{scope.each('wolkvox_campaign_last_use_timestamp_seconds')} * 1000",
        },
        [
            Column("campaign", "Campaign", width=255, link=campaign_link(sheet.say)),
            Column("Value #state", "State", words=look.STATES, width=215),
            Column("Value #since", "Since", unit=look.CLOCK, width=105),
            Column("reason", "Why", words=look.REASONS, plain=True, width=200),
            Column("Value #byhand", "Stopped at", unit=look.CLOCK, width=125),
            Column("operation", "Operation", width=135),
            Column("Value #calls", "Calls/min", unit=look.PER_MINUTE, width=105),
            Column("Value #usual", "Usual", unit=look.PER_MINUTE, width=95, decimals=1),
            Column("Value #contacts", "Contact rate", unit=look.SHARE, width=135, decimals=1),
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
    alerts(sheet, scope, 42, (14, 7))
    sheet.note(
        43,
        Words("About this screen", "What the screen is for and how old its figures are."),
        (10, 7),
        "For supervisors of the floor. The exporter polls wolkvox every 5 minutes and Prometheus "
        "scrapes the exporter every minute, so figures are up to 6 minutes old, those of abandonment up to 16; see **Data age**."
        "\n\nA gap or a word instead of a figure means *not known*, never zero. The state of a "
        "campaign, since when and why are what the exporter says: its status page and its alerts speak of the "
        "same campaigns. What a campaign should do is only known with `schedules` in the exporter's "
        "configuration.",
    )


PLAN = Plan(
    uid="wolkvox-floor",
    title="wolkvox / Floor",
    description="Is it up, is it dialling, is it reaching people, is the list running out? For supervisors.",
    scope=SCOPE,
    variables=(JOB, INSTANCE, OPERATION),
    build=build,
)
