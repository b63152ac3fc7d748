"""Campaign: one campaign in depth, for supervisors and analysts; the alerts lead here."""

from collections.abc import Sequence
from dataclasses import replace

from dashboards import look
from dashboards.content import Column, Query, Words
from dashboards.frame import INSTANCE, JOB, OPERATION, Plan, Variable
from dashboards.panels import Sheet
from dashboards.parts import NO_RESULTS, monitoring, results_shares
from dashboards.queries import CAMPAIGN, WEEK, Scope, ratio, total
from exporter.glossary import term
from exporter.judgement import Reason

SCOPE = Scope(
    (("job", "job"), ("instance", "instance"), ("operation", "oneoperation"), ("campaign_id", "campaign"))
)

CHOSEN = replace(OPERATION, single=True)
"""May be all operations, which is what other dashboards lead here with."""

ONE_OPERATION = Variable(
    "oneoperation",
    "Operation",
    'label_values(wolkvox_campaign_state_since_timestamp_seconds{job=~"$job", instance=~"$instance", '
    'operation=~"$operation", campaign_id=~"$campaign"}, operation)',
    one=True,
    hidden=True,
)
"""Several operations may have campaigns with the same id, of which only one is shown."""

VARIABLE = Variable(
    "campaign",
    "Campaign",
    "query_result(group by (campaign_id, campaign) (last_over_time("
    'wolkvox_campaign_state_since_timestamp_seconds{job=~"$job", instance=~"$instance", '
    'operation=~"$operation"}[$__range])))',
    # Names may hold quotes, so that the text goes up to the last possible one, and old figures line breaks. A
    # campaign without a name has no such label: Grafana then shows its id.
    regex=r'/(?:campaign="(?<text>[\s\S]*)", ?)?campaign_id="(?<value>[^"]+)"/',
    one=True,
)

_LEFT = term("term", "records_left")
_CONTACT_RATE = term("term", "contact_rate").words["en"]
_HIT_RATE = term("term", "hit_rate")

_TYPES: look.Words = (("predictive", "Predictive", look.NONE), ("preview", "Preview", look.NONE))
"""The types of campaigns that wolkvox documents; others are shown as they are."""

_OUTCOMES = (
    ("answer", "Contacts", look.BLUE),
    ("answer_machine", "Machines", look.AMBER),
    ("no_answer", "No answer", look.GREY),
    ("busy_congestion_failed", "Busy or failed", look.RED),
)


def build(sheet: Sheet, scope: Scope) -> None:
    """Add the panels."""
    _now(sheet, scope)
    _list(sheet, scope)
    _results(sheet, scope)
    _abandonment(sheet, scope)
    _quality(sheet, scope)


