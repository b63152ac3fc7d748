"""Growth in a window, as promtool reckons it: campaigns are followed, and what is not known is not said."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from support.boards import expressions
from support.programs import program

pytestmark = pytest.mark.integration

MINUTES = 240
CHANGE = 120
DIALLED = "wolkvox_campaign_dialed_records"
OUTCOME = "wolkvox_campaign_outcome_records"
NOTHING = None

Values = Sequence[float | None]
"""A figure for each minute, None for no sample."""


def grown(first: int = 0, last: int = MINUTES, start: float = 1000.0, a_minute: float = 10.0) -> Values:
    """Return figures that grow from minute `first` to minute `last`."""
    return [
        start + a_minute * (minute - first) if first <= minute <= last else None
        for minute in range(MINUTES + 1)
    ]


def series(family: str = DIALLED, **labels: str) -> str:
    """Return a series of the first campaign, with some labels changed."""
    names = {"job": "wolkvox", "instance": "a:10042", "operation": "op", "campaign_id": "1"}
    names |= {"campaign": "OLD", "skill_id": "4001"} | labels
    pairs = [f'{name}="{value}"' for name, value in names.items()]
    return f"{family}{{{','.join(pairs)}}}"


def notation(values: Values) -> str:
    """Return figures as promtool reads them, with a stale marker where a series ends."""
    words, before = [], None
    for value in values:
        words.append(str(value) if value is not None else "stale" if before is not None else "_")
        before = value
    return " ".join(words)


def asked(name: str, where: str) -> str:
    (found,) = [expression for expression in expressions(name) if expression.where == where]
    return found.filled()


def check(
    folder: Path, input_series: Mapping[str, Values], expected: Mapping[str, Mapping[int, float | None]]
) -> str:
    """Return what promtool finds wrong with the sum of an expression at each minute."""
    test = {
        "interval": "1m",
        "input_series": [
            {"series": name, "values": notation(values)} for name, values in input_series.items()
        ],
        "promql_expr_test": [
            {
                "expr": f"sum({expression})",
                "eval_time": f"{minute}m",
                "exp_samples": [] if value is None else [{"labels": "{}", "value": value}],
            }
            for expression, values in expected.items()
            for minute, value in values.items()
        ],
    }
    file = folder / "growth.yml"
    file.write_text(json.dumps({"tests": [test]}))
    result = subprocess.run(
        [program("promtool"), "test", "rules", file], capture_output=True, text=True, check=False, timeout=60
    )
    return "" if result.returncode == 0 else result.stdout + result.stderr


HOURLY = {DIALLED: "Dialled, last hour A", OUTCOME: "Contacts per hour by skill A"}
STOP = range(CHANGE - 20, CHANGE - 10)

CASES: Mapping[str, tuple[Mapping[tuple[tuple[str, str], ...], Values], Mapping[int, float | None]]] = {
    "one campaign": ({(): grown()}, {10: NOTHING, 59: NOTHING, 60: 600, 200: 600}),
    "one that is new": (
        {(): grown(CHANGE)},
        {CHANGE + 5: NOTHING, CHANGE + 59: NOTHING, CHANGE + 60: 600},
    ),
    "another name": (
        {
            (): grown(0, CHANGE - 1),
            (("campaign", "NEW"),): grown(CHANGE, start=1000 + 10 * CHANGE),
        },
        {CHANGE - 1: 600, CHANGE: 600, CHANGE + 5: 600, CHANGE + 59: 600, CHANGE + 60: 600, CHANGE + 90: 600},
    ),
    "another skill": (
        {
            (): grown(0, CHANGE - 1),
            (("skill_id", "4002"),): grown(CHANGE, start=1000 + 10 * CHANGE),
        },
        {CHANGE - 1: 600, CHANGE + 5: 600, CHANGE + 60: 600},
    ),
    "another name within the first hour": (
        {(): grown(0, 29), (("campaign", "NEW"),): grown(30, start=1300)},
        {29: NOTHING, 35: NOTHING, 59: NOTHING, 60: 600, 89: 600},
    ),
    "a new one beside an old one": (
        {(): grown(), (("campaign_id", "2"), ("campaign", "OTHER")): grown(CHANGE, a_minute=50)},
        {CHANGE + 30: 600, CHANGE + 60: 3600},
    ),
    "a list that is reloaded": (
        {(): [*grown(0, CHANGE - 1)[:CHANGE], *grown(CHANGE, start=0)[CHANGE:]]},
        {CHANGE - 1: 600, CHANGE: 0, CHANGE + 30: 300, CHANGE + 60: 600},
    ),
    "a gap within the hour": (
        {(): [None if minute in STOP else value for minute, value in enumerate(grown())]},
        {STOP.stop: 600, STOP.stop + 30: 600},
    ),
    "figures that begin within the hour after a gap": (
        {(): [None if 60 <= minute < 120 else value for minute, value in enumerate(grown())]},
        {121: NOTHING, 179: NOTHING, 180: 600},
    ),
    "two instances": (
        {(): grown(), (("instance", "b:10042"),): grown(100, start=2000)},
        {100: 600, 130: 600, 200: 600},
    ),
    "an exporter that takes the place of another": (
        {(): grown(0, CHANGE - 1), (("instance", "b:10042"),): grown(CHANGE, start=1000 + 10 * CHANGE)},
        {CHANGE + 5: 600, CHANGE + 59: 600},
    ),
    "one with two skills counts in each": (
        {(): grown(), (("skill_id", "4002"),): grown()},
        {59: NOTHING, 60: 1200},
    ),
    "nothing is dialled": ({(): grown(a_minute=0)}, {59: NOTHING, 60: 0}),
}


@pytest.mark.parametrize("family", HOURLY)
@pytest.mark.parametrize("case", CASES)
def test_what_grew_in_an_hour(tmp_path: Path, case: str, family: str) -> None:
    given, expected = CASES[case]
    outcome = {"outcome": "answer"} if family == OUTCOME else {}
    found = {series(family, **dict(labels), **outcome): values for labels, values in given.items()}
    assert check(tmp_path, found, {asked("en/wolkvox-skill", HOURLY[family]): expected}) == ""


@pytest.mark.parametrize(("reference", "days"), [("A", 0), ("B", 1)], ids=["today", "yesterday"])
def test_days_are_compared_by_whole_hours(tmp_path: Path, reference: str, days: int) -> None:
    expression = asked("en/wolkvox-skill", f"Dialled per hour {reference}")
    shift = days * 24 * 60
    expected = {shift + 59: NOTHING, shift + 60: 600.0, shift + 200: 600.0}
    assert check(tmp_path, {series(): grown()}, {expression: expected}) == ""


def test_shares_are_told_at_once_and_go_on_under_another_name(tmp_path: Path) -> None:
    found = {
        series(): grown(0, CHANGE - 1),
        series(campaign="NEW"): grown(CHANGE, start=1000 + 10 * CHANGE),
        series(OUTCOME, outcome="answer"): grown(0, CHANGE - 1, a_minute=2),
        series(OUTCOME, outcome="answer", campaign="NEW"): grown(CHANGE, start=1000 + 2 * CHANGE, a_minute=2),
    }
    expression = asked("en/wolkvox-campaign", "Contact rate A")
    expected = {0: NOTHING, 5: 0.2, CHANGE - 1: 0.2, CHANGE: 0.2, CHANGE + 5: 0.2, CHANGE + 60: 0.2}
    assert check(tmp_path, found, {expression: expected}) == ""
