"""Reloads of a running service, against the simulator."""

import asyncio
import dataclasses
import json
import re
import threading
import time
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from exporter.apis import BY_NAME
from exporter.clock import SystemClock
from exporter.commands.support.simulator_setup import demo_config
from exporter.config import ApiSettings, CampaignFilter, Config, Operation, Secret, SecretError
from exporter.metrics import Format
from exporter.service import Service
from exporter.simulator import Fault, SimulatorSettings
from exporter.state import MemoryStore, ResilientStore, StateError, Store, WatchedStore
from exporter.toolkit.message import Request
from support.simulator import Simulator
from support.waiting import until

LISTS = ("campaigns", "campaign_settings")


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator(SimulatorSettings(latency=0, operations=3, campaigns=4)) as simulator:
        yield simulator


def configured(simulator: Simulator, interval: float = 300.0) -> list[Operation]:
    """Return the simulated operations, polled for the lists of campaigns only."""
    return [
        dataclasses.replace(
            operation,
            licences=None,
            apis={e: ApiSettings(e in LISTS, interval, interval * 3) for e in BY_NAME},
        )
        for operation in demo_config(simulator).operations
    ]


def polled(*operations: Operation, store: WatchedStore | None = None) -> Service:
    """Return a service that has polled each of its APIs once."""
    service = Service(Config(operations), store or MemoryStore(time.monotonic))
    for poller in service.pollers:
        for api in poller.operation.enabled():
            assert poller.poll_now(api)
    assert not service.failing()
    return service


def reload(service: Service, *operations: Operation) -> dict[str, list[str]]:
    changes = dataclasses.asdict(service.reload(Config(operations)))
    return {kind: names for kind, names in changes.items() if names}


def lines(service: Service, pattern: str) -> list[str]:
    text = service.render(Format.TEXT).decode()
    return [line for line in text.splitlines() if re.search(pattern, line)]


def campaigns(service: Service, operation: str) -> set[str]:
    found = lines(service, f'^wolkvox_campaign_running.*operation="{operation}"')
    return {match[1] for line in found if (match := re.search('campaign_id="([^"]*)"', line))}


@pytest.mark.parametrize("refused", [False, True])
def test_ready_though_the_day_has_no_room_for_an_api(simulator: Simulator, refused: bool) -> None:
    # As a new process late in the evening: what is not asked today is not waited for.
    (operation, *_) = configured(simulator)
    operation = dataclasses.replace(operation, licences=1, quota_reserve=0.999)
    if refused:
        simulator.faults.set(Fault("quota"))
    service = Service(Config((operation,)), MemoryStore(time.monotonic))
    (poller,) = service.pollers
    assert not service.ready()
    poller.poll("campaigns", 0)
    assert not service.ready()
    poller.poll("campaign_settings", 0)
    assert poller.cell.snapshot.polls["campaign_settings"].skipped["quota"] == 1
    assert service.ready()
    assert lines(service, "^wolkvox_up.*campaign_settings") == []


def test_what_stays_as_it_is_keeps_its_poller_and_its_figures(simulator: Simulator) -> None:
    service = polled(*configured(simulator))
    pollers, before = service.pollers, lines(service, "^wolkvox_(campaign|up|last|requests)")
    changes = reload(service, *configured(simulator))
    assert changes == {"kept": [poller.operation.name for poller in pollers]}
    assert service.pollers == pollers
    assert lines(service, "^wolkvox_(campaign|up|last|requests)") == before


def test_operations_come_and_go(simulator: Simulator) -> None:
    a, b, c = configured(simulator)
    service = polled(a, b)
    assert reload(service, c, b) == {"added": [c.name], "removed": [a.name], "kept": [b.name]}
    assert campaigns(service, b.name)
    assert not lines(service, f'operation="{a.name}"')
    assert not campaigns(service, c.name)  # no samples at all yet
    assert not lines(service, f'^wolkvox_up.*"{c.name}"')
    assert service.ready()  # the others' figures are there
    for api in c.enabled():
        assert service.pollers[0].poll_now(api)
    assert campaigns(service, c.name)


def test_what_changes_keeps_its_figures_with_their_age_and_its_counters(simulator: Simulator) -> None:
    a, b, _ = configured(simulator)
    service = polled(a, b)
    before = lines(service, "^wolkvox_(campaign|up|last_|requests|response)")
    assert reload(service, dataclasses.replace(a, quota_reserve=0.1), b) == {
        "changed": [a.name],
        "kept": [b.name],
    }
    assert lines(service, "^wolkvox_(campaign|up|last_|requests|response)") == before
    due = service.pollers[0].due("campaigns")
    assert due > time.monotonic() + 200  # nothing is asked for again before the interval has passed


