import threading
from dataclasses import replace

import pytest

from exporter.snapshot import Board, BoardEntry, OperationSnapshot, PollStatus


def entry(operation: str) -> BoardEntry:
    return BoardEntry(OperationSnapshot(operation, {}))


def named(snapshot: OperationSnapshot, name: str) -> OperationSnapshot:
    return replace(snapshot, polls={**snapshot.polls, name: PollStatus(300.0)})


def test_operations_stay_in_the_order_of_the_configuration() -> None:
    one, entries = Board(), [entry("b"), entry("a")]
    one.replace(entries)
    entries[0].update(lambda s: named(s, "x"))
    assert tuple(one.current()) == ("b", "a")


def test_what_a_reader_has_never_changes() -> None:
    one, entries = Board(), [entry("b"), entry("a")]
    one.replace(entries)
    before = one.current()
    entries[1].update(lambda s: named(s, "x"))
    assert before["a"].polls == {}
    assert set(one.current()["a"].polls) == {"x"}
    assert one.current()["b"] is before["b"]


def test_whoever_listens_gets_the_new_snapshot() -> None:
    heard: list[OperationSnapshot] = []
    one, mine = Board(listener=heard.append), entry("a")
    one.replace([mine])
    heard.clear()
    mine.update(lambda s: named(s, "x"))
    assert heard == [one.current()["a"]]


def test_a_change_that_breaks_changes_nothing() -> None:
    mine = entry("a")
    with pytest.raises(ZeroDivisionError):
        mine.update(lambda s: named(s, str(1 // 0)))
    mine.update(lambda s: named(s, "x"))
    assert set(mine.snapshot.polls) == {"x"}


def test_no_change_is_lost_where_several_write() -> None:
    mine = entry("a")

    def write(writer: int) -> None:
        for number in range(200):
            mine.update(lambda s: named(s, f"{writer}.{number}"))  # noqa: B023 - called at once

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(mine.snapshot.polls) == 800


def test_an_entry_that_was_replaced_is_written_to_in_vain() -> None:
    heard: list[OperationSnapshot] = []
    board = Board(listener=heard.append)
    old, new = entry("a"), entry("a")
    board.replace([old])
    board.replace([new])
    heard.clear()
    old.update(lambda s: named(s, "old"))
    assert (board.current()["a"].polls, heard) == ({}, [])
    new.update(lambda s: named(s, "new"))
    assert (set(board.current()["a"].polls), heard) == ({"new"}, [new.snapshot])


def test_what_stays_on_the_board_is_no_news_and_what_comes_is() -> None:
    heard: list[str] = []
    board, kept = Board(listener=lambda snapshot: heard.append(snapshot.operation)), entry("kept")
    board.replace([kept])
    board.replace([kept, entry("new")])
    assert heard == ["kept", "new"]
