"""A month against the model: the real exporter in virtual time, what happens to it, and the comparison.

Everything above the socket is the program's own: configuration, HTTP, parsing, polling, budget, state,
exposition. Each step has a number of its own from which all that it draws is drawn, so that a failing month
can be made shorter by leaving steps out.
"""

import asyncio
import contextlib
import gzip
import json
import logging
import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from ssl import SSLError
from typing import Any, Self
from unittest import mock

from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from exporter.config import load_config
from exporter.polling.timetable import Turn
from exporter.service import Service
from exporter.snapshot import OperationSnapshot
from exporter.state import MemoryStore
from exporter.state.sqlite import SqliteStore
from exporter.state.store import Store
from exporter.toolkit.message import Request as WebRequest
from model import answers, states
from model.calls import ALWAYS_ONE_ROW, Reply
from model.contract import Call, Contract, Now
from model.edge import Delivery, Request, Wire, delivery
from model.series import Figure, Labels, Series
from scripts.virtual_time import OwnClock, VirtualTime, getcurrent, greenlet
from simulation.replica import Network, Replica

START = 1_785_733_200.0
"""2026-08-03 00:00 in Bogota, a Monday; Colombia has public holidays on the 7th and the 17th."""

HOUR, DAY = 3600.0, 86_400.0
_FIRST_PORT = 11_000
_ZONES = ("America/Bogota", "America/Santiago", "Europe/Madrid")
_SLACK_SECONDS = 500.0
_WHOLE_PARSE_EVERY = 40

_TEXT = "text/plain; version=0.0.4"
_OPENMETRICS = "application/openmetrics-text; version=1.0.0"
_SAMPLE = re.compile(r'(\w+)(?:\{((?:\w+="(?:[^"\\]|\\.)*",?)*)\})? (\S+)')
_PAIR = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
_ESCAPES = {"\\\\": "\\", "\\n": "\n", '\\"': '"'}


@dataclass
class Tally:
    """What was tried."""

    steps: dict[str, int] = field(default_factory=dict)
    calls: int = 0
    failures: dict[str, int] = field(default_factory=dict)
    scrapes: int = 0
    series: int = 0
    seconds: float = 0.0

    def add(self, more: "Tally") -> None:
        """Add what another month has tried."""
        for name, count in more.steps.items():
            self.steps[name] = self.steps.get(name, 0) + count
        for name, count in more.failures.items():
            self.failures[name] = self.failures.get(name, 0) + count
        self.calls += more.calls
        self.scrapes += more.scrapes
        self.series += more.series
        self.seconds += more.seconds

    def __str__(self) -> str:
        """Return it in words."""
        steps = ", ".join(f"{name} {count}" for name, count in sorted(self.steps.items()))
        causes = ", ".join(f"{name} {count}" for name, count in sorted(self.failures.items()))
        return (
            f"{self.seconds / DAY:.1f} days, {self.calls} calls, {self.scrapes} scrapes, "
            f"{self.series} series compared; failures: {causes}; steps: {steps}"
        )


class Process(Replica):
    """A replica that publishes, and that gets its answers over HTTP."""

    def configure(self, config: Any) -> None:
        """Use another configuration from the next start on."""
        self._config = config

    def _serve(self) -> Service:
        return Service(self._config, self._open_store(), self.clock)

    def reload(self, config: Any) -> None:
        """Reload as SIGHUP does."""
        self._config = config
        self.service.reload(config)
        self._tick_at(self._time.now)


class _Nobody:
    """Watches turns, and has nothing to say."""

    def polled(self, replica: Replica, turn: Turn, before: OperationSnapshot) -> None:
        pass

    def disturbed(self) -> None:
        pass

    def hung_up(self, replica: Replica) -> None:
        pass


