"""Where the present snapshot of every operation hangs: written by polling, read by everybody else."""

import threading
from collections.abc import Callable, Mapping

from exporter.snapshot.model import OperationSnapshot

Listener = Callable[[OperationSnapshot], None]


class Board:
    """The present snapshots.

    Readers take one reference and never wait for a writer; a snapshot is never changed, only replaced.
    `listener` is called after each replacement, in the thread that made it.
    """

    def __init__(self, snapshots: Mapping[str, OperationSnapshot], listener: Listener | None = None) -> None:
        self._snapshots = dict(snapshots)
        self._lock = threading.Lock()
        self._listener = listener

    def current(self) -> Mapping[str, OperationSnapshot]:
        """Return the snapshots by operation, in the order of the configuration."""
        return self._snapshots

    def update(self, operation: str, change: Callable[[OperationSnapshot], OperationSnapshot]) -> None:
        """Replace one operation's snapshot by what `change` makes of it; KeyError for an unknown one."""
        with self._lock:
            changed = change(self._snapshots[operation])
            self._snapshots = {**self._snapshots, operation: changed}
        if self._listener:
            self._listener(changed)
