"""Scenarios in which nobody must be told: each fires no alert but those of its `others`."""

from exporter.apis import BY_NAME
from rules.campaign_scenarios import FOUR, NINE, OFFICE_HOURS
from rules.exporter_scenarios import REAL_TIME
from rules.floor import (
    CAMPAIGN,
    OPERATION,
    campaign,
    climbing,
    floor,
    only_between,
    poll,
    polled,
    series,
    steady,
    steps,
    without,
)
from rules.result_scenarios import DEAD_CARRIER, RESULTS, abandoned
from rules.vendor_floor import (
    CAMPAIGNS,
    FloorCampaign,
    VendorFloor,
    agents,
    audit_log,
    report,
    services,
    skills,
)
from support.promtool import Scenario, Timeline

REPLICA = 'instance="127.0.0.1:10043"'
SLOW = FloorCampaign("4877", "COBRANZA 30-60", "4001", pace=lambda minute: float(minute % 20 == 0))
PERMITTED_ONLY = [{"campaigns": [".*"], "permitted": ["Mon-Fri 07:00-19:00"]}]


def until(end: int, figure: float = 1, after: float | None = 0, back: int = 10**9) -> Timeline:
    """Return a figure that is another one between two minutes."""
    return lambda minute: after if end <= minute < back else figure


def going_to_lunch(**floor: object) -> VendorFloor:
    """Return a floor that stops within minutes at 12:00 (minute 60) and is back within minutes at 13:00."""
    found = VendorFloor(*FOUR, begins="2026-08-12 11:00", **floor)  # type: ignore[arg-type]
    for number, one in enumerate(FOUR):
        found.change(58 + 2 * number, one.campaign_id, status="stopped")
        found.change(115 + 3 * number, one.campaign_id, status="started")
    return found


def leaving(**floor: object) -> VendorFloor:
    """Return a floor whose agents go at 18:00 (minute 60), while its campaigns stay started."""
    found = VendorFloor(*FOUR, begins="2026-08-12 17:00", **floor)  # type: ignore[arg-type]
    for number, one in enumerate(FOUR):
        found.change(56 + number, one.campaign_id, pace=4.0).change(60 + number, one.campaign_id, pace=0)
    return found


EVERYTHING: dict[str, dict[str, object]] = {
    **RESULTS,
    "skills": {"enabled": True},
    "agents": {"enabled": True},
    "audit_log": {"enabled": True},
    "services": {"interval": "5m"},
}
ALL_DAY = (-(10**6), 10**6)


def around_midnight(before: float, after: float) -> Timeline:
    """Return a figure that stands until midnight (minute 60) by a late clock, and is another ten minutes later."""
    return lambda minute: before if minute < 62 else after if minute >= 70 else None


OF_HOURS = [
    going_to_lunch(schedules=OFFICE_HOURS).scenario("lunch by the schedule, and back a little late", 180),
    going_to_lunch(schedules=[]).scenario("lunch without schedules", 180),
    leaving(schedules=OFFICE_HOURS).scenario("the shift ends, and campaigns stay started all night", 240),
    leaving(schedules=[]).scenario("the shift ends without schedules", 240),
    leaving(schedules=PERMITTED_ONLY).scenario(
        "the shift ends where only the permitted hours are known", 240
    ),
    VendorFloor(*FOUR, begins="2026-08-12 17:00", schedules=OFFICE_HOURS)
    .change(52, status="stopped")
    .scenario("somebody stops all a few minutes early", 120),
    VendorFloor(begins="2026-08-12 06:00", before=60, schedules=OFFICE_HOURS)
    .change(-60, status="stopped")
    .change(126, status="started")
    .scenario("the morning begins a few minutes late", 180),
    # Those that ended weeks ago are told of, and are no reason for a page about the operation.
    VendorFloor(
        *CAMPAIGNS,
        *(
            FloorCampaign(str(5000 + number), f"VIEJA {number}", "4001", status="stopped")
            for number in range(4)
        ),
        begins="2026-08-12 07:00",
        schedules=OFFICE_HOURS,
    )
    .change(0, "4878", status="stopped")
    .change(62, "4878", status="started")
    .scenario("most campaigns of a schedule have ended", 120, others=("WolkvoxCampaignNotStarted",)),
    VendorFloor(begins="2026-08-15 10:00", before=0, schedules=OFFICE_HOURS)
    .change(0, status="stopped")
    .scenario("a weekend", 120),
    VendorFloor(begins="2026-08-12 18:00", schedules=OFFICE_HOURS)
    .change(58, pace=0)
    .scenario("the last calls a minute are from before the end of hours", 120),
    VendorFloor(begins="2026-08-12 18:00", schedules=OFFICE_HOURS)
    .answers(59, 90, "campaigns", fault="timeout")
    .change(62, status="stopped")
    .scenario(
        "wolkvox does not answer at the end of hours, and the last figures stand",
        120,
        others=("WolkvoxDataStale", "WolkvoxPollSlow"),
    ),
]
"""Lunch, shifts, weekends: what stops by the clock."""

