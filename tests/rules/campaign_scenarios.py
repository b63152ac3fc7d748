"""When the alerts about campaigns fire, by what wolkvox answers about them."""

from exporter.judgement import Reason
from rules.floor import CAMPAIGN, OPERATION, fires
from rules.vendor_floor import CAMPAIGNS, FloorCampaign, VendorFloor, agents, audit_log, services

OFFICE_HOURS = [
    {
        "campaigns": [".*"],
        "expected": ["Mon-Fri 08:00-12:00", "Mon-Fri 13:00-18:00"],
        "permitted": ["Mon-Fri 07:00-19:00"],
    }
]
FOUR = (*CAMPAIGNS, FloorCampaign("4879", "RECAUDO", "4003"), FloorCampaign("4880", "ENCUESTA", "4004"))
NINE = tuple(FloorCampaign(str(4877 + number), f"CAMPAÑA {number}", "4001") for number in range(9))
STOPPED = "Stopped although its schedule says that it should be dialling"


def stopped(*campaigns: FloorCampaign, until: int = 91, **floor: object) -> VendorFloor:
    """Return a floor on which somebody stops the campaign at minute 31 and starts it again."""
    found = VendorFloor(*campaigns, **floor)  # type: ignore[arg-type]
    return found.change(31, "4877", status="stopped").change(until, "4877", status="started")


def stalled(*campaigns: FloorCampaign, **floor: object) -> VendorFloor:
    """Return a floor on which the campaign makes no calls between minutes 31 and 91."""
    found = VendorFloor(*campaigns, **floor)  # type: ignore[arg-type]
    return found.change(31, "4877", pace=0).change(91, "4877", pace=20.0)


def troubles(floor: VendorFloor) -> VendorFloor:
    """Return the floor with everything between minutes 48 and 120 that is no end of an incident."""
    floor.scrape(48, "fails").scrape(54, "works").process(60, "kill").process(63, "start")
    floor.answers(70, 80, "campaigns", fault="timeout").answers(70, 75, "campaign_settings", status=503)
    floor.change(90, "4877", listed=False).change(95, "4877", listed=True)
    return floor.change(105, "4877", name="OTRA").change(112, "4877", skill_id="4009")


def asking(api: str, usual: object, other: object, **floor: object) -> VendorFloor:
    """Return a floor on which an API is asked every 5 minutes, and answers otherwise between minutes 31 and 91."""
    found = VendorFloor(apis={api: {"enabled": True, "interval": "5m"}}, **floor)  # type: ignore[arg-type]
    return found.answers(-(10**6), 10**6, api, body=usual).answers(31, 91, api, body=other)


DURING_TROUBLES = ("WolkvoxOperationBlind", "WolkvoxExporterDown", "WolkvoxSkillChanged")