class _Errors(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


APIS = (
    "campaigns", "campaign_settings", "token_info", "services", "skills", "agents", "campaign_results",
    "machine_codes", "audit_log",
)  # fmt: skip

Fault = Callable[[Random, str], Delivery | None]


def _refused(*replies: tuple[int, str]) -> Fault:
    def fault(chance: Random, _api: str) -> Delivery:
        status, message = chance.choice(replies)
        return delivery(answers.refusal(status, message), status, chunked=chance.random() < 0.5)

    return fault


FAULTS: Mapping[str, Fault] = {
    "timeout": lambda _chance, _api: Delivery(Reply("timeout"), error=TimeoutError("timed out")),
    "reset": lambda _chance, _api: Delivery(Reply("connection"), error=ConnectionResetError("reset")),
    "closed": lambda _chance, _api: Delivery(Reply("connection")),
    "cut": lambda _chance, _api: delivery([{"campaign": "4875 - " + "X" * 400}], cut=True),
    "tls": lambda _chance, _api: Delivery(Reply("tls"), error=SSLError("handshake failed")),
    "server_error": lambda chance, _api: delivery(
        None, chance.choice((500, 502, 503, 429)), text=b"<html><h1>Error</h1></html>"
    ),
    "server_error_in_json": lambda chance, _api: delivery(
        chance.choice(({"data": []}, [], {"code": "500", "error": "x", "msg": "boom"})), 500
    ),
    "not_json": lambda chance, _api: delivery(
        None, text=chance.choice((b"<html>login</html>", b"", b"[{]", b'{"data": [', b"nope"))
    ),
    "other_shape": lambda chance, _api: delivery(
        chance.choice(({"data": {"a": 1}}, {}, None, 5, "x", {"data": None}, {"rows": []}, [7, "x"]))
    ),
    "redirect": lambda chance, _api: delivery(
        None, chance.choice((301, 302, 307)), text=b"", headers={"Location": "http://127.0.0.1:9/elsewhere"}
    ),
    "not_found": lambda _chance, _api: delivery(None, 404, text=b"<html>Not Found</html>"),
    "no_data": _refused((404, "Validate dates entered")),
    "quota": _refused((403, "TOKEN LIMIT EXCEEDED"), (500, "Token limit exceeded")),
    "concurrency": _refused((403, "EXCEEDS THE LIMIT OF SIMULTANEOUS REQUESTS PER TOKEN (2)")),
    "auth": _refused((403, "PLEASE VALIDATE TOKEN"), (401, "PLEASE ENTER THE WOLKVOX-TOKEN")),
    "forbidden": _refused((403, "THE PLATFORM IS UNDER MAINTENANCE"), (403, "whatever")),
}


Step = tuple[str, int]
"""What happens, and the number from which all of it is drawn."""

KINDS = (
    *("wait",) * 6, *("floor",) * 5, *("fault",) * 4, "mended", "mended", "oddities", "oddities", "slow",
    "during_a_call", "during_a_call", "restart", "restart", "killed_during_a_call", "clock",
    "reload", "reload",
    "wait_long", "until_midnight",
)  # fmt: skip
"""The kinds of steps, those that are cheap and frequent several times."""


def live(folder: Path, seed: int, steps: Sequence[Step], tally: Tally | None = None) -> None:
    """Live through a month, and compare after each step; AssertionError with what differs."""
    with Month(seed, folder, durable=seed % 4 == 3) as month:  # a file is slower than memory
        try:
            month.compare()
            for kind, number in steps:
                month.step(kind, number)
        finally:
            if tally is not None:
                tally.add(month.tally)


class Month:
    """The world of one run. `folder` holds the configuration and, with `durable`, a SQLite file."""

    def __init__(self, seed: int, folder: Path, *, durable: bool = False) -> None:
        random.seed(seed)
        self.chance = Random(seed)
        self.tally = Tally()
        self.time = VirtualTime()
        self.contract = Contract()
        self._folder = folder
        self._floors: dict[int, answers.Floor] = {}
        self._faults: dict[tuple[int, str], tuple[str, int]] = {}
        self._seconds = 0.5
        self._calls: set[greenlet] = set()
        self._quota_refused: dict[str, float] = {}
        self._loop = asyncio.new_event_loop()
        self._errors = _Errors()
        self._last_counters: dict[Series, float] = {}
        self.config = self._first_config()
        self._epoch = START + self.chance.uniform(0, DAY)
        self.clock = OwnClock(self.time, self._epoch, 0.0, self.chance.uniform(0, 1e5))
        store: Store = MemoryStore(lambda: self.time.now)
        if durable:
            store = SqliteStore(folder / "state.db", lambda: self.clock.now().wall)
        self._store = store
        self._process = Process(
            name="one",
            config=None,  # type: ignore[arg-type]
            time=self.time,
            clock=self.clock,
            network=Network(store),
            vendor=_Nobody(),  # type: ignore[arg-type]
            watcher=_Nobody(),
        )

    # The life of a month.

    def __enter__(self) -> Self:
        self._stack = contextlib.ExitStack()
        self._stack.enter_context(mock.patch("exporter.wolkvox.transport.connect", self._connect))
        logger = logging.getLogger("exporter")
        level = logger.level
        logger.addHandler(self._errors)
        logger.setLevel(logging.ERROR)
        self._stack.callback(logger.setLevel, level)
        self._stack.callback(logger.removeHandler, self._errors)
        self._start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.alive:
            self._kill()
        self._store.close()
        self._loop.close()
        self._stack.close()

    def step(self, kind: str, number: int) -> None:
        """Let something happen, then compare."""
        self.tally.steps[kind] = self.tally.steps.get(kind, 0) + 1
        self.chance = Random(number)
        getattr(self, f"_{kind}")()
        self.compare()

    def now(self) -> Now:
        """Return what the clocks show."""
        moment = self.clock.now()
        return Now(moment.wall, moment.monotonic)

    def _run(self, seconds: float) -> None:
        self.time.run(self.time.now + seconds)

    # Steps.

    def _wait(self) -> None:
        self._run(self.chance.choice((1.0, 20.0, 61.0, 300.0, 1800.0)))

    def _wait_long(self) -> None:
        for _ in range(self.chance.randrange(1, 5)):
            self._run(self.chance.uniform(0.1, 1.5) * HOUR)
            self.compare()

    def _until_midnight(self) -> None:
        zone = next(iter(self.contract.operations.values())).zone
        wall = self.now().wall
        midnight = datetime.fromtimestamp(wall, zone).replace(hour=0, minute=0, second=0, microsecond=0)
        left = (midnight + timedelta(days=1)).timestamp() - wall
        self._run(max(left - self.chance.choice((0.001, 1.0, 100.0)), 0.0))
        self.compare()
        self._run(self.chance.choice((0.001, 2.0, 100.0)))
        self.compare()
        self._run(self.chance.choice((5.0, 100.0, 400.0)))

    def _floor(self) -> None:
        floor = self.chance.choice(list(self._floors.values()))
        for _ in range(self.chance.randrange(1, 5)):
            floor.change(self.chance)
        self._run(self.chance.uniform(1, 400))

    def _oddities(self) -> None:
        for floor in self._floors.values():
            floor.oddity = self.chance.choice((0.0, 0.05, 0.3))
        self._run(self.chance.uniform(1, 400))

    def _fault(self) -> None:
        port = self.chance.choice(list(self._floors))
        for api in self.chance.sample(APIS, 3):
            kind = self.chance.choice(list(FAULTS))
            self._faults[port, api] = (kind, self.chance.choice((1, 2, 20)))
        self._run(self.chance.uniform(1, 900))

    def _mended(self) -> None:
        self._faults.clear()
        self._run(self.chance.uniform(1, 400))

    def _slow(self) -> None:
        self._seconds = self.chance.choice((0.25, 0.5, 20.0, 59.0))
        self._run(self.chance.uniform(1, 400))

    def _until_a_call(self) -> None:
        """Let time pass until a call is under way, ten minutes at the most."""
        for _ in range(600):
            if self._calls:
                break
            self._run(1.0)

    def _during_a_call(self) -> None:
        """Scrape again and again while calls are under way."""
        self._until_a_call()
        for _ in range(8):
            self.compare()
            self._run(self.chance.choice((0.125, 1.0)))

    def _restart(self) -> None:
        self._kill()
        self._run(self.chance.choice((0.0, 1.0, 100.0, 1000.0, 20_000.0)))
        self._start()
        self.compare()
        self._run(self.chance.uniform(0, 200))

    def _killed_during_a_call(self) -> None:
        self._until_a_call()
        self._restart()

    def _clock(self) -> None:
        # A lease in SQLite ends by the wall clock: the outcome of a call over a step would be dropped.
        self._until_idle()
        seconds = self.chance.choice((61.0, 600.0, HOUR, DAY))
        seconds *= self.chance.choice((-1, 1))
        self.contract.clock_was_set = True
        self.clock.step(seconds)
        self._process._tick_at(self.time.now)
        self.compare()
        self._run(self.chance.uniform(0, 400))

    def _until_idle(self) -> None:
        for _ in range(300):
            if not self._calls:
                break
            self._run(1.0)

    def _reload(self) -> None:
        self.config = self._changed_config()
        self._process.reload(self._written())
        self.contract.reloaded(self.config, self.now())
        self._last_counters = {}
        self.compare()
        self._run(self.chance.uniform(0, 400))

    def _start(self) -> None:
        self._process.configure(self._written())
        self._last_counters = {}
        self.contract.started(self.config, self.now())
        self._process.start()

    def _kill(self) -> None:
        self._process.kill()
        self._calls.clear()
        self._process.service.app.close()

    # The configuration.

    def _written(self) -> Any:
        file = self._folder / "config.yaml"
        file.write_text(json.dumps(self.config))
        return load_config(file)

    def _first_config(self) -> dict[str, Any]:
        config: dict[str, Any] = {
            "operations": [self._entry(number) for number in range(self.chance.choice((1, 2)))]
        }
        if self.chance.random() < 0.3:
            config["max_age"] = self.chance.choice(("600s", "7200s"))
        return config

    def _entry(self, number: int) -> dict[str, Any]:
        chance = self.chance
        port = _FIRST_PORT + number
        self._floors.setdefault(port, answers.Floor(chance))
        entry: dict[str, Any] = {
            "name": f"operation-{number}",
            "base_url": f"http://127.0.0.1:{port}",
            "token": f"fake-token-{number}",
            "timezone": _ZONES[number],
            "apis": {
                "campaigns": {"interval": chance.choice(("300s", "1800s"))},
                "campaign_settings": {"interval": chance.choice(("600s", "1500s"))},
                "token_info": {"interval": "3600s"},
                "machine_codes": {
                    "enabled": chance.random() < 0.7,
                    "interval": "1200s",
                    "unreachable_after": chance.choice((1, 3)),
                },
                "services": {
                    "enabled": chance.random() < 0.7,
                    "interval": chance.choice(("3600s", "86400s")),
                },
                "skills": {"enabled": chance.random() < 0.5, "interval": "900s"},
                "agents": {"enabled": chance.random() < 0.5, "interval": "600s"},
                "campaign_results": {"enabled": chance.random() < 0.5, "interval": "1800s"},
                "audit_log": {"enabled": chance.random() < 0.5, "interval": "900s"},
            },
            "schedules": self._schedules(),
        }
        if chance.random() < 0.7:
            entry["licences"] = chance.choice((25, 25, 2))
            entry["quota_reserve"] = chance.choice((0.5, 0.8))
        if chance.random() < 0.3:
            entry["apis"]["machine_codes"]["max_age"] = "1500s"
        self._filter(entry)
        return entry

    def _filter(self, entry: dict[str, Any]) -> None:
        chance = self.chance
        entry["campaigns"] = {
            "include": chance.choice(([".*"], [".*"], ["(?i)v.*|.*-.*", "1.*"], ["[0-9]+"])),
            "exclude": chance.choice(([], [], ["PROMO.*"], [".*5"])),
            "limit": chance.choice((2000, 2000, 3)),
        }

    def _schedules(self) -> list[dict[str, Any]]:
        chance = self.chance
        drawn = (
            {
                "campaigns": ["V.*"],
                "expected": ["Mon-Fri 08:00-12:00", "Mon-Fri 13:00-18:00", "Sat 09:00-13:00"],
                "permitted": "ley-2300",
            },
            {"campaigns": [".*A.*", "[0-9]*7"], "expected": ["Mon-Sun 22:00-06:00"], "holidays": "CO"},
            {"campaigns": [".*"], "permitted": ["Mon-Fri 00:00-24:00"], "except_dates": ["2026-08-05"]},
            {
                "campaigns": [".*"],
                "expected": ["Thu 20:00-04:00", "Sat 00:00-24:00"],
                "except_dates": ["2026-08-06", "2026-08-15"],
            },
        )
        return chance.sample(drawn, chance.choice((0, 1, 2)))

    def _changed_config(self) -> dict[str, Any]:
        chance = self.chance
        config: dict[str, Any] = json.loads(json.dumps(self.config))
        entry = chance.choice(config["operations"])
        match chance.randrange(7):
            case 0:
                self._filter(entry)
            case 1:
                entry["schedules"] = self._schedules()
            case 2:
                api = chance.choice(("campaigns", "campaign_settings"))
                entry["apis"][api]["interval"] = chance.choice(("120s", "700s", "1800s"))
            case 3:
                api = chance.choice(list(entry["apis"]))
                entry["apis"][api]["enabled"] = not entry["apis"][api].get("enabled", True)
            case 4:
                others = [
                    n
                    for n in range(3)
                    if not any(e["name"] == f"operation-{n}" for e in config["operations"])
                ]
                if len(config["operations"]) > 1 and chance.random() < 0.5:
                    config["operations"].remove(entry)
                else:
                    config["operations"].append(self._entry(others[0])) if others else None
            case 5:
                config["max_age"] = chance.choice(("400s", "1800s"))
            case _:
                entry["apis"]["machine_codes"]["unreachable_after"] = chance.choice((1, 2))
        return config

    # The vendor.

    def _connect(self, host: str, port: int, *_: object) -> Wire:
        assert host == "127.0.0.1"
        if port not in self._floors:
            self.contract.violations.append(f"a connection to port {port}: a redirect was followed")
        return Wire(port, self._answer)

    def _answer(self, request: Request) -> Iterator[bytes]:
        number = request.port - _FIRST_PORT
        name = f"operation-{number}"
        campaign = "" if request.campaign == "all" else request.campaign
        call = Call(name, request.api, campaign, self.now())
        self.tally.calls += 1
        if request.token != f"fake-token-{number}":
            self.contract.violations.append(f"{name}: called with another operation's token")
        floor = self._floors[request.port]
        self.contract.begun(call)
        thread = getcurrent()
        self._calls.add(thread)
        planned = self._planned(name, request, floor)
        seconds = 60.0 if planned.reply.fault == "timeout" else self._seconds
        try:
            self._process.sleep(seconds)
            if len(planned.pieces) > 1 and self.chance.random() < 0.5:
                yield planned.pieces[0]
                self._process.sleep(0.5)
                left: Sequence[bytes] = planned.pieces[1:]
            else:
                left = planned.pieces
        finally:
            self._calls.discard(thread)
        cause = self.contract.ended(call, planned.reply, self.now())
        if cause:
            self.tally.failures[cause] = self.tally.failures.get(cause, 0) + 1
        if cause == "quota":
            self._quota_refused[name] = self.time.now
        if planned.error is not None:
            raise planned.error
        yield b"".join(left)

    def _planned(self, name: str, request: Request, floor: answers.Floor) -> Delivery:
        chance = self.chance
        kind, times = self._faults.get((request.port, request.api), ("", 0))
        if times:
            self._faults[request.port, request.api] = (kind, times - 1)
            planned = FAULTS[kind](chance, request.api)
            assert planned is not None
            return planned
        day = datetime.fromtimestamp(self._epoch + self.time.now, self.contract.operations[name].zone).date()
        if day != floor.day:
            floor.day, floor.calls = day, 0
        floor.calls += 1
        rows = floor.rows(request.api, chance, request.campaign)
        if not rows and chance.random() < 0.5 and request.api not in ALWAYS_ONE_ROW:
            return delivery(answers.refusal(404, "Validate dates entered"), 404)
        return delivery(
            answers.envelope(chance, rows),
            ascii_only=chance.random() < 0.5,
            indent=4 if chance.random() < 0.2 else None,
            packed=chance.random() < 0.3,
            chunked=chance.random() < 0.5,
        )

    # The comparison.

    def compare(self) -> None:
        """Hold every exposition against the model; AssertionError with what differs."""
        if not self._process.alive:
            return
        now = self.now()
        expected = self.contract.expected(now)
        text = self._scrape("/metrics", _TEXT)
        shown = _read(text)
        problems = _differences(expected, {s: v for s, v in shown.items() if not states.is_judgement(s[0])})
        problems += states.differences(shown)
        for series, value in shown.items():
            if series[0].endswith("_total") and value < self._last_counters.get(series, 0.0):
                problems.append(f"went back: {series} from {self._last_counters[series]} to {value}")
        self._last_counters = {s: v for s, v in shown.items() if s[0].endswith("_total")}
        problems += self._selections(text)
        self._hold_polling(now)
        problems += self.contract.violations + self._errors.lines
        if problems:
            raise AssertionError("\n".join([f"at {now}", *problems[:12], f"({len(problems)} problems)"]))
        self.tally.series += len(shown)
        self.tally.seconds = self.time.now

    def _hold_polling(self, now: Now) -> None:
        for name, at in self._quota_refused.items():
            if self.time.now - at < 2 * DAY and name in self.contract.operations:
                return
        if not any(o.licences == 2 for o in self.contract.operations.values()):
            self.contract.hold_polling(now, _SLACK_SECONDS)

    def _selections(self, text: str) -> list[str]:
        """Hold what else can be scraped against the whole, line by line."""
        lines = _lines(text)
        problems = []
        openmetrics = self._scrape("/metrics", _OPENMETRICS)
        if _lines(openmetrics) != lines:
            problems.append("OpenMetrics has other samples than the text")
        names = sorted({_name(line) for line in lines})
        chosen = set(self.chance.sample(names, min(3, len(names))))
        query = "&".join(f"name[]={name}" for name in chosen)
        if _lines(self._scrape("/metrics", _TEXT, query)) != [
            line for line in lines if _name(line) in chosen
        ]:
            problems.append(f"{query} selects other samples")
        for name in self.contract.operations:
            mine = [line for line in lines if f'operation="{name}"' in line]
            probed = self._scrape("/probe", self.chance.choice((_TEXT, _OPENMETRICS)), f"target={name}")
            if _lines(probed) != mine:
                problems.append(f"/probe?target={name} has other samples")
            both = self._scrape("/probe", _TEXT, f"target={name}&{query}")
            if _lines(both) != [line for line in mine if _name(line) in chosen]:
                problems.append(f"/probe?target={name}&{query} selects other samples")
        if self.tally.scrapes % _WHOLE_PARSE_EVERY < 6:
            problems += _parsed(text, openmetrics)
        return problems

    def _scrape(self, path: str, accept: str, query: str = "") -> str:
        self.tally.scrapes += 1
        encoding = self.chance.choice(("identity", "gzip"))
        request = WebRequest("GET", path, query, {"accept": accept, "accept-encoding": encoding})
        response = self._loop.run_until_complete(self._process.service.app(request))
        assert response.status == 200, response
        content = gzip.decompress(response.content) if encoding == "gzip" else response.content
        return content.decode()


def _lines(text: str) -> list[str]:
    """Return the samples of wolkvox and of the polling; the process's own change with every scrape."""
    return [
        line
        for line in text.split("\n")
        if line.startswith("wolkvox_") and not line.startswith("wolkvox_exporter_")
    ]


def _name(line: str) -> str:
    return line.partition("{")[0].partition(" ")[0]


def _read(text: str) -> dict[Series, float]:
    """Return the series of wolkvox and of the exporter; a line that is none, or comes twice, is an error."""
    shown: dict[Series, float] = {}
    for line in text.splitlines():
        if not line.startswith("wolkvox_"):
            continue
        match = _SAMPLE.fullmatch(line)
        assert match, f"not a sample: {line!r}"
        if match[1] == "wolkvox_exporter_build_info":
            continue
        series = match[1], _labels(match[2] or "")
        assert series not in shown, f"twice: {line!r}"
        shown[series] = float(match[3])
    return shown


def _labels(text: str) -> Labels:
    pairs = ((name, re.sub(r"\\.", lambda m: _ESCAPES[m[0]], value)) for name, value in _PAIR.findall(text))
    return tuple(sorted((name, value) for name, value in pairs if value))


def _differences(expected: Mapping[Series, Figure], shown: Mapping[Series, float]) -> list[str]:
    problems = [
        f"missing: {series} {figure}"
        for series, figure in expected.items()
        if series not in shown and not figure.optional
    ]
    for series, value in shown.items():
        figure = expected.get(series)
        if figure is None:
            problems.append(f"must not be there: {series} {value}")
        elif not figure.allows(value):
            problems.append(f"wrong: {series} is {value}, not {figure}")
    return problems


def _parsed(text: str, openmetrics: str) -> list[str]:
    """Hold both texts against the client library's parsers."""
    ours = _read(text)
    problems = []
    for parse, body in ((parse_text, text), (parse_openmetrics, openmetrics)):
        found: dict[Series, float] = {}
        for family in parse(body):
            for sample in family.samples:
                if sample.name.startswith("wolkvox_") and sample.name != "wolkvox_exporter_build_info":
                    pairs = ((name, value) for name, value in sample.labels.items() if value)
                    found[sample.name, tuple(sorted(pairs))] = sample.value
                    if (family.type == "counter") != sample.name.endswith("_total"):
                        problems.append(f"{sample.name} is a {family.type}")
        if found != ours:
            problems.append(f"{parse.__module__} reads other samples: {set(found) ^ set(ours)}")
    return problems
