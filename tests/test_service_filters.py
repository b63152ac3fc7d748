"""Whatever the order of polls, restarts, reloads and readings of a store: the same campaigns are served.

What must be served is figured out anew, from the vendor's rows and the contract alone.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from unittest import mock

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from prometheus_client.parser import text_string_to_metric_families

from exporter.config import CampaignFilter, Config
from exporter.metrics import Format
from exporter.service import Service
from exporter.state import MemoryStore
from exporter.wolkvox import Call
from support.fakes import (
    FakeClock,
    FakeVendor,
    Outcome,
    campaign_settings_row,
    campaigns_row,
    make_operation,
    telephone_row,
)

REAL_TIME, INFORMATION, CODES = "campaigns", "campaign_settings", "machine_codes"


class Written(NamedTuple):
    """A row of the vendor's, as far as it matters here; `figure` is its clean records or turbo dial."""

    campaign_id: str
    name: str
    skill_id: str
    figure: int
    dial: int = 0

    @property
    def key(self) -> str:
        return self.campaign_id or self.name


class Chosen(NamedTuple):
    """Filters as a user writes them."""

    include: Sequence[str] = (".*",)
    exclude: Sequence[str] = ()
    limit: int = 2000

    @property
    def compiled(self) -> CampaignFilter:
        return CampaignFilter(
            tuple(map(re.compile, self.include)), tuple(map(re.compile, self.exclude)), self.limit
        )


def real_time(row: Written) -> dict[str, object]:
    head = f"{row.campaign_id} - " if row.campaign_id else ""
    return campaigns_row(
        f"{head}{row.name} - tel1 (100%)", skill_id=row.skill_id, clean=str(row.figure), dial=str(row.dial)
    )


def information(row: Written) -> dict[str, object]:
    return campaign_settings_row(
        campaign_id=row.campaign_id,
        campaign_name=row.name,
        skill_id=row.skill_id,
        turbo_dial=str(row.figure % 2),
    )


FAMILIES = [f"wolkvox_campaign_{name}" for name in ("clean_records", "turbo_dial", "running", "telephones")]
WRITE = {REAL_TIME: real_time, INFORMATION: information}
NAMES = st.sampled_from(["VENTAS", "VENTAS NAV", "RENOVACION", "RENOVACIÓN", "COBRO"])
ROWS = st.lists(
    st.builds(
        Written,
        st.sampled_from(["", "1", "2", "9", "10", "300"]),
        NAMES,
        st.sampled_from(["", "", "999", "4001", "4002"]),
        st.integers(0, 99),
        st.integers(0, 2),
    ),
    max_size=7,
    unique_by=lambda row: (row.key, row.skill_id),
)
FILTERS = st.builds(
    Chosen,
    st.sampled_from([(".*",), (".*",), ("VENTAS.*",), ("RENOVACIÓN",), ("RENOVACION", "10"), ("1.*",)]),
    st.sampled_from([(), (), ("VENTAS",), ("10",), ("RENOVACIÓN",)]),
    st.sampled_from([1, 2, 3, 2000, 2000]),
)


def number(text: str) -> int:
    return int(text or -1)


