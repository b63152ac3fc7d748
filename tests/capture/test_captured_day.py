"""A day of the simulator: made anonymous it names nobody, and replays to the same figures."""

import dataclasses
import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from exporter.apis import APIS, Api, PollContext
from exporter.capture import (
    Capture,
    Exchange,
    anonymised,
    config_mapping,
    config_of,
    read_capture,
    write_capture,
)
from exporter.commands.support.simulator_setup import demo_config
from exporter.simulator import SimulatorSettings
from scripts.recorded_answers import RecordedAnswers
from scripts.replay import replay
from simulator.caller import HOUR, Caller, FakeClock
from support.simulator import Simulator

KEY = b"of a test"
HOURS = 24
ABOUT_PEOPLE = {"agents", "machine_codes", "audit_log"}


def asked(simulator: Simulator, caller: Caller, api: Api, now: float) -> Iterator[Exchange]:
    """Yield the answers of an API at a time."""
    name = caller.operation.name
    ids = [one.campaign_id for one in simulator.campaigns(name)] if api.by_campaign else [""]
    for campaign_id in [*ids, ""] if api.and_whole else ids:
        local = datetime.fromtimestamp(now, ZoneInfo(caller.operation.timezone))
        call = api.call(PollContext(local, campaign_id=campaign_id))
        answer = caller.call(call.path.removesuffix(".php"), **call.query)
        yield Exchange(name, api.name, campaign_id, now, 0.5, answer.status_code, now, "", answer.content)


@pytest.fixture(scope="module")
def day() -> tuple[Capture, frozenset[str]]:
    """Answers of every hour, those about people in the last alone; and who these people are."""
    clock = FakeClock()
    with Simulator(SimulatorSettings(latency=0, operations=1, campaigns=4), clock=clock) as simulator:
        caller = Caller(simulator, simulator.operations[0])
        exchanges: list[Exchange] = []
        for hour in range(HOURS):
            clock.now += HOUR
            for api in APIS:
                if api.name not in ABOUT_PEOPLE or hour == HOURS - 1:
                    exchanges += asked(simulator, caller, api, clock.now)
        people = simulator.personal_data(caller.operation.name)
        (operation,) = demo_config(simulator).operations
    apis = {
        name: dataclasses.replace(of, interval=HOUR, max_age=3 * HOUR, enabled=name not in ABOUT_PEOPLE)
        for name, of in operation.apis.items()
    }
    config = config_mapping([dataclasses.replace(operation, apis=apis)])
    return Capture(config, {}, tuple(exchanges)), people


def test_of_all_people_of_a_simulated_floor_nobody_is_named(
    day: tuple[Capture, frozenset[str]], tmp_path: Path
) -> None:
    capture, people = day
    last = capture.exchanges[-1].at
    exchanges = tuple(one for one in capture.exchanges if one.at == last)
    assert {one.api for one in exchanges} == {api.name for api in APIS}
    write_capture(tmp_path / "capture", anonymised(dataclasses.replace(capture, exchanges=exchanges)))
    text = (tmp_path / "capture").read_text().lower()
    telephones = {
        row["telephone"]
        for one in exchanges
        if one.api == "machine_codes" and one.status == 200
        for row in json.loads(one.body)["data"]
    }
    raw = b"".join(one.body for one in exchanges).decode().lower()
    assert len([who for who in people if who.lower() in raw]) > 10
    assert len(telephones) > 100
    assert [who for who in people | telephones if who.lower() in text] == []


def scrapes(capture: Capture, file: Path) -> list[tuple[float, Counter[tuple[str, float]]]]:
    """Return the figures of each scrape, by the names of their families."""
    write_capture(file, capture)
    config = config_of(read_capture(file))
    # An answer is shorter without the blanks and escapes that wolkvox writes.
    return [
        (
            one.at,
            Counter(
                (series.partition("{")[0], figure)
                for series, figure in one.series.items()
                if not series.startswith("wolkvox_response_bytes")
            ),
        )
        for one in replay(config, RecordedAnswers(file, config.operations), interval=HOUR / 2)
    ]


@pytest.mark.parametrize("people", [False, True])
def test_a_captured_day_replays_to_the_same_figures(
    day: tuple[Capture, frozenset[str]], tmp_path: Path, people: bool
) -> None:
    # Thousands of telephones have the digits of many a figure; campaigns, of few.
    exchanges = [one for one in day[0].exchanges if people or one.api not in ABOUT_PEOPLE]
    capture = dataclasses.replace(day[0], exchanges=tuple(exchanges))
    made = anonymised(capture, key=KEY)
    before, after = scrapes(capture, tmp_path / "original"), scrapes(made, tmp_path / "anonymous")
    assert len(before) == len(after) > HOURS
    changed = figures = 0
    for (at, old), (then, new) in zip(before, after, strict=True):
        assert then == at
        assert Counter(name for name, _ in old.elements()) == Counter(name for name, _ in new.elements())
        changed, figures = changed + (old - new).total(), figures + old.total()
    assert figures > 1000
    assert changed <= (0.02 * figures if people else 2 * made.changed_figures)
    assert made.changed_figures < (40 if people else 4)
