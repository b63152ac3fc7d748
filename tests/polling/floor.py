"""A floor: one poller with a real store and gate, a fake vendor, and a clock that the test moves."""

from exporter.config import Operation, Secret
from exporter.polling import Archive, OperationPoller, Token, first_snapshot
from exporter.schedules import ScheduleSet
from exporter.snapshot import OperationSnapshot, PollStatus, SnapshotCell
from exporter.state import MemoryStore, Store
from exporter.traffic import Gate
from support.fakes import FakeClock, FakeVendor, make_operation


class Floor:
    """A poller; several with one store are replicas."""

    def __init__(
        self,
        operation: Operation | None = None,
        *,
        clock: FakeClock | None = None,
        store: Store | None = None,
        vendor: FakeVendor | None = None,
        secret: Secret | None = None,
    ) -> None:
        self.operation = operation or make_operation()
        self.clock = clock or FakeClock()
        self.store: Store = store or MemoryStore(lambda: self.clock.monotonic)
        self.vendor = vendor or FakeVendor(self.clock)
        self.cell = SnapshotCell(first_snapshot(self.operation))
        self.token = Token(secret or self.operation.token, self.operation.name)
        self.archive = Archive(self.store, self.operation, self.cell, self.clock)
        self.poller = OperationPoller(
            self.operation,
            client=self.vendor,
            token=self.token,
            gate=Gate(self.store, [self.operation], self.clock),
            archive=self.archive,
            cell=self.cell,
            clock=self.clock,
            schedules=ScheduleSet.of(self.operation.schedules, self.operation.timezone),
            jitter=lambda low, high: (low + high) / 2,
        )

    @property
    def now(self) -> float:
        return self.clock.monotonic

    @property
    def snapshot(self) -> OperationSnapshot:
        return self.cell.snapshot

    def status(self, api: str = "campaigns") -> PollStatus:
        return self.snapshot.polls[api]

    def poll(self, api: str = "campaigns", missed: int = 0) -> float:
        """Poll, and return in how many seconds the next turn is."""
        return self.poller.poll(api, missed) - self.now

    def replica(self) -> "Floor":
        """Return another process that shares the store and the vendor."""
        return Floor(self.operation, clock=self.clock, store=self.store, vendor=self.vendor)

    def restarted(self) -> "Floor":
        """Return this process started anew, on another monotonic clock."""
        clock = FakeClock(self.clock.wall, monotonic=3.0)
        vendor = FakeVendor(clock)
        vendor.answers = self.vendor.answers
        return Floor(self.operation, clock=clock, store=self.store, vendor=vendor)
