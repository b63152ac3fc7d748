"""The current snapshot of every operation: written by polling, read by everybody else."""

import threading
from collections.abc import Callable, Iterable, Mapping

from exporter.snapshot.model import OperationSnapshot

Listener = Callable[[OperationSnapshot], None]


class SnapshotCell:
    """Holds the current snapshot of one operation; whoever polls the operation replaces it.

    Readers take one reference and never wait for a writer; a snapshot is never changed, only replaced. A cell
    that belongs to no `Snapshots`, or does so no longer, can still be written to: nobody reads it.

    Whoever makes the next snapshot of what the last one says holds `lock` meanwhile.
    """

    def __init__(self, snapshot: OperationSnapshot) -> None:
        self.lock = threading.RLock()
        self._snapshot = snapshot
        self._listener: Listener | None = None

    @property
    def snapshot(self) -> OperationSnapshot:
        """The current snapshot."""
        return self._snapshot

    def update(self, change: Callable[[OperationSnapshot], OperationSnapshot]) -> None:
        """Replace the snapshot by what `change` makes of it; one that stays is told to nobody."""
        with self.lock:
            before = self._snapshot
            self._snapshot = changed = change(before)
            if (listener := self._listener) and changed is not before:
                listener(changed)

    def subscribe(self, listener: Listener | None) -> None:
        """Call `listener` with each new snapshot, in the thread that made it; None ends this."""
        self._listener = listener


class Snapshots:
    """The snapshots of all operations, in the order of the configuration."""

    def __init__(self, listener: Listener | None = None) -> None:
        self._listener = listener
        self._cells: Mapping[str, SnapshotCell] = {}

    def current(self) -> Mapping[str, OperationSnapshot]:
        """Return the current snapshots by operation."""
        return {name: cell.snapshot for name, cell in self._cells.items()}

    def replace(self, cells: Iterable[SnapshotCell]) -> None:
        """Replace all cells by these."""
        before = self._cells
        self._cells = {cell.snapshot.operation: cell for cell in cells}
        for cell in before.values():
            cell.subscribe(None)
        for cell in self._cells.values():
            cell.subscribe(self._listener)
            if self._listener and before.get(cell.snapshot.operation) is not cell:
                self._listener(cell.snapshot)
