"""What is particular to a server: it may be down, slow, forgetful, or not let us in."""

import contextlib
import os
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from exporter.clock import SystemClock
from exporter.config import StatePlace
from exporter.state import Health, StateError, open_store
from exporter.state.redis import RedisStore
from exporter.state.store import StateReplacedError
from support.ports import free_port
from support.programs import program
from support.redis import Redis, redis_server
from support.waiting import until

ROOT = Path(__file__).resolve().parents[2]
SALT_KEY = "wolkvox-exporter:salt"

pytestmark = pytest.mark.integration

KEY, DAY = "ventas https://wv0042.wolkvox.com", "2026-03-01"


def cli(port: int, *words: str) -> str:
    command = [program("redis-cli"), "-p", str(port), "--raw", *words]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout.strip()


def refused(url: str) -> str:
    with pytest.raises(StateError) as caught:
        RedisStore(url)
    return str(caught.value)


def test_a_server_that_is_down() -> None:
    assert "refused" in refused(f"redis://127.0.0.1:{free_port()}/0")


def test_a_host_that_there_is_not() -> None:
    assert refused("redis://nowhere.invalid:6379/0")


def test_a_wrong_password_is_said_and_not_shown(tmp_path: Path) -> None:
    with redis_server(tmp_path, "--requirepass", "right-fake-password") as server:
        message = refused(f"redis://:wrong-fake-password@127.0.0.1:{server.port}/0")
        assert "password" in message.lower()
        assert "fake" not in message
        assert "uthentication required" in refused(server.url)
        store = RedisStore(f"redis://:right-fake-password@127.0.0.1:{server.port}/0")
        assert store.acquire(KEY, 60)
        store.close()


def test_something_that_is_no_redis(tmp_path: Path) -> None:
    with redis_server(tmp_path) as server:
        assert refused(f"rediss://127.0.0.1:{server.port}/0")


def test_a_server_that_does_not_answer_is_given_up_soon(tmp_path: Path) -> None:
    with redis_server(tmp_path) as server:
        store = RedisStore(server.url, timeout=0.2)
        os.kill(server.process.pid, signal.SIGSTOP)
        try:
            with pytest.raises(StateError, match=r"[Tt]ime"):
                store.acquire(KEY, 60)
        finally:
            os.kill(server.process.pid, signal.SIGCONT)
        store.close()


def test_a_server_that_forgot_everything_grants_no_second_lease_to_who_does_not_know(tmp_path: Path) -> None:
    with redis_server(tmp_path) as server:
        store, other = RedisStore(server.url), RedisStore(server.url)
        before = store.acquire(KEY, 60)
        assert before is not None
        cli(server.port, "FLUSHALL")
        newcomer = RedisStore(server.url)
        after = newcomer.acquire(KEY, 60)
        assert after is not None
        assert after.fence > before.fence
        for old in (store, other):
            with pytest.raises(StateReplacedError, match="replaced"):
                old.acquire(KEY, 60)
        with pytest.raises(StateReplacedError, match="replaced"):
            store.write(before, "ventas", {"answer": b"late"})
        for one in (store, other, newcomer):
            one.close()


def test_a_full_server_is_an_error_and_nothing_is_half_done(tmp_path: Path) -> None:
    with redis_server(tmp_path) as server:
        store = RedisStore(server.url)
        lease = store.acquire(KEY, 60)
        assert lease is not None
        store.write(lease, "ventas", {"answer": b"small"}, count_day=DAY)
        cli(server.port, "CONFIG", "SET", "maxmemory", "1")
        with pytest.raises(StateError, match="maxmemory"):
            store.write(lease, "ventas", {"answer": b"big"}, count_day=DAY)
        cli(server.port, "CONFIG", "SET", "maxmemory", "0")
        assert store.read("ventas", ["answer"]) == {"answer": b"small"}
        assert store.count(KEY, DAY) == 1
        store.close()


def test_all_that_is_kept_ends_by_itself(redis: Redis) -> None:
    store = RedisStore(redis.url)
    lease = store.acquire(KEY, 60)
    assert lease is not None
    store.write(lease, "ventas", {"answer": b"x"}, count_day=DAY)
    keys = cli(redis.port, "KEYS", "*").split("\n")
    assert all(key.startswith("wolkvox-exporter:") for key in keys)
    for key in keys:
        if key != "wolkvox-exporter:data-id":
            assert int(cli(redis.port, "TTL", key)) > 0, key
    store.close()


def former_version_opens(port: int) -> str:
    """Return the salt that the former version would use: it makes one unless there is one."""
    cli(port, "SET", SALT_KEY, "ab" * 32, "NX")
    return cli(port, "GET", SALT_KEY)


