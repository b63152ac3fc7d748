"""A command's way to wolkvox, on a clock that the test moves and with the gate that the exporter uses."""

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from exporter.apis import APIS
from exporter.operators.command_client import (
    PAUSE_SECONDS,
    WORK_SECONDS,
    CommandClient,
    Interrupted,
    OutOfBudget,
    StateNotShared,
)
from exporter.snapshot import TokenUse
from exporter.state import MemoryStore
from exporter.traffic import Gate
from exporter.wolkvox import (
    Answer,
    Cause,
    Disposition,
    DispositionOutcome,
    DispositionResult,
    RequestFailed,
    find_record,
)
from support.fakes import FakeClock, FakeVendor, make_operation

CALL = find_record("all", phone="5550000001")
DISPOSITION = Disposition("4875", "predictive", "FAKE-1", "X")
TOKEN = "fake-token-ventas"
ROOM = 12_500 - sum(math.ceil(14 * 3600 / api.interval) for api in APIS)
"""Half of the limit, less the polls that are set aside for the 14 hours that are left of the day."""


class FakeStop:
    """Time passes in waits, and the end is asked for at a moment of the test's choice."""

    def __init__(self, clock: FakeClock) -> None:
        self.requested = False
        self.waits: list[float] = []
        self.during: Callable[[], object] = lambda: None
        self._clock = clock

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self._clock.advance(seconds)
        self.during()


class FakeToken:
    text = TOKEN

    def __init__(self) -> None:
        self.refusals = 0

    def read_again(self) -> None:
        self.refusals += 1


class Vendor(FakeVendor):
    """Takes dispositions too."""

    def __init__(self, clock: FakeClock, seconds: float = 0.0) -> None:
        super().__init__(clock, seconds)
        self.answers["find_record"] = []
        self.end = DispositionResult(DispositionOutcome.CODED)
        self.dispositions: list[Disposition] = []

    def codify(self, disposition: Disposition, token: str) -> DispositionResult:
        assert token == TOKEN
        self.dispositions.append(disposition)
        return self.end


class Scene:
    """A line and everything around it."""

    def __init__(self, seconds: float = 0.0, **operation: Any) -> None:
        self.clock = FakeClock()
        self.store = MemoryStore(lambda: self.clock.monotonic)
        self.operation = make_operation(**operation)
        self.gate = Gate(self.store, [self.operation], self.clock)
        self.vendor = Vendor(self.clock, seconds)
        self.stop = FakeStop(self.clock)
        self.token = FakeToken()
        self.shared = True
        self.client = CommandClient(
            "scope",
            vendor=self.vendor,
            token=self.token,
            gate=self.gate,
            clock=self.clock,
            stop=self.stop,
            state_shared=lambda: self.shared,
        )

    def counted(self) -> int:
        return self.gate.usage().own_count

    def use_up(self, left: int) -> None:
        """Say that others have used the day but for so many calls."""
        self.gate.note_vendor_count(TokenUse(self.clock.now(), 25_000.0, float(ROOM - left)))


def ignore(_rows: list[object]) -> None:
    """Take rows."""


def test_a_call_is_counted_and_gives_the_lease_back() -> None:
    scene = Scene()
    scene.client.fetch(CALL, ignore)
    assert scene.client.codify(DISPOSITION, lambda: None).outcome is DispositionOutcome.CODED
    assert (scene.counted(), scene.client.calls, scene.stop.waits) == (2, 2, [])
    with scene.gate.permit() as held:
        assert held is not None


def test_it_waits_while_the_exporter_is_in_the_middle_of_a_call() -> None:
    scene = Scene()
    held = scene.gate.permit()
    held.__enter__()

    def release_after_a_minute() -> None:
        if len(scene.stop.waits) == 150:
            held.__exit__(None, None, None)

    scene.stop.during = release_after_a_minute
    scene.client.fetch(CALL, ignore)
    assert len(scene.stop.waits) == 150
    assert all(0.2 <= wait <= 0.6 for wait in scene.stop.waits)
    assert len(scene.vendor.asked) == 1


def test_a_dead_holder_is_waited_out_and_the_person_is_told(caplog: pytest.LogCaptureFixture) -> None:
    scene = Scene()
    held = scene.gate.permit()  # and never given back
    held.__enter__()
    began = scene.clock.monotonic
    scene.client.fetch(CALL, ignore)
    assert 90.0 <= scene.clock.monotonic - began < 91.0
    assert [record.message[:21] for record in caplog.records] == ["waiting for the token"]


def test_the_wait_ends_when_the_person_says_so() -> None:
    scene = Scene()
    with scene.gate.permit():
        scene.stop.during = lambda: setattr(scene.stop, "requested", True)
        with pytest.raises(Interrupted):
            scene.client.fetch(CALL, ignore)
    assert scene.vendor.asked == []


def test_nothing_is_asked_while_the_store_is_away() -> None:
    scene = Scene()
    scene.shared = False
    with pytest.raises(StateNotShared):
        scene.client.fetch(CALL, ignore)
    assert (scene.vendor.asked, scene.counted()) == ([], 0)


def test_a_store_that_goes_away_at_the_last_moment_stops_the_call() -> None:
    scene = Scene()
    with pytest.raises(StateNotShared):
        scene.client.codify(DISPOSITION, lambda: setattr(scene, "shared", False))
    assert scene.vendor.dispositions == []


