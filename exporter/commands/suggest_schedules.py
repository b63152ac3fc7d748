"""`suggest-schedules`: the hours that the floor really keeps, from the history in a Prometheus, as YAML."""

import argparse
import contextlib
import sys
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from importlib import resources
from pathlib import Path
from zoneinfo import ZoneInfo

from exporter.clock import SystemClock
from exporter.commands.support.config_loading import print_problems, read_config
from exporter.commands.support.history_queries import RUNNING, known_operations, read_history
from exporter.config import Config, ConfigError, Operation
from exporter.operators.cells import printable
from exporter.prometheus_api import (
    HttpConfig,
    PrometheusClient,
    PrometheusError,
    load_http_config,
    read_http_config,
)
from exporter.schedules import Calendar, CalendarError
from exporter.settings.section import Problem
from exporter.usual_hours import SLOT_SECONDS, Heading, find_usual_hours, schedules_text

_FLAGS = Path("--prometheus flags")
"""What messages about a login by flags begin with, instead of a file's name."""
_WEEK_DAYS = 7
_MAX_SHOWN_CHARACTERS = 200
_COUNTRY_FIELDS_NUMBER = 3
"""Of zone.tab: country, coordinates, zone, and perhaps a remark."""


def run(arguments: argparse.Namespace) -> int:
    """Return 0 when hours could be suggested for at least one campaign; 1 with a line that says why not."""
    config = read_config(arguments.config_file, secrets=False)
    if config is None:
        return 1
    try:
        operations = _chosen(config, arguments.operation)
        with contextlib.closing(
            PrometheusClient(arguments.prometheus_url, _http_config(arguments), warn=_say)
        ) as client:
            return _suggest(client, operations, arguments.weeks)
    except ConfigError as error:
        print_problems(error)
    except PrometheusError as error:
        _say(str(error))
    return 1


def _http_config(arguments: argparse.Namespace) -> HttpConfig:
    """Return how to log in; the proxies of the environment count where no file says otherwise.

    Raises ConfigError.
    """
    by_flags = _as_mapping(arguments)
    file = arguments.http_config_file
    if file is None:
        return read_http_config({**by_flags, "proxy_from_environment": True}, _FLAGS, Path.cwd())
    if by_flags:
        raise ConfigError(_FLAGS, [Problem("", f"are given beside {file}: put all into the file")])
    return load_http_config(file)


def _as_mapping(arguments: argparse.Namespace) -> dict[object, object]:
    """Return what the flags say as a file would."""
    basic = {"username": arguments.prometheus_username, "password_file": arguments.prometheus_password_file}
    sections = {
        "basic_auth": basic,
        "authorization": {"credentials_file": arguments.prometheus_bearer_token_file},
        "tls_config": {"ca_file": arguments.prometheus_ca_file},
    }
    given: dict[object, object] = {}
    for name, keys in sections.items():
        texts = {key: str(value) for key, value in keys.items() if value is not None}
        if texts:
            given[name] = texts
    return given


def _chosen(config: Config, name: str | None) -> Sequence[Operation]:
    """Return the operations of that name, all without one; raises PrometheusError where there is none."""
    found = [one for one in config.operations if name in {None, one.name}]
    if not found:
        names = ", ".join(one.name for one in config.operations)
        raise PrometheusError(f"the configuration has no operation {name!r}; it has {names}")
    return found


def _suggest(client: PrometheusClient, operations: Sequence[Operation], weeks: int) -> int:
    now = SystemClock().now().wall
    spans = {one.name: _span(now, one.timezone, weeks) for one in operations}
    earliest, latest = min(first for first, _ in spans.values()), max(last for _, last in spans.values())
    known = known_operations(client, earliest, latest)
    if not known:
        raise PrometheusError(
            f"{client.url} has no {RUNNING} of the {weeks} weeks up to last midnight; today does not count. "
            "Does it scrape this exporter, and since when?"
        )
    if not {one.name for one in operations} & set(known):
        asked = ", ".join(one.name for one in operations)
        raise PrometheusError(f"{client.url} has nothing of {asked}; it has {RUNNING} of {_some(known)}")
    suggested = 0
    for number, operation in enumerate(operations):
        first, last = spans[operation.name]
        history = read_history(client, operation.name, first, round((last - first) / SLOT_SECONDS))
        heading = Heading(
            operation=operation.name,
            zone=operation.timezone.key,
            first=_day(first, operation.timezone),
            last=_day(last - 1, operation.timezone),
            country=country_of(operation.timezone.key),
            has_schedules=bool(operation.schedules),
        )
        holidays = _holidays(heading.country, heading.first, heading.last)
        hours = find_usual_hours(history, operation.timezone, holidays)
        suggested += len(hours.groups)
        sys.stdout.write(("\n" if number else "") + schedules_text(heading, hours))
        sys.stdout.flush()
    if not suggested:
        _say("no hours can be suggested: the comments say why")
    return 0 if suggested else 1


def _some(names: Sequence[str]) -> str:
    """Return some of the names that a server tells, as far as they fit on a line."""
    text = ", ".join(names)
    return printable(text if len(text) <= _MAX_SHOWN_CHARACTERS else f"{text[:_MAX_SHOWN_CHARACTERS]}...")


def _span(now: float, zone: ZoneInfo, weeks: int) -> tuple[float, float]:
    """Return the Unix times of two midnights, so many weeks apart, of which the second began today."""
    today = datetime.fromtimestamp(now, zone).date()
    begin = today - timedelta(days=_WEEK_DAYS * weeks)
    return _midnight(begin, zone), _midnight(today, zone)


def _midnight(day: date, zone: ZoneInfo) -> float:
    return datetime(day.year, day.month, day.day, tzinfo=zone).timestamp() // SLOT_SECONDS * SLOT_SECONDS


def _day(wall: float, zone: ZoneInfo) -> date:
    return datetime.fromtimestamp(wall, zone).date()


def country_of(zone: str) -> str:
    """Return the code of the country of a time zone if its holidays are known, else "" (tzdata, zone.tab)."""
    table = (resources.files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    for line in table.splitlines():
        fields = line.split("\t")
        if not line.startswith("#") and len(fields) >= _COUNTRY_FIELDS_NUMBER and fields[2] == zone:
            try:
                return Calendar.of(fields[0]).code
            except CalendarError:
                return ""
    return ""


def _holidays(country: str, first: date, last: date) -> Collection[date]:
    if not country:
        return ()
    calendar = Calendar(country)
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [day for day in days if day in calendar]


def _say(text: str) -> None:
    sys.stderr.write(f"wolkvox-exporter: {text}\n")
