"""What is remembered of campaigns outlives the process, a takeover, failed polls and a reload."""

import re

from exporter.config import Operation
from exporter.judgement import CampaignState, Judgement, judge, view
from exporter.schedules import Schedule, ScheduleSet, Week, parse_window
from exporter.wolkvox import Cause, RequestFailed
from polling.floor import Floor
from support.fakes import campaigns_row, make_operation

HOURS = Schedule((re.compile(".*"),), Week.of([parse_window("Mon-Fri 08:00-18:00")]), None)
STOPPED = [campaigns_row(status="stopped", calls_x_min="0")]


def operation(*schedules: Schedule) -> Operation:
    return make_operation(schedules=schedules or (HOURS,))


def judged(floor: Floor) -> Judgement:
    max_age = {api: settings.max_age for api, settings in floor.operation.apis.items()}
    now = floor.clock.now()
    book = ScheduleSet.of(floor.operation.schedules, floor.operation.timezone)
    return judge(view(floor.snapshot, max_age, now), floor.snapshot.memory, book, now.wall).campaigns[0]


def stopped_floor() -> tuple[Floor, float]:
    """Return a floor whose campaign has been stopped for a poll, and since when."""
    floor = Floor(operation())
    floor.poll()
    floor.clock.advance(300)
    floor.vendor.answers["campaigns"] = STOPPED
    since = floor.clock.wall
    floor.poll()
    floor.clock.advance(300)
    floor.poll()
    assert judged(floor).lasting == (CampaignState.STOPPED_IN_HOURS, since, 300.0)
    return floor, since


def test_a_restart_and_a_takeover_go_on_from_what_is_stored() -> None:
    floor, since = stopped_floor()
    for other in (floor.restarted(), floor.replica()):
        other.poller.restore()
        assert judged(other).lasting == (CampaignState.STOPPED_IN_HOURS, since, 300.0)
        assert judged(other).memory == judged(floor).memory
    other.clock.advance(300)
    other.poll()
    assert judged(other).lasting == (CampaignState.STOPPED_IN_HOURS, since, 600.0)
    floor.poll()
    assert judged(floor).lasting.confirmed == 600.0, "the poll of the other process counts"


def test_a_failed_poll_changes_nothing() -> None:
    floor, since = stopped_floor()
    before = floor.snapshot.memory
    floor.vendor.answers["campaigns"] = RequestFailed(Cause.TIMEOUT, "no answer")
    floor.clock.advance(300)
    floor.poll()
    assert floor.snapshot.memory is before
    assert judged(floor).lasting == (CampaignState.STOPPED_IN_HOURS, since, 300.0)


def test_an_outage_over_all_ages_keeps_since() -> None:
    floor, since = stopped_floor()
    floor.clock.advance(2 * 3600)
    floor.poll()
    assert judged(floor).lasting == (CampaignState.STOPPED_IN_HOURS, since, 300.0 + 2 * 3600)


def test_settings_of_a_campaign_do_not_confirm_what_the_other_list_tells() -> None:
    floor, since = stopped_floor()
    floor.clock.advance(200)
    floor.poll("campaign_settings")
    assert judged(floor).lasting == (CampaignState.STOPPED_IN_HOURS, since, 300.0)
    assert judged(floor).memory.type == "predictive"


def test_a_damaged_memory_is_no_memory() -> None:
    floor, _ = stopped_floor()
    with floor.poller.gate.permit() as permit:
        assert permit is not None
        floor.poller.gate.write(permit, floor.archive.scope, {"memory": b"\xc1"})
    other = floor.restarted()
    other.poller.restore()
    assert judged(other).state is CampaignState.STOPPED_IN_HOURS
    assert judged(other).lasting.confirmed == 0.0


def test_a_reload_changes_nothing() -> None:
    floor, since = stopped_floor()
    floor.archive.change_settings(operation(HOURS, HOURS))
    assert judged(floor).lasting == (CampaignState.STOPPED_IN_HOURS, since, 300.0)
    floor.clock.advance(300)
    floor.poll()
    assert judged(floor).lasting == (CampaignState.STOPPED_IN_HOURS, since, 600.0)


def test_a_clock_that_is_put_back_changes_nothing() -> None:
    floor, since = stopped_floor()
    floor.clock.wall -= 3600
    floor.clock.advance(300)
    floor.poll()
    assert judged(floor).lasting == (CampaignState.STOPPED_IN_HOURS, since, 300.0)
    other = floor.restarted()
    other.poller.restore()
    assert judged(other).lasting == (CampaignState.STOPPED_IN_HOURS, since, 300.0)
