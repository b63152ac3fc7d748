"""What is published is held against the client library's parsers, and against samples made the plain way."""

import gzip
import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from exporter.apis import BY_NAME
from exporter.families import MetricType, Scope, Value
from exporter.metrics import FAMILIES, OFFERED, Exposition, Format, ProcessMetrics, Selection
from exporter.metrics.content_encoding import ENCODINGS, GZIP_LEVEL, ZSTD_LEVEL, EncodedText, zstd
from exporter.metrics.selection import EVERYTHING
from exporter.metrics.table import OPERATION_FAMILIES
from exporter.schedules import Schedule, ScheduleSet, Week, parse_window
from exporter.snapshot import OperationSnapshot, Row, Usage
from exporter.state import Health
from metrics.floor import AGES, MAX_AGE, SNAPSHOTS, START, Floor, Sample, grown, plain_rows, snapshot

OWN = Selection(names=frozenset(family.name for family in OPERATION_FAMILIES))


QUARTERS = Week.of([parse_window(f"Mon-Sun {hour:02}:14-{hour:02}:30") for hour in range(24)])
DECODE: Mapping[str, Callable[[bytes], bytes]] = {
    "identity": bytes,
    "gzip": gzip.decompress,
    "zstd": zstd.decompress,
}


def read(text: bytes, form: Format) -> list[Sample]:
    parse = parse_openmetrics if form is Format.OPENMETRICS else parse_text
    families = parse(text.decode())
    return sorted(
        (s.name, tuple(sorted((k, v) for k, v in s.labels.items() if v)), s.value)
        for family in families
        for s in family.samples
    )


def ours(samples: Iterable[Sample]) -> list[Sample]:
    return [sample for sample in samples if sample[0].startswith("wolkvox_") and "exporter" not in sample[0]]


@pytest.mark.parametrize("form", Format)
@given(snapshots=st.lists(SNAPSHOTS, min_size=1, max_size=3))
@settings(max_examples=40)
def test_every_sample_is_published_and_no_other(form: Format, snapshots: list[OperationSnapshot]) -> None:
    floor = Floor(*(replace(s, operation=f'op "{n}"\\') for n, s in enumerate(snapshots)))
    assert ours(read(b"".join(floor.exposition.render(form)), form)) == floor.samples()


@given(
    before=SNAPSHOTS,
    after=SNAPSHOTS,
    part=st.sampled_from(["all", "lists", "codes", "names", "figures", "polls"]),
)
@settings(max_examples=40)
def test_what_is_kept_of_the_poll_before_is_still_right(
    before: OperationSnapshot, after: OperationSnapshot, part: str
) -> None:
    floor = Floor(before)
    floor.exposition.render(Format.TEXT)
    changes = {
        "all": after,
        "lists": replace(before, answers={**after.answers, "machine_codes": before.answers["machine_codes"]}),
        "codes": replace(before, answers={**before.answers, "machine_codes": after.answers["machine_codes"]}),
        "names": renamed(before),
        "figures": counted_on(before),
        "polls": replace(before, polls=after.polls, quota=after.quota),
    }
    floor.land(changes[part])
    text = b"".join(floor.exposition.render(Format.TEXT))
    assert ours(read(text, Format.TEXT)) == floor.samples()
    assert (
        text.partition(b"# HELP process_")[0]
        == (
            b"".join(Floor(*floor.board.current().values()).exposition.render(Format.TEXT)).partition(
                b"# HELP process_"
            )[0]
        )
    )


def test_figures_that_stand_in_change_too() -> None:
    floor = Floor(snapshot("op", campaign_settings=plain_rows("campaign_settings", 2)))
    floor.exposition.render(Format.TEXT)
    floor.land(counted_on(floor.board.current()["op"]))
    text = b"".join(floor.exposition.render(Format.TEXT))
    assert ours(read(text, Format.TEXT)) == floor.samples()


def with_rows(before: OperationSnapshot, api: str, change: Callable[[Row], Row]) -> OperationSnapshot:
    """Return the snapshot after another answer of an API with each row changed; as it is without one."""
    listing = before.listing(api)
    if listing is None:
        return before
    changed = replace(listing, rows=tuple(map(change, listing.rows)))
    return replace(before, answers={**before.answers, api: {"": changed}})


