"""What wolkvox says while an incident is staged, and after it."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.simulator.drill import Staged
from exporter.simulator.incidents import INCIDENTS
from exporter.simulator.service import Service
from exporter.simulator.settings import SimulatorSettings
from simulator.caller import HOUR, MINUTE, Caller, FakeClock
from support.simulator import Simulator

OPERATION = "ventas-bogota"
Rows = dict[str, dict[str, Any]]
Check = Callable[["Floor", str], None]
CHECKS: dict[str, Check] = {}
STAGED = [name for name, incident in INCIDENTS.items() if not incident.by_hand]


class Floor:
    """The first operation as wolkvox tells of it, at half past ten, and whatever minute a test goes to."""

    def __init__(self, caller: Caller, clock: FakeClock) -> None:
        self.caller, self._clock = caller, clock
        self.drill = caller.simulator.drill
        self.later(30)

    def later(self, minutes: float) -> None:
        """Let time pass."""
        self._clock.now += minutes * MINUTE

    def rows(self) -> Rows:
        """Return the rows of `campaigns` by campaign id."""
        return {row["campaign"].split(" - ")[0]: row for row in self.caller.rows(self.caller.real_time())}

    def started(self) -> set[str]:
        """Return the campaigns that are on."""
        return {one for one, row in self.rows().items() if row["status"] == "started"}

    def counts(self, campaign: str) -> dict[str, int]:
        """Return the figures of a campaign."""
        names = {
            "records": "records",
            "clean": "clean",
            "dial": "dial",
            "answer": "answer",
            "machine": "answer_machine",
            "failed": "busy/congestion/failed",
            "pace": "calls_x_min",
        }
        row = self.rows()[campaign]
        return {ours: int(row[theirs].replace(",", "").replace("-", "0")) for ours, theirs in names.items()}

    def dials(self, campaign: str, minutes: float = 60) -> dict[str, int]:
        """Return what the figures rise by in so many minutes."""
        before = self.counts(campaign)
        self.later(minutes)
        return {name: count - before[name] for name, count in self.counts(campaign).items()}

    def attempts(self, campaign: str) -> dict[str, int]:
        """Return the calls of a campaign today, by result."""
        rows = self.caller.rows(self.caller.results(campaign))
        return {row["result"]: int(row["records"]) for row in rows}

    def services(self) -> dict[str, str]:
        """Return what wolkvox tells of the operation."""
        (row,) = self.caller.rows(self.caller.services())
        return row

    def hits(self, campaign: str, minutes: float = 120) -> int:
        """Return the hits of so many minutes."""
        before = int(self.rows()[campaign]["hits"].split()[0].replace(",", ""))
        self.later(minutes)
        return int(self.rows()[campaign]["hits"].split()[0].replace(",", "")) - before


@pytest.fixture
def floor(bogota: Caller, clock: FakeClock) -> Floor:
    return Floor(bogota, clock)


def of(name: str) -> Callable[[Check], Check]:
    """Register what is seen of an incident: called with the floor and its campaign, while it is staged."""

    def register(check: Check) -> Check:
        CHECKS[name] = check
        return check

    return register


@of("campaign-stopped")
def _(floor: Floor, campaign: str) -> None:
    assert campaign not in floor.started()
    assert floor.started()


@of("campaign-not-started")
def _(floor: Floor, campaign: str) -> None:
    assert campaign not in floor.started()
    assert floor.counts(campaign)["dial"] == 0 < floor.counts(campaign)["clean"]


@of("operation-stopped")
def _(floor: Floor, _campaign: str) -> None:
    assert not floor.started()


@of("campaign-stopped-unscheduled")
def _(floor: Floor, campaign: str) -> None:
    assert campaign in floor.started()
    assert floor.dials(campaign, 14)["dial"] > 0
    floor.later(2)
    assert campaign not in floor.started()
    assert len(floor.started()) > 3


@of("campaign-stalled")
def _(floor: Floor, campaign: str) -> None:
    assert campaign in floor.started()
    assert floor.dials(campaign)["dial"] == floor.counts(campaign)["pace"] == 0


@of("dialing-outside-hours")
def _(floor: Floor, campaign: str) -> None:
    assert "NOCTURNA" in floor.rows()[campaign]["campaign"]
    assert floor.dials(campaign)["dial"] > 0


@of("speed-out-of-policy")
def _(floor: Floor, campaign: str) -> None:
    assert floor.rows()[campaign]["speed"] == "200%"


@of("speed-zero")
def _(floor: Floor, campaign: str) -> None:
    assert (campaign in floor.started(), floor.rows()[campaign]["speed"]) == (True, "0%")
    assert floor.dials(campaign)["dial"] == 0


@of("campaign-gone")
def _(floor: Floor, campaign: str) -> None:
    assert campaign not in floor.rows()


@of("skill-changed")
def _(floor: Floor, campaign: str) -> None:
    skills = {row["campaign_id"]: row["skill_id"] for row in floor.caller.rows(floor.caller.information())}
    assert skills[campaign] == floor.rows()[campaign]["skill_id"] == "4001"


@of("predictives-over-limit")
def _(floor: Floor, _campaign: str) -> None:
    kinds = {
        row["campaign_id"]: row["type_campaign"] for row in floor.caller.rows(floor.caller.information())
    }
    licences = floor.caller.operation.licences
    assert sum(kinds[one] == "predictive" for one in floor.started()) > round(licences / 4) + 2


@of("list-exhausted")
def _(floor: Floor, campaign: str) -> None:
    floor.later(2 * 60)
    counts = floor.counts(campaign)
    assert counts["clean"] == 0 < counts["records"] <= counts["dial"]
    assert campaign in floor.started()


@of("list-ends-soon")
def _(floor: Floor, campaign: str) -> None:
    counts = floor.counts(campaign)
    assert 0 < counts["clean"] < 0.2 * counts["records"]
    floor.later(2 * 60)
    assert floor.counts(campaign)["clean"] == 0


@of("list-empty")
def _(floor: Floor, campaign: str) -> None:
    floor.later(60)
    assert {**floor.counts(campaign), "records": 0} == dict.fromkeys(floor.counts(campaign), 0)
    assert campaign in floor.started()


@of("refilled-list-unreachable")
def _(floor: Floor, campaign: str) -> None:
    first = floor.dials(campaign, 28)
    floor.later(2)
    assert floor.counts(campaign)["dial"] < 100
    second = floor.dials(campaign, 30)
    for counts in (first, second):
        assert counts["dial"] > 100
        assert counts["failed"] > 0.6 * counts["dial"]


@of("unreachable-telephones-high")
def _(floor: Floor, campaign: str) -> None:
    floor.later(60)
    rows = [row for row in floor.caller.rows(floor.caller.codes(campaign)) if row["telephone"] != "TOTAL"]
    bad = [row for row in rows if int(row["congestion"]) + int(row["failed"]) >= 3]
    assert len(rows) > 100
    assert len(bad) > 0.2 * len(rows)


@of("calls-fallen")
def _(floor: Floor, campaign: str) -> None:
    assert 0 < floor.dials(campaign)["dial"] < 0.2 * 60 * 38


@of("answers-lost")
def _(floor: Floor, _campaign: str) -> None:
    for campaign in ("4875", "4882"):
        counts = floor.dials(campaign, 30)
        assert counts["dial"] > 0
        assert counts["answer"] <= 0.02 * counts["dial"]


@of("contact-rate-low")
def _(floor: Floor, campaign: str) -> None:
    counts = floor.dials(campaign)
    assert 0.03 < counts["answer"] / counts["dial"] < 0.1


@of("failed-share-high")
def _(floor: Floor, campaign: str) -> None:
    counts = floor.dials(campaign)
    assert 0.6 < counts["failed"] / counts["dial"] < 0.8
    assert counts["answer"] > 0


@of("machine-share-high")
def _(floor: Floor, campaign: str) -> None:
    counts = floor.dials(campaign)
    assert 0.55 < counts["machine"] / counts["dial"] < 0.75


@of("hit-rate-low")
def _(floor: Floor, campaign: str) -> None:
    answered, hits = floor.counts(campaign)["answer"], floor.hits(campaign)
    assert hits < 0.03 * (floor.counts(campaign)["answer"] - answered)


def abandoned(floor: Floor, campaign: str) -> float:
    before = floor.attempts(campaign)
    floor.later(90)
    came = {result: count - before.get(result, 0) for result, count in floor.attempts(campaign).items()}
    return came["abandon"] / (came["abandon"] + came["answer"])


@of("abandonment-fast-burn")
def _(floor: Floor, campaign: str) -> None:
    assert 0.4 < abandoned(floor, campaign) < 0.6


@of("abandonment-slow-burn")
def _(floor: Floor, campaign: str) -> None:
    assert 0.06 < abandoned(floor, campaign) < 0.12


@of("abandonment-over-limit")
def _(floor: Floor, campaign: str) -> None:
    assert 0.035 < abandoned(floor, campaign) < 0.065


@of("licences-differ")
def _(floor: Floor, _campaign: str) -> None:
    assert floor.services()["licenses"] == str(floor.caller.operation.licences + 5)


@of("customer-protection-off")
def _(floor: Floor, _campaign: str) -> None:
    assert floor.services()["customer_prot"] == "no"


def answers(floor: Floor, status: int, words: str) -> None:
    answer = floor.caller.real_time()
    assert answer.status_code == status
    assert words in answer.text


@of("data-stale")
def _(floor: Floor, _campaign: str) -> None:
    answers(floor, 503, "<html>")


@of("token-rejected")
def _(floor: Floor, _campaign: str) -> None:
    answers(floor, 403, "TOKEN")


@of("quota-exhausted")
def _(floor: Floor, _campaign: str) -> None:
    answers(floor, 403, "LIMIT EXCEEDED")


@of("quota-nearly-used")
def _(floor: Floor, _campaign: str) -> None:
    (row,) = floor.caller.rows(floor.caller.token_info())
    assert 0.4 < int(row["all_token_today"]) / int(row["token_limit"]) < 0.5


@of("poll-slow")
def _(floor: Floor, _campaign: str) -> None:
    (fault,) = floor.caller.simulator.faults.active()
    assert (fault.fault.kind, fault.operation) == ("slow", OPERATION)
    assert fault.fault.seconds > 45


@of("format-drift")
def _(floor: Floor, _campaign: str) -> None:
    assert all(row["speed"].startswith("about") for row in floor.rows().values())


def test_every_incident_has_a_check() -> None:
    assert set(STAGED) - set(CHECKS) == set(), (
        "say in tests/simulator/test_drill.py what is seen of them, below an @of(...)"
    )
    assert set(CHECKS) - set(STAGED) == set(), "exporter/simulator/incidents.py does not stage these"


@pytest.mark.parametrize("name", CHECKS)
def test_it_happens_and_is_over_in_the_end(floor: Floor, name: str) -> None:
    before = floor.rows()
    staged = floor.drill.stage(name)
    assert staged.operation == OPERATION
    assert floor.drill.staged() == [staged]
    floor.later(1)
    CHECKS[name](floor, staged.campaigns[0] if staged.campaigns else "")
    assert floor.drill.end(name) == [staged]
    assert floor.drill.staged() == []
    floor.later(1)
    assert not floor.caller.simulator.faults.active()
    assert (floor.services()["licenses"], floor.services()["customer_prot"]) == ("25", "yes")
    after = floor.rows()
    if "4875" in staged.campaigns:
        assert floor.dials("4875", 20)["answer"] > 20
        assert after["4875"]["skill_id"] == before["4875"]["skill_id"]
        assert after["4875"]["records"] == before["4875"]["records"]
    assert floor.caller.simulator.used_today(OPERATION) < 100


def test_it_goes_to_where_it_is_sent(floor: Floor) -> None:
    floor.drill.stage("campaign_stopped", OPERATION, "4878")
    assert "4878" not in floor.started()
    assert floor.drill.stage("campaign-stopped", campaign="5878").operation == "cobranza-mexico"
    staged = floor.drill.stage("failed-share-high", "cobranza-mexico", "all")
    assert len(staged.campaigns) == 8
    assert staged.where == "8 campaigns of cobranza-mexico"


def test_a_campaign_suffers_from_the_last_that_was_staged(floor: Floor) -> None:
    floor.drill.stage("campaign-stopped", OPERATION, "4878")
    stalled = floor.drill.stage("campaign-stalled", OPERATION, "4878")
    assert floor.drill.staged() == [stalled]
    assert "4878" in floor.started()
    again = floor.drill.stage("campaign-stalled", OPERATION, "4875")
    assert floor.drill.staged() == [again]


def test_nothing_that_was_to_follow_happens_after_the_end(floor: Floor) -> None:
    campaign = floor.drill.stage("campaign-stopped-unscheduled").campaigns[0]
    floor.later(5)
    floor.drill.end()
    floor.later(20)
    assert campaign in floor.started()


def test_a_campaign_that_is_added_again_takes_the_place_of_the_last(floor: Floor) -> None:
    first = floor.drill.stage("campaign-not-started")
    second = floor.drill.stage("campaign-not-started")
    assert first.campaigns != second.campaigns
    assert [one for one in floor.rows() if "SIN ENCENDER" in floor.rows()[one]["campaign"]] == list(
        second.campaigns
    )


def test_whoever_listens_hears_what_begins_and_ends(floor: Floor) -> None:
    heard: list[tuple[Staged, bool]] = []
    floor.drill.heard = lambda staged, begins: heard.append((staged, begins))
    staged = floor.drill.stage("speed-zero")
    floor.drill.end()
    assert heard == [(staged, True), (staged, False)]


def test_a_rest_of_a_list_can_be_left_that_nobody_ever_calls(floor: Floor) -> None:
    floor.caller.simulator.campaign(OPERATION, "4875").act("spare_rest")
    floor.later(10)
    assert floor.counts("4875")["clean"] == 3
    assert floor.dials("4875", 180)["dial"] == 0
    assert "4875" in floor.started()


def test_at_night_a_campaign_has_to_be_named(floor: Floor, clock: FakeClock) -> None:
    clock.now += 12 * HOUR
    with pytest.raises(ValueError, match=r"no campaign of ventas-bogota, where it is Wednesday 22:30, makes"):
        floor.drill.stage("campaign-stalled")
    assert floor.drill.stage("campaign-stalled", campaign="4875").campaigns == ("4875",)


@pytest.mark.parametrize("name", ["", "nothing", "WolkvoxCampaignStopped", "campaign-stopped "])
def test_an_unknown_name_is_refused_with_the_list(floor: Floor, name: str) -> None:
    with pytest.raises(ValueError, match=r"unknown incident .* campaign-stopped, .* watchdog") as refusal:
        floor.drill.stage(name)
    assert all(known in str(refusal.value) for known in INCIDENTS)


@pytest.mark.parametrize("name", [name for name in INCIDENTS if name not in STAGED])
def test_what_cannot_be_staged_is_refused_with_what_to_do_instead(floor: Floor, name: str) -> None:
    with pytest.raises(ValueError, match="cannot be staged") as refusal:
        floor.drill.stage(name)
    assert INCIDENTS[name].by_hand in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "operation", "campaign", "error"),
    [
        ("campaign-stopped", "nobody", "", KeyError),
        ("campaign-stopped", OPERATION, "1", KeyError),
        ("data-stale", OPERATION, "4875", ValueError),
        ("dialing-outside-hours", OPERATION, "4875", ValueError),
    ],
)
def test_what_makes_no_sense_changes_nothing(
    simulator: Simulator, name: str, operation: str, campaign: str, error: type[Exception]
) -> None:
    before = simulator.service.world.named(OPERATION).ids
    with pytest.raises(error):
        simulator.drill.stage(name, operation, campaign)
    assert simulator.drill.staged() == []
    assert simulator.service.world.named(OPERATION).ids == before


CALLS = st.tuples(
    st.sampled_from(STAGED), st.sampled_from(["", "4875", "4878", "all"]), st.booleans(), st.integers(0, 90)
)


@given(calls=st.lists(CALLS, max_size=12))
@settings(max_examples=60, deadline=None)
def test_whatever_was_staged_nothing_is_wrong_after_the_end(calls: list[tuple[str, str, bool, int]]) -> None:
    clock = FakeClock()
    service = Service(SimulatorSettings(operations=1), clock)
    drill, operation = service.drill, service.world.named(OPERATION)
    for name, campaign, ends, minutes in calls:
        with suppress(ValueError):
            drill.stage(name, OPERATION, campaign)
        if ends:
            drill.end(name)
        clock.now += minutes * MINUTE
        assert len({one.incident.name for one in drill.staged()}) == len(drill.staged())
    drill.end()
    assert drill.staged() == []
    assert service.faults.active() == []
    assert operation.conditions == {}
    clock.now += MINUTE
    with operation.at(clock.now) as campaigns:
        for one in campaigns.values():
            assert (one.switch, one.trouble, one.moved, one.later) == (None, None, False, {})
        assert not any(campaigns[name].removed for name in ("4875", "4878"))
