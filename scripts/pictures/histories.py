"""The situations that pictures show: what happened until then, for Prometheus and for the status page."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from exporter.service import Service
from exporter.simulator import Simulator
from scripts.pictures import alerts
from support import history, story
from support.history import Event, Scenario, Span

_SCRAPE_SECONDS = 150.0
_DAYS_DEAD = 3
_FRESH_SECONDS = 3600.0
_STOPPED_OF_MANY = (story.SALES, story.COLLECTIONS)


@dataclass(frozen=True, slots=True)
class Situation:
    """A moment (Unix seconds) of a made-up history.

    scraped: whether Prometheus knows the exporter. dead_since: when the exporter ended, None while it lives.
    """

    moment: float
    scenario: Scenario
    scraped: bool = True
    dead_since: float | None = None


def _day(moment: float, scenario: Scenario | None = None) -> Situation:
    """Return a moment of the day of the story, with all of that day before it, and the week before."""
    told = scenario or story.scenario()
    spans = [(story.at("07:00", -7), story.at("18:00", -7)), (story.at("00:00"), moment)]
    return Situation(moment, replace(told, spans=spans, scrape=_SCRAPE_SECONDS))


def _many() -> Situation:
    """Return three operations of twenty campaigns, some of which somebody has stopped."""
    told = story.scenario(campaigns=20, calm=True)

    def stop(simulator: Simulator) -> None:
        for operation in _STOPPED_OF_MANY:
            for campaign in simulator.campaigns(operation)[2:14:3]:
                campaign.act("stop")

    return _day(story.INCIDENT, replace(told, events=[Event(story.at("10:00"), stop)]))


def _silent() -> Situation:
    """Return the exporter dead since a busy afternoon, days ago."""
    living = _day(story.NORMAL)
    return replace(living, moment=story.at("16:31", _DAYS_DEAD), dead_since=story.NORMAL)


def _fresh() -> Situation:
    """Return the hour of an installation of which Prometheus does not know yet."""
    told = _day(story.NORMAL)
    return replace(told, scenario=replace(told.scenario, spans=[]), scraped=False)


SITUATIONS: Mapping[str, Callable[[], Situation]] = {
    "day": lambda: _day(story.NORMAL),
    "night": lambda: _day(story.NIGHT),
    "incident": lambda: _day(story.INCIDENT),
    "silent": _silent,
    "fresh": _fresh,
    "many": _many,
}
"""What can be looked at: a busy afternoon, the evening, a campaign stopped, the exporter dead for three days,
nothing scraped yet, sixty campaigns."""


def tell(situation: Situation, storage: Path) -> Service:
    """Write what Prometheus has stored by then, and return the exporter as it is at that moment."""
    recorder, service = history.play(situation.scenario)
    spans = list(situation.scenario.spans)
    if situation.dead_since is not None:
        silence = situation.dead_since, situation.moment
        spans.append(silence)
        for at in _times(silence):
            recorder.add(at, "up", "", "0")
        alerts.add(recorder, alerts.of_silence(_times(silence)))
    if not situation.scraped:
        spans.append((situation.moment - _FRESH_SECONDS, situation.moment))
    alerts.add(recorder, alerts.of_campaigns(recorder))
    if situation.scraped:
        alerts.add(recorder, [alerts.watchdog([at for span in spans for at in _times(span)])])
    story.neighbour(recorder, spans)
    for span in spans:
        recorder.blocks(storage, span)
    return service


def _times(span: Span) -> Sequence[float]:
    """Return when Prometheus scrapes in a span."""
    return [
        span[0] + number * _SCRAPE_SECONDS for number in range(int((span[1] - span[0]) // _SCRAPE_SECONDS))
    ]
