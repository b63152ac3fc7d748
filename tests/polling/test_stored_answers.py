"""Answers in the store that no exporter has written: they break nothing, and the next poll replaces them."""

import asyncio
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from exporter.apis import APIS, BY_NAME
from exporter.config import Config
from exporter.metrics import Format
from exporter.service import Service
from exporter.snapshot import Listing, Row, records
from exporter.snapshot.records import RecordError
from exporter.toolkit.message import Request
from polling.floor import Floor
from support.fakes import FakeClock, campaigns_row

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6) | st.sampled_from(["", "4875", "1"])
NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**63), 2**63)
ANYTHING = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS | st.binary(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=2),
    max_leaves=6,
)
VALUES = (
    st.none() | NUMBERS | st.lists(st.tuples(st.lists(TEXTS, max_size=4), NUMBERS), max_size=3) | ANYTHING
)


@st.composite
def answers(draw: st.DrawFn, api: str, wall: float) -> Any:
    """Return an answer of the right make, with a few places in which anything may stand."""
    columns = list(BY_NAME[api].column_names)

    def odd(usual: Any, strategy: st.SearchStrategy[Any] = ANYTHING) -> Any:
        return draw(strategy) if draw(st.integers(0, 9)) == 0 else usual

    def row() -> Any:
        labels = odd([odd(text, TEXTS) for text in ("4875", "VENTAS", "4000")], st.lists(TEXTS, max_size=4))
        values = [draw(VALUES) if draw(st.booleans()) else None for _ in columns]
        return odd([labels, odd(values)])

    keys = draw(st.lists(st.sampled_from(["", "4875", "2"]), max_size=2, unique=True))
    listing = [odd(columns), odd(wall - 10.0), odd(None), [row() for _ in range(draw(st.integers(0, 3)))]]
    return odd({key: odd(listing) for key in keys})


def with_record(name: str, data: bytes) -> Service:
    """Return an exporter that was started with a record in its store."""
    floor = Floor()
    for api in BY_NAME:
        floor.poll(api)
    lease = floor.store.acquire("spoiler", 10)
    assert lease
    assert floor.store.write(lease, floor.archive.scope, {name: data})
    service = Service(Config((floor.operation,)), floor.store, floor.clock)  # type: ignore[arg-type]
    service.restore()
    return service


def shown(service: Service) -> dict[str, list[Any]]:
    """Return what a scrape reads, for which it must be able to read it."""
    for fmt in Format:
        service.render(fmt)
    families = text_string_to_metric_families(service.render(Format.TEXT).decode())
    samples = [sample for family in families for sample in family.samples]
    series = [(sample.name, *sorted(sample.labels.items())) for sample in samples]
    assert len(set(series)) == len(series)
    found: dict[str, list[Any]] = {}
    for sample in samples:
        found.setdefault(sample.name, []).append(sample.value)
    return found


def test_an_answer_that_is_lost_is_no_empty_floor() -> None:
    service = with_record("answer campaigns", b"\xc1 of another version")
    text = service.render(Format.TEXT).decode()
    for family in ("wolkvox_up", "wolkvox_last_success_timestamp_seconds", "wolkvox_response_rows"):
        assert f'{family}{{operation="ventas",api="campaign_settings"}}' in text
        assert f'{family}{{operation="ventas",api="campaigns"}}' not in text
    assert service.ready()  # as after a poll that failed: it was polled, and is polled when its turn comes


@pytest.mark.parametrize("api", BY_NAME)
@settings(max_examples=30)
@given(data=st.data())
def test_no_stored_answer_breaks_a_scrape(api: str, data: st.DataObject) -> None:
    answer = data.draw(answers(api, FakeClock().wall))
    service = with_record(f"answer {api}", msgspec.msgpack.encode(answer))
    shown(service)
    (poller,) = service.pollers
    poller.asked_for("machine_codes")
    poller.next_check("machine_codes")


