"""Where the present snapshot of every operation hangs: written by polling, read by everybody else."""

import threading
from collections.abc import Callable, Iterable, Mapping

from exporter.snapshot.model import OperationSnapshot

Listener = Callable[[OperationSnapshot], None]


class BoardEntry:
    """One operation's place: whoever polls the operation writes here.

    Readers take one reference and never wait for a writer; a snapshot is never changed, only replaced. An
    entry that is on no board, or was taken off it, can be written to as well: nobody reads it there.
    """

    def __init__(self, snapshot: OperationSnapshot) -> None:
        self._snapshot = snapshot
        self._lock = threading.Lock()
        self._listener: Listener | None = None

    @property
    def snapshot(self) -> OperationSnapshot:
        """The present snapshot."""
        return self._snapshot

    def update(self, change: Callable[[OperationSnapshot], OperationSnapshot]) -> None:
        """Replace the snapshot by what `change` makes of it."""
        with self._lock:
            self._snapshot = changed = change(self._snapshot)
        if listener := self._listener:
            listener(changed)

    def tell(self, listener: Listener | None) -> None:
        """Have `listener` called with each snapshot to come, in the thread that made it; None: nobody."""
        self._listener = listener


class Board:
    """The entries of all operations, in the order of the configuration."""

    def __init__(self, listener: Listener | None = None) -> None:
        self._listener = listener
        self._entries: Mapping[str, BoardEntry] = {}

    def current(self) -> Mapping[str, OperationSnapshot]:
        """Return the present snapshots by operation."""
        return {name: entry.snapshot for name, entry in self._entries.items()}

    def replace(self, entries: Iterable[BoardEntry]) -> None:
        """Show these entries, and no others, from now on."""
        before = self._entries
        self._entries = {entry.snapshot.operation: entry for entry in entries}
        for entry in before.values():
            entry.tell(None)
        for entry in self._entries.values():
            entry.tell(self._listener)
            if self._listener and before.get(entry.snapshot.operation) is not entry:
                self._listener(entry.snapshot)
