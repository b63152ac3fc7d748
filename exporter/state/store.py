"""The interface of a state store.

A store knows nothing of wolkvox. It keeps three things, each safe for several threads, processes and, where
the store is shared over a network, machines:

- *leases*: who may act for a key at present. Every lease carries a fence, a number that grows with each lease
  of its key, so that a holder whose lease has ended without its notice cannot overwrite its successor's data
  (M. Kleppmann, "How to do distributed locking", on fencing tokens);
- *counts* by key and day;
- *records*: bytes by scope and name, each with a version that grows within its scope.

A key is a plain name, and stands in the store as it is. It must not come from a secret: wolkvox's tokens are
made of a creation time and little else, so that a hash of one, salted or not, gives it back within minutes.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol


class StateError(Exception):
    """The store cannot be used now; the message is one line for a log and holds no secret."""


class StateReplacedError(StateError):
    """The store's data are gone, or others have taken their place; nothing was done."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to act for `key` until it ends or is released; `fence` grows with every lease of the key."""

    key: str
    fence: int


@dataclass(frozen=True, slots=True)
class Changes:
    """The records of a scope that are newer than the version asked for, and the scope's version now."""

    version: int
    records: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Health:
    """Whether the store can be used, and how often and why last it was lost since the process started."""

    up: bool
    losses: int
    reason: str = field(default="", compare=False)


class Store(Protocol):
    """Leases, counts and records; every method raises StateError where the store cannot be used."""

    @property
    def identity(self) -> str:
        """What names the data: the same for all who share them, and for nobody else; no secret."""
        ...  # pragma: no cover

    def acquire(self, key: str, seconds: float) -> Lease | None:
        """Take the lease of a key for `seconds`; None while another holder (or this one) has it."""
        ...  # pragma: no cover

    def release(self, lease: Lease) -> None:
        """Release a lease; nothing happens when it has ended or was taken over."""
        ...  # pragma: no cover

    def write(
        self,
        lease: Lease,
        scope: str,
        records: Mapping[str, bytes],
        *,
        count_day: str | None = None,
        calls: int = 1,
    ) -> int | None:
        """Replace the named records of a scope; with `count_day`, count calls of the lease's key that day.

        All of it happens or nothing, and it survives a crash of the process once this has returned. Returns
        the new version of the records; None, with nothing done, when the lease has ended or was taken over by
        another holder.
        """
        ...  # pragma: no cover

    def count(self, key: str, day: str) -> int:
        """Return the calls counted for a key on a day (`YYYY-MM-DD`).

        The last two days are kept, and the day that was counted last.
        """
        ...  # pragma: no cover

    def changes(self, scope: str, since: int) -> Changes | None:
        """Return the records of a scope that are newer than version `since`; 0 asks for all.

        None where it is not known, by a store that continues in memory.
        """
        ...  # pragma: no cover

    def read(self, scope: str, names: Collection[str]) -> Mapping[str, bytes]:
        """Return those of the named records that exist."""
        ...  # pragma: no cover

    def close(self) -> None:
        """Release files and connections; the store is not used afterwards."""
        ...  # pragma: no cover


class WatchedStore(Store, Protocol):
    """A store that never raises StateError, because it continues in memory, and shows when it does."""

    def health(self) -> Health:
        """Return whether the store can be used, and how often it was lost."""
        ...  # pragma: no cover


def next_number(last: int, wall: float) -> int:
    """Return a number over `last`, and over all that were returned before `wall` (Unix time).

    So no fence and no version comes twice, even when a store has lost its data and `last` with them.
    """
    return max(last + 1, int(wall * 1e6))
