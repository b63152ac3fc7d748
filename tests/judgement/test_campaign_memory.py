import pytest
from msgspec.structs import replace

from exporter.judgement import CampaignState, Reason
from judgement.floor import HOUR, MONDAY, NO_SCHEDULES, POLL_SECONDS, Floor, schedules

STOP = {"running": 0.0, "calls_per_minute": 0.0}
SILENT = {"calls_per_minute": 0.0}
USED_UP = {"clean_records": 0.0, "dialed_records": 10_000.0, "calls_per_minute": 0.0}


def test_since_is_when_the_answer_that_shows_it_was_asked_for() -> None:
    floor = Floor()
    began = floor.at
    assert floor.judged().lasting == (CampaignState.RUNNING, began, 0.0)
    floor.dial(3)
    stopped = floor.poll(**STOP)
    assert stopped.lasting == (CampaignState.STOPPED_IN_HOURS, floor.at, 0.0)
    at = floor.at
    assert floor.poll().lasting == (CampaignState.STOPPED_IN_HOURS, at, POLL_SECONDS)
    assert floor.poll().lasting.confirmed == 2 * POLL_SECONDS
    assert floor.dial().lasting == (CampaignState.RUNNING, floor.at, 0.0)


def test_an_old_figure_confirms_nothing() -> None:
    floor = Floor()
    floor.poll(**STOP)
    assert floor.judged(later=1200).lasting.confirmed == 0.0
    assert floor.judged(later=1200).lasting.since == floor.at


def test_the_clock_makes_states_in_its_minute() -> None:
    floor = Floor(at=MONDAY + 8 * HOUR - 60)
    assert floor.answer(**STOP).state is CampaignState.STOPPED_AS_PLANNED
    assert floor.judged(59).state is CampaignState.STOPPED_AS_PLANNED
    assert floor.judged(61).lasting == (CampaignState.STOPPED_IN_HOURS, MONDAY + 8 * HOUR, 0.0)
    floor.poll()
    assert floor.judged().lasting == (CampaignState.STOPPED_IN_HOURS, MONDAY + 8 * HOUR, POLL_SECONDS - 60)


def test_a_weekend_without_answers_leaves_since_where_it_was_or_where_the_clock_put_it() -> None:
    floor = Floor(at=MONDAY + 17 * HOUR)
    floor.poll(**STOP)
    floor.at = MONDAY + 24 * HOUR + 9 * HOUR
    tuesday = floor.answer()
    assert tuesday.lasting == (CampaignState.STOPPED_IN_HOURS, MONDAY + 32 * HOUR, HOUR)
    still = Floor(book=NO_SCHEDULES)
    began = still.at
    still.at += 3 * 24 * HOUR
    assert still.answer().lasting == (CampaignState.RUNNING, began, 3 * 24 * HOUR)


def test_a_clock_that_is_put_back_takes_nothing_away() -> None:
    floor = Floor()
    floor.poll(**STOP)
    since = floor.at
    floor.poll()
    floor.at -= HOUR
    put_back = floor.answer()
    assert put_back.lasting == (CampaignState.STOPPED_IN_HOURS, since, POLL_SECONDS)


def test_a_campaign_that_is_missing_from_an_answer_is_remembered() -> None:
    floor = Floor()
    floor.poll(**STOP)
    since = floor.at
    floor.listed = False
    floor.poll()
    floor.listed = True
    assert floor.poll().lasting == (CampaignState.STOPPED_IN_HOURS, since, 2 * POLL_SECONDS)
    floor.listed = False
    floor.at += 8 * 24 * HOUR
    floor.answer()
    assert floor.memory.campaigns == {}


def test_a_renamed_campaign_is_the_same() -> None:
    floor = Floor()
    floor.poll(**STOP)
    since = floor.at
    floor.name = "VENTAS HOGAR"
    assert floor.poll().lasting == (CampaignState.STOPPED_IN_HOURS, since, POLL_SECONDS)


def test_one_without_calls_counts_from_its_last_call() -> None:
    floor = Floor()
    floor.dial(6)
    silent = floor.poll(**SILENT, dialed_records=(floor.figures["dialed_records"] or 0) + 3)
    assert silent.lasting == (CampaignState.NO_CALLS, floor.at, 0.0)
    floor.poll()
    # A call between two answers, which neither shows.
    again = floor.poll(dialed_records=(floor.figures["dialed_records"] or 0) + 1)
    assert again.lasting == (CampaignState.NO_CALLS, floor.at, 0.0)


