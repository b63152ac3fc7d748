"""Scenarios in which nobody must be paged: each fires no alert but those of its `others`."""

from exporter.apis import BY_NAME
from rules.campaign_scenarios import WEEK
from rules.floor import (
    CAMPAIGN,
    DIALS_A_POLL,
    OPERATION,
    OTHER,
    OUTCOMES,
    POLL,
    RECORDS,
    campaign,
    climbing,
    everywhere,
    floor,
    of_campaign,
    only_between,
    poll,
    polled,
    series,
    steady,
    steps,
    without,
)
from rules.result_scenarios import turning
from support.promtool import Scenario, Timeline

DAY = 24 * 60
ENDS = 60


def until(end: int, figure: float = 1, after: float | None = 0, back: int = 10**9) -> Timeline:
    """Return a figure that is another one between two minutes."""
    return lambda minute: after if end <= minute < back else figure


def closing(closes: int, stops: int) -> dict[str, Timeline]:
    """Return a floor whose hours end at one minute and whose campaigns stop at another."""
    return everywhere(
        expected=until(closes),
        permitted=until(closes),
        running=until(stops),
        calls_per_minute=until(stops, 20),
        clean_records=climbing(-DIALS_A_POLL, RECORDS, until=stops),
        dialed_records=climbing(DIALS_A_POLL, until=stops),
    )


RENAMED = {**CAMPAIGN, "campaign": "COBRANZA 30-60 NUEVA"}
REPLICA = 'instance="127.0.0.1:10043"'
ODD = range(60, 65)


def odd(usual: float, figure: float | None) -> Timeline:
    """Return a figure that is another one in a single poll."""
    return lambda minute: figure if minute in ODD else usual


