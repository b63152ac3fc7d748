import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from exporter.state import Store
from exporter.state.memory import MemoryStore
from exporter.state.redis import RedisStore
from exporter.state.sqlite import SqliteStore
from support.redis import Redis, redis_server

Opener = Callable[[], Store]
"""Opens the same state once more, as another process would."""


@pytest.fixture(scope="session")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    with redis_server(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(params=["memory", "sqlite", pytest.param("redis", marks=pytest.mark.integration)])
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opener]:
    opened: list[Store] = []
    memory = MemoryStore(time.monotonic)

    def open_one() -> Store:
        if request.param == "memory":
            return memory
        if request.param == "sqlite":
            opened.append(SqliteStore(tmp_path / "folder" / "state.db"))
        else:
            opened.append(RedisStore(request.getfixturevalue("redis").url))
        return opened[-1]

    yield open_one
    for store in opened:
        store.close()


@pytest.fixture
def store(opener: Opener) -> Store:
    return opener()