@dataclass
class Landed:
    """The vendor's last answers, and the telephones in the reports."""

    lists: dict[str, Sequence[Written]] = field(default_factory=dict)
    reports: dict[str, int] = field(default_factory=dict)

    def copy(self) -> "Landed":
        return Landed(dict(self.lists), dict(self.reports))

    def named(self, api: str) -> list[Written]:
        names: dict[str, str] = {}
        for row in sorted(self.lists.get(INFORMATION, ()), key=lambda row: number(row.skill_id)):
            names.setdefault(row.campaign_id, row.name)
        return [
            row._replace(name=names.get(row.campaign_id, row.name)) if row.campaign_id else row
            for row in self.lists.get(api, ())
        ]

    def wanted(self, api: str, chosen: Chosen) -> tuple[list[Written], int]:
        def matches(row: Written, patterns: Sequence[str]) -> bool:
            return any(
                re.fullmatch(p, text) for p in patterns for text in (row.name, row.campaign_id) if text
            )

        rows = [
            row
            for row in self.named(api)
            if matches(row, chosen.include) and not matches(row, chosen.exclude)
        ]
        rows.sort(key=lambda row: (number(row.campaign_id), number(row.skill_id), row.name), reverse=True)
        return rows[: chosen.limit], max(len(rows) - chosen.limit, 0)

    def dialling(self, chosen: Chosen) -> set[str]:
        return {row.campaign_id for row in self.wanted(REAL_TIME, chosen)[0] if row.dial and row.campaign_id}

    def served(self, chosen: Chosen) -> Iterator[tuple[str, str, str, str, float]]:
        """Yield family, id, name, skill and figure."""
        live, _ = self.wanted(REAL_TIME, chosen)
        known, _ = self.wanted(INFORMATION, chosen)
        for key in {row.key for row in (*live, *known)}:
            rows = sorted((r for r in live if r.key == key), key=lambda r: number(r.skill_id))
            left = sorted((r for r in known if r.key == key), key=lambda r: number(r.skill_id))
            pairs: list[tuple[Written | None, Written | None]] = []
            for live_row in rows:
                same = [other for other in left if other.skill_id == live_row.skill_id]
                info = next(iter(same or (left if len(rows) == 1 else ())), None)
                left = [other for other in left if other is not info]
                pairs.append((live_row, info))
            pairs += [(None, other) for other in left]
            for position, (row, known_row) in enumerate(pairs):
                about = row or known_row
                assert about
                labels = (
                    about.campaign_id,
                    about.name,
                    about.skill_id or (known_row.skill_id if known_row else ""),
                )
                if row:
                    yield "wolkvox_campaign_clean_records", *labels, row.figure
                if known_row:
                    yield "wolkvox_campaign_turbo_dial", *labels, known_row.figure % 2
                if row or not rows:
                    yield "wolkvox_campaign_running", *labels, 1.0
                if position == 0 and key in self.reports:
                    yield "wolkvox_campaign_telephones", *labels, self.reports[key]


class Process:
    """An exporter with a fake vendor; it may share its store with others."""

    def __init__(self, store: MemoryStore, clock: FakeClock, chosen: Chosen) -> None:
        self.vendor = FakeVendor(clock)
        self.chosen = chosen
        self.landed = Landed()
        self.over = dict.fromkeys(WRITE, 0)
        with mock.patch("exporter.service.Client", return_value=self.vendor):
            self.service = Service(self._config(), store, clock)
        self.service.restore()

    def _config(self) -> Config:
        return Config((make_operation(campaigns=self.chosen.compiled),))

    def reload(self, chosen: Chosen) -> None:
        self.chosen = chosen
        with mock.patch("exporter.service.Client", return_value=self.vendor):
            self.service.reload(self._config())

    def poll(self, api: str) -> bool:
        """Return whether the vendor was called."""
        before = len(self.vendor.calls)
        assert self.service.pollers[0].poll_now(api)
        return len(self.vendor.calls) > before

    def samples(self) -> dict[str, list[tuple[dict[str, str], float]]]:
        text = self.service.render(Format.TEXT).decode()
        return {
            f.name: [(s.labels, s.value) for s in f.samples] for f in text_string_to_metric_families(text)
        }


