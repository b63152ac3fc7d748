"""When the alerts about lists and results fire, by what wolkvox answers about them."""

from rules.campaign_scenarios import FOUR
from rules.floor import CAMPAIGN, OPERATION, campaign, fires, steady, steps
from rules.vendor_floor import CAMPAIGNS, FloorCampaign, VendorFloor
from support.promtool import Fires

USUAL = {"answer": 0.4, "busy_congestion_failed": 0.1, "answer_machine": 0.1}
NO_ANSWERS = {**USUAL, "answer": 0.01}
DEAD_CARRIER = {"answer": 0.04, "busy_congestion_failed": 0.9, "answer_machine": 0.01}
SHORT = FloorCampaign("4877", "COBRANZA 30-60", "4001", records=3_000)


def sharing(shares: dict[str, float], *campaigns: str | None) -> VendorFloor:
    """Return a floor on which the dials of campaigns end otherwise between minutes 31 and 91."""
    found = VendorFloor(*FOUR)
    for whose in campaigns:
        found.change(31, whose, shares=shares).change(91, whose, shares=USUAL)
    return found


RESULTS: dict[str, dict[str, object]] = {"campaign_results": {"enabled": True}}
WINDOWS_STEP = 5
"""Minutes between two evaluations of the windows in which abandoned calls are counted."""


def abandoned(share: float, until: int, **floor: object) -> VendorFloor:
    """Return a floor on which the campaign, of 8 live answers a minute, loses a share of them from minute 31 on."""
    found = VendorFloor(apis=RESULTS, **floor)  # type: ignore[arg-type]
    return found.change(31, "4877", abandoned=share).change(until, "4877", abandoned=0.0)


def each(alert: str, description: str, first: int, last: int) -> tuple[Fires, ...]:
    """Return what the same alert says about each of the campaigns."""
    return tuple(
        fires(
            alert,
            first=first,
            last=last,
            severity="warning",
            description=description,
            about={"operation": "ventas-bogota", "campaign_id": one.campaign_id, "campaign": one.name},
        )
        for one in FOUR
    )


