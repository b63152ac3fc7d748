"""When the alerts about campaigns fire."""

from rules.floor import (
    CAMPAIGN,
    DIALS_A_POLL,
    OPERATION,
    OTHER,
    RECORDS,
    campaign,
    climbing,
    everywhere,
    fires,
    floor,
    steady,
    steps,
    without,
)
from support.promtool import Scenario

WHO = "Campaign COBRANZA 30-60 (4877, skill 4001) of operation ventas-bogota"
OFF_FOR_AN_HOUR = steps({0: 1, 30: 0, 90: 1})
WEEK = 7 * 24 * 60

SCENARIOS = [
    Scenario(
        "somebody stops a campaign in its hours",
        floor(running=OFF_FOR_AN_HOUR),
        minutes=120,
        fires=fires(
            "WolkvoxCampaignStopped",
            first=40,
            last=99,
            description=f"{WHO} is stopped although its schedule says it should be dialling, with 999200 records "
            "left to call.",
            about=CAMPAIGN,
        ),
    ),
    Scenario(
        "a campaign stops whose list is not known",
        without(floor(running=OFF_FOR_AN_HOUR), "clean_records", "campaign_records"),
        minutes=120,
        fires=fires(
            "WolkvoxCampaignStopped",
            first=40,
            last=99,
            description=f"{WHO} is stopped although its schedule says it should be dialling, with an unknown "
            "number of records left to call.",
            about=CAMPAIGN,
        ),
    ),
    Scenario(
        "a campaign stays stopped after lunch",
        floor(
            running=steps({0: 1, 30: 0, 150: 1}),
            expected=steps({0: 1, 30: 0, 90: 1}),
        ),
        minutes=180,
        fires=fires(
            "WolkvoxCampaignStopped",
            first=100,
            last=159,
            description=f"{WHO} is stopped although its schedule says it should be dialling, with 998000 records "
            "left to call.",
            about=CAMPAIGN,
        ),
    ),
    Scenario(
        "nobody starts a campaign in the morning",
        floor(running=steps({0: 0, 90: 1}), expected=steps({0: 0, 30: 1}), clean_records=steady(RECORDS)),
        minutes=120,
        fires=fires(
            "WolkvoxCampaignNotStarted",
            first=50,
            last=99,
            description=f"{WHO} has not been started although its schedule says it should be dialling, with "
            "1000000 records left to call.",
            about=CAMPAIGN,
        ),
    ),
    Scenario(
        "a campaign without a schedule stops",
        without(floor(running=steps({0: 1, 30: 0})), "expected", "permitted"),
        minutes=120,
        fires=fires(
            "WolkvoxCampaignStoppedUnscheduled",
            first=40,
            last=99,  # an hour after it was last on, and the time it is kept
            description=f"{WHO} was dialling within the last hour and is now stopped, with 999200 records left "
            "to call. It has no schedule, so nobody can tell whether this is intended.",
            about=CAMPAIGN,
        ),
    ),
    Scenario(
        "a started campaign makes no calls",
        floor(
            calls_per_minute=steps({0: 20, 30: 0, 90: 20}),
            dialed_records=lambda minute: climbing(DIALS_A_POLL, until=25)(minute) if minute < 90 else 9_000,
            clean_records=climbing(-DIALS_A_POLL, RECORDS, until=25),
        ),
        minutes=120,
        fires=fires(
            "WolkvoxCampaignStalled",
            first=51,
            last=99,
            severity="critical",
            description=f"{WHO} is started and should be dialling, but made no call and called no further "
            "record in three polls, with 999500 records left to call.",
            about=CAMPAIGN,
        ),
    ),
    Scenario(
        "a started campaign without a schedule makes no calls",
        without(
            floor(
                calls_per_minute=steps({0: 20, 30: 0, 90: 20}),
                dialed_records=lambda minute: (
                    climbing(DIALS_A_POLL, until=25)(minute) if minute < 90 else 9_000
                ),
                clean_records=climbing(-DIALS_A_POLL, RECORDS, until=25),
            ),
            "expected",
            "permitted",
        ),
        minutes=120,
        fires=fires(
            "WolkvoxCampaignStalled",
            first=51,
            last=99,
            severity="warning",
            description=f"{WHO} is started, but made no call and called no further record in three polls, while "
            "other campaigns of the operation are dialling; 999500 records are left to call.",
            about=CAMPAIGN,
        ),
    ),
    Scenario(
        "all campaigns of an operation stop",
        everywhere(running=OFF_FOR_AN_HOUR),
        minutes=120,
        fires=fires(
            "WolkvoxOperationIdle",
            first=40,
            last=99,
            description="Operation ventas-bogota has no campaign started, although campaigns with records "
            "left should be dialling: 2.",
            about=OPERATION,
        ),
        others=frozenset({"WolkvoxCampaignStopped"}),
    ),
    Scenario(
        "a campaign goes on dialling after the hour",
        floor(
            expected=steps({0: 1, 30: 0}),
            permitted=steps({0: 1, 60: 0}),
            calls_per_minute=steps({0: 20, 100: 0}),
            running=steps({0: 1, 100: 0}),
        ),
        minutes=130,
        fires=fires(
            "WolkvoxDialingOutsideHours",
            first=70,
            last=109,
            description=f"{WHO} is making 20 calls per minute at a time when its schedule forbids dialling.",
            about=CAMPAIGN,
        ),
    ),
    Scenario(
        "somebody turns the speed up",
        floor(speed_ratio=steps({0: 1.1, 30: 1.8, 60: 1.2})),
        minutes=90,
        fires=fires(
            "WolkvoxSpeedOutOfPolicy",
            first=40,
            last=69,
            description=f"{WHO} is set to a speed of 180%.",
            about=CAMPAIGN,
        ),
    ),
    Scenario(
        "a campaign is deleted",
        {
            key: (steps({0: 1, 30: None}) if 'campaign_id="4877"' in key else timeline)
            for key, timeline in without(floor(), "expected", "permitted").items()
        },
        minutes=120,
        fires=fires(
            "WolkvoxCampaignGone",
            first=40,
            last=94,
            description=f"{WHO} was listed within the last hour but is not listed now, although wolkvox "
            "answers.",
            about=CAMPAIGN,
        ),
    ),
]

SLOW_SCENARIOS = [
    Scenario(
        "a campaign without a schedule stops, and did not a week ago",
        without(
            floor(running=steps({0: 1, WEEK + 100: 0})) | {campaign("running", OTHER): steady(1)},
            "expected",
            "permitted",
        ),
        minutes=WEEK + 200,
        step=5,
        fires=fires(
            "WolkvoxCampaignStoppedUnscheduled",
            first=WEEK + 110,
            last=WEEK + 165,
            description=f"{WHO} was dialling within the last hour and is now stopped, with 796200 records left "
            "to call. It has no schedule, so nobody can tell whether this is intended.",
            about=CAMPAIGN,
        ),
    ),
]
