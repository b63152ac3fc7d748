"""One token's calls: one at a time over all processes and replicas, within the day's budget."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from exporter.apis import services
from exporter.clock import Clock, Moment
from exporter.config import Operation
from exporter.evidence import PAGES, Evidence, Statement
from exporter.snapshot import QuotaReading, TokenUse, Usage
from exporter.snapshot.records import (
    RecordError,
    decode_licences,
    decode_quota_reading,
    encode_licences,
    encode_quota_reading,
    known_moment,
)
from exporter.state import Lease, Store
from exporter.traffic.budget import QuotaPolicy, reading_after

LEASE_SECONDS = 90.0
"""How long a lease holds: the 60 s of a call, and some time before and after it."""

STATEMENTS = (
    Statement(
        "A token should make one call at a time; a third at the same time is refused.",
        Evidence.DOCUMENTED,
        f'{PAGES} say both "not simultaneously" and "two at the most"',
    ),
    Statement("Calls should be five minutes apart.", Evidence.DOCUMENTED, f"{PAGES} advise it"),
)

_LATEST_START_SECONDS = LEASE_SECONDS - 65.0
_REFUSED_AT, _READING, _LICENCES = "refused_at", "reading", "licences"


@dataclass(frozen=True, slots=True)
class Permit:
    """The right to make calls with one token; `since` is the monotonic time from which it holds."""

    lease: Lease
    since: float


class Gate:
    """Lets the calls of the operations with one token through.

    `permit` and `usage` may be called by several threads, the rest by the holder of the permit.
    """

    def __init__(self, store: Store, operations: Sequence[Operation], clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self.policy = QuotaPolicy.of(operations)
        # Nothing in the store comes from the token: it is short enough to be guessed from any hash of it.
        self._key = lease_key_of(operations)
        self._scope = f"budget {self._key}"
        # Under another name the operations start with a count of 0 in the store; the calls still count.
        self._own_count: tuple[str, int] = ("", 0)
        # When the vendor last refused a call (Unix time), as long as the store does not know better.
        self._refused_at: float | None = None
        # What any of the operations was told holds for all of them.
        self._reading: QuotaReading | None = None
        self._licences: int | None = None
        self._asks_services = any(operation.apis[services.NAME].enabled for operation in operations)

    @property
    def lease_key(self) -> str:
        """The key of the lease: the same wherever the same operations have the token."""
        return self._key

    def take_over_from(self, previous: "Gate") -> None:
        """Take over what another gate knew, which the same operations used before a reload."""
        # The later day, and of the same day the greater count.
        self._own_count = max(self._own_count, previous._own_count)  # noqa: SLF001 - same class
        refusals = [at for at in (self._refused_at, previous._refused_at) if at is not None]  # noqa: SLF001 - as above
        self._refused_at = max(refusals, default=None)
        self._note(previous._reading)  # noqa: SLF001 - as above
        licences = previous._licences  # noqa: SLF001 - as above
        self._licences = self._licences if licences is None else licences

    @contextlib.contextmanager
    def permit(self) -> Iterator[Permit | None]:
        """Hold the token's lease for the time of the context; yields None while another holder has it."""
        lease = self._store.acquire(self._key, LEASE_SECONDS)
        if lease is None:
            yield None
            return
        try:
            yield Permit(lease, self._clock.now().monotonic)
        finally:
            self._store.release(lease)

    def usage(self) -> Usage:
        """Return today's usage by our own count and what the vendor last told."""
        self._load_shared()
        wall = self._clock.now().wall
        day, _ = self.policy.day(wall)
        stored = self._store.count(self._key, day)
        own_day, own = self._own_count
        return self.policy.usage(
            wall,
            own_count=max(stored, own) if own_day == day else stored,
            reading=self._reading,
            refused_at=self._refused_at,
            licences=self._told_licences,
        )

    @property
    def _told_licences(self) -> int | None:
        """The licences that `services` tells; None where it is off, for then nothing would correct them."""
        return self._licences if self._asks_services else None

    def permits(self, usage: Usage, api: str) -> bool:
        """Return whether the day's budget has room for polling an API now."""
        return self.policy.permits(usage, api, self._clock.now().wall, licences=self._told_licences)

    def begin(self, permit: Permit, usage: Usage, scope: str, records: Mapping[str, bytes]) -> Usage | None:
        """Store the records of a call that is about to be made, and count it, in one step.

        Returns the usage with the call; None when it must not be made, because the lease has ended or could
        end before the call does.
        """
        now = self._clock.now()
        if now.monotonic - permit.since > _LATEST_START_SECONDS:
            return None
        if usage.refused_at is not None:
            usage = self._note_refusal(permit, usage, now.wall)
        if self._store.write(permit.lease, scope, records, count_day=usage.day) is None:
            return None
        self._own_count = (usage.day, usage.own_count + 1)
        return replace(usage, own_count=usage.own_count + 1)

    def write(self, permit: Permit, scope: str, records: Mapping[str, bytes]) -> int | None:
        """Write the records of a call that has ended, and return their version.

        None, with nothing written, when another holder has taken over the lease.
        """
        return self._store.write(permit.lease, scope, records)

    def note_refusal(self, permit: Permit, usage: Usage) -> Usage:
        """Note that the vendor refused a call because the day's limit is reached; return the new usage."""
        return self._note_refusal(permit, usage, self._clock.now().wall)

    def note_room(self, permit: Permit, usage: Usage) -> Usage:
        """Note that the vendor lets calls through again; return the new usage."""
        return self._note_refusal(permit, usage, None)

    def _note_refusal(self, permit: Permit, usage: Usage, at: float | None) -> Usage:
        self._refused_at = at
        self._store.write(permit.lease, self._scope, {_REFUSED_AT: b"" if at is None else repr(at).encode()})
        return replace(usage, refused_at=at)

    def record_vendor_count(self, permit: Permit, told: TokenUse) -> bool:
        """Note the vendor's count of the day's calls, and store it for everybody who uses the token.

        False, with nothing stored, when another holder has taken over the lease.
        """
        reading = self._reading_with(told)
        if self._store.write(permit.lease, self._scope, {_READING: encode_quota_reading(reading)}) is None:
            return False
        self._note(reading)
        return True

    def record_licences(self, permit: Permit, licences: int) -> None:
        """Note the licences that `services` tells, and store them for everybody who uses the token."""
        self._licences = licences
        self._store.write(permit.lease, self._scope, {_LICENCES: encode_licences(licences)})

    def note_vendor_count(self, told: TokenUse) -> None:
        """Take the vendor's count of the day's calls into account, unless a later one is known."""
        self._note(self._reading_with(told))

    def _reading_with(self, told: TokenUse) -> QuotaReading:
        usage = self.usage()
        return reading_after(self._reading, told, usage.day, usage.own_count)

    def _note(self, reading: QuotaReading | None) -> None:
        known = self._reading
        # By the clock that nobody sets: the other one may be years ahead until it is corrected.
        if reading is not None and (known is None or reading.told.at.monotonic >= known.told.at.monotonic):
            self._reading = reading

    def _load_shared(self) -> None:
        """Load what other processes have stored; a record that cannot be read counts as none."""
        stored = self._store.read(self._scope, [_REFUSED_AT, _READING, _LICENCES])
        if _LICENCES in stored:
            with contextlib.suppress(RecordError):
                self._licences = decode_licences(stored[_LICENCES])
        if _REFUSED_AT in stored:
            self._refused_at = _time_of(stored[_REFUSED_AT], self._clock.now())
        if _READING in stored:
            with contextlib.suppress(RecordError):
                self._note(decode_quota_reading(stored[_READING], self._clock.now()))


def _time_of(stored: bytes, now: Moment) -> float | None:
    """Return the Unix time that stands in a record; None without one, and of one that cannot be true."""
    try:
        at = float(stored)
    except ValueError:
        return None
    return at if at >= 0 and known_moment(at, now) is not None else None


def lease_key_of(operations: Sequence[Operation]) -> str:
    """Return the key of the lease that the operations with one token share."""
    return min(scope_of(operation) for operation in operations)


def scope_of(operation: Operation) -> str:
    """Return the scope of an operation's records in the state store: its name and its base URL."""
    return f"{operation.name} {operation.base_url}"
