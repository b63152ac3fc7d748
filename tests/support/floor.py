"""A floor: operations whose answers a test gives by hand, with their real metrics, status and pages."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from exporter.apis import BY_NAME
from exporter.config import Operation
from exporter.history import History
from exporter.judgement import Terms, after_answer, view
from exporter.metrics import Exposition, ProcessMetrics
from exporter.polling import updates
from exporter.polling.request import poll_request
from exporter.polling.timetable import Slot
from exporter.schedules import ScheduleSet
from exporter.snapshot import OperationSnapshot, SnapshotCell, Snapshots, Usage
from exporter.state import Health
from exporter.status import Query, Reporter, Status
from exporter.web.status.pages import StatusPages
from exporter.wolkvox import Cause
from support.fakes import FakeClock, make_operation


def _healthy() -> Health:
    return Health(up=True, losses=0)


class Floor:
    """Some operations; the test takes the place of polling, everything behind it is real."""

    def __init__(self, operations: Iterable[Operation] | None = None, **more: Any) -> None:
        self.clock = FakeClock()
        self.operations = {o.name: o for o in operations or [make_operation(**more)]}
        self.cells = {o.name: SnapshotCell(updates.first_snapshot(o)) for o in self.operations.values()}
        self.turns: dict[Slot, float] = {}
        self.history = History()
        self.schedules = {o.name: ScheduleSet.of(o.schedules, o.timezone) for o in self.operations.values()}
        self.snapshots = Snapshots(listener=self.history.note)
        self.max_ages = {o.name: {e: s.max_age for e, s in o.apis.items()} for o in self.operations.values()}
        self.exposition = Exposition(
            self.snapshots, self.max_ages, self.schedules, ProcessMetrics(_healthy), self.clock
        )
        self.exposition.configure(
            self.max_ages,
            self.schedules,
            {
                o.name: Terms(o.licences, o.predictives_limit, o.abandonment_limit)
                for o in self.operations.values()
            },
        )
        self.reporter = Reporter(
            snapshots=self.snapshots,
            judged=self.exposition.judged,
            next_polls=lambda: self.turns,
            settings=lambda: {name: (o, self.schedules[name]) for name, o in self.operations.items()},
            history=self.history,
            clock=self.clock,
        )
        self.snapshots.replace(self.cells.values())
        self.pages = StatusPages(self.reporter, "/metrics")

    def cell(self, operation: str | None) -> SnapshotCell:
        """Return an operation's cell, the first one's unless it is named."""
        return self.cells[operation] if operation else next(iter(self.cells.values()))

    def answer(  # noqa: PLR0913 - what came, of what, and how
        self,
        api: str,
        rows: Sequence[Mapping[str, object]],
        operation: str | None = None,
        *,
        campaign_id: str = "",
        duration: float = 0.5,
        unreadable: Mapping[str, int] | None = None,
    ) -> None:
        """Publish a good answer, of a campaign or of the operation."""
        cell, now = self.cell(operation), self.clock.now()
        of = self.operations[cell.snapshot.operation]
        cell.update(
            lambda s: updates.with_success(
                s,
                api,
                at=now,
                duration=duration,
                http_status=200,
                rows=len(rows),
                size=100,
                field_errors=unreadable or {},
                discarded={},
            )
        )
        request = poll_request(BY_NAME[api], of, cell.snapshot, now, campaign_id)
        request.reader.add(rows)
        listing, max_age = request.listing(now), of.apis[api].max_age
        cell.update(
            lambda s: updates.with_answer(
                s, api, campaign_id, listing, campaigns=of.campaigns, now=now, max_age=max_age
            )
        )
        if BY_NAME[api].lists_campaigns:
            current = view(cell.snapshot, self.max_ages[of.name], now)
            begun, schedules = now.wall - duration, self.schedules[of.name]
            cell.update(
                lambda s: updates.with_memory(s, after_answer(s.memory, api, current, schedules, begun))
            )

    def fail(self, api: str, cause: Cause, operation: str | None = None) -> None:
        """Publish a failure."""
        now = self.clock.now()
        self.cell(operation).update(
            lambda s: updates.with_failure(
                s,
                api,
                cause=cause,
                detail="HTTP 403; wolkvox says: Please validate the token of Fulano",
                at=now,
                duration=0.25,
                http_status=403,
                discarded={},
            )
        )

    def use(self, usage: Usage, operation: str | None = None) -> None:
        """Publish a count of calls."""
        self.cell(operation).update(lambda s: updates.with_quota(s, usage))

    def snapshot(self, operation: str | None = None) -> OperationSnapshot:
        """Return what is known of an operation."""
        return self.cell(operation).snapshot

    def status(self, **query: object) -> Status:
        """Return the status that a query asks for."""
        return self.reporter.status(Query(**query))  # type: ignore[arg-type]
