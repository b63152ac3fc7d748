"""When the alerts about the exporter and its polls fire."""

from rules.floor import (
    OPERATION,
    POLL,
    TARGET,
    climbing,
    fires,
    floor,
    only_between,
    poll,
    polled,
    series,
    steady,
    steps,
    without,
)
from rules.vendor_floor import VendorFloor
from support.promtool import Scenario, Timeline

REAL_TIME = {**OPERATION, "api": "campaigns"}


def failing_between(first: int, end: int) -> Timeline:
    """Return the time of the last good answer when no poll works from one minute to another."""
    return lambda minute: polled(until=first)(minute) if minute < end else polled()(minute)


def counting(first: int, end: int) -> Timeline:
    """Return a counter that each poll between two minutes raises by one."""
    return climbing(1, since=first, until=end)


def pushed_aside(label: str) -> dict[str, Timeline]:
    """Return the floor as Prometheus stores it for a target that has a label of this name too."""
    return {
        key.replace(f',{label}="', f',{label}="of-the-target",exported_{label}="'): timeline
        for key, timeline in without(floor(), "up").items()
    }


SCENARIOS = [
    Scenario(
        "the exporter is down for half an hour",
        floor() | {series("up", {}): steps({0: 1, 30: 0, 60: 1})},
        minutes=90,
        fires=fires(
            "WolkvoxExporterDown",
            first=35,
            last=59,
            description="Prometheus gets no answer from 127.0.0.1:10042 (job wolkvox). "
            "Nothing is known about the campaigns behind it.",
            about=TARGET,
        ),
    ),
    Scenario(
        "no target is configured",
        {},
        minutes=30,
        fires=fires(
            "WolkvoxExporterDown",
            first=5,
            last=30,
            description="Prometheus has no target whose job begins with wolkvox. "
            "Nothing is known about the campaigns behind it.",
            about={},
        ),
    ),
    VendorFloor()
    .answers(31, 61, "campaigns", fault="connection")
    .scenario(
        "campaigns fails for half an hour",
        90,
        fires(
            "WolkvoxDataStale",
            first=48,
            last=70,
            severity="critical",
            description="No new data of campaigns for 18 minutes. The campaigns cannot be seen.",
            about=REAL_TIME,
            since="10:30",
        ),
    ),
    VendorFloor()
    .answers(31, 61, "campaign_settings", status=503)
    .scenario(
        "campaign_settings fails for half an hour",
        90,
        fires(
            "WolkvoxDataStale",
            first=48,
            last=70,
            severity="warning",
            description="No new data of campaign_settings for 18 minutes.",
            about={**OPERATION, "api": "campaign_settings"},
            since="10:30",
        ),
    ),
    VendorFloor().scenario(
        "machine_codes fails",
        90,
        over={
            poll("up", "machine_codes"): steps({0: 1, 35: 0, 65: 1}),
            poll("poll_interval_seconds", "machine_codes"): steady(60.0 * POLL),
            poll("last_success_timestamp_seconds", "machine_codes"): failing_between(30, 65),
        },
        fires=fires(
            "WolkvoxDataStale",
            first=48,
            last=69,
            severity="warning",
            description="No new data of machine_codes for 18 minutes.",
            about={**OPERATION, "api": "machine_codes"},
            since="10:30",
        ),
    ),
    Scenario(
        "wolkvox cannot be reached from the start",
        {
            series("up", {}): steady(1),
            poll("up"): steps({1: 0, 40: 1}),
            poll("poll_interval_seconds"): steady(60.0 * POLL),
            poll("last_success_timestamp_seconds"): polled(since=40),
        },
        minutes=60,
        fires=fires(
            "WolkvoxNeverAnswered",
            first=11,
            last=49,
            description="No poll of campaigns for operation ventas-bogota has worked yet.",
            about=REAL_TIME,
        ),
    ),
    Scenario(
        "the token is revoked",
        floor()
        | {
            poll("up"): steps({0: 1, 30: 0, 70: 1}),
            poll("up", "campaign_settings"): steps({0: 1, 30: 0, 70: 1}),
            poll("request_failures_total", cause="auth"): counting(25, 65),
            poll("request_failures_total", "campaign_settings", cause="auth"): counting(25, 65),
        },
        minutes=100,
        fires=fires(
            "WolkvoxTokenRejected",
            first=35,
            last=79,
            description="wolkvox refuses the token of operation ventas-bogota; APIs affected: 2.",
            about=OPERATION,
        ),
    ),
    Scenario(
        "other scripts use the quota",
        floor() | {series("wolkvox_quota_used_requests", OPERATION): steps({0: 4_000, 30: 12_000, 60: 0})},
        minutes=80,
        fires=fires(
            "WolkvoxQuotaNearlyUsed",
            first=32,
            last=69,
            description="96% of the calls to wolkvox at which the exporter stops for operation ventas-bogota "
            "have been made today, those of other programs included.",
            about=OPERATION,
        ),
    ),
    Scenario(
        "the exporter's share of the quota is used up",
        floor()
        | {
            series("wolkvox_quota_used_requests", OPERATION): steps({0: 9_000, 30: 12_500, 80: 0}),
            poll("polls_skipped_total", reason="quota"): counting(25, 75),
        },
        minutes=120,
        fires=fires(
            "WolkvoxQuotaExhausted",
            first=35,
            last=100,
            description="The campaigns of operation ventas-bogota are no longer polled today: 12500 calls were "
            "made, and the exporter or wolkvox allows no more.",
            about=OPERATION,
        ),
        others=frozenset({"WolkvoxQuotaNearlyUsed"}),
    ),
    Scenario(
        "wolkvox says that the quota is used up",
        floor() | {poll("request_failures_total", cause="quota"): counting(25, 75)},
        minutes=120,
        fires=fires(
            "WolkvoxQuotaExhausted",
            first=35,
            last=100,
            description="The campaigns of operation ventas-bogota are no longer polled today: 1021 calls were "
            "made, and the exporter or wolkvox allows no more.",
            about=OPERATION,
        ),
    ),
    Scenario(
        "polls take most of a minute",
        floor() | {poll("poll_duration_seconds", "campaign_settings"): steps({0: 2, 30: 52, 75: 2})},
        minutes=100,
        fires=fires(
            "WolkvoxPollSlow",
            first=45,
            last=84,
            description="The last poll of campaign_settings for operation ventas-bogota took 52s; wolkvox ends a call "
            "after 60 s.",
            about={**OPERATION, "api": "campaign_settings"},
        ),
    ),
    Scenario(
        "a field of campaigns changes its form",
        floor() | {poll("field_errors_total", field="hits"): climbing(12, since=25, until=75)},
        minutes=120,
        fires=fires(
            "WolkvoxFormatDrift",
            first=40,
            last=95,
            description="Values of the field hits of campaigns for operation ventas-bogota could not be read in "
            "several polls; their samples are missing.",
            about={**REAL_TIME, "field": "hits"},
        ),
    ),
    Scenario(
        "a broken configuration is kept out",
        floor() | {series("wolkvox_exporter_config_last_reload_successful", {}): steps({0: 1, 30: 0, 60: 1})},
        minutes=80,
        fires=fires(
            "WolkvoxConfigReloadFailed",
            first=35,
            last=69,
            description="127.0.0.1:10042 (job wolkvox) could not reload its configuration the last time, and "
            "continues with the previous one.",
            about=TARGET,
        ),
    ),
    Scenario(
        "an operation is not served any more",
        without(floor(), "")
        | {
            series("up", {}): steady(1),
            poll("poll_interval_seconds"): steps({0: 300, 20: None}),
        },
        minutes=100,
        fires=fires(
            "WolkvoxOperationBlind",
            first=22,
            last=79,
            description="Operation ventas-bogota was served within the last hour but is not served now. "
            "This alert only holds back the alerts about its campaigns.",
            about=OPERATION,
        ),
    ),
    Scenario(
        "the state store is gone for half an hour",
        floor() | {series("wolkvox_exporter_state_up", {}): steps({0: 1, 30: 0, 60: 1})},
        minutes=80,
        fires=fires(
            "WolkvoxStateLost",
            first=40,
            last=69,
            description="127.0.0.1:10042 (job wolkvox) cannot use its state store and continues from memory.",
            about=TARGET,
        ),
    ),
    Scenario(
        "more campaigns than the limit",
        floor() | {poll("rows_discarded_total", reason="limit"): climbing(12, since=25, until=75)},
        minutes=120,
        fires=fires(
            "WolkvoxCampaignLimitReached",
            first=40,
            last=95,
            description="Operation ventas-bogota has more campaigns than the configured limit; the exporter leaves out the rest of campaigns.",
            about=REAL_TIME,
        ),
    ),
    *(
        Scenario(
            f"the target has a label {label} of its own for half an hour",
            {series("up", {}): steady(1)}
            | only_between(pushed_aside(label), 0, 60)
            | only_between(without(floor(), "up"), 60, 10**9),
            minutes=100,
            fires=fires(
                "WolkvoxLabelsRenamed",
                first=5,
                last=74,
                description=f"The target 127.0.0.1:10042 (job wolkvox) has a label {label} of its own, and Prometheus "
                f"has renamed the exporter's to exported_{label}. Alerts and dashboards that read it see nothing, or "
                "the wrong thing.",
                about={**TARGET, "label": label},
            ),
            # The target's name of an operation is no longer served afterwards, and holds nothing back.
            others=frozenset({"WolkvoxOperationBlind"} if label == "operation" else ()),
        )
        for label in ("operation", "api")
    ),
    Scenario(
        "nothing is wrong",
        floor(),
        minutes=60,
        fires=fires(
            "WolkvoxWatchdog",
            first=0,
            last=60,
            description="This alert always fires. Send it to a service that calls you when it stops coming.",
            about={},
        ),
    ),
]