def test_missed_calls_follow_the_usual_pace() -> None:
    floor = Floor()
    floor.dial(12)
    dialed = floor.figures["dialed_records"] or 0.0
    assert floor.poll(**SILENT, dialed_records=dialed + 1).missed_calls == 0.0
    assert floor.poll().missed_calls == pytest.approx(100, rel=0.1)
    floor.poll(clean_records=3.0)
    assert floor.judged().missed_calls == 3.0, "a rest of three records is no stall"
    slow = Floor()
    slow.dial(24, calls=1.0)
    slow.poll(**SILENT)
    assert slow.poll().missed_calls == pytest.approx(2, abs=0.3)


def test_nothing_is_missed_where_the_pace_is_not_known_or_agents_dial() -> None:
    floor = Floor()
    floor.dial(2)
    floor.poll(**SILENT)
    assert floor.poll().missed_calls is None
    assert floor.judged().reason is Reason.NOT_KNOWN


def test_outside_hours_needs_calls_made_after_their_end() -> None:
    floor = Floor(at=MONDAY + 18.9 * HOUR)
    floor.dial()
    after_hours = floor.poll(calls_per_minute=12.0)
    assert after_hours.lasting == (CampaignState.OUTSIDE_HOURS, MONDAY + 19 * HOUR, 0.0)
    quiet = Floor(at=floor.at)
    quiet.memory, quiet.figures = floor.memory, dict(floor.figures)
    assert quiet.poll(calls_per_minute=0.0).state is CampaignState.RUNNING
    dialling = floor.dial()
    assert dialling.state is CampaignState.OUTSIDE_HOURS
    assert dialling.lasting.confirmed == floor.at - (MONDAY + 19 * HOUR)


def test_retries_outside_hours_are_seen_by_the_calls_a_minute() -> None:
    floor = Floor(at=MONDAY + 18.99 * HOUR)
    first = floor.poll(calls_per_minute=5.0)
    assert (first.state, first.lasting.confirmed) == (CampaignState.OUTSIDE_HOURS, 0.0)
    floor.poll()
    assert floor.poll().lasting.confirmed > 600


def test_no_figure_of_calls_outside_hours_is_unknown() -> None:
    floor = Floor(at=MONDAY + 20 * HOUR)
    assert floor.poll(calls_per_minute=None).state is CampaignState.UNKNOWN
    assert floor.poll(running=None).state is CampaignState.UNKNOWN


def test_without_figures_of_calls_a_silent_campaign_stays_silent_and_that_is_no_second_look() -> None:
    floor = Floor()
    floor.poll(**SILENT)
    since = floor.at
    nothing = dict.fromkeys(("calls_per_minute", "dialed_records", "clean_records"), None)
    for _ in range(3):
        assert floor.poll(**nothing).lasting == (CampaignState.NO_CALLS, since, POLL_SECONDS)
    assert floor.poll(**{**dict.fromkeys(nothing, 0.0), **SILENT}).lasting.since == since


def test_without_figures_of_calls_a_stop_is_confirmed_all_the_same() -> None:
    floor = Floor()
    floor.dial(3)
    floor.poll(**STOP)
    nothing = dict.fromkeys(("calls_per_minute", "dialed_records", "clean_records"), None)
    confirmed = [floor.poll(**nothing).lasting.confirmed for _ in range(3)]
    assert confirmed == [POLL_SECONDS, 2 * POLL_SECONDS, 3 * POLL_SECONDS]


def test_calls_a_minute_may_be_those_of_minutes_ago() -> None:
    floor = Floor()
    floor.dial(12)
    floor.poll(calls_per_minute=20.0)  # nothing was dialled, but the vendor's mean does not know yet
    silent = floor.poll(**SILENT)
    assert silent.lasting == (CampaignState.NO_CALLS, floor.at, POLL_SECONDS)


def test_a_rest_that_is_never_called_is_a_used_up_list() -> None:
    floor = Floor()
    floor.dial(3)
    floor.poll(clean_records=3.0, dialed_records=9_997.0, calls_per_minute=0.0)
    states = [floor.poll().state for _ in range(14)]
    assert states[0] is CampaignState.NO_CALLS
    assert states[-1] is CampaignState.LIST_USED_UP
    assert floor.poll(running=0.0).state is CampaignState.LIST_USED_UP
    assert floor.poll(clean_records=2.0, running=1.0).state is CampaignState.NO_CALLS