@pytest.mark.parametrize("api", BY_NAME)
@settings(max_examples=20)
@given(
    outcome=st.tuples(
        NUMBERS,
        st.booleans(),
        *[st.none() | NUMBERS] * 2,
        *[st.none() | st.integers(-(2**63), 2**63)] * 2,
        TEXTS,
    ),
    attempt=st.tuples(NUMBERS, st.dictionaries(TEXTS, NUMBERS, max_size=2)),
)
def test_no_stored_outcome_or_attempt_breaks_a_scrape(
    api: str, outcome: tuple[Any, ...], attempt: tuple[Any, ...]
) -> None:
    for name, record in (("outcome", outcome), ("attempt", attempt)):
        service = with_record(f"{name} {api}", msgspec.msgpack.encode(record))
        shown(service)
        (poller,) = service.pollers
        poller.next_check(api)
        status = asyncio.run(service.app(Request("GET", "/status.json", "")))
        assert json.loads(status.content)
        service.app.close()


ROW = Row(("4875", "VENTAS", "4000"), tuple(None for _ in BY_NAME["campaigns"].columns))


def spoilt(**changes: Any) -> bytes:
    """Return a stored answer of `campaigns` with one row, in which something is not as it should be."""
    labels = changes.get("labels", list(ROW.labels))
    values: list[Any] = list(ROW.values)
    for place, value in changes.get("values", {}).items():
        values[place] = value
    rows = [[labels, values]] * changes.get("rows", 1)
    columns = list(BY_NAME["campaigns"].column_names)
    return msgspec.msgpack.encode({changes.get("key", ""): [columns, FakeClock().wall - 10.0, None, rows]})


SHARES = len(BY_NAME["campaigns"].columns) - 1


@pytest.mark.parametrize(
    "changes",
    [
        {"labels": ["4875", "VENTAS"]},
        {"labels": ["4875", "VENTAS", "4000", "x"]},
        {"labels": []},
        {"values": {0: [[["x"], 1.0]]}},
        {"values": {SHARES: 1.0}},
        {"values": {SHARES: [[["tel1", "tel2"], 1.0]]}},
        {"values": {SHARES: [[[], 1.0]]}},
        {"rows": 2},
        {"key": "4875"},
    ],
    ids=str,
)
def test_an_answer_of_another_form_is_ignored(
    changes: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    service = with_record("answer campaigns", spoilt(**changes))
    assert service.pollers[0].cell.snapshot.listing("campaigns") is None
    assert [record.__dict__["record"] for record in caplog.records] == ["answer campaigns"]
    shown(service)


def test_an_answer_of_the_right_form_is_not() -> None:
    service = with_record("answer campaigns", spoilt(values={0: 1.0, SHARES: [[["tel1"], 1.0]]}))
    assert shown(service)["wolkvox_campaign_dialing_share_ratio"] == [1.0]


@pytest.mark.parametrize("api", APIS, ids=lambda api: api.name)
def test_what_readers_make_comes_back(api: Any) -> None:
    floor = Floor()
    floor.vendor.answers["campaigns"] = [
        campaigns_row(),
        campaigns_row("1 - A", skill_id=""),
        {"campaign": "B"},
    ]
    for one in (*BY_NAME, api.name):
        floor.poll(one)
        floor.clock.advance(1)
    assert came_back(floor, api.name)
    floor.vendor.answers.update({name: [] for name in BY_NAME})
    floor.clock.advance(3600)
    floor.poll(api.name)
    assert came_back(floor, api.name)


def came_back(floor: Floor, api: str) -> bool:
    """Return whether an answer of an API, as it is stored, is the same when it is read."""
    after, shape = floor.snapshot.answers[api], BY_NAME[api].row_shape
    stored = records.decode_answers(shape, records.encode_answers(shape, after), floor.clock.now())
    return {key: one.rows for key, one in stored.items()} == {key: one.rows for key, one in after.items()}


@pytest.mark.parametrize(
    ("api", "key", "rows"),
    [
        ("machine_codes", "4875", []),
        ("machine_codes", "4875", [("4875", "", ""), ("4875", "", "")]),
        ("machine_codes", "1", [("4875", "", "")]),
        ("token_info", "", []),
        ("token_info", "", [(), ()]),
        ("token_info", "", [("x",)]),
        ("token_info", "4875", [()]),
    ],
)
def test_an_answer_about_one_thing_is_one_row_about_it(
    api: str, key: str, rows: list[tuple[str, ...]]
) -> None:
    shape, now = BY_NAME[api].row_shape, FakeClock().now()
    nothing = tuple(None for _ in BY_NAME[api].columns)
    stored = records.encode_answers(shape, {key: Listing(now, tuple(Row(one, nothing) for one in rows))})
    with pytest.raises(RecordError):
        records.decode_answers(shape, stored, now)
