"""Lists that end, who dials, and columns that stay, on a real Prometheus with a floor made for it."""

import math
from collections.abc import Iterator

import pytest

from dashboards.panels import CLOCK
from exporter.judgement import CampaignState
from support import story
from support.boards import NAMES, Expression, expressions, panels
from support.history import Recorder
from support.prometheus import Prometheus, prometheus

pytestmark = pytest.mark.integration

FLOOR = "en/wolkvox-floor"
END = story.NORMAL

# By campaign: state, calls per minute, records left half an hour ago and now.
CAMPAIGNS: dict[str, tuple[CampaignState, float | None, int, int]] = {
    "ends soon": (CampaignState.RUNNING, 30, 900, 600),
    "ends later": (CampaignState.RUNNING, 3, 1000, 900),
    "used up": (CampaignState.LIST_USED_UP, 0, 300, 0),
    "just used up": (CampaignState.RUNNING, 2, 300, 0),
    "was refilled": (CampaignState.RUNNING, 20, 100, 5000),
    "hangs": (CampaignState.NO_CALLS, 0, 400, 400),
    "stopped": (CampaignState.STOPPED, 0, 700, 650),
    "not known": (CampaignState.UNKNOWN, None, 700, 700),
}


@pytest.fixture(scope="module")
def floor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    folder, recorder = tmp_path_factory.mktemp("floor"), Recorder()
    for minute in range(0, 36, 5):
        at = END - 1800 + 60 * (minute - 5)
        for name, (state, calls, before, now) in CAMPAIGNS.items():
            labels = f'operation="o",campaign_id="{name}",campaign="{name}",skill_id="1"'
            for one in CampaignState:
                is_it = str(int(one is state))
                recorder.add(at, "wolkvox_campaign_state", f'{labels},state="{one}"', is_it)
            if calls is not None:
                recorder.add(at, "wolkvox_campaign_calls_per_minute", labels, str(calls))
            left = before + (now - before) * max(minute - 5, 0) / 30
            recorder.add(at, "wolkvox_campaign_clean_records", labels, f"{left:.0f}")
        recorder.add(at, "up", "", "1")
        recorder.add(at, "wolkvox_up", 'operation="o",api="campaigns"', "1")
        if at < END - 600:  # it has another name since
            labels = 'operation="o",campaign_id="ends soon",campaign="FORMER NAME",skill_id="1"'
            left = 900 - 10 * max(minute - 5, 0)
            recorder.add(at, "wolkvox_campaign_clean_records", labels, f"{left:.0f}")
    recorder.blocks(folder / "storage", (END - 3600, END + 1))
    flags = ["--storage.tsdb.retention.time=20y"]
    with prometheus(folder, storage=folder / "storage", flags=flags) as server:
        yield server


def asked(where: str) -> str:
    (found,) = [expression for expression in expressions(FLOOR) if expression.where == where]
    return found.filled()


def test_dialling_are_those_that_make_calls_whatever_their_state(floor: Prometheus) -> None:
    assert floor.value(asked("Dialling A"), END) == 4
    assert floor.value(asked("Dialling B"), END) == len(CAMPAIGNS)
    # Of how many nothing is known is said, not counted as none.
    assert floor.value(asked("Dialling C"), END) == 1
    assert floor.value(asked("Operations dialling"), END) == 4


def test_started_without_calls_and_used_up_are_told_apart(floor: Prometheus) -> None:
    assert floor.value(asked("Not dialling A"), END) == 1
    assert floor.value(asked("Not dialling B"), END) == 1
    assert floor.value(asked("Operations attend"), END) == 2
    attend = {s.labels["campaign"] for s in floor.query(asked("What to attend to now state"), END)}
    assert attend == {"used up", "hangs"}


def test_lists_that_end_are_those_that_can_still_be_saved(floor: Prometheus) -> None:
    minutes = {s.labels["campaign"]: s.value for s in floor.query(asked("Lists ending next minutes"), END)}
    assert minutes == pytest.approx({"ends soon": 60, "ends later": 270}, rel=0.01)
    ends = {s.labels["campaign"]: s.value for s in floor.query(asked("Lists ending next ends"), END)}
    assert ends == pytest.approx({name: (END + 60 * left) * 1000 for name, left in minutes.items()})
    (first,) = floor.query(asked("Operations ends"), END)
    assert first.labels["campaign"] == "ends soon"
    assert first.value == pytest.approx(ends["ends soon"])


def test_only_lists_that_will_end_have_hours_and_an_end(floor: Prometheus) -> None:
    everywhere = floor.query(asked("All campaigns hours"), END)
    assert {s.labels["campaign"] for s in everywhere} == {"ends soon", "ends later"}
    for title in ("Hours", "List ends"):
        (tile,) = [e for e in expressions("en/wolkvox-campaign") if e.where == f"{title} A"]
        for name in CAMPAIGNS:
            shown = floor.query(tile.filled(operation="o", campaign=name), END)
            assert bool(shown) is (name in {"ends soon", "ends later"}), (title, name)


def test_lists_together_burn_no_faster_for_a_name_that_is_gone(floor: Prometheus) -> None:
    (column,) = [e for e in expressions("en/wolkvox-skill") if e.where == "Skills now hours"]
    dialled = [CAMPAIGNS[name] for name in ("ends soon", "ends later", "used up", "just used up", "stopped")]
    pace = 2 * sum(before - now for _, _, before, now in dialled)
    expected = sum(now for _, _, _, now in dialled) / pace
    assert floor.value(column.filled(), END) == pytest.approx(expected, rel=0.01)


def whole(name: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the title of each table and its queries by their names, as they are asked."""
    for panel in panels(name):
        if panel["type"] == "table":
            yield (
                panel["title"],
                {t["refId"]: Expression("", t["expr"]).filled() for t in panel["targets"]},
            )


@pytest.mark.parametrize("name", NAMES)
def test_a_table_with_rows_has_every_column_and_one_without_has_none(floor: Prometheus, name: str) -> None:
    seen = set()
    for title, queries in whole(name):
        if "labels" not in queries:
            continue
        (only,) = [query for query, expr in queries.items() if "vector(NaN)" not in expr]
        for moment in (END, END - 7200):
            found = {query: floor.query(expr, moment) for query, expr in queries.items()}
            rows = bool(found[only])
            seen.add((title, rows))
            assert all(bool(samples) is rows for samples in found.values()), (title, moment)
            # What is added has no figure, and belongs to no operation, so that no row takes it for its own.
            for sample in (sample for samples in found.values() for sample in samples):
                assert math.isnan(sample.value) is (sample.labels.get("operation") == "(none)")
    assert len({title for title, _ in seen}) == (5 if "floor" in name else 0)
    # What to attend to says that the exporter is silent, and nothing was abandoned here.
    assert len(seen) == (8 if "floor" in name else 0)


def test_what_ended_has_no_last_figure_beside_the_clock(floor: Prometheus) -> None:
    later = END + 1200
    assert floor.query(asked("Calls/min A"), later) == []
    assert floor.query(CLOCK, later)
