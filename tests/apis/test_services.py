"""What the operation has of wolkvox."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.apis import PollContext, RowReader, services
from exporter.clock import Moment
from exporter.snapshot import Listing
from exporter.wolkvox import Answer, Cause, RequestFailed

CONTEXT = PollContext(datetime(2026, 8, 12, 10, tzinfo=UTC))


def read(*rows: object) -> tuple[RowReader, int | None, bool | None]:
    """Return a reader that has read some rows, the licences, and whether protection is on."""
    one = services.API.reader(CONTEXT)
    one.add(rows)
    rows_read = one.rows()
    listing = Listing(Moment(0.0, 0.0), rows_read) if rows_read else None
    return one, services.licences(listing), services.protection(listing)


def unreadable(one: RowReader) -> list[tuple[str, int]]:
    return [(entry.field, entry.count) for entry in one.unreadable]


def test_licences_and_protection_are_read_beside_all_the_rest() -> None:
    row = {
        "licenses": "25",
        "pbx": "yes",
        "intelligentdial": "no",
        "customer_prot": "yes",
        "turbo_dial": "no",
    }
    one, licences, protection = read(row)
    assert (licences, protection, unreadable(one), one.discarded) == (25, True, [], {})


@pytest.mark.parametrize(
    ("raw", "licences"),
    [("25", 25), (25, 25), (25.0, 25), ("1,250", 1250), ("1.250", 1250), (" 7 ", 7), (1_000_000, 1_000_000)],
)
def test_licences_are_read_however_they_are_written(raw: object, licences: int) -> None:
    assert read({"licenses": raw})[1] == licences


@pytest.mark.parametrize("raw", [None, "", "-", "0", 0, 0.0])
def test_licences_that_are_not_told_are_not_known(raw: object) -> None:
    one, licences, _ = read({"licenses": raw, "customer_prot": "no"})
    assert (licences, unreadable(one)) == (None, [])


@pytest.mark.parametrize("raw", ["many", "-5", 2.5, True, [], {}, "1e3", 1_000_001, 10**300, "NaN"])
def test_licences_that_cannot_be_read_are_counted_and_not_known(raw: object) -> None:
    one, licences, protection = read({"licenses": raw, "customer_prot": "no"})
    assert (licences, protection, unreadable(one)) == (None, False, [("licenses", 1)])


@pytest.mark.parametrize(
    ("raw", "on"),
    [
        *((raw, True) for raw in ("yes", "YES", "si", 1, True)),
        *((raw, False) for raw in ("no", "No", 0, False, "off")),
        *((raw, None) for raw in (None, "", "-")),
    ],
)
def test_protection_is_on_off_or_not_known(raw: object, on: bool | None) -> None:
    one, _, protection = read({"licenses": "25", "customer_prot": raw})
    assert (protection, unreadable(one)) == (on, [])


@pytest.mark.parametrize("raw", ["perhaps", 2, [], {}])
def test_a_protection_that_cannot_be_read_is_counted_and_not_known(raw: object) -> None:
    one, licences, protection = read({"licenses": "25", "customer_prot": raw})
    assert (licences, protection, unreadable(one)) == (25, None, [("customer_prot", 1)])


def test_of_two_rows_the_last_counts() -> None:
    one, licences, _ = read({"licenses": "25"}, {"licenses": "30"})
    assert (licences, one.discarded) == (30, {"duplicate": 1})


@pytest.mark.parametrize("row", [None, "x", 7, [], {}, {"pbx": "yes"}])
def test_an_answer_about_something_else_is_a_failure(row: object) -> None:
    one, licences, protection = read(row)
    assert (licences, protection, one.discarded) == (None, None, {"shape": 1})
    with pytest.raises(RequestFailed) as failed:
        services.API.check(Answer(1, 10, 200), one)
    assert failed.value.cause is Cause.SHAPE


def test_an_answer_without_a_row_is_a_failure() -> None:
    one, _, _ = read()
    for status, cause in ((200, Cause.SHAPE), (404, Cause.HTTP_STATUS)):
        with pytest.raises(RequestFailed) as failed:
            services.API.check(Answer(0, 10, status), one)
        assert failed.value.cause is cause


ANYTHING = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.lists(st.none())


@given(st.lists(st.dictionaries(st.sampled_from(["licenses", "customer_prot", "pbx"]), ANYTHING) | ANYTHING))
def test_no_rows_break_it_and_licences_are_those_of_a_row(rows: list[object]) -> None:
    one, licences, protection = read(*rows)
    assert licences is None or 1 <= licences <= 1_000_000
    assert protection in {None, True, False}
    numbers = [row["licenses"] for row in rows if isinstance(row, dict) and "licenses" in row]
    if licences is not None and not any(isinstance(raw, str) for raw in numbers):
        assert licences in numbers
    assert sum(one.discarded.values()) <= len(rows)
