import asyncio
import threading
from pathlib import Path

import pytest

from exporter.settings.secrets import SecretError
from exporter.settings.section import Problem
from exporter.settings.yaml_file import ConfigError
from exporter.toolkit.reloading import Apply, ReadConfig, Reloader


class Files:
    """Two files to read, which note what is done with them."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.broken: dict[str, Exception] = {}
        self.secret: Exception | None = None
        self.refused = 0

    def reader(self, name: str) -> ReadConfig:
        def read() -> Apply:
            self.done.append(f"read {name}")
            if name in self.broken:
                raise self.broken[name]
            return lambda: self.use(name)

        return read

    def use(self, name: str) -> None:
        if self.secret:
            raise self.secret
        self.done.append(f"use {name}")

    def refuse(self) -> None:
        self.refused += 1

    def reload(self) -> list[str]:
        async def main() -> list[str]:
            reloader = Reloader([self.reader("config"), self.reader("web")], self.refuse)
            return list(await reloader.reload())

        return asyncio.run(main())


def broken(name: str) -> ConfigError:
    return ConfigError(Path(name), [Problem("a.b", "is wrong"), Problem("c", "is missing")])


def test_all_files_are_read_before_any_is_used() -> None:
    files = Files()
    assert files.reload() == []
    assert (files.done, files.refused) == (["read config", "read web", "use config", "use web"], 0)


@pytest.mark.parametrize("names", [["config"], ["web"], ["config", "web"]])
def test_one_bad_file_keeps_all_and_every_problem_is_told(names: list[str]) -> None:
    files = Files()
    files.broken = {name: broken(name) for name in names}
    assert files.reload() == [
        line for name in names for line in (f"{name}: a.b: is wrong", f"{name}: c: is missing")
    ]
    assert (files.done, files.refused) == (["read config", "read web"], 1)


def test_a_secret_that_vanishes_in_between_is_told() -> None:
    files = Files()
    files.secret = SecretError("file /run/secrets/x cannot be read: No such file")
    assert files.reload() == ["file /run/secrets/x cannot be read: No such file"]
    assert files.refused == 1


@pytest.mark.parametrize("place", ["reading", "using"])
def test_a_defect_is_told_and_ends_nothing(place: str, caplog: pytest.LogCaptureFixture) -> None:
    files = Files()
    if place == "reading":
        files.broken = {"web": RuntimeError("odd")}
    else:
        files.secret = RuntimeError("odd")
    assert files.reload() == ["unexpected error: odd"]
    assert "defect" in caplog.text
    assert files.refused == 1


def test_reloads_run_one_at_a_time_and_who_waits_shares_the_next() -> None:
    started, may_end = threading.Semaphore(0), threading.Semaphore(0)
    running: list[int] = []
    at_once: list[int] = []

    def read() -> Apply:
        running.append(1)
        at_once.append(len(running))
        started.release()
        assert may_end.acquire(timeout=60)
        running.pop()
        return lambda: None

    async def main() -> None:
        reloader = Reloader([read], lambda: None)
        first = asyncio.create_task(reloader.reload())
        await asyncio.to_thread(started.acquire)
        rest = [asyncio.create_task(reloader.reload()) for _ in range(20)]
        await asyncio.sleep(0)
        assert not any(task.done() for task in rest)
        may_end.release(2)
        await asyncio.gather(first, *rest)

    asyncio.run(main())
    assert at_once == [1, 1]


def test_who_gives_up_waiting_does_not_end_the_reload_of_others() -> None:
    may_end = threading.Event()

    def read() -> Apply:
        assert may_end.wait(60)
        return lambda: None

    async def main() -> None:
        reloader = Reloader([read], lambda: None)
        one, other = (asyncio.create_task(reloader.reload()) for _ in range(2))
        await asyncio.sleep(0)
        one.cancel()
        may_end.set()
        assert await other == []

    asyncio.run(main())
