"""When the alerts about lists and results fire."""

from rules.campaign_scenarios import WEEK, WHO
from rules.floor import (
    CAMPAIGN,
    OPERATION,
    OTHER,
    OUTCOMES,
    campaign,
    climbing,
    everywhere,
    fires,
    floor,
    steady,
    steps,
)
from support.promtool import Scenario, Timeline

WHOSE = WHO[0].lower() + WHO[1:]


def outcome(name: str, timeline: Timeline) -> dict[str, Timeline]:
    """Return one outcome of the campaign's dials."""
    return {campaign("outcome_records", outcome=name): timeline}


def turning(before: float, after: float, minute: int, back: int = 10**9) -> Timeline:
    """Return a count that grows by so much a poll, between two minutes by another."""
    return lambda now: (
        climbing(before, until=minute)(now)
        + climbing(after, since=minute, until=back)(now)
        + climbing(before, since=back)(now)
    )


SCENARIOS = [
    Scenario(
        "a list is used up, and filled again",
        floor(records=steady(5_000), clean_records=steps({0: 900, 30: 0, 60: 5_000})),
        minutes=90,
        fires=fires(
            "WolkvoxListExhausted",
            first=40,
            last=69,
            description=f"{WHO} has called all 5000 records of its list.",
            about=CAMPAIGN,
        ),
    ),
    Scenario(
        "a list runs out within the hour",
        floor(
            records=steady(5_000),
            clean_records=lambda minute: 1500 - 10.0 * minute if minute < 120 else 5_000,
        ),
        minutes=150,
        fires=fires(
            "WolkvoxListEndsSoon",
            first=106,
            last=129,
            description=f"{WHO} will have called its whole list in about 44m 0s at the pace of the last hour.",
            about=CAMPAIGN,
        ),
    ),
    Scenario(
        "a third of the telephones is dead",
        floor(unreachable_telephones=steps({0: 40, 30: 170, 120: 40})),
        minutes=150,
        fires=fires(
            "WolkvoxUnreachableTelephonesHigh",
            first=95,
            last=129,
            description=f"34% of the telephones that {WHOSE} dialled today gave only congestion or failed.",
            about=CAMPAIGN,
        ),
    ),
    Scenario(
        "half of a campaign's dials fail",
        floor() | outcome("busy_congestion_failed", turning(10, 50, minute=60, back=120)),
        minutes=180,
        fires=fires(
            "WolkvoxFailedShareHigh",
            first=85,
            last=149,
            severity="warning",
            description=f"43.33% of the dials of {WHOSE} in the last half hour ended in busy, congestion or "
            "failed.",
            about=CAMPAIGN,
        ),
    ),
    Scenario(
        "the carrier fails",
        everywhere()
        | {
            key: turning(10, 90, minute=60, back=120)
            for key in everywhere()
            if 'outcome="busy_congestion_failed"' in key
        },
        minutes=180,
        fires=fires(
            "WolkvoxFailedShareHigh",
            first=90,
            last=144,
            severity="critical",
            description="90% of all dials of operation ventas-bogota in the last half hour ended in busy, "
            "congestion or failed: look at the carrier.",
            about=OPERATION,
        ),
        beside=tuple(
            fires(
                "WolkvoxFailedShareHigh",
                first=80,
                last=149,
                severity="warning",
                description=f"90% of the dials of campaign {whose['campaign']} ({whose['campaign_id']}, skill "
                f"{whose['skill_id']}) of operation ventas-bogota in the last half hour ended in busy, congestion or "
                "failed.",
                about=whose,
            )
            for whose in (CAMPAIGN, OTHER)
        ),
    ),
    Scenario(
        "machines answer",
        floor() | outcome("answer_machine", turning(10, 60, minute=60, back=150)),
        minutes=210,
        fires=fires(
            "WolkvoxMachineShareHigh",
            first=110,
            last=179,
            description=f"Machines answered 60% of the dials of {WHOSE} in the last half hour.",
            about=CAMPAIGN,
        ),
    ),
]

SLOW_SCENARIOS = [
    Scenario(
        "fewer people answer than a week ago",
        floor() | outcome("answer", turning(OUTCOMES["answer"], 10, minute=WEEK + 100, back=WEEK + 200)),
        minutes=WEEK + 280,
        step=5,
        fires=fires(
            "WolkvoxContactRateLow",
            first=WEEK + 140,
            last=WEEK + 220,
            description=f"The contact rate of {WHOSE} in the last half hour is 25% of what it was at this hour a "
            "week ago.",
            about=CAMPAIGN,
        ),
    ),
    Scenario(
        "more machines answer than a week ago",
        floor() | outcome("answer_machine", turning(10, 30, minute=WEEK + 100, back=WEEK + 200)),
        minutes=WEEK + 280,
        step=5,
        fires=fires(
            "WolkvoxMachineShareHigh",
            first=WEEK + 155,
            last=WEEK + 220,
            description=f"Machines answered 30% of the dials of {WHOSE} in the last half hour.",
            about=CAMPAIGN,
        ),
    ),
    Scenario(
        "fewer contacts are hits than a week ago",
        floor(hits=turning(4, 1, minute=WEEK + 100, back=WEEK + 300)),
        minutes=WEEK + 450,
        step=5,
        fires=fires(
            "WolkvoxHitRateLow",
            first=WEEK + 215,
            last=WEEK + 350,
            description=f"The hit rate of {WHOSE} in the last two hours is 28.12% of what it was at this hour a "
            "week ago.",
            about=CAMPAIGN,
        ),
    ),
]
