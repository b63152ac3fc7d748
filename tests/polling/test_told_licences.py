"""The licences that `services` tells: the limit of the day, wherever they are known."""

import dataclasses
from typing import Any

import pytest

from exporter.config import ApiSettings, Config, Operation, Secret
from exporter.metrics import Format
from exporter.service import Service
from exporter.state import MemoryStore, ResilientStore, StateError, Store, WatchedStore
from exporter.wolkvox import Call, Cause, RequestFailed
from polling.floor import Floor
from support.fakes import FakeClock, FakeVendor, make_operation

SERVICES, TOKEN_INFO = "services", "token_info"
PEOPLE = ("agents", "audit_log", "skills", "campaign_results")


def unlicensed(**more: Any) -> Operation:
    return make_operation(licences=None, **more)


def limits(floor: Floor) -> tuple[float | None, float | None]:
    """Return the limit and the budget that are published."""
    quota = floor.snapshot.quota
    assert quota is not None
    return quota.limit, quota.budget


def test_the_licences_that_are_told_are_the_limit_from_that_answer_on() -> None:
    floor = Floor(unlicensed())
    floor.poll()
    assert limits(floor) == (None, None)
    floor.poll(SERVICES)
    assert limits(floor) == (25_000, 12_500)
    floor.vendor.answers[SERVICES] = [{"licenses": "30"}]
    floor.clock.advance(86_400)
    floor.poll(SERVICES)
    assert limits(floor) == (30_000, 15_000)


def test_the_vendors_limit_counts_only_without_them() -> None:
    floor = Floor(unlicensed())
    floor.vendor.answers[TOKEN_INFO] = [{"token_limit": "9000", "all_token_today": "10"}]
    floor.poll(TOKEN_INFO)
    assert limits(floor)[0] == 9_000
    floor.poll(SERVICES)
    assert limits(floor)[0] == 25_000
    floor.clock.advance(3600)
    floor.poll(TOKEN_INFO)
    assert limits(floor)[0] == 25_000


def test_configured_licences_count_before_them() -> None:
    floor = Floor(make_operation(licences=7))
    floor.poll(SERVICES)
    assert limits(floor) == (7_000, 3_500)


@pytest.mark.parametrize("raw", ["0", None, "", "many", -1, 10**9])
def test_what_is_not_told_changes_nothing(raw: object) -> None:
    floor = Floor(unlicensed())
    floor.vendor.answers[SERVICES] = [{"licenses": raw, "customer_prot": "yes"}]
    floor.poll(SERVICES)
    assert limits(floor) == (None, None)
    floor = Floor(unlicensed())
    floor.poll(SERVICES)
    floor.vendor.answers[SERVICES] = [{"licenses": raw, "customer_prot": "yes"}]
    floor.clock.advance(86_400)
    floor.poll(SERVICES)
    assert limits(floor) == (25_000, 12_500)


def test_too_few_licences_do_not_keep_services_from_correcting_them() -> None:
    floor = Floor(unlicensed(quota_reserve=0.8))  # less than the lists need in a day
    floor.vendor.answers[SERVICES] = [{"licenses": "1"}]
    later = floor.poll(SERVICES)
    floor.vendor.answers[SERVICES] = [{"licenses": "25"}]
    for _ in range(2):  # at the latest at midnight
        floor.clock.advance(later)
        later = floor.poll(SERVICES)
    assert limits(floor)[0] == 25_000


def test_they_outlive_the_process_and_hold_in_others() -> None:
    floor = Floor(unlicensed())
    other = floor.replica()
    other.poll()
    assert limits(other) == (None, None)
    floor.poll(SERVICES)
    other.clock.advance(300)
    other.poll()
    assert limits(other) == (25_000, 12_500)
    again = floor.restarted()
    again.poller.restore()
    assert limits(again) == (25_000, 12_500)
    again.clock.advance(30 * 86_400)
    again.vendor.answers[SERVICES] = RequestFailed(Cause.TIMEOUT, "no complete answer", sent=True)
    again.poll(SERVICES)
    assert limits(again) == (25_000, 12_500)


def test_while_services_is_off_nothing_corrects_them_and_they_do_not_count() -> None:
    floor = Floor(unlicensed())
    floor.poll(SERVICES)
    off = unlicensed(apis={SERVICES: ApiSettings(False, 86_400.0, 259_200.0)})
    without = Floor(off, clock=floor.clock, store=floor.store, vendor=floor.vendor)
    without.vendor.answers[TOKEN_INFO] = [{"token_limit": "50000", "all_token_today": "10"}]
    without.poll(TOKEN_INFO)
    assert limits(without)[0] == 50_000


