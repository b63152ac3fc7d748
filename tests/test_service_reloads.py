"""Polls in the middle of reloads: no counter goes back, and no figure is older than is said."""

import dataclasses
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from unittest import mock

import pytest

from exporter.clock import Clock, Moment, SystemClock
from exporter.config import ApiSettings, CampaignFilter, Config, Operation
from exporter.metrics import Format
from exporter.polling import OperationPoller
from exporter.service import Service
from exporter.state import MemoryStore, ResilientStore, StateError, Store, WatchedStore
from support.fakes import FakeClock, FakeVendor, Outcome, campaigns_row, make_operation
from support.waiting import until

REAL_TIME, INFORMATION, CODES = "campaigns", "campaign_settings", "machine_codes"


class InterruptedClock(FakeClock):
    """Calls `interrupt` whenever the thread that made it looks at the time."""

    def __init__(self) -> None:
        super().__init__()
        self.interrupt: Callable[[], None] | None = None
        self._interrupted = threading.current_thread()

    def now(self) -> Moment:
        if self.interrupt is not None and threading.current_thread() is self._interrupted:
            self.interrupt()
        return super().now()


class UninterruptedClock:
    """The same clock for whoever must not be interrupted."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock

    def now(self) -> Moment:
        return FakeClock.now(self._clock)


class InterruptedStore:
    """A store that looks at the time before it does something, when it holds no lock of its own."""

    def __init__(self, store: WatchedStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def __getattr__(self, name: str) -> Any:
        self._clock.now()
        return getattr(self._store, name)


def in_memory(clock: Clock) -> WatchedStore:
    return MemoryStore(lambda: clock.now().monotonic)


def away(clock: Clock) -> WatchedStore:
    def unavailable() -> Store:
        raise StateError("away")

    return ResilientStore(unavailable, clock, watch=False)


STORES = [in_memory, away]


@contextmanager
def asking(vendor: FakeVendor) -> Iterator[None]:
    with mock.patch("exporter.service.Client", return_value=vendor):
        yield


SCRAPED = (
    "wolkvox_campaign_clean_records{.*}",
    'wolkvox_last_success_timestamp_seconds{.*"campaigns"}',
    'wolkvox_requests_total{.*"campaigns"}',
)


def samples(service: Service, *patterns: str) -> tuple[float, ...]:
    """Return what one scrape finds of each pattern."""
    text = service.render(Format.TEXT).decode()
    return tuple(float(f) for p in patterns for f in re.findall(rf"^{p} (.*)$", text, re.MULTILINE))


def follows(found: tuple[float, ...], before: tuple[float, ...]) -> bool:
    """Return whether nothing went back, and a newer figure, and only that, has a newer time."""
    forward = all(now >= last for now, last in zip(found, before, strict=True))
    return forward and (found[0] == before[0]) == (found[1] == before[1])


class Floor:
    """A service whose every answer of `campaigns` says the number of the call in `clean`."""

    def __init__(self, store: Callable[[Clock], WatchedStore]) -> None:
        self.clock = InterruptedClock()
        self.vendor = FakeVendor(self.clock)
        self.vendor.answers[REAL_TIME] = self.answer
        self.operation = make_operation(apis={CODES: ApiSettings(False, 3600.0, 10800.0)})
        self.gate = threading.Event()
        self.gate.set()
        self.begun = threading.Event()
        self.figure = 0
        self.store = store(UninterruptedClock(self.clock))
        pointed: Any = InterruptedStore(self.store, self.clock)
        with asking(self.vendor):
            self.service = Service(Config((self.operation,)), pointed, self.clock)
        self.service.restore()
        self.told: list[tuple[float, ...]] = []

    def answer(self, _call: object) -> Outcome:
        self.figure += 1
        figure = self.figure
        self.begun.set()
        assert self.gate.wait(60)
        return [campaigns_row(clean=str(figure))]

    def poll(self, poller: OperationPoller | None = None, api: str = REAL_TIME) -> None:
        assert (poller or self.service.pollers[0]).poll_now(api)

    def reload(self, **changes: Any) -> None:
        with asking(self.vendor):
            self.service.reload(Config((dataclasses.replace(self.operation, **changes),)))

    def sample(self, pattern: str) -> float:
        (found,) = samples(self.service, pattern)
        return found

    def scrape(self) -> None:
        """Compare what a scrape finds with what the one before it found."""
        found = samples(self.service, *SCRAPED)
        assert len(found) == len(SCRAPED)
        assert not self.told or follows(found, self.told[-1]), (self.told[-1], found)
        self.told.append(found)


CHANGES: dict[str, dict[str, Any]] = {
    "the quota": {"quota_reserve": 0.1},
    "the filter": {"campaigns": CampaignFilter((re.compile("VENTAS"),), (), 10)},
    "an API on": {"apis": make_operation().apis},
    "the interval": {"apis": {**make_operation().apis, REAL_TIME: ApiSettings(True, 600.0, 1800.0)}},
}


Step = Callable[[Floor, OperationPoller], None]
"""What is done; the poller is the one before the reload."""


def nothing(_floor: Floor, _old: OperationPoller) -> None:
    pass


def interrupted(
    store: Callable[[Clock], WatchedStore], point: int, begin: Step, act: Step, disturb: Step
) -> tuple[Floor, bool]:
    """Act, and disturb it at the given point in another thread; also return whether there is such a point.

    Where the one lets nobody write, the other goes on after that.
    """
    floor = Floor(store)
    for api in (INFORMATION, REAL_TIME, "token_info"):
        floor.poll(api=api)
    floor.scrape()
    floor.clock.advance(10)
    old = floor.service.pollers[0]
    begin(floor, old)
    passed, threads = 0, []

    def interrupt() -> None:
        nonlocal passed
        passed += 1
        if passed != point + 1:
            return
        floor.clock.interrupt = None
        threads.append(threading.Thread(target=disturb, args=(floor, old)))
        threads[0].start()
        if not old.cell.lock._is_owned():  # type: ignore[attr-defined]
            threads[0].join()
            floor.scrape()

    floor.clock.interrupt = interrupt
    act(floor, old)
    floor.clock.interrupt = None
    for thread in threads:
        thread.join()
    floor.gate.set()
    floor.scrape()
    return floor, bool(threads)


def each_point(
    store: Callable[[Clock], WatchedStore], act: Step, disturb: Step, begin: Step = nothing
) -> Iterator[Floor]:
    point, there = 0, True
    while there:
        floor, there = interrupted(store, point, begin, act, disturb)
        point += 1
        yield floor
    assert point > 4


@pytest.mark.parametrize("changes", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("store", STORES)
def test_a_poll_at_any_point_of_a_reload_counts(
    store: Callable[[Clock], WatchedStore], changes: dict[str, Any]
) -> None:
    for floor in each_point(
        store, lambda floor, _: floor.reload(**changes), lambda floor, old: floor.poll(old)
    ):
        figure, _, requests = floor.told[-1]
        assert figure == requests == floor.figure
        # And what follows counts on.
        floor.clock.advance(10)
        floor.poll()
        floor.scrape()
        assert floor.told[-1][0] == floor.told[-1][2] == floor.figure


@pytest.mark.parametrize("changes", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("store", STORES)
def test_the_answer_of_a_call_under_way_may_come_at_any_point_of_a_reload(
    store: Callable[[Clock], WatchedStore], changes: dict[str, Any]
) -> None:
    calls: list[threading.Thread] = []

    def begin(floor: Floor, old: OperationPoller) -> None:
        floor.gate.clear()
        floor.begun.clear()
        calls.append(threading.Thread(target=floor.poll, args=(old,)))
        calls[-1].start()
        assert floor.begun.wait(60)

    def land(floor: Floor, _old: OperationPoller) -> None:
        floor.gate.set()
        calls[-1].join()

    for floor in each_point(store, lambda floor, _: floor.reload(**changes), land, begin):
        calls[-1].join()
        floor.scrape()
        assert floor.told[-1][0] == floor.told[-1][2] == floor.figure == 2


@pytest.mark.parametrize("changes", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("store", STORES)
def test_a_reload_at_any_point_of_a_poll_holds(
    store: Callable[[Clock], WatchedStore], changes: dict[str, Any]
) -> None:
    settings = make_operation(**changes).apis if "apis" in changes else Floor(store).operation.apis
    for floor in each_point(
        store, lambda floor, old: floor.poll(old), lambda floor, _: floor.reload(**changes)
    ):
        if floor.service.pollers[0].operation != floor.operation:  # there was such a point
            polls = floor.service.pollers[0].cell.snapshot.polls
            assert {api: status.interval for api, status in polls.items()} == {
                api: one.interval for api, one in settings.items() if one.enabled
            }
        assert floor.told[-1][0] == floor.told[-1][2] == floor.figure == 2


@pytest.mark.parametrize("store", STORES)
def test_counters_never_go_back_over_reloads_and_polls(store: Callable[[Clock], WatchedStore]) -> None:
    floor = Floor(store)
    for api in (INFORMATION, REAL_TIME, "token_info"):
        floor.poll(api=api)
    for number, changes in enumerate([*CHANGES.values()] * 5):
        floor.reload(**changes)
        floor.scrape()
        if number % 3:
            floor.clock.advance(10)
            floor.poll()
            floor.scrape()
    assert floor.told[-1][0] == floor.told[-1][2] == floor.figure


def test_an_api_that_a_reload_switches_off_ends_in_peace(caplog: pytest.LogCaptureFixture) -> None:
    floor = Floor(in_memory)
    floor.poll(api=INFORMATION)
    old = floor.service.pollers[0]
    on = make_operation().apis

    def switched_off(_call: object) -> Outcome:
        floor.reload(apis={**on, REAL_TIME: ApiSettings(False, 300.0, 900.0)})
        return [campaigns_row()]

    floor.vendor.answers[REAL_TIME] = switched_off
    floor.poll(old)
    assert REAL_TIME not in floor.service.pollers[0].cell.snapshot.polls
    # A turn that was handed out before the reload.
    old.poll(REAL_TIME, missed=2)
    assert not re.search('api="campaigns"', floor.service.render(Format.TEXT).decode())
    assert "Traceback" not in caplog.text


def test_an_api_that_is_switched_on_has_what_the_store_has_of_it() -> None:
    floor = Floor(in_memory)
    both = make_operation().apis
    floor.reload(apis=both)
    for api in (INFORMATION, REAL_TIME, CODES):
        floor.poll(api=api)
    before = floor.sample("wolkvox_campaign_telephones{.*}")
    floor.reload()  # machine_codes off
    assert "wolkvox_campaign_telephones{" not in floor.service.render(Format.TEXT).decode()
    floor.clock.advance(60)
    floor.reload(apis=both)
    assert floor.sample("wolkvox_campaign_telephones{.*}") == before
    assert floor.sample('wolkvox_up{.*"machine_codes"}') == 1
    poller = floor.service.pollers[0]
    assert not poller.archive.awaits_outcome(CODES)
    assert poller.due(CODES) == floor.clock.monotonic + 3600 - 60
    calls = len(floor.vendor.calls)
    poller.poll(CODES, missed=0)
    assert len(floor.vendor.calls) == calls


def test_what_another_process_stores_is_read_after_a_reload_too() -> None:
    floor = Floor(in_memory)
    floor.poll(api=INFORMATION)
    floor.reload(quota_reserve=0.1)
    other = Floor(lambda _clock: floor.store)
    other.vendor.answers[REAL_TIME] = [campaigns_row(clean="77")]
    other.poll()
    poller = floor.service.pollers[0]
    poller.poll(REAL_TIME, missed=0)
    assert floor.sample("wolkvox_campaign_clean_records{.*}") == 77
    assert floor.sample('wolkvox_requests_total{.*"campaigns"}') == 0


class CountingVendor(FakeVendor):
    """Counts its answers of `campaigns`, each of which says its number."""

    def __init__(self) -> None:
        super().__init__(FakeClock())
        self.count = 0
        self.answers[REAL_TIME] = self._numbered

    def _numbered(self, _call: object) -> Sequence[object]:
        self.count += 1
        return [campaigns_row(clean=str(self.count))]


@pytest.mark.parametrize("store", STORES)
def test_a_storm_of_reloads_and_polls(store: Callable[[Clock], WatchedStore]) -> None:
    clock, vendor = SystemClock(), CountingVendor()
    quick = {api: ApiSettings(True, 0.02, 60.0, s.options) for api, s in make_operation().apis.items()}

    def operations(number: int) -> Sequence[Operation]:
        limits = CampaignFilter((re.compile(".*"),), (), 10 + number)
        return [make_operation(licences=10**6, apis=quick, campaigns=limits)]

    with asking(vendor):
        service = Service(Config(tuple(operations(0))), store(clock), clock)
        service.engine.start()
        wrong: list[object] = []
        stop = threading.Event()

        def scrape() -> None:
            told: tuple[float, ...] = ()
            while not stop.is_set():
                found = samples(service, *SCRAPED)
                if told and not (len(found) == len(SCRAPED) and follows(found, told)):
                    wrong.append((told, found))
                told = found if len(found) == len(SCRAPED) else told

        scraper = threading.Thread(target=scrape)
        scraper.start()
        started = time.monotonic()
        number = 0
        while number < 100 or (vendor.count < 20 and time.monotonic() < started + 60):
            number += 1
            service.reload(Config(tuple(operations(number))))
        until(lambda: vendor.count > 20, 60, "polls")
        stop.set()
        scraper.join()
        service.engine.stop(30)
    assert wrong == []
    assert samples(service, SCRAPED[-1]) == (vendor.count,)
