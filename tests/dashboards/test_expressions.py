"""Every expression of every dashboard on a real Prometheus: it parses, and has figures when it should."""

import math
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboards.queries import ABANDONMENT_30_DAYS, NUMBERS, POLLING_NUMBERS
from exporter.apis import APIS
from exporter.judgement import CampaignState, Reason
from support import story
from support.boards import NAMES, Expression, board, expressions
from support.exporter import exporter
from support.history import Recorder
from support.prometheus import Prometheus, Sample, prometheus, scrape

pytestmark = pytest.mark.integration

# Both languages have the same expressions, see test_generated.
ENGLISH = [name for name in NAMES if name.startswith("en/")]
FLOOR, CAMPAIGN, SKILL, EXPORTER = (
    f"en/wolkvox-{subject}" for subject in ("floor", "campaign", "skill", "exporter")
)

CALM = {
    "Failed calls by cause A": "no call failed in the hour before",
    "Skipped polls by reason A": "no poll was skipped",
    "Unreadable values and discarded rows values": "every value could be read",
    "Unreadable values and discarded rows rows": "every row was used",
    "APIs cause": "the last poll of every API worked",
    "Why A": "the campaign is running",
    "Since B": "nobody stopped it by hand",
    "All campaigns byhand": "as the tile",
    "To be checked in wolkvox findings": "there is nothing to be checked",
    "Abandonment B": "the history has no rules",
    "Abandonment over time B": "as the tile",
    "All campaigns reason": "no campaign is stopped in its hours or without calls",
    "Firing alerts rank": "no alert fires at that time",
    "Firing alerts since": "as the rank",
    "Critical alerts": "as the table",
    "Warnings": "as the table",
    "Campaigns that needed somebody A": "no campaign dialled outside its hours in the time shown",
    "Dialling C": "every campaign's state is known",
    "What to attend to now reason": "a list that is used up needs no reason",
    "Recycles": "the list was not recycled in the five minutes before",
    "Exporter starts": "the exporter was not started in the five minutes before",
    "Dialled per hour B": "the history has no yesterday",
    "Contact rate B": "as the panel beside it",
}
"""What has no figures on a normal afternoon, and why."""

DIALLING = {
    FLOOR: {
        "Last 30 minutes": 3,
        "Contacts, machines, busy or failed": 3,
        "Lists ending next": 2,
    },
    CAMPAIGN: {"Contact rate": 1, "Hours": 1, "List ends": 1, "Distribution of results": 4},
    SKILL: {"Hours of list left by skill": 1, "Clean records": 1},
}
"""Panels whose first queries have figures only while somebody dials."""

HEARD_WHEN_SILENT = {
    "What to attend to now state": "as Monitoring",
    "Monitoring A": "it says that the exporter is silent",
    "Scrapes A": "as Monitoring",
    "Alerts A": "Prometheus itself knows its alerts",
    "Alerts B": "as the critical ones",
    "Exporter starts": "asks for a change in a window",
    "Failed calls by cause A": "counts what was seen in the hour before",
    "Skipped polls by reason A": "as the failed calls",
    "Scrape duration A": "Prometheus measures a scrape that fails too",
}


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    folder = tmp_path_factory.mktemp("day")
    story.tell(story.scenario(), folder / "storage")
    flags = ["--storage.tsdb.retention.time=20y"]
    with prometheus(folder, storage=folder / "storage", flags=flags) as server:
        yield server


def chosen(name: str, operation: str = story.SALES, campaign: str = story.STOPPED) -> dict[str, str]:
    """Return the values of variables with which a reader looks at a dashboard."""
    return {"operation": operation, "campaign": campaign} if name == CAMPAIGN else {}


def panel(name: str, title: str, reference: str = "A") -> Expression:
    found = [e for e in expressions(name) if e.where == f"{title} {reference}"]
    assert len(found) == 1, [e.where for e in expressions(name)]
    return found[0]


def read(server: Prometheus, at: float, name: str, title: str, **values: str) -> list[Sample]:
    return server.query(panel(name, title).filled(**(values or chosen(name))), at)


