"""Counts of agents by status: people's rows come in, and only counts come out."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.apis import PollContext, agents
from exporter.clock import Moment
from exporter.families import Value
from exporter.snapshot import Listing
from exporter.wolkvox import MAX_ROWS

NOBODY = {"ready": 0.0, "talk": 0.0, "acw": 0.0, "auxiliary": 0.0, "logout": 0.0}
CONTEXT = PollContext(datetime(2026, 8, 12, 10, tzinfo=UTC))


def agent(status: object, number: int = 1, **more: object) -> dict[str, object]:
    """Return a row as the vendor documents it."""
    return {
        "agent_id": str(1000 + number),
        "agent_name": f"FICTICIA {'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[number % 26]}",
        "agent_status": status,
        "calls": "3",
        "time_state_now": "00:01:12",
        **more,
    }


def counted(*rows: object) -> tuple[agents.AgentReader, Mapping[str, float] | None]:
    """Return a reader that has read some rows, and its counts."""
    one = agents.AgentReader(CONTEXT)
    one.add(rows)
    (row,) = one.rows()
    assert row.labels == ()
    return one, agents.by_status(Listing(Moment(0.0, 0.0), (row,)))


def unreadable(one: agents.AgentReader) -> list[tuple[str, int, str]]:
    return [(entry.field, entry.count, entry.example) for entry in one.unreadable]


def test_agents_are_counted_by_status() -> None:
    statuses = ["Ready", "READY", " ready ", "Talk", "ACW", "Auxiliary", "Logout", "Logout"]
    one, counts = counted(*(agent(status, number) for number, status in enumerate(statuses)))
    assert counts == {"ready": 3, "talk": 1, "acw": 1, "auxiliary": 1, "logout": 2}
    assert (unreadable(one), one.discarded) == ([], {})


def test_nobody_has_a_status_only_where_every_agent_has_one_of_those_that_are_known() -> None:
    assert counted(agent("Logout"))[1] == {**NOBODY, "logout": 1}
    assert counted(agent("Logout"), agent("Break", 2))[1] == {"logout": 1, "break": 1}
    for unknown in (None, "", "-", "?1", 7, ["Ready"]):
        assert counted(agent("Logout"), agent(unknown, 2))[1] == {"logout": 1}, unknown
    shapeless: tuple[object, ...] = (None, "Ready", [], {}, {"agent_id": "1002"})
    for unusable in shapeless:
        assert counted(agent("Logout"), unusable)[1] == {"logout": 1}, unusable


@pytest.mark.parametrize(
    ("counts", "nobody"),
    [
        ({**NOBODY, "logout": 2.0}, True),
        ({**NOBODY, "acw": 1.0}, True),
        ({**NOBODY, "ready": 1.0}, False),
        ({**NOBODY, "talk": 1.0}, False),
        ({"logout": 2.0, "break": 1.0}, False),
        ({"ready": 0.0}, False),
        (None, False),
    ],
)
def test_nobody_is_there_only_where_that_is_certain(counts: Mapping[str, float] | None, nobody: bool) -> None:
    assert agents.nobody_ready(counts) is nobody


@pytest.mark.parametrize("rows", [(), (agent(None),), (agent("-"), agent("", 2))])
def test_without_a_status_nothing_is_known(rows: tuple[object, ...]) -> None:
    one, counts = counted(*rows)
    assert (counts, unreadable(one), one.discarded) == (None, [], {})


def test_an_answer_is_not_known_before_there_is_one() -> None:
    assert agents.by_status(None) is None


@pytest.mark.parametrize("status", [7, 1.5, True, [], {}, ["Ready"], {"status": "Ready"}, "x" * 41])
def test_what_is_no_status_is_counted_once_a_row_without_an_example(status: object) -> None:
    one, counts = counted(agent(status), agent(status, 2), agent("Ready", 3))
    assert counts == {"ready": 1}
    assert unreadable(one) == [("agent_status", 2, "")]


@pytest.mark.parametrize(
    "status",
    [
        "Zutana",
        "Talk (Zutana Inventada)",
        "with zutana",
        "ZUTANA-INVENTADA",
        "zinventada",
        "Zut\u00e1na",
        "Talk 3000000001",
        "1002",
        "Talk 12:31",
        "with zina",
        "Talk \u0661\u0662",
        "pausa \u00bd",
    ],
)
def test_no_status_tells_who_an_agent_is(status: str) -> None:
    zutana = {"agent_id": "zina", "agent_name": "Zutana Inventada"}
    for rows in (
        [agent(status, 1, **zutana), agent("Ready", 2)],
        # Of an agent it may name another, whose row comes before or after.
        [agent("Ready", 1, **zutana), agent(status, 2)],
        [agent(status, 2), agent("Ready", 1, **zutana)],
    ):
        one, counts = counted(*rows)
        assert counts == {"ready": 1}
        assert unreadable(one) == [("agent_status", 1, "")]


@pytest.mark.parametrize(
    ("name", "status"),
    [("Talk", "Talk"), ("Ready Ficticio", "READY"), ("a", "Talk"), ("D", "Ready"), ("Al", "Talk")],
)
def test_a_status_that_the_vendor_documents_tells_nothing_whatever_agents_are_called(
    name: str, status: str
) -> None:
    for field in ("agent_name", "agent_id"):
        one, counts = counted(agent(status, 1, **{field: name}))
        assert counts == {**NOBODY, status.lower(): 1}
        assert one.unreadable == ()


def test_short_words_of_a_name_are_no_name() -> None:
    _, counts = counted(
        agent("Fuera de la sala", 1, agent_name="Ficticia de la Invencion"), agent("Ready", 2)
    )
    assert counts == {"fuera de la sala": 1, "ready": 1}


def test_of_two_rows_of_one_agent_the_last_counts() -> None:
    one, counts = counted(agent("Ready"), agent("Logout", agent_id=1001))
    assert (counts, one.discarded) == ({**NOBODY, "logout": 1}, {"duplicate": 1})
    one, counts = counted(agent("x" * 99), agent("Ready"))
    assert (counts, one.discarded) == ({**NOBODY, "ready": 1}, {"duplicate": 1})


def test_agents_without_an_id_are_different_agents() -> None:
    one, counts = counted(*[agent("Ready", agent_id=None)] * 3, agent("Ready", agent_id="0"))
    assert (counts, one.discarded) == ({**NOBODY, "ready": 4}, {})


def test_statuses_beyond_fifty_are_left_out_and_told() -> None:
    words = [a + b for a in "abcdefgh" for b in "ijklmnop"]
    one, counts = counted(*(agent(f"pausa {word}", number) for number, word in enumerate(words)))
    assert counts is not None
    assert (len(counts), one.discarded) == (50, {"limit": len(words) - 50})


def test_as_many_agents_are_counted_as_wolkvox_returns_rows() -> None:
    one, counts = counted(*(agent("Talk", number) for number in range(MAX_ROWS + 10)))
    assert (counts, one.discarded) == ({"talk": MAX_ROWS}, {"limit": 10})


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=50),
    lambda more: st.lists(more, max_size=3) | st.dictionaries(st.text(max_size=5), more, max_size=3),
    max_leaves=5,
)
STATUS = st.sampled_from(["Ready", "Talk", "ACW", "Auxiliary", "LOGOUT", "Break"]) | ANYTHING
ROWS = st.lists(
    ANYTHING
    | st.fixed_dictionaries(
        {"agent_status": STATUS}, optional={"agent_id": ANYTHING, "agent_name": ANYTHING, "calls": ANYTHING}
    ),
    max_size=12,
)


@given(ROWS)
def test_no_rows_break_it_and_there_are_never_more_agents_than_rows(rows: list[object]) -> None:
    one, counts = counted(*rows)
    left_out = sum(count for reason, count in one.discarded.items() if reason != "duplicate")
    bad = sum(entry.count for entry in one.unreadable)
    assert sum((counts or {}).values()) <= len(rows) - left_out
    assert bad <= len(rows)
    for status, count in (counts or {}).items():
        assert count or status in NOBODY
        assert not any(c.isdigit() for c in status)
    if counts and 0.0 in counts.values():
        assert sum(counts.values()) == len(rows) - one.discarded.get("duplicate", 0)


NAME = st.text("aeioubcdlmnrst", min_size=4, max_size=8)


@given(NAME, st.text(" -._()/:", max_size=3), st.text(" -._()/:", max_size=3), st.booleans())
def test_a_name_is_found_wherever_it_stands(name: str, before: str, after: str, upper: bool) -> None:
    status = f"pausa{before}{name.upper() if upper else name}{after}"
    one, counts = counted(agent("Ready", 1, agent_name=f"{name.title()} X"), agent(status, 2))
    assert name not in json.dumps({k: v for k, v in (counts or {}).items() if k != "ready"})
    assert unreadable(one) == [("agent_status", 1, "")]


def test_a_value_is_what_the_column_says_of_a_row() -> None:
    value: Value = {("ready",): 1.0}
    assert agents.BY_STATUS.read(agent("Ready"), UTC) == value
