"""Floor, for supervisors and the wall: is it up, is it dialling, does it reach people, what is left."""

from dashboards import look
from dashboards.content import Column, Query, Words
from dashboards.frame import INSTANCE, JOB, OPERATION, Plan, campaign_link
from dashboards.panels import Sheet
from dashboards.parts import NO_RESULTS, agents, alert_counts, alerts, monitoring, results_shares
from dashboards.queries import (
    CAMPAIGN,
    NUMBERS,
    OF_CAMPAIGNS,
    OPERATION_ALONE,
    POLLING_NUMBERS,
    URGENT,
    WEEK,
    Scope,
    total,
)
from exporter.glossary import term
from exporter.judgement import CampaignState

_BY_SCHEDULE = {CampaignState.OUTSIDE_HOURS, CampaignState.STOPPED_IN_HOURS}
"""States in which only campaigns with a schedule can be: without one, a count of 0 would claim too much."""

_TRUST: look.Words = (*look.POLLING, look.WAITING)
"""How far the figures of an operation can be trusted."""

_TO_ATTEND: look.Words = (
    *((POLLING_NUMBERS + int(number), word, color) for number, word, color in _TRUST),
    *(words for words in look.STATES if words[0] in {NUMBERS[state] for state in URGENT}),
)
"""What somebody has to attend to, by the numbers in queries."""

_CONTACT_RATE = term("term", "contact_rate").words["en"]
_HIT_RATE = term("term", "hit_rate").words["en"]
_PENETRATION = term("term", "penetration").words["en"]

_TILES = 4
"""Their height: a lower one has no room for a sparkline."""

SCOPE = Scope((("job", "job"), ("instance", "instance"), ("operation", "operation")))


def build(sheet: Sheet, scope: Scope) -> None:
    """Add the panels: what has to be decided first, then what explains it."""
    _tiles(sheet, scope)
    _attend(sheet, scope)
    _operations(sheet, scope)
    _dialling(sheet, scope)
    _reaching(sheet, scope)
    _detail(sheet, scope)


def _tiles(sheet: Sheet, scope: Scope) -> None:
    # On a phone they stand one below the other: what somebody has to decide comes before the figures.
    monitoring(sheet, scope, 11, (3, _TILES))
    _count(
        sheet,
        scope,
        14,
        4,
        Words(
            "Outside hours",
            "Campaigns that make calls although their schedule in config.yaml does not permit any now.",
            "Unknown",
        ),
        (CampaignState.OUTSIDE_HOURS, ""),
    )
    _count(
        sheet,
        scope,
        15,
        4,
        Words(
            "To be started",
            "Campaigns that are stopped although their schedule in config.yaml expects them now.",
            "Unknown",
        ),
        (CampaignState.STOPPED_IN_HOURS, ""),
    )
    _count(
        sheet,
        scope,
        16,
        3,
        Words(
            "Not dialling",
            "Campaigns that are started and make no calls, at a time that their schedule does not exclude; and those "
            "whose list is used up, that are started or expected.",
            "Unknown",
        ),
        (CampaignState.NO_CALLS, "No calls"),
        (CampaignState.LIST_USED_UP, CampaignState.LIST_USED_UP.words["en"]),
    )
    alert_counts(sheet, scope, 17, (3, _TILES))
    sheet.stat(
        12,
        Words(
            "Dialling",
            "Campaigns that make calls, and all that are known. A campaign that is started need not be dialling.",
            "Unknown",
        ),
        (3, _TILES),
        Query(total(scope.dialling()), "Now"),
        Query(total(scope.each("wolkvox_campaign_state")), "Listed"),
        # Where every one is known, there is no such figure.
        Query(f"count({scope.in_state(CampaignState.UNKNOWN)} == 1)", CampaignState.UNKNOWN.words["en"]),
    )
    calls = "wolkvox_campaign_calls_per_minute"
    sheet.stat(
        13,
        Words(
            "Calls/min",
            "Calls per minute of all campaigns together, as reported by wolkvox, and at the same time a week ago.",
            "Unknown",
        ),
        (4, _TILES),
        Query(total(scope.each(calls)), "Now"),
        Query(total(scope.each(calls, offset=WEEK)), "A week ago"),
        decimals=0,
        rows=True,
        sparkline=True,
    )


def _count(
    sheet: Sheet, scope: Scope, panel_id: int, width: int, words: Words, *states: tuple[CampaignState, str]
) -> None:
    """Add the tile of how many campaigns are in states that need somebody, each with a name if there are several."""
    scheduled = scope.each("wolkvox_campaign_tolerance_seconds")
    needed = {state for state, _ in states} & _BY_SCHEDULE
    sheet.stat(
        panel_id,
        words,
        (width, _TILES),
        *(
            Query(
                total(f"{scope.in_state(state)} and {scheduled}" if needed else scope.in_state(state)),
                name,
                state.color,
            )
            for state, name in states
        ),
        alarms=True,
        rows=len(states) > 1,
    )


