"""What outlives the process and is shared by replicas: leases, the day's counts of calls, small records."""

from exporter.state.memory import MemoryStore
from exporter.state.store import Lease, StateError, Store

__all__ = ["Lease", "MemoryStore", "StateError", "Store"]
