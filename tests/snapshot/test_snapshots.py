import threading
from dataclasses import replace

import pytest

from exporter.snapshot import OperationSnapshot, PollStatus, SnapshotCell, Snapshots


def cell(operation: str) -> SnapshotCell:
    return SnapshotCell(OperationSnapshot(operation, {}))


def named(snapshot: OperationSnapshot, name: str) -> OperationSnapshot:
    return replace(snapshot, polls={**snapshot.polls, name: PollStatus(300.0)})


def test_operations_stay_in_the_order_of_the_configuration() -> None:
    snapshots, cells = Snapshots(), [cell("b"), cell("a")]
    snapshots.replace(cells)
    cells[0].update(lambda s: named(s, "x"))
    assert tuple(snapshots.current()) == ("b", "a")


def test_what_a_reader_has_never_changes() -> None:
    snapshots, cells = Snapshots(), [cell("b"), cell("a")]
    snapshots.replace(cells)
    before = snapshots.current()
    cells[1].update(lambda s: named(s, "x"))
    assert before["a"].polls == {}
    assert set(snapshots.current()["a"].polls) == {"x"}
    assert snapshots.current()["b"] is before["b"]


def test_whoever_listens_gets_the_new_snapshot() -> None:
    heard: list[OperationSnapshot] = []
    snapshots, mine = Snapshots(listener=heard.append), cell("a")
    snapshots.replace([mine])
    heard.clear()
    mine.update(lambda s: named(s, "x"))
    assert heard == [snapshots.current()["a"]]


def test_nobody_hears_of_a_snapshot_that_stays() -> None:
    heard: list[OperationSnapshot] = []
    snapshots, mine = Snapshots(listener=heard.append), cell("a")
    snapshots.replace([mine])
    heard.clear()
    mine.update(lambda s: s)
    assert heard == []


def test_a_change_that_breaks_changes_nothing() -> None:
    mine = cell("a")
    with pytest.raises(ZeroDivisionError):
        mine.update(lambda s: named(s, str(1 // 0)))
    mine.update(lambda s: named(s, "x"))
    assert set(mine.snapshot.polls) == {"x"}


def test_no_change_is_lost_where_several_write() -> None:
    mine = cell("a")

    def write(writer: int) -> None:
        for number in range(200):
            mine.update(lambda s: named(s, f"{writer}.{number}"))  # noqa: B023 - called at once

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(mine.snapshot.polls) == 800


def test_a_cell_that_was_replaced_is_written_to_in_vain() -> None:
    heard: list[OperationSnapshot] = []
    snapshots = Snapshots(listener=heard.append)
    old, new = cell("a"), cell("a")
    snapshots.replace([old])
    snapshots.replace([new])
    heard.clear()
    old.update(lambda s: named(s, "old"))
    assert (snapshots.current()["a"].polls, heard) == ({}, [])
    new.update(lambda s: named(s, "new"))
    assert (set(snapshots.current()["a"].polls), heard) == ({"new"}, [new.snapshot])


def test_a_cell_that_stays_is_no_news_and_one_that_comes_is() -> None:
    heard: list[str] = []
    snapshots, kept = Snapshots(listener=lambda snapshot: heard.append(snapshot.operation)), cell("kept")
    snapshots.replace([kept])
    snapshots.replace([kept, cell("new")])
    assert heard == ["kept", "new"]
