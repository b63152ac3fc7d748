"""Opens the configured store, in the same way for all who use it."""

from exporter.clock import Clock
from exporter.config import StatePlace
from exporter.state.resilient import ResilientStore
from exporter.state.sqlite import SqliteStore
from exporter.state.store import Store


def open_store(place: StatePlace, clock: Clock) -> ResilientStore:
    """Return the store at a place; it is opened at the first use, and never raises StateError."""
    return ResilientStore(lambda: _open(place, clock), clock)


def _open(place: StatePlace, clock: Clock) -> Store:
    if place.redis_url:
        # The library is an extra, and takes a tenth of a second to load.
        from exporter.state.redis import RedisStore  # noqa: PLC0415 - only where it is wanted

        return RedisStore(place.redis_url)
    return SqliteStore(place.file, lambda: clock.now().wall)