def renamed(before: OperationSnapshot) -> OperationSnapshot:
    """Return the same campaigns with other names."""

    def change(row: Row) -> Row:
        campaign_id, name, skill_id = row.labels
        return replace(row, labels=(campaign_id, f"{name}!", skill_id))

    return with_rows(before, "campaign_settings", change)


def counted_on(before: OperationSnapshot) -> OperationSnapshot:
    """Return the same campaigns after another poll of one list, in which their figures have changed."""
    api = "campaign_settings" if before.listing("campaign_settings") else "campaigns"
    return with_rows(before, api, lambda row: replace(row, values=raised(row.values)))


def raised(values: Sequence[Value | None]) -> tuple[Value | None, ...]:
    return tuple(value / 2 + 1 if isinstance(value, float) else value for value in values)


class _Plain:
    """A collector of the client library with the same families and samples."""

    def __init__(self, floor: Floor) -> None:
        self._samples = floor.samples()

    def collect(self) -> Iterable[GaugeMetricFamily | CounterMetricFamily]:
        for family in OPERATION_FAMILIES:
            kind = CounterMetricFamily if family.metric_type is MetricType.COUNTER else GaugeMetricFamily
            made = kind(family.name, family.help_text, labels=family.label_names)
            for name, labels, value in self._samples:
                if name == family.name:
                    known = dict(labels)
                    made.add_metric([known.get(label, "") for label in family.label_names], value)
            if made.samples:
                yield made


@pytest.mark.parametrize("form", Format)
@given(one=SNAPSHOTS)
@settings(max_examples=30)
def test_the_library_says_the_same(form: Format, one: OperationSnapshot) -> None:
    floor = Floor(one)
    registry = CollectorRegistry()
    registry.register(_Plain(floor))
    theirs = generate_latest(registry) if form is Format.TEXT else generate_openmetrics(registry)  # type: ignore[no-untyped-call]
    text = b"".join(floor.exposition.render(form, OWN))
    assert read(text, form) == read(theirs, form)
    announced = [
        sorted(line for line in whole.splitlines() if line.startswith(b"# TYPE")) for whole in (text, theirs)
    ]
    assert announced[0] == announced[1]


def test_samples_of_a_family_stand_together_in_the_order_of_the_table() -> None:
    floor = Floor(*(snapshot(f"op{n}", campaigns=plain_rows("campaigns", 3)) for n in range(30)))
    lines = b"".join(floor.exposition.render(Format.TEXT)).decode().splitlines()
    names = [line.split("{")[0].split(" ")[0] for line in lines if not line.startswith("#")]
    order = list(dict.fromkeys(name for name in names if name.startswith("wolkvox_")))
    runs = [name for place, name in enumerate(names) if place == 0 or names[place - 1] != name]
    assert len([name for name in runs if name.startswith("wolkvox_")]) == len(order)
    own = [family.name for family in FAMILIES if family.scope is not Scope.PROCESS]
    assert [name for name in order if name in own] == [name for name in own if name in order]


@pytest.mark.parametrize("form", Format)
@pytest.mark.parametrize("operations", [1, 2, 7, 30])
def test_an_encoded_body_is_the_plain_one(form: Format, operations: int) -> None:
    floor = Floor(*(snapshot(f"op{n}", campaigns=plain_rows("campaigns", n % 3)) for n in range(operations)))
    for turn in range(3):
        name = f"op{turn % operations}"
        floor.land(grown(floor.board.current()[name], float(turn), turn + 1))
        plain = b"".join(floor.exposition.render(form, OWN))
        assert gzip.decompress(b"".join(floor.exposition.body(form, "gzip", OWN))) == plain
        whole = gzip.decompress(b"".join(floor.exposition.body(form, "gzip")))
        assert ours(read(whole, form)) == floor.samples()
        assert whole.endswith(form.end)