def _now(sheet: Sheet, scope: Scope) -> None:
    sheet.row(1, "${campaign:text}, ${oneoperation}: what it is doing now")
    monitoring(sheet, scope, 11, (4, 3))
    sheet.stat(
        12,
        Words(
            "State",
            "What the campaign is doing, beside what its schedule in config.yaml expects and permits if there "
            "is one. The exporter judges it; its status page and its alerts say the same.",
            "Unknown",
        ),
        (6, 3),
        Query(scope.state()),
        states=look.STATES,
    )
    sheet.stat(
        20,
        Words(
            "Since",
            "Since when the campaign is in this state: day/month and time. What a poll showed, since that "
            "poll; what the schedule changed, since that minute. And when somebody stopped it by hand, if that "
            "is why.",
            "Unknown",
        ),
        (6, 3),
        Query(scope.since(), "In this state"),
        Query(scope.stopped_by_hand(), Reason.STOPPED_BY_HAND.words["en"]),
        unit=look.CLOCK,
    )
    sheet.stat(
        23,
        Words(
            "Why",
            "Why the campaign makes no calls, or is stopped in its hours, as far as wolkvox tells. Other "
            "states have no reason. That no agent is ready is known with apis.agents, that it was stopped by "
            "hand with apis.audit_log; both are off by default.",
            "None given",
        ),
        (8, 3),
        Query(scope.reason()),
        states=look.REASONS,
        label="reason",
    )
    sheet.stat(
        13,
        Words(
            "Calls/min",
            "As reported by wolkvox, which does not say over which window; and the usual, of the last hours "
            "in which the campaign dialled.",
            "Unknown",
        ),
        (5, 4),
        Query(total(scope.each("wolkvox_campaign_calls_per_minute")), "Now"),
        Query(total(scope.each("wolkvox_campaign_usual_calls_per_minute")), "Usual"),
        unit=look.PER_MINUTE,
    )
    sheet.stat(
        14,
        Words(
            _CONTACT_RATE,
            "Share of the records dialled in the last 30 minutes that a person answered; and the usual, of "
            "the last days in which the campaign dialled.",
            "No data",
        ),
        (5, 4),
        Query(scope.share("answer"), "Now"),
        Query(_usual_share(scope, "answer"), "Usual"),
        unit=look.SHARE,
        decimals=1,
    )
    sheet.stat(
        15,
        Words(_HIT_RATE.words["en"], _HIT_RATE.means["en"], "Unknown"),
        (3, 4),
        Query(f"avg({scope.each('wolkvox_campaign_hit_ratio')})"),
        unit=look.SHARE,
        decimals=1,
    )
    sheet.stat(
        16,
        Words(_LEFT.words["en"], _LEFT.means["en"], "Unknown"),
        (4, 4),
        Query(total(scope.each("wolkvox_campaign_clean_records"))),
        unit=look.LOCAL,
    )
    sheet.stat(
        17,
        Words(
            "Hours",
            "How long the records left of a campaign that is running last at the pace of the last 30 minutes.",
            "Unknown",
        ),
        (3, 4),
        Query(f"min({scope.hours_to_end()})"),
        unit=look.HOURS,
        decimals=1,
    )
    sheet.stat(
        18,
        Words(
            "List ends",
            "When the records left of a campaign that is running will be used up at the pace of the last 30 "
            "minutes, without pauses: day/month and time.",
            "Unknown",
        ),
        (4, 4),
        Query(f"(time() + 3600 * min({scope.hours_to_end()})) * 1000"),
        unit=look.CLOCK,
    )
    sheet.timeline(
        19,
        Words(
            "State over time",
            "The state of the campaign as the exporter judged it. A gap means that nothing was known.",
        ),
        (24, 5),
        Query(scope.state(), "{{campaign}}"),
        states=look.STATES,
        rows=0,
    )


def _usual_share(scope: Scope, result: str) -> str:
    usual = scope.each("wolkvox_campaign_usual_share_ratio", f'result="{result}"')
    return f"avg({usual})"


def _list(sheet: Sheet, scope: Scope) -> None:
    sheet.row(2, "Dialling, and the list")
    calls = "wolkvox_campaign_calls_per_minute"
    sheet.series(
        21,
        Words(
            "Calls per minute and speed",
            "Calls per minute now, what was usual at the time, and the same time a week ago (left), and the "
            "configured dialling speed (right). Speed without calls: no records left, no agents, or all "
            "retries are waiting.",
        ),
        (12, 8),
        Query(total(scope.each(calls)), "Calls per minute", look.BLUE),
        Query(
            total(scope.each("wolkvox_campaign_usual_calls_per_minute")), "Usual", look.PURPLE, dashed=True
        ),
        Query(total(scope.each(calls, offset=WEEK)), "A week ago", look.GREY, dashed=True),
        Query(f"avg({scope.each('wolkvox_campaign_speed_ratio')})", "Speed", look.AMBER, right=look.SHARE),
        unit=look.PER_MINUTE,
    )
    clean = scope.each("wolkvox_campaign_clean_records")
    sheet.series(
        22,
        Words(
            "The list",
            "Records of the list that are left to call and that were dialled, all of its records, and how many will be "
            "left in one hour at the pace of the last 30 minutes. A jump is an upload, a reload or a recycle.",
        ),
        (12, 8),
        Query(total(clean), "Left", look.BLUE),
        Query(total(scope.each("wolkvox_campaign_dialed_records")), "Dialled", look.AMBER),
        Query(total(scope.each("wolkvox_campaign_records")), "All records", look.GREY),
        Query(
            total(f"clamp_min({clean} - ({scope.burnt()}), 0)"),
            "Left in one hour",
            look.PURPLE,
            dashed=True,
        ),
        unit=look.LOCAL,
    )


