"""The day that the dashboards are tested with: a Wednesday at a call centre in Bogotá, and an afternoon
of the week before.

From 08:00 to 18:00 the floor dials. 10:00 somebody stops a campaign until 11:30. 14:00 wolkvox refuses the
live figures for three quarters of an hour. 19:30 somebody starts a campaign, 20:00 stops it. From 22:00 on
the exporter is silent. The third operation has no campaigns.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from exporter.simulator import Fault, Simulator, SimulatorSettings
from support.history import Event, Recorder, Scenario, Span, record

_ZONE = ZoneInfo("America/Bogota")
_DAY = datetime(2026, 8, 12, tzinfo=_ZONE)

SALES, COLLECTIONS, EMPTY = "ventas-bogota", "cobranza-mexico", "soporte-lima"


def at(clock: str, days: int = 0) -> float:
    """Return the Unix time of a time of that Wednesday, or of a day some days later (or before)."""
    hour, minute = map(int, clock.split(":"))
    return (_DAY + timedelta(days=days)).replace(hour=hour, minute=minute).timestamp()


NORMAL, INCIDENT, REFUSED, STALE = at("16:31"), at("10:51"), at("14:09"), at("14:41")
OUTSIDE, NIGHT, SILENT = at("19:51"), at("21:01"), at("23:01")
STOPPED, OUTSIDER = "4875", "4880"
"""The campaigns of `SALES` that are stopped when they should run, and run when they should not."""


def _refuse(simulator: Simulator) -> None:
    simulator.faults.set(Fault("http_status", status=503), SALES, "campaigns")


def _allow(simulator: Simulator) -> None:
    simulator.faults.clear()


def _empty(simulator: Simulator) -> None:
    for campaign in simulator.campaigns(EMPTY):
        campaign.act("remove")


def scenario(campaigns: int = 8, scrape: float = 150.0, *, calm: bool = False) -> Scenario:
    """Return the story with so many campaigns an operation; calm: without what goes wrong."""
    troubles = [
        Event(at("10:00"), lambda s: s.campaign(SALES, STOPPED).act("stop")),
        Event(at("11:30"), lambda s: s.campaign(SALES, STOPPED).act("auto")),
        Event(at("14:00"), _refuse),
        Event(at("14:45"), _allow),
        Event(at("19:30"), lambda s: s.campaign(SALES, OUTSIDER).act("start")),
        Event(at("20:00"), lambda s: s.campaign(SALES, OUTSIDER).act("auto")),
    ]
    start = at("00:00", -7)
    return Scenario(
        SimulatorSettings(campaigns=campaigns, start=datetime.fromtimestamp(start, _ZONE), latency=0.0),
        start,
        spans=[(at("15:00", -7), at("17:00", -7)), (at("06:00"), at("23:05"))],
        events=[Event(start, _empty), *([] if calm else troubles)],
        silent=[] if calm else [(at("22:00"), at("23:30"))],
        scrape=scrape,
    )


def tell(story: Scenario, storage: Path) -> None:
    """Play the story into a storage that Prometheus can open."""
    recorder = record(story)
    _alerts(recorder)
    neighbour(recorder, story.spans)
    for span in story.spans:
        recorder.blocks(storage, span)


def neighbour(recorder: Recorder, spans: Sequence[Span]) -> None:
    """Add another target, which is down all day and has nothing to do with wolkvox."""
    for span in spans:
        moment = span[0]
        while moment < span[1]:
            own = 'job="node",instance="elsewhere.example:9100"'
            for family, value in (
                ("up", "0"),
                ("scrape_samples_scraped", "1000"),
                ("process_start_time_seconds", "1"),
            ):
                recorder.add(moment, family, own, value, target=False)
            moment += 150.0


def _alerts(recorder: Recorder) -> None:
    """Add what Prometheus stores of our alerts: the watchdog always, another during the incident."""
    everything: Span = (at("06:00"), at("23:05"))
    _alert(recorder, everything, 'alertname="WolkvoxWatchdog",severity="none"')
    stopped = (
        f'alertname="WolkvoxCampaignStopped",operation="{SALES}",campaign_id="{STOPPED}",severity="critical"'
    )
    _alert(recorder, (at("10:16"), at("11:36")), stopped)


def _alert(recorder: Recorder, span: Span, labels: str) -> None:
    moment = span[0]
    while moment < span[1]:
        recorder.add(moment, "ALERTS", f'alertstate="firing",{labels}', "1", target=False)
        moment += 150.0
