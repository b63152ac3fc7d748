"""Skill: campaigns and volumes by skill, for those who plan the staff of the agent groups."""

from dashboards import look
from dashboards.content import Column, Query, Words
from dashboards.frame import INSTANCE, JOB, OPERATION, Plan, Variable
from dashboards.panels import Sheet
from dashboards.parts import age, monitoring
from dashboards.queries import WEEK, Scope, total
from exporter.judgement import CampaignState

SCOPE = Scope((("job", "job"), ("instance", "instance"), ("operation", "operation"), ("skill_id", "skill")))

VARIABLE = Variable(
    "skill",
    "Skill",
    'label_values(wolkvox_campaign_state{job=~"$job", instance=~"$instance", operation=~"$operation"}, '
    "skill_id)",
    # Campaigns whose skill is not known have no such label, and are campaigns too.
    everything=".*",
)

_BY = ("operation", "skill_id")
_NAME = "{{skill_id}} {{operation}}"
_DAYS = (("Today", "", look.BLUE), ("Yesterday", "1d", look.AMBER), ("A week ago", WEEK, look.GREY))


def build(sheet: Sheet, scope: Scope) -> None:
    """Add the panels."""
    _now(sheet, scope)
    _volumes(sheet, scope)
    _days(sheet, scope)


def _now(sheet: Sheet, scope: Scope) -> None:
    sheet.row(1, "Now")
    running = scope.in_state(CampaignState.RUNNING)
    by_skill = total(running, _BY)
    calls = scope.each("wolkvox_campaign_calls_per_minute")
    clean = scope.each("wolkvox_campaign_clean_records")
    monitoring(sheet, scope, 11, (4, 4))
    age(sheet, scope, 12, (4, 4))
    sheet.stat(
        13,
        Words(
            "Skills",
            "Skills with a running campaign, and all skills that have campaigns. wolkvox gives numbers, "
            "not names.",
            "Unknown",
        ),
        (5, 4),
        Query(f"count({by_skill} > 0) or count({by_skill}) * 0", "Active"),
        Query(f"count({by_skill})", "Listed"),
    )
    sheet.stat(
        14,
        Words(
            "Calls per minute", "Calls per minute of all chosen skills, as reported by wolkvox.", "Unknown"
        ),
        (4, 4),
        Query(total(calls)),
        unit=look.PER_MINUTE,
    )
    sheet.stat(
        15,
        Words("Dialled, last hour", "Records dialled in the last hour.", "No data"),
        (4, 4),
        Query(total(scope.dialled(window="1h", whole=True))),
        unit=look.LOCAL,
        decimals=0,
    )
    sheet.stat(
        16,
        Words("Clean records", "Records of the running campaigns that have not been called yet.", "No data"),
        (3, 4),
        Query(total(f"{clean} and {running} == 1")),
        unit=look.LOCAL,
    )
    sheet.table(
        17,
        Words(
            "Skills now",
            "Each skill's campaigns together. Dialled and contact rate are for the last hour. Hours "
            "left: how long the lists that are being dialled last, together, at the pace of the last 30 "
            "minutes.",
            "No campaign is known",
        ),
        (24, 8),
        {
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
            Column("skill_id", "Skill"),
            Column("operation", "Operation"),
            Column("Value #campaigns", "Campaigns"),
            Column("Value #running", CampaignState.RUNNING.words["en"]),
            Column("Value #calls", "Calls per minute", unit=look.PER_MINUTE),
            Column("Value #dialled", "Dialled, last hour", unit=look.LOCAL, decimals=0),
            Column("Value #contacts", "Contact rate", unit=look.SHARE, decimals=1),
            Column("Value #hits", "Hits", unit=look.LOCAL),
            Column("Value #clean", "Clean records", unit=look.LOCAL),
            Column("Value #hours", "Hours left", unit=look.HOURS, decimals=1),
        ],
        sort="Hours left",
        descending=False,
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
        Words("Clean records by skill", "Records of each skill's campaigns that have not been called yet."),
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
        "For planning the staff of wolkvox's skills (agent groups). The figures are of the dialling "
        "campaigns alone and leave out inbound queues.\n\nA campaign with several skills counts in "
        "each. If a list was reloaded within the hour, that hour's figures begin at the reload: the "
        "fall of the count hides what was dialled before. A campaign counts once its figures are an hour "
        "old.",
    )


PLAN = Plan(
    uid="wolkvox-skill",
    title="wolkvox / Skill",
    description="Campaigns, volumes and hours of list left by skill, and a comparison of days. For "
    "workforce planners.",
    scope=SCOPE,
    variables=(JOB, INSTANCE, OPERATION, VARIABLE),
    build=build,
)
