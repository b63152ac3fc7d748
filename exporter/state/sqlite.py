"""State in one SQLite file, for the processes of one machine.

Write-ahead logging: readers do not wait for a writer, and what was committed survives a crash of the process
(https://www.sqlite.org/wal.html). Leases end by the wall clock, which all processes share.
"""

import contextlib
import logging
import os
import sqlite3
import stat
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from exporter.private_files import make_private_folder, open_private
from exporter.state.store import Changes, Lease, StateError, StateReplacedError, next_number
from exporter.users import user_name

_log = logging.getLogger(__name__)

_APPLICATION_ID = 0x776F6C6B  # "wolk"
_SCHEMA_VERSION = 2
_HASHES_VERSION = 1
"""The schema whose keys were salted hashes of tokens, beside the salt."""

_LEASES_AND_COUNTS = """
CREATE TABLE leases (
    name TEXT PRIMARY KEY, fence INTEGER NOT NULL, taken REAL NOT NULL, seconds REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE counts (
    name TEXT NOT NULL, day TEXT NOT NULL, calls INTEGER NOT NULL, PRIMARY KEY (name, day)
) WITHOUT ROWID
"""
_RECORDS = """
CREATE TABLE records (
    scope TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL, data BLOB NOT NULL,
    PRIMARY KEY (scope, name)
)
"""
_BUSY_TIMEOUT_SECONDS = 2.0
"""How long to wait for another transaction, which takes a millisecond."""

_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_AWAY = (
    ": stop whatever uses it, and move it away together with its -wal and -shm files; a new one will be "
    "made, without the day's count of calls, the last answers and what is usual for each campaign"
)

_KEPT_DAYS = 2
_RECORDS_KEPT_SECONDS = 30 * 86400.0


