"""The living model: what campaigns do while time passes, without sockets."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.simulator.dialler import Figures
from exporter.simulator.settings import SimulatorSettings
from exporter.simulator.world import Operation, World
from simulator.caller import HOUR, MINUTE, STARTED

BIG, DRY, PARKED, RECYCLED, PREVIEW, STRATEGY, NEW, ODD = range(8)


def operation(**settings: object) -> Operation:
    given_settings = SimulatorSettings(**{"operations": 1, **settings})  # type: ignore[arg-type]
    return World(given_settings, STARTED).operations[0]


def at(world: Operation, seconds: float) -> dict[int, Figures]:
    return {figures.profile.index: figures for figures in world.figures(STARTED + seconds)}


def test_the_same_seed_is_the_same_world_however_often_it_is_asked() -> None:
    often, once = operation(seed=7), operation(seed=7)
    for minute in range(0, 14 * 60, 7):
        often.figures(STARTED + minute * MINUTE)
    assert often.figures(STARTED + 14 * HOUR) == once.figures(STARTED + 14 * HOUR)


def test_another_seed_is_another_world() -> None:
    assert operation(seed=1).figures(STARTED + HOUR) != operation(seed=2).figures(STARTED + HOUR)


def test_operations_of_one_world_differ() -> None:
    first, second = World(SimulatorSettings(operations=2), STARTED).operations
    assert [f.tally for f in first.figures(STARTED)] != [f.tally for f in second.figures(STARTED)]


def test_time_never_goes_back() -> None:
    world = operation()
    later = world.figures(STARTED + HOUR)
    assert world.figures(STARTED) == later


def test_a_time_factor_lets_a_day_pass_in_minutes() -> None:
    quick, slow = operation(time_factor=60), operation()
    assert quick.figures(STARTED + 10 * MINUTE) == slow.figures(STARTED + 10 * HOUR)
    assert quick.virtual_at(STARTED + 10 * MINUTE) == datetime(
        2026, 8, 12, 20, tzinfo=ZoneInfo("America/Bogota")
    )


def test_lists_burn_down() -> None:
    world = operation(events=False, campaigns=20)
    before, after = at(world, 0), at(world, 10 * MINUTE)
    assert all(figures.started for figures in after.values())
    for index, figures in after.items():
        assert figures.tally.attempts > before[index].tally.attempts
        assert figures.clean < before[index].clean
        assert figures.records == before[index].records
        assert figures.calls_x_min > 0


def test_a_campaign_runs_dry_and_stays_started() -> None:
    world = operation()
    dry = next(
        figures
        for minute in range(120)
        if (figures := at(world, minute * MINUTE)[DRY]).clean == 0 and figures.calls_x_min == 0
    )
    assert dry.started
    assert dry.tally.attempts >= dry.records > 0
    later = at(world, 6 * HOUR)[DRY]
    assert (later.started, later.clean, later.tally) == (True, 0, dry.tally)


def test_a_campaign_is_stopped() -> None:
    world = operation()
    before, after = at(world, 0)[PARKED], at(world, 2 * HOUR)[PARKED]
    assert not after.started
    assert (after.tally, after.clean, after.calls_x_min) == (before.tally, before.clean, 0)


def test_a_campaign_is_recycled_and_its_calls_stay_counted() -> None:
    world = operation()
    recycled = next(
        figures for minute in range(240) if (figures := at(world, minute * MINUTE)[RECYCLED]).recycled
    )
    assert recycled.recycled == 1
    assert recycled.recycled_records == recycled.records
    # So `records = clean + dial` does not hold, as the vendor's answers show.
    assert recycled.clean > 0
    assert recycled.clean + recycled.tally.attempts > recycled.records


def test_a_reloaded_list_counts_from_the_beginning() -> None:
    world = operation(campaigns=1, records=(900, 900), events=False)
    counts = [at(world, minute * MINUTE)[0].tally.attempts for minute in range(7 * 60)]
    assert max(counts) == 900
    dry = counts.index(900)
    assert min(counts[dry:]) < 100


def test_a_campaign_is_missing_now_and_then_and_comes_back() -> None:
    world = operation()
    listed = [STRATEGY in at(world, minute * MINUTE) for minute in range(90)]
    assert listed[0]
    assert False in listed
    assert listed[listed.index(False) :].count(True) > 0


def test_a_campaign_appears_after_half_an_hour() -> None:
    world = operation()
    assert NEW not in at(world, 29 * MINUTE)
    new = at(world, 30 * MINUTE)[NEW]
    assert new.clean > new.records / 2


def act(world: Operation, seconds: float, action: str) -> None:
    with world.at(STARTED + seconds) as campaigns:
        for campaign in campaigns.values():
            campaign.act(action)


def test_a_stalled_campaign_is_started_and_makes_no_call_until_it_is_left_alone() -> None:
    world = operation(events=False)
    act(world, 0, "stall")
    before, after = at(world, 0)[0], at(world, HOUR)[0]
    assert (after.started, after.calls_x_min, after.tally) == (True, 0, before.tally)
    act(world, HOUR, "auto")
    assert at(world, HOUR + MINUTE)[0].calls_x_min > 0


def test_every_call_of_a_dead_carrier_ends_in_congestion_or_failed() -> None:
    world = operation(events=False)
    act(world, 0, "fail_calls")
    before, after = at(world, 0)[0].tally, at(world, HOUR)[0].tally
    came = after.minus(before)
    assert came.attempts > 100
    assert came.attempts == came.congestion + came.failed + came.dead
    act(world, HOUR, "auto")
    assert at(world, 2 * HOUR)[0].tally.answer > after.answer


@pytest.mark.parametrize("action", ["recycle", "auto"])
def test_a_list_that_is_used_up_stays_so_until_it_is_recycled_or_left_alone(action: str) -> None:
    world = operation(events=False)
    act(world, 0, "use_up")
    for seconds in (0, 5 * HOUR):
        figures = at(world, seconds)[0]
        assert (figures.started, figures.clean) == (True, 0)
        assert figures.tally.attempts == figures.records
    act(world, 5 * HOUR, action)
    assert any(at(world, 5 * HOUR + minute * MINUTE)[0].clean for minute in range(60))


def test_what_cannot_be_done_to_a_campaign_is_told_with_what_can() -> None:
    with pytest.raises(ValueError, match="unknown action 'fly'; the actions are start, stop, go_off, stall"):
        act(operation(), 0, "fly")


@pytest.mark.parametrize(
    ("hours", "started"), [(0, True), (7.9, True), (8, False), (21, False), (22, True), (4 * 24, False)]
)
def test_campaigns_follow_the_shift(hours: float, started: bool) -> None:
    # From Wednesday 10:00: at 18:00 the floor goes home, at 8:00 it is back, and four days later is Sunday.
    world = operation(events=False)
    assert {figures.started for figures in at(world, hours * HOUR).values()} == {started}


def test_more_people_answer_in_the_evening_than_in_the_morning() -> None:
    def share(start: datetime) -> float:
        world = operation(events=False, campaigns=30, start=start, records=(9000, 9000))
        before, after = at(world, 0), at(world, HOUR)
        answered = sum(after[index].tally.answer - before[index].tally.answer for index in after)
        made = sum(after[index].tally.attempts - before[index].tally.attempts for index in after)
        return answered / made

    morning = share(datetime(2026, 8, 12, 8, tzinfo=ZoneInfo("America/Bogota")))
    evening = share(datetime(2026, 8, 12, 17, tzinfo=ZoneInfo("America/Bogota")))
    assert 0.1 < morning < evening < 0.4


def test_the_day_starts_anew_at_local_midnight() -> None:
    world = operation(events=False)
    assert at(world, 2 * HOUR)[0].dialled_today > 0
    assert at(world, 14 * HOUR + MINUTE)[0].dialled_today == 0


def test_it_starts_on_a_wednesday_morning_of_each_zone_whatever_the_real_hour() -> None:
    midnight = datetime(2026, 1, 4, tzinfo=UTC).timestamp()
    world = World(SimulatorSettings(operations=6), midnight)
    for one in world.operations:
        start = one.virtual_at(midnight)
        assert (start.weekday(), start.hour) == (2, 10)
        assert any(figures.started for figures in one.figures(midnight))


@given(seed=st.integers(0, 2**32), minutes=st.integers(0, 2000), index=st.integers(0, 11))
def test_figures_agree_with_each_other(seed: int, minutes: int, index: int) -> None:
    world = operation(seed=seed, campaigns=index + 1, records=(1, 400))
    for figures in world.figures(STARTED + minutes * MINUTE):
        tally = figures.tally
        assert 0 <= figures.clean <= figures.records
        assert tally.attempts == tally.answer + tally.no_answer + tally.machine + tally.unreached
        assert 0 <= tally.hits <= tally.answer
        assert min(tally.no_answer, tally.machine, tally.busy, tally.congestion, tally.failed) >= 0
        assert figures.dialled_today >= 0
        assert sum(figures.shares) in {0, 100}
        assert min(figures.shares, default=0) >= 0


def test_thousands_of_campaigns_have_ids_of_their_own() -> None:
    world = World(SimulatorSettings(operations=3, campaigns=1000, events=False), STARTED)
    for one in world.operations:
        assert len({figures.profile.campaign_id for figures in one.figures(STARTED)}) == 1000


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("operations", 0),
        ("campaigns", 0),
        ("campaigns", 10_001),
        ("time_factor", 0.0),
        ("time_factor", float("nan")),
        ("time_factor", float("inf")),
        ("time_factor", 86_401.0),
        ("start", datetime(2026, 8, 12)),  # noqa: DTZ001 - that it has no zone is the point
        ("latency", -1.0),
        ("latency", float("nan")),
        ("licences", 0),
        ("tokens", 0),
        ("others_use_per_hour", -1.0),
        ("styles", ()),
        ("records", (10, 9)),
        ("records", (0, 9)),
    ],
)
def test_settings_that_make_no_sense_are_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=name):
        SimulatorSettings(**{name: value})  # type: ignore[arg-type]