@pytest.mark.parametrize("coding", [*OFFERED, "identity"])
def test_a_body_is_at_hand_until_something_changes(coding: str) -> None:
    floor = Floor(snapshot("op", campaigns=plain_rows("campaigns", 2)))
    assert not floor.exposition.at_hand(Format.TEXT, coding)
    floor.exposition.body(Format.TEXT, coding)
    assert floor.exposition.at_hand(Format.TEXT, coding)
    assert not floor.exposition.at_hand(Format.OPENMETRICS, coding)
    assert not floor.exposition.at_hand(Format.TEXT, coding, Selection(operation="op"))
    floor.land(grown(floor.board.current()["op"], 5.0, 2))
    assert not floor.exposition.at_hand(Format.TEXT, coding)
    floor.exposition.body(Format.TEXT, coding)
    floor.clock.advance(MAX_AGE)
    assert not floor.exposition.at_hand(Format.TEXT, coding)


def test_over_age_vanishes_and_a_new_day_starts_at_none() -> None:
    usage = Usage("2026-11-24", START.wall + 60.0, 5, limit=1000.0)
    floor = Floor(snapshot("op", campaigns=plain_rows("campaigns", 2), quota=usage))
    for coding in ("identity", "gzip"):
        floor.exposition.body(Format.TEXT, coding)
    for seconds in (59.9, 0.2, MAX_AGE - 60.2, 0.2):
        floor.clock.advance(seconds)
        for coding, decode in (("identity", bytes), ("gzip", gzip.decompress)):
            text = decode(b"".join(floor.exposition.body(Format.TEXT, coding)))
            assert ours(read(text, Format.TEXT)) == floor.samples()
    assert not any(name.startswith("wolkvox_campaign_") for name, _, _ in floor.samples())
    assert ("wolkvox_quota_used_requests", (("operation", "op"),), 0.0) in floor.samples()


def test_lines_that_have_not_changed_are_the_same_object() -> None:
    rows = plain_rows("campaign_settings", 3)
    floor = Floor(snapshot("op", campaigns=plain_rows("campaigns", 3), campaign_settings=rows))
    before = floor.exposition.render(Format.TEXT)
    floor.land(grown(floor.board.current()["op"], 2.0, 3))
    after = {id(part) for part in floor.exposition.render(Format.TEXT)}
    kept = {part.partition(b"{")[0].decode() for part in before if id(part) in after and part[:1] != b"#"}
    assert {"wolkvox_campaign_info", "wolkvox_campaign_turbo_dial"} <= kept
    assert not kept & {"wolkvox_campaign_records", "wolkvox_requests_total"}


def rows_of(text: bytes, family: str) -> set[float]:
    return {value for name, _, value in read(text, Format.TEXT) if name == family}


def test_a_scrape_never_sees_half_a_poll() -> None:
    """Every sample of a poll carries the poll's own number: a body with two numbers was torn."""
    count, polls = 40, 60
    floor = Floor(*(snapshot(f"op{n}", campaigns=plain_rows("campaigns", count, 0.0)) for n in range(3)))
    errors: list[str] = []
    over = threading.Event()

    def scrape(encoding: str) -> None:
        seen = 0.0
        while not over.is_set():
            text = DECODE[encoding](b"".join(floor.exposition.body(Format.TEXT, encoding)))
            for n in range(3):
                lines = [line for line in text.splitlines() if b"_records{" in line and b'"op%d"' % n in line]
                found = {float(line.split()[-1]) for line in lines if line.startswith(b"wolkvox_campaign_")}
                requests = [line for line in text.splitlines() if line.startswith(b"wolkvox_requests_total{")]
                (made,) = [float(r.split()[-1]) for r in requests if b'"op%d",api="campaigns"' % n in r]
                if found != {made}:
                    errors.append(f"op{n}: {found} with {made} requests")
                if n == 0 and made < seen:
                    errors.append(f"went back from {seen} to {made}")
                seen = made if n == 0 else seen

    threads = [
        threading.Thread(target=scrape, args=(encoding,)) for encoding in ("gzip", "gzip", "zstd", "identity")
    ]
    for thread in threads:
        thread.start()
    for number in range(1, polls + 1):
        for n in range(3):
            floor.land(grown(floor.board.current()[f"op{n}"], float(number), count))
    over.set()
    for thread in threads:
        thread.join(60)
    assert errors == []