BANDS = [e for e in expressions(FLOOR) if e.where.startswith("Campaigns that needed somebody ")]
STATES = {number: state for state, number in NUMBERS.items()}


def states_of(server: Prometheus, at: float) -> dict[str, CampaignState]:
    """Return the state of each campaign by its id, those that have bands first and in their order."""
    bands = [sample for part in BANDS for sample in server.query(part.filled(), at)]
    samples = [*bands, *server.query(panel(FLOOR, "All campaigns", "state").filled(), at)]
    states = {sample.labels["campaign_id"]: STATES[int(sample.value)] for sample in samples}
    assert len(states) == len(samples) - len(bands)
    return states


TILES = [
    e
    for e in expressions(FLOOR)
    if e.where.rpartition(" ")[0] in {"Outside hours", "To be started", "Not dialling"}
]


def count(server: Prometheus, at: float, state: CampaignState) -> list[float]:
    """Return how many campaigns are in a state, as its tile says."""
    (one,) = [e for e in TILES if f'state="{state}"' in e.text]
    return figures(server.query(one.filled(), at))


def figures(samples: list[Sample]) -> list[float]:
    return sorted(sample.value for sample in samples)


@pytest.mark.parametrize("name", ENGLISH)
def test_everything_has_figures_on_a_normal_afternoon(day: Prometheus, name: str) -> None:
    empty = []
    for expression in expressions(name):
        samples = day.query(expression.filled(**chosen(name)), story.NORMAL)
        if not samples:
            empty.append(expression.where)
        assert all(math.isfinite(sample.value) for sample in samples), expression.where
    assert [where for where in empty if where not in CALM] == [], (
        "say in CALM of this file why it is empty, or add the field to exporter/simulator/shapes.py"
    )


@pytest.mark.parametrize("name", ENGLISH)
def test_all_of_everything_can_be_asked_for(day: Prometheus, name: str) -> None:
    for expression in expressions(name):
        day.query(expression.filled(), story.NORMAL)


@pytest.mark.parametrize("name", ENGLISH)
def test_a_label_set_comes_once(day: Prometheus, name: str) -> None:
    # Two lines of one name in a legend cannot be told apart.
    for expression in expressions(name):
        samples = day.query(expression.filled(**chosen(name)), story.NORMAL)
        labels = [tuple(sorted(sample.labels.items())) for sample in samples]
        assert len(set(labels)) == len(labels), expression.where


@pytest.mark.parametrize("name", DIALLING)
def test_at_night_nothing_is_dialled_and_nothing_is_said_of_it(day: Prometheus, name: str) -> None:
    for title, count in DIALLING[name].items():
        for expression in [e for e in expressions(name) if e.where.rpartition(" ")[0] == title][:count]:
            if title == "Clean records" and name == CAMPAIGN:
                continue
            values = chosen(name)
            assert day.query(expression.filled(**values), story.NORMAL), expression.where
            assert day.query(expression.filled(**values), story.NIGHT) == [], expression.where


def test_at_night_every_campaign_is_stopped_as_planned(day: Prometheus) -> None:
    states = states_of(day, story.NIGHT)
    assert len(states) == 16
    assert set(states.values()) <= {
        CampaignState.STOPPED_AS_PLANNED,
        CampaignState.STOPPED,
        CampaignState.UNKNOWN,
    }
    # What happened within the range stays at the top.
    assert list(states)[:2] == [story.OUTSIDER, story.STOPPED]
    assert count(day, story.NIGHT, CampaignState.STOPPED_IN_HOURS) == [0.0]
    assert figures(read(day, story.NIGHT, FLOOR, "Monitoring")) == [1.0]


