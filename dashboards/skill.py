"""Skill: queues, agents, campaigns and volumes by skill, for those who plan the staff of the agent groups."""

from dashboards import look
from dashboards.content import Column, Query, Words
from dashboards.frame import INSTANCE, JOB, OPERATION, Plan, Variable
from dashboards.panels import Sheet
from dashboards.parts import AGENTS, age, agents, monitoring
from dashboards.queries import WEEK, Scope, total
from exporter.judgement import CampaignState

SCOPE = Scope((("job", "job"), ("instance", "instance"), ("operation", "operation"), ("skill_id", "skill")))

_CHOSEN = '{job=~"$job", instance=~"$instance", operation=~"$operation"}[$__range]'

VARIABLE = Variable(
    "skill",
    "Skill",
    # Those with a name first: only apis.skills has names, and Grafana takes the first entry of a value.
    f"query_result(group by (skill_id, skill) (last_over_time(wolkvox_skill_queued_calls{_CHOSEN})) or on (skill_id)"
    f" group by (skill_id) (last_over_time(wolkvox_campaign_state{_CHOSEN})))",
    # As that of the campaigns; a skill without a name has no such label.
    regex=r'/(?:skill="(?<text>[\s\S]*)", ?)?skill_id="(?<value>[^"]+)"/',
    # Campaigns whose skill is not known have no such label, and are campaigns too.
    everything=".*",
)

_BY = ("operation", "skill_id")
_QUEUE = ("operation", "skill_id", "skill")
_NOTHING = "Off or no data (apis.skills)"
_NAME = "{{skill_id}} {{operation}}"
_QUEUE_NAME = "{{skill_id}} {{skill}} {{operation}}"
_DAYS = (("Today", "", look.BLUE), ("Yesterday", "1d", look.AMBER), ("A week ago", WEEK, look.GREY))


def build(sheet: Sheet, scope: Scope) -> None:
    """Add the panels: who waits, who is there to answer, and then the campaigns that bring the calls."""
    _now(sheet, scope)
    _queues(sheet, scope)
    _campaigns(sheet, scope)
    _volumes(sheet, scope)
    _days(sheet, scope)


_FIGURES = {
    "queue": "wolkvox_skill_queued_calls",
    "inbound": "wolkvox_skill_inbound_calls",
    "answered": "wolkvox_skill_answered_calls",
    "abandoned": "wolkvox_skill_abandoned_calls",
}


def _now(sheet: Sheet, scope: Scope) -> None:
    sheet.row(4, "Queue, service level and agents")
    monitoring(sheet, scope, 11, (6, 4))
    age(sheet, scope, 12, (6, 4))
    sheet.stat(
        41,
        Words(
            "In the queue",
            "Calls that wait for an agent now, in all chosen skills. Needs apis.skills, which is off by default.",
            _NOTHING,
        ),
        (6, 4),
        Query(total(scope.each(_FIGURES["queue"], by=_BY))),
    )
    sheet.stat(
        49,
        Words(
            "Worst service level, 20 s",
            "The lowest share of calls answered within 20 seconds of any chosen skill, as wolkvox counts it. Needs "
            "apis.skills, which is off by default.",
            _NOTHING,
        ),
        (6, 4),
        Query(f"min({_service_level(scope, '20s')})"),
        unit=look.SHARE,
        decimals=0,
    )
    sheet.stat(
        42,
        Words(
            "Calls of the skills",
            "Inbound, answered and abandoned calls of all chosen skills, as wolkvox counts them; it does not "
            "say since when. Needs apis.skills, which is off by default.",
            _NOTHING,
        ),
        (10, 4),
        Query(total(scope.each(_FIGURES["inbound"], by=_BY)), "Inbound"),
        Query(total(scope.each(_FIGURES["answered"], by=_BY)), "Calls answered"),
        Query(total(scope.each(_FIGURES["abandoned"], by=_BY)), "Calls abandoned"),
        unit=look.LOCAL,
    )
    agents(sheet, scope, 43, (14, 4))


