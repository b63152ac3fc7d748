"""When the alerts about the exporter and its polls fire."""

from collections.abc import Callable

from rules.floor import OPERATION, TARGET, fires, only_between, series, without
from rules.vendor_floor import FloorCampaign, VendorFloor
from support.promtool import Scenario, Timeline

REAL_TIME = {**OPERATION, "api": "campaigns"}
BLIND, STALE, GONE = "WolkvoxOperationBlind", "WolkvoxDataStale", "WolkvoxCampaignGone"
OFTEN = {"interval": "5m"}
NO_DATA = {
    "status": 404,
    "body": {"code": "404", "error": "Not Found", "msg": "Validate dates entered"},
}
Figures = dict[str, Timeline]


def refusal(message: str) -> dict[str, object]:
    """Return an answer with which wolkvox refuses a call."""
    return {"status": 403, "body": {"code": "403", "error": "Forbidden", "msg": message}}


def failing(first: int, end: int, *apis: str) -> VendorFloor:
    """Return a floor whose polls of some APIs fail from one minute to another."""
    floor = VendorFloor()
    for api in apis or ("campaigns",):
        floor.answers(first, end, api, status=503, body="<html>")
    return floor


def every_campaign_reported(first: int, end: int) -> VendorFloor:
    """Return a floor with machine codes, whose polls fail from one minute to another."""
    floor = VendorFloor(apis={"machine_codes": {"enabled": True, **OFTEN}})
    telephones = {
        "code": "200",
        "error": None,
        "msg": "",
        "data": [{"telephone": "3000000001", "failed": "1"}],
    }
    floor.answers(-(10**6), 10**6, "machine_codes", body=telephones)
    return floor.answers(first, end, "machine_codes", status=503, body="<html>")


def refused(first: int, end: int, message: str, *apis: str) -> VendorFloor:
    """Return a floor on which wolkvox refuses the calls of some APIs from one minute to another."""
    floor = VendorFloor()
    for api in apis:
        floor.answers(first, end, api, **refusal(message))
    return floor


def changed(key: str, first: int, end: int, figure: float | None) -> Callable[[Figures], Figures]:
    """Return what puts another figure in a series from one minute to another."""

    def stored(told: Figures) -> Figures:
        return told | {key: lambda minute: figure if first <= minute < end else told[key](minute)}

    return stored


def pushed_aside(label: str) -> Callable[[Figures], Figures]:
    """Return what Prometheus makes of the series while a target has a label of this name too."""

    def stored(told: Figures) -> Figures:
        up, floor = series("up", {}), without(told, "up")
        renamed = {
            key.replace(f',{label}="', f',{label}="of-the-target",exported_{label}="'): timeline
            for key, timeline in floor.items()
        }
        return {up: told[up]} | only_between(renamed, 0, 60) | only_between(floor, 60, 10**9)

    return stored


def unserved(told: Figures) -> Figures:
    """Return the series of a target that no longer serves the operation."""
    up = series("up", {})
    return {up: told[up]} | only_between(without(told, "up"), 0, 20)


def with_more_campaigns(first: int, end: int) -> VendorFloor:
    """Return a floor with more campaigns than the configured limit from one minute to another."""
    floor = VendorFloor(campaigns={"limit": 2}, apis={"campaign_settings": {"enabled": False}})
    floor.add(first, FloorCampaign("4879", "NUEVA", "4003"))
    return floor.change(end, "4879", listed=False)