def test_a_campaign_that_is_stopped_and_should_run_stands_out(day: Prometheus) -> None:
    states = states_of(day, story.INCIDENT)
    assert [c for c, state in states.items() if state is CampaignState.STOPPED_IN_HOURS] == [story.STOPPED]
    assert next(iter(states)) == story.STOPPED
    assert count(day, story.INCIDENT, CampaignState.STOPPED_IN_HOURS) == [1.0]
    assert figures(read(day, story.INCIDENT, FLOOR, "Alerts")) == [1.0]
    values = {"operation": story.SALES, "campaign": story.STOPPED}
    assert figures(read(day, story.INCIDENT, CAMPAIGN, "State", **values)) == [
        NUMBERS[CampaignState.STOPPED_IN_HOURS]
    ]
    (since,) = figures(read(day, story.INCIDENT, CAMPAIGN, "Since", **values))
    # With the poll that showed it, not when somebody looked.
    assert story.at("10:00") <= since / 1000 <= story.at("10:05")
    (reason,) = read(day, story.INCIDENT, CAMPAIGN, "Why", **values)
    assert reason.labels["reason"] == Reason.STOPPED_BY_HAND
    by_hand = panel(CAMPAIGN, "Since", "B").filled(**values)
    assert figures(day.query(by_hand, story.INCIDENT)) == [1000 * story.at("10:00")]
    assert day.query(by_hand, story.NORMAL) == []


def test_an_alert_about_a_campaign_is_shown_with_its_name(day: Prometheus) -> None:
    (alert,) = day.query(panel(FLOOR, "Firing alerts", "rank").filled(), story.INCIDENT)
    assert alert.labels["campaign"] == "VENTAS HOGAR - Región Ficticia"


@pytest.mark.parametrize(("campaign", "shown"), [(story.STOPPED, True), (story.OUTSIDER, False)])
def test_the_band_of_a_critical_alert_is_over_its_campaign_alone(
    day: Prometheus, campaign: str, shown: bool
) -> None:
    (band,) = [e for e in expressions(CAMPAIGN) if e.where == "Critical alerts"]
    assert bool(day.query(band.filled(campaign=campaign), story.INCIDENT)) is shown


def test_a_campaign_that_runs_outside_its_hours_stands_out(day: Prometheus) -> None:
    states = states_of(day, story.OUTSIDE)
    assert [c for c, state in states.items() if state is CampaignState.OUTSIDE_HOURS] == [story.OUTSIDER]
    assert next(iter(states)) == story.OUTSIDER
    assert count(day, story.OUTSIDE, CampaignState.OUTSIDE_HOURS) == [1.0]


def test_a_campaign_without_expectations_is_never_wanted(day: Prometheus) -> None:
    states = states_of(day, story.NORMAL)
    # ENCUESTA of both operations
    assert states["4877"] is states["5877"] is CampaignState.STOPPED


def test_failing_polls_are_told_before_the_figures_are_old(day: Prometheus) -> None:
    assert figures(read(day, story.REFUSED, FLOOR, "Monitoring")) == [2.0]
    assert figures(read(day, story.REFUSED, FLOOR, "Monitoring", operation="cobranza-mexico")) == [1.0]
    assert figures(read(day, story.STALE, FLOOR, "Monitoring")) == [3.0]
    age = day.value(of_operation("age", story.SALES), story.STALE)
    assert 40 < age < 50


def of_operation(column: str, operation: str) -> str:
    """Return what is asked for a column of the table of operations."""
    return panel(FLOOR, "Operations", column).filled(operation=operation)


def test_each_operation_has_its_own_trust_and_figures(day: Prometheus) -> None:
    def trust(moment: float) -> dict[str, float]:
        return {
            operation: day.value(of_operation("monitoring", operation), moment)
            for operation in (story.SALES, story.COLLECTIONS, story.EMPTY)
        }

    well = {story.SALES: 1, story.COLLECTIONS: 1, story.EMPTY: 1}
    assert trust(story.NORMAL) == trust(story.NIGHT) == well
    assert trust(story.REFUSED) == well | {story.SALES: 2}
    assert trust(story.STALE) == well | {story.SALES: 3}
    assert set(trust(story.SILENT).values()) == {4}
    for column in ("attend", "dialling", "all", "calls", "contacts", "ends"):
        assert day.query(of_operation(column, story.EMPTY), story.NORMAL) == [], column
        assert len(day.query(of_operation(column, ".+"), story.NORMAL)) == 2, column
    assert day.value(of_operation("all", story.SALES), story.NORMAL) == 8
    together = sum(figures(day.query(of_operation("dialling", ".+"), story.NORMAL)))
    assert figures(read(day, story.NORMAL, FLOOR, "Dialling")) == [together]
    assert day.query(of_operation("calls", story.SALES), story.STALE) == []