def test_the_salt_of_a_former_version_goes_and_does_not_come_back(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with redis_server(tmp_path) as server:
        salt = former_version_opens(server.port)
        bytes.fromhex(salt)
        store = RedisStore(server.url)
        (record,) = caplog.records
        assert record.levelname == "WARNING"
        assert "the day's count of calls starts anew" in record.message
        with pytest.raises(ValueError, match="hex"):  # so it is refused, and continues in memory
            bytes.fromhex(former_version_opens(server.port))
        assert int(cli(server.port, "TTL", SALT_KEY)) > 0
        assert store.acquire(KEY, 60)
        caplog.clear()
        RedisStore(server.url).close()
        assert not caplog.records
        store.close()


def test_a_new_server_has_no_salt(tmp_path: Path) -> None:
    with redis_server(tmp_path) as server:
        store = RedisStore(server.url)
        assert store.acquire(KEY, 60)
        assert SALT_KEY not in cli(server.port, "KEYS", "*").split("\n")
        store.close()


@pytest.mark.parametrize(
    ("policy", "limit", "told"),
    [
        ("noeviction", "100mb", ""),
        ("volatile-lru", "100mb", "volatile-lru"),
        ("allkeys-lfu", "100mb", "allkeys-lfu"),
        ("volatile-lru", "0", ""),
    ],
)
def test_a_server_that_may_evict_leases_is_told_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, policy: str, limit: str, told: str
) -> None:
    with redis_server(tmp_path, "--maxmemory", limit, "--maxmemory-policy", policy) as server:
        store = open_store(StatePlace(redis_url=server.url), SystemClock())
        assert store.acquire(KEY, 60)
        assert [record.maxmemory_policy for record in caplog.records] == ([told] if told else [])  # type: ignore[attr-defined]
        assert all("noeviction" in record.message for record in caplog.records)
        store.close()


def test_a_server_that_often_loses_its_data_is_told_of_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    flags = ("--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru")
    with redis_server(tmp_path, *flags) as server:
        store = open_store(StatePlace(redis_url=server.url), SystemClock())
        for losses in (1, 2):
            store.count(KEY, DAY)
            cli(server.port, "DEL", "wolkvox-exporter:data-id")
            store.acquire(f"{KEY} {losses}", 0.01)
            assert store.health() == Health(up=False, losses=losses)
            until(lambda: store.health().up, 60, "the store")
        policies = [r.maxmemory_policy for r in caplog.records if hasattr(r, "maxmemory_policy")]
        assert policies == ["allkeys-lru"]
        store.close()


@pytest.mark.parametrize("database", ["", "0", "5"])
def test_the_documented_rights_are_enough(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, database: str
) -> None:
    with redis_server(tmp_path, "--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru") as server:
        documented = (ROOT / "docs/scaling.md").read_text().partition("and the commands")[2].partition(".")[0]
        allowed = [f"+{name.strip().lower().replace(' ', '|')}" for name in documented.split(",")]
        cli(server.port, "ACL", "SETUSER", "fake", "on", ">fake-password", "~wolkvox-exporter:*", *allowed)
        url = f"redis://fake:fake-password@127.0.0.1:{server.port}/{database}"
        store = open_store(StatePlace(redis_url=url), SystemClock())
        lease = store.acquire(KEY, 60)
        assert lease is not None
        store.write(lease, "ventas", {"answer": b"x"}, count_day=DAY)
        assert (store.count(KEY, DAY), store.read("ventas", ["answer"])) == (1, {"answer": b"x"})
        assert store.changes("ventas", 0)
        store.release(lease)
        assert store.acquire(KEY, 60)
        assert store.health() == Health(up=True, losses=0)
        assert not caplog.records
        store.close()


@pytest.mark.parametrize("damage", [b"nan", b"inf", b"-1e300", b"\xff", b"", b"text"])
def test_numbers_that_are_none_are_a_state_error_or_are_replaced(redis: Redis, damage: bytes) -> None:
    key, scope = f"{KEY} {damage!r}", f"ventas {damage!r}"
    store = RedisStore(redis.url)
    lease = store.acquire(key, 60)
    assert lease is not None
    assert store.write(lease, scope, {"answer": b"x", "other": b"x"}, count_day=DAY)
    versions = f"wolkvox-exporter:versions:{scope}"
    for number in (
        *((f"wolkvox-exporter:{kind}:{key}", "") for kind in ("fence", "lease")),
        (f"wolkvox-exporter:count:{key}:{DAY}", ""),
        *((versions, field) for field in ("answer", "other", "\x00")),
    ):
        where, field = number
        damaged(redis.port, where, "" if field == "\x00" else field or None, damage)
    for act in (
        lambda: store.changes(scope, 0),
        lambda: store.count(key, DAY),
        lambda: store.write(lease, scope, {"answer": b"y"}, count_day=DAY),
        lambda: store.release(lease),
        lambda: store.acquire(key, 60),
    ):
        with contextlib.suppress(StateError):
            act()
    store.close()


def damaged(port: int, key: str, field: str | None, value: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        words = (
            [b"SET", key.encode(), value] if field is None else [b"HSET", key.encode(), field.encode(), value]
        )
        connection.sendall(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words))
        assert connection.recv(100)[:1] in b"+:"
