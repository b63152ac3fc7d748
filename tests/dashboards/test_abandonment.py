"""Abandoned calls, agents and queues on a real Prometheus: nothing counts twice, nothing unknown is said."""

from collections.abc import Iterator

import pytest

from dashboards.queries import ABANDONMENT_30_DAYS
from support import story
from support.boards import expressions
from support.history import Recorder
from support.prometheus import Prometheus, prometheus

pytestmark = pytest.mark.integration

FLOOR, CAMPAIGN, SKILL = (f"en/wolkvox-{subject}" for subject in ("floor", "campaign", "skill"))
MIDNIGHT = story.at("00:00", 1)
EVENING, MORNING = MIDNIGHT - 60, MIDNIGHT + 1800

ATTEMPTS = {
    ("one", "1"): {"abandon": 6, "answer": 94, "busy": 900},
    ("two", "2"): {"abandon": 6, "answer": 94},
    ("one", "nobody-answered"): {"abandon": 0, "answer": 0, "no_answer": 50},
    ("one", "answers-unreadable"): {"abandon": 5, "no_answer": 50},
    ("one", "abandoned-unreadable"): {"answer": 95},
    ("one", "none-abandoned"): {"abandon": 0, "answer": 10},
}
LIMITS = {"one": "0.03", "two": "0.1"}
REPLICAS = ("a:10042", "b:10042")


def _add(recorder: Recorder, at: float, family: str, labels: str, value: object) -> None:
    for replica in REPLICAS:
        own = f'job="wolkvox",instance="{replica}",{labels}'
        recorder.add(at, family, own, str(value), target=False)


def _scrape(recorder: Recorder, at: float) -> None:
    """Take what every scrape has."""
    for operation, limit in LIMITS.items():
        _add(recorder, at, "wolkvox_abandonment_limit_ratio", f'operation="{operation}"', limit)
    for operation, campaign in ATTEMPTS:
        whose = f'operation="{operation}",campaign_id="{campaign}",campaign="C",skill_id="1"'
        _add(recorder, at, "wolkvox_campaign_state", f'{whose},state="running"', 1)
    for status, count in {"ready": 2, "talk": 3, "logout": 7, "training": 4}.items():
        _add(recorder, at, "wolkvox_agents", f'operation="one",status="{status}"', count)
    _add(
        recorder, at, "wolkvox_skill_queued_calls", r'operation="one",skill_id="7",skill="Ventas \"VIP\""', 5
    )
    for replica, name in zip(
        REPLICAS, ("OLD", "NEW"), strict=True
    ):  # one of two has seen the new name already
        own = f'job="wolkvox",instance="{replica}",operation="two",skill_id="8",skill="{name}"'
        recorder.add(at, "wolkvox_skill_queued_calls", own, "5", target=False)


def _scrape_attempts(recorder: Recorder, at: float) -> None:
    """Take what a scrape has of a day that has begun."""
    for (operation, campaign), results in ATTEMPTS.items():
        whose = f'operation="{operation}",campaign_id="{campaign}",campaign="C",skill_id="1"'
        for result, count in results.items():
            _add(recorder, at, "wolkvox_campaign_attempts", f'{whose},result="{result}"', count)
    for campaign in ("1", "not-today"):
        whose = f'operation="one",campaign_id="{campaign}"'
        recorder.add(at, ABANDONMENT_30_DAYS, whose, "0.04", target=False)
    for operation in LIMITS:
        for result, count in {"abandon": 11, "answer": 99}.items():
            whose = f'operation="{operation}",result="{result}"'
            _add(recorder, at, "wolkvox_operation_attempts", whose, count)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    recorder = Recorder()
    for minute in range(-15, 60):
        _scrape(recorder, MIDNIGHT + 60 * minute)
    for minute in range(-15, 0):
        _scrape_attempts(recorder, MIDNIGHT + 60 * minute)
    folder = tmp_path_factory.mktemp("abandonment")
    recorder.blocks(folder / "storage", (MIDNIGHT - 900, MIDNIGHT + 3600))
    flags = ["--storage.tsdb.retention.time=20y"]
    with prometheus(folder, storage=folder / "storage", flags=flags) as running:
        yield running