@pytest.mark.parametrize("data", [b"", b"\xc0", b"\x00", b"\xff" * 9, b"25", b"\xcb" + b"\x40" * 8, b"\xc3"])
def test_a_damaged_record_is_none(data: bytes) -> None:
    floor = Floor(unlicensed())
    gate = floor.poller.gate
    with gate.permit() as permit:
        assert permit is not None
        floor.store.write(permit.lease, f"budget {gate.lease_key}", {"licences": data})
    floor.poll()
    assert limits(floor) in {(None, None), (50_000, 25_000)}  # b"25" is the MessagePack of 50
    floor.poll(SERVICES)
    assert limits(floor) == (25_000, 12_500)


def test_with_them_the_meter_is_asked_no_more_than_with_configured_ones() -> None:
    used = []
    for licences, told in ((1, {}), (None, {"licenses": "1"})):
        floor = Floor(make_operation(licences=licences, quota_reserve=0.98))
        floor.vendor.answers[SERVICES] = [{**told, "customer_prot": "yes"}]
        floor.vendor.answers[TOKEN_INFO] = [{"token_limit": "", "all_token_today": "0"}]
        floor.poll(SERVICES)
        for _ in range(40):
            floor.clock.advance(60)
            floor.poller.poll_now(TOKEN_INFO)
        used.append(len(floor.vendor.calls))
        assert list(limits(floor)) == [1_000, pytest.approx(20)]
    assert used == [20, 20]


def test_after_a_refusal_the_meter_looks_for_room_where_only_services_tells_a_limit() -> None:
    floor = Floor(unlicensed())
    floor.vendor.answers[TOKEN_INFO] = [{"all_token_today": "100"}]
    floor.poll(SERVICES)
    floor.poll(TOKEN_INFO)
    floor.vendor.answers["campaigns"] = RequestFailed(Cause.QUOTA, "token limit exceeded", sent=True)
    floor.poll()
    made = len(floor.vendor.made("campaigns"))
    floor.clock.advance(3600)
    floor.poll()
    floor.poll(TOKEN_INFO)
    assert len(floor.vendor.made("campaigns")) == made
    assert floor.snapshot.quota is not None
    assert floor.snapshot.quota.refused_at is None


class Reloaded:
    """A service whose configuration is replaced."""

    def __init__(self, *operations: Operation, store: WatchedStore | None = None) -> None:
        self.clock = FakeClock()
        self.vendor = FakeVendor(self.clock)
        self.store = store or MemoryStore(lambda: self.clock.monotonic)
        self.service = Service(
            Config(operations), self.store, self.clock, client=lambda _operation: self.vendor
        )

    def reload(self, *operations: Operation) -> None:
        self.service.reload(Config(operations))

    def limit(self, place: int = 0) -> float | None:
        quota = self.service.pollers[place].cell.snapshot.quota
        return None if quota is None else quota.limit


def away(clock: FakeClock) -> WatchedStore:
    """Return a store that is not there, so that all is in memory."""

    def unavailable() -> Store:
        raise StateError("away")

    return ResilientStore(unavailable, clock, watch=False)


def test_a_reload_forgets_them_only_with_services() -> None:
    for store in (None, away(FakeClock())):
        floor = Reloaded(unlicensed(), store=store)
        floor.service.pollers[0].poll_now(SERVICES)
        assert floor.limit() == 25_000
        floor.reload(unlicensed(quota_reserve=0.1))
        assert floor.limit() == 25_000
        floor.reload(make_operation(licences=7))
        assert floor.limit() == 7_000
        floor.reload(unlicensed(apis={SERVICES: ApiSettings(False, 86_400.0, 259_200.0)}))
        assert floor.limit() is None
        floor.reload(unlicensed())
        assert floor.limit() == 25_000


@pytest.mark.parametrize("first", [0, 1])
def test_operations_that_come_to_share_a_token_share_what_either_was_told(first: int) -> None:
    token = Secret(text="fake-token-shared")
    both = [unlicensed(name="b"), unlicensed(name="a")]
    floor = Reloaded(*both, store=away(FakeClock()))
    floor.service.pollers[first].poll_now(SERVICES)
    floor.reload(*(dataclasses.replace(one, token=token) for one in both))
    assert [floor.limit(0), floor.limit(1)] == [25_000, 25_000]


def test_the_answer_of_an_api_that_a_reload_has_switched_off_meanwhile_changes_nothing() -> None:
    off = {name: ApiSettings(False, 300.0, 900.0) for name in PEOPLE}
    for api in (SERVICES, *PEOPLE):
        floor = Reloaded(unlicensed())
        poller = floor.service.pollers[0]
        answer = floor.vendor.answers[api]

        def switched_off(_call: Call, floor: Reloaded = floor, api: str = api, answer: Any = answer) -> Any:
            floor.reload(unlicensed(apis={**off, api: ApiSettings(False, 300.0, 900.0)}))
            return answer

        floor.vendor.answers[api] = switched_off
        poller.poll_now(api)
        assert floor.limit() is None
        snapshot = floor.service.pollers[0].cell.snapshot
        assert api not in snapshot.polls
        assert api not in snapshot.answers
        assert f'api="{api}"' not in floor.service.render(Format.TEXT).decode()
        assert "_licences{" not in floor.service.render(Format.TEXT).decode()
