"""Checks passwords against bcrypt hashes, off the event loop, and not again for every scrape."""

import asyncio
import hashlib
import hmac
import secrets
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

REMEMBERED_SECONDS = 600.0
"""Time after its last use for which a correct password is accepted without bcrypt."""

_MAX_REMEMBERED_CHECKS = 1000
_BCRYPT_THREADS = 2
_MAX_CHECKS = 64
_MAX_CHECKS_PER_PEER = 8
_MAX_PASSWORD_BYTES = 72
"""Bytes that bcrypt uses; the `bcrypt` library rejects longer passwords, other programs ignore the rest."""


class BusyError(Exception):
    """Too many passwords are being checked."""


class Passwords:
    """Checks passwords of users.

    An unknown user takes as long as a wrong password. A correct password is remembered, together with the
    user and the bcrypt hash, as an HMAC with a key of this process: if the hash changes, it is checked again.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._key = secrets.token_bytes(32)
        self._remembered: dict[bytes, float] = {}
        self._running: dict[bytes, asyncio.Task[bool]] = {}
        self._checks: Counter[str] = Counter()
        self._threads = ThreadPoolExecutor(_BCRYPT_THREADS, thread_name_prefix="bcrypt")

    async def good(self, users: Mapping[str, bytes], user: str, password: str, peer: str) -> bool:
        """Return whether the user is one of `users` and the password is theirs; `peer` is the client's host.

        Raises BusyError if too many checks are pending, in total or for this peer.
        """
        known = users.get(user)
        hashed = self._stand_in(users, user) if known is None else known
        mark = self._mark(hashed, user.encode(), password.encode())
        if known is not None and self._is_remembered(mark):
            return True
        check = self._running.get(mark)
        if check is None:
            check = self._start(mark, hashed, password.encode(), peer)
        matches = await asyncio.shield(check)
        if not matches or known is None:
            return False
        self._remember(mark)
        return True

    def close(self) -> None:
        """Stop the threads, without waiting for checks in progress."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _start(self, mark: bytes, hashed: bytes, password: bytes, peer: str) -> asyncio.Task[bool]:
        if len(self._running) >= _MAX_CHECKS or self._checks[peer] >= _MAX_CHECKS_PER_PEER:
            raise BusyError
        self._running[mark] = check = asyncio.create_task(self._check(mark, hashed, password, peer))
        self._checks[peer] += 1
        return check

    async def _check(self, mark: bytes, hashed: bytes, password: bytes, peer: str) -> bool:
        """Return whether a password matches, after it is no longer noted as one that is being checked."""
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, _matches, password, hashed)
        finally:
            del self._running[mark]
            self._checks[peer] -= 1
            if not self._checks[peer]:
                del self._checks[peer]

    def _stand_in(self, users: Mapping[str, bytes], user: str) -> bytes:
        """Return the hash of some user, always the same for a name, because hashes may differ in cost."""
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
        """Remember a mark as the one used last; beyond the maximum, forget the one unused for longest."""
        self._remembered.pop(mark, None)
        self._remembered[mark] = self._monotonic() + REMEMBERED_SECONDS
        if len(self._remembered) > _MAX_REMEMBERED_CHECKS:
            del self._remembered[next(iter(self._remembered))]


def _matches(password: bytes, hashed: bytes) -> bool:
    # Loaded only where there are passwords, in the thread that needs it.
    import bcrypt  # noqa: PLC0415

    try:
        return bcrypt.checkpw(password[:_MAX_PASSWORD_BYTES], hashed)
    except ValueError:
        return False