def read(
    server: Prometheus, name: str, where: str, at: float = EVENING, **values: str
) -> dict[str | None, float]:
    """Return the figures by campaign, or operation, or neither."""
    (found,) = [expression for expression in expressions(name) if expression.where == where]
    samples = server.query(found.filled(**values), at)
    by = {s.labels.get("campaign_id", s.labels.get("operation")): round(s.value, 6) for s in samples}
    assert len(by) == len(samples), where
    return by


def test_the_abandonment_of_each_campaign_stands_beside_its_own_limit(server: Prometheus) -> None:
    title = "Abandonment today, by campaign"
    assert read(server, FLOOR, f"{title} share") == {"1": 0.06, "2": 0.06, "none-abandoned": 0.0}
    assert read(server, FLOOR, f"{title} limit") == {"1": 0.03, "2": 0.1, "none-abandoned": 0.03}
    assert read(server, FLOOR, f"{title} used") == {"1": 2.0, "2": 0.6, "none-abandoned": 0.0}
    assert read(server, FLOOR, f"{title} live")["1"] == 100


def test_operations_are_added_up_once(server: Prometheus) -> None:
    assert read(server, FLOOR, "Abandonment today A") == {None: 0.1}
    assert read(server, FLOOR, "Abandonment today B") == {None: 0.03}
    assert read(server, FLOOR, "Abandonment today B", operation="two") == {None: 0.1}
    assert read(server, FLOOR, "Abandonment today, by operation A") == {"one": 0.1, "two": 0.1}


def test_a_campaign_is_measured_by_the_limit_of_its_operation(server: Prometheus) -> None:
    for campaign, limit in (("1", 0.03), ("2", 0.1)):
        assert read(server, CAMPAIGN, "Abandonment A", campaign=campaign) == {None: 0.06}
        assert read(server, CAMPAIGN, "Abandonment C", campaign=campaign) == {None: limit}
    for campaign in ("nobody-answered", "answers-unreadable", "abandoned-unreadable"):
        for reference in "ABC":
            assert read(server, CAMPAIGN, f"Abandonment {reference}", campaign=campaign) == {}


def test_the_abandonment_of_30_days_is_of_the_campaign(server: Prometheus) -> None:
    assert read(server, CAMPAIGN, "Abandonment B", operation="one", campaign="1") == {None: 0.04}
    assert read(server, CAMPAIGN, "Abandonment B", operation="two", campaign="1") == {}
    assert read(server, CAMPAIGN, "Abandonment B", campaign="2") == {}
    assert read(server, CAMPAIGN, "Abandonment A", campaign="not-today") == {}
    assert read(server, CAMPAIGN, "Abandonment C", campaign="not-today") == {None: 0.03}


def test_a_new_day_has_no_figure_until_its_first_answer(server: Prometheus) -> None:
    asked = [
        (name, expression.where)
        for name in (FLOOR, CAMPAIGN)
        for expression in expressions(name)
        if "_attempts{" in expression.text
    ]
    assert len(asked) >= 8
    for name, where in asked:
        assert read(server, name, where, MORNING, campaign="1") == {}, where


def test_agents_are_counted_by_what_they_do(server: Prometheus) -> None:
    for name in (FLOOR, SKILL):
        tile = {
            reference: read(server, name, f"Agents of the operation {reference}") for reference in "ABCDE"
        }
        # Nobody has said that none is in after-call work or auxiliary.
        assert tile == {"A": {None: 2}, "B": {None: 3}, "C": {}, "D": {}, "E": {None: 9}}


def test_queues_are_added_up_once(server: Prometheus) -> None:
    assert read(server, SKILL, "In the queue A") == {None: 10}
    assert read(server, SKILL, "In the queue A", skill="8") == {None: 5}


def test_a_skill_can_be_chosen_by_its_name_or_its_number(server: Prometheus) -> None:
    (found,) = [expression for expression in expressions(SKILL) if expression.where == "skill"]
    samples = server.query(found.filled(), EVENING)
    names = {(sample.labels["skill_id"], sample.labels.get("skill")) for sample in samples}
    assert names == {("1", None), ("7", 'Ventas "VIP"'), ("8", "OLD"), ("8", "NEW")}
