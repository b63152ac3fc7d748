"""Keeps one operation's answers in the state store, and lands there what others who share it stored."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace

from exporter.apis import BY_NAME, token_info
from exporter.clock import Clock, Moment
from exporter.config import Operation
from exporter.polling import landing
from exporter.snapshot import Answers, BoardEntry, OperationSnapshot, TokenUse, records
from exporter.snapshot.records import Attempt, Outcome, RecordError
from exporter.state import Store
from exporter.traffic.gate import scope_of

_log = logging.getLogger(__name__)

_ATTEMPT, _OUTCOME, _ANSWER = "attempt", "outcome", "answer"

Change = Callable[[OperationSnapshot], OperationSnapshot]


class Archive:
    """The records of one operation; used by one thread at a time."""

    def __init__(self, store: Store, operation: Operation, entry: BoardEntry, clock: Clock) -> None:
        self.scope = scope_of(operation)
        self._store = store
        self._operation = operation
        self._entry = entry
        self._clock = clock
        self._version = 0
        self._attempts: dict[str, tuple[Attempt, Moment]] = {}
        self._synced: Moment | None = None
        self._ended: dict[str, float] = {}

    def sync(self) -> None:
        """Land what others have stored since the last time; at the start, what was stored before."""
        changed = self._store.changes(self.scope, self._version)
        if changed is None:
            return
        self._version = changed.version
        before, self._synced = self._synced, self._clock.now()
        found = changed.records
        if not found:
            return
        now = self._clock.now()
        changes = [change for name in sorted(found) if (change := self._read(name, found[name], now, before))]

        def land(snapshot: OperationSnapshot) -> OperationSnapshot:
            for change in changes:
                snapshot = change(snapshot)
            return snapshot

        self._entry.update(land)

    def follow(self, before: "Archive") -> None:
        """Go on from what another archive of the operation knew until a reload, while the store is away.

        What the store has told is newer and stays.
        """
        if self._synced is not None:
            return
        self._attempts, self._ended = dict(before._attempts), dict(before._ended)  # noqa: SLF001 - as this one
        old, wanted = before._entry.snapshot, self._operation.enabled()  # noqa: SLF001 - as above

        def land(snapshot: OperationSnapshot) -> OperationSnapshot:
            for api, answers in old.answers.items():
                if api in wanted:
                    snapshot = landing.with_answers(snapshot, api, self._selected(api, answers))
            return snapshot

        self._entry.update(land)

    def written(self, version: int) -> None:
        """Note that this process has written records, which have this version now."""
        self._version = max(version, self._version)

    def last_attempt(self, api: str) -> tuple[Attempt, Moment] | None:
        """Return the last attempt that anybody made, and when that was; None when there was none."""
        return self._attempts.get(api)

    def awaits(self, api: str) -> bool:
        """Tell whether the last attempt has no outcome yet: somebody may be in the middle of the call."""
        last = self._attempts.get(api)
        return last is not None and last[0].at != self._ended.get(api)

    def record_of(self, api: str, attempt: Attempt) -> Mapping[str, bytes]:
        """Return the record of an attempt that is about to be made."""
        return {f"{_ATTEMPT} {api}": records.encode(attempt)}

    def attempted(self, api: str, attempt: Attempt, at: Moment) -> None:
        """Note that the record of an attempt of this process was written."""
        self._attempts[api] = (attempt, at)

    def ended(self, api: str, snapshot: OperationSnapshot, *, answered: bool) -> Mapping[str, bytes]:
        """Return the records of a call that has ended, as the snapshot after it says."""
        status = snapshot.polls[api]
        at = self._ended[api] = self._attempts[api][0].at
        outcome = Outcome(
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
            written[f"{_ANSWER} {api}"] = records.encode_answers(BY_NAME[api].column_names, answers)
        return written

    def _read(self, name: str, data: bytes, now: Moment, before: Moment | None) -> Change | None:
        """Return what a record does to the snapshot; None, with a line in the log, when it is of no use.

        `before` is when the records were looked at before: what is new was written since.
        """
        kind, _, api = name.partition(" ")
        if api not in self._operation.enabled():
            return None
        try:
            return self._change(kind, api, data, now, before)
        except RecordError as error:
            _log.warning(
                "a stored record is not used",
                extra={"operation": self._operation.name, "record": name, "reason": str(error)},
            )
            return None

    def _change(self, kind: str, api: str, data: bytes, now: Moment, before: Moment | None) -> Change:
        """Return what a record does to the snapshot; raises RecordError."""
        if kind == _ATTEMPT:
            return self._attempt(api, records.decode_attempt(data), now, before)
        if kind == _OUTCOME:
            return self._outcome(api, records.decode_outcome(data), now)
        if kind != _ANSWER:
            raise RecordError("made by another version")
        found = records.decode_answers(BY_NAME[api].column_names, data, now)
        return lambda s: landing.with_answers(s, api, self._selected(api, found))

    def _selected(self, api: str, answers: Answers) -> Answers:
        """Return what is wanted of answers that were stored while other campaigns may have been wanted."""
        if not BY_NAME[api].lists_campaigns:
            return answers
        wanted = self._operation.campaigns.selects
        return {
            key: replace(listing, rows=tuple(row for row in listing.rows if wanted(*row.labels[:2])))
            for key, listing in answers.items()
        }

    def _attempt(self, api: str, attempt: Attempt, now: Moment, before: Moment | None) -> Change:
        known = self._attempts.get(api)
        if known is not None and known[0].at == attempt.at:
            return _no_news  # our own, which the store has got late
        at = records.moment(attempt.at, now)
        if before is not None and at.monotonic < before.monotonic:
            # The other's clock is behind ours: its call came after we had last looked, all the same.
            at = Moment(at.wall, before.monotonic)
        self._attempts[api] = (attempt, at)
        return lambda s: landing.was_attempted(s, api, at)

    def _outcome(self, api: str, outcome: Outcome, now: Moment) -> Change:
        if self._ended.get(api) == outcome.attempt:
            return _no_news
        self._ended[api] = outcome.attempt
        return lambda s: landing.ended_elsewhere(s, api, outcome, now)


def _no_news(snapshot: OperationSnapshot) -> OperationSnapshot:
    return snapshot


def stored_token_use(store: Store, operation: Operation, now: Moment) -> TokenUse | None:
    """Return what wolkvox last said of the day's calls, where it is stored and can be read; makes no call."""
    name = f"{_ANSWER} {token_info.NAME}"
    data = store.read(scope_of(operation), [name]).get(name)
    try:
        columns = token_info.API.column_names
        return None if data is None else token_info.token_use(records.decode_answers(columns, data, now)[""])
    except (RecordError, KeyError):
        return None
