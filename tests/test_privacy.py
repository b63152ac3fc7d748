"""What is told of people reaches the exporter, and leaves it nowhere but where it was asked for."""

import asyncio
import dataclasses
import io
import logging
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from exporter import logs
from exporter.apis import BY_NAME, PollContext
from exporter.clock import SystemClock
from exporter.commands.support.simulator_setup import demo_config
from exporter.config import ApiSettings, Config, Operation, StatePlace
from exporter.polling.poller import Fetcher
from exporter.service import Service
from exporter.simulator import SimulatorSettings
from exporter.state import MemoryStore, open_store
from exporter.toolkit.message import Request
from exporter.wolkvox import Client
from support.fakes import FakeClock, FakeVendor, campaigns_row, make_operation, telephone_row
from support.simulator import Simulator

AGENT = {
    "agent_id": "zinventada",
    "agent_name": "Zutana Inventada",
    "agent_dni": "7007007001",
    "agent_status": "Ready",
}
USER, OTHER_USER = "mengana.ficticia", "perengano.ficticio"
PEOPLE = (
    "zinventada",
    "zutana",
    "inventada",
    "mengana",
    "perengano",
    "fulanito",
    "7007007001",
    "7007007002",
    "3000000001",
    "3000000002",
    "192.0.2.77",
    "pc-ficticio-077",
)
"""Whatever in the answers is about people, in small letters."""

PATHS = (
    ("/metrics", "text/plain"),
    ("/metrics", "application/openmetrics-text; version=1.0.0"),
    ("/probe?target=OPERATION", "text/plain"),
    ("/?lang=en", "text/html"),
    ("/?lang=es", "text/html"),
    ("/status.json", "application/json"),
    ("/sd", "application/json"),
)


def log_line(date: str, action: str, user: str = USER) -> dict[str, object]:
    return {
        "date": date,
        "ip": "192.0.2.77",
        "user": user,
        "action": action,
        "workstation": "PC-FICTICIO-077",
    }


ANSWERS: Mapping[str, list[object]] = {
    "campaigns": [campaigns_row(status="stopped")],
    "agents": [
        AGENT,
        {**AGENT, "agent_id": "7007007002", "agent_name": "Fulanito", "agent_status": "Talk (Zutana)"},
        {**AGENT, "agent_id": 7007007001, "agent_status": "3000000002"},
        {**AGENT, "agent_id": "", "agent_status": ["Zutana Inventada"]},
        {**AGENT, "agent_id": None, "agent_status": "con zinventada"},
        "Zutana Inventada",
        {"agent_name": "Zutana Inventada"},
    ],
    "skills": [
        {**BY_NAME["skills"].example, "supervisor": "Zutana Inventada", "customer_phone": "3000000002"},
        {"agent_name": "Zutana Inventada"},
    ],
    "campaign_results": [
        {"result": "answer", "records": "5", "agent_name": "Zutana Inventada", "telephone": "3000000002"},
        {"telephone": "3000000002"},
    ],
    "machine_codes": [telephone_row("3000000001", 1), telephone_row("3000000002") | {"busy": "x 3000000002"}],
    "services": [
        {"licenses": "25", "customer_prot": "no", "contact": "Zutana Inventada", "phone": "3000000002"}
    ],
    "audit_log": [
        log_line("2026-08-12 09:55:00", "Predictive: stop campaign 4875"),
        log_line("2026-08-12 09:56:00", "logged in to zutana.inventada 3000000002", OTHER_USER),
        log_line("zutana inventada", "Predictive: stop campaign 4876", OTHER_USER),
        log_line("2026-08-12 09:57:00", "API Campaign add_record has been consumed", OTHER_USER),
        {"user": OTHER_USER},
    ],
}


def operation(*, show_users: bool) -> Operation:
    settings = ApiSettings(True, 300.0, 900.0, {"show_users": show_users})
    return make_operation(apis={"audit_log": settings})


