"""The report that is asked for the operation as a whole and for each campaign: calls, days, restarts."""

from collections.abc import Mapping
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from exporter.clock import day_of
from exporter.metrics import Exposition, Format, ProcessMetrics
from exporter.polling import OperationPoller
from exporter.schedules import ScheduleSet
from exporter.snapshot import Snapshots
from exporter.state import Health
from exporter.wolkvox import Call, Cause, RequestFailed
from polling.floor import Floor
from support.fakes import FakeClock, FakeVendor, campaigns_row, lines_of

RESULTS = "campaign_results"
QUARTER = 900.0
BOGOTA = ZoneInfo("America/Bogota")
NEXT_MIDNIGHT = day_of(FakeClock().wall, BOGOTA)[1].timestamp()


def report(call: Call) -> list[dict[str, object]]:
    """Return a report whose figures tell whose it is: 100 calls of the operation, id x 10 of a campaign."""
    campaign = call.query["campaign_id"]
    figure = 100 if campaign == "all" else 10 * int(campaign)
    return [{"result": "ANSWER", "records": figure}, {"result": "ABANDON", "records": "1"}]


def floor_of(*campaigns: str, clock: FakeClock | None = None) -> Floor:
    """Return a floor on which these campaigns dial."""
    floor = Floor(clock=clock)
    floor.vendor.answers["campaigns"] = [campaigns_row(f"{number} - C") for number in campaigns]
    floor.vendor.answers["campaign_settings"] = []
    floor.vendor.answers[RESULTS] = report
    return floor


def asked(vendor: FakeVendor) -> list[str]:
    return [call.query["campaign_id"] for call in vendor.asked if call.query["api"] == "campaign_4"]


def attempts(floor: Floor) -> Mapping[str, float]:
    """Return the answered attempts that are published, by campaign, "" for the operation."""
    ages = {api: settings.max_age for api, settings in floor.operation.apis.items()}
    snapshots = Snapshots()
    exposition = Exposition(
        snapshots,
        {floor.operation.name: ages},
        {floor.operation.name: ScheduleSet.of((), BOGOTA)},
        ProcessMetrics(lambda: Health(up=True, losses=0)),
        floor.clock,
    )
    snapshots.replace([floor.cell])
    families = ("wolkvox_campaign_attempts", "wolkvox_operation_attempts")
    lines = lines_of(b"".join(exposition.render(Format.TEXT)), *families)
    found = [line for line in lines if 'result="answer"' in line]
    return {
        line.partition('campaign_id="')[2].partition('"')[0]: float(line.rpartition(" ")[2]) for line in found
    }


def test_the_operation_is_asked_for_beside_the_campaigns_and_the_calls_are_spread() -> None:
    floor = floor_of("1", "2", "3")
    floor.poll()
    start = floor.now
    for _ in range(8):
        floor.clock.advance(floor.poll(RESULTS))
        floor.poll()
    assert asked(floor.vendor) == ["all", "1", "2", "3"] * 2
    assert [at - start for at in floor.vendor.made(RESULTS)] == [n * QUARTER / 4 for n in range(8)]
    assert attempts(floor) == {"": 100, "1": 10, "2": 20, "3": 30}


def test_the_operation_is_asked_for_although_no_campaign_is_known_to_dial() -> None:
    floor = floor_of()
    for _ in range(3):
        floor.clock.advance(floor.poll(RESULTS))
    assert asked(floor.vendor) == ["all"] * 3
    made = floor.vendor.made(RESULTS)
    assert [later - before for before, later in pairwise(made)] == [QUARTER, QUARTER]
    assert attempts(floor) == {"": 100}


def test_neither_is_the_other() -> None:
    floor = floor_of("7")
    floor.poll()
    floor.poll(RESULTS)
    assert attempts(floor) == {"": 100}
    floor.clock.advance(QUARTER / 2)
    floor.poll(RESULTS)
    assert attempts(floor) == {"": 100, "7": 70}


def test_the_figures_of_a_day_vanish_at_the_midnight_of_the_operation() -> None:
    floor = floor_of("1")
    floor.clock.advance(NEXT_MIDNIGHT - floor.clock.wall - 600)
    floor.poll()
    floor.poll(RESULTS)
    floor.clock.advance(450)
    floor.poll(RESULTS)
    floor.clock.advance(149)
    assert attempts(floor) == {"": 100, "1": 10}
    floor.clock.advance(1)
    assert attempts(floor) == {}


