"""What outlives the process: the same figures after a restart, and nothing from a record that is not ours."""

import contextlib
import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.apis import APIS, BY_NAME, Api, PollContext
from exporter.clock import Moment
from exporter.snapshot import Listing, QuotaReading, Row, TokenUse, records
from exporter.snapshot.records import Attempt, PollOutcome, RecordError
from support.fakes import campaign_settings_row, campaigns_row

THEN = Moment(1_000_000.0, 500.0)
NOW = Moment(1_000_060.0, 3.0)  # a minute later, in another process
FINITE = st.floats(allow_nan=False, allow_infinity=False)


def texts() -> st.SearchStrategy[str]:
    return st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


@st.composite
def listings(draw: st.DrawFn, api: str) -> Listing:
    shape = BY_NAME[api].row_shape

    def labels(number: int) -> st.SearchStrategy[tuple[str, ...]]:
        return st.tuples(*[texts()] * number)

    figures = [st.dictionaries(labels(n), FINITE, max_size=3) if n else FINITE for n in shape.value_labels]
    rows = st.builds(Row, labels(shape.labels), st.tuples(*[st.none() | figure for figure in figures]))
    valid_until = draw(st.none() | st.floats(0, 4e9))
    least = 0 if shape.labels else 1  # what is about the operation is one row
    found = st.lists(rows, min_size=least, max_size=3, unique_by=lambda row: row.labels)
    return Listing(THEN, tuple(draw(found)), valid_until)


def after_a_restart(listing: Listing) -> Listing:
    return Listing(Moment(THEN.wall, NOW.monotonic - 60), listing.rows, listing.valid_until)


def restarted(api: str, answers: Mapping[str, Listing]) -> Mapping[str, Listing]:
    shape = BY_NAME[api].row_shape
    return records.decode_answers(shape, records.encode_answers(shape, answers), NOW)


@pytest.mark.parametrize("api", [api.name for api in APIS if not api.by_campaign])
@given(data=st.data())
def test_a_list_comes_back_as_it_was_with_its_true_age(api: str, data: st.DataObject) -> None:
    listing = data.draw(listings(api))
    assert restarted(api, {"": listing}) == {"": after_a_restart(listing)}


def test_rows_as_they_are_read_come_back_too() -> None:
    for api, row in (("campaigns", campaigns_row()), ("campaign_settings", campaign_settings_row())):
        now = datetime(2026, 8, 12, 10, tzinfo=ZoneInfo("America/Bogota"))
        reader = BY_NAME[api].reader(PollContext(now))
        reader.add([row])
        listing = Listing(THEN, reader.rows())
        assert restarted(api, {"": listing}) == {"": after_a_restart(listing)}


@pytest.mark.parametrize("api", APIS, ids=lambda api: api.name)
def test_what_each_api_reads_comes_back(api: Api) -> None:
    now = datetime(2026, 8, 12, 10, tzinfo=ZoneInfo("America/Bogota"))
    reader = api.reader(PollContext(now, campaign_id="4875"))
    reader.add([api.example])
    listing = Listing(THEN, reader.rows())
    assert listing.rows
    about = "4875" if api.by_campaign else ""
    assert restarted(api.name, {about: listing}) == {about: after_a_restart(listing)}


@given(st.dictionaries(texts().filter(bool), listings("machine_codes"), max_size=3))
def test_machine_codes_come_back(found: dict[str, Listing]) -> None:
    codes = {
        key: replace(listing, rows=(Row((key, *row.labels[1:]), row.values),))
        for key, listing in found.items()
        for row in listing.rows[:1]
    }
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
    shape = BY_NAME["machine_codes"].row_shape

    def listing(campaign_id: str, at: Moment) -> Listing:
        return Listing(at, (Row((campaign_id, "", ""), (1.0,) * len(shape.columns)),))

    good, ahead = listing("1", THEN), listing("2", Moment(NOW.wall + 3600, 0.0))
    stored = records.encode_answers(shape, {"1": good, "2": ahead})
    assert records.decode_answers(shape, stored, NOW) == {"1": after_a_restart(good)}
    with pytest.raises(RecordError, match="future"):
        records.decode_answers(shape, records.encode_answers(shape, {"2": ahead}), NOW)


def test_figures_of_other_columns_are_not_taken_for_ours() -> None:
    listing = Listing(THEN, (Row(("1", "A", ""), (None,) * len(BY_NAME["campaigns"].columns)),))
    shapes = {api: BY_NAME[api].row_shape for api in BY_NAME}
    stored = records.encode_answers(shapes["campaigns"], {"": listing})
    with pytest.raises(RecordError, match="written by another version"):
        records.decode_answers(shapes["campaign_settings"], stored, NOW)
    columns, at, valid_until, rows = msgspec.msgpack.decode(stored)[""]
    for changed in (
        [columns[::-1], at, valid_until, rows],
        [columns[:-1], at, valid_until, rows],
        [columns, at, valid_until, [[["1", "A", ""], [1.0]]]],
        [columns, at, valid_until, [[["1", "A"], rows[0][1]]]],
    ):
        with pytest.raises(RecordError, match="written by another version"):
            records.decode_answers(shapes["campaigns"], msgspec.msgpack.encode({"": changed}), NOW)