class SqliteStore:
    """State in a file; `wall` returns Unix time, as `time.time`. Raises StateError when it cannot be used."""

    def __init__(self, file: Path, wall: Callable[[], float] = time.time) -> None:
        self._file = file
        self._wall = wall
        self._lock = threading.Lock()
        with self._as_state_errors():
            _make_file(file)
            self._connection = _connect(file)
            try:
                _prepare(self._connection, file, wall())
                self._identity = _identity(file)
            except BaseException:
                self._connection.close()
                raise

    @property
    def identity(self) -> str:
        """The file by its device and number: its path may differ from container to container."""
        return "file {}:{}".format(*self._identity)

    def acquire(self, key: str, seconds: float) -> Lease | None:
        """Take the lease of a key for `seconds`; None while another holder has it."""
        with self._transaction() as db:
            now = self._wall()
            row = db.execute("SELECT fence, taken, seconds FROM leases WHERE name = ?", (key,)).fetchone()
            fence, taken, held = row or (0, 0.0, 0.0)
            if held and now < taken + held:
                if now < taken:
                    # The clock was set back: the lease holds for its whole length from now on, but no longer.
                    db.execute("UPDATE leases SET taken = ? WHERE name = ?", (now, key))
                return None
            fence = next_number(fence, now)
            db.execute("REPLACE INTO leases VALUES (?, ?, ?, ?)", (key, fence, now, seconds))
            return Lease(key, fence)

    def release(self, lease: Lease) -> None:
        """Release a lease, if the holder still has it."""
        # The row stays, so that fences go on growing.
        with self._transaction() as db:
            db.execute("UPDATE leases SET seconds = 0 WHERE name = ? AND fence = ?", (lease.key, lease.fence))

    def write(
        self,
        lease: Lease,
        scope: str,
        records: Mapping[str, bytes],
        *,
        count_day: str | None = None,
        calls: int = 1,
    ) -> int | None:
        """Replace records and count calls; None when the holder no longer has the lease."""
        key = lease.key
        with self._transaction() as db:
            now = self._wall()
            row = db.execute("SELECT fence, taken, seconds FROM leases WHERE name = ?", (key,)).fetchone()
            if row is None or row[0] != lease.fence or now >= row[1] + row[2]:
                return None
            version = next_number(_version(db, scope), now)
            db.executemany(
                "REPLACE INTO records VALUES (?, ?, ?, ?)",
                [(scope, name, version, data) for name, data in records.items()],
            )
            if count_day is not None:
                db.execute(
                    "INSERT INTO counts VALUES (?, ?, ?) "
                    "ON CONFLICT (name, day) DO UPDATE SET calls = calls + excluded.calls",
                    (key, count_day, calls),
                )
                db.execute(
                    "DELETE FROM counts WHERE name = ? AND day <> ? AND day NOT IN "
                    "(SELECT day FROM counts WHERE name = ? ORDER BY day DESC LIMIT ?)",
                    (key, count_day, key, _KEPT_DAYS),
                )
            return version

    def count(self, key: str, day: str) -> int:
        """Return the calls counted for a key on a day."""
        with self._reading() as db:
            row = db.execute("SELECT calls FROM counts WHERE name = ? AND day = ?", (key, day)).fetchone()
            return int(row[0]) if row else 0

    def changes(self, scope: str, since: int) -> Changes:
        """Return the records of a scope that are newer than version `since`."""
        with self._reading() as db:
            # In a damaged file values may be of any type; such a record counts as none.
            rows = db.execute(
                "SELECT name, version, data FROM records WHERE scope = ? AND version > ? "
                "AND typeof(name) = 'text' AND typeof(data) = 'blob'",
                (scope, since),
            ).fetchall()
            return Changes(max((row[1] for row in rows), default=since), {row[0]: row[2] for row in rows})

    def read(self, scope: str, names: Collection[str]) -> Mapping[str, bytes]:
        """Return those of the named records that exist."""
        with self._reading() as db:
            found = {}
            for name in names:
                row = db.execute(
                    "SELECT data FROM records WHERE scope = ? AND name = ? AND typeof(data) = 'blob'",
                    (scope, name),
                ).fetchone()
                if row:
                    found[name] = row[0]
            return found

    def close(self) -> None:
        """Close the file."""
        with contextlib.suppress(StateError), self._alone():
            self._connection.close()

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._reading() as db, _atomic(db):
            yield db

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._alone(), self._as_state_errors():
            self._check_identity()
            yield self._connection

    def _check_identity(self) -> None:
        try:
            same = _identity(self._file) == self._identity
        except FileNotFoundError:
            raise StateReplacedError("was deleted") from None
        if not same:
            # A file that has lost its name is shared with no process that starts later.
            raise StateReplacedError("was replaced")

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the connection, which one thread at a time may use, and for which none waits long."""
        if not self._lock.acquire(timeout=_BUSY_TIMEOUT_SECONDS):
            raise StateError(f"state file {self._file}: is busy for too long")
        try:
            yield
        finally:
            self._lock.release()

    @contextlib.contextmanager
    def _as_state_errors(self) -> Iterator[None]:
        """Raise StateError with the file's name for what SQLite and the file system raise."""
        try:
            yield
        except sqlite3.Error as error:
            # The low byte is the kind of error; what Python's own module raises has none.
            kind = getattr(error, "sqlite_errorcode", 0) & 0xFF
            advice = _AWAY if kind in _DAMAGE else _whose(self._file)
            raise StateError(f"state file {self._file}: {error}{advice}") from None
        except OSError as error:
            reason = error.strerror or error
            raise StateError(f"state file {self._file}: {reason}{_whose(self._file)}") from None
        except StateError as error:
            raise type(error)(f"state file {self._file}: {error}") from None
        except (TypeError, ValueError, OverflowError) as error:
            # A damaged file: a value is of another type, or SQLite's own message is not text.
            raise StateError(f"state file {self._file}: is damaged ({type(error).__name__}){_AWAY}") from None


def _prepare(db: sqlite3.Connection, file: Path, wall: float) -> None:
    """Make the tables in a new file, bring an old one up to date, and refuse one that is not ours."""
    if _header(db) == _NEW:
        db.execute("PRAGMA journal_mode = WAL")
    with _atomic(db):
        # Another process may have made them meanwhile.
        header = _header(db)
        if header == _NEW:
            _make_tables(db)
        else:
            _refuse_foreign(header)
        # Records of operations that are no longer configured.
        db.execute("DELETE FROM records WHERE version < ?", (int((wall - _RECORDS_KEPT_SECONDS) * 1e6),))
    if header.version == _HASHES_VERSION:
        _remove_hashes(db, file)


