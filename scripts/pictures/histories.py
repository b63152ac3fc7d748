"""The situations that pictures show: what happened until then, for Prometheus and for the status page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from exporter.service import Service
from exporter.simulator import Simulator
from support import history, story
from support.history import Event, Recorder, Scenario

_SCRAPE_SECONDS = 150.0
_DAYS_DEAD = 3
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
    spans = [(story.at("07:00", -7), story.at("18:00", -7)), (story.at("06:00"), moment)]
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
        spans.append((situation.dead_since, situation.moment))
        _silence(recorder, situation.dead_since, situation.moment)
    if not situation.scraped:
        spans.append((situation.moment - 3600, situation.moment))
    story.neighbour(recorder, spans)
    story.alerts(recorder)
    for span in spans:
        recorder.blocks(storage, span)
    return service


def _silence(recorder: Recorder, since: float, until: float) -> None:
    moment = since
    while moment < until:
        recorder.add(moment, "up", "", "0")
        moment += _SCRAPE_SECONDS