@pytest.mark.parametrize("encoding", OFFERED)
def test_a_scrape_encodes_what_is_new_and_nothing_else(
    encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoded = counted(monkeypatch, encoding)
    floor = Floor(*(snapshot(f"op{n}", campaigns=plain_rows("campaigns", 2)) for n in range(3)))

    def scrape(selection: Selection = EVERYTHING) -> int:
        floor.exposition.body(Format.TEXT, encoding, selection)
        return len(encoded)

    assert [scrape(), scrape()] == [1, 1]
    assert [scrape(Selection(operation="op1")), scrape(Selection(operation="op1"))] == [2, 2]
    floor.land(grown(floor.board.current()["op2"], 2.0, 2))
    assert [scrape(Selection(operation="op1")), scrape(), scrape()] == [2, 3, 3]
    floor.land(replace(floor.board.current()["op2"]))  # another snapshot that says the same
    assert scrape() == 3


def test_of_many_scrapes_at_once_one_encodes(monkeypatch: pytest.MonkeyPatch) -> None:
    scrapes = 8
    encoded = counted(monkeypatch, "gzip", seconds=0.1)
    floor = Floor(snapshot("op", campaigns=plain_rows("campaigns", 2)))
    with ThreadPoolExecutor(scrapes) as threads:
        bodies = list(threads.map(lambda _: floor.exposition.body(Format.TEXT, "gzip")[0], range(scrapes)))
    assert len(encoded) == 1
    assert all(body is bodies[0] for body in bodies)


def counted(monkeypatch: pytest.MonkeyPatch, name: str, seconds: float = 0.0) -> Sequence[EncodedText]:
    """Have a content encoding take longer, and return what it has encoded, also from now on."""
    encoded: list[EncodedText] = []
    encode = ENCODINGS[name]

    def slowly(parts: Iterable[bytes]) -> EncodedText:
        time.sleep(seconds)
        encoded.append(encode(parts))
        return encoded[-1]

    monkeypatch.setitem(ENCODINGS, name, slowly)
    return encoded


@pytest.mark.parametrize("campaigns", [20, 100, 1_000, 3_000])
@pytest.mark.parametrize("encoding", OFFERED)
def test_a_body_is_as_small_as_one_stream_of_the_same_text(encoding: str, campaigns: int) -> None:
    rows = [
        replace(row, values=tuple(float(n * 7919 % 1009) if isinstance(v, float) else v for v in row.values))
        for n, row in enumerate(plain_rows("campaigns", campaigns))
    ]
    floor = Floor(snapshot("op", campaigns=rows))
    for _ in range(2):
        body = b"".join(floor.exposition.body(Format.OPENMETRICS, encoding))
        text = DECODE[encoding](body)
        one = gzip.compress(text, GZIP_LEVEL) if encoding == "gzip" else zstd.compress(text, ZSTD_LEVEL)
        assert len(body) <= 1.02 * len(one)


class Polls(RuleBasedStateMachine):
    """Whatever has happened, a scrape is what a new process would publish."""

    def __init__(self) -> None:
        super().__init__()
        self.books = {
            "op0": ScheduleSet.of([Schedule((re.compile(".*"),), QUARTERS, None)], UTC),
            "op1": ScheduleSet.of([], UTC),
        }
        self.ages = dict.fromkeys(self.books, AGES)
        self.floor = Floor(*map(snapshot, self.books), books=self.books)

    @rule(name=st.sampled_from(["op0", "op1"]), new=SNAPSHOTS)
    def poll(self, name: str, new: OperationSnapshot) -> None:
        now = self.floor.clock.now()
        lists = {api: {"": replace(one, at=now)} for api in BY_NAME if (one := new.listing(api))}
        self.floor.land(replace(new, operation=name, answers={**new.answers, **lists}))

    @rule(name=st.sampled_from(["op0", "op1"]))
    def poll_the_same_campaigns(self, name: str) -> None:
        self.floor.land(counted_on(self.floor.entries[name].snapshot))

    @rule(seconds=st.sampled_from([0.5, 61.0, MAX_AGE / 2]))
    def wait(self, seconds: float) -> None:
        self.floor.clock.advance(seconds)

    @rule(seconds=st.sampled_from([61.0, 3 * 3600.0]))
    def put_the_clock_back(self, seconds: float) -> None:
        self.floor.clock.wall -= seconds

    @rule(max_age=st.sampled_from([30.0, MAX_AGE]), count=st.integers(1, 2))
    def reload(self, max_age: float, count: int) -> None:
        self.ages = {name: dict.fromkeys(BY_NAME, max_age) for name in self.books}
        self.floor.exposition.configure(self.ages, self.books)
        for encoding in DECODE:
            self.floor.exposition.body(Format.TEXT, encoding)
        self.floor.board.replace(list(self.floor.entries.values())[:count])

    @rule(
        operation=st.sampled_from([None, "op0", "op1"]),
        names=st.none() | st.just(frozenset({"wolkvox_up", "wolkvox_campaign_expected"})),
    )
    def scrape(self, operation: str | None, names: frozenset[str] | None) -> None:
        selection = Selection(operation, names)
        process = ProcessMetrics(lambda: Health(up=True, losses=0))
        fresh = Exposition(self.floor.board, self.ages, self.books, process, self.floor.clock)
        expected = without_process(b"".join(fresh.render(Format.TEXT, selection)))
        for encoding, decode in DECODE.items():
            body = b"".join(self.floor.exposition.body(Format.TEXT, encoding, selection))
            assert without_process(decode(body)) == expected


TestPolls = Polls.TestCase
TestPolls.settings = settings(max_examples=40, stateful_step_count=20)


def without_process(text: bytes) -> bytes:
    return text.partition(b"# HELP wolkvox_exporter_")[0]


def test_an_unknown_row_count_does_not_matter_to_labels() -> None:
    rows = [Row(("1", "", ""), plain_rows("campaigns", 1)[0].values)]
    floor = Floor(snapshot("op", campaigns=rows))
    text = b"".join(floor.exposition.render(Format.TEXT))
    assert b'{operation="op",campaign_id="1",campaign="",skill_id=""} 1\n' in text


def test_a_reload_drops_what_was_written_by_the_old_terms() -> None:
    floor = Floor(*(snapshot(name, campaigns=plain_rows("campaigns", 2)) for name in ("a", "b")))
    book = ScheduleSet.of([], UTC)
    long, short = AGES, dict.fromkeys(BY_NAME, 10.0)
    floor.exposition.configure({"a": long, "b": long}, {"a": book, "b": book})
    floor.exposition.body(Format.TEXT, "gzip")
    floor.exposition.configure({"a": long, "b": short}, {"a": book, "b": book})
    floor.clock.advance(11)
    body = gzip.decompress(b"".join(floor.exposition.body(Format.TEXT, "gzip")))
    assert b'wolkvox_campaign_records{operation="a"' in body
    assert b'wolkvox_campaign_records{operation="b"' not in body
    floor.exposition.configure({"a": long}, {"a": book})
    floor.board.replace([floor.entries["a"]])
    body = gzip.decompress(b"".join(floor.exposition.body(Format.TEXT, "gzip")))
    assert b'operation="b"' not in body
    assert b'operation="a"' in body


def test_schedules_follow_the_clock_also_when_it_is_put_back() -> None:
    noon = datetime.fromtimestamp(START.wall, UTC).replace(hour=12, minute=0, second=0).timestamp()
    week = Week.of([parse_window("Mon-Sun 12:00-13:00")])
    book = ScheduleSet.of([Schedule((re.compile(".*"),), week, None)], UTC)
    floor = Floor(snapshot("a", campaigns=plain_rows("campaigns", 1)), books={"a": book})

    def expected() -> list[float]:
        text = b"".join(floor.exposition.render(Format.TEXT)).decode()
        return [
            s.value for family in parse_text(text) for s in family.samples if s.name.endswith("_expected")
        ]

    for wall, value in (
        (noon, 1.0),
        (noon - 3 * 3600, 0.0),
        (noon - 1, 0.0),
        (noon, 1.0),
        (noon + 3599, 1.0),
        (noon + 3600, 0.0),
    ):
        floor.clock.wall = wall
        assert expected() == [value]