@contextmanager
def logged(form: str) -> Iterator[io.StringIO]:
    """Set up the program's own log, with everything in it; what was set up before is back afterwards."""
    root, stderr = logging.getLogger(), sys.stderr
    handlers, level = root.handlers[:], root.level
    sys.stderr = io.StringIO()
    try:
        logs.set_up("debug", form, [])
        yield sys.stderr
    finally:
        sys.stderr = stderr
        root.handlers[:] = handlers
        root.setLevel(level)


def pages(service: Service, name: str = "ventas") -> dict[str, str]:
    """Return everything that the exporter shows of an operation, by path and format."""
    shown = {}
    for address, accept in PATHS:
        path, _, query = address.replace("OPERATION", name).partition("?")
        answer = asyncio.run(service.app(Request("GET", path, query, {"accept": accept})))
        assert answer.status == 200
        shown[f"{address} as {accept}"] = b"".join(answer.body).decode()
    return shown


def told(texts: Mapping[str, str], people: Iterable[str] = PEOPLE) -> set[tuple[str, str]]:
    """Return where somebody is named, and who."""
    return {(place, who) for place, text in texts.items() for who in people if who in text.lower()}


def everything(
    service: Service, files: Iterable[Path], log: io.StringIO, name: str = "ventas"
) -> dict[str, str]:
    """Return all that leaves the process."""
    stored = {file.name: file.read_bytes().decode("latin-1") for file in files}
    return {**pages(service, name), **stored, "log": log.getvalue()}


class Floor:
    """The exporter with hostile answers and a state file."""

    def __init__(self, folder: Path, *, show_users: bool, clock: FakeClock | None = None) -> None:
        self.clock = clock or FakeClock()
        self.vendor = FakeVendor(self.clock)
        self.vendor.answers.update(ANSWERS)
        self.folder = folder
        self.store = open_store(StatePlace(file=folder / "state.db"), self.clock)
        config = Config((operation(show_users=show_users),))
        self.service = Service(config, self.store, self.clock, client=lambda _operation: self.vendor)
        self.service.restore()

    def poll(self) -> None:
        """Poll everything three times: what is remembered from answer to answer is among it."""
        (poller,) = self.service.pollers
        for _ in range(3):
            for api in poller.operation.enabled():
                for _ in range(2):
                    assert poller.poll_now(api)
            self.clock.advance(60)

    def all(self, log: io.StringIO) -> dict[str, str]:
        return everything(self.service, self.folder.iterdir(), log)


@pytest.mark.parametrize("form", logs.FORMATS)
def test_nobody_is_named_anywhere(tmp_path: Path, form: str) -> None:
    with logged(form) as log:
        floor = Floor(tmp_path, show_users=False)
        floor.poll()
        found = floor.all(log)
        floor.store.close()
    assert told(found) == set()
    # What was looked into has been told of all that.
    assert 'wolkvox_agents{operation="ventas",status="ready"} 1' in found["/metrics as text/plain"]
    assert '"stopped_by_hand":1786546500' in found["/status.json as application/json"]
    assert "somebody stopped a campaign by hand" in found["log"]
    assert "campaign_results" in found["state.db"] + found.get("state.db-wal", "")


@pytest.mark.parametrize("form", logs.FORMATS)
def test_with_show_users_who_stopped_it_is_on_the_page_and_in_the_log_alone(
    tmp_path: Path, form: str
) -> None:
    with logged(form) as log:
        floor = Floor(tmp_path, show_users=True)
        floor.poll()
        found = floor.all(log)
        floor.store.close()
    named = told(found)
    assert {who for _, who in named} == {"mengana"}
    assert {("/status.json as application/json", "mengana"), ("log", "mengana")} <= named
    assert found["log"].count(USER) == 1
    assert {place for place, _ in named} <= {
        "log",
        "/status.json as application/json",
        "/?lang=en as text/html",
        "/?lang=es as text/html",
    }


def test_after_a_reload_without_show_users_nobody_is_named_at_once(tmp_path: Path) -> None:
    with logged("logfmt") as log:
        floor = Floor(tmp_path, show_users=True)
        floor.poll()
        assert told(pages(floor.service)) != set()
        log.truncate(0)
        floor.service.reload(Config((operation(show_users=False),)))
        assert told(pages(floor.service)) == set()
        floor.poll()
        found = floor.all(log)
        floor.store.close()
    assert told(found) == set()


