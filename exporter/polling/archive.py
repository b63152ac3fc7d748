"""Writes one operation's polls to the state store, and reads those of other processes from it."""

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import reduce

from exporter.apis import BY_NAME
from exporter.clock import Clock, Moment
from exporter.config import CampaignFilter, Operation
from exporter.polling import updates
from exporter.snapshot import OperationSnapshot, SnapshotCell, records
from exporter.snapshot.records import Attempt, PollOutcome, RecordError
from exporter.state import Store
from exporter.traffic.gate import scope_of

_log = logging.getLogger(__name__)

_ATTEMPT, _OUTCOME, _ANSWER = "attempt", "outcome", "answer"
_MEMORY = "memory"

Change = Callable[[OperationSnapshot], OperationSnapshot]


class Archive:
    """The records of one operation in the state store, and what they change in its snapshot.

    It outlives changes of the operation's settings, as the cell does. Whoever polls uses it in one thread at
    a time; `change_settings` waits until no poll is reading or writing.
    """

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
        # The APIs whose last answer in the store is in the snapshot, too.
        self._with_answer: set[str] = set()

    @property
    def campaigns(self) -> CampaignFilter:
        """Which campaigns are wanted at present."""
        return self._operation.campaigns

    def load_shared(self) -> None:
        """Add to the snapshot what other processes have stored since the last time; the first time, all."""
        with self._cell.lock:
            stored = self._store.changes(self.scope, self._version)
            if stored is None:
                return
            self._version = stored.version
            before, self._loaded_at = self._loaded_at, self._clock.now()
            changes = self._changes(stored.records, self._operation.enabled(), before)
            if changes:
                self._cell.update(_all(changes))

    def change_settings(self, operation: Operation) -> None:
        """Apply changed settings of the operation, and add what is stored of the APIs that they switch on.

        To those who read the snapshot it is one change, and no poll lands in the middle of it.
        """
        with self._cell.lock:
            self._operation = operation
            added = [api for api in operation.enabled() if api not in self._cell.snapshot.polls]
            stored = self._store.changes(self.scope, 0) if added else None
            found: Mapping[str, bytes] = {}
            if stored is not None:
                found = stored.records
                for api in added:
                    self._ended.pop(api, None)
            changes = self._changes(found, added, None)
            self._cell.update(_all([lambda s: updates.with_settings(s, operation), *changes]))

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
            listing = snapshot.unfiltered.get(api)
            answers = snapshot.answers[api] if listing is None else {"": listing}
            written[f"{_ANSWER} {api}"] = records.encode_answers(BY_NAME[api].row_shape, answers)
            self._with_answer.add(api)
            if BY_NAME[api].lists_campaigns:
                written[_MEMORY] = records.encode_memory(snapshot.memory)
        return written

    def _changes(
        self, found: Mapping[str, bytes], apis: Collection[str], before: Moment | None
    ) -> Sequence[Change]:
        """Return what the records about `apis` change in the snapshot.

        `before` is when the records were last read: what is new was written since.
        """
        now = self._clock.now()
        # In this order an answer is read before the outcome of its call.
        wanted = [name for name in sorted(found) if name.partition(" ")[2] in apis or name == _MEMORY]
        read = [self._change_of(name, found[name], now, before) for name in wanted]
        return [change for change in read if change is not None]

    def _change_of(self, name: str, data: bytes, now: Moment, before: Moment | None) -> Change | None:
        """Return what a record changes in the snapshot; None, with a log line, when it cannot be used."""
        kind, _, api = name.partition(" ")
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
        if kind == _MEMORY:
            memory = records.decode_memory(data)
            return lambda s: updates.with_memory(s, memory)
        if kind != _ANSWER:
            raise RecordError("written by another version of the exporter")
        self._with_answer.discard(api)
        found = records.decode_answers(BY_NAME[api].row_shape, data, now)
        self._with_answer.add(api)
        return lambda s: updates.with_answers(s, api, found, self.campaigns)

    def _attempt_change(self, api: str, attempt: Attempt, now: Moment, before: Moment | None) -> Change:
        known = self._attempts.get(api)
        if known is not None and known[0].at == attempt.at:
            at = known[1]  # our own, which reached the store late
        else:
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
        answered = api in self._with_answer
        return lambda s: updates.with_outcome_by_other_process(s, api, outcome, now, answered=answered)


def _all(changes: Sequence[Change]) -> Change:
    """Return the change that makes these, one after the other."""
    return lambda snapshot: reduce(lambda changed, change: change(changed), changes, snapshot)


def _unchanged(snapshot: OperationSnapshot) -> OperationSnapshot:
    return snapshot