def _results(sheet: Sheet, scope: Scope) -> None:
    sheet.row(3, "Results")
    everything = total(scope.risen("wolkvox_campaign_outcome_records", by=(*CAMPAIGN, "outcome")))
    sheet.series(
        31,
        Words(
            "Distribution of results",
            "Shares of each result among the records that got one in the previous 30 minutes.",
            "No dialling in this period, or no data",
        ),
        (12, 8),
        *(
            Query(ratio(total(scope.results(outcome)), everything), title, color)
            for outcome, title, color in _OUTCOMES
        ),
        unit=look.SHARE,
        stacked=True,
        most=1,
    )
    usual = [
        Query(_usual_share(scope, outcome), f"{title}, usual", color, dashed=True)
        for outcome, title, color in _OUTCOMES
        if outcome != "no_answer"
    ]
    sheet.series(
        32,
        Words(
            "Shares compared with the usual ones",
            "Shares of the records dialled in the previous 30 minutes; the dashed lines show what was usual "
            "at the time, of the last days in which the campaign dialled.",
            "No dialling in this period, or no data",
        ),
        (12, 8),
        *results_shares(scope),
        *usual,
        unit=look.SHARE,
    )
    sheet.series(
        33,
        Words("Hits", "Records coded as a success (left), and the rate that wolkvox calculates (right)."),
        (8, 7),
        Query(total(scope.each("wolkvox_campaign_hits")), "Hits", look.BLUE),
        Query(
            f"avg({scope.each('wolkvox_campaign_hit_ratio')})",
            _HIT_RATE.words["en"],
            look.AMBER,
            right=look.SHARE,
        ),
        unit=look.LOCAL,
    )
    sheet.series(
        34,
        Words(
            term("term", "penetration").words["en"],
            "Share of the list worked today and at the moment, as calculated by wolkvox; it can be over "
            "100 %.",
        ),
        (8, 7),
        Query(f"avg({scope.each('wolkvox_campaign_penetration_day_ratio')})", "Today", look.BLUE),
        Query(f"avg({scope.each('wolkvox_campaign_penetration_now_ratio')})", "At the moment", look.AMBER),
        unit=look.SHARE,
    )
    sheet.series(
        35,
        Words(
            "Dialling by telephone",
            "Share of the dialling by telephone column or strategy of the record, as wolkvox names it.",
            "wolkvox does not report it, or no data",
        ),
        (8, 7),
        Query(
            scope.each("wolkvox_campaign_dialing_share_ratio", by=(*CAMPAIGN, "line")),
            "{{line}}",
        ),
        unit=look.SHARE,
        stacked=True,
        most=1,
    )


def _abandonment(sheet: Sheet, scope: Scope) -> None:
    sheet.row(5, "Attempts, and abandoned calls")
    today = scope.abandonment_together()
    month = f"max({scope.abandonment_of_30_days()})"
    limit = f"max({scope.limit_beside(f'{scope.abandonment()} or {scope.abandonment_of_30_days()}')})"
    sheet.stat(
        51,
        Words(
            term("term", "abandonment").words["en"],
            "Share of the calls answered by a person that were abandoned, since local midnight and over 30 "
            "days, and the limit of the configuration (abandonment_limit). The 30 days need the rules. Needs "
            "apis.campaign_results, which is off by default.",
            "Off or no data (apis.campaign_results)",
        ),
        (5, 8),
        Query(today, "Today"),
        Query(month, "30 days"),
        Query(limit, "Limit"),
        unit=look.SHARE,
        decimals=1,
        rows=True,
    )
    sheet.series(
        52,
        Words(
            "Abandonment over time",
            "Share of the calls answered by a person that were abandoned, since the midnight before and over "
            "the 30 days before, and the limit of the configuration. Each day begins anew at local midnight, "
            "and has no figure until wolkvox's first answer of the day.",
            NO_RESULTS,
        ),
        (11, 8),
        Query(today, "Today", look.BLUE),
        Query(month, "30 days", look.AMBER),
        Query(limit, "Limit", look.RED, dashed=True),
        unit=look.SHARE,
        decimals=1,
    )
    sheet.bars(
        53,
        Words(
            "Attempts today",
            "Dialling attempts since local midnight, by result. Answered: a person answered and got an "
            "agent; abandoned: a person answered and got none.",
            NO_RESULTS,
        ),
        (8, 8),
        Query(scope.each("wolkvox_campaign_attempts", by=("campaign_id", "result")), "{{result}}"),
        look.RESULTS,
    )


