"""One token's way to the vendor: one call at a time over processes and replicas, within the budget."""

import contextlib
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from exporter.clock import Clock
from exporter.config import Operation
from exporter.snapshot import TokenUse, Usage, records
from exporter.state import Lease, Store
from exporter.traffic.budget import Terms, usage_of

LEASE_SECONDS = 90.0
"""How long a lease holds: the 60 s of a call and room for what comes before and after it."""

_LATEST_START = LEASE_SECONDS - 65.0
_CLOSED, _TOLD = "closed", "told"


@dataclass(frozen=True, slots=True)
class Pass:
    """The right to make calls with one token; `got` is the monotonic time from which it holds."""

    lease: Lease
    got: float


class Gate:
    """What the calls of the operations with one token go through.

    `pass_for` and `usage` may be used by several threads; the rest is for the holder of the pass.
    """

    def __init__(self, store: Store, operations: Sequence[Operation], clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self.terms = Terms.of(operations)
        self._scope = "budget " + " ".join(sorted(scope_of(operation) for operation in operations))
        # A new token starts with a count of 0 in the store; the calls made with the old one still count.
        self._own: tuple[str, int] = ("", 0)
        # What is known of the vendor's refusal, for as long as the store does not know better.
        self._closed = ""
        # What any of the operations was told last holds for all of them.
        self._told: TokenUse | None = None

    def follow(self, before: "Gate") -> None:
        """Go on from what another gate knew, which the same operations went through until a reload."""
        # The later day, and of the same day the greater count.
        self._own = max(self._own, before._own)  # noqa: SLF001 - another one of this class
        self._closed = max(self._closed, before._closed)  # noqa: SLF001 - as above
        self._hear(before._told)  # noqa: SLF001 - as above

    @contextlib.contextmanager
    def pass_for(self, token: str) -> Iterator[Pass | None]:
        """Hold the token's lease for the time of the context; yields None while somebody else holds it."""
        lease = self._store.acquire(fingerprint(token), LEASE_SECONDS)
        if lease is None:
            yield None
            return
        try:
            yield Pass(lease, self._clock.now().monotonic)
        finally:
            self._store.release(lease)

    def usage(self, token: str, token_use: TokenUse | None) -> Usage:
        """Return today's usage by our own count and the vendor's last word.

        `token_use` is what the operation that asks was told.
        """
        self._hear(token_use)
        self._look()
        day, ends = self.terms.day(self._clock.now().wall)
        counted = self._store.count(fingerprint(token), day)
        own_day, own = self._own
        return usage_of(
            self.terms,
            counted=max(counted, own) if own_day == day else counted,
            token_use=self._told,
            closed_day=self._closed,
            day=day,
            ends=ends,
        )

    def begin(self, held: Pass, usage: Usage, scope: str, written: Mapping[str, bytes]) -> Usage | None:
        """Note durably that a call is about to be made: its records, and one more on the day's count.

        Returns the usage with it; None when the call must not be made, because the lease has ended or could
        end before the call does.
        """
        if self._clock.now().monotonic - held.got > _LATEST_START:
            return None
        if self._store.write(held.lease, scope, written, count_day=usage.day) is None:
            return None
        self._own = (usage.day, usage.counted + 1)
        return replace(usage, counted=usage.counted + 1)

    def keep(self, held: Pass, scope: str, written: Mapping[str, bytes]) -> int | None:
        """Store the outcome of a call and return its version.

        None when somebody else has taken over: then it is no news.
        """
        return self._store.write(held.lease, scope, written)

    def close(self, held: Pass, usage: Usage) -> Usage:
        """Note that the vendor refused a call because the day's limit is reached."""
        self._closed = usage.day
        self._store.write(held.lease, self._scope, {_CLOSED: usage.day.encode()})
        return replace(usage, closed=True)

    def tell(self, held: Pass, token_use: TokenUse) -> bool:
        """Note what the vendor says of the day's calls, for everybody who uses the token.

        False when somebody else has taken over: then it is no news.
        """
        told = {_TOLD: records.encode_token_use(token_use)}
        return self._store.write(held.lease, self._scope, told) is not None

    def reopen(self, held: Pass, usage: Usage) -> Usage:
        """Note that the vendor says that there is room again."""
        self._closed = ""
        self._store.write(held.lease, self._scope, {_CLOSED: b""})
        return replace(usage, closed=False)

    def _look(self) -> None:
        """Learn what others have noted."""
        stored = self._store.read(self._scope, [_CLOSED, _TOLD])
        if _CLOSED in stored:
            self._closed = stored[_CLOSED].decode(errors="replace")
        if _TOLD in stored:
            # What cannot be read, of another version, is as good as nothing: the next answer replaces it.
            with contextlib.suppress(records.RecordError):
                self._hear(records.decode_token_use(stored[_TOLD], self._clock.now()))

    def _hear(self, token_use: TokenUse | None) -> None:
        told = self._told
        # By the clock that nobody sets: the other one may be years ahead until it is put right.
        if token_use is not None and (told is None or token_use.at.monotonic >= told.at.monotonic):
            self._told = token_use


def scope_of(operation: Operation) -> str:
    """Return what names an operation in the state: its name and where it is, so that neither is mixed up."""
    return f"{operation.name} {operation.base_url}"


def fingerprint(token: str) -> str:
    """Return what names a token inside the process; a store that outlives it keeps a salted hash of this."""
    return hashlib.blake2b(token.encode(), digest_size=16, person=b"wolkvox-token").hexdigest()
