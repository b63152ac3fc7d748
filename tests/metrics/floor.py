"""A floor: snapshots as polling would leave them, their exposition, and the samples that it must have.

The expected samples are made of the snapshots one by one, without any of the tricks of the exposition.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from exporter.apis import BY_NAME, CAMPAIGN_FAMILIES, PLACE
from exporter.clock import Moment
from exporter.families import CAMPAIGN_LABELS, Column, Value
from exporter.judgement import Campaign, judge, view
from exporter.metrics import Exposition, ProcessMetrics
from exporter.metrics.judgement_families import JUDGEMENT_FAMILIES, OPERATION_JUDGEMENT_FAMILIES, UTC_OFFSET
from exporter.metrics.polls import POLL_FAMILIES
from exporter.metrics.quota import QUOTA_FAMILIES
from exporter.schedules import ScheduleSet
from exporter.snapshot import Listing, OperationSnapshot, PollStatus, Row, SnapshotCell, Snapshots, Usage
from exporter.snapshot.model import campaign_key
from exporter.state import Health
from support.fakes import FakeClock

MAX_AGE = 900.0
AGES = dict.fromkeys(BY_NAME, MAX_AGE)
START = Moment(wall=1_700_000_000.0, monotonic=1_000.0)

Sample = tuple[str, tuple[tuple[str, str], ...], float]
"""Name, labels that are not empty, in order of their names, and value."""


class Floor:
    """Some operations with their snapshots, and their exposition."""

    def __init__(self, *snapshots: OperationSnapshot, books: Mapping[str, ScheduleSet] | None = None) -> None:
        self.clock = FakeClock(START.wall, START.monotonic)
        self.entries = {s.operation: SnapshotCell(s) for s in snapshots}
        self.board = Snapshots(self._refresh)
        names = list(self.entries)
        self.exposition = Exposition(
            self.board,
            dict.fromkeys(names, AGES),
            books or {name: ScheduleSet.of([], ZoneInfo("UTC")) for name in names},
            ProcessMetrics(lambda: Health(up=True, losses=0)),
            self.clock,
        )
        self.board.replace(self.entries.values())

    def _refresh(self, changed: OperationSnapshot) -> None:
        self.exposition.refresh(changed)

    def land(self, snapshot: OperationSnapshot) -> None:
        self.entries[snapshot.operation].update(lambda _: snapshot)

    def samples(self) -> list[Sample]:
        """Return what is to be published of wolkvox and of the polling at present, in no order."""
        now = self.clock.now()
        return sorted(s for snapshot in self.board.current().values() for s in expected(snapshot, now))


def snapshot(
    operation: str,
    *,
    campaigns: Sequence[Row] | None = None,
    campaign_settings: Sequence[Row] | None = None,
    codes: Mapping[str, Row] | None = None,
    quota: Usage | None = None,
) -> OperationSnapshot:
    found = {"campaigns": campaigns, "campaign_settings": campaign_settings}
    at = START
    polls = {e: PollStatus(interval=300.0, up=True, last_success=at, failures={"auth": 0}) for e in BY_NAME}
    return OperationSnapshot(
        operation,
        polls,
        {
            **{api: {"": Listing(at, tuple(rows))} for api, rows in found.items() if rows is not None},
            "machine_codes": {key: Listing(at, (row,)) for key, row in (codes or {}).items()},
        },
        quota=quota,
    )


def plain_rows(api: str, count: int, figure: float = 1.0, first: int = 1000) -> list[Row]:
    """Return rows with the same figure everywhere."""
    values: list[Value] = [
        {("x",) * 3: figure} if _own_labels(column) else figure for column in BY_NAME[api].columns
    ]
    return [Row((str(first + n), f"CAMPAÑA {n}", "40"), _fitting(api, values)) for n in range(count)]


def grown(before: OperationSnapshot, figure: float, count: int) -> OperationSnapshot:
    """Return a snapshot after another poll of `campaigns` that found the figure in every field."""
    rows = tuple(plain_rows("campaigns", count, figure))
    status = before.polls["campaigns"]
    return replace(
        before,
        answers={**before.answers, "campaigns": {"": Listing(START, rows)}},
        polls={**before.polls, "campaigns": replace(status, requests=status.requests + 1)},
    )


def _own_labels(column: Column) -> int:
    """Return how many labels of their own the values of a column bring."""
    family = next(f for f in CAMPAIGN_FAMILIES if column in {*f.columns, f.fallback})
    return 0 if column.labels else len(family.labels)


def _fitting(api: str, values: Sequence[Value]) -> tuple[Value, ...]:
    return tuple(
        {key[: _own_labels(column)]: figure for key, figure in value.items()}
        if isinstance(value, Mapping)
        else value
        for column, value in zip(BY_NAME[api].columns, values, strict=True)
    )


def expected(snapshot: OperationSnapshot, now: Moment) -> Iterator[Sample]:
    """Return the samples of a snapshot, one after the other."""
    current = view(snapshot, AGES, now)
    for campaign in current.campaigns:
        yield from _campaign(campaign)
    judged = judge(current, snapshot.memory, ScheduleSet.of([], ZoneInfo("UTC")), now.wall)
    for one in judged.campaigns:
        labels = list(zip(CAMPAIGN_LABELS, one.campaign.labels, strict=True))
        for family, of_one in JUDGEMENT_FAMILIES:
            yield from _of(family.name, labels, family.labels, of_one(one, now.wall))
    whole = [("operation", snapshot.operation)]
    for family, of_all in OPERATION_JUDGEMENT_FAMILIES:
        yield from _of(family.name, whole, (), of_all(judged))
    yield _sample(UTC_OFFSET.name, whole, 0.0)
    for api, status in snapshot.polls.items():
        for family, read in POLL_FAMILIES:
            own = [("operation", snapshot.operation), ("api", api)]
            yield from _of(family.name, own, family.labels, read(status))
    for family, count in QUOTA_FAMILIES if snapshot.quota else ():
        assert snapshot.quota is not None
        figure = count(snapshot.quota, now.wall)
        yield from _of(family.name, [("operation", snapshot.operation)], (), figure)


def _campaign(campaign: Campaign) -> Iterator[Sample]:
    own = list(zip(CAMPAIGN_LABELS, campaign.labels, strict=True))
    for family in CAMPAIGN_FAMILIES:
        columns = (family.fallback,) if campaign.fallback and family.fallback else family.columns
        for column in columns:
            values = campaign.values.get(column.api)
            value = values[PLACE[column]] if values else None
            fixed = list(zip(family.labels, column.labels, strict=False))
            yield from _of(family.name, [*own, *fixed], family.labels, value)


def _of(name: str, own: list[tuple[str, str]], names: Sequence[str], value: Value | None) -> Iterator[Sample]:
    if isinstance(value, Mapping):
        for texts, figure in value.items():
            yield _sample(name, [*own, *zip(names, texts, strict=True)], figure)
    elif value is not None:
        yield _sample(name, own, value)


def _sample(name: str, labels: list[tuple[str, str]], figure: float) -> Sample:
    return name, tuple(sorted((key, text) for key, text in labels if text)), figure


FIGURES = st.floats(allow_nan=False, allow_infinity=False) | st.integers(0, 60_000).map(float)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.text('\\"\n {},=é', max_size=6)


def _values(api: str) -> st.SearchStrategy[tuple[Value | None, ...]]:
    return st.tuples(
        *(
            st.none()
            | (
                st.dictionaries(st.tuples(*[TEXTS] * count), FIGURES, min_size=1, max_size=2)
                if (count := _own_labels(column))
                else FIGURES
            )
            for column in BY_NAME[api].columns
        )
    )


def _rows(api: str) -> st.SearchStrategy[list[Row]]:
    return st.lists(
        st.builds(
            Row,
            st.tuples(
                st.sampled_from(["", "1001", "1002", "1003"]),
                TEXTS.map(lambda text: text or "name"),
                st.sampled_from(["", "40", "41"]),
            ),
            _values(api),
        ),
        max_size=5,
        unique_by=lambda row: (campaign_key(row), row.labels[2]),
    )


SNAPSHOTS = st.builds(
    snapshot,
    st.just("op"),
    campaigns=st.none() | _rows("campaigns"),
    campaign_settings=st.none() | _rows("campaign_settings"),
    codes=st.dictionaries(
        st.sampled_from(["1001", "1002"]),
        st.builds(Row, st.just(("1001", "", "")), _values("machine_codes")),
        max_size=2,
    ),
    quota=st.none() | st.just(Usage("2026-11-24", START.wall + 100.0, 5, limit=1000.0)),
)
