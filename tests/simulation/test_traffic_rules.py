"""A year with everything that goes wrong in it, and not one call too many.

The rules (`rules.py`): never two calls at once of a token, never a call before its interval since the last
one but for one retry after a network fault, never a call over the day's budget or after the vendor has closed
the day, `campaigns` never skipped while a lesser api is polled, and nobody forgotten: every API
polled again within two intervals after a fault has ended. Times are virtual, troubles are random by the seed.
"""

import itertools
from collections.abc import Mapping
from typing import Any

import pytest

from exporter.polling import poller
from exporter.polling.archive import Archive
from exporter.polling.poller import OperationPoller
from exporter.traffic import gate
from exporter.traffic.budget import QuotaPolicy
from exporter.wolkvox import Cause
from simulation.world import Plan, World

QUIET = 1e12


def lived(seed: int, **plan: Any) -> World:
    world = World(seed, Plan(**plan))
    world.run()
    return world


def broken(world: World, *words: str) -> bool:
    return any(all(word in violation for word in words) for violation in world.rules.violations)


@pytest.mark.parametrize("seed", range(2))
def test_a_day_of_trouble(seed: int) -> None:
    world = lived(seed, days=1, interval=1800, between=1800)
    assert world.rules.violations == []


@pytest.mark.integration  # half a minute is too long for a unit test
def test_a_year_of_trouble() -> None:
    world = lived(7, days=365, interval=6 * 3600, between=24_000, reserve=0.95)
    assert world.rules.violations == []
    # It was a year in which all of it happened.
    tally = world.rules.tally
    assert min(world.troubles.values()) > 50
    assert min(tally.calls, tally.skipped, tally.elsewhere) > 5000
    assert min(tally.alone, len(tally.by_process)) > 100
    assert tally.refused > 30
    assert min(tally.late, tally.retries) > 3


@pytest.mark.integration
def test_days_at_five_minutes() -> None:
    world = lived(11, days=1.5, interval=300, between=2400, reserve=0.2)
    assert world.rules.violations == []
    assert world.rules.tally.calls > 2500


def test_one_process_and_three_cost_the_same_calls() -> None:
    one = lived(3, days=1, interval=1200, between=QUIET, reserve=0.0, replicas=1)
    three = lived(3, days=1, interval=1200, between=QUIET, reserve=0.0, replicas=3)
    assert not one.rules.violations
    assert not three.rules.violations
    assert one.rules.tally.skipped == three.rules.tally.skipped == 0
    assert 0.98 < three.rules.tally.calls / one.rules.tally.calls < 1.02


def test_a_hundred_restarts_cost_no_call_more_than_none() -> None:
    calm = lived(4, days=0.5, interval=1200, between=QUIET, reserve=0.0, replicas=1)
    looping = World(4, Plan(days=0.5, interval=1200, between=QUIET, reserve=0.0, replicas=1))
    (replica,) = looping.replicas
    for number in range(100):
        looping.time.at(100 + number * 400.0, lambda: looping.kill(replica, 1, 100))
        looping.time.at(150 + number * 400.0, replica.kill_soon)
        looping.time.at(380 + number * 400.0, lambda: looping.restart(replica))
    looping.run()
    assert replica.started > 100
    assert not broken(looping, "only")
    assert not broken(looping, "begins during")
    assert looping.rules.tally.calls <= calm.rules.tally.calls


# What the rules are worth: each of them notices when the exporter breaks it.


def test_the_rules_notice_two_calls_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = itertools.count()
    monkeypatch.setattr(gate, "scope_of", lambda operation: f"{operation.name} {next(numbers)}")
    assert broken(lived(1, days=0.5, interval=1200, between=QUIET), "begins during")


def test_the_rules_notice_a_call_too_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Archive, "last_attempt", lambda *_: None)
    assert broken(lived(1, days=0.2, interval=1200, between=QUIET), "only")


def test_the_rules_notice_a_retry_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(poller, "_MIN_RETRY_RATIO", 0.02)
    monkeypatch.setattr(poller, "_MAX_RETRY_RATIO", 0.05)
    world = World(2, Plan(days=0.2, interval=1200, between=QUIET))
    for tenant in world.vendor.tenants.values():
        tenant.fault = Cause.CONNECTION
    world.run()
    assert broken(world, "only", "connection")


def test_an_outage_of_the_network_costs_one_retry_an_interval() -> None:
    world = World(2, Plan(days=1, interval=1200, between=QUIET, reserve=0.0))
    for tenant in world.vendor.tenants.values():
        tenant.fault = Cause.CONNECTION
    world.run()
    assert world.rules.violations == []
    assert 0.3 < world.rules.tally.retries / world.rules.tally.calls < 0.51


def test_the_rules_notice_a_call_over_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QuotaPolicy, "permits", lambda *_, **_more: True)
    assert broken(lived(1, days=0.5, interval=600, between=QUIET, reserve=0.95), "of at most")


def test_the_rules_notice_a_lesser_api_that_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    room = QuotaPolicy.room

    def upside_down(self: QuotaPolicy, usage: Any, priority: int, wall: float) -> float | None:
        return room(self, usage, 3 - priority, wall)

    monkeypatch.setattr(QuotaPolicy, "room", upside_down)
    world = lived(1, days=1, interval=1200, between=QUIET, reserve=0.9)
    assert broken(world, "although campaigns was skipped")


def test_the_rules_notice_a_day_that_is_not_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate.Gate, "note_refusal", lambda _self, _held, usage: usage)
    world = World(1, Plan(days=0.3, interval=1200, between=QUIET))
    for tenant in world.vendor.tenants.values():
        tenant.day, tenant.others = world.vendor.today(tenant.token), tenant.limit
    world.run()
    assert broken(world, "had closed the day")


def test_the_rules_notice_who_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    poll = OperationPoller.poll

    def forgetful(self: OperationPoller, api: str, missed: int) -> float:
        due = poll(self, api, missed)
        return due + (1e6 if api == "campaign_settings" else 0)

    monkeypatch.setattr(OperationPoller, "poll", forgetful)
    assert broken(lived(1, days=0.5, interval=1200, between=QUIET), "was not polled")


def test_the_same_seed_is_the_same_world() -> None:
    def told(world: World) -> tuple[Mapping[str, int], int, int]:
        return world.troubles, world.rules.tally.calls, world.rules.tally.skipped

    plan = {"days": 0.5, "interval": 1800, "between": 3600}
    assert told(lived(5, **plan)) == told(lived(5, **plan))