def test_what_is_to_be_attended_to_is_what_the_states_say(day: Prometheus) -> None:
    def rows(moment: float, **values: str) -> dict[tuple[str, str, str], float]:
        samples = day.query(panel(FLOOR, "What to attend to now", "state").filled(**values), moment)
        found = {
            (s.labels.get("operation", ""), s.labels["campaign"], s.labels.get("campaign_id", "")): s.value
            for s in samples
        }
        assert len(found) == len(samples)
        return found

    for moment in (story.NORMAL, story.INCIDENT, story.OUTSIDE):
        urgent = {c: s for c, s in states_of(day, moment).items() if s.needs_attention}
        assert {row[2]: STATES[int(value)] for row, value in rows(moment).items()} == urgent
    assert rows(story.NIGHT) == {}
    assert rows(story.REFUSED)[story.SALES, "-", ""] == POLLING_NUMBERS + 2
    assert rows(story.STALE)[story.SALES, "-", ""] == POLLING_NUMBERS + 3
    assert rows(story.STALE, operation=story.EMPTY) == {}
    silent = POLLING_NUMBERS + 4
    known = (story.SALES, story.COLLECTIONS, story.EMPTY)
    assert rows(story.SILENT) == {(operation, "-", ""): silent for operation in known}
    # Also where no exporter was ever heard of.
    assert rows(story.NORMAL, job="", instance="") == {("-", "-", ""): silent}
    since = panel(FLOOR, "What to attend to now", "since").filled(operation=story.SALES)
    seen = [s.value for s in day.query(since, story.STALE) if s.labels["campaign"] == "-"]
    assert len(seen) == 1
    assert story.at("13:50") < seen[0] / 1000 < story.at("14:00")
    assert story.at("21:50") < day.value(since, story.SILENT) / 1000 < story.at("22:00")


def test_an_api_that_fails_is_shown_with_the_cause(day: Prometheus) -> None:
    def told(reference: str, moment: float) -> dict[tuple[str, str], Sample]:
        samples = day.query(panel(EXPORTER, "APIs", reference).filled(), moment)
        return {(sample.labels["operation"], sample.labels["api"]): sample for sample in samples}

    refused = (story.SALES, "campaigns")
    for moment in (story.REFUSED, story.STALE):
        assert {name for name, sample in told("works", moment).items() if sample.value == 0} == {refused}
        causes = told("cause", moment)
        assert {name: sample.labels["cause"] for name, sample in causes.items()} == {refused: "http_status"}
    everything = told("works", story.STALE).keys()
    # Without campaigns there are no machine codes to ask for.
    assert len(everything) == 3 * len(APIS) - 1
    assert told("next", story.STALE).keys() == told("age", story.STALE).keys() == everything
    assert told("intervals", story.STALE)[refused].value > 8
    assert told("intervals", story.REFUSED)[refused].value < 3
    assert told("cause", story.NORMAL) == {}


def test_the_budget_is_what_the_exporter_leaves_itself(day: Prometheus) -> None:
    used, budget, limit, share = (
        day.value(panel(EXPORTER, "Budget by operation", name).filled(operation=story.SALES), story.NORMAL)
        for name in ("used", "budget", "limit", "share")
    )
    assert 0 < used < budget < limit
    assert math.isclose(share, used / budget)


def test_figures_that_are_too_old_are_not_shown(day: Prometheus) -> None:
    assert read(day, story.STALE, FLOOR, "Calls per minute", operation=story.SALES) == []
    assert read(day, story.STALE, FLOOR, "Last 30 minutes", operation=story.SALES) == []
    assert read(day, story.STALE, FLOOR, "Calls per minute", operation=story.COLLECTIONS)