def test_a_rest_is_not_judged_outside_of_hours() -> None:
    floor = Floor(at=MONDAY + 17.9 * HOUR)
    floor.poll(clean_records=3.0, dialed_records=9_997.0, calls_per_minute=0.0)
    for _ in range(24):
        floor.poll()
    assert floor.judged().state is CampaignState.RUNNING


def test_a_list_whose_retries_go_on_is_not_used_up_when_it_is_stopped() -> None:
    floor = Floor()
    assert floor.poll(**USED_UP).state is CampaignState.LIST_USED_UP
    assert floor.poll(running=0.0).state is CampaignState.LIST_USED_UP
    floor.poll(running=1.0, calls_per_minute=8.0)
    floor.poll()
    assert floor.poll(**STOP).state is CampaignState.STOPPED_IN_HOURS
    assert floor.poll().lasting.confirmed == POLL_SECONDS


def test_reasons() -> None:
    floor = Floor()
    floor.dial(3, busy_congestion_failed=0.9, answer=0.05, no_answer=0.05, answer_machine=0.0)
    assert floor.judged().reason is None
    assert floor.poll(**SILENT).reason is Reason.CARRIER
    assert floor.poll(speed_ratio=0.0).reason is Reason.SPEED_ZERO
    assert floor.poll(clean_records=0.0).reason is Reason.LIST_USED_UP


def test_a_dead_carrier_stays_the_reason_while_nothing_is_dialled() -> None:
    floor = Floor()
    floor.dial(3, busy_congestion_failed=0.9, answer=0.05, no_answer=0.05, answer_machine=0.0)
    assert [floor.poll(**SILENT).reason for _ in range(12)] == [Reason.CARRIER] * 12
    floor.dial(2)
    assert floor.poll(**SILENT).reason is Reason.NOT_KNOWN


def test_the_type_known_last_stands_in() -> None:
    floor = Floor()
    floor.dial(12)
    floor.memory = replace(
        floor.memory, campaigns={k: replace(one, type="Preview") for k, one in floor.memory.campaigns.items()}
    )
    floor.poll(**SILENT)
    assert floor.poll().missed_calls is None


def test_tolerance_is_that_of_the_schedule() -> None:
    assert Floor(book=schedules(tolerance=300.0)).judged().tolerance == 300.0
    assert Floor(book=NO_SCHEDULES).judged().tolerance is None


NOTHING_TOLD = dict.fromkeys(("calls_per_minute", "dialed_records", "clean_records"), None)


def test_an_answer_of_the_settings_takes_no_figures_away() -> None:
    floor = Floor()
    floor.dial(12)
    silent = dict(floor.figures)
    floor.poll(**SILENT)
    since = floor.at
    for _ in range(3):
        floor.poll(**NOTHING_TOLD)
    assert floor.judged().missed_calls is not None
    # It has dialled meanwhile, which nobody saw.
    dialled = (silent["dialed_records"] or 0.0) + 20
    back = floor.poll(**{**silent, **SILENT, "dialed_records": dialled})
    assert back.lasting.since == floor.at > since
    assert back.lasting.confirmed == 0.0


def test_the_rest_of_a_list_that_is_retried_is_used_up_when_the_calls_end() -> None:
    floor = Floor()
    floor.dial(12)
    floor.poll(clean_records=12.0, records=642.0, dialed_records=630.0, calls_per_minute=4.0)
    for _ in range(3):
        assert floor.poll().state is CampaignState.RUNNING
    assert floor.poll(**SILENT).state is CampaignState.LIST_USED_UP
    assert floor.poll(running=0.0).state is CampaignState.LIST_USED_UP
    assert floor.poll(clean_records=500.0).state is CampaignState.STOPPED_IN_HOURS


def test_one_that_is_stopped_while_it_retries_the_rest_is_stopped() -> None:
    floor = Floor()
    floor.dial(12)
    floor.poll(clean_records=12.0, records=642.0, dialed_records=630.0, calls_per_minute=4.0)
    for _ in range(3):
        floor.poll()
    assert floor.poll(**STOP).state is CampaignState.STOPPED_IN_HOURS
