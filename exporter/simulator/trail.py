"""What `audit_log` tells: who started and stopped campaigns, came and went, and which APIs were called."""

from collections.abc import Iterator
from datetime import datetime
from itertools import chain
from operator import attrgetter
from typing import NamedTuple

from exporter.simulator.chance import mix
from exporter.simulator.world import Operation

_MOST_LINES = 10_000
_MOST_STEPS = 62 * 24 * 60
_COMPUTERS = 200
_API_USER = "API"


class TrailLine(NamedTuple):
    """One line; `at` is real time, in the operation's zone. People, addresses and computers are invented."""

    at: datetime
    ip: str
    user: str
    action: str
    workstation: str


def trail(operation: Operation, span: tuple[float, float], real: float) -> list[TrailLine]:
    """Return the lines between two real instants (Unix seconds), oldest first: the last 10,000 of them."""
    first, end = span[0], min(span[1], real)
    lines = (one for one in _lines(operation, (first, end)) if first <= one.at.timestamp() <= end)
    return sorted(lines, key=attrgetter("at"))[-_MOST_LINES:]


def personal_data(operation: Operation) -> frozenset[str]:
    """Return all that must not leave a program that reads an operation's agents and audit log."""
    workforce = operation.workforce
    names = (*workforce.supervisors, *(agent.name for agent in workforce.agents))
    desks = chain.from_iterable(map(_desk, names))
    return frozenset((*names, *desks, *(agent.agent_id for agent in workforce.agents)))


def _lines(operation: Operation, span: tuple[float, float]) -> Iterator[TrailLine]:
    for at, name in list(operation.consumed):
        yield _line(datetime.fromtimestamp(at, operation.zone), _API_USER, f"API {name} has been consumed")
    with operation.at(span[1]) as campaigns:
        switched = [(campaign.profile, list(campaign.switches)) for campaign in campaigns.values()]
    users = operation.workforce.supervisors
    for profile, switches in switched:
        for step, action in switches:
            user = users[mix(profile.key, int(step)) % len(users)]
            what = f"{profile.kind.capitalize()}: {action} campaign {profile.campaign_id}"
            yield _line(operation.real_at(step), user, what)
    for step, user, action in _logins(operation, span):
        yield _line(operation.real_at(step), user, action)


def _logins(operation: Operation, span: tuple[float, float]) -> Iterator[tuple[int, str, str]]:
    """Yield the steps at which agents log in and off, on 62 days at most: time may pass quickly."""
    last = operation.step_at(span[1])
    first = max(operation.step_at(span[0]), last - _MOST_STEPS)
    hours = operation.hours
    for day in range(hours.local(first).toordinal(), hours.local(last).toordinal() + 1):
        for agent in operation.workforce.agents:
            if workday := agent.day(day):
                yield hours.step_of(day, workday.login), agent.name, "logged in to Agent Box"
                yield hours.step_of(day, workday.logout), agent.name, "logged off"


def _line(at: datetime, user: str, action: str) -> TrailLine:
    ip, computer = _desk(user)
    return TrailLine(at, ip, user, action, computer)


def _desk(user: str) -> tuple[str, str]:
    """Return the address and the computer of a user: addresses of TEST-NET-1 (RFC 5737)."""
    number = 1 + sum(user.encode()) % _COMPUTERS
    return f"192.0.2.{number}", f"PC-FICTICIO-{number:03d}"