@pytest.mark.parametrize("name", ENGLISH)
def test_a_silent_exporter_leaves_words_instead_of_figures(day: Prometheus, name: str) -> None:
    variables = {v["name"] for v in board(name)["templating"]["list"]}
    for expression in expressions(name):
        samples = day.query(expression.filled(**chosen(name)), story.SILENT)
        if expression.where == "Monitoring A":
            assert figures(samples) == [4.0]
        elif expression.where == "Scrapes A":
            assert figures(samples) == [0.0]
        elif expression.where in variables or "offset" in expression.text or "$__range" in expression.text:
            continue  # they ask for what was, which is known
        elif expression.where not in HEARD_WHEN_SILENT:
            assert samples == [], expression.where


def test_an_operation_without_campaigns_has_no_figures_of_campaigns(day: Prometheus) -> None:
    known = ("Monitoring", "Alerts", "Agents of the operation", "Operations", "What to attend to now since")
    for expression in expressions(FLOOR):
        if expression.panel is not None and not expression.where.startswith(known):
            samples = day.query(expression.filled(operation=story.EMPTY), story.NORMAL)
            assert samples == [], expression.where
    assert figures(read(day, story.NORMAL, FLOOR, "Monitoring", operation=story.EMPTY)) == [1.0]


def test_the_shares_of_the_results_are_those_that_were_dialled(day: Prometheus) -> None:
    mix = [
        day.value(
            panel(CAMPAIGN, "Distribution of results", reference).filled(**chosen(CAMPAIGN)), story.NORMAL
        )
        for reference in "ABCD"
    ]
    assert math.isclose(sum(mix), 1.0)
    contacts = day.value(panel(CAMPAIGN, "Contact rate").filled(**chosen(CAMPAIGN)), story.NORMAL)
    assert math.isclose(contacts, mix[0], abs_tol=0.01)
    assert 0.15 < contacts < 0.40


def test_a_reload_never_makes_a_share_of_more_than_all(day: Prometheus) -> None:
    # Lists are reloaded and recycled all day long; the counts fall.
    by_campaign = panel(FLOOR, "All campaigns", "contacts").filled()
    for minute in range(0, 9 * 60, 7):
        samples = day.query(by_campaign, story.at("08:30") + 60 * minute)
        assert all(0 <= sample.value <= 1 for sample in samples)


def test_the_agents_are_those_who_are_logged_in(day: Prometheus) -> None:
    def agents(reference: str, moment: float) -> float:
        expression = panel(FLOOR, "Agents of the operation", reference).filled(operation=story.SALES)
        return day.value(expression, moment)

    for moment in (story.NORMAL, story.NIGHT):
        assert sum(agents(reference, moment) for reference in "ABCD") == agents("E", moment)
    assert agents("B", story.NORMAL) > 5
    # Nobody works at night: that is known, and not a gap.
    assert agents("E", story.NIGHT) == 0


def test_the_abandonment_of_today_is_that_of_its_campaigns(day: Prometheus) -> None:
    title = "Abandonment today, by campaign"

    def of_campaigns(reference: str, moment: float) -> list[float]:
        return figures(day.query(panel(FLOOR, title, reference).filled(operation=story.SALES), moment))

    assert of_campaigns("share", story.at("07:31")) == []
    assert all(0 <= share < 0.5 for share in of_campaigns("share", story.NORMAL))
    together = sum(of_campaigns("abandoned", story.NORMAL)) / sum(of_campaigns("live", story.NORMAL))
    (whole,) = figures(read(day, story.NORMAL, FLOOR, "Abandonment today", operation=story.SALES))
    # The reports of the campaigns and of the whole are up to 15 minutes apart.
    assert math.isclose(together, whole, abs_tol=0.005)


def test_the_lists_that_end_first_are_in_use_and_in_order(day: Prometheus) -> None:
    soonest = day.query(panel(FLOOR, "Lists ending next", "ends").filled(), story.NORMAL)
    assert 1 <= len(soonest) <= 10
    running = {c for c, state in states_of(day, story.NORMAL).items() if state is CampaignState.RUNNING}
    assert {sample.labels["campaign_id"] for sample in soonest} <= running
    assert all(sample.value >= story.NORMAL * 1000 for sample in soonest)


def test_the_campaigns_to_choose_from_have_name_and_id(day: Prometheus) -> None:
    (expression,) = [e for e in expressions(CAMPAIGN) if e.where == "campaign"]
    for moment in (story.NORMAL, story.SILENT):
        samples = day.query(expression.filled(), moment)
        assert len(samples) == 16
        assert all(sample.labels["campaign_id"] and sample.labels["campaign"] for sample in samples)


