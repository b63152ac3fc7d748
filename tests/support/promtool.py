"""Unit tests of alert rules for Debian's promtool, written as figures over minutes instead of its notation.

A `Scenario` tells what an operation looks like, minute by minute, and from when to when an alert fires. What
promtool reads is made of it: see https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules.
"""

import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from support.programs import program

Timeline = Callable[[int], float | None]
"""Takes the minute of the scenario, from 0; returns the figure that a scrape finds, None for no sample."""

_SERIES = re.compile(r'\{((?:\w+="(?:[^"\\]|\\.)*"(?:, )?)*)\}')
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
_OF_ALERTS = {"__name__", "alertstate"}

WATCHDOG = "WolkvoxWatchdog"
FIRED_BY_A_GAP = ("WolkvoxExporterDown", "WolkvoxOperationBlind")
_SLACK_OF_LEFT_OPEN_RANGES = 2
"""So many evaluations sooner or later may an alert begin and end: two ranges, each with a figure less."""


@cache
def left_open_ranges() -> bool:
    """Return whether promtool leaves out the sample at the very start of a range, as Prometheus 3 does.

    See https://prometheus.io/docs/prometheus/latest/migration, "Range selectors and lookback exclude samples
    coinciding with the left boundary".
    """
    result = subprocess.run(
        [program("promtool"), "--version"], capture_output=True, text=True, check=True, timeout=60
    )
    found = re.search(r"version ([0-9]+)", result.stdout + result.stderr)
    assert found, result.stdout
    return int(found[1]) >= 3


@dataclass(frozen=True)
class Fires:
    """When an alert fires, with the first and the last minute, and all that it says at `first`."""

    alert: str
    first: int
    last: int
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    severity: str


@dataclass(frozen=True)
class Scenario:
    """What happens in so many minutes. `others`: further alerts that fire in it, with or without `fires`.

    `beside`: alerts of the same name that fire at the first minute too. `gap`: minutes without a scrape that
    works. `step`: minutes from one scrape and evaluation to the next.
    """

    name: str
    series: Mapping[str, Timeline]
    minutes: int
    fires: Fires | None = None
    others: frozenset[str] = frozenset()
    beside: tuple[Fires, ...] = ()
    gap: frozenset[int] = frozenset()
    step: int = 1

    def with_gap(self, name: str, first: int, minutes: int) -> "Scenario":
        """Return the same without scrapes for some more minutes; a gap of one is a single stale marker."""
        more = FIRED_BY_A_GAP if minutes > 5 else FIRED_BY_A_GAP[1:] if minutes > 2 else ()
        return replace(
            self,
            name=f"{self.name}, {name}",
            gap=self.gap | frozenset(range(first, first + minutes)),
            others=self.others | (frozenset(more) - {self.fires.alert if self.fires else ""}),
        )

    def as_promtool_test(self) -> dict[str, Any]:
        """Return one entry of promtool's `tests`."""
        test: dict[str, Any] = {
            "name": self.name,
            "interval": f"{self.step}m",
            "input_series": [
                {"series": series, "values": " ".join(self._values(series, timeline))}
                for series, timeline in self.series.items()
            ],
            "promql_expr_test": list(self._expectations()),
        }
        if self.fires:
            expected = [
                {"exp_labels": alert.labels, "exp_annotations": alert.annotations}
                for alert in (self.fires, *self.beside)
            ]
            test["alert_rule_test"] = [
                {
                    "eval_time": f"{self.fires.first}m",
                    "alertname": self.fires.alert,
                    "exp_alerts": expected,
                }
            ]
        return test

    def _values(self, series: str, timeline: Timeline) -> Iterator[str]:
        """Return a value for each scrape. Where a series ends Prometheus writes a stale marker, once."""
        there = False
        for minute in range(0, self.minutes + 1, self.step):
            figure = timeline(minute)
            if minute in self.gap:
                figure = 0 if series.startswith("up{") else None
            yield ("stale" if there else "_") if figure is None else repr(float(figure))
            there = figure is not None

    def _expectations(self) -> Iterator[dict[str, Any]]:
        everything = f"[{self.minutes + 1}m]"
        names = {*self.others, *([self.fires.alert] if self.fires else [])} - {WATCHDOG}
        yield {
            "expr": f'group by (alertname) (last_over_time(ALERTS{{alertname!="{WATCHDOG}",'
            f'alertstate="firing"}}{everything}))',
            "eval_time": f"{self.minutes}m",
            "exp_samples": [{"labels": f'{{alertname="{name}"}}', "value": 1} for name in sorted(names)],
        }
        if not self.fires:
            return
        own = f'ALERTS{{alertname="{self.fires.alert}",severity="{self.fires.severity}",alertstate="firing"}}'
        count = (self.fires.last - self.fires.first) // self.step + 1
        slack = _SLACK_OF_LEFT_OPEN_RANGES if left_open_ranges() else 0
        before = max(0, self.fires.first - (1 + slack) * self.step)
        times = f"sum(count_over_time({own}{everything}))"
        # Fires first then, last then, and never pauses between.
        for minute, expression, value in (
            (self.fires.first, f"count({own})", 1),
            (before, f"count({own}) or vector(0)", int(self.fires.first == 0)),
            (self.fires.last - slack * self.step, f"count({own})", 1),
            (self.minutes, f"{times} - clamp({times}, {count - slack}, {count + slack})", 0),
        ):
            yield {
                "expr": expression,
                "eval_time": f"{minute}m",
                "exp_samples": [{"labels": "{}", "value": value}],
            }


