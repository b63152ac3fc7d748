"""What is particular to a file: who made it, who may read it, what became of it, who died while using it."""

import contextlib
import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from exporter.state import StateError
from exporter.state.sqlite import SqliteStore
from exporter.state.store import StateReplacedError
from support.users import OTHER, SERVICE, acting_as, folder_of, needs_root

KEY, DAY = "ventas https://wv0042.wolkvox.com", "2026-03-01"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "a folder" / "and another" / "state.db"


def refused(file: Path) -> str:
    with pytest.raises(StateError) as caught:
        SqliteStore(file)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def fill(file: Path, records: int = 1) -> None:
    store = SqliteStore(file)
    lease = store.acquire(KEY, 60)
    assert lease is not None
    for number in range(records):
        assert store.write(lease, "ventas", {"answer": b"x" * 1000 * number}, count_day=DAY)
    store.release(lease)
    store.close()


def test_the_file_and_its_folders_are_made_for_its_user_alone(file: Path) -> None:
    previous = os.umask(0)
    try:
        store = SqliteStore(file)
        lease = store.acquire(KEY, 60)
        made = {path.name: stat.S_IMODE(path.stat().st_mode) for path in file.parent.iterdir()}
        store.close()
    finally:
        os.umask(previous)
    assert lease
    assert made == {"state.db": 0o600, "state.db-wal": 0o600, "state.db-shm": 0o600}
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_a_file_that_others_could_read_is_closed_to_them(file: Path) -> None:
    fill(file)
    file.chmod(0o644)
    SqliteStore(file).close()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