OTHERS = [
    VendorFloor().scenario("a working day", 180),
    VendorFloor(apis=EVERYTHING)
    .change(-120, abandoned=0.02)
    .answers(*ALL_DAY, "skills", body=skills())
    .answers(*ALL_DAY, "agents", body=agents(Ready=1, Talk=9, Auxiliary=2))
    .answers(*ALL_DAY, "audit_log", body=audit_log(("2026-08-12 09:00:00", "logged off")))
    .scenario("a working day of which wolkvox tells everything", 180),
    VendorFloor(
        *(
            FloorCampaign(one.campaign_id, one.name, one.skill_id, pace=0.05, abandoned=0.3)
            for one in CAMPAIGNS
        ),
        apis=RESULTS,
    ).scenario("a few people answer, and a third of them is not put through", 180),
    abandoned(0.5, 91)
    .answers(*ALL_DAY, "campaign_results", body=report({"ANSWER": 900, "COLGADA": 900}))
    .scenario("wolkvox calls abandoned calls otherwise", 150),
    abandoned(0.02, 10**6, begins="2026-08-12 23:00")
    .process(30, "kill")
    .process(130, "start")
    .scenario(
        "the exporter is away over midnight",
        180,
        others=("WolkvoxExporterDown", "WolkvoxOperationBlind"),
    ),
    # Of the first figure today 2 % are abandoned; of its difference from the last of yesterday, 15 %.
    Scenario(
        "the first answer of a day has more calls than the day before had",
        floor()
        | {
            series("wolkvox_operation_utc_offset_seconds", OPERATION): steady(23 * 3600.0),
            series("wolkvox_abandonment_limit_ratio", OPERATION): steady(0.03),
            campaign("attempts", CAMPAIGN, result="answer"): around_midnight(1079, 1176),
            campaign("attempts", CAMPAIGN, result="abandon"): around_midnight(7, 24),
        },
        minutes=150,
    ),
    VendorFloor(apis={"services": {"interval": "5m"}})
    .answers(30, 60, "services", body=services(licenses="", customer_prot="??"))
    .scenario("services has no licences, and what cannot be read", 90, others=("WolkvoxFormatDrift",)),
    VendorFloor(SLOW, CAMPAIGNS[1], before=420).scenario("a campaign makes three calls an hour", 300),
    VendorFloor(FloorCampaign("4877", "COBRANZA 30-60", "4001", type="preview"), CAMPAIGNS[1])
    .change(31, "4877", pace=0)
    .answers(40, 100, "campaign_settings", status=503)
    .scenario(
        "a preview waits for its agents, while campaign_settings fails", 120, others=("WolkvoxDataStale",)
    ),
    VendorFloor()
    .change(31, "4877", status="stopped")
    .change(37, "4877", status="started")
    .answers(37, 51, "campaigns", fault="connection")
    .scenario("a pause of six minutes, and then wolkvox does not answer", 120),
    VendorFloor()
    .change(31, "4877", pace=0)
    .change(37, "4877", pace=20.0)
    .answers(37, 47, "campaigns", fault="connection")
    .scenario("no calls for six minutes, and then wolkvox does not answer", 120),
    VendorFloor().answers(30, 40, "campaigns", fault="timeout").scenario("two polls fail", 90),
    VendorFloor(FloorCampaign("4877", "COBRANZA 30-60", "4001", records=3_000), CAMPAIGNS[1])
    .change(51, "4877", status="stopped")
    .scenario("a list is done and its campaign is stopped", 150, others=("WolkvoxListExhausted",)),
    VendorFloor(FloorCampaign("4877", "COBRANZA 30-60", "4001", records=3_000), CAMPAIGNS[1])
    .change(28, "4877", records=9_000)
    .scenario("a list is loaded just before its end", 120),
    VendorFloor(*FOUR, schedules=[])
    .change(30, "4877", name="OTRA")
    .change(60, "4877", skill_id="")
    .scenario("a campaign without a schedule is renamed, and its skill is not told any more", 120),
    VendorFloor(*FOUR)
    .change(30, "4877", listed=False)
    .change(35, "4877", listed=True)
    .scenario("a campaign is missing from one answer", 90),
    VendorFloor(*FOUR)
    .change(31, "4877", shares=DEAD_CARRIER, pace=1.0)
    .change(36, "4877", shares=FOUR[0].shares, pace=20.0)
    .scenario("a few dials of one poll fail", 90),
    VendorFloor(*NINE[:6])
    .change(30, "4877", status="unheard of")
    .scenario("a status is not known", 90, others=("WolkvoxFormatDrift",)),
    VendorFloor(*FOUR, before=0).scenario("the first hours of the exporter", 120),
    VendorFloor().process(60, "kill").process(62, "start").scenario("the exporter restarts", 120),
    VendorFloor()
    .process(60, "kill")
    .process(120, "start")
    .scenario(
        "the exporter is away for an hour", 200, others=("WolkvoxExporterDown", "WolkvoxOperationBlind")
    ),
    Scenario(
        "labels of other programs are pushed aside, and a harmless one of the exporter's",
        floor()
        | {
            'kube_pod_status_reason{job="kube",instance="k",exported_reason="r",exported_operation="o"}': steady(
                1
            ),
            series("wolkvox_exporter_state_up", {}, exported_pod="p", exported_namespace="n"): steady(1),
        },
        minutes=60,
    ),
    Scenario(
        "a restart, and then one odd poll",
        floor()
        | {
            poll("field_errors_total", field="hits"): steps({0: 3, 62: 0, 65: 40}),
            poll("rows_discarded_total", reason="limit"): steps({0: 3, 62: 0, 65: 40}),
        },
        minutes=120,
    ),
    Scenario(
        "the exporter comes back after an hour, with the figures from before until the first poll",
        {
            key: (lambda minute, timeline=timeline: timeline(minute) if not 60 <= minute < 120 else None)
            for key, timeline in floor().items()
        }
        | {
            poll("last_success_timestamp_seconds", api): (
                lambda minute: (
                    polled()(55 if minute in {120, 121} else minute) if not 60 <= minute < 120 else None
                )
            )
            for api in BY_NAME
        }
        | {series("up", {}): until(60, back=120)},
        minutes=240,
        others=frozenset({"WolkvoxExporterDown", "WolkvoxOperationBlind"}),
    ),
    Scenario(
        "an operation is renamed",
        {
            **only_between(floor(), 0, 60),
            **{
                key.replace("ventas-bogota", "ventas-quito"): timeline
                for key, timeline in only_between(floor(), 60, 10**9).items()
                if "operation=" in key
            },
            series("up", {}): steady(1),
        },
        minutes=180,
        others=frozenset({"WolkvoxOperationBlind"}),
    ),
    Scenario(
        "the exporter dies and stays dead",
        without(floor(), "up") | only_between(floor(), 0, 60) | {series("up", {}): until(60)},
        minutes=240,
        others=frozenset({"WolkvoxExporterDown", "WolkvoxOperationBlind"}),
    ),
    Scenario(
        "one of two replicas dies",
        floor()
        | {
            key.replace('instance="127.0.0.1:10042"', REPLICA): timeline
            for key, timeline in (only_between(floor(), 0, 60) | {series("up", {}): until(60)}).items()
        },
        minutes=180,
        others=frozenset({"WolkvoxExporterDown"}),
    ),
    Scenario(
        "midnight gives the quota back",
        floor()
        | {
            series("wolkvox_quota_used_requests", {"operation": REAL_TIME["operation"]}): steps(
                {0: 9_000, 60: 0}
            ),
            poll("polls_skipped_total", reason="overlap"): climbing(1),
        },
        minutes=120,
    ),
]

SCENARIOS = [*OF_HOURS, *OTHERS]
