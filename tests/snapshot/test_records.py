"""What outlives the process: the same figures after a restart, and nothing from a record that is not ours."""

from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.api import Api
from exporter.clock import Moment
from exporter.families import COLUMNS
from exporter.snapshot import CampaignRow, Listing, TokenUse, records
from exporter.snapshot.reading import CampaignReader
from exporter.snapshot.records import Attempt, Outcome, RecordError
from support.fakes import campaign_settings_row, campaigns_row

THEN = Moment(1_000_000.0, 500.0)
NOW = Moment(1_000_060.0, 3.0)  # a minute later, in another process
FIGURE = st.none() | st.floats(0, 1e12) | st.dictionaries(st.tuples(st.text()), st.floats(0, 1), max_size=3)


def texts() -> st.SearchStrategy[str]:
    return st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


@st.composite
def listings(draw: st.DrawFn, api: Api) -> Listing:
    rows = st.builds(CampaignRow, texts(), texts(), texts(), st.tuples(*[FIGURE for _ in COLUMNS[api]]))
    valid_until = draw(st.none() | st.floats(0, 1e10))
    return Listing(THEN, tuple(draw(st.lists(rows, max_size=3))), valid_until)


def after_a_restart(listing: Listing) -> Listing:
    return Listing(Moment(THEN.wall, NOW.monotonic - 60), listing.rows, listing.valid_until)


@pytest.mark.parametrize("api", [Api.CAMPAIGNS, Api.CAMPAIGN_SETTINGS])
@given(data=st.data())
def test_a_list_comes_back_as_it_was_with_its_true_age(api: Api, data: st.DataObject) -> None:
    listing = data.draw(listings(api))
    stored = records.encode_listing(api, listing)
    assert records.decode_listing(api, stored, NOW) == after_a_restart(listing)


def test_rows_as_they_are_read_come_back_too() -> None:
    for api, row in ((Api.CAMPAIGNS, campaigns_row()), (Api.CAMPAIGN_SETTINGS, campaign_settings_row())):
        reader = CampaignReader(api, ZoneInfo("America/Bogota"), {}, lambda _id, _name: True, 10)
        reader.add([row])
        listing = Listing(THEN, reader.rows())
        stored = records.encode_listing(api, listing)
        assert records.decode_listing(api, stored, NOW) == after_a_restart(listing)


@given(st.dictionaries(texts(), listings(Api.MACHINE_CODES), max_size=3))
def test_machine_codes_come_back(codes: dict[str, Listing]) -> None:
    decoded = records.decode_machine_codes(records.encode_machine_codes(codes), NOW)
    assert decoded == {key: after_a_restart(listing) for key, listing in codes.items()}


@given(st.none() | st.floats(0, 1e9), st.none() | st.floats(0, 1e9))
def test_the_use_of_the_token_comes_back(limit: float | None, used: float | None) -> None:
    stored = records.encode_token_use(TokenUse(THEN, limit, used))
    assert records.decode_token_use(stored, NOW) == TokenUse(Moment(THEN.wall, -57.0), limit, used)


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome(THEN.wall, up=True, success=THEN.wall, duration=0.5, rows=3, bytes=99, failure=""),
        Outcome(THEN.wall, up=False, success=None, duration=None, rows=None, bytes=None, failure="auth"),
    ],
)
def test_attempts_and_outcomes_come_back(outcome: Outcome) -> None:
    assert records.decode_outcome(records.encode(outcome)) == outcome
    attempt = Attempt(THEN.wall, {"4875": THEN.wall - 5})
    assert records.decode_attempt(records.encode(attempt)) == attempt


def test_a_time_in_the_future_is_taken_for_now() -> None:
    assert records.moment(NOW.wall + 3600, NOW) == NOW
    assert records.moment(NOW.wall - 60, NOW) == Moment(NOW.wall - 60, NOW.monotonic - 60)


def test_figures_of_other_columns_are_not_taken_for_ours() -> None:
    listing = Listing(THEN, (CampaignRow("1", "A", "", (None,) * len(COLUMNS[Api.CAMPAIGNS])),))
    stored = records.encode_listing(Api.CAMPAIGNS, listing)
    with pytest.raises(RecordError, match="made by another version"):
        records.decode_listing(Api.CAMPAIGN_SETTINGS, stored, NOW)
    columns, at, valid_until, rows = msgspec.msgpack.decode(stored)
    for changed in (
        [columns[::-1], at, valid_until, rows],
        [columns[:-1], at, valid_until, rows],
        [columns, at, valid_until, [["1", "A", "", [1.0]]]],
    ):
        with pytest.raises(RecordError, match="made by another version"):
            records.decode_listing(Api.CAMPAIGNS, msgspec.msgpack.encode(changed), NOW)


GOOD = records.encode_listing(Api.CAMPAIGNS, Listing(THEN, ()))


@given(
    st.binary(max_size=60)
    | st.integers(0, len(GOOD) - 1).map(lambda end: GOOD[:end])
    | st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)).map(
        lambda hit: GOOD[: hit[0]] + bytes([hit[1]]) + GOOD[hit[0] + 1 :]
    )
)
def test_damaged_bytes_are_a_record_error_or_a_record(data: bytes) -> None:
    for decode in (
        lambda: records.decode_listing(Api.CAMPAIGNS, data, NOW),
        lambda: records.decode_machine_codes(data, NOW),
        lambda: records.decode_token_use(data, NOW),
        lambda: records.decode_attempt(data),
        lambda: records.decode_outcome(data),
    ):
        try:
            decode()
        except RecordError as error:
            assert str(error)  # noqa: PT017 - damaged bytes can be a good record too