def _attend(sheet: Sheet, scope: Scope) -> None:
    sheet.table(
        21,
        Words(
            "What to attend to now",
            "The campaigns that need somebody, the most urgent first: since when (day/month and time), why as far "
            "as wolkvox tells, and the records left to call. And operations whose campaigns are not answered for, "
            "since their last good answer. The name leads to the campaign's own dashboard.",
            "Nothing to attend to",
        ),
        (17, 7),
        {
            "state": f"{scope.blind()} or {scope.urgent()}",
            "since": f"{scope.seen()} or {scope.since()}",
            "reason": scope.reason(),
            "left": scope.each("wolkvox_campaign_clean_records"),
        },
        [
            Column("Value #state", "State", words=_TO_ATTEND, width=195),
            Column("campaign", "Campaign", link=campaign_link(sheet.say)),
            Column("operation", "Operation", width=130),
            Column("Value #since", "Since", unit=look.CLOCK, width=95),
            Column("reason", "Why", words=look.REASONS, plain=True, width=190),
            Column("Value #left", "Left", unit=look.LOCAL, width=95),
            Column("campaign_id", "ID", hidden=True),
        ],
        sort="State",
        then="Since",
        only="state",
        keep=("campaign", "reason", "campaign_id"),
    )
    alerts(sheet, scope, 22, (7, 7))


def _operations(sheet: Sheet, scope: Scope) -> None:
    of_each = OPERATION_ALONE
    in_need = " or ".join(f"({scope.in_state(state)} == 1)" for state in URGENT)
    sheet.table(
        31,
        Words(
            "Operations",
            "Each operation: whether its figures can be trusted and how old those of its campaigns are; how many "
            "campaigns need somebody, make calls, and are known; their calls per minute; the share of "
            "the records dialled in the last 30 minutes that a person answered; and when the first list ends at the "
            "pace of the last 30 minutes (day/month and time).",
            # That no operation is known is so where no exporter is.
            term("monitoring", "silent").do["en"],
        ),
        (24, 6),
        {
            "monitoring": scope.monitoring(),
            "age": f"({scope.age(OF_CAMPAIGNS, by=of_each)}) / 60",
            "attend": total(f"{in_need} or 0 * ({scope.each('wolkvox_campaign_state')})", of_each),
            "dialling": total(scope.dialling(), of_each),
            "all": total(scope.each("wolkvox_campaign_state"), of_each),
            "calls": total(scope.each("wolkvox_campaign_calls_per_minute"), of_each),
            "contacts": scope.share("answer", by=of_each),
            "ends": f"(time() + 3600 * bottomk by (operation) (1, {scope.hours_to_end()})) * 1000",
        },
        [
            Column("operation", "Operation", width=170),
            Column("Value #monitoring", "Monitoring", words=_TRUST, width=190),
            Column("Value #age", "Data age", unit=look.MINUTES, width=105, decimals=0),
            Column("Value #attend", "To attend", width=95, steps=look.thresholds(look.NONE, (1, look.CELL))),
            Column("Value #dialling", "Dialling", width=95),
            Column("Value #all", "Listed", width=75),
            Column("Value #calls", "Calls/min", unit=look.PER_MINUTE, width=105),
            Column("Value #contacts", _CONTACT_RATE, unit=look.SHARE, width=135, decimals=1),
            Column("Value #ends", "List ends", unit=look.CLOCK, width=115),
            Column("campaign", "Of the campaign", link=campaign_link(sheet.say)),
            Column("campaign_id", "ID", hidden=True),
        ],
        sort="Operation",
        descending=False,
        only="monitoring",
        keep=("campaign", "campaign_id"),
    )


def _dialling(sheet: Sheet, scope: Scope) -> None:
    sheet.row(4, "Is it dialling?")
    calls = scope.each("wolkvox_campaign_calls_per_minute")
    before = scope.each("wolkvox_campaign_calls_per_minute", offset=WEEK)
    sheet.series(
        41,
        Words(
            "Calls per minute",
            "Calls per minute of all campaigns of an operation, as reported by wolkvox, and of all "
            "operations together at the same time a week ago.",
        ),
        (12, 9),
        Query(total(calls, ("operation",)), "{{operation}}"),
        Query(total(before), "All, a week ago", look.GREY, dashed=True),
        unit=look.PER_MINUTE,
        stacked=True,
    )
    sheet.timeline(
        42,
        Words(
            "Campaigns that needed somebody",
            "The state over time of each campaign that needed somebody in the time shown, the most urgent first. "
            "A gap means that nothing was known.",
            "No campaign needed anybody, or no data",
        ),
        (12, 9),
        *(Query(part, "{{operation}} {{campaign}} {{campaign_id}}") for part in scope.state_by_urgency()),
        states=look.STATES,
        rows=10,
    )