def test_campaigns_that_are_not_wanted_any_more_vanish_at_once(simulator: Simulator) -> None:
    a, *_ = configured(simulator)
    service = polled(a)
    one, *_ = sorted(campaigns(service, a.name))
    reload(service, dataclasses.replace(a, campaigns=CampaignFilter((re.compile(one),), (), 100)))
    assert campaigns(service, a.name) == {one}


def test_an_api_that_is_switched_off_leaves_nothing(simulator: Simulator) -> None:
    a, *_ = configured(simulator)
    service = polled(a)
    off = {**a.apis, "campaign_settings": ApiSettings(False, 300, 900)}
    reload(service, dataclasses.replace(a, apis=off))
    assert not lines(service, 'api="campaign_settings"')
    assert not lines(service, "^wolkvox_campaign_info")
    assert campaigns(service, a.name)


def test_a_name_at_another_address_is_another_operation(simulator: Simulator) -> None:
    a, b, _ = configured(simulator)
    service = polled(a)
    reload(service, dataclasses.replace(a, base_url="https://wv0042.example", token=b.token))
    assert not campaigns(service, a.name)
    assert lines(service, f'^wolkvox_requests_total.*"{a.name}".*campaigns')[0].endswith(" 0")


def test_a_rotated_token_is_used_after_a_reload(simulator: Simulator, tmp_path: Path) -> None:
    a, *_ = configured(simulator)
    file = tmp_path / "token"
    file.write_text("yesterdays-token")
    a = dataclasses.replace(a, token=Secret(file=file))
    service = Service(Config((a,)), MemoryStore(time.monotonic))
    file.write_text(simulator.operation(a.name).token)
    assert reload(service, a) == {"changed": [a.name]}
    assert service.pollers[0].poll_now("campaigns")
    assert campaigns(service, a.name)


def test_the_days_calls_still_count_after_a_change_of_token(simulator: Simulator) -> None:
    a, *_ = configured(simulator)
    service = polled(a)
    used = lines(service, "^wolkvox_quota_used_requests")
    assert used[0].endswith(" 2")
    assert reload(service, dataclasses.replace(a, token=Secret(text="rotated-token"))) == {
        "changed": [a.name]
    }
    assert lines(service, "^wolkvox_quota_used_requests") == used


def test_who_shares_a_token_with_a_newcomer_shares_its_queue(simulator: Simulator) -> None:
    a, b, _ = configured(simulator)
    twin = dataclasses.replace(b, name="twin", token=a.token, quota_reserve=0.9)
    service = polled(a, b)
    assert reload(service, a, b, twin) == {"added": ["twin"], "changed": [a.name], "kept": [b.name]}
    assert service.pollers[0]._gate is service.pollers[2]._gate
    assert campaigns(service, a.name)


def test_a_token_that_cannot_be_read_changes_nothing(simulator: Simulator, tmp_path: Path) -> None:
    a, b, _ = configured(simulator)
    service = polled(a)
    pollers = service.pollers
    with pytest.raises(SecretError):
        reload(service, dataclasses.replace(b, token=Secret(file=tmp_path / "none")))
    assert service.pollers is pollers
    assert campaigns(service, a.name)


def test_a_refusal_is_told_in_the_metrics_and_the_next_good_one_too(simulator: Simulator) -> None:
    service = polled(*configured(simulator))
    service.refused()
    assert lines(service, "^wolkvox_exporter_config_last_reload_successful") == [
        "wolkvox_exporter_config_last_reload_successful 0.0"
    ]
    (loaded,) = lines(service, "^wolkvox_exporter_config_last_reload_success_timestamp")
    reload(service, *configured(simulator))
    assert lines(service, "^wolkvox_exporter_config_last_reload_successful")[0].endswith(" 1.0")
    assert lines(service, "^wolkvox_exporter_config_last_reload_success_timestamp") != [loaded]


