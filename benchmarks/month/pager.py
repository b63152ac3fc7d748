"""Alertmanager on paper: which notifications go to whom when alerts fire so.

Reads routes, grouping, inhibitions and mute times from a real configuration, and follows Alertmanager's rules
for them: https://prometheus.io/docs/alerting/latest/configuration. An alert is active from the evaluation at
which it fires to the first one at which it does not.
"""

import heapq
import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

Labels = tuple[tuple[str, str], ...]
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True)
class Firing:
    """An alert that fires from one time to another, in Unix seconds; `end` None: to the end."""

    labels: Labels
    begin: float
    end: float

    def label(self, name: str) -> str:
        """Return a label, "" without it."""
        return dict(self.labels).get(name, "")


@dataclass(frozen=True)
class Notification:
    """What one receiver is sent. `new`: firing alerts that the one before did not have."""

    at: float
    receiver: str
    group: Labels
    firing: tuple[Firing, ...]
    new: tuple[Firing, ...]
    resolved: tuple[Firing, ...]

    @property
    def repeated(self) -> bool:
        """Whether it only says again what was said."""
        return not self.new and not self.resolved


@dataclass
class Route:
    """One route with what it inherits."""

    receiver: str
    group_by: tuple[str, ...]
    wait: float
    interval: float
    repeat: float
    active: tuple[str, ...]
    muted: tuple[str, ...]
    matchers: tuple["Matcher", ...]
    goes_on: bool
    routes: tuple["Route", ...]

    def find(self, labels: Mapping[str, str]) -> list["Route"]:
        """Return the routes that an alert takes."""
        if not all(matcher.matches(labels) for matcher in self.matchers):
            return []
        found: list[Route] = []
        for route in self.routes:
            deeper = route.find(labels)
            found += deeper
            if deeper and not route.goes_on:
                break
        return found or [self]