SCENARIOS = [
    Scenario("a working day", floor(), minutes=180),
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
    Scenario("the shift ends", closing(ENDS, ENDS), minutes=240),
    Scenario("the shift ends, and campaigns stop a poll later", closing(ENDS, ENDS + 8), minutes=180),
    Scenario("somebody stops all a few minutes early", closing(ENDS, ENDS - 8), minutes=180),
    Scenario(
        "a night, a weekend or a holiday",
        everywhere(
            expected=steady(0),
            permitted=steady(0),
            running=steady(0),
            calls_per_minute=steady(0),
            clean_records=steady(RECORDS),
            dialed_records=steady(0),
        ),
        minutes=480,
        step=5,
    ),
    Scenario(
        "a night with campaigns that stay started",
        everywhere(
            expected=until(ENDS),
            permitted=until(ENDS),
            calls_per_minute=until(ENDS, 20),
            clean_records=climbing(-DIALS_A_POLL, RECORDS, until=ENDS),
            dialed_records=climbing(DIALS_A_POLL, until=ENDS),
        ),
        minutes=240,
    ),
    Scenario(
        "lunch, and back a little late",
        everywhere(
            expected=until(60, back=120),
            running=until(60, back=128),
            calls_per_minute=until(60, 20, back=130),
            clean_records=turning(-DIALS_A_POLL, 0, 60, 125),
            dialed_records=turning(DIALS_A_POLL, 0, 60, 125),
        )
        | {campaign("clean_records", whose): steady(RECORDS) for whose in (CAMPAIGN, OTHER)},
        minutes=240,
    ),
    Scenario(
        "the morning begins a quarter of an hour late",
        floor(
            expected=steps({0: 0, 30: 1}),
            running=steps({0: 0, 45: 1}),
            calls_per_minute=steps({0: 0, 45: 20}),
            dialed_records=climbing(DIALS_A_POLL, since=45),
        ),
        minutes=120,
    ),
    Scenario(
        "a list is done and its campaign stops",
        floor(
            clean_records=until(60, 800),
            dialed_records=climbing(DIALS_A_POLL, until=60),
            calls_per_minute=until(60, 20),
            running=until(70),
        ),
        minutes=180,
        others=frozenset({"WolkvoxListExhausted"}),
    ),
    Scenario(
        "a list is done and its campaign stays started",
        floor(
            clean_records=until(60, 800),
            dialed_records=climbing(DIALS_A_POLL, until=60),
            calls_per_minute=until(60, 20),
        ),
        minutes=180,
        others=frozenset({"WolkvoxListExhausted"}),
    ),
    Scenario(
        "a list is recycled",
        floor(clean_records=steps({0: 800, 60: 0, 68: RECORDS})),
        minutes=180,
    ),
    Scenario(
        "a list is loaded anew and every count begins again",
        floor(
            clean_records=lambda minute: RECORDS - 100.0 * ((minute if minute < 90 else minute - 90) // POLL),
            dialed_records=lambda minute: 100.0 * ((minute if minute < 90 else minute - 90) // POLL),
            hits=lambda minute: 4.0 * ((minute if minute < 90 else minute - 90) // POLL),
        )
        | {
            campaign("outcome_records", outcome=name): (
                lambda minute, number=number: (
                    float(number) * ((minute if minute < 90 else minute - 90) // POLL)
                )
            )
            for name, number in OUTCOMES.items()
        },
        minutes=300,
    ),
    Scenario(
        "a campaign is renamed",
        floor() | only_between(of_campaign(CAMPAIGN), 0, 60) | only_between(of_campaign(RENAMED), 60, 10**9),
        minutes=180,
    ),
    Scenario(
        "a campaign without a schedule is renamed",
        without(
            floor()
            | only_between(of_campaign(CAMPAIGN), 0, 60)
            | only_between(of_campaign(RENAMED), 60, 10**9),
            "expected",
            "permitted",
        ),
        minutes=180,
    ),
    Scenario(
        "the exporter restarts",
        floor()
        | {poll("up"): odd(1, None), poll("field_errors_total", field="hits"): steps({0: 3, 62: 0})}
        | {series("up", {}): lambda minute: float(minute not in {60, 61})},
        minutes=150,
        gap=range(60, 62),
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
        "campaigns of which only the permitted hours are known stop when those end",
        without(closing(ENDS, ENDS - 2), "expected"),
        minutes=180,
    ),
    Scenario(
        "a campaign that may not dial any more stays started, while others may",
        without(
            floor(
                permitted=until(ENDS),
                calls_per_minute=until(ENDS, 20),
                clean_records=climbing(-DIALS_A_POLL, RECORDS, until=ENDS),
                dialed_records=climbing(DIALS_A_POLL, until=ENDS),
            ),
            "expected",
        ),
        minutes=180,
    ),
    Scenario(
        "the exporter is new and its figures begin in the middle of the day",
        only_between(
            floor(calls_per_minute=steps({40: 0, 46: 20}), dialed_records=climbing(DIALS_A_POLL, since=45)),
            40,
            10**9,
        )
        | {series("up", {}): steps({0: 1})},
        minutes=120,
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
        "one odd poll",
        floor(
            running=odd(1, 0),
            calls_per_minute=odd(20, 0),
            speed_ratio=odd(1.1, 9.9),
            clean_records=lambda minute: 0.0 if minute in ODD else 900_000.0,
        )
        | {
            poll("poll_duration_seconds"): odd(1, 59),
            poll("field_errors_total", field="hits"): steps({0: 0, 60: 40}),
            poll("request_failures_total", "campaign_settings", cause="auth"): steps({0: 0, 60: 1}),
            poll("up", "campaign_settings"): odd(1, 0),
        },
        minutes=150,
    ),
    Scenario(
        "a campaign is missing from one answer",
        floor() | {key: odd(1, None) for key in of_campaign(CAMPAIGN) if "expected" not in key},
        minutes=90,
        others=frozenset(),
    ),
    Scenario(
        "one poll fails",
        floor()
        | {
            poll("up"): odd(1, 0),
            poll("last_success_timestamp_seconds"): lambda minute: polled()(minute - 5 * (minute in ODD)),
        },
        minutes=120,
    ),
    Scenario(
        "a campaign goes off and on at every poll",
        floor(running=lambda minute: float(minute // POLL % 2)),
        minutes=180,
    ),
    Scenario(
        "wolkvox is switched off at the end of the hours, and the last figures stand",
        everywhere(permitted=until(62), expected=until(62), running=until(75, 1, None))
        | {
            campaign("calls_per_minute"): until(75, 20, None),
            campaign("calls_per_minute", OTHER): until(75, 20, None),
            poll("up"): until(65),
            poll("last_success_timestamp_seconds"): polled(until=60),
        },
        minutes=120,
        others=frozenset({"WolkvoxDataStale"}),
    ),
    Scenario(
        "a preview campaign waits for its agents",
        without(
            floor(calls_per_minute=steady(0), dialed_records=steady(50), clean_records=steady(800)),
            "campaign_info",
        )
        | {campaign("info", type="Preview"): steady(1)},
        minutes=120,
    ),
    Scenario(
        "a preview agent ends the last call after the hour",
        floor(permitted=until(60), calls_per_minute=until(66, 1)),
        minutes=120,
    ),
    Scenario(
        "few dials, and all of them fail",
        floor(dialed_records=climbing(10))
        | {campaign("outcome_records", outcome=name): climbing(10 * (name[0] == "b")) for name in OUTCOMES},
        minutes=180,
    ),
    Scenario(
        "midnight gives the quota back",
        floor()
        | {
            series("wolkvox_quota_used_requests", OPERATION): steps({0: 9_000, 60: 0}),
            poll("polls_skipped_total", reason="overlap"): climbing(1),
        },
        minutes=120,
    ),
]

SLOW_SCENARIOS = [
    Scenario(
        "campaigns without schedules stop in the evening, as they did a week ago",
        # It was off from 18:05 to 08:00 a week ago, on for a week, and goes off at 18:00 again.
        without(
            everywhere(running=steps({18 * 60 + 5: 0, DAY + 8 * 60: 1, WEEK + 18 * 60: 0})),
            "expected",
            "permitted",
        ),
        minutes=WEEK + DAY,
        step=5,
    ),
    Scenario(
        "a week ago was a holiday",
        floor(
            dialed_records=climbing(DIALS_A_POLL, since=WEEK),
            hits=climbing(1, since=WEEK),
        )
        | {
            campaign("outcome_records", outcome=name): climbing(number, since=WEEK)
            for name, number in {**OUTCOMES, "answer": 5}.items()
        },
        minutes=WEEK + 240,
        step=5,
    ),
]