def _queues(sheet: Sheet, scope: Scope) -> None:
    each = {name: scope.each(family, by=_QUEUE) for name, family in _FIGURES.items()}
    abandonment = scope.each("wolkvox_skill_abandoned_ratio", by=_QUEUE)
    sheet.table(
        44,
        Words(
            "Queues",
            "Each skill's queue now, its calls as wolkvox counts them, and the share of calls answered within 10, "
            "20 and 30 seconds. Needs apis.skills, which is off by default.",
            _NOTHING,
        ),
        (24, 8),
        {
            **each,
            "ratio": abandonment,
            "ten": _service_level(scope, "10s"),
            "twenty": _service_level(scope, "20s"),
            "thirty": _service_level(scope, "30s"),
        },
        [
            Column("skill", "Name"),
            Column("operation", "Operation", width=135),
            Column("Value #queue", "In the queue", unit=look.LOCAL, width=125),
            Column("Value #ten", "Within 10 s", unit=look.SHARE, width=95, decimals=1),
            Column("Value #twenty", "Within 20 s", unit=look.SHARE, width=95, decimals=1),
            Column("Value #thirty", "Within 30 s", unit=look.SHARE, width=95, decimals=1),
            Column("Value #ratio", "Abandonment", unit=look.SHARE, width=115, decimals=1),
            Column("Value #inbound", "Inbound", unit=look.LOCAL, width=90),
            Column("Value #answered", "Calls answered", unit=look.LOCAL, width=125),
            Column("Value #abandoned", "Calls abandoned", unit=look.LOCAL, width=135),
            Column("skill_id", "ID", width=60),
        ],
        sort="In the queue",
    )
    sheet.series(
        45,
        Words("Queue by skill", "Calls that waited for an agent at each poll.", _NOTHING),
        (12, 8),
        Query(each["queue"], _QUEUE_NAME),
        unit=look.COUNT,
        many=True,
    )
    sheet.series(
        46,
        Words("Service level by skill", "Share of calls answered within 20 seconds.", _NOTHING),
        (12, 8),
        Query(_service_level(scope, "20s"), _QUEUE_NAME),
        unit=look.SHARE,
        decimals=0,
        most=1,
        many=True,
    )
    sheet.series(
        47,
        Words("Abandonment by skill", "Share of the inbound calls that were abandoned.", _NOTHING),
        (12, 8),
        Query(abandonment, _QUEUE_NAME),
        unit=look.SHARE,
        decimals=1,
        many=True,
    )
    sheet.series(
        48,
        Words(
            "What the agents did",
            "Agents of the whole operation by what they did at each poll: wolkvox does not say which skills an "
            "agent has.",
            "Off or no data (apis.agents)",
        ),
        (12, 8),
        *(Query(scope.agents(f'status="{status}"'), title, color) for status, title, color in AGENTS),
        unit=look.COUNT,
        stacked=True,
    )


def _service_level(scope: Scope, within: str) -> str:
    return scope.each("wolkvox_skill_service_level_ratio", f'within="{within}"', by=_QUEUE)


def _campaigns(sheet: Sheet, scope: Scope) -> None:
    sheet.row(1, "The campaigns of the skills")
    running = scope.in_state(CampaignState.RUNNING)
    by_skill = total(running, _BY)
    calls = scope.each("wolkvox_campaign_calls_per_minute")
    clean = scope.each("wolkvox_campaign_clean_records")
    sheet.stat(
        13,
        Words(
            "Skills",
            "Skills with a running campaign, and all skills that have campaigns.",
            "Unknown",
        ),
        (6, 4),
        Query(f"count({by_skill} > 0) or count({by_skill}) * 0", "Active"),
        Query(f"count({by_skill})", "Listed"),
    )
    sheet.stat(
        14,
        Words(
            "Calls per minute", "Calls per minute of all chosen skills, as reported by wolkvox.", "Unknown"
        ),
        (6, 4),
        Query(total(calls)),
        unit=look.PER_MINUTE,
    )
    sheet.stat(
        15,
        Words("Dialled, last hour", "Records dialled in the last hour.", "No data"),
        (6, 4),
        Query(total(scope.dialled(window="1h", whole=True))),
        unit=look.LOCAL,
        decimals=0,
    )
    sheet.stat(
        16,
        Words("Records left", "Records of the running campaigns that have not been called yet.", "No data"),
        (6, 4),
        Query(total(f"{clean} and {running} == 1")),
        unit=look.LOCAL,
    )
    sheet.table(
        17,
        Words(
            "Skills now",
            "Each skill's campaigns together. Only apis.skills gives names. Dialled and contact rate are for the last hour. Hours "
            "left: how long the lists that are being dialled last, together, at the pace of the last 30 "
            "minutes.",
            "No campaign is known",
        ),
        (24, 8),
        {
            "name": scope.each("wolkvox_skill_queued_calls", by=_QUEUE),
            "campaigns": total(scope.each("wolkvox_campaign_state"), _BY),
            "running": by_skill,
            "calls": total(calls, _BY),
            "dialled": total(scope.dialled(window="1h", whole=True), _BY),
            "contacts": scope.share("answer", by=_BY, window="1h"),
            "hits": total(scope.each("wolkvox_campaign_hits"), _BY),
            "clean": total(clean, _BY),
            "hours": scope.hours_left_together(*_BY),
        },
        [
            Column("skill", "Name"),
            Column("operation", "Operation", width=135),
            Column("Value #campaigns", "Campaigns", width=100),
            Column("Value #running", CampaignState.RUNNING.words["en"], width=105),
            Column("Value #calls", "Calls/min", unit=look.PER_MINUTE, width=105),
            Column("Value #dialled", "Dialled, last hour", unit=look.LOCAL, width=165, decimals=0),
            Column("Value #contacts", "Contact rate", unit=look.SHARE, width=135, decimals=1),
            Column("Value #hits", "Hits", unit=look.LOCAL, width=75),
            Column("Value #clean", "Records left", unit=look.LOCAL, width=165),
            Column("Value #hours", "Hours left", unit=look.HOURS, width=145, decimals=1),
            Column("skill_id", "ID", width=60),
        ],
        sort="Hours left",
        descending=False,
        only="campaigns",
    )


