"""Checks passwords against bcrypt hashes, off the event loop, and not for every scrape anew."""

import asyncio
import hashlib
import hmac
import secrets
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

REMEMBERED_FOR = 600.0
"""Seconds after its last use for which a good password is known without bcrypt."""

_MOST_REMEMBERED = 1000
_THREADS = 2
_MOST_CHECKS = 64
_MOST_CHECKS_OF_A_PEER = 8
_LONGEST_PASSWORD = 72
"""Bytes that bcrypt looks at; the `bcrypt` library refuses more, other programs pass over the rest."""


class BusyError(Exception):
    """Too many passwords are being checked."""


class Passwords:
    """Tells whether a password is a user's.

    An unknown user costs as much time as a wrong password. A good password is remembered as a hash under a
    key of this process, together with the bcrypt hash that it was good for: a changed user is a new one.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._key = secrets.token_bytes(32)
        self._remembered: dict[bytes, float] = {}
        self._running: dict[bytes, asyncio.Future[bool]] = {}
        self._checks: Counter[str] = Counter()
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="bcrypt")

    async def good(self, users: Mapping[str, bytes], user: str, password: str, peer: str) -> bool:
        """Tell whether it is the password of one of the users; `peer` is the address that asks.

        Raises BusyError when too many checks wait, of all or of this peer.
        """
        known = users.get(user)
        hashed = self._stand_in(users, user) if known is None else known
        mark = self._mark(hashed, user.encode(), password.encode())
        if known is not None and self._is_remembered(mark):
            return True
        check = self._running.get(mark)
        if check is None:
            check = self._begin(mark, hashed, password.encode(), peer)
        matches = await asyncio.shield(check)
        if not matches or known is None:
            return False
        self._remember(mark)
        return True

    def close(self) -> None:
        """End the threads, without waiting for what still runs in them."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _begin(self, mark: bytes, hashed: bytes, password: bytes, peer: str) -> asyncio.Future[bool]:
        if len(self._running) >= _MOST_CHECKS or self._checks[peer] >= _MOST_CHECKS_OF_A_PEER:
            raise BusyError
        check = asyncio.get_running_loop().run_in_executor(self._threads, _matches, password, hashed)
        self._running[mark] = check
        self._checks[peer] += 1

        def ended(_: asyncio.Future[bool]) -> None:
            del self._running[mark]
            self._checks[peer] -= 1
            if not self._checks[peer]:
                del self._checks[peer]

        check.add_done_callback(ended)
        return check

    def _stand_in(self, users: Mapping[str, bytes], user: str) -> bytes:
        """Return the hash of some user, always the same one for a name: they may differ in what they cost."""
        hashes = list(users.values())
        return hashes[int.from_bytes(self._mark(user.encode()), "big") % len(hashes)]

    def _mark(self, *parts: bytes) -> bytes:
        digest = hmac.new(self._key, digestmod=hashlib.sha256)
        for part in parts:
            digest.update(len(part).to_bytes(8, "big") + part)
        return digest.digest()

    def _is_remembered(self, mark: bytes) -> bool:
        until = self._remembered.pop(mark, None)
        if until is None or until <= self._monotonic():
            return False
        self._remember(mark)
        return True

    def _remember(self, mark: bytes) -> None:
        """Remember a mark, as the one that was used last; the one that was not used for longest gives way."""
        self._remembered.pop(mark, None)
        self._remembered[mark] = self._monotonic() + REMEMBERED_FOR
        if len(self._remembered) > _MOST_REMEMBERED:
            del self._remembered[next(iter(self._remembered))]


def _matches(password: bytes, hashed: bytes) -> bool:
    # Only an exporter with passwords pays for the library, in the thread that needs it.
    import bcrypt  # noqa: PLC0415

    try:
        return bcrypt.checkpw(password[:_LONGEST_PASSWORD], hashed)
    except ValueError:
        return False
