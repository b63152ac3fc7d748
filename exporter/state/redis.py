"""State in a Redis, for replicas on several machines.

A lease is a key with an expiry that only its holder may remove (https://redis.io/docs, "Distributed locks");
every change is a script, which Redis runs as one transaction. Leases end by the clock of the server.
"""

import contextlib
import logging
import secrets
from collections.abc import Collection, Iterator, Mapping

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from exporter.state.store import Changes, Lease, StateError, StateReplacedError

_log = logging.getLogger(__name__)

PREFIX = "wolkvox-exporter"
"""What every key begins with, before a colon."""

_TIMEOUT_SECONDS = 1.0
"""For a connection and for an answer, which take a millisecond: a poll must not wait for long."""

_MAX_CONNECTIONS = 16
_COUNTS_KEPT_SECONDS = 3 * 86400
_RECORDS_KEPT_SECONDS = 30 * 86400

_RETIRED = b"retired"
"""Stands where a former version kept the salt of its hashes of tokens, and keeps that version out."""

_COMMON = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
    return redis.error_reply('LOST the data of the server were replaced')
end
-- A number over the last one, and over all before: see `next_number` in store.py.
local function next_number(last)
    local time = redis.call('TIME')
    -- In this order: of two of which one is no number, the first is returned.
    return string.format('%.0f', math.max(time[1] * 1000000 + time[2], (tonumber(last) or 0) + 1))
end
"""
_ACQUIRE = (
    _COMMON
    + """
if redis.call('EXISTS', KEYS[2]) == 1 then
    return false
end
local fence = next_number(redis.call('GET', KEYS[3]))
redis.call('SET', KEYS[2], fence, 'PX', ARGV[2])
redis.call('SET', KEYS[3], fence, 'EX', ARGV[3])
return fence
"""
)
_RELEASE = (
    _COMMON
    + """
if redis.call('GET', KEYS[2]) == ARGV[2] then
    redis.call('DEL', KEYS[2])
end
"""
)
_WRITE = (
    _COMMON
    + """
if redis.call('GET', KEYS[2]) ~= ARGV[2] then
    return false
end
local version = next_number(redis.call('HGET', KEYS[3], ''))
if #ARGV > 5 then
    redis.call('HSET', KEYS[3], '', version)
    for i = 6, #ARGV, 2 do
        redis.call('HSET', KEYS[3], ARGV[i], version)
        redis.call('HSET', KEYS[4], ARGV[i], ARGV[i + 1])
    end
    redis.call('EXPIRE', KEYS[3], ARGV[3])
    redis.call('EXPIRE', KEYS[4], ARGV[3])
end
if ARGV[4] ~= '0' then
    redis.call('INCRBY', KEYS[5], ARGV[4])
    redis.call('EXPIRE', KEYS[5], ARGV[5])