class Floor(RuleBasedStateMachine):
    @initialize(chosen=FILTERS)
    def start(self, chosen: Chosen) -> None:
        self.clock = FakeClock()
        self.store = MemoryStore(lambda: self.clock.monotonic)
        self.lists: dict[str, Sequence[Written]] = {REAL_TIME: (), INFORMATION: ()}
        self.stored = Landed()
        self.processes = [Process(self.store, self.clock, chosen) for _ in range(2)]

    @rule(rows=ROWS, api=st.sampled_from([REAL_TIME, INFORMATION]))
    def change(self, rows: Sequence[Written], api: str) -> None:
        """The vendor's list changes."""
        self.lists[api] = rows

    @rule(names=st.lists(NAMES, min_size=7, max_size=7))
    def take_the_same_campaigns(self, names: Sequence[str]) -> None:
        """Both lists have the same campaigns, which they may spell differently."""
        self.lists[INFORMATION] = [
            row._replace(name=name) if row.campaign_id else row
            for row, name in zip(self.lists[REAL_TIME], names, strict=False)
        ]

    @rule(which=st.integers(0, 1), api=st.sampled_from([REAL_TIME, INFORMATION]))
    def poll_list(self, which: int, api: str) -> None:
        process = self.processes[which]
        process.vendor.answers[api] = [WRITE[api](row) for row in self.lists[api]]
        self.clock.advance(1)
        assert process.poll(api)
        self.stored.lists[api] = self.lists[api]
        process.landed = self.stored.copy()
        process.over[api] += process.landed.wanted(api, process.chosen)[1]

    @rule(which=st.integers(0, 1), telephones=st.integers(1, 5))
    def poll_report(self, which: int, telephones: int) -> None:
        process = self.processes[which]
        asked: list[str] = []

        def answer(call: Call) -> Outcome:
            asked.append(call.query["campaign_id"])
            return [telephone_row(str(3000000001 + n), 1) for n in range(telephones)]

        process.vendor.answers[CODES] = answer
        self.clock.advance(1)
        called = process.poll(CODES)
        process.landed = self.stored.copy()
        if called:
            assert asked[0] in process.landed.dialling(process.chosen)
            self.stored.reports[asked[0]] = telephones
            process.landed = self.stored.copy()

    @rule(which=st.integers(0, 1))
    def restart(self, which: int) -> None:
        self.processes[which] = Process(self.store, self.clock, self.processes[which].chosen)
        self.processes[which].landed = self.stored.copy()

    @rule(which=st.integers(0, 1))
    def read(self, which: int) -> None:
        """A turn comes of which another process has taken care."""
        process = self.processes[which]
        process.service.pollers[0].archive.load_shared()
        process.landed = self.stored.copy()

    @rule(which=st.integers(0, 1), chosen=FILTERS)
    def reload(self, which: int, chosen: Chosen) -> None:
        self.processes[which].reload(chosen)

    @invariant()
    def what_is_wanted_is_served(self) -> None:
        for process in getattr(self, "processes", ()):
            samples = process.samples()
            expected = sorted(process.landed.served(process.chosen))
            found = [
                (
                    family,
                    labels.get("campaign_id", ""),
                    labels.get("campaign", ""),
                    labels.get("skill_id", ""),
                    value,
                )
                for family in FAMILIES
                for labels, value in samples.get(family, ())
            ]
            assert sorted(found) == expected
            over = {
                labels["api"]: value
                for labels, value in samples["wolkvox_rows_discarded"]
                if labels["reason"] == "limit" and labels["api"] in WRITE
            }
            assert over == process.over
            dialling = process.service.pollers[0].asked_for("machine_codes")
            assert set(dialling) == process.landed.dialling(process.chosen)
            assert len(set(dialling)) == len(dialling)


TestFloor = Floor.TestCase
TestFloor.settings = settings(max_examples=30, stateful_step_count=20, deadline=None)


def exposed(answers: Mapping[str, Sequence[Mapping[str, object]]], chosen: Chosen) -> list[str]:
    clock = FakeClock()
    process = Process(MemoryStore(lambda: clock.monotonic), clock, chosen)
    for api in (INFORMATION, REAL_TIME, CODES, "token_info"):
        process.vendor.answers[api] = answers[api]
        process.poll(api)
    lines = process.service.render(Format.TEXT).decode().splitlines()
    return [line for line in lines if not re.match("(process|python|wolkvox_exporter)_", line)]


@settings(max_examples=60, deadline=None)
@given(data=st.data(), chosen=FILTERS, live=ROWS, known=ROWS)
def test_the_order_of_an_answers_rows_changes_nothing(
    data: st.DataObject, chosen: Chosen, live: Sequence[Written], known: Sequence[Written]
) -> None:
    # Two rows with the same labels are left out: of them the last counts.
    codes = data.draw(st.lists(st.tuples(*[st.integers(0, 3)] * 5), max_size=4))
    uses = data.draw(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 9)), min_size=1, max_size=3))
    answers: dict[str, list[dict[str, object]]] = {
        REAL_TIME: [real_time(row) for row in live],
        INFORMATION: [information(row) for row in known],
        CODES: [telephone_row(str(3000000001 + n), *counts) for n, counts in enumerate(codes)],
        "token_info": [
            {"token_limit": str(10_000 * limit), "all_token_today": str(used)} for limit, used in uses
        ],
    }
    permuted = {api: data.draw(st.permutations(rows)) for api, rows in answers.items()}
    assert exposed(permuted, chosen) == exposed(answers, chosen)
