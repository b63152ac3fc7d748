from datetime import UTC, datetime

import pytest

from exporter.apis import PollContext, RowReader, token_info
from exporter.clock import Moment
from exporter.snapshot import Listing, TokenUse

NOW = Moment(1000.0, 10.0)


def read(*rows: object) -> tuple[RowReader, TokenUse]:
    one = token_info.API.reader(PollContext(datetime.fromtimestamp(NOW.wall, UTC)))
    one.add(rows)
    use = token_info.token_use(Listing(NOW, one.rows()))
    assert use is not None
    return one, use


def test_limit_and_use_of_the_whole_operation_are_read() -> None:
    _, use = read(
        {"description": "BI", "token_limit": "25,000", "token_use_today": "7", "all_token_today": "120"}
    )
    assert use == TokenUse(NOW, 25000, 120)


def test_where_rows_differ_no_call_too_many_is_made() -> None:
    rows = [{"token_limit": "9", "all_token_today": "1"}, {"token_limit": "8", "all_token_today": "2"}]
    assert read(*rows)[1] == TokenUse(NOW, 8, 2)


@pytest.mark.parametrize("raw", [None, "", "-"])
def test_what_is_not_said_is_not_known(raw: object) -> None:
    one, use = read({"token_limit": raw, "all_token_today": raw})
    assert (use.limit, use.used, one.unreadable, one.discarded) == (None, None, (), {})


def test_what_cannot_be_read_is_counted_and_not_known() -> None:
    one, use = read({"token_limit": "many", "all_token_today": "5"}, {"token_limit": "-1"})
    assert (use.limit, use.used) == (None, 5)
    assert [(u.field, u.count) for u in one.unreadable] == [("token_limit", 2)]


@pytest.mark.parametrize("row", [None, 7, [], {}, {"description": "BI"}])
def test_a_row_of_another_shape_is_counted(row: object) -> None:
    one, use = read(row)
    assert (use.limit, use.used, one.discarded) == (None, None, {"shape": 1})
