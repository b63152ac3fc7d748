"""The thread that waits: real threads, but no time that the test does not give them."""

import threading
from collections.abc import Callable, Iterator

import pytest

from exporter.apis import APIS, BY_NAME
from exporter.polling import Engine
from exporter.polling.timetable import Slot
from polling.floor import Floor
from support.fakes import FakeClock, Outcome, campaign_settings_row, make_operation
from support.waiting import until

REAL_TIME = "campaigns"


@pytest.fixture
def start() -> Iterator[Callable[..., Engine]]:
    engines: list[Engine] = []

    def start(*floors: Floor) -> Engine:
        engine = Engine(floors[0].clock)
        engine.replace([floor.poller for floor in floors])
        engine.start()
        engines.append(engine)
        return engine

    yield start
    for engine in engines:
        engine.stop(60)
        assert not engine._thread.is_alive()


def nudge(engine: Engine) -> bool:
    """Let the engine look at the clock now, instead of at its next heartbeat; returns False."""
    with engine._changed:
        engine._changed.notify_all()
    return False


def polled(engine: Engine, floor: Floor, *apis: str) -> None:
    def landed() -> bool:
        nudge(engine)
        return all(floor.status(api).up is not None for api in apis)

    until(landed, 60, "the polls")


def test_names_come_first_then_the_apis_by_importance(start: Callable[..., Engine]) -> None:
    floor = Floor()
    engine = start(floor)
    polled(engine, floor, "campaign_settings")
    assert [name for name, _ in floor.vendor.calls] == ["campaign_settings"]
    floor.clock.advance(5)
    polled(engine, floor, *BY_NAME)
    names = [name for name, _ in floor.vendor.calls]
    assert names == ["campaign_settings", *(name for name in BY_NAME if name != "campaign_settings")]


def test_polls_come_again_after_their_interval_and_not_before(start: Callable[..., Engine]) -> None:
    floor = Floor()
    engine = start(floor)
    floor.clock.advance(5)
    polled(engine, floor, *BY_NAME)
    first = floor.vendor.made("campaigns")
    floor.clock.advance(299)
    nudge(engine)
    floor.clock.advance(1)
    until(lambda: nudge(engine) or len(floor.vendor.made("campaigns")) == 2, 60, "the second poll")
    assert [b - a for a, b in zip(first, floor.vendor.made("campaigns")[1:], strict=True)] == [300]
    turns = engine.next_polls()
    until(lambda: engine.next_polls()[Slot("ventas", REAL_TIME)] == floor.now + 300, 60, "the next turn")
    assert set(turns) == {Slot("ventas", api) for api in BY_NAME}


def test_an_operation_whose_vendor_hangs_stops_no_other(start: Callable[..., Engine]) -> None:
    clock = FakeClock()
    stuck, good = Floor(make_operation("a"), clock=clock), Floor(make_operation("b"), clock=clock)
    release = threading.Event()

    def hang(_call: object) -> Outcome:
        release.wait(60)
        return [campaign_settings_row()]

    stuck.vendor.answers["campaign_settings"] = hang
    engine = start(stuck, good)
    clock.advance(10)
    try:
        polled(engine, good, *BY_NAME)
        # One call at a time per token: while the first hangs, the others of its operation wait.
        assert [name for name, _ in stuck.vendor.calls] == ["campaign_settings"]
        assert engine.healthy()
        clock.advance(200)
        nudge(engine)
        assert not engine.healthy()
    finally:
        release.set()
    until(engine.healthy, 60, "health")
    clock.advance(300)
    polled(engine, stuck, *BY_NAME)


def test_a_defect_ends_neither_its_api_nor_the_others(
    start: Callable[..., Engine], caplog: pytest.LogCaptureFixture
) -> None:
    floor = Floor()
    floor.vendor.answers["campaign_settings"] = ZeroDivisionError("a defect")
    engine = start(floor)
    floor.clock.advance(5)
    polled(engine, floor, REAL_TIME, "token_info")
    assert floor.status("campaign_settings").up is None
    assert "unexpected error while polling; please report this as a bug" in caplog.text
    floor.vendor.answers["campaign_settings"] = []
    floor.clock.advance(300)
    polled(engine, floor, "campaign_settings")
    assert engine.healthy()


def test_turns_that_a_sleeping_machine_lost_are_no_overlaps(start: Callable[..., Engine]) -> None:
    floor = Floor()
    engine = start(floor)
    floor.clock.advance(5)
    polled(engine, floor, *BY_NAME)
    floor.clock.advance(8 * 3600)
    until(lambda: nudge(engine) or len(floor.vendor.made("campaigns")) == 2, 60, "the poll after the sleep")
    until(lambda: nudge(engine) or len(floor.vendor.made("campaign_settings")) == 2, 60, "the other one")
    assert floor.status(REAL_TIME).skipped["overlap"] == 0
    assert floor.status("campaign_settings").skipped["overlap"] == 0


def test_a_machine_without_a_thread_to_spare_puts_a_poll_off(
    start: Callable[..., Engine], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    floor = Floor()
    start_thread = threading.Thread.start

    def refuse(thread: threading.Thread) -> None:
        if thread.name.startswith("poll "):
            raise RuntimeError("can't start new thread")
        start_thread(thread)

    monkeypatch.setattr(threading.Thread, "start", refuse)
    engine = start(floor)
    until(lambda: nudge(engine) or "cannot start a thread for a poll" in caplog.text, 60, "the refusal")
    assert engine.healthy()
    monkeypatch.undo()
    floor.clock.advance(10)
    polled(engine, floor, "campaign_settings")


def test_a_restart_does_not_call_before_the_interval_has_passed(start: Callable[..., Engine]) -> None:
    before = Floor()
    for api in BY_NAME:
        before.poll(api)
    before.clock.advance(100)
    after = before.restarted()
    after.poller.restore()
    engine = start(after)
    assert min(engine.next_polls().values()) == after.now + 200
    nudge(engine)
    after.clock.advance(200)
    due = sorted(api.name for api in APIS if api.interval == 300)
    until(lambda: nudge(engine) or len(after.vendor.calls) == len(due), 60, "the polls")
    assert sorted(name for name, _ in after.vendor.calls) == due


def test_nothing_is_started_after_a_stop(start: Callable[..., Engine]) -> None:
    floor = Floor()
    engine = start(floor)
    polled(engine, floor, "campaign_settings")
    engine.stop(60)
    assert not engine.healthy()
    floor.clock.advance(1000)
    nudge(engine)
    assert len(floor.vendor.calls) == 1


def test_an_engine_that_was_never_started_can_be_stopped() -> None:
    floor = Floor()
    engine = Engine(floor.clock)
    engine.replace([floor.poller])
    assert not engine.healthy()
    engine.stop(1)