def _make_tables(db: sqlite3.Connection) -> None:
    for statement in (*_LEASES_AND_COUNTS.split(";"), _RECORDS):
        db.execute(statement)
    db.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
    db.execute(f"PRAGMA user_version = {_SCHEMA_VERSION}")


def _refuse_foreign(header: "_Header") -> None:
    if header.application != _APPLICATION_ID:
        raise StateError("is the database of another program")
    if header.version not in {_HASHES_VERSION, _SCHEMA_VERSION}:
        raise StateError(
            f"was made by another version of the exporter (schema {header.version} instead of "
            f"{_SCHEMA_VERSION}): move it away, or use that version"
        )


def _remove_hashes(db: sqlite3.Connection, file: Path) -> None:
    """Remove the hashes of tokens, and the salt, from every page of a file, and keep the records.

    Another process may do the same at the same time, and one of the former version may have the file open: it
    cannot use the new tables, whose columns have other names. The new version of the schema is written last,
    so that what was interrupted is done again.
    """
    with _atomic(db):
        removed = db.execute("SELECT 1 FROM sqlite_master WHERE name = 'salt'").fetchone() is not None
        if removed:
            for table in ("salt", "leases", "counts"):
                db.execute(f"DROP TABLE {table}")
            for statement in _LEASES_AND_COUNTS.split(";"):
                db.execute(statement)
    # A read-only system may have no folder for temporary files.
    db.execute("PRAGMA temp_store = MEMORY")
    db.execute("VACUUM")
    (busy, _, _) = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise StateError("is busy for too long")
    db.execute(f"PRAGMA user_version = {_SCHEMA_VERSION}")
    if removed:
        _log.warning(
            "removed the hashes of tokens that a former version kept; the day's count of calls starts anew",
            extra={"state": str(file)},
        )


class _Header(NamedTuple):
    """What identifies a database: the ids in its header, and the number of its tables."""

    application: int
    version: int
    tables: int


_NEW = _Header(0, 0, 0)


def _header(db: sqlite3.Connection) -> _Header:
    (application,) = db.execute("PRAGMA application_id").fetchone()
    (version,) = db.execute("PRAGMA user_version").fetchone()
    (tables,) = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return _Header(application, version, tables)


@contextlib.contextmanager
def _atomic(db: sqlite3.Connection) -> Iterator[None]:
    """Run the block as one transaction, during which no other process writes."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        # SQLite ends the transaction itself after some errors, such as a full disk.
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def _version(db: sqlite3.Connection, scope: str) -> int:
    (version,) = db.execute("SELECT max(version) FROM records WHERE scope = ?", (scope,)).fetchone()
    return version or 0


def _connect(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        file, timeout=_BUSY_TIMEOUT_SECONDS, isolation_level=None, check_same_thread=False
    )
    # A commit is then handed to the operating system: only a crash of the machine can lose the last ones.
    try:
        connection.execute("PRAGMA synchronous = NORMAL")
    except BaseException:
        connection.close()
        raise
    return connection


def _make_file(file: Path) -> None:
    """Make the file and its folder where they are missing, readable by this user only."""
    make_private_folder(file.parent)
    # SQLite gives its other files the same owner and mode. The file itself may be a link.
    descriptor = open_private(Path(os.path.realpath(file)))
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise StateError("is not a file")
    finally:
        os.close(descriptor)


def _whose(file: Path) -> str:
    """Return whose file or folder keeps this user from using the state, for a message; "" if none does."""
    needed = [(folder, os.X_OK) for folder in reversed(file.parents)]
    needed += [(file.parent, os.W_OK)]
    needed += [(file.with_name(file.name + end), os.R_OK | os.W_OK) for end in ("", "-wal", "-shm")]
    for path, mode in needed:
        if os.path.lexists(path) and not os.access(path, mode, effective_ids=True):
            return _belongs(path)
    return ""


def _belongs(path: Path) -> str:
    try:
        owner = path.stat().st_uid
    except OSError:
        return ""
    if owner == os.geteuid():
        return ""
    return (
        f" ({path} belongs to {user_name(owner)}: run this as that user, or name another place in state.url)"
    )


def _identity(file: Path) -> tuple[int, int]:
    status = file.stat()
    return status.st_dev, status.st_ino
