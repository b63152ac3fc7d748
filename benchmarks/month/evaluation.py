"""Evaluates the real rules over what scrapes saw, with promtool: when each alert fires.

`promtool test rules` is asked at each minute which alerts fire, with the wrong answer as the expected one,
and says what it got. Series that no rule reads are left out.
"""

import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from benchmarks.month.pager import Firing, Labels

_TARGET = 'instance="exporter:10042",job="wolkvox"'
_GOT = re.compile(r'expr: "(?:[^"\\]|\\.)*", time: (\S+),')
_SERIES = re.compile(r"ALERTS\{(.*)\} 1E\+00|\{__name__=\"ALERTS\", (.*?)\} 1E\+00")
_LABEL = re.compile(r'([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"')
_NOT_OF_A_FLOOR = frozenset({"WolkvoxWatchdog", "WolkvoxLabelsRenamed"})
"""One fires always; the other is about the labels of targets, and takes longer than all others together."""


def rules(folder: Path, into: Path) -> tuple[list[Path], list[str], frozenset[str]]:
    """Write the rules that are evaluated; return their files, groups in order, and the metrics they read."""
    files, groups, texts = [], [], []
    for file in sorted(folder.glob("*.yml"), key=lambda file: ("alerts" in file.name, file.name)):
        read = yaml.safe_load(file.read_text())
        for group in read["groups"]:
            group["rules"] = [rule for rule in group["rules"] if rule.get("alert") not in _NOT_OF_A_FLOOR]
            for rule in group["rules"]:
                texts.append(rule["expr"])
                rule.pop("annotations", None)
            groups.append(group["name"])
        files.append(into / file.name)
        files[-1].write_text(json.dumps(read))
    order = sorted(groups, key=lambda name: ("threshold" not in name, "recording" not in name))
    metrics = frozenset(
        name for text in texts for name in re.findall(r"(?<![:\w])wolkvox_[a-z_]+(?!\w|:)", text)
    )
    return files, order, metrics


class Scrapes:
    """What replay wrote, as values over minutes, run-length encoded in promtool's notation."""

    def __init__(self, file: Path, start: float, minutes: int, metrics: frozenset[str]) -> None:
        self._start, self._minutes, self._metrics = start, minutes, metrics
        self._values: dict[str, list[tuple[int, float | None]]] = {}
        self._failed: list[tuple[int, bool]] = [(0, True)]
        self._now: dict[str, float] = {}
        with file.open(encoding="utf-8") as lines:
            for line in lines:
                self._read(json.loads(line))

    def _read(self, line: Mapping[str, Any]) -> None:
        minute = round((line["at"] - self._start) / 60)
        if not 0 <= minute < self._minutes:
            return
        failed = bool(line.get("failed"))
        if failed != self._failed[-1][1]:
            self._failed.append((minute, failed))
            for series, value in self._now.items():
                self._values[series].append((minute, None if failed else value))
        if failed:
            return
        for series in line.get("gone", ()):
            if self._now.pop(series, None) is not None:
                self._values[series].append((minute, None))
        for series, value in line.get("set", {}).items():
            if series.partition("{")[0] in self._metrics:
                shifted = float(value)
                if series.partition("{")[0].endswith("timestamp_seconds"):
                    shifted -= self._start
                self._now[series] = shifted
                self._values.setdefault(series, []).append((minute, shifted))

    def series(self, first: int, last: int) -> Iterator[dict[str, str]]:
        """Yield promtool's input series for some minutes, the last not included."""
        for series, kept in self._values.items():
            changes: Sequence[tuple[int, float | None]] = kept
            if series.partition("{")[0].endswith("timestamp_seconds"):
                changes = [
                    (minute, None if value is None else value - first * 60) for minute, value in changes
                ]
            text = _notation(changes, first, last)
            if text:
                yield {"series": _with_target(series), "values": text}
        up = [(minute, 0.0 if failed else 1.0) for minute, failed in self._failed]
        yield {"series": f"up{{{_TARGET}}}", "values": _notation(up, first, last)}


def _with_target(series: str) -> str:
    name, _, labels = series.partition("{")
    labels = labels.rstrip("}")
    return f"{name}{{{labels + ',' if labels else ''}{_TARGET}}}"


def _notation(changes: Sequence[tuple[int, float | None]], first: int, last: int) -> str:
    """Return the values of some minutes; "" when there are none."""
    parts, there, seen = [], False, False
    spans: list[tuple[int, int, float | None]] = (
        [(first, changes[0][0], None)] if changes[0][0] > first else []
    )
    for index, (minute, value) in enumerate(changes):
        end = changes[index + 1][0] if index + 1 < len(changes) else last
        if end > first and minute < last and end > minute:
            spans.append((max(minute, first), min(end, last), value))
    for begin, end, value in spans:
        count = end - begin
        if count <= 0:
            continue
        if value is None:
            if there:
                parts.append("stale")
                count -= 1
            if count:
                parts.append(f"_x{count}")
        else:
            parts.append(f"{value!r}" if count == 1 else f"{value!r}x{count - 1}")
            seen = True
        there = value is not None
    return " ".join(parts) if seen else ""


def evaluate(
    scrapes: Scrapes,
    folder: Path,
    files: Sequence[Path],
    order: Sequence[str],
    span: tuple[int, int],
    step: int = 1,
) -> dict[Labels, set[int]]:
    """Return the minutes (of the month) at which each alert fires, by its labels."""
    first, last = span
    test = {
        "rule_files": [os.fspath(file.resolve()) for file in files],
        "evaluation_interval": f"{step}m",
        "group_eval_order": list(order),
        "tests": [
            {
                "interval": "1m",
                "input_series": list(scrapes.series(first, last)),
                "promql_expr_test": [
                    {"expr": 'ALERTS{alertstate="firing"}', "eval_time": f"{minute}m", "exp_samples": []}
                    for minute in range(0, last - first, step)
                ],
            }
        ],
    }
    file = folder / f"minutes-{first}.json"
    file.write_text(json.dumps(test))
    result = subprocess.run(
        ["promtool", "test", "rules", file],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "GOGC": "300", "GOMAXPROCS": "2"},
    )
    found: dict[Labels, set[int]] = {}
    minute = -1
    for line in (result.stdout + "\n" + result.stderr).splitlines():
        if match := _GOT.search(line):
            minute = first + _minutes(match[1])
        elif "{" in line and "ALERTS" in line and minute >= 0:
            for match in _SERIES.finditer(line):
                labels = dict(_LABEL.findall(match[1] or match[2]))
                del labels["alertstate"]
                found.setdefault(tuple(sorted(labels.items())), set()).add(minute)
        elif "error" in line.lower() and minute < 0:
            raise RuntimeError(line.strip())
    file.unlink()
    return found


def _minutes(text: str) -> int:
    """Return the minutes of a Prometheus duration such as 1d2h5m."""
    units = {"w": 10080, "d": 1440, "h": 60, "m": 1, "s": 0}
    return sum(int(count) * units[unit] for count, unit in re.findall(r"(\d+)([wdhms])", text))


def firings(minutes: Mapping[Labels, set[int]], start: float, step: int = 1) -> list[Firing]:
    """Return intervals from the minutes at which alerts fire."""
    found = []
    for labels, fires in minutes.items():
        ordered = sorted(fires)
        begin = previous = ordered[0]
        for minute in [*ordered[1:], 10**9]:
            if minute != previous + step:
                found.append(Firing(labels, start + begin * 60, start + (previous + step) * 60))
                begin = minute
            previous = minute
    return sorted(found, key=lambda firing: firing.begin)