def check(
    folder: Path, rule_files: Sequence[Path], groups: Sequence[str], scenarios: Sequence[Scenario]
) -> str:
    """Run scenarios of one step through `promtool test rules`; return its complaints, or ""."""
    (step,) = {scenario.step for scenario in scenarios}
    tests = [scenario.as_promtool_test() for scenario in scenarios]
    return _complaints(folder, rule_files, groups, tests, step)


def firing(
    folder: Path, rule_files: Sequence[Path], groups: Sequence[str], scenario: Scenario, query: str = "ALERTS"
) -> dict[str, list[tuple[int, int]]]:
    """Return from which to which minute each alert fires in a scenario, by its labels; the watchdog left out.

    The labels are written as `WolkvoxDataStale{api="campaigns",severity="warning"}`, in the order of their
    names. `query` may be another vector than ALERTS, of which each series is there from minute to minute.
    """
    if query == "ALERTS":
        query = f'ALERTS{{alertname!="{WATCHDOG}",alertstate="firing"}}'
    minutes = range(0, scenario.minutes + 1, scenario.step)
    # What promtool finds is told where it is not what was expected: nothing of the kind.
    wrong = {"labels": "nothing_of_the_kind", "value": 1}
    questions = [{"expr": query, "eval_time": f"{minute}m", "exp_samples": [wrong]} for minute in minutes]
    test = scenario.as_promtool_test() | {"promql_expr_test": questions, "alert_rule_test": []}
    found: dict[str, list[tuple[int, int]]] = {}
    told = _complaints(folder, rule_files, groups, [test], scenario.step)
    answers = [line.partition("got:")[2] for line in told.splitlines() if line.strip().startswith("got:")]
    assert len(answers) == len(minutes), told
    for minute, answer in zip(minutes, answers, strict=True):
        for sample in _SERIES.findall(answer):
            labels = dict(_LABEL.findall(sample))
            name = labels.pop("alertname", "")
            labels = {label: text for label, text in labels.items() if label not in _OF_ALERTS}
            pairs = ",".join(f'{label}="{text}"' for label, text in sorted(labels.items()))
            ranges = found.setdefault(f"{name}{{{pairs}}}", [])
            if ranges and ranges[-1][1] == minute - scenario.step:
                ranges[-1] = (ranges[-1][0], minute)
            else:
                ranges.append((minute, minute))
    return found


def _complaints(
    folder: Path,
    rule_files: Sequence[Path],
    groups: Sequence[str],
    tests: Sequence[Mapping[str, Any]],
    step: int,
) -> str:
    """Run promtool's `tests`, and return its complaints, or ""."""
    file = folder / "scenarios.yml"
    test = {
        "rule_files": [os.fspath(path.resolve()) for path in rule_files],
        "evaluation_interval": f"{step}m",
        "group_eval_order": list(groups),
        "tests": list(tests),
    }
    file.write_text(json.dumps(test, indent=1, ensure_ascii=False))  # JSON is YAML
    result = subprocess.run(
        [program("promtool"), "test", "rules", file],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
        # Its small heap is collected all the time otherwise.
        env={"GOGC": "400", **os.environ},
    )
    return "" if result.returncode == 0 else result.stdout + result.stderr
