import threading
from dataclasses import replace

import pytest

from exporter.snapshot import Board, OperationSnapshot

OPERATIONS = ("b", "a")


def board() -> Board:
    return Board({name: OperationSnapshot(name, {}) for name in OPERATIONS})


def named(snapshot: OperationSnapshot, name: str) -> OperationSnapshot:
    return replace(snapshot, names={**snapshot.names, name: name})


def test_operations_stay_in_the_order_of_the_configuration() -> None:
    one = board()
    one.update("b", lambda s: named(s, "x"))
    assert tuple(one.current()) == OPERATIONS


def test_what_a_reader_has_never_changes() -> None:
    one = board()
    before = one.current()
    one.update("a", lambda s: named(s, "x"))
    assert before["a"].names == {}
    assert one.current()["a"].names == {"x": "x"}
    assert one.current()["b"] is before["b"]


def test_whoever_listens_gets_the_new_snapshot() -> None:
    heard: list[OperationSnapshot] = []
    one = Board({"a": OperationSnapshot("a", {})}, listener=heard.append)
    one.update("a", lambda s: named(s, "x"))
    assert heard == [one.current()["a"]]


def test_an_unknown_operation_is_refused() -> None:
    with pytest.raises(KeyError):
        board().update("c", lambda s: s)


def test_a_change_that_breaks_changes_nothing() -> None:
    one = board()
    with pytest.raises(ZeroDivisionError):
        one.update("a", lambda s: named(s, str(1 // 0)))
    one.update("a", lambda s: named(s, "x"))
    assert one.current()["a"].names == {"x": "x"}


def test_no_change_is_lost_where_several_write() -> None:
    one = board()

    def write(writer: int) -> None:
        for number in range(200):
            one.update("a", lambda s: named(s, f"{writer}.{number}"))  # noqa: B023 - called at once

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(one.current()["a"].names) == 800