def test_a_name_that_a_call_brings_which_a_reload_overtakes_is_not_shown(tmp_path: Path) -> None:
    floor = Floor(tmp_path, show_users=True)

    def reloads(_call: object) -> Any:
        floor.service.reload(Config((operation(show_users=False),)))
        return ANSWERS["audit_log"]

    floor.vendor.answers["audit_log"] = reloads
    (poller,) = floor.service.pollers
    for api in ("campaign_settings", "campaigns", "audit_log"):
        assert poller.poll_now(api)
    assert told(pages(floor.service)) == set()
    floor.store.close()


def test_who_did_not_ask_does_not_know_who_it_was(tmp_path: Path) -> None:
    asking = Floor(tmp_path, show_users=True)
    asking.poll()
    for clock in (asking.clock, FakeClock(asking.clock.wall, monotonic=3.0)):
        other = Floor(tmp_path, show_users=True, clock=clock)
        assert '"stopped_by_hand":1786546500' in "".join(pages(other.service).values())
        assert told(pages(other.service)) == set()
        other.store.close()
    assert told(pages(asking.service)) != set()
    asking.store.close()


def test_nothing_in_memory_that_is_shared_names_anybody() -> None:
    clock = FakeClock()
    store = MemoryStore(lambda: clock.monotonic)
    vendor = FakeVendor(clock)
    vendor.answers.update(ANSWERS)
    service = Service(Config((operation(show_users=True),)), store, clock, client=lambda _operation: vendor)
    (poller,) = service.pollers
    for api in poller.operation.enabled():
        assert poller.poll_now(api)
    stored = b"".join(store.changes(poller.archive.scope, 0).records.values())
    assert stored
    assert told({"store": stored.decode("latin-1")}) == set()


class Overheard:
    """The real client; what comes is noted."""

    def __init__(self, client: Client, rows: list[Any]) -> None:
        self._client = client
        self._rows = rows

    def fetch(self, call: Any, token: str, sink: Any) -> Any:
        def noting(rows: list[object]) -> None:
            self._rows.extend(rows)
            sink(rows)

        return self._client.fetch(call, token, noting)


@pytest.mark.parametrize("show_users", [False, True])
def test_of_a_simulated_floor_nobody_is_named(tmp_path: Path, show_users: bool) -> None:
    settings = SimulatorSettings(latency=0, operations=1, campaigns=6)
    rows: list[Any] = []
    with Simulator(settings) as simulator, logged("logfmt") as log:
        (simulated,) = demo_config(simulator).operations
        options = {"show_users": show_users}
        audit_log = dataclasses.replace(simulated.apis["audit_log"], options=options)
        one = dataclasses.replace(simulated, apis={**simulated.apis, "audit_log": audit_log})
        store = open_store(StatePlace(file=tmp_path / "state.db"), SystemClock())

        def client(of: Operation) -> Fetcher:
            return Overheard(Client(of.base_url), rows)

        service = Service(Config((one,)), store, client=client)
        (poller,) = service.pollers
        for api in poller.operation.enabled():
            assert poller.poll_now(api)
        # The whole day, so that there are lines.
        now = datetime.now(one.timezone)
        call = BY_NAME["audit_log"].call(PollContext(now))
        day = {**call.query, "date_ini": (now - timedelta(days=1)).strftime("%Y%m%d%H%M%S")}
        client(one).fetch(dataclasses.replace(call, query=day), one.token.read(), lambda _rows: None)
        found = everything(service, tmp_path.iterdir(), log, one.name)
        store.close()
    fields = ("agent_name", "ip", "workstation", *([] if show_users else ["user"]))
    people = {str(row[name]).lower() for row in rows for name in fields if name in row} - {"api"}
    assert len(people) > 10
    assert "wolkvox_agents{" in "".join(found.values())
    assert told(found, people) == set()
