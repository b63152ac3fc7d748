"""What is particular to a server: it may be down, slow, forgetful, or not let us in."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from exporter.state import StateError
from exporter.state.redis import RedisStore
from support.ports import free_port
from support.programs import program
from support.redis import Redis, redis_server

pytestmark = pytest.mark.integration

DAY = "2026-03-01"


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
        assert store.acquire("fake-token", 60)
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
                store.acquire("fake-token", 60)
        finally:
            os.kill(server.process.pid, signal.SIGCONT)
        store.close()


def test_a_server_that_forgot_everything_grants_no_second_lease_to_who_does_not_know(tmp_path: Path) -> None:
    with redis_server(tmp_path) as server:
        store, other = RedisStore(server.url), RedisStore(server.url)
        before = store.acquire("fake-token", 60)
        assert before is not None
        cli(server.port, "FLUSHALL")
        # Another salt would give the same token another name.
        newcomer = RedisStore(server.url)
        after = newcomer.acquire("fake-token", 60)
        assert after is not None
        assert after.fence > before.fence
        for old in (store, other):
            with pytest.raises(StateError, match="replaced"):
                old.acquire("fake-token", 60)
        with pytest.raises(StateError, match="replaced"):
            store.write(before, "ventas", {"answer": b"late"})
        for one in (store, other, newcomer):
            one.close()


def test_a_full_server_is_an_error_and_nothing_is_half_done(tmp_path: Path) -> None:
    with redis_server(tmp_path) as server:
        store = RedisStore(server.url)
        lease = store.acquire("fake-token", 60)
        assert lease is not None
        store.write(lease, "ventas", {"answer": b"small"}, count_day=DAY)
        cli(server.port, "CONFIG", "SET", "maxmemory", "1")
        with pytest.raises(StateError, match="maxmemory"):
            store.write(lease, "ventas", {"answer": b"big"}, count_day=DAY)
        cli(server.port, "CONFIG", "SET", "maxmemory", "0")
        assert store.read("ventas", ["answer"]) == {"answer": b"small"}
        assert store.count("fake-token", DAY) == 1
        store.close()


def test_all_that_is_kept_ends_by_itself_and_no_token_is_in_it(redis: Redis) -> None:
    store = RedisStore(redis.url)
    lease = store.acquire("fake-token", 60)
    assert lease is not None
    store.write(lease, "ventas", {"answer": b"x"}, count_day=DAY)
    keys = cli(redis.port, "KEYS", "*").split("\n")
    assert all(key.startswith("wolkvox-exporter:") for key in keys)
    assert not any("fake-token" in key for key in keys)
    for key in keys:
        if key != "wolkvox-exporter:salt":
            assert int(cli(redis.port, "TTL", key)) > 0, key
    store.close()


def test_a_salt_that_is_none_is_refused(tmp_path: Path) -> None:
    with redis_server(tmp_path) as server:
        cli(server.port, "SET", "wolkvox-exporter:salt", "not hexadecimal")
        assert "hex" in refused(server.url)