def _quality(sheet: Sheet, scope: Scope) -> None:
    sheet.row(4, "Quality of the list, and what the campaign is")
    sheet.bars(
        41,
        Words(
            "Machine codes today",
            "Technical results since local midnight, of all telephones of the campaign. Needs "
            "apis.machine_codes, which is off by default.",
            "Off or no data (apis.machine_codes)",
        ),
        (7, 7),
        Query(scope.each("wolkvox_campaign_machine_codes", by=("campaign_id", "code")), "{{code}}"),
        look.RESULTS,
    )
    sheet.series(
        42,
        Words(
            "Telephones today",
            "Telephones with machine codes since local midnight, and those that gave only congestion or "
            "failed, several times: they cost calls and reach nobody.",
            "Machine codes are off (apis.machine_codes), nothing was dialled, or no data",
        ),
        (9, 7),
        Query(total(scope.each("wolkvox_campaign_telephones")), "Telephones", look.BLUE),
        Query(total(scope.each("wolkvox_campaign_unreachable_telephones")), "Unreachable", look.RED),
        Query(total(scope.each("wolkvox_campaign_machine_recognitions")), "Machine recognitions", look.AMBER),
        unit=look.LOCAL,
    )
    sheet.note(
        43,
        Words("About this dashboard", "What the dashboard is for and how to read it."),
        (8, 7),
        "One campaign of wolkvox. Choose it above; alerts and the Floor dashboard lead here. Figures "
        "are up to 6 minutes old, attempts up to 16, machine codes up to an hour.\n\nLines break where nothing was known. "
        "A window of 30 minutes covers several polls; a shorter one would only show the polling.",
    )
    sheet.table(
        44,
        Words(
            "About the campaign", "What wolkvox reports about the campaign itself.", "No campaign is known"
        ),
        (24, 4),
        {
            "info": scope.each("wolkvox_campaign_info", by=(*CAMPAIGN, "type", "dial_mode", "description")),
            "turbo": scope.each("wolkvox_campaign_turbo_dial"),
            "used": f"{scope.each('wolkvox_campaign_last_use_timestamp_seconds')} * 1000",
            "recycles": scope.each("wolkvox_campaign_recycles"),
            "recycled": scope.each("wolkvox_campaign_recycled_records"),
        },
        [
            Column("campaign_id", "ID", width=80),
            Column("campaign", "Campaign", width=280),
            Column("operation", "Operation", width=150),
            Column("skill_id", "Skill", width=80),
            Column("type", "Type", words=_TYPES, plain=True, width=110),
            Column("dial_mode", "Dial mode", width=180),
            Column("Value #turbo", "Turbo dial", words=look.YES_NO, plain=True, width=100),
            Column("Value #used", "Last use", unit=look.CLOCK, width=120),
            Column("Value #recycles", "Recycled", unit=look.LOCAL, width=100),
            Column("Value #recycled", "Records recycled", unit=look.LOCAL, width=170),
            Column("description", "Description"),
        ],
        sort="ID",
    )


def annotations(scope: Scope) -> Sequence[tuple[str, str, str]]:
    """Return when the list was recycled."""
    recycles = "wolkvox_campaign_recycles"
    return [
        ("Recycles", f"{scope.each(recycles)} > {scope.each(recycles, offset='5m')}", "{{campaign}}"),
    ]


PLAN = Plan(
    uid="wolkvox-campaign",
    title="wolkvox / Campaign",
    description="One campaign in depth: state, list, results, quality. For supervisors and analysts.",
    scope=SCOPE,
    variables=(JOB, INSTANCE, CHOSEN, VARIABLE, ONE_OPERATION),
    build=build,
    annotations=annotations,
)