NO_NUMBERS = [math.nan, math.inf, -math.inf]
NO_TIMES = [*NO_NUMBERS, -1.0, 1e300, 4.2e9]


@pytest.mark.parametrize("wrong", NO_TIMES)
def test_a_time_of_another_century_is_no_record(wrong: float) -> None:
    encode = msgspec.msgpack.encode
    outcome = PollOutcome(THEN.wall, up=True, success=THEN.wall, duration=0.5, rows=3, bytes=9, failure="")
    shape = BY_NAME["campaigns"].row_shape
    listing = [list(shape.columns), THEN.wall, None, []]
    for decode in (
        lambda: records.decode_attempt(encode([wrong])),
        lambda: records.decode_attempt(encode([THEN.wall, {"4875": wrong}])),
        lambda: records.decode_outcome(encode(replace(outcome, attempt=wrong))),
        lambda: records.decode_outcome(encode(replace(outcome, success=wrong))),
        lambda: records.decode_outcome(encode(replace(outcome, duration=wrong))),
        lambda: records.decode_quota_reading(encode([wrong, None, None, "2026-03-01", 1, True]), NOW),
        lambda: records.decode_answers(shape, encode({"": [listing[0], wrong, *listing[2:]]}), NOW),
        lambda: records.decode_answers(shape, encode({"": [*listing[:2], wrong, []]}), NOW),
    ):
        with pytest.raises(RecordError):
            decode()
    assert records.decode_answers(shape, encode({"": listing}), NOW)[""].rows == ()


@pytest.mark.parametrize("wrong", NO_NUMBERS)
def test_a_figure_that_is_no_number_is_no_record(wrong: float) -> None:
    encode = msgspec.msgpack.encode
    for limit, used, own in (
        (wrong, 1.0, 1),
        (1.0, wrong, 1),
        (-1.0, None, 1),
        (1.0, 1.0, wrong),
        (1.0, 1.0, -1),
    ):
        with pytest.raises(RecordError):
            records.decode_quota_reading(encode([THEN.wall, limit, used, "2026-03-01", own, True]), NOW)
    columns = BY_NAME["campaigns"].row_shape
    for place, labels in enumerate(columns.value_labels):
        values: list[object] = [None] * len(columns.columns)
        values[place] = [[["x"] * labels, wrong]] if labels else wrong
        stored = encode({"": [list(columns.columns), THEN.wall, None, [[["1", "A", ""], values]]]})
        with pytest.raises(RecordError):
            records.decode_answers(columns, stored, NOW)


@pytest.mark.parametrize("api", APIS, ids=lambda api: api.name)
def test_a_value_of_another_kind_is_no_record(api: Api) -> None:
    shape = api.row_shape
    for place, labels in enumerate(shape.value_labels):
        figure = [[["x"] * labels, 1.0]] if labels else 1.0
        wrong: object
        value: object
        for wrong in (1.0 if labels else [], [[["x"] * (labels + 1), 1.0]], [[[], 1.0]], "text", True, {}):
            for value, fails in ((wrong, True), (figure, False)):
                values: list[object] = [None] * len(shape.columns)
                values[place] = value
                row = [["x"] * shape.labels, values]
                stored = msgspec.msgpack.encode(
                    {"x" if api.by_campaign else "": [list(shape.columns), THEN.wall, None, [row]]}
                )
                with pytest.raises(RecordError) if fails else contextlib.nullcontext():
                    records.decode_answers(shape, stored, NOW)


@pytest.mark.parametrize(
    ("api", "about"), [("campaigns", "1"), ("machine_codes", ""), ("machine_codes", "2")]
)
def test_an_answer_about_something_else_is_no_record(api: str, about: str) -> None:
    shape = BY_NAME[api].row_shape
    rows = [[["1", "A", ""], [None] * len(shape.columns)]]
    for wrong in (rows, [] if shape.by_campaign else rows):
        stored = msgspec.msgpack.encode({about: [list(shape.columns), THEN.wall, None, wrong]})
        with pytest.raises(RecordError, match="something else"):
            records.decode_answers(shape, stored, NOW)


def test_a_row_that_stands_twice_is_no_record() -> None:
    shape = BY_NAME["campaigns"].row_shape
    row = [["1", "A", ""], [None] * len(shape.columns)]
    stored = msgspec.msgpack.encode({"": [list(shape.columns), THEN.wall, None, [row, row]]})
    with pytest.raises(RecordError, match="same thing"):
        records.decode_answers(shape, stored, NOW)


SHAPE = BY_NAME["campaigns"].row_shape
GOOD = records.encode_answers(SHAPE, {"": Listing(THEN, ())})


@given(
    st.binary(max_size=60)
    | st.integers(0, len(GOOD) - 1).map(lambda end: GOOD[:end])
    | st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)).map(
        lambda hit: GOOD[: hit[0]] + bytes([hit[1]]) + GOOD[hit[0] + 1 :]
    )
)
def test_damaged_bytes_are_a_record_error_or_a_record(data: bytes) -> None:
    for decode in (
        lambda: records.decode_answers(SHAPE, data, NOW),
        lambda: records.decode_quota_reading(data, NOW),
        lambda: records.decode_attempt(data),
        lambda: records.decode_outcome(data),
    ):
        try:
            decode()
        except RecordError as error:
            assert str(error)  # noqa: PT017 - damaged bytes can be a good record too
