"""Opens the configured store, in the same way for all who use it."""

import logging

from exporter.clock import Clock
from exporter.config import StatePlace
from exporter.state.resilient import ResilientStore
from exporter.state.sqlite import SqliteStore
from exporter.state.store import Store

_log = logging.getLogger(__name__)


def open_store(place: StatePlace, clock: Clock) -> ResilientStore:
    """Return the store at a place; it is opened at the first use, and never raises StateError."""
    known_policies = {""}

    def opened() -> Store:
        if not place.redis_url:
            return SqliteStore(place.file, lambda: clock.now().wall)
        # The library is an extra, and takes a tenth of a second to load.
        from exporter.state.redis import RedisStore  # noqa: PLC0415 - only where it is wanted

        store = RedisStore(place.redis_url)
        policy = store.eviction_policy()
        if policy not in known_policies:
            known_policies.add(policy)
            _log.warning(
                "Redis may evict leases when its memory is full, and several calls may then be made at once;"
                " set its maxmemory-policy to noeviction",
                extra={"maxmemory_policy": policy},
            )
        return store

    return ResilientStore(opened, clock)
