"""One token's calls: one at a time over all processes and replicas, within the day's budget."""

import contextlib
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from exporter.clock import Clock
from exporter.config import Operation
from exporter.snapshot import TokenUse, Usage
from exporter.snapshot.records import RecordError, decode_token_use, encode_token_use
from exporter.state import Lease, Store
from exporter.traffic.budget import QuotaPolicy, usage_of

LEASE_SECONDS = 90.0
"""How long a lease holds: the 60 s of a call, and some time before and after it."""

_LATEST_START_SECONDS = LEASE_SECONDS - 65.0
_EXHAUSTED, _VENDOR_COUNT = "exhausted", "vendor_count"


@dataclass(frozen=True, slots=True)
class Permit:
    """The right to make calls with one token; `since` is the monotonic time from which it holds."""

    lease: Lease
    since: float


class Gate:
    """Lets the calls of the operations with one token through.

    `permit_for` and `usage` may be called by several threads, the rest by the holder of the permit.
    """

    def __init__(self, store: Store, operations: Sequence[Operation], clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self.policy = QuotaPolicy.of(operations)
        self._scope = "budget " + " ".join(sorted(scope_of(operation) for operation in operations))
        # A new token starts with a count of 0 in the store; the calls made with the old one still count.
        self._own_count: tuple[str, int] = ("", 0)
        # The day on which the vendor last refused a call, as long as the store does not know better.
        self._exhausted_day = ""
        # The last count that any of the operations got holds for all of them.
        self._token_use: TokenUse | None = None

    def take_over_from(self, previous: "Gate") -> None:
        """Take over what another gate knew, which the same operations used before a reload."""
        # The later day, and of the same day the greater count.
        self._own_count = max(self._own_count, previous._own_count)  # noqa: SLF001 - same class
        self._exhausted_day = max(self._exhausted_day, previous._exhausted_day)  # noqa: SLF001 - as above
        self.note_vendor_count(previous._token_use)  # noqa: SLF001 - as above

    @contextlib.contextmanager
    def permit_for(self, token: str) -> Iterator[Permit | None]:
        """Hold the token's lease for the time of the context; yields None while another holder has it."""
        lease = self._store.acquire(fingerprint(token), LEASE_SECONDS)
        if lease is None:
            yield None
            return
        try:
            yield Permit(lease, self._clock.now().monotonic)
        finally:
            self._store.release(lease)

    def usage(self, token: str) -> Usage:
        """Return today's usage by our own count and the vendor's last one."""
        self._load_shared()
        day, ends = self.policy.day(self._clock.now().wall)
        stored = self._store.count(fingerprint(token), day)
        own_day, own = self._own_count
        return usage_of(
            self.policy,
            own_count=max(stored, own) if own_day == day else stored,
            token_use=self._token_use,
            exhausted_day=self._exhausted_day,
            day=day,
            ends=ends,
        )

    def begin(self, permit: Permit, usage: Usage, scope: str, records: Mapping[str, bytes]) -> Usage | None:
        """Store the records of a call that is about to be made, and count it, in one step.

        Returns the usage with the call; None when it must not be made, because the lease has ended or could
        end before the call does.
        """
        if self._clock.now().monotonic - permit.since > _LATEST_START_SECONDS:
            return None
        if self._store.write(permit.lease, scope, records, count_day=usage.day) is None:
            return None
        self._own_count = (usage.day, usage.own_count + 1)
        return replace(usage, own_count=usage.own_count + 1)

    def write(self, permit: Permit, scope: str, records: Mapping[str, bytes]) -> int | None:
        """Write the records of a call that has ended, and return their version.

        None, with nothing written, when another holder has taken over the lease.
        """
        return self._store.write(permit.lease, scope, records)

    def mark_exhausted(self, permit: Permit, usage: Usage) -> Usage:
        """Note that the vendor refused a call because the day's limit is reached; return the new usage."""
        self._exhausted_day = usage.day
        self._store.write(permit.lease, self._scope, {_EXHAUSTED: usage.day.encode()})
        return replace(usage, exhausted=True)

    def clear_exhausted(self, permit: Permit, usage: Usage) -> Usage:
        """Note that there is room again by the vendor's count; return the new usage."""
        self._exhausted_day = ""
        self._store.write(permit.lease, self._scope, {_EXHAUSTED: b""})
        return replace(usage, exhausted=False)

    def record_vendor_count(self, permit: Permit, token_use: TokenUse) -> bool:
        """Note the vendor's count of the day's calls, and store it for everybody who uses the token.

        False, with nothing stored, when another holder has taken over the lease.
        """
        record = {_VENDOR_COUNT: encode_token_use(token_use)}
        if self._store.write(permit.lease, self._scope, record) is None:
            return False
        self.note_vendor_count(token_use)
        return True

    def note_vendor_count(self, token_use: TokenUse | None) -> None:
        """Take the vendor's count of the day's calls into account, unless a later one is known."""
        known = self._token_use
        # By the clock that nobody sets: the other one may be years ahead until it is corrected.
        if token_use is not None and (known is None or token_use.at.monotonic >= known.at.monotonic):
            self._token_use = token_use

    def _load_shared(self) -> None:
        """Load what other processes have stored."""
        stored = self._store.read(self._scope, [_EXHAUSTED, _VENDOR_COUNT])
        if _EXHAUSTED in stored:
            self._exhausted_day = stored[_EXHAUSTED].decode(errors="replace")
        if _VENDOR_COUNT in stored:
            # A record of another version counts as none: the next answer replaces it.
            with contextlib.suppress(RecordError):
                self.note_vendor_count(decode_token_use(stored[_VENDOR_COUNT], self._clock.now()))


def scope_of(operation: Operation) -> str:
    """Return the scope of an operation's records in the state store: its name and its base URL."""
    return f"{operation.name} {operation.base_url}"


def fingerprint(token: str) -> str:
    """Return what stands for a token in leases and counts; a durable store keeps a salted hash of it."""
    return hashlib.blake2b(token.encode(), digest_size=16, person=b"wolkvox-token").hexdigest()