@pytest.mark.parametrize(("seconds", "served"), [(15.0, True), (20.0, False), (30.0, False)])
def test_what_was_asked_for_before_midnight_and_answered_after_it_is_never_served(
    seconds: float, served: bool
) -> None:
    clock = FakeClock()
    clock.advance(NEXT_MIDNIGHT - clock.wall - 20)
    floor = floor_of("1", clock=clock)
    slow = FakeVendor(clock, seconds)
    slow.answers = floor.vendor.answers
    floor.poller._client = slow
    floor.poll(RESULTS)
    assert slow.asked[-1].query["date_ini"] == "20260812000000"
    assert slow.asked[-1].query["date_end"] == "20260812235940"
    assert attempts(floor) == ({"": 100} if served else {})
    clock.advance(QUARTER)
    floor.poll(RESULTS)
    assert slow.asked[-1].query["date_ini"] == "20260813000000"
    assert attempts(floor) == {"": 100}


def test_a_restart_costs_no_call_and_mixes_nothing() -> None:
    floor = floor_of("1")
    floor.poll()
    floor.poll(RESULTS)
    floor.clock.advance(QUARTER / 2)
    floor.poll(RESULTS)
    again = floor.restarted()
    again.poller.restore()
    assert attempts(again) == {"": 100, "1": 10}
    again.poll(RESULTS)
    assert again.vendor.asked == []
    again.poll()
    again.clock.advance(QUARTER / 2)
    again.poll(RESULTS)
    assert asked(again.vendor) == ["all"]


def test_two_replicas_ask_for_each_once_an_interval_together() -> None:
    one = floor_of("1", "2")
    other = one.replica()
    one.poll()
    for _ in range(40):
        for floor in (one, other):
            floor.poll()
            floor.poll(RESULTS)
        one.clock.advance(QUARTER / 6)
    times: dict[str, list[float]] = {}
    calls = [at for api, at in one.vendor.calls if api == RESULTS]
    for campaign, at in zip(asked(one.vendor), calls, strict=True):
        times.setdefault(campaign, []).append(at)
    assert set(times) == {"all", "1", "2"}
    for made in times.values():
        assert all(later - before >= QUARTER for before, later in pairwise(made))
        assert len(made) >= 6
    assert attempts(one) == attempts(other) == {"": 100, "1": 10, "2": 20}


def test_one_that_fails_takes_nothing_from_the_others() -> None:
    floor = floor_of("1")

    def fails_for_the_operation(call: Call) -> list[dict[str, object]]:
        if call.query["campaign_id"] == "all":
            raise RequestFailed(Cause.TIMEOUT, "no complete answer", sent=True)
        return report(call)

    floor.vendor.answers[RESULTS] = fails_for_the_operation
    floor.poll()
    for _ in range(2):
        floor.clock.advance(floor.poll(RESULTS))
        floor.poll()
    assert attempts(floor) == {"1": 10}


def test_what_is_over_age_vanishes_each_by_itself() -> None:
    floor = floor_of("1")
    floor.poll()
    floor.poll(RESULTS)
    floor.clock.advance(QUARTER / 2)
    floor.poll(RESULTS)
    floor.clock.advance(2.5 * QUARTER - 1)
    assert attempts(floor) == {"": 100, "1": 10}
    floor.clock.advance(1)
    assert attempts(floor) == {"1": 10}


def test_a_campaign_that_no_longer_dials_keeps_its_figures_of_the_day() -> None:
    floor = floor_of("1")
    floor.poll()
    floor.poll(RESULTS)
    floor.clock.advance(QUARTER / 2)
    floor.poll(RESULTS)
    floor.vendor.answers["campaigns"] = [campaigns_row("1 - C", dial="0", status="stopped")]
    floor.clock.advance(QUARTER)
    floor.poll()
    floor.poll(RESULTS)
    assert asked(floor.vendor) == ["all", "1", "all"]
    assert attempts(floor)["1"] == 10


@pytest.mark.parametrize("seconds", [600.0, -600.0])
def test_a_reload_after_the_clock_was_set_asks_nobody_too_soon_or_too_late(seconds: float) -> None:
    floor = floor_of("1", "2")
    floor.poll()
    for _ in range(3):
        floor.clock.advance(floor.poll(RESULTS))
    floor.clock.wall += seconds
    reloaded = OperationPoller(
        floor.operation,
        client=floor.vendor,
        token=floor.token,
        gate=floor.poller.gate,
        archive=floor.archive,
        cell=floor.cell,
        clock=floor.clock,
        schedules=ScheduleSet.of((), BOGOTA),
    )
    reloaded.apply_settings()
    reloaded.poll("campaigns", 0)
    for _ in range(12):
        floor.clock.advance(max(reloaded.poll(RESULTS, 0) - floor.now, 0.0))
    made = zip(floor.vendor.calls, floor.vendor.asked, strict=True)
    first, second, *_ = (at for (_, at), call in made if call.query.get("campaign_id") == "all")
    assert second - first == pytest.approx(QUARTER, abs=1)
