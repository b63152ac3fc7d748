"""Writes one operation's polls to the state store, and reads those of other processes from it."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace

from exporter.apis import BY_NAME
from exporter.clock import Clock, Moment
from exporter.config import Operation
from exporter.polling import updates
from exporter.snapshot import Answers, OperationSnapshot, SnapshotCell, records
from exporter.snapshot.records import Attempt, PollOutcome, RecordError
from exporter.state import Store
from exporter.traffic.gate import scope_of

_log = logging.getLogger(__name__)

_ATTEMPT, _OUTCOME, _ANSWER = "attempt", "outcome", "answer"

Change = Callable[[OperationSnapshot], OperationSnapshot]


class Archive:
    """The records of one operation in the state store; used by one thread at a time."""

    def __init__(self, store: Store, operation: Operation, cell: SnapshotCell, clock: Clock) -> None:
        self.scope = scope_of(operation)
        self._store = store
        self._operation = operation
        self._cell = cell
        self._clock = clock
        self._version = 0
        self._attempts: dict[str, tuple[Attempt, Moment]] = {}
        self._loaded_at: Moment | None = None
        self._ended: dict[str, float] = {}

    def load_shared(self) -> None:
        """Add to the snapshot what other processes have stored since the last time; the first time, all."""
        stored = self._store.changes(self.scope, self._version)
        if stored is None:
            return
        self._version = stored.version
        before, self._loaded_at = self._loaded_at, self._clock.now()
        found = stored.records
        if not found:
            return
        now = self._clock.now()
        read = [self._change_of(name, found[name], now, before) for name in sorted(found)]
        changes = [change for change in read if change is not None]

        def changed(snapshot: OperationSnapshot) -> OperationSnapshot:
            for change in changes:
                snapshot = change(snapshot)
            return snapshot

        self._cell.update(changed)

    def take_over_from(self, previous: "Archive") -> None:
        """Take over what the operation's archive before a reload knew, where the store is unavailable.

        What was loaded from the store is newer and stays.
        """
        if self._loaded_at is not None:
            return
        self._attempts, self._ended = dict(previous._attempts), dict(previous._ended)  # noqa: SLF001 - same class
        old, wanted = previous._cell.snapshot, self._operation.enabled()  # noqa: SLF001 - as above

        def changed(snapshot: OperationSnapshot) -> OperationSnapshot:
            for api, answers in old.answers.items():
                if api in wanted:
                    snapshot = updates.with_answers(snapshot, api, self._selected(api, answers))
            return snapshot

        self._cell.update(changed)

    def note_version(self, version: int) -> None:
        """Note the version of the records that this process has written."""
        self._version = max(version, self._version)

    def last_attempt(self, api: str) -> tuple[Attempt, Moment] | None:
        """Return the last attempt of any process, and when that was; None when there was none."""
        return self._attempts.get(api)

    def awaits_outcome(self, api: str) -> bool:
        """Return whether the last attempt has no outcome yet: its call may still be under way."""
        last = self._attempts.get(api)
        return last is not None and last[0].at != self._ended.get(api)

    def attempt_record(self, api: str, attempt: Attempt) -> Mapping[str, bytes]:
        """Return the record of an attempt that is about to be made."""
        return {f"{_ATTEMPT} {api}": records.encode(attempt)}

    def note_attempt(self, api: str, attempt: Attempt, at: Moment) -> None:
        """Note that the record of an attempt of this process was written."""
        self._attempts[api] = (attempt, at)

    def outcome_records(
        self, api: str, snapshot: OperationSnapshot, *, answered: bool
    ) -> Mapping[str, bytes]:
        """Return the records of a call that has just ended; `snapshot` is the one after it."""
        status = snapshot.polls[api]
        at = self._ended[api] = self._attempts[api][0].at
        outcome = PollOutcome(
            attempt=at,
            up=bool(status.up),
            success=status.last_success.wall if status.last_success else None,
            duration=status.duration,
            rows=status.rows,
            bytes=status.bytes,
            failure=status.last_failure,
        )
        written = {f"{_OUTCOME} {api}": records.encode(outcome)}
        if answered:
            answers = snapshot.answers[api]
            written[f"{_ANSWER} {api}"] = records.encode_answers(BY_NAME[api].row_shape, answers)
        return written

    def _change_of(self, name: str, data: bytes, now: Moment, before: Moment | None) -> Change | None:
        """Return what a record changes in the snapshot; None, with a log line, when it cannot be used.

        `before` is when the records were last read: what is new was written since.
        """
        kind, _, api = name.partition(" ")
        if api not in self._operation.enabled():
            return None
        try:
            return self._decoded(kind, api, data, now, before)
        except RecordError as error:
            _log.warning(
                "ignoring a stored record",
                extra={"operation": self._operation.name, "record": name, "reason": str(error)},
            )
            return None

    def _decoded(self, kind: str, api: str, data: bytes, now: Moment, before: Moment | None) -> Change:
        """Return what a record changes in the snapshot; raises RecordError."""
        if kind == _ATTEMPT:
            return self._attempt_change(api, records.decode_attempt(data), now, before)
        if kind == _OUTCOME:
            return self._outcome_change(api, records.decode_outcome(data), now)
        if kind != _ANSWER:
            raise RecordError("written by another version of the exporter")
        found = records.decode_answers(BY_NAME[api].row_shape, data, now)
        return lambda s: updates.with_answers(s, api, self._selected(api, found))

    def _selected(self, api: str, answers: Answers) -> Answers:
        """Return the wanted campaigns of answers that were stored under other settings."""
        if not BY_NAME[api].lists_campaigns:
            return answers
        wanted = self._operation.campaigns.selects
        return {
            key: replace(listing, rows=tuple(row for row in listing.rows if wanted(*row.labels[:2])))
            for key, listing in answers.items()
        }

    def _attempt_change(self, api: str, attempt: Attempt, now: Moment, before: Moment | None) -> Change:
        known = self._attempts.get(api)
        if known is not None and known[0].at == attempt.at:
            return _unchanged  # our own, which reached the store late
        at = records.moment(attempt.at, now)
        if before is not None and at.monotonic < before.monotonic:
            # The other's clock is behind ours: its call came after our last look all the same.
            at = Moment(at.wall, before.monotonic)
        self._attempts[api] = (attempt, at)
        return lambda s: updates.with_attempt_by_other_process(s, api, at)

    def _outcome_change(self, api: str, outcome: PollOutcome, now: Moment) -> Change:
        if self._ended.get(api) == outcome.attempt:
            return _unchanged
        self._ended[api] = outcome.attempt
        return lambda s: updates.with_outcome_by_other_process(s, api, outcome, now)


def _unchanged(snapshot: OperationSnapshot) -> OperationSnapshot:
    return snapshot
