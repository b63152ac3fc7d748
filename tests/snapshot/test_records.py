"""What outlives the process: the same figures after a restart, and nothing from a record that is not ours."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.apis import BY_NAME, PollContext
from exporter.clock import Moment
from exporter.snapshot import Listing, QuotaReading, Row, TokenUse, records
from exporter.snapshot.records import Attempt, PollOutcome, RecordError
from support.fakes import campaign_settings_row, campaigns_row

THEN = Moment(1_000_000.0, 500.0)
NOW = Moment(1_000_060.0, 3.0)  # a minute later, in another process
FIGURE = st.none() | st.floats(0, 1e12) | st.dictionaries(st.tuples(st.text()), st.floats(0, 1), max_size=3)


def texts() -> st.SearchStrategy[str]:
    return st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


@st.composite
def listings(draw: st.DrawFn, api: str) -> Listing:
    labels = st.tuples(texts(), texts(), texts())
    rows = st.builds(Row, labels, st.tuples(*[FIGURE for _ in BY_NAME[api].columns]))
    valid_until = draw(st.none() | st.floats(0, 1e10))
    return Listing(THEN, tuple(draw(st.lists(rows, max_size=3))), valid_until)


def after_a_restart(listing: Listing) -> Listing:
    return Listing(Moment(THEN.wall, NOW.monotonic - 60), listing.rows, listing.valid_until)


def restarted(api: str, answers: Mapping[str, Listing]) -> Mapping[str, Listing]:
    columns = BY_NAME[api].column_names
    return records.decode_answers(columns, records.encode_answers(columns, answers), NOW)


@pytest.mark.parametrize("api", ["campaigns", "campaign_settings"])
@given(data=st.data())
def test_a_list_comes_back_as_it_was_with_its_true_age(api: str, data: st.DataObject) -> None:
    listing = data.draw(listings(api))
    assert restarted(api, {"": listing}) == {"": after_a_restart(listing)}


def test_rows_as_they_are_read_come_back_too() -> None:
    for api, row in (("campaigns", campaigns_row()), ("campaign_settings", campaign_settings_row())):
        now = datetime(2026, 8, 12, 10, tzinfo=ZoneInfo("America/Bogota"))
        reader = BY_NAME[api].reader(PollContext(now, limit=10))
        reader.add([row])
        listing = Listing(THEN, reader.rows())
        assert restarted(api, {"": listing}) == {"": after_a_restart(listing)}


@given(st.dictionaries(texts(), listings("machine_codes"), max_size=3))
def test_machine_codes_come_back(codes: dict[str, Listing]) -> None:
    assert restarted("machine_codes", codes) == {
        key: after_a_restart(listing) for key, listing in codes.items()
    }


@given(st.none() | st.floats(0, 1e9), st.none() | st.floats(0, 1e9))
def test_what_the_vendor_told_of_the_quota_comes_back(limit: float | None, used: float | None) -> None:
    reading = QuotaReading(TokenUse(THEN, limit, used), "2026-11-24", 7, counts=used is not None)
    stored = records.encode_quota_reading(reading)
    there = replace(reading, told=TokenUse(Moment(THEN.wall, -57.0), limit, used))
    assert records.decode_quota_reading(stored, NOW) == there


@pytest.mark.parametrize(
    "outcome",
    [
        PollOutcome(THEN.wall, up=True, success=THEN.wall, duration=0.5, rows=3, bytes=99, failure=""),
        PollOutcome(THEN.wall, up=False, success=None, duration=None, rows=None, bytes=None, failure="auth"),
    ],
)
def test_attempts_and_outcomes_come_back(outcome: PollOutcome) -> None:
    assert records.decode_outcome(records.encode(outcome)) == outcome
    attempt = Attempt(THEN.wall, {"4875": THEN.wall - 5})
    assert records.decode_attempt(records.encode(attempt)) == attempt


def test_a_time_in_the_future_is_taken_for_now() -> None:
    assert records.moment(NOW.wall + 3600, NOW) == NOW
    assert records.moment(NOW.wall - 60, NOW) == Moment(NOW.wall - 60, NOW.monotonic - 60)


def test_an_answer_from_the_future_takes_no_other_along() -> None:
    columns = BY_NAME["machine_codes"].column_names
    rows = (Row(("1", "", ""), (1.0,) * len(columns)),)
    good, ahead = Listing(THEN, rows), Listing(Moment(NOW.wall + 3600, 0.0), rows)
    stored = records.encode_answers(columns, {"1": good, "2": ahead})
    assert records.decode_answers(columns, stored, NOW) == {"1": after_a_restart(good)}
    with pytest.raises(RecordError, match="future"):
        records.decode_answers(columns, records.encode_answers(columns, {"2": ahead}), NOW)


def test_figures_of_other_columns_are_not_taken_for_ours() -> None:
    listing = Listing(THEN, (Row(("1", "A", ""), (None,) * len(BY_NAME["campaigns"].columns)),))
    columns_of = {api: BY_NAME[api].column_names for api in BY_NAME}
    stored = records.encode_answers(columns_of["campaigns"], {"": listing})
    with pytest.raises(RecordError, match="written by another version"):
        records.decode_answers(columns_of["campaign_settings"], stored, NOW)
    columns, at, valid_until, rows = msgspec.msgpack.decode(stored)[""]
    for changed in (
        [columns[::-1], at, valid_until, rows],
        [columns[:-1], at, valid_until, rows],
        [columns, at, valid_until, [[["1", "A", ""], [1.0]]]],
    ):
        with pytest.raises(RecordError, match="written by another version"):
            records.decode_answers(columns_of["campaigns"], msgspec.msgpack.encode({"": changed}), NOW)


COLUMNS = BY_NAME["campaigns"].column_names
GOOD = records.encode_answers(COLUMNS, {"": Listing(THEN, ())})


@given(
    st.binary(max_size=60)
    | st.integers(0, len(GOOD) - 1).map(lambda end: GOOD[:end])
    | st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)).map(
        lambda hit: GOOD[: hit[0]] + bytes([hit[1]]) + GOOD[hit[0] + 1 :]
    )
)
def test_damaged_bytes_are_a_record_error_or_a_record(data: bytes) -> None:
    for decode in (
        lambda: records.decode_answers(COLUMNS, data, NOW),
        lambda: records.decode_quota_reading(data, NOW),
        lambda: records.decode_attempt(data),
        lambda: records.decode_outcome(data),
    ):
        try:
            decode()
        except RecordError as error:
            assert str(error)  # noqa: PT017 - damaged bytes can be a good record too