def test_one_of_two_exporters_that_is_silent_is_told_apart(tmp_path: Path) -> None:
    recorder = Recorder()
    end = story.NORMAL
    for second in range(0, 600, 60):
        at = end - second
        for instance, value in (("one", "1"), ("two", "0")):
            recorder.add(at, "up", f'job="wolkvox",instance="{instance}"', value, target=False)
        polled = 'job="wolkvox",instance="one",operation="o",api="campaigns"'
        recorder.add(at, "wolkvox_up", polled, "1", target=False)
        recorder.add(at, "wolkvox_poll_interval_seconds", polled, "300", target=False)
        recorder.add(at, "wolkvox_last_success_timestamp_seconds", polled, f"{at - 60:.0f}", target=False)
    recorder.blocks(tmp_path / "storage", (end - 600, end + 1))
    with prometheus(
        tmp_path, storage=tmp_path / "storage", flags=["--storage.tsdb.retention.time=20y"]
    ) as server:
        assert figures(read(server, end, FLOOR, "Monitoring")) == [5.0]
        assert figures(read(server, end, FLOOR, "Monitoring", instance="one")) == [1.0]
        assert figures(read(server, end, FLOOR, "Monitoring", instance="two")) == [4.0]
        attend = panel(FLOOR, "What to attend to now", "state")
        for values, why in (({}, [5]), ({"instance": "one"}, []), ({"instance": "two"}, [4])):
            # Nobody knows what the other one is to see.
            found = figures(server.query(attend.filled(**values), end))
            assert found == [POLLING_NUMBERS + number for number in why]


def test_an_operation_is_unseen_while_its_exporter_is_dead_or_has_no_answer_yet(tmp_path: Path) -> None:
    recorder, end = Recorder(), story.NORMAL

    def serve(at: float, instance: str, operation: str, *, answered: bool = True) -> None:
        polled = f'job="wolkvox",instance="{instance}",operation="{operation}",api="campaigns"'
        recorder.add(at, "wolkvox_poll_interval_seconds", polled, "300", target=False)
        if answered:
            recorder.add(at, "wolkvox_up", polled, "1", target=False)
            recorder.add(at, "wolkvox_last_success_timestamp_seconds", polled, f"{at - 60:.0f}", target=False)

    for at in range(int(end) - 3600, int(end) + 1, 60):
        died, left = at >= end - 1800, at >= end - 1200
        for instance in ("lives", "dead", "replica"):
            alive = instance == "lives" or not died
            recorder.add(at, "up", f'job="wolkvox",instance="{instance}"', str(int(alive)), target=False)
        serve(at, "lives", "seen")
        serve(at, "lives", "both")
        serve(at, "lives", "new", answered=False)
        if not left:
            serve(at, "lives", "left")  # and was then taken out of its configuration
        if not died:
            serve(at, "dead", "lost")
            serve(at, "replica", "both")
            serve(at, "gone", "moved")  # of a target that Prometheus does not know any more
    recorder.blocks(tmp_path / "storage", (end - 3600, end + 1))
    flags = ["--storage.tsdb.retention.time=20y"]
    with prometheus(tmp_path, storage=tmp_path / "storage", flags=flags) as server:
        attend, since, monitoring = (
            {
                sample.labels["operation"]: sample.value
                for sample in server.query(panel(FLOOR, title, query).filled(), end)
            }
            for title, query in (
                ("What to attend to now", "state"),
                ("What to attend to now", "since"),
                ("Operations", "monitoring"),
            )
        )
        assert figures(read(server, end, FLOOR, "Monitoring", instance="lives")) == [6.0]
    unseen = {"lost": 4, "moved": 4, "new": 6}
    assert attend == {operation: POLLING_NUMBERS + why for operation, why in unseen.items()}
    assert monitoring == {"seen": 1, "both": 1, **unseen}
    assert since["lost"] == since["moved"]
    assert end - 1920 <= since["lost"] / 1000 <= end - 1860


