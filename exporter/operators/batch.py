"""Code customers one by one, each once: what is left to do, doing it, and what became of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from exporter.operators.command_client import (
    CAUSES_FOR_ANY_CALL,
    MAX_CONSECUTIVE_FAILURES,
    CommandClient,
    Interrupted,
    OutOfBudget,
    StateNotShared,
    failure_text,
)
from exporter.operators.journal import DispositionJournal, JournalEntry, JournalState
from exporter.operators.json_lines_file import JournalError
from exporter.operators.lookups import read_records
from exporter.operators.translation import translated
from exporter.state import StateError
from exporter.wolkvox import (
    Cause,
    Disposition,
    DispositionOutcome,
    DispositionResult,
    FoundRecord,
    RequestFailed,
    find_record,
)

MAX_CONSECUTIVE_REFUSALS = 20
"""After so many a batch ends too: a wrong campaign or code would be refused for every customer."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Which customers of earlier runs are coded once more because a person says so."""

    refused: bool = False
    unknown: bool = False


NO_RETRIES = RetryPolicy()


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """A batch before its first call: what is to be done, and the outcomes of the rest in earlier runs.

    `coded_otherwise` are coded, but with other codes than now asked for.
    """

    todo: tuple[Disposition, ...]
    coded: tuple[Disposition, ...]
    coded_otherwise: tuple[Disposition, ...]
    refused: tuple[Disposition, ...]
    unknown: tuple[Disposition, ...]


def plan_batch(
    dispositions: Sequence[Disposition], entry: Callable[[str], JournalEntry], retry: RetryPolicy
) -> BatchPlan:
    """Return the plan of a batch by what the journal knows; `entry` gives a customer's entry."""
    by_state: dict[JournalState, list[Disposition]] = {state: [] for state in JournalState}
    for disposition in dispositions:
        by_state[entry(disposition.customer_id).state].append(disposition)
    todo = {id(disposition) for disposition in by_state[JournalState.FREE]}
    for wanted, state in ((retry.refused, JournalState.REFUSED), (retry.unknown, JournalState.UNKNOWN)):
        if wanted:
            todo |= {id(disposition) for disposition in by_state[state]}
            by_state[state] = []
    as_asked: list[Disposition] = []
    otherwise: list[Disposition] = []
    for disposition in by_state[JournalState.CODED]:
        same = _codes(entry(disposition.customer_id)) == _codes(disposition)
        (as_asked if same else otherwise).append(disposition)
    return BatchPlan(
        tuple(disposition for disposition in dispositions if id(disposition) in todo),
        tuple(as_asked),
        tuple(otherwise),
        tuple(by_state[JournalState.REFUSED]),
        tuple(by_state[JournalState.UNKNOWN]),
    )


def _codes(one: JournalEntry | Disposition) -> tuple[str, str]:
    return one.cod_act.casefold(), one.cod_act_2.casefold()


@dataclass(slots=True)
class BatchReport:
    """What became of a batch. `coded_before` is the number coded by earlier runs.

    `coded_otherwise` are customers whom earlier runs have coded with other codes, which they keep, with
    these; `refused` and `unknown` are customers with the reason, of this run and of earlier ones; `left` is
    the number of those still to be done; `stop_reason` says why the batch ended early, or is "".
    """

    coded: int = 0
    coded_before: int = 0
    coded_otherwise: list[tuple[str, str]] = field(default_factory=list, repr=False)
    refused: list[tuple[str, str]] = field(default_factory=list, repr=False)
    unknown: list[tuple[str, str]] = field(default_factory=list, repr=False)
    left: int = 0
    stop_reason: str = ""
    interrupted: bool = False

    @property
    def complete(self) -> bool:
        """Whether every customer of the batch is coded as asked."""
        return not (self.coded_otherwise or self.refused or self.unknown or self.left or self.stop_reason)


class _BatchEnded(Exception):  # noqa: N818 - an outcome, named as one
    """The batch ends early; the message says why."""