def test_what_is_to_be_noted_before_is_noted_before_and_can_forbid_the_call() -> None:
    scene = Scene()
    noted: list[int] = []
    scene.client.codify(DISPOSITION, lambda: noted.append(len(scene.vendor.dispositions)))
    assert noted == [0]

    def refuse() -> None:
        raise ValueError("full disk")

    with pytest.raises(ValueError, match="full disk"):
        scene.client.codify(DISPOSITION, refuse)
    assert (len(scene.vendor.dispositions), scene.counted()) == (1, 1)


def test_a_turn_that_was_slept_through_is_taken_anew() -> None:
    scene = Scene()
    naps = iter([30.0, 0.0])
    scene.client.codify(DISPOSITION, lambda: scene.clock.advance(next(naps)))
    assert len(scene.vendor.dispositions) == 1
    assert len(scene.stop.waits) == 1


def test_the_share_of_others_and_the_polls_until_midnight_are_set_aside() -> None:
    scene = Scene()
    budget = scene.client.remaining_budget(ask=False)
    assert (budget.used, budget.limit, budget.left) == (0.0, 25_000.0, ROOM)
    assert scene.vendor.asked == []


def test_what_others_have_used_is_asked_once_where_nobody_knows_it() -> None:
    scene = Scene()
    for _ in range(2):
        budget = scene.client.remaining_budget()
        assert (budget.used, budget.limit, budget.left) == (100.0, 25_000.0, ROOM - 100)
    assert [call.query["api"] for call in scene.vendor.asked] == ["token_info"]
    told = Scene()
    told.use_up(left=2)
    assert told.client.remaining_budget().left == 2
    assert told.vendor.asked == []


def test_the_last_call_that_there_is_room_for_is_the_last() -> None:
    scene = Scene()
    scene.use_up(left=2)
    scene.client.fetch(CALL, ignore)
    scene.use_up(left=0)
    with pytest.raises(OutOfBudget):
        scene.client.fetch(CALL, ignore)
    assert len(scene.vendor.asked) == 1


def test_without_licences_wolkvox_is_asked_for_the_limit_once() -> None:
    scene = Scene(licences=None)
    assert scene.client.remaining_budget(ask=False).left is None
    for _ in range(2):
        assert scene.client.remaining_budget().limit == 25_000.0
    assert [call.query["api"] for call in scene.vendor.asked] == ["token_info"]


def test_an_answer_without_a_row_does_not_undo_what_is_known() -> None:
    scene = Scene(licences=None)
    scene.gate.note_vendor_count(TokenUse(scene.clock.now(), None, 120.0))
    scene.vendor.answers["token_info"] = Answer(0, 80, 404, "Validate dates entered")
    assert scene.client.remaining_budget().used == 120
    assert len(scene.vendor.asked) == 1


def test_a_limit_that_cannot_be_asked_for_stops_nothing() -> None:
    scene = Scene(licences=None)
    scene.vendor.answers["token_info"] = RequestFailed(Cause.TIMEOUT, "no complete answer")
    assert scene.client.remaining_budget().left is None
    scene.client.fetch(CALL, ignore)


def test_a_refusal_for_the_quota_closes_the_day_for_everybody() -> None:
    scene = Scene()
    scene.vendor.end = DispositionResult(DispositionOutcome.REFUSED, "HTTP 403", Cause.QUOTA)
    scene.client.codify(DISPOSITION, lambda: None)
    with pytest.raises(OutOfBudget):
        scene.client.fetch(CALL, ignore)
    assert scene.gate.usage().refused_at is not None


def test_the_same_for_a_look_up_and_for_a_refused_token() -> None:
    scene = Scene()
    scene.vendor.answers["find_record"] = RequestFailed(Cause.AUTH, "HTTP 403")
    with pytest.raises(RequestFailed):
        scene.client.fetch(CALL, ignore)
    assert scene.token.refusals == 1
    scene.vendor.answers["find_record"] = RequestFailed(Cause.QUOTA, "HTTP 403")
    with pytest.raises(RequestFailed):
        scene.client.fetch(CALL, ignore)
    assert scene.gate.usage().refused_at is not None


def test_a_batch_stands_aside_for_longer_than_an_exporter_takes_to_look_again() -> None:
    scene = Scene(seconds=1.0)
    for _ in range(100):
        scene.client.fetch(CALL, ignore)
    assert scene.stop.waits == [PAUSE_SECONDS] * 4
    times = scene.vendor.made("find_record")
    gaps = [after - before - 1.0 for before, after in pairwise(times)]
    assert max(gaps) == PAUSE_SECONDS > 2.0
    longest = max(b - a for a, b in pairwise([i for i, gap in enumerate(gaps) if gap]))
    assert longest <= WORK_SECONDS


def test_the_time_that_calls_take_is_learned() -> None:
    scene = Scene(seconds=3.0)
    assert scene.client.estimated_seconds(100) == pytest.approx(112.5)
    scene.client.fetch(CALL, ignore)
    assert scene.client.estimated_seconds(100) == pytest.approx(337.5)


def test_what_was_asked_for_stands_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    scene = Scene()
    with caplog.at_level("DEBUG"):
        scene.client.fetch(CALL, ignore)
        scene.client.codify(DISPOSITION, lambda: None)
    told = "".join(str(vars(record)) for record in caplog.records)
    assert "find_record" in told
    assert "5550000001" not in told
    assert "FAKE-1" not in told
    assert TOKEN not in told