def test_an_exporter_that_is_dead_for_longer_than_the_range_is_silent(tmp_path: Path) -> None:
    recorder, end = Recorder(), story.NORMAL
    for second in range(0, 14 * 3600, 240):
        for instance in ("one", "two"):
            recorder.add(end - second, "up", f'job="my-wolkvox",instance="{instance}"', "0", target=False)
        recorder.add(end - second, "up", 'job="node",instance="other"', "1", target=False)
    recorder.blocks(tmp_path / "storage", (end - 14 * 3600, end + 1))
    flags = ["--storage.tsdb.retention.time=20y"]
    with prometheus(tmp_path, storage=tmp_path / "storage", flags=flags) as server:
        chosen = choices(server, end)
        assert chosen == {"job": "my-wolkvox", "instance": "one|two"}
        for name in ENGLISH:
            assert figures(read(server, end, name, "Monitoring", **chosen)) == [4.0]
        assert figures(read(server, end, EXPORTER, "Scrapes", **chosen)) == [0.0]


def test_an_exporter_that_was_never_scraped_is_silent(tmp_path: Path) -> None:
    with prometheus(tmp_path) as server:
        chosen = choices(server)
        # Grafana makes the empty list of choices an empty alternative.
        assert chosen == {"job": "", "instance": ""}
        for name in ENGLISH:
            assert figures(server.query(panel(name, "Monitoring").filled(**chosen))) == [4.0]


def test_an_exporter_that_has_not_polled_yet_is_not_silent(tmp_path: Path) -> None:
    recorder, end = Recorder(), story.NORMAL
    recorder.add(end, "up", "", "1")
    recorder.blocks(tmp_path / "storage", (end - 600, end + 1))
    flags = ["--storage.tsdb.retention.time=20y"]
    with prometheus(tmp_path, storage=tmp_path / "storage", flags=flags) as server:
        assert figures(read(server, end, FLOOR, "Monitoring", **choices(server, end))) == [6.0]


def choices(server: Prometheus, at: float | None = None) -> dict[str, str]:
    """Return what "All" stands for in the variables of exporters: the values that they find."""
    found: dict[str, str] = {}
    for variable in ("job", "instance"):
        (expression,) = [e for e in expressions(FLOOR) if e.where == variable]
        samples = server.query(expression.filled(**found), at)
        found[variable] = "|".join(sorted(sample.labels[variable] for sample in samples))
    return found


def test_what_only_a_schedule_tells_is_not_counted_without_one(tmp_path: Path) -> None:
    recorder, end = Recorder(), story.NORMAL
    for operation, schedule in (("with", True), ("without", False)):
        campaign = f'job="wolkvox",instance="one",operation="{operation}",campaign_id="1",campaign="A"'
        for state in CampaignState:
            value = str(int(state is CampaignState.RUNNING))
            recorder.add(end, "wolkvox_campaign_state", f'{campaign},state="{state}"', value, target=False)
        if schedule:
            recorder.add(end, "wolkvox_campaign_tolerance_seconds", campaign, "600", target=False)
    recorder.blocks(tmp_path / "storage", (end - 600, end + 1))
    flags = ["--storage.tsdb.retention.time=20y"]
    with prometheus(tmp_path, storage=tmp_path / "storage", flags=flags) as server:
        counts = {
            operation: [figures(server.query(tile.filled(operation=operation), end)) for tile in TILES]
            for operation in ("with", "without", ".+")
        }
    assert counts == {"with": [[0.0]] * 4, "without": [[], [], [0.0], [0.0]], ".+": [[0.0]] * 4}


