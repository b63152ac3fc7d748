"""What is published is held against the client library's parsers, and against samples made the plain way."""

import gzip
import re
import threading
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from exporter.apis import BY_NAME
from exporter.families import Kind, Scope
from exporter.metrics import FAMILIES, OFFERED, Format, Selection
from exporter.metrics import exposition as module
from exporter.metrics.share import SHARE_FAMILIES
from exporter.schedules import Schedule, ScheduleSet, Week, parse_window
from exporter.snapshot import OperationSnapshot, Row, Usage
from metrics.floor import AGES, MAX_AGE, SNAPSHOTS, START, Floor, Sample, grown, plain_rows, snapshot
from support.waiting import until

OWN = Selection(names=frozenset(family.name for family in SHARE_FAMILIES))


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


@given(before=SNAPSHOTS, after=SNAPSHOTS, part=st.sampled_from(["all", "campaigns", "codes", "polls"]))
@settings(max_examples=40)
def test_what_is_kept_of_the_poll_before_is_still_right(
    before: OperationSnapshot, after: OperationSnapshot, part: str
) -> None:
    floor = Floor(before)
    floor.exposition.render(Format.TEXT)
    changes = {
        "all": after,
        "campaigns": replace(
            before, answers={**after.answers, "machine_codes": before.answers["machine_codes"]}
        ),
        "codes": replace(before, answers={**before.answers, "machine_codes": after.answers["machine_codes"]}),
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


class _Plain:
    """A collector of the client library with the same families and samples."""

    def __init__(self, floor: Floor) -> None:
        self._samples = floor.samples()

    def collect(self) -> Iterable[GaugeMetricFamily | CounterMetricFamily]:
        for family in SHARE_FAMILIES:
            kind = CounterMetricFamily if family.kind is Kind.COUNTER else GaugeMetricFamily
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


def test_what_has_not_changed_is_the_same_piece() -> None:
    rows = plain_rows("campaign_settings", 3)
    floor = Floor(snapshot("op", campaigns=plain_rows("campaigns", 3), campaign_settings=rows))
    floor.exposition.render(Format.TEXT)
    before = floor.exposition._shares["op"].pieces
    floor.land(grown(floor.board.current()["op"], 2.0, 3))
    after = floor.exposition._shares["op"].pieces
    changed = {f.name for f, a, b in zip(SHARE_FAMILIES, before, after, strict=True) if a is not b}
    assert "wolkvox_campaign_records" in changed
    assert "wolkvox_requests_total" in changed
    assert not changed & {"wolkvox_campaign_info", "wolkvox_campaign_telephones", "wolkvox_up"}


def rows_of(text: bytes, family: str) -> set[float]:
    return {value for name, _, value in read(text, Format.TEXT) if name == family}


def test_a_scrape_never_sees_half_a_poll() -> None:
    """Every sample of a poll carries the poll's own number: a body with two numbers was torn."""
    count, polls = 40, 60
    floor = Floor(*(snapshot(f"op{n}", campaigns=plain_rows("campaigns", count, 0.0)) for n in range(3)))
    errors: list[str] = []
    over = threading.Event()

    def scrape(coding: str) -> None:
        seen = 0.0
        while not over.is_set():
            body = b"".join(floor.exposition.body(Format.TEXT, coding))
            text = gzip.decompress(body) if coding == "gzip" else body
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

    threads = [threading.Thread(target=scrape, args=(coding,)) for coding in ("gzip", "gzip", "identity")]
    for thread in threads:
        thread.start()
    for number in range(1, polls + 1):
        for n in range(3):
            floor.land(grown(floor.board.current()[f"op{n}"], float(number), count))
    over.set()
    for thread in threads:
        thread.join(60)
    assert errors == []


def test_large_news_is_packed_aside_while_scrapes_get_the_edition_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_LITTLE", 0)
    monkeypatch.setattr(module, "_FEW", 0)
    may_pack = threading.Event()
    floor = Floor(snapshot("op", campaigns=plain_rows("campaigns", 5, 1.0)))

    def scraped() -> set[float]:
        body = gzip.decompress(b"".join(floor.exposition.body(Format.TEXT, "gzip")))
        return rows_of(body, "wolkvox_campaign_records")

    assert scraped() == {1.0}
    pack = floor.exposition._press._pack

    def held() -> None:
        may_pack.wait(60)
        pack()

    monkeypatch.setattr(floor.exposition._press, "_pack", held)
    floor.land(grown(floor.board.current()["op"], 2.0, 5))
    assert scraped() == {1.0}
    assert rows_of(b"".join(floor.exposition.render(Format.TEXT)), "wolkvox_campaign_records") == {2.0}
    may_pack.set()
    until(lambda: scraped() == {2.0}, 60, "the next edition")
    until(lambda: not floor.exposition._press._running, 60, "the end of the thread")


def test_an_edition_that_lags_too_far_behind_is_made_by_the_scrape(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LITTLE", 0)
    floor = Floor(snapshot("op", campaigns=plain_rows("campaigns", 5, 1.0)))
    floor.exposition.body(Format.TEXT, "gzip")
    monkeypatch.setattr(floor.exposition._press, "_start", lambda: None)  # a thread that never comes to it
    floor.land(grown(floor.board.current()["op"], 2.0, 5))
    floor.clock.advance(4.9)
    assert b"wolkvox_campaign_records" in (
        old := gzip.decompress(b"".join(floor.exposition.body(Format.TEXT, "gzip")))
    )
    assert rows_of(old, "wolkvox_campaign_records") == {1.0}
    floor.clock.advance(0.2)
    new = gzip.decompress(b"".join(floor.exposition.body(Format.TEXT, "gzip")))
    assert rows_of(new, "wolkvox_campaign_records") == {2.0}


def test_a_defect_while_packing_ahead_stops_no_scrape(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "_LITTLE", 0)
    floor = Floor(snapshot("op", campaigns=plain_rows("campaigns", 5, 1.0)))
    floor.exposition.body(Format.TEXT, "gzip")

    def broken() -> None:
        raise RuntimeError("on purpose")

    monkeypatch.setattr(floor.exposition._press, "_pack", broken)
    floor.land(grown(floor.board.current()["op"], 2.0, 5))
    until(lambda: not floor.exposition._press._running, 60, "the end of the thread")
    assert "packing broke" in caplog.text
    floor.clock.advance(6)
    assert gzip.decompress(b"".join(floor.exposition.body(Format.TEXT, "gzip")))


def test_an_unknown_row_count_does_not_matter_to_labels() -> None:
    rows = [Row(("1", "", ""), plain_rows("campaigns", 1)[0].values)]
    floor = Floor(snapshot("op", campaigns=rows))
    text = b"".join(floor.exposition.render(Format.TEXT))
    assert b'{operation="op",campaign_id="1",campaign="",skill_id=""} 1\n' in text


def test_a_reload_drops_what_was_written_by_the_old_terms() -> None:
    floor = Floor(*(snapshot(name, campaigns=plain_rows("campaigns", 2)) for name in ("a", "b")))
    book = ScheduleSet.of([], UTC)
    long, short = AGES, dict.fromkeys(BY_NAME, 10.0)
    floor.exposition.reckon({"a": long, "b": long}, {"a": book, "b": book})
    floor.exposition.body(Format.TEXT, "gzip")
    kept = floor.exposition._shares["a"]
    floor.exposition.reckon({"a": long, "b": short}, {"a": book, "b": book})
    floor.clock.advance(11)
    body = gzip.decompress(b"".join(floor.exposition.body(Format.TEXT, "gzip")))
    assert b'wolkvox_campaign_records{operation="a"' in body
    assert b'wolkvox_campaign_records{operation="b"' not in body
    assert floor.exposition._shares["a"] is kept
    floor.exposition.reckon({"a": long}, {"a": book})
    floor.board.replace([floor.entries["a"]])
    body = gzip.decompress(b"".join(floor.exposition.body(Format.TEXT, "gzip")))
    assert b'operation="b"' not in body
    assert b'operation="a"' in body


def test_a_clock_that_is_put_back_takes_the_schedules_along() -> None:
    noon = datetime.fromtimestamp(START.wall, UTC).replace(hour=12, minute=0, second=0).timestamp()
    week = Week.of([parse_window("Mon-Sun 12:00-13:00")])
    book = ScheduleSet.of([Schedule((re.compile(".*"),), week, None)], UTC)
    floor = Floor(snapshot("a", campaigns=plain_rows("campaigns", 1)), books={"a": book})

    def expected() -> list[float]:
        text = b"".join(floor.exposition.render(Format.TEXT)).decode()
        return [
            s.value for family in parse_text(text) for s in family.samples if s.name.endswith("_expected")
        ]

    floor.clock.wall = noon
    assert expected() == [1.0]
    floor.clock.wall = noon - 3 * 3600
    assert expected() == [0.0]