FORMER_SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA secure_delete = OFF;
PRAGMA auto_vacuum = NONE;
CREATE TABLE salt (value BLOB NOT NULL);
CREATE TABLE leases (
    key TEXT PRIMARY KEY, fence INTEGER NOT NULL, taken REAL NOT NULL, seconds REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE counts (
    key TEXT NOT NULL, day TEXT NOT NULL, calls INTEGER NOT NULL, PRIMARY KEY (key, day)
) WITHOUT ROWID;
CREATE TABLE records (
    scope TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL, data BLOB NOT NULL,
    PRIMARY KEY (scope, name)
);
PRAGMA application_id = 2003790955;
PRAGMA user_version = 1;
"""
SALT, HASH = b"fake salt of 32 bytes, not random", "f" * 16 + "%016x"
NOW_MICROSECONDS = int(time.time() * 1e6)


def former(file: Path, tokens: int = 300) -> sqlite3.Connection:
    """Make a file as the former version did, with pages that are free or that only the log has."""
    file.parent.mkdir(parents=True, exist_ok=True)
    db = sqlite3.connect(file, isolation_level=None)
    db.executescript(FORMER_SCHEMA)
    db.execute("INSERT INTO salt VALUES (?)", (SALT,))
    db.execute("INSERT INTO records VALUES ('ventas', 'answer', ?, x'2a')", (NOW_MICROSECONDS,))
    for number in range(tokens):
        db.execute("INSERT INTO leases VALUES (?, 1, 0, 0)", (HASH % number,))
        db.execute("INSERT INTO counts VALUES (?, ?, 7)", (HASH % number, DAY))
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.execute("DELETE FROM leases WHERE key > ?", (HASH % 9,))
    db.execute("UPDATE counts SET calls = 8")
    return db


def content(file: Path) -> bytes:
    return b"".join(path.read_bytes() for path in file.parent.iterdir())


def killed(file: Path) -> None:
    """Leave the file, its log and its index as a process that is killed leaves them."""
    elsewhere = file.parent.with_name("elsewhere") / file.name
    with contextlib.closing(former(elsewhere)):
        shutil.copytree(elsewhere.parent, file.parent)
    assert content(file).count(b"f" * 16) > 1000
    assert SALT in content(file)


def hashes(file: Path) -> bool:
    return SALT in content(file) or b"f" * 16 in content(file)


def test_hashes_of_a_former_version_are_in_no_page_and_no_log(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    killed(file)
    store = SqliteStore(file)
    assert not hashes(file)
    (record,) = caplog.records
    assert (record.levelname, record.state) == ("WARNING", str(file))  # type: ignore[attr-defined]
    assert "the day's count of calls starts anew" in record.message
    assert store.read("ventas", ["answer"]) == {"answer": b"\x2a"}
    lease = store.acquire(KEY, 60)
    assert lease is not None
    assert store.write(lease, "ventas", {"answer": b"new"}, count_day=DAY)
    store.release(lease)
    store.close()
    caplog.clear()
    fill(file)
    assert not caplog.records
    assert not hashes(file)


def test_a_former_version_that_still_runs_cannot_add_hashes(file: Path) -> None:
    with contextlib.closing(former(file)) as db:
        store = SqliteStore(file)
        for statement in (
            "SELECT fence, taken, seconds FROM leases WHERE key = ?",
            "SELECT calls FROM counts WHERE key = ?",
            "SELECT value FROM salt WHERE value <> ?",
        ):
            with pytest.raises(sqlite3.OperationalError, match="no such"):
                db.execute(statement, (HASH % 1,))
        assert not hashes(file)
        store.close()


def test_removing_hashes_waits_for_who_reads_them_and_is_done_again(file: Path) -> None:
    with contextlib.closing(former(file)) as db:
        db.execute("BEGIN")
        assert db.execute("SELECT calls FROM counts").fetchall()
        assert "is busy" in refused(file)
        (version,) = db.execute("PRAGMA user_version").fetchone()
        assert version == 1, "as long as there may be a hash in the log"
        db.execute("ROLLBACK")
        other = SqliteStore(file)
        lease = other.acquire(KEY, 60)
        assert lease is not None
        SqliteStore(file).close()
        assert other.acquire(KEY, 60) is None
        assert not hashes(file)
        other.close()


def test_what_was_written_is_there_after_closing(file: Path) -> None:
    fill(file, records=3)
    store = SqliteStore(file)
    assert store.count(KEY, DAY) == 3
    assert store.read("ventas", ["answer"]) == {"answer": b"x" * 2000}
    store.close()


def test_an_empty_file_is_a_new_one(file: Path) -> None:
    file.parent.mkdir(parents=True)
    file.touch()
    fill(file)


def test_garbage_is_left_as_it_is(file: Path) -> None:
    file.parent.mkdir(parents=True)
    file.write_bytes(b"garbage " * 1000)
    assert "not a database: stop whatever uses it, and move it away" in refused(file)
    assert file.read_bytes() == b"garbage " * 1000


def test_a_damaged_file_is_refused_when_it_is_used(file: Path) -> None:
    fill(file, records=50)
    content = file.read_bytes()
    assert len(content) > 8192
    file.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
    assert "malformed: stop whatever uses it, and move it away" in refused(file)


def test_damage_that_the_library_stumbles_over_is_an_error_like_others(file: Path) -> None:
    fill(file)
    content = file.read_bytes()
    assert content.count(b"tableleasesleases") == 1
    # The name of a table, which SQLite's message repeats.
    file.write_bytes(content.replace(b"tableleasesleases", b"table\xff\xff\xff\xff\xff\xffleases"))
    assert "is damaged (" in refused(file)


def test_values_of_another_kind_are_damage_and_such_a_record_is_as_good_as_none(file: Path) -> None:
    fill(file)
    with contextlib.closing(sqlite3.connect(file)) as db, db:
        db.execute("UPDATE records SET version = x'00'")
        db.execute("INSERT INTO records VALUES ('cobros', x'07', 1, x'00'), ('cobros', 'answer', 1, 'text')")
    store = SqliteStore(file)
    changed = store.changes("cobros", 0)
    assert changed.records == store.read("cobros", ["answer"]) == {}
    lease = store.acquire(KEY, 60)
    assert lease is not None
    with pytest.raises(StateError, match="is damaged"):
        store.write(lease, "ventas", {"answer": b"new"})
    store.close()


def test_a_folder_is_no_file(file: Path) -> None:
    file.mkdir(parents=True)
    assert "Is a directory" in refused(file)


def test_a_device_is_no_file() -> None:
    assert "is not a file" in refused(Path("/dev/full"))


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "File exists" in refused(tmp_path / "file" / "state.db")


def test_the_database_of_another_program_is_left_alone(file: Path) -> None:
    file.parent.mkdir(parents=True)
    with contextlib.closing(sqlite3.connect(file)) as db, db:
        db.execute("CREATE TABLE customers (telephone TEXT)")
    assert "another program" in refused(file)


def test_a_newer_version_is_named(file: Path) -> None:
    fill(file)
    with contextlib.closing(sqlite3.connect(file)) as db, db:
        db.execute("PRAGMA user_version = 99")
    message = refused(file)
    assert "schema 99" in message
    assert str(file) in message


def test_a_file_that_was_taken_away_is_noticed(file: Path) -> None:
    store = SqliteStore(file)
    store.acquire(KEY, 60)
    file.unlink()
    with pytest.raises(StateReplacedError, match="was deleted"):
        store.acquire("another", 60)
    fill(file)
    with pytest.raises(StateReplacedError, match="was replaced"):
        store.acquire("another", 60)
    store.close()


def test_a_closed_store_says_so(file: Path) -> None:
    store = SqliteStore(file)
    store.close()
    with pytest.raises(StateError, match="closed"):
        store.count(KEY, DAY)


def test_a_full_disk_is_an_error_and_nothing_is_half_done(file: Path) -> None:
    store = SqliteStore(file)
    lease = store.acquire(KEY, 60)
    assert lease is not None
    store.write(lease, "ventas", {"answer": b"small"}, count_day=DAY)
    # SQLite's own way to a full disk: the file may not grow any more.
    (pages,) = store._connection.execute("PRAGMA page_count").fetchone()
    store._connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StateError, match="full"):
        store.write(lease, "ventas", {"answer": b"x" * 1_000_000}, count_day=DAY)
    assert store.read("ventas", ["answer"]) == {"answer": b"small"}
    assert store.count(KEY, DAY) == 1
    store.close()


def test_a_clock_that_is_put_back_does_not_hold_a_lease_for_ever(file: Path) -> None:
    now = 1_000_000.0
    store = SqliteStore(file, wall=lambda: now)
    first = store.acquire(KEY, 90)
    assert first is not None
    now -= 3600
    assert store.acquire(KEY, 90) is None
    now += 89
    assert store.acquire(KEY, 90) is None
    now += 2
    after = store.acquire(KEY, 90)
    assert after is not None
    assert after.fence > first.fence
    assert store.write(first, "ventas", {"answer": b"late"}) is None
    store.close()


def test_a_lease_that_was_given_back_is_free_whatever_becomes_of_the_clock(file: Path) -> None:
    now = 2_000_000_000.0  # a machine may start with a clock that is years ahead
    store = SqliteStore(file, wall=lambda: now)
    first = store.acquire(KEY, 90)
    assert first is not None
    store.release(first)
    now -= 200_000_000
    after = store.acquire(KEY, 90)
    assert after is not None
    assert after.fence > first.fence
    store.close()


def test_what_nobody_has_written_for_a_month_goes(file: Path) -> None:
    now = 1_000_000.0
    store = SqliteStore(file, wall=lambda: now)
    lease = store.acquire(KEY, 90)
    assert lease is not None
    store.write(lease, "ventas", {"answer": b"old"})
    store.close()
    now += 31 * 86400
    store = SqliteStore(file, wall=lambda: now)
    assert store.read("ventas", ["answer"]) == {}
    store.close()


_WRITER = """
import sys, time
from pathlib import Path
from exporter.state.sqlite import SqliteStore
store = SqliteStore(Path(sys.argv[1]))
lease = None
while lease is None:
    lease = store.acquire(sys.argv[2], 60)
for number in range(int(sys.argv[3])):
    assert store.write(lease, sys.argv[2], {"answer": str(number).encode() * 500}, count_day="2026-03-01")
    print(number, flush=True)
store.release(lease)
"""


def writer(file: Path, key: str, writes: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", _WRITER, os.fspath(file), key, str(writes)], stdout=subprocess.PIPE, text=True
    )


@pytest.mark.integration
def test_kill_9_loses_nothing_that_was_written(file: Path) -> None:
    for round_number in range(3):
        key = f"token {round_number}"
        with writer(file, key, 1_000_000) as process:
            assert process.stdout is not None
            last = [int(process.stdout.readline()) for _ in range(50)][-1]
            process.send_signal(signal.SIGKILL)
            rest = process.stdout.read().split("\n")
        seen = max([last, *(int(line) for line in rest[:-1])])
        store = SqliteStore(file)
        # Of the one write that it was in, everything was done or nothing.
        counted = store.count(key, DAY)
        assert counted in {seen + 1, seen + 2}
        assert store.read(key, ["answer"]) == {"answer": str(counted - 1).encode() * 500}
        assert store.acquire(key, 60) is None, "the dead one's lease holds until it ends"
        store.close()


@pytest.mark.integration
def test_processes_that_start_and_write_at_once_wait_for_each_other(file: Path) -> None:
    writers = [writer(file, f"token {number % 3}", 100) for number in range(6)]
    for process in writers:
        out, _ = process.communicate(timeout=120)
        assert (process.returncode, out.count("\n")) == (0, 100)
    store = SqliteStore(file)
    assert [store.count(f"token {number}", DAY) for number in range(3)] == [200, 200, 200]
    store.close()


@pytest.mark.integration
def test_a_process_that_is_frozen_in_a_transaction_keeps_others_waiting_for_seconds_only(file: Path) -> None:
    fill(file)
    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    assert "locked" in refused(file)
    holder.execute("ROLLBACK")
    SqliteStore(file).close()
    holder.close()


def owners(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_uid for path in folder.iterdir()}


@needs_root
def test_a_file_on_a_volume_of_a_group_is_used_after_a_change_of_the_user(
    caplog: pytest.LogCaptureFixture,
) -> None:
    # What the kubelet does for fsGroup when a pod with another user gets the volume.
    caplog.set_level("INFO")
    with folder_of(0, 0o2770) as folder:
        os.chown(folder, 0, SERVICE)
        with acting_as(OTHER, SERVICE):
            fill(folder / "state.db")
        for path in folder.iterdir():
            path.chmod(0o660)
        with acting_as(OTHER + 1, SERVICE):
            store, again = SqliteStore(folder / "state.db"), SqliteStore(folder / "state.db")
            assert store.count(KEY, DAY) == 1
            lease = store.acquire(KEY, 60)
            assert lease is not None
            assert again.acquire(KEY, 60) is None
            assert store.write(lease, "ventas", {"answer": b"new"}, count_day=DAY)
            assert again.count(KEY, DAY) == 2
            store.close()
            again.close()
        assert owners(folder)["state.db"] == OTHER
    assert [record.levelname for record in caplog.records] == ["INFO"]


@needs_root
def test_a_file_that_root_makes_is_the_services() -> None:
    with folder_of(SERVICE) as above:
        folder = above / "made" / "too"
        store = SqliteStore(folder / "state.db")
        lease = store.acquire(KEY, 60)
        assert lease is not None
        assert owners(folder) == dict.fromkeys(["state.db", "state.db-wal", "state.db-shm"], SERVICE)
        assert owners(above) == {"made": SERVICE}
        with acting_as(SERVICE):
            service = SqliteStore(folder / "state.db")
            assert service.acquire(KEY, 60) is None
            assert service.acquire(f"{KEY} other", 60)
            service.close()
        store.close()


@needs_root
@pytest.mark.parametrize("theirs", ["", "state.db", "state.db-wal"])
def test_whose_the_state_is_is_told(theirs: str) -> None:
    with folder_of(OTHER if theirs else SERVICE) as folder:
        if theirs:
            with acting_as(OTHER):
                # The log of a database stays while it is open.
                store = SqliteStore(folder / "state.db")
                assert store.acquire(KEY, 60)
            os.chown(folder / theirs, SERVICE, SERVICE)
        with acting_as(OTHER):
            reason = refused(folder / "state.db")
        if theirs:
            store.close()
        assert reason.endswith(
            f" ({folder / theirs if theirs else folder} belongs to {SERVICE}: "
            "run this as that user, or name another place in state.url)"
        )


def test_a_link_to_a_file_that_is_not_there_yet(file: Path) -> None:
    file.parent.mkdir(parents=True)
    file.symlink_to(file.with_name("elsewhere.db"))
    fill(file)
    assert stat.S_IMODE(file.with_name("elsewhere.db").stat().st_mode) == 0o600