class Batch:
    """One run over the customers of one campaign; `now` gives the time as the journal has it."""

    def __init__(
        self,
        dispositions: Sequence[Disposition],
        *,
        journal: DispositionJournal,
        client: CommandClient,
        now: Callable[[], str],
    ) -> None:
        self._dispositions = dispositions
        self._journal = journal
        self._client = client
        self._now = now
        self._failures_in_a_row = 0
        self._refusals_in_a_row = 0

    def run(self, retry: RetryPolicy, advance: Callable[[], None]) -> BatchReport:
        """Return the report of coding those who are left; what calls or the disk raise is in it.

        `advance` is called after each customer. Those unknown from an earlier run are looked up first, for a
        record that shows the disposition proves that it was set; those of this run are at the end.
        """
        stop_reason, interrupted = "", False
        plan = self._plan(retry)
        try:
            self._look_up(self._plan(NO_RETRIES).unknown)
            plan = self._plan(retry)
            for disposition in plan.todo:
                self._code(disposition, retry=retry.unknown)
                advance()
            self._look_up(plan_batch(plan.todo, self._journal.entry, NO_RETRIES).unknown)
        except Interrupted:
            stop_reason, interrupted = translated("interrupted"), True
        except (OutOfBudget, StateNotShared, _BatchEnded, JournalError, StateError) as error:
            stop_reason = str(error)
        return self._report(len(plan.coded), stop_reason, interrupted=interrupted)

    def _plan(self, retry: RetryPolicy) -> BatchPlan:
        return plan_batch(self._dispositions, self._journal.entry, retry)

    def _report(self, coded_before: int, stop_reason: str, *, interrupted: bool) -> BatchReport:
        after = self._plan(NO_RETRIES)

        def with_reasons(dispositions: Sequence[Disposition]) -> list[tuple[str, str]]:
            customers = [disposition.customer_id for disposition in dispositions]
            return [(customer, self._journal.entry(customer).words) for customer in customers]

        return BatchReport(
            coded=len(after.coded) - coded_before,
            coded_before=coded_before,
            coded_otherwise=[
                (disposition.customer_id, " ".join(filter(None, (kept.cod_act, kept.cod_act_2))))
                for disposition in after.coded_otherwise
                for kept in [self._journal.entry(disposition.customer_id)]
            ],
            refused=with_reasons(after.refused),
            unknown=with_reasons(after.unknown),
            left=len(after.todo),
            stop_reason=stop_reason,
            interrupted=interrupted,
        )

    def _code(self, disposition: Disposition, *, retry: bool) -> None:
        result = self._call(disposition, retry=retry)
        self._journal.end(disposition.customer_id, result, self._now())
        if result.outcome is DispositionOutcome.CODED:
            self._failures_in_a_row = self._refusals_in_a_row = 0
        elif result.outcome is DispositionOutcome.REFUSED:
            self._count_refusal(result)
        else:
            words = translated(result.words)
            if result.hint:
                words += f" ({translated(result.hint)})"
            self._count_failure(words, result.cause)

    def _call(self, disposition: Disposition, *, retry: bool) -> DispositionResult:
        begun = False

        def begin() -> None:
            nonlocal begun
            if not begun:  # the lease can expire before the call is made: then this is called once more
                self._journal.begin(disposition, self._now(), retry=retry)
                begun = True

        try:
            return self._client.codify(disposition, begin)
        except (Interrupted, OutOfBudget, StateNotShared, StateError):
            if begun:
                not_sent = DispositionResult(DispositionOutcome.NOT_SENT)
                self._journal.end(disposition.customer_id, not_sent, self._now())
            raise

    def _count_refusal(self, result: DispositionResult) -> None:
        if result.cause is not None:
            raise _BatchEnded(
                translated(
                    "wolkvox refuses every call ({cause}): {words}",
                    cause=translated(result.cause.value),
                    words=result.words,
                )
            )
        self._failures_in_a_row = 0
        self._refusals_in_a_row += 1
        if self._refusals_in_a_row >= MAX_CONSECUTIVE_REFUSALS:
            raise _BatchEnded(
                translated(
                    "wolkvox refused {count} customers in a row, the last with {words}",
                    count=MAX_CONSECUTIVE_REFUSALS,
                    words=result.words,
                )
            )

    def _count_failure(self, words: str, cause: Cause | None) -> None:
        self._failures_in_a_row += 1
        if self._failures_in_a_row >= MAX_CONSECUTIVE_FAILURES or cause in CAUSES_FOR_ANY_CALL:
            raise _BatchEnded(
                translated(
                    "{count} calls in a row without a usable answer: {words}",
                    count=self._failures_in_a_row,
                    words=words,
                )
            )

    def _look_up(self, dispositions: Sequence[Disposition]) -> None:
        """Look up customers whose request got no answer; note those whose record shows the disposition."""
        for disposition in dispositions:
            rows: list[object] = []
            call = find_record(disposition.campaign_id, customer=disposition.customer_id)
            try:
                self._client.fetch(call, rows.extend)
            except RequestFailed as failure:
                words = translated("looking up a customer: {failure}", failure=failure_text(failure))
                self._count_failure(words, failure.cause)
                continue
            self._failures_in_a_row = 0
            wanted = self._journal.entry(disposition.customer_id).cod_act
            if any(_shows(record, disposition, wanted) for record in read_records(rows)):
                found = "find_record shows the disposition"
                self._journal.found(disposition.customer_id, found, self._now())


def _shows(record: FoundRecord, disposition: Disposition, cod_act: str) -> bool:
    """Return whether a record shows a customer's disposition in the campaign.

    False does not prove the opposite: the page does not say that `result` shows what was coded from outside.
    """
    return (
        record.customer_id == disposition.customer_id
        and record.campaign_id in {"", disposition.campaign_id}
        and record.result.casefold() == cod_act.casefold() != ""
    )