SCENARIOS = [
    VendorFloor()
    .process(30, "stop")
    .process(60, "start")
    .scenario(
        "the exporter is down for half an hour",
        90,
        fires(
            "WolkvoxExporterDown",
            first=35,
            last=59,
            description="Prometheus gets no answer from 127.0.0.1:10042 (job wolkvox). "
            "Nothing is known about the campaigns behind it.",
            about=TARGET,
        ),
        others=[BLIND],
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
    failing(31, 65).scenario(
        "campaigns fails for half an hour",
        90,
        fires(
            "WolkvoxDataStale",
            first=48,
            last=70,
            severity="critical",
            description="No new data of campaigns for 18 minutes (they should come every 5). The campaigns cannot be seen.",
            about=REAL_TIME,
            since="10:30",
        ),
    ),
    VendorFloor()
    .answers(31, 65, "campaign_settings", status=503)
    .scenario(
        "campaign_settings fails for half an hour",
        90,
        fires(
            "WolkvoxDataStale",
            first=48,
            last=70,
            severity="warning",
            description="No new data of campaign_settings for 18 minutes (they should come every 5).",
            about={**OPERATION, "api": "campaign_settings"},
            since="10:30",
        ),
    ),
    every_campaign_reported(31, 65).scenario(
        "machine_codes fails",
        90,
        fires(
            "WolkvoxDataStale",
            first=48,
            last=70,
            severity="warning",
            description="No new data of machine_codes for 18 minutes (they should come every 5).",
            about={**OPERATION, "api": "machine_codes"},
            since="10:30",
        ),
    ),
    VendorFloor(before=0)
    .answers(0, 40, "campaigns", fault="tls")
    .scenario(
        "wolkvox cannot be reached from the start",
        60,
        fires(
            "WolkvoxNeverAnswered",
            first=11,
            last=50,
            severity="critical",
            description="No poll of campaigns for operation ventas-bogota has worked yet.",
            about=REAL_TIME,
        ),
    ),
    VendorFloor(before=0)
    .answers(0, 60, "services", **NO_DATA)
    .scenario(
        "the server lacks services, which is asked once a day",
        60,
        fires(
            "WolkvoxNeverAnswered",
            first=11,
            last=60,
            severity="warning",
            description="No poll of services for operation ventas-bogota has worked yet.",
            about={**OPERATION, "api": "services"},
        ),
    ),
    refused(26, 66, "Enter your wolkvox-token", "campaigns", "campaign_settings").scenario(
        "the token is revoked",
        100,
        fires(
            "WolkvoxTokenRejected",
            first=36,
            last=80,
            description="wolkvox refuses the token of operation ventas-bogota; APIs affected: 2.",
            about=OPERATION,
        ),
        others=[STALE],
    ),
    VendorFloor(apis={"token_info": OFTEN})
    .token_use(26, 56, used=12_000)
    .scenario(
        "other scripts use the quota",
        80,
        fires(
            "WolkvoxQuotaNearlyUsed",
            first=33,
            last=70,
            description="96 % of the calls to wolkvox at which the exporter stops for operation ventas-bogota "
            "have been made today, those of other programs included.",
            about=OPERATION,
        ),
    ),
    VendorFloor(apis={"token_info": OFTEN})
    .token_use(26, 76, used=12_500)
    .scenario(
        "the exporter's share of the quota is used up",
        120,
        fires(
            "WolkvoxQuotaExhausted",
            first=41,
            last=106,
            description="Today's calls for operation ventas-bogota are used up (12500 were made): until midnight its "
            "campaigns cannot be seen.",
            about=OPERATION,
        ),
        others=["WolkvoxQuotaNearlyUsed", STALE, GONE],
    ),
    refused(26, 76, "Token limit exceeded", "campaigns", "campaign_settings", "token_info").scenario(
        "wolkvox says that the quota is used up",
        180,
        fires(
            "WolkvoxQuotaExhausted",
            first=36,
            last=111,
            description="Today's calls for operation ventas-bogota are used up (1011 were made): until midnight its "
            "campaigns cannot be seen.",
            about=OPERATION,
        ),
        others=[STALE, GONE],
    ),
    VendorFloor()
    .answers(26, 71, "campaign_settings", seconds=52)
    .scenario(
        "polls take most of a minute",
        100,
        fires(
            "WolkvoxPollSlow",
            first=46,
            last=85,
            description="The last poll of campaign_settings for operation ventas-bogota took 52 s; wolkvox ends a call "
            "after 60 s.",
            about={**OPERATION, "api": "campaign_settings"},
        ),
    ),
    VendorFloor()
    .change(26, fields={"hits": "many"})
    .change(76, fields={})
    .scenario(
        "a field of campaigns changes its form",
        120,
        fires(
            "WolkvoxFormatDrift",
            first=41,
            last=96,
            description="Values of the field hits of campaigns for operation ventas-bogota could not be read in "
            "several polls; these data are missing.",
            about={**REAL_TIME, "field": "hits"},
        ),
    ),
    VendorFloor().scenario(
        "a broken configuration is kept out",
        80,
        fires(
            "WolkvoxConfigReloadFailed",
            first=35,
            last=69,
            description="127.0.0.1:10042 (job wolkvox) could not reload its configuration the last time, and "
            "continues with the previous one.",
            about=TARGET,
        ),
        stored=changed(series("wolkvox_exporter_config_last_reload_successful", {}), 30, 60, 0),
    ),
    VendorFloor().scenario(
        "an operation is not served any more",
        100,
        fires(
            BLIND,
            first=22,
            last=79,
            description="Operation ventas-bogota was served within the last hour but is not served now. "
            "This alert only holds back the alerts about its campaigns.",
            about=OPERATION,
        ),
        stored=unserved,
    ),
    VendorFloor().scenario(
        "the state store is gone for half an hour",
        80,
        fires(
            "WolkvoxStateLost",
            first=40,
            last=69,
            description="127.0.0.1:10042 (job wolkvox) cannot use its state store and continues from memory.",
            about=TARGET,
        ),
        stored=changed(series("wolkvox_exporter_state_up", {}), 30, 60, 0),
    ),
    with_more_campaigns(26, 76).scenario(
        "more campaigns than the limit",
        120,
        fires(
            "WolkvoxCampaignLimitReached",
            first=41,
            last=96,
            description="Operation ventas-bogota has more campaigns than the configured limit; the exporter leaves out the rest of campaigns.",
            about=REAL_TIME,
        ),
        others=[GONE],
    ),
    *(
        VendorFloor().scenario(
            f"the target has a label {label} of its own for half an hour",
            100,
            fires(
                "WolkvoxLabelsRenamed",
                first=5,
                last=74,
                description=f"The target 127.0.0.1:10042 (job wolkvox) has a label {label} of its own, and Prometheus "
                f"has renamed the exporter's to exported_{label}. Alerts and dashboards that read it see nothing, or "
                "the wrong thing.",
                about={**TARGET, "label": label},
            ),
            # The target's name of an operation is no longer served afterwards, and holds nothing back.
            others=[BLIND] if label == "operation" else [],
            stored=pushed_aside(label),
        )
        for label in ("operation", "api")
    ),
    VendorFloor().scenario(
        "nothing is wrong",
        60,
        fires(
            "WolkvoxWatchdog",
            first=0,
            last=60,
            description="This alert always fires. Send it to a service that calls you when it stops coming.",
            about={},
        ),
    ),
]