def _volumes(sheet: Sheet, scope: Scope) -> None:
    sheet.row(2, "Volumes and lists by skill")
    sheet.series(
        21,
        Words(
            "Calls per minute by skill", "Calls per minute of each skill's campaigns, as reported by wolkvox."
        ),
        (12, 8),
        Query(total(scope.each("wolkvox_campaign_calls_per_minute"), _BY), _NAME),
        unit=look.PER_MINUTE,
        stacked=True,
        many=True,
    )
    sheet.series(
        22,
        Words(
            "Contacts per hour by skill",
            "Records that a person answered in the previous hour: the calls that the skill's agents had "
            "to take.",
            "No dialling in this period, or no data",
        ),
        (12, 8),
        Query(total(scope.results("answer", window="1h", whole=True), _BY), _NAME),
        unit=look.LOCAL,
        decimals=0,
        stacked=True,
        many=True,
    )
    sheet.series(
        23,
        Words("Records left by skill", "Records of each skill's campaigns that have not been called yet."),
        (12, 8),
        Query(total(scope.each("wolkvox_campaign_clean_records"), _BY), _NAME),
        unit=look.LOCAL,
        many=True,
    )
    sheet.series(
        24,
        Words(
            "Hours of list left by skill",
            "How long the lists that are being dialled last, at the pace of the previous 30 minutes. A "
            "skill that does not dial has no figure; the axis ends at one day.",
            "No dialling in this period, or no data",
        ),
        (12, 8),
        Query(scope.hours_left_together(*_BY), _NAME),
        unit=look.HOURS,
        decimals=1,
        many=True,
        most=24,
    )


def _days(sheet: Sheet, scope: Scope) -> None:
    sheet.row(3, "Today compared with other days")
    sheet.series(
        31,
        Words(
            "Dialled per hour",
            "Records dialled in the previous hour, at the same time today, yesterday and a week ago.",
            "No dialling in this period, or no data",
        ),
        (8, 8),
        *(
            Query(
                total(scope.dialled(window="1h", offset=offset, whole=True)),
                title,
                color,
                dashed=bool(offset),
            )
            for title, offset, color in _DAYS
        ),
        unit=look.LOCAL,
        decimals=0,
    )
    sheet.series(
        32,
        Words(
            "Contact rate",
            "Share of the records dialled in the previous hour that a person answered, at the same time "
            "today, yesterday and a week ago.",
            "No dialling in this period, or no data",
        ),
        (8, 8),
        *(
            Query(scope.share("answer", window="1h", offset=offset), title, color, dashed=bool(offset))
            for title, offset, color in _DAYS
        ),
        unit=look.SHARE,
    )
    sheet.note(
        33,
        Words("About this dashboard", "What the dashboard is for and how to read it."),
        (8, 8),
        "For planning the staff of wolkvox's skills (agent groups). The queues and the service level "
        "are of all calls of a skill, and agents of the whole operation; all else is of the dialling campaigns alone.\n\nA campaign with several skills counts in "
        "each. If a list was reloaded within the hour, that hour's figures begin at the reload: the "
        "fall of the count hides what was dialled before. A campaign counts once its figures are an hour "
        "old.",
    )


PLAN = Plan(
    uid="wolkvox-skill",
    title="wolkvox / Skill",
    description="Queue, service level, agents, campaigns and volumes by skill, and a comparison of days. For "
    "workforce planners.",
    scope=SCOPE,
    variables=(JOB, INSTANCE, OPERATION, VARIABLE),
    build=build,
)
