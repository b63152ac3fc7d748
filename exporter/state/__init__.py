"""What outlives the process and replicas share: leases, the day's counts of calls, small records."""

from exporter.state.memory import MemoryStore
from exporter.state.opening import open_store
from exporter.state.resilient import ResilientStore
from exporter.state.store import Changes, Health, Lease, StateError, Store, WatchedStore

__all__ = [
    "Changes",
    "Health",
    "Lease",
    "MemoryStore",
    "ResilientStore",
    "StateError",
    "Store",
    "WatchedStore",
    "open_store",
]
