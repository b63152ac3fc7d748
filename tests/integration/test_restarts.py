"""The exporter is killed, started again, and finds its state, a broken one, or none."""

import contextlib
import os
import resource
import signal
import sqlite3
from pathlib import Path

import pytest

from exporter.simulator import Fault
from support.ports import free_port
from support.redis import redis_server
from support.sharing import SharedFloor, value
from support.waiting import until

pytestmark = pytest.mark.integration

UP = "wolkvox_exporter_state_up"
REAL_TIME = 'api="campaigns"'
AWAY, BACK = "state store unavailable", "state store available again"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state" / "state.db"


def floor(tmp_path: Path, file: Path) -> SharedFloor:
    return SharedFloor(tmp_path, f"sqlite://{file}", campaigns="1h", campaign_settings="1s")


def test_the_last_answers_are_there_at_once_and_nobody_is_called_too_soon(tmp_path: Path, file: Path) -> None:
    with floor(tmp_path, file) as one:
        with one.exporter() as running:
            until(lambda: value(running, "wolkvox_up", REAL_TIME), 60, "the first poll")
            records = running.metrics().count("\nwolkvox_campaign_records{")
            success = value(running, "wolkvox_last_success_timestamp_seconds", REAL_TIME)
            assert records > 0
            assert running.process.stop(signal.SIGKILL) == -signal.SIGKILL
        for _ in range(2):
            with one.exporter() as running:
                assert running.metrics().count("\nwolkvox_campaign_records{") == records
                assert value(running, "wolkvox_last_success_timestamp_seconds", REAL_TIME) == success
                assert value(running, UP) == 1
                goes_on(one)
                assert one.calls("campaigns") == 1
                running.process.stop(signal.SIGKILL)


def test_a_call_whose_answer_nobody_saw_is_not_made_again(tmp_path: Path, file: Path) -> None:
    with floor(tmp_path, file) as one:
        one.simulator.faults.set(Fault("hang"), api="campaigns")
        with one.exporter() as running:
            until(lambda: one.calls("campaigns"), 60, "the call")
            running.process.stop(signal.SIGKILL)
        one.simulator.faults.clear()
        with one.exporter() as running:
            assert value(running, "wolkvox_last_attempt_timestamp_seconds", REAL_TIME)
            assert value(running, "wolkvox_up", REAL_TIME) is None
            # The dead one's lease ends after 90 s; then the other API is polled again, and this one not.
            until(lambda: value(running, "wolkvox_requests_total", 'api="campaign_settings"'), 180)
            assert one.calls("campaigns") == 1


def goes_on(one: SharedFloor) -> None:
    """Wait for polls; when one was killed in the middle of a call, its lease ends after 90 s."""
    before = one.calls("campaign_settings")
    until(lambda: one.calls("campaign_settings") > before + 2, 180, "polls")


def folder(file: Path) -> None:
    file.mkdir()


def garbage(file: Path) -> None:
    file.write_bytes(b"garbage " * 1000)


def newer(file: Path) -> None:
    with contextlib.closing(sqlite3.connect(file)) as db, db:
        db.execute("PRAGMA application_id = 2003790955")
        db.execute("PRAGMA user_version = 99")


@pytest.mark.parametrize("breaks", [folder, garbage, newer])
def test_a_broken_file_is_said_once_and_stops_nothing(tmp_path: Path, file: Path, breaks: object) -> None:
    file.parent.mkdir()
    breaks(file)  # type: ignore[operator]
    with floor(tmp_path, file) as one, one.exporter() as running:
        until(lambda: (value(running, "wolkvox_requests_total", 'api="campaign_settings"') or 0) >= 3, 60)
        assert value(running, UP) == 0
        assert value(running, "wolkvox_up", REAL_TIME) == 1
        file.rename(tmp_path / "away")
        until(lambda: value(running, UP) == 1, 60, "the state store")
        log = running.process.stderr.read_text()
        assert (log.count(AWAY), log.count(BACK)) == (1, 1)
        assert str(file) in log
        assert file.exists()
        running.process.stop(signal.SIGKILL)
        with one.exporter() as again:
            assert value(again, "wolkvox_up", REAL_TIME) == 1
            assert one.calls("campaigns") == 1


def test_a_full_disk_stops_nothing_and_the_state_is_written_once_there_is_room(
    tmp_path: Path, file: Path
) -> None:
    with floor(tmp_path, file) as one, one.exporter() as running:
        until(lambda: value(running, "wolkvox_up", REAL_TIME), 60, "the first poll")
        pid = running.process.pid
        size = running.process.stderr.stat().st_size + 8192
        previous = resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
        until(lambda: value(running, UP) == 0, 60, "the full disk")
        goes_on(one)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, previous)
        until(lambda: value(running, UP) == 1, 90, "room")
        assert value(running, "wolkvox_exporter_state_losses_total") == 1
        assert running.process.stop() == 0


def test_redis_may_come_late_go_away_hang_and_come_back(tmp_path: Path) -> None:
    port = free_port()
    flags = ("--requirepass", "fake-password")
    url = f"redis://:fake-password@127.0.0.1:{port}/0"
    with SharedFloor(tmp_path, url, campaigns="1h", campaign_settings="1s") as one, one.exporter() as running:
        until(lambda: value(running, "wolkvox_up", REAL_TIME), 60, "a poll without Redis")
        assert value(running, UP) == 0
        with redis_server(tmp_path / "redis-1", "--requirepass", "another-fake", port=port):
            goes_on(one)
            assert value(running, UP) == 0
        with redis_server(tmp_path / "redis-2", *flags, port=port) as server:
            until(lambda: value(running, UP) == 1, 90, "Redis")
            os.kill(server.process.pid, signal.SIGSTOP)
            until(lambda: value(running, UP) == 0, 90, "the end of patience")
            goes_on(one)
            os.kill(server.process.pid, signal.SIGCONT)
            until(lambda: value(running, UP) == 1, 90, "Redis again")
            with one.exporter() as other:
                assert value(other, "wolkvox_up", REAL_TIME) == 1
        until(lambda: value(running, UP) == 0, 90, "the end of Redis")
        assert one.calls("campaigns") == 1
        log = running.process.stderr.read_text()
        assert (log.count(AWAY), log.count(BACK)) == (3, 2)
        assert "fake-password" not in log
        assert running.process.stop() == 0