def test_alerts_are_listed_once_and_with_the_names_that_are_known(tmp_path: Path) -> None:
    recorder, end = Recorder(), story.NORMAL
    for instance, name in (("one", "OLD"), ("two", "NEW")):  # one of two has seen the new name already
        labels = f'job="wolkvox",instance="{instance}",operation="o",campaign_id="1",campaign="{name}"'
        recorder.add(end, "wolkvox_campaign_state", f'{labels},state="running"', "1", target=False)
    for other in ('campaign_id="2",campaign="OTHER"', 'campaign="STRANGER"'):
        labels = f'job="wolkvox",instance="one",operation="o",{other},state="running"'
        recorder.add(end, "wolkvox_campaign_state", labels, "1", target=False)
    alerts = {
        'alertname="WolkvoxCampaignStopped",operation="o",campaign_id="1",severity="critical"': 3,
        'alertname="WolkvoxCallsFallen",operation="o",campaign_id="1",severity="warning"': 2,
        'alertname="WolkvoxCampaignStopped",operation="o",campaign_id="3",severity="critical"': 3,
        'alertname="WolkvoxCampaignStopped",operation="o",campaign="NO ID",severity="critical"': 3,
        'alertname="WolkvoxDataStale",operation="o",api="campaigns",severity="critical"': 3,
        'alertname="WolkvoxListExhausted",operation="o",campaign_id="2",severity="info"': 1,
        'alertname="WolkvoxExporterDown",severity="critical"': 3,
    }
    once = 'alertname="WolkvoxDataStale",operation="o",api="campaigns",severity="warning"'
    for labels in (*alerts, once, 'alertname="WolkvoxWatchdog",severity="none"'):
        recorder.add(end, "ALERTS", f'alertstate="firing",{labels}', "1", target=False)
        recorder.add(end, "ALERTS_FOR_STATE", labels, str(end - 1800 - 600 * (labels == once)), target=False)
    recorder.blocks(tmp_path / "storage", (end - 600, end + 1))
    flags = ["--storage.tsdb.retention.time=20y"]
    with prometheus(tmp_path, storage=tmp_path / "storage", flags=flags) as server:
        found, since = (
            {
                (
                    one.labels["alertname"],
                    one.labels.get("campaign_id"),
                    one.labels.get("campaign"),
                ): one.value
                for one in server.query(panel(FLOOR, "Firing alerts", query).filled(), end)
            }
            for query in ("rank", "since")
        )
        counts = [server.value(panel(FLOOR, "Alerts", query).filled(), end) for query in "AB"]
    assert len(found) == len(alerts)
    assert sorted(found.values()) == sorted(alerts.values())
    assert since.keys() == found.keys()
    assert since["WolkvoxDataStale", None, None] == 1000 * (end - 2400)
    assert counts == [5, 1]
    names = {(alert, campaign): name for alert, campaign, name in found}
    assert names["WolkvoxCampaignStopped", "1"] in {"OLD", "NEW"}
    assert names["WolkvoxCallsFallen", "1"] in {"OLD", "NEW"}
    assert names["WolkvoxListExhausted", "2"] == "OTHER"
    assert names["WolkvoxCampaignStopped", "3"] is None
    assert names["WolkvoxCampaignStopped", None] == "NO ID"


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    folder = tmp_path_factory.mktemp("live")
    with (
        exporter("demo", folder) as demo,
        prometheus(folder, scrape("wolkvox", f"{demo.url}/metrics")) as server,
    ):
        server.wait_for("count(wolkvox_campaign_machine_codes) > 10")
        server.wait_for('count(wolkvox_up{api="token_info"}) == 3')
        answered = f'operation="{story.SALES}",campaign_id="{story.STOPPED}",result="answer"'
        server.wait_for(f"wolkvox_campaign_attempts{{{answered}}} > 0", 120)
        yield server


@pytest.mark.parametrize("name", ENGLISH)
def test_the_demo_fills_every_panel_that_needs_no_past(live: Prometheus, name: str) -> None:
    variables = {v["name"] for v in board(name)["templating"]["list"]}
    for expression in expressions(name):
        samples = live.query(expression.filled(**chosen(name)))
        past = ("[", "offset", "wolkvox_campaign_usual", "wolkvox_campaign_reason")
        trouble = ("wolkvox_campaign_stopped_by_hand", "wolkvox_operation_finding", "absent(", '"unknown"')
        about_now = not any(word in expression.text for word in (*past, *trouble))
        # The demo's Prometheus here has none loaded.
        rules = "ALERTS" in expression.text or ABANDONMENT_30_DAYS in expression.text
        if (about_now or expression.where in variables) and not rules:
            assert samples, expression.where
