import re
from collections.abc import Sequence
from datetime import UTC, datetime
from math import inf

from exporter.judgement import CampaignState, View, judge
from exporter.metrics.judgement_families import FAMILIES, judgement_lines
from exporter.schedules import Schedule, ScheduleSet, Week, parse_window
from exporter.snapshot.memories import CampaignMemory, Figures, OperationMemory
from judgement.floor import campaign

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC).timestamp()  # a Tuesday
LABELS = 'operation="op",campaign_id="",campaign="{}",skill_id="4000"'


def view(*names: str) -> View:
    stopped = campaign({"running": 0.0})
    return View(tuple(stopped._replace(labels=("op", "", name, "4000")) for name in names), inf, inf, NOON)


def schedule(pattern: str, expected: Sequence[str] | None, permitted: Sequence[str] | None) -> Schedule:
    return Schedule((re.compile(pattern),), week(expected), week(permitted), tolerance=300.0)


def week(texts: Sequence[str] | None) -> Week | None:
    return None if texts is None else Week.of(map(parse_window, texts))


BOOK = ScheduleSet.of(
    [schedule("A", ["Tue 12:00-13:00"], ["Tue 08:00-12:00"]), schedule("B", None, ["Tue 08:00-20:00"])], UTC
)


def lines(shown: View, memory: OperationMemory, schedules: ScheduleSet = BOOK) -> dict[str, list[str]]:
    judged = judge(shown, memory, schedules, NOON)
    texts = judgement_lines(judged, "op", schedules.utc_offset(NOON), NOON)
    return {
        family.name: text.decode().splitlines() for family, text in zip(FAMILIES, texts, strict=True) if text
    }


def stopped(since: float, confirmed: float) -> CampaignMemory:
    figures = Figures(running=False)
    return CampaignMemory(
        NOON, False, None, False, True, None, since, confirmed, figures, figures, NOON, running_at=since
    )


def test_each_campaign_says_what_its_schedule_says() -> None:
    found = lines(view("A", "B", 'C "x"'), OperationMemory())
    assert found["wolkvox_campaign_expected"] == [f"wolkvox_campaign_expected{{{LABELS.format('A')}}} 1"]
    assert found["wolkvox_campaign_permitted"] == [
        f"wolkvox_campaign_permitted{{{LABELS.format('A')}}} 0",
        f"wolkvox_campaign_permitted{{{LABELS.format('B')}}} 1",
    ]
    assert found["wolkvox_campaign_tolerance_seconds"] == [
        f"wolkvox_campaign_tolerance_seconds{{{LABELS.format(name)}}} 300" for name in "AB"
    ]


def test_an_operation_without_schedules_says_nothing_of_them() -> None:
    found = lines(view("A"), OperationMemory(), ScheduleSet.of([], UTC))
    assert not set(found) & {
        "wolkvox_campaign_expected",
        "wolkvox_campaign_permitted",
        "wolkvox_campaign_tolerance_seconds",
    }


def test_all_states_are_told_and_one_of_them_is_the_present_one() -> None:
    found = lines(view("A"), OperationMemory({"A": stopped(NOON - 900, 600)}))
    figures = dict(re.findall(r'state="(\w+)"\} (\d)', "\n".join(found["wolkvox_campaign_state"])))
    assert set(figures) == set(CampaignState)
    assert [state for state, figure in figures.items() if figure == "1"] == ["stopped_in_hours"]
    since = found["wolkvox_campaign_state_since_timestamp_seconds"]
    assert since == [
        f"wolkvox_campaign_state_since_timestamp_seconds{{{LABELS.format('A')}}} {NOON - 900:.0f}"
    ]
    assert found["wolkvox_campaign_state_confirmed_seconds"][0].endswith("} 600")
    assert found["wolkvox_campaign_reason"][0].endswith('reason="not_known"} 1')
    assert "wolkvox_operation_stopped_campaigns" not in found
    assert found["wolkvox_operation_utc_offset_seconds"] == [
        'wolkvox_operation_utc_offset_seconds{operation="op"} 0'
    ]


def test_campaigns_that_stopped_at_once_are_told_as_one() -> None:
    memory = OperationMemory({"A1": stopped(NOON - 900, 600), "A2": stopped(NOON - 600, 300)}, NOON - 900)
    found = lines(view("A1", "A2"), memory, ScheduleSet.of([schedule("A.", ["Tue 08:00-13:00"], None)], UTC))
    assert found["wolkvox_operation_stopped_campaigns"] == [
        'wolkvox_operation_stopped_campaigns{operation="op"} 2'
    ]
    assert found["wolkvox_operation_stopped_confirmed_seconds"][0].endswith("} 600")