SCENARIOS = [
    VendorFloor(SHORT, CAMPAIGNS[1])
    .change(91, "4877", records=5_000)
    .scenario(
        "a list is used up, and filled again",
        120,
        fires(
            "WolkvoxListExhausted",
            first=41,
            last=95,
            description="All records of its list have been called.",
            about=CAMPAIGN,
            since="10:30",
        ),
    ),
    VendorFloor(
        FloorCampaign("4877", "COBRANZA 30-60", "4001", records=3_000, uncalled=3), CAMPAIGNS[1]
    ).scenario(
        "the last three records of a list are never called",
        150,
        fires(
            "WolkvoxListExhausted",
            first=101,
            last=150,
            description="All records of its list have been called.",
            about=CAMPAIGN,
            since="11:30",
        ),
    ),
    VendorFloor(FloorCampaign("4877", "COBRANZA 30-60", "4001", records=4_600), CAMPAIGNS[1])
    .change(101, "4877", records=50_000)
    .scenario(
        "a list runs out within the hour",
        130,
        fires(
            "WolkvoxListEndsSoon",
            first=81,
            last=115,
            description="Will have called its whole list in about 30 minutes at the pace of the last hour.",
            about=CAMPAIGN,
        ),
    ),
    VendorFloor(
        FloorCampaign(
            "4877", "COBRANZA 30-60", "4001", records=6_000, shares={**USUAL, "busy_congestion_failed": 0.5}
        ),
        CAMPAIGNS[1],
    )
    .change(31, "4877", records=8_000)
    .change(91, "4877", shares={**USUAL, "busy_congestion_failed": 0.0})
    .scenario(
        "a list is refilled with the same dead numbers",
        180,
        fires(
            "WolkvoxRefilledListUnreachable",
            first=41,
            last=115,
            description="50 % of the dials of its new list end in busy, congestion or failed, hardly less than of the "
            "one before.",
            about=CAMPAIGN,
        ),
    ),
    VendorFloor().scenario(
        "a third of the telephones is dead",
        150,
        stored=lambda told: (
            told
            | {
                campaign("telephones"): steady(500),
                campaign("unreachable_telephones"): steps({0: 40, 30: 170, 120: 40}),
            }
        ),
        fires=fires(
            "WolkvoxUnreachableTelephonesHigh",
            first=95,
            last=134,
            description="34 % of the telephones dialled today gave only congestion or failed.",
            about=CAMPAIGN,
        ),
    ),
    VendorFloor(*FOUR)
    .change(31, "4877", pace=4.0)
    .change(91, "4877", pace=20.0)
    .scenario(
        "a campaign's calls a minute fall to a fifth",
        150,
        fires(
            "WolkvoxCallsFallen",
            first=46,
            last=110,
            severity="warning",
            description="Makes 21 % of its usual calls per minute.",
            about=CAMPAIGN,
        ),
    ),
    VendorFloor(*FOUR)
    .change(31, pace=4.0)
    .change(91, pace=20.0)
    .scenario(
        "an operation's calls a minute fall to a fifth",
        150,
        fires(
            "WolkvoxCallsFallen",
            first=46,
            last=125,
            severity="critical",
            description="The started campaigns of the operation make 21 % of their usual calls per minute.",
            about=OPERATION,
        ),
    ),
    sharing(NO_ANSWERS, "4877").scenario(
        "hardly anybody answers a campaign",
        150,
        fires(
            "WolkvoxAnswersLost",
            first=41,
            last=110,
            severity="warning",
            description="Answers are 11 % of the usual share, while dials go on.",
            about=CAMPAIGN,
        ),
        others=("WolkvoxContactRateLow",),
    ),
    sharing(NO_ANSWERS, None).scenario(
        "hardly anybody answers an operation",
        150,
        fires(
            "WolkvoxAnswersLost",
            first=41,
            last=125,
            severity="critical",
            description="Answers of the operation are 11 % of the usual share, while dials go on.",
            about=OPERATION,
        ),
        beside=each("WolkvoxAnswersLost", "Answers are 11 % of the usual share, while dials go on.", 41, 110),
        others=("WolkvoxContactRateLow",),
    ),
    sharing({**USUAL, "answer": 0.1}, "4877").scenario(
        "fewer people answer than usual",
        150,
        fires(
            "WolkvoxContactRateLow",
            first=46,
            last=110,
            description="Reaches 25 % of the usual share of people.",
            about=CAMPAIGN,
        ),
    ),
    sharing({**USUAL, "busy_congestion_failed": 0.5}, "4877").scenario(
        "half of a campaign's dials fail",
        150,
        fires(
            "WolkvoxFailedShareHigh",
            first=36,
            last=115,
            severity="warning",
            description="26 % of its dials end in busy, congestion or failed.",
            about=CAMPAIGN,
        ),
    ),
    sharing(DEAD_CARRIER, None).scenario(
        "the carrier fails",
        150,
        fires(
            "WolkvoxFailedShareHigh",
            first=41,
            last=130,
            severity="critical",
            description="82 % of all dials of the operation end in busy, congestion or failed.",
            about=OPERATION,
        ),
        beside=each(
            "WolkvoxFailedShareHigh", "82 % of its dials end in busy, congestion or failed.", 36, 115
        ),
        others=("WolkvoxContactRateLow", "WolkvoxAnswersLost"),
    ),
    sharing({**USUAL, "answer_machine": 0.5}, "4877").scenario(
        "machines answer",
        150,
        fires(
            "WolkvoxMachineShareHigh",
            first=36,
            last=115,
            description="Machines answer 26 % of its dials.",
            about=CAMPAIGN,
        ),
    ),
    VendorFloor(*FOUR, before=300)
    .change(31, "4877", hits=0.01)
    .scenario(
        "fewer contacts are hits than usual",
        150,
        fires(
            "WolkvoxHitRateLow",
            first=101,
            last=150,
            description="Its hit rate of the last two hours is 48 % of the usual one.",
            about=CAMPAIGN,
        ),
    ),
    # From the beginning of the floor, so that a range with both of its ends has no report more than one without.
    abandoned(0.5, 61, before=0).scenario(
        "half of those who answer are not put through for half an hour",
        150,
        fires(
            "WolkvoxAbandonmentFastBurn",
            first=46,
            last=121,
            description="15.6 % of the 360 calls that people answered in the last hour were abandoned; the limit is 3 %.",
            about=CAMPAIGN,
        ),
        others=("WolkvoxAbandonmentSlowBurn", "WolkvoxAbandonmentOverLimit"),
    ),
    VendorFloor(apis=RESULTS, begins="2026-08-12 23:00")
    .change(31, "4877", abandoned=0.5)
    .scenario(
        "a campaign dials past midnight, and loses half of those who answer",
        120,
        fires(
            "WolkvoxAbandonmentFastBurn",
            first=70,
            last=120,
            description="15.6 % of the 360 calls that people answered in the last hour were abandoned; the limit is 3 %.",
            about=CAMPAIGN,
        ),
        others=("WolkvoxAbandonmentSlowBurn", "WolkvoxAbandonmentOverLimit"),
        step=WINDOWS_STEP,
    ),
    abandoned(0.11, 121, before=0).scenario(
        "one of nine who answer is not put through for an hour and a half",
        400,
        fires(
            "WolkvoxAbandonmentSlowBurn",
            first=95,
            last=375,
            description="7.1 % of the 720 calls that people answered in the last 24 hours were abandoned; the limit is 3 %.",
            about=CAMPAIGN,
        ),
        others=("WolkvoxAbandonmentOverLimit",),
        step=WINDOWS_STEP,
    ),
    VendorFloor(apis=RESULTS)
    .change(-120, "4877", abandoned=0.04)
    .scenario(
        "one of 25 who answer is not put through",
        120,
        fires(
            "WolkvoxAbandonmentOverLimit",
            first=20,
            last=120,
            description="4 % of the 1080 calls that people answered in the last 30 days were abandoned; the limit is 3 %.",
            about=CAMPAIGN,
        ),
        step=WINDOWS_STEP,
    ),
]
