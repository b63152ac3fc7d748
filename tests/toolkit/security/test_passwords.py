import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import bcrypt
import pytest

from exporter.toolkit.security import passwords
from exporter.toolkit.security.passwords import REMEMBERED_SECONDS, BusyError, Passwords
from toolkit.security.conftest import SECRET


class Counted:
    """bcrypt, with the checks counted and held back on demand."""

    def __init__(self) -> None:
        self.hashes: list[bytes] = []
        self.may_end = threading.Event()
        self.may_end.set()

    def __call__(self, password: bytes, hashed: bytes) -> bool:
        self.hashes.append(hashed)
        assert self.may_end.wait(60)
        return bcrypt.checkpw(password, hashed)


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counted]:
    counted = Counted()
    monkeypatch.setattr(passwords, "_matches", counted)
    yield counted
    counted.may_end.set()


class Time:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def run(scenario: Callable[[Passwords, Time], Coroutine[Any, Any, None]]) -> None:
    async def main() -> None:
        time = Time()
        asked = Passwords(time)
        try:
            async with asyncio.timeout(60):
                await scenario(asked, time)
        finally:
            asked.close()

    asyncio.run(main())


@pytest.fixture
def users(hashed: str) -> dict[str, bytes]:
    return {"prometheus": hashed.encode()}


def test_right_and_wrong_passwords_and_users(users: dict[str, bytes]) -> None:
    async def scenario(asked: Passwords, _time: Time) -> None:
        for user, password, good in (
            ("prometheus", SECRET, True),
            ("prometheus", f"{SECRET} ", False),
            ("prometheus", "", False),
            ("prometheus", f"{SECRET}\0", False),
            ("prometheus", "ñandú" * 50, False),
            ("Prometheus", SECRET, False),
            ("", SECRET, False),
        ):
            assert await asked.good(users, user, password, "") is good, (user, password)

    run(scenario)


def test_a_long_password_counts_as_far_as_bcrypt_looks() -> None:
    long = "x" * 72
    users = {"a": bcrypt.hashpw(long.encode(), bcrypt.gensalt(4))}

    async def scenario(asked: Passwords, _time: Time) -> None:
        assert await asked.good(users, "a", f"{long}yz", "")
        assert not await asked.good(users, "a", long[:-1], "")

    run(scenario)


def test_a_good_password_is_remembered_for_a_while_after_its_last_use(
    users: dict[str, bytes], checks: Counted
) -> None:
    async def scenario(asked: Passwords, time: Time) -> None:
        for _ in range(10):
            assert await asked.good(users, "prometheus", SECRET, "")
            time.now += REMEMBERED_SECONDS - 1
        assert len(checks.hashes) == 1
        time.now += 1
        assert await asked.good(users, "prometheus", SECRET, "")
        assert len(checks.hashes) == 2

    run(scenario)


def test_a_wrong_one_is_not_remembered_and_opens_nothing(users: dict[str, bytes], checks: Counted) -> None:
    async def scenario(asked: Passwords, _time: Time) -> None:
        assert await asked.good(users, "prometheus", SECRET, "")
        for _ in range(3):
            assert not await asked.good(users, "prometheus", "wrong", "")
        assert len(checks.hashes) == 4

    run(scenario)


def test_a_changed_or_removed_user_is_not_let_in_from_memory(users: dict[str, bytes]) -> None:
    other = {"prometheus": bcrypt.hashpw(b"new", bcrypt.gensalt(4))}

    async def scenario(asked: Passwords, _time: Time) -> None:
        assert await asked.good(users, "prometheus", SECRET, "")
        assert not await asked.good(other, "prometheus", SECRET, "")
        assert not await asked.good({"x": users["prometheus"]}, "prometheus", SECRET, "")

    run(scenario)


def test_an_unknown_user_costs_one_check_of_some_users_cost(users: dict[str, bytes], checks: Counted) -> None:
    users = {**users, "other": bcrypt.hashpw(b"other", bcrypt.gensalt(5))}

    async def scenario(asked: Passwords, _time: Time) -> None:
        for user in ("nobody", "nobody", "somebody", "prometheus"):
            assert not await asked.good(users, user, "wrong", "")
        first, second, *_rest, last = checks.hashes
        # The same name always takes the same time, as that of a user does.
        assert first == second
        assert set(checks.hashes) <= set(users.values())
        assert last == users["prometheus"]
        assert len(checks.hashes) == 4

    run(scenario)


def test_an_unknown_user_with_a_known_password_stays_out(users: dict[str, bytes]) -> None:
    async def scenario(asked: Passwords, _time: Time) -> None:
        for _ in range(2):
            assert not await asked.good(users, "nobody", SECRET, "")

    run(scenario)


def test_the_same_question_is_checked_once_at_a_time(users: dict[str, bytes], checks: Counted) -> None:
    async def scenario(asked: Passwords, _time: Time) -> None:
        checks.may_end.clear()
        scrapes = [asyncio.create_task(asked.good(users, "prometheus", SECRET, "")) for _ in range(50)]
        await asyncio.sleep(0)
        checks.may_end.set()
        assert all(await asyncio.gather(*scrapes))
        assert len(checks.hashes) == 1

    run(scenario)


def test_one_peer_cannot_keep_all_others_out(users: dict[str, bytes], checks: Counted) -> None:
    async def scenario(asked: Passwords, _time: Time) -> None:
        assert await asked.good(users, "prometheus", SECRET, "192.0.2.1")
        checks.may_end.clear()
        guesses = [
            asyncio.create_task(asked.good(users, "prometheus", f"guess {n}", "192.0.2.66"))
            for n in range(100)
        ]
        await asyncio.sleep(0)
        assert await asked.good(users, "prometheus", SECRET, "192.0.2.1")  # who is known needs no check
        newcomer = asyncio.create_task(asked.good(users, "prometheus", "typo", "192.0.2.2"))
        await asyncio.sleep(0)
        checks.may_end.set()
        assert await newcomer is False
        told = await asyncio.gather(*guesses, return_exceptions=True)
        assert sum(isinstance(one, BusyError) for one in told) == 92
        assert not any(one is True for one in told)
        # Afterwards there is room again.
        assert not await asked.good(users, "prometheus", "guess", "192.0.2.66")
        assert not asked._checks
        assert not asked._running

    run(scenario)


def test_the_checks_are_bounded_over_all_peers(users: dict[str, bytes], checks: Counted) -> None:
    async def scenario(asked: Passwords, _time: Time) -> None:
        checks.may_end.clear()
        guesses = [
            asyncio.create_task(asked.good(users, "prometheus", f"guess {n}", f"192.0.2.{n}"))
            for n in range(200)
        ]
        await asyncio.sleep(0)
        checks.may_end.set()
        told = await asyncio.gather(*guesses, return_exceptions=True)
        assert sum(isinstance(one, BusyError) for one in told) == 200 - 64

    run(scenario)


def test_what_is_remembered_is_bounded_and_holds_no_password(
    users: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "_matches", lambda *_: True)

    async def scenario(asked: Passwords, _time: Time) -> None:
        for number in range(1200):
            assert await asked.good(users, "prometheus", f"{SECRET} {number}", "")
        assert len(asked._remembered) == 1000
        assert SECRET not in repr(vars(asked))

    run(scenario)