end
return version
"""
)
_CHANGES = """
local versions = redis.call('HGETALL', KEYS[1])
local answer = {redis.call('HGET', KEYS[1], '') or ARGV[1]}
for i = 1, #versions, 2 do
    if versions[i] ~= '' and (tonumber(versions[i + 1]) or 0) > tonumber(ARGV[1]) then
        answer[#answer + 1] = versions[i]
        answer[#answer + 1] = redis.call('HGET', KEYS[2], versions[i]) or ''
    end
end
return answer
"""


class RedisStore:
    """State behind a URL `redis://` or `rediss://`, as redis-py reads it.

    Raises StateError when the server cannot be used; its message names host and port, never the password.
    """

    def __init__(self, url: str, *, timeout: float = _TIMEOUT_SECONDS) -> None:
        with _as_state_errors():
            pool = redis.BlockingConnectionPool.from_url(
                url,
                max_connections=_MAX_CONNECTIONS,
                timeout=timeout,
                socket_timeout=timeout,
                socket_connect_timeout=timeout,
                # A command whose answer was lost may have been carried out, and a poll must not wait.
                retry=Retry(NoBackoff(), 0),
                health_check_interval=30,
            )
            self._client = redis.Redis(connection_pool=pool)
        self._acquire, self._release, self._write, self._changes = (
            self._client.register_script(script) for script in (_ACQUIRE, _RELEASE, _WRITE, _CHANGES)
        )
        try:
            with _as_state_errors():
                self._retire_salt()
                # What identifies the data of the server: they were replaced when it is another one.
                self._client.set(self._key("data-id"), secrets.token_hex(8), nx=True)
                self._data_id = self._client.get(self._key("data-id")) or b""
        except StateError:
            self.close()
            raise

    @property
    def identity(self) -> str:
        """The data by their id: the server may have several names and addresses."""
        return f"Redis {self._data_id!r}"

    def acquire(self, key: str, seconds: float) -> Lease | None:
        """Take the lease of a key for `seconds`; None while another holder has it."""
        keys = [self._key("data-id"), self._key("lease", key), self._key("fence", key)]
        with _as_state_errors():
            fence = self._acquire(keys, [self._data_id, int(seconds * 1000), _RECORDS_KEPT_SECONDS])
            return None if fence is None else Lease(key, int(fence))

    def release(self, lease: Lease) -> None:
        """Release a lease, if the holder still has it."""
        with _as_state_errors():
            self._release([self._key("data-id"), self._key("lease", lease.key)], [self._data_id, lease.fence])

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
        keys = [
            self._key("data-id"),
            self._key("lease", lease.key),
            self._key("versions", scope),
            self._key("records", scope),
            self._key("count", lease.key, count_day or ""),
        ]
        values = [item for record in records.items() for item in record]
        counted = 0 if count_day is None else calls
        kept = (_RECORDS_KEPT_SECONDS, counted, _COUNTS_KEPT_SECONDS)
        with _as_state_errors():
            version = self._write(keys, [self._data_id, lease.fence, *kept, *values])
            return None if version is None else int(version)

    def count(self, key: str, day: str) -> int:
        """Return the calls counted for a key on a day."""
        with _as_state_errors():
            return int(self._client.get(self._key("count", key, day)) or 0)

    def changes(self, scope: str, since: int) -> Changes:
        """Return the records of a scope that are newer than version `since`."""
        keys = [self._key("versions", scope), self._key("records", scope)]
        with _as_state_errors():
            version, *rest = self._changes(keys, [since])
            found = {name.decode(): data for name, data in zip(rest[::2], rest[1::2], strict=True)}
            return Changes(int(version), found)

    def read(self, scope: str, names: Collection[str]) -> Mapping[str, bytes]:
        """Return those of the named records that exist."""
        with _as_state_errors():
            found = self._client.hmget(self._key("records", scope), list(names))
            return {name: data for name, data in zip(names, found, strict=True) if isinstance(data, bytes)}

    def eviction_policy(self) -> str:
        """Return the server's maxmemory-policy if it may evict keys; "" if not, and where it is not told.

        Every key here ends by itself, so that each policy but noeviction may choose it
        (https://redis.io/docs, "Key eviction"). A server without maxmemory evicts nothing.
        """
        try:
            with _as_state_errors():
                memory = self._client.info("memory")
        except StateError:
            return ""  # services may forbid the command
        policy = str(memory.get("maxmemory_policy", "noeviction"))
        return "" if policy == "noeviction" or not memory.get("maxmemory") else policy

    def close(self) -> None:
        """Close the connections."""
        with contextlib.suppress(StateError), _as_state_errors():
            self._client.close()
            self._client.connection_pool.disconnect()

    def _retire_salt(self) -> None:
        """Remove the salt of a former version, without which nothing is known from its hashes of tokens.

        A replica of that version that still runs would make another one if it found none.
        """
        salt = self._client.get(self._key("salt"))
        if salt in {None, _RETIRED}:
            return
        self._client.set(self._key("salt"), _RETIRED, ex=_RECORDS_KEPT_SECONDS)
        _log.warning(
            "removed the salt of the hashes of tokens that a former version kept in Redis;"
            " the day's count of calls starts anew"
        )

    @staticmethod
    def _key(kind: str, *names: str) -> str:
        return ":".join((PREFIX, kind, *names))


@contextlib.contextmanager
def _as_state_errors() -> Iterator[None]:
    """Raise StateError for what the library raises."""
    try:
        yield
    except (redis.RedisError, OSError, ValueError) as error:
        message = " ".join(str(error).split())
        kind = StateReplacedError if message.startswith("LOST ") else StateError
        raise kind(f"Redis: {message or type(error).__name__}") from None