def test_a_reload_while_the_state_store_is_away_costs_no_call_and_no_figure(simulator: Simulator) -> None:
    def away() -> Store:
        raise StateError("away")

    a, *_ = configured(simulator)
    service = polled(a, store=ResilientStore(away, SystemClock(), watch=False))
    before = lines(service, "^wolkvox_(campaign|up|last|requests)")
    assert campaigns(service, a.name)
    for number in range(3):
        reload(service, dataclasses.replace(a, quota_reserve=0.1 * number))
        assert lines(service, "^wolkvox_(campaign|up|last|requests)") == before
        for poller in service.pollers:
            assert all(poller.poll(api, 0) > time.monotonic() + 60 for api in LISTS)
    assert [len(simulator.requests.all(a.name, api)) for api in LISTS] == [1, 1]
    assert not lines(service, "^wolkvox_polls_skipped_total.* [1-9]")


def test_reloads_again_and_again_cost_no_call(simulator: Simulator) -> None:
    interval = 1.0
    a, b, c = configured(simulator, interval)
    service = Service(Config((a, b)), MemoryStore(time.monotonic))
    started = time.monotonic()
    service.engine.start()
    try:
        for number in range(60):
            # One stays, one changes each time, one comes and goes.
            changing = dataclasses.replace(b, quota_reserve=0.1 + number / 1000)
            reload(service, a, changing, *([c] if number % 2 else []))
            simulator.requests.wait_for(lambda _: False, 0.05)
        until(lambda: campaigns(service, a.name) and campaigns(service, b.name), 60, "the answers")
        assert service.engine.healthy()
    finally:
        service.engine.stop(30)
    intervals = (time.monotonic() - started) / interval
    for operation in (a, b, c):
        for api in LISTS:
            calls = len(simulator.requests.all(operation.name, api))
            assert calls <= intervals + 1, api
            assert calls or operation is c
        assert simulator.max_in_flight(simulator.operation(operation.name).token) <= 1


def test_scrapes_among_reloads_are_whole(simulator: Simulator) -> None:
    a, b, c = configured(simulator)
    service = polled(a, b, c)
    kept = len(campaigns(service, a.name))
    stop, wrong = threading.Event(), []

    def scrape() -> None:
        while not stop.is_set():
            for path, query in (("/metrics", ""), ("/probe", f"target={c.name}"), ("/sd", ""), ("/", "")):
                answer = asyncio.run(service.app(Request("GET", path, query)))
                if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                    wrong.append((path, answer.content))
            if len(campaigns(service, a.name)) != kept:
                wrong.append((a.name, b"a gap"))

    scrapers = [threading.Thread(target=scrape) for _ in range(3)]
    for scraper in scrapers:
        scraper.start()
    for number in range(60):
        changing = dataclasses.replace(b, quota_reserve=0.1 + number / 1000)
        reload(service, a, changing, *([c] if number % 2 else []))
    stop.set()
    for scraper in scrapers:
        scraper.join()
    assert wrong == []


def test_a_poll_under_way_ends_in_peace_and_its_answer_is_not_lost(simulator: Simulator) -> None:
    a, *_ = configured(simulator)
    simulator.faults.set(Fault("slow", seconds=1), a.name)
    service = Service(Config((a,)), MemoryStore(time.monotonic))
    service.engine.start()
    try:
        assert simulator.requests.wait_for(lambda found: len(found) == 1, 60)
        reload(service, dataclasses.replace(a, quota_reserve=0.1))
        until(lambda: lines(service, "^wolkvox_campaign_info"), 60, "the answer of the old poller's call")
        until(lambda: lines(service, "^wolkvox_campaign_clean_records"), 60, "the other API's")
    finally:
        service.engine.stop(30)
    assert sorted(r.api or "" for r in simulator.requests) == sorted(LISTS)
    assert simulator.max_in_flight() == 1


def shown(service: Service, query: str = "") -> dict[str, Any]:
    """Return what /status.json says."""
    answer = asyncio.run(service.app(Request("GET", "/status.json", query)))
    told: dict[str, Any] = json.loads(answer.content)
    return told


def test_the_status_goes_along_and_remembers_what_stays(simulator: Simulator) -> None:
    a, b, c = configured(simulator)
    service = polled(a, b)
    assert [o["name"] for o in shown(service)["operations"]] == [a.name, b.name]
    reload(service, dataclasses.replace(a, quota_reserve=0.1), c)
    told = shown(service)
    assert told["names"] == [a.name, c.name]
    histories = {o["name"]: o["history"]["at"] for o in told["operations"]}
    assert {name: len(at) for name, at in histories.items()} == {a.name: 1, c.name: 0}
    # The same name on another server: its campaigns are others.
    reload(service, dataclasses.replace(a, base_url=a.base_url.replace("127.0.0.1", "localhost")))
    assert shown(service)["operations"][0]["history"]["at"] == []
    service.app.close()
