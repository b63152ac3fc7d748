"""Whatever other programs put in the state store, everything is polled, and can be scraped and looked at."""

import asyncio
import functools
import math
from collections.abc import Iterator, Mapping
from typing import Any
from unittest import mock

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.apis import APIS
from exporter.config import Config
from exporter.metrics import Format
from exporter.service import Service
from exporter.state import MemoryStore
from exporter.toolkit.message import Request
from support.fakes import FakeClock, FakeVendor, make_operation

Place = tuple[str, str]
"""The scope and the name of a record."""

ODD: list[object] = [
    *(math.nan, math.inf, -math.inf, -1.0, 0.0, 1e300, -1e300, 4e9, 5e9, 1e18, 2**63, -(2**63)),
    *(None, True, "", "text", "\x00", "nan", b"", b"\xff", [], {}, [[]], [[], []], {"": None}, {"a": [1]}),
]


class Process:
    """One exporter on a store with the given records, and a vendor that always answers."""

    def __init__(self, records: Mapping[Place, bytes]) -> None:
        self.clock = FakeClock()
        self.vendor = FakeVendor(self.clock)
        self.store = MemoryStore(lambda: self.clock.monotonic)
        lease = self.store.acquire("another program", 60)
        assert lease is not None
        for (scope, name), data in records.items():
            assert self.store.write(lease, scope, {name: data})
        with mock.patch("exporter.service.Client", return_value=self.vendor):
            self.service = Service(Config((make_operation(),)), self.store, self.clock)

    def poll(self) -> None:
        for poller in self.service.pollers:
            for api in APIS:
                assert math.isfinite(poller.poll(api.name, 0))

    def look(self) -> None:
        for form in Format:
            text = self.service.render(form).decode()
            lines = [line.rpartition(" ")[0] for line in text.splitlines() if not line.startswith("#")]
            assert len(set(lines)) == len(lines)
        for path in ("/", "/status.json"):
            answer = asyncio.run(self.service.app(Request("GET", path)))
            assert answer.status == 200, path

    def records(self) -> dict[Place, bytes]:
        scopes = self.store._scopes.items()
        return {(scope, name): data for scope, kept in scopes for name, (_, data) in kept.records.items()}


@functools.cache
def stored() -> Mapping[Place, bytes]:
    """Return the records of an exporter that has polled everything, and was refused for its quota."""
    process = Process({})
    process.poll()
    for poller in process.service.pollers:
        with poller.gate.permit() as permit:
            assert permit is not None
            poller.gate.note_room(permit, poller.gate.usage())
    found = process.records()
    assert len(found) == 3 * len(APIS) + 4
    return found


def places(tree: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every value in a decoded record, itself included."""
    yield before
    inside = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in inside:
        yield from places(value, (*before, key))


def changed(tree: Any, path: tuple[Any, ...], value: object, how: str) -> Any:
    if not path:
        return value
    *above, last = path
    inside = tree
    for key in above:
        inside = inside[key]
    if how == "remove":
        del inside[last]
    elif how == "repeat" and isinstance(inside, list):
        inside.insert(last, inside[last])
    else:
        inside[last] = value
    return tree


@st.composite
def damaged(draw: st.DrawFn) -> dict[Place, bytes]:
    records = dict(stored())
    for place in draw(st.lists(st.sampled_from(sorted(records)), min_size=1, max_size=3, unique=True)):
        data = records[place]
        if place[1] == "refused_at" or draw(st.integers(0, 4)) == 0:
            at = draw(st.integers(0, len(data)))
            records[place] = data[:at] + draw(st.binary(max_size=9)) + data[at + draw(st.integers(0, 9)) :]
            continue
        tree = msgspec.msgpack.decode(data)
        path = draw(st.sampled_from(list(places(tree))))
        how = draw(st.sampled_from(["replace", "replace", "remove", "repeat"]))
        records[place] = msgspec.msgpack.encode(changed(tree, path, draw(st.sampled_from(ODD)), how))
    return records


def goes_on(records: Mapping[Place, bytes]) -> None:
    process = Process(records)
    process.service.restore()
    process.look()
    # A count of calls that is too high, but could be the vendor's, holds until midnight.
    for _ in range(9):
        process.poll()
        process.clock.advance(3 * 3600)
    for api in APIS:
        assert process.vendor.made(api.name), api.name
    process.look()
    assert not process.service.failing()


def test_records_that_are_whole_cost_no_call() -> None:
    process = Process(stored())
    process.service.restore()
    process.poll()
    assert not process.vendor.calls


@settings(max_examples=40)
@given(damaged())
def test_damage_stops_nothing(records: dict[Place, bytes]) -> None:
    goes_on(records)


@pytest.mark.parametrize("api", APIS, ids=lambda api: api.name)
@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf, 1e300])
def test_an_attempt_at_no_time_stops_nothing(api: Any, wrong: float) -> None:
    ((place, data),) = [(p, data) for p, data in stored().items() if p[1] == f"attempt {api.name}"]
    at, asked = msgspec.msgpack.decode(data)
    for attempt in ([wrong, asked], [at, {"4875": wrong}]):
        goes_on({**stored(), place: msgspec.msgpack.encode(attempt)})