def _reaching(sheet: Sheet, scope: Scope) -> None:
    sheet.row(5, "Is it reaching people, and is the list running out?")
    sheet.stat(
        51,
        Words(
            "Last 30 minutes",
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
        52,
        Words(
            "Contacts, machines, busy or failed",
            "Shares of the records dialled in the previous 30 minutes, for all chosen campaigns "
            "together; contacts also at the same time a week ago. A gap means that nothing was dialled.",
            "No dialling in this period, or no data",
        ),
        (9, 8),
        *results_shares(scope),
        Query(scope.share("answer", offset=WEEK), "Contacts, a week ago", look.GREY, dashed=True),
        unit=look.SHARE,
    )
    soonest = f"bottomk(10, {scope.hours_to_end()})"
    sheet.table(
        53,
        Words(
            "Lists ending next",
            "Running campaigns by when their list ends at the pace of the last 30 minutes (day/month and time), and in "
            "how many minutes: amber under an hour. Those whose list is used up already are in the state of that "
            "name, in the table of what to attend to.",
            "No list is being dialled, or no data",
        ),
        (11, 8),
        {
            "minutes": f"60 * {soonest}",
            "ends": f"(time() + 3600 * {soonest}) * 1000",
            "left": scope.each("wolkvox_campaign_clean_records"),
        },
        [
            Column("campaign", "Campaign", link=campaign_link(sheet.say)),
            Column("Value #ends", "Ends", unit=look.CLOCK, width=95),
            Column(
                "Value #minutes",
                "In",
                unit=look.MINUTES,
                width=90,
                decimals=0,
                steps=look.thresholds(look.CELL, (60, look.NONE)),
            ),
            Column("Value #left", "Left", unit=look.LOCAL, width=95),
            Column("operation", "Operation", width=125),
            Column("campaign_id", "ID", hidden=True),
        ],
        sort="In",
        descending=False,
        only="minutes",
        keep=("campaign",),
    )
    agents(sheet, scope, 54, (8, 4))
    sheet.stat(
        55,
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
        56,
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
    sheet.table(
        57,
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
            Column("Value #abandoned", "Abandoned", unit=look.LOCAL, width=135),
            Column("Value #live", "Live answers", unit=look.LOCAL, width=110),
            Column("campaign_id", "ID", hidden=True),
        ],
        sort="Abandoned",
        only="share",
        keep=("campaign",),
    )
    today = scope.abandonment(OPERATION_ALONE)
    sheet.series(
        58,
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
    sheet.row(6, "All campaigns")
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
        61,
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
            "hours": scope.hours_to_end(),
            "info": scope.each("wolkvox_campaign_info", by=(*CAMPAIGN, "dial_mode")),
            "used": f"{scope.each('wolkvox_campaign_last_use_timestamp_seconds')} * 1000",
        },
        [
            Column("Value #state", "State", words=look.STATES, width=190),
            Column("campaign", "Campaign", width=255, link=campaign_link(sheet.say)),
            Column("Value #since", "Since", unit=look.CLOCK, width=105),
            Column("reason", "Why", words=look.REASONS, plain=True, width=200),
            Column("Value #byhand", "Stopped at", unit=look.CLOCK, width=125),
            Column("operation", "Operation", width=135),
            Column("Value #calls", "Calls/min", unit=look.PER_MINUTE, width=105),
            Column("Value #usual", "Usual", unit=look.PER_MINUTE, width=95, decimals=1),
            Column("Value #contacts", _CONTACT_RATE, unit=look.SHARE, width=135, decimals=1),
            Column("Value #hits", "Hits", unit=look.LOCAL, width=65),
            Column("Value #hitrate", _HIT_RATE, unit=look.SHARE, width=120, decimals=1),
            Column("Value #clean", "Left", unit=look.LOCAL, width=85),
            Column("Value #records", "Records", unit=look.LOCAL, width=85),
            Column("Value #hours", "Hours", unit=look.HOURS, width=90, decimals=1),
            Column("Value #penetration", _PENETRATION, unit=look.SHARE, width=105, decimals=0),
            Column("Value #recycles", "Recycled", width=100),
            Column("Value #speed", "Speed", unit=look.SHARE, width=95, decimals=0),
            Column("dial_mode", "Dial mode", width=165),
            Column("Value #used", "Last use", unit=look.CLOCK, width=110),
            Column("campaign_id", "ID", width=60),
        ],
        sort="State",
        then="Since",
        only="state",
        keep=("campaign", "reason", "dial_mode"),
    )
    about = sheet.row(7, "About this screen")
    sheet.note(
        71,
        Words("About this screen", "What the screen is for and how old its figures are."),
        (24, 6),
        "For supervisors of the floor. The exporter polls wolkvox every 5 minutes and Prometheus "
        "scrapes the exporter every minute, so figures are up to 6 minutes old, those of abandonment up to 16; see **Data age**."
        "\n\nA gap or a word instead of a figure means *not known*, never zero. The state of a "
        "campaign, since when and why are what the exporter says: its status page and its alerts speak of the "
        "same campaigns. What a campaign should do is only known with `schedules` in the exporter's "
        "configuration.",
        about,
    )


PLAN = Plan(
    uid="wolkvox-floor",
    title="wolkvox / Floor",
    description="Is it up, is it dialling, is it reaching people, is the list running out? For supervisors.",
    scope=SCOPE,
    variables=(JOB, INSTANCE, OPERATION),
    build=build,
    time_from="now/d",
)