SCENARIOS = [
    asking("audit_log", audit_log(), audit_log(("2026-08-12 10:31:00", "Predictive: stop campaign 4877")))
    .change(31, "4877", status="stopped")
    .change(91, "4877", status="started")
    .scenario(
        "somebody stops a campaign in its hours",
        120,
        fires(
            "WolkvoxCampaignStopped",
            first=46,
            last=95,
            description=f"{STOPPED}; 996980 records are left to call.",
            about=CAMPAIGN,
            since="10:35",
            reason={
                "en": f"{Reason.STOPPED_BY_HAND.words['en']} at 10:31",
                "es": f"{Reason.STOPPED_BY_HAND.words['es']} a las 10:31",
            },
        ),
    ),
    stopped(
        schedules=[{"campaigns": [".*"], "expected": ["Mon-Fri 08:00-18:00"], "tolerance": "5m"}]
    ).scenario(
        "somebody stops a campaign whose tolerance is shorter",
        120,
        fires(
            "WolkvoxCampaignStopped",
            first=41,
            last=95,
            description=f"{STOPPED}; 996980 records are left to call.",
            about=CAMPAIGN,
            since="10:35",
        ),
    ),
    troubles(stopped(until=131)).scenario(
        "a stopped campaign, with all that can happen meanwhile",
        150,
        fires(
            "WolkvoxCampaignStopped",
            first=46,
            last=133,
            description=f"{STOPPED}; 996980 records are left to call.",
            about=CAMPAIGN,
            since="10:35",
        ),
        others=DURING_TROUBLES,
    ),
    stopped(
        FloorCampaign(
            "4877",
            "COBRANZA 30-60",
            "4001",
            fields={"clean": None, "records": None},
            settings={"records": None},
        ),
        CAMPAIGNS[1],
    ).scenario(
        "a campaign stops whose list is not known",
        120,
        fires(
            "WolkvoxCampaignStopped",
            first=46,
            last=95,
            description=f"{STOPPED}.",
            about=CAMPAIGN,
            since="10:35",
        ),
    ),
    VendorFloor(FloorCampaign("4877", "COBRANZA 30-60", "4001", records=2_000, retries=True), CAMPAIGNS[1])
    .change(31, "4877", status="stopped")
    .change(91, "4877", status="started")
    .scenario(
        "a campaign is stopped that retries its list",
        120,
        fires(
            "WolkvoxCampaignStopped",
            first=46,
            last=95,
            description=f"{STOPPED}; 0 records are left to call.",
            about=CAMPAIGN,
            since="10:35",
            reason=Reason.LIST_USED_UP.words,
        ),
        others=("WolkvoxListExhausted",),
    ),
    VendorFloor(begins="2026-08-12 11:00", schedules=OFFICE_HOURS)
    .change(50, status="stopped")
    .change(123, "4878", status="started")
    .change(181, "4877", status="started")
    .scenario(
        "a campaign stays stopped after lunch",
        200,
        fires(
            "WolkvoxCampaignStopped",
            first=131,
            last=185,
            description=f"{STOPPED}; 996600 records are left to call.",
            about=CAMPAIGN,
            since="13:00",
        ),
    ),
    VendorFloor(begins="2026-08-12 07:00", before=0, schedules=OFFICE_HOURS)
    .change(0, "4877", status="stopped")
    .change(121, "4877", status="started")
    .scenario(
        "nobody starts a campaign that has never run",
        150,
        fires(
            "WolkvoxCampaignNotStarted",
            first=71,
            last=125,
            description="Its schedule says that it should be dialling, but it has not run for days; 1000000 records are "
            "left to call.",
            about=CAMPAIGN,
            since="08:00",
        ),
    ),
    VendorFloor()
    .change(31, "4877", status="stopped")
    .change(37, "4878", status="stopped")
    .change(91, "4877", status="started")
    .change(101, "4878", status="started")
    .scenario(
        "all campaigns of an operation stop, and are started one by one",
        130,
        fires(
            "WolkvoxOperationStopped",
            first=46,
            last=105,
            description="2 campaigns were stopped, or stopped making calls, at once in their hours, and not all of them dial again.",
            about=OPERATION,
            since="10:35",
        ),
        others=("WolkvoxCampaignStopped",),
    ),
    stopped(*FOUR, schedules=[], until=181)
    .change(120, "4878", status="stopped")
    .change(123, status="stopped")
    .change(181, status="started")
    .scenario(
        "a campaign without a schedule stops, and hours later all others",
        210,
        fires(
            "WolkvoxCampaignStoppedUnscheduled",
            first=46,
            last=185,
            description="Stopped while most campaigns of the operation go on; 996980 records are left to call. Without a "
            "schedule nobody can tell whether this is intended.",
            about=CAMPAIGN,
            since="10:35",
        ),
    ),
    stalled().scenario(
        "a started campaign makes no calls",
        120,
        fires(
            "WolkvoxCampaignStalled",
            first=46,
            last=95,
            severity="critical",
            description="Started, but makes no calls; at its usual pace it would have made about 200.",
            about=CAMPAIGN,
            since="10:35",
        ),
    ),
    stalled(*FOUR, schedules=[]).scenario(
        "a started campaign without a schedule makes no calls",
        120,
        fires(
            "WolkvoxCampaignStalled",
            first=46,
            last=95,
            severity="warning",
            description="Started, but makes no calls, while most campaigns of the operation go on; at its usual pace it "
            "would have made about 200.",
            about=CAMPAIGN,
            since="10:35",
        ),
    ),
    VendorFloor(
        FloorCampaign("4877", "COBRANZA 30-60", "4001", pace=lambda minute: float(minute % 5 == 0)),
        CAMPAIGNS[1],
        before=300,
    )
    .change(31, "4877", pace=0)
    .scenario(
        "a campaign of twelve calls an hour makes none",
        150,
        fires(
            "WolkvoxCampaignStalled",
            first=91,
            last=150,
            severity="critical",
            description="Started, but makes no calls; at its usual pace it would have made about 11.",
            about=CAMPAIGN,
            since="10:35",
        ),
    ),
    stalled()
    .change(31, "4877", speed="0%")
    .change(91, "4877", speed="110%")
    .scenario(
        "somebody sets the speed to 0",
        120,
        fires(
            "WolkvoxSpeedZero",
            first=46,
            last=95,
            description="Started, but its speed is 0, so it makes no calls.",
            about=CAMPAIGN,
            since="10:35",
        ),
        others=("WolkvoxCampaignStalled",),
    ),
    VendorFloor()
    .change(31, "4877", records=0)
    .change(91, "4877", records=500_000)
    .scenario(
        "a list is cleared and no other loaded",
        120,
        fires(
            "WolkvoxListEmpty",
            first=46,
            last=95,
            description="Started in its hours, but its list has no records: it was cleared, and no new one is loaded.",
            about=CAMPAIGN,
            since="10:35",
        ),
    ),
    VendorFloor(CAMPAIGNS[0], begins="2026-08-12 18:00", schedules=OFFICE_HOURS)
    .change(101, status="stopped")
    .scenario(
        "a campaign goes on dialling after the hour",
        140,
        fires(
            "WolkvoxDialingOutsideHours",
            first=66,
            last=121,
            description="Makes calls at a time when its schedule forbids dialling.",
            about=CAMPAIGN,
            since="19:00",
        ),
    ),
    VendorFloor()
    .change(31, "4877", speed="180%")
    .change(61, "4877", speed="120%")
    .scenario(
        "somebody turns the speed up",
        100,
        fires(
            "WolkvoxSpeedOutOfPolicy",
            first=46,
            last=80,
            description="Set to a speed of 180 %.",
            about=CAMPAIGN,
        ),
    ),
    VendorFloor()
    .change(31, "4877", skill_id="4009")
    .scenario(
        "a campaign's calls go to another skill",
        120,
        fires(
            "WolkvoxSkillChanged",
            first=36,
            last=105,
            description="Its calls go to the agents of another skill since a short time ago.",
            about=CAMPAIGN,
        ),
    ),
    VendorFloor(*NINE)
    .change(31, "4877", status="stopped")
    .scenario(
        "more predictive campaigns than licences",
        60,
        fires(
            "WolkvoxPredictivesOverLimit",
            first=10,
            last=50,
            description="9 predictive campaigns are started; the limit is 8.",
            about=OPERATION,
        ),
        others=("WolkvoxCampaignStopped",),
    ),
    VendorFloor(schedules=[])
    .change(31, "4877", listed=False)
    .scenario(
        "a campaign is deleted",
        120,
        fires(
            "WolkvoxCampaignGone",
            first=46,
            last=95,
            description="Was listed within the last hour, and is not any more, although wolkvox answers.",
            about=CAMPAIGN,
        ),
    ),
    asking("agents", agents(Ready=2, Talk=5), agents(Auxiliary=7))
    .change(31, "4877", pace=0)
    .change(91, "4877", pace=20.0)
    .scenario(
        "a campaign makes no calls because its agents are at a meeting",
        120,
        fires(
            "WolkvoxCampaignStalled",
            first=46,
            last=95,
            severity="critical",
            description="Started, but makes no calls; at its usual pace it would have made about 200.",
            about=CAMPAIGN,
            since="10:35",
            reason=Reason.NO_AGENTS.words,
        ),
    ),
    asking(
        "audit_log",
        audit_log(),
        audit_log(("2026-08-12 23:56:00", "Predictive: stop campaign 4877")),
        begins="2026-08-12 23:00",
    )
    .change(56, "4877", status="stopped")
    .change(106, "4877", status="started")
    .scenario(
        "somebody stops a campaign just before midnight",
        120,
        fires(
            "WolkvoxCampaignStopped",
            first=71,
            last=110,
            description=f"{STOPPED}; 996480 records are left to call.",
            about=CAMPAIGN,
            since="00:00",
            # promtool's clock begins on the first of January.
            reason={
                "en": f"{Reason.STOPPED_BY_HAND.words['en']} at 31/12 23:56",
                "es": f"{Reason.STOPPED_BY_HAND.words['es']} a las 31/12 23:56",
            },
        ),
    ),
    asking("services", services(), services(licenses="30")).scenario(
        "wolkvox tells more licences than are configured",
        120,
        fires(
            "WolkvoxLicencesDiffer",
            first=36,
            last=95,
            description="wolkvox says 30 licences, the configuration 25: the day's budget of calls may be wrong.",
            about=OPERATION,
        ),
    ),
    asking(
        "services",
        services(),
        services(customer_prot="no"),
        schedules=[{"campaigns": [".*"], "permitted": "ley-2300", "expected": ["Mon-Fri 08:00-18:00"]}],
    ).scenario(
        "customer protection is switched off",
        120,
        fires(
            "WolkvoxCustomerProtectionOff",
            first=36,
            last=95,
            description="Customer protection is off in wolkvox, although a schedule of the operation permits calls by "
            "ley-2300.",
            about=OPERATION,
        ),
    ),
    VendorFloor(*CAMPAIGNS, predictives_limit=1)
    .change(31, "4877", status="stopped")
    .scenario(
        "more predictive campaigns than are configured",
        60,
        fires(
            "WolkvoxPredictivesOverLimit",
            first=10,
            last=50,
            description="2 predictive campaigns are started; the limit is 1.",
            about=OPERATION,
        ),
        others=("WolkvoxCampaignStopped",),
    ),
]