@dataclass(frozen=True)
class Matcher:
    """One matcher such as alertname=~"A|B"."""

    name: str
    operator: str
    value: str

    @classmethod
    def read(cls, text: str) -> "Matcher":
        """Return the matcher that a configuration writes."""
        found = re.fullmatch(r'\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*"?(.*?)"?\s*', text)
        if not found:
            raise ValueError(f"not a matcher: {text}")
        return cls(found[1], found[2], found[3])

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Return whether labels match; a missing label is the empty string."""
        value = labels.get(self.name, "")
        if self.operator in ("=", "!="):
            return (value == self.value) == (self.operator == "=")
        return (re.fullmatch(self.value, value) is not None) == (self.operator == "=~")


@dataclass(frozen=True)
class _Inhibition:
    source: tuple[Matcher, ...]
    target: tuple[Matcher, ...]
    equal: tuple[str, ...]


@dataclass
class _Group:
    route: Route
    labels: Labels
    alerts: dict[Labels, Firing] = field(default_factory=dict)
    told: frozenset[Labels] = frozenset()
    resolved: frozenset[Labels] = frozenset()
    told_at: float = float("-inf")
    flushes: int = 0
    armed: bool = False


class Alertmanager:
    """Passes alerts through a configuration."""

    def __init__(self, file: Path) -> None:
        read = yaml.safe_load(file.read_text())
        self._root = _route(read["route"], None)
        self._inhibitions = [
            _Inhibition(
                tuple(map(Matcher.read, rule.get("source_matchers", ()))),
                tuple(map(Matcher.read, rule.get("target_matchers", ()))),
                tuple(rule.get("equal", ())),
            )
            for rule in read.get("inhibit_rules", ())
        ]
        self._times = {entry["name"]: entry["time_intervals"] for entry in read.get("time_intervals", ())}
        self._kinds = {
            receiver["name"]: {
                kind.removesuffix("_configs"): any(
                    entry.get("send_resolved", kind != "email_configs") for entry in entries
                )
                for kind, entries in receiver.items()
                if kind.endswith("_configs")
            }
            for receiver in read["receivers"]
        }

    def kinds(self, receiver: str) -> Mapping[str, bool]:
        """Return what a receiver has (pagerduty, slack, email, ...), and whether it is told of the end."""
        return self._kinds[receiver]

    def notifications(self, alerts: Sequence[Firing]) -> list[Notification]:
        """Return all notifications, by time."""
        sent: list[Notification] = []
        events: list[tuple[float, int, Any]] = []
        number = itertools.count()
        for alert in alerts:
            heapq.heappush(events, (alert.begin, next(number), alert))
        sources = self._sources(alerts)
        groups: dict[tuple[int, Labels], _Group] = {}
        while events:
            at, _, event = heapq.heappop(events)
            if isinstance(event, Firing):
                labels = dict(event.labels)
                for route in self._root.find(labels):
                    key = tuple((name, labels.get(name, "")) for name in route.group_by)
                    group = groups.setdefault((id(route), key), _Group(route, key))
                    group.alerts[event.labels] = event
                    if not group.armed:
                        group.armed = True
                        heapq.heappush(events, (at + route.wait, next(number), group))
                continue
            group = event
            self._flush(group, at, sources, sent)
            if group.alerts:
                heapq.heappush(events, (at + group.route.interval, next(number), group))
            else:
                group.armed = False
        return sent

    def _flush(
        self, group: _Group, at: float, sources: Sequence[Sequence[Firing]], sent: list[Notification]
    ) -> None:
        over = {labels for labels, alert in group.alerts.items() if alert.end <= at}
        shown = [alert for alert in group.alerts.values() if not self._inhibited(alert, at, sources)]
        firing = frozenset(alert.labels for alert in shown if alert.labels not in over)
        ended = frozenset(alert.labels for alert in shown if alert.labels in over)
        # While all of a group is held back nothing is sent, and nothing that was told is forgotten.
        if shown and self._awake(group.route, at) and self._needed(group, at, firing, ended):
            sent.append(
                Notification(
                    at,
                    group.route.receiver,
                    group.labels,
                    tuple(alert for alert in shown if alert.labels in firing),
                    tuple(alert for alert in shown if alert.labels in firing - group.told),
                    tuple(alert for alert in shown if alert.labels in ended),
                )
            )
            group.told, group.resolved, group.told_at = firing, ended, at
        for labels in over:
            del group.alerts[labels]

    def _needed(self, group: _Group, at: float, firing: frozenset[Labels], ended: frozenset[Labels]) -> bool:
        if not group.told:
            return bool(firing)
        if firing - group.told or not firing:
            return True
        if any(self._kinds[group.route.receiver].values()) and ended - group.resolved:
            return True
        return group.told_at + group.route.repeat <= at

    def _awake(self, route: Route, at: float) -> bool:
        if any(self._in_interval(name, at) for name in route.muted):
            return False
        return not route.active or any(self._in_interval(name, at) for name in route.active)

    def _in_interval(self, name: str, at: float) -> bool:
        for entry in self._times[name]:
            local = datetime.fromtimestamp(at, ZoneInfo(entry.get("location", "UTC")))
            if "weekdays" in entry and not any(_covers(span, local.weekday()) for span in entry["weekdays"]):
                continue
            clock = f"{local:%H:%M}"
            if "times" in entry and not any(
                str(span["start_time"]) <= clock < str(span["end_time"]) for span in entry["times"]
            ):
                continue
            return True
        return False

    def _sources(self, alerts: Sequence[Firing]) -> list[list[Firing]]:
        return [
            [
                alert
                for alert in alerts
                if all(matcher.matches(dict(alert.labels)) for matcher in inhibition.source)
            ]
            for inhibition in self._inhibitions
        ]

    def _inhibited(self, alert: Firing, at: float, sources: Sequence[Sequence[Firing]]) -> bool:
        labels = dict(alert.labels)
        for inhibition, candidates in zip(self._inhibitions, sources, strict=True):
            if not all(matcher.matches(labels) for matcher in inhibition.target):
                continue
            both = all(matcher.matches(labels) for matcher in inhibition.source)
            for source in candidates:
                other = dict(source.labels)
                if not source.begin <= at < source.end or source.labels == alert.labels:
                    continue
                # One that matches both sides is not held back by its like.
                if both and all(matcher.matches(other) for matcher in inhibition.target):
                    continue
                if all(labels.get(name, "") == other.get(name, "") for name in inhibition.equal):
                    return True
        return False


def _route(read: Mapping[str, Any], above: Route | None) -> Route:
    def inherited(name: str, default: Any) -> Any:  # noqa: ANN401 - whatever YAML has
        return read.get(name, default)

    route = Route(
        receiver=inherited("receiver", above.receiver if above else ""),
        group_by=tuple(inherited("group_by", above.group_by if above else ())),
        wait=_seconds(read["group_wait"]) if "group_wait" in read else above.wait if above else 30.0,
        interval=_seconds(read["group_interval"])
        if "group_interval" in read
        else above.interval
        if above
        else 300.0,
        repeat=_seconds(read["repeat_interval"])
        if "repeat_interval" in read
        else above.repeat
        if above
        else 14400.0,
        active=tuple(read.get("active_time_intervals", ())),
        muted=tuple(read.get("mute_time_intervals", ())),
        matchers=tuple(map(Matcher.read, read.get("matchers", ()))),
        goes_on=bool(read.get("continue", False)),
        routes=(),
    )
    route.routes = tuple(_route(deeper, route) for deeper in read.get("routes", ()))
    return route


def _seconds(text: str) -> float:
    units = {"s": 1, "m": 60, "h": 3600, "d": 86400}
    return float(sum(int(count) * units[unit] for count, unit in re.findall(r"(\d+)([smhd])", text)))


def _covers(span: str, weekday: int) -> bool:
    first, _, last = span.partition(":")
    return _WEEKDAYS.index(first) <= weekday <= _WEEKDAYS.index(last or first)
