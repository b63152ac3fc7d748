"""The journal: every way a disposition can end, and every place where a process can die."""

import os
import tempfile
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from exporter.operators.journal import (
    DispositionJournal,
    JournalState,
    journal_path,
    read_entries,
    remove_journal,
)
from exporter.operators.json_lines_file import JournalBusyError, JournalError
from exporter.wolkvox import Cause, Disposition, DispositionOutcome, DispositionResult
from operators.limits import files_up_to

PLACE = ("ventas", "https://wv0042.example", "4875")
AT = "2026-08-12T10:00:00Z"


def disposition(customer: str = "FAKE-1", code: str = "SIN_SERVICIO") -> Disposition:
    return Disposition("4875", "predictive", customer, code)


def state_after(folder: Path, end: DispositionResult | None) -> JournalState:
    with DispositionJournal(folder, *PLACE) as journal:
        journal.begin(disposition(), AT)
        if end is not None:
            journal.end("FAKE-1", end, AT)
        now = journal.entry("FAKE-1")
    assert read_entries(folder, *PLACE)["FAKE-1"] == now
    assert now.cod_act == "SIN_SERVICIO"
    return now.state


@pytest.mark.parametrize(
    ("end", "state"),
    [
        (None, JournalState.UNKNOWN),
        (DispositionResult(DispositionOutcome.CODED, "has been coded"), JournalState.CODED),
        (DispositionResult(DispositionOutcome.REFUSED, "HTTP 404"), JournalState.REFUSED),
        (DispositionResult(DispositionOutcome.REFUSED, "HTTP 403", Cause.QUOTA), JournalState.FREE),
        (
            DispositionResult(DispositionOutcome.UNKNOWN, "no complete answer", Cause.TIMEOUT),
            JournalState.UNKNOWN,
        ),
        (DispositionResult(DispositionOutcome.NOT_SENT, "refused", Cause.CONNECTION), JournalState.FREE),
    ],
)
def test_how_a_customer_stands(tmp_path: Path, end: DispositionResult | None, state: JournalState) -> None:
    assert state_after(tmp_path, end) is state


def test_who_is_coded_cannot_be_begun_again(tmp_path: Path) -> None:
    state_after(tmp_path, DispositionResult(DispositionOutcome.CODED))
    with DispositionJournal(tmp_path, *PLACE) as journal:
        for retry in (False, True):
            with pytest.raises(ValueError, match="coded is not coded again"):
                journal.begin(disposition(), AT, retry=retry)


def test_who_is_unknown_is_begun_again_only_by_decision(tmp_path: Path) -> None:
    state_after(tmp_path, None)
    with DispositionJournal(tmp_path, *PLACE) as journal:
        with pytest.raises(ValueError, match="unknown is not coded again"):
            journal.begin(disposition(), AT)
        journal.begin(disposition(), AT, retry=True)
        journal.end("FAKE-1", DispositionResult(DispositionOutcome.CODED), AT)
    assert read_entries(tmp_path, *PLACE)["FAKE-1"].state is JournalState.CODED


@pytest.mark.parametrize(
    "end",
    [
        DispositionResult(DispositionOutcome.NOT_SENT),
        DispositionResult(DispositionOutcome.REFUSED, "", Cause.AUTH),
    ],
)
def test_a_second_attempt_that_did_not_happen_leaves_the_doubt_of_the_first(
    tmp_path: Path, end: DispositionResult
) -> None:
    state_after(tmp_path, None)
    with DispositionJournal(tmp_path, *PLACE) as journal:
        journal.begin(disposition(), AT, retry=True)
        journal.end("FAKE-1", end, AT)
    assert read_entries(tmp_path, *PLACE)["FAKE-1"].state is JournalState.UNKNOWN


def test_what_is_found_out_is_kept(tmp_path: Path) -> None:
    state_after(tmp_path, None)
    with DispositionJournal(tmp_path, *PLACE) as journal:
        journal.found("FAKE-1", "find_record shows the disposition", AT)
    assert read_entries(tmp_path, *PLACE)["FAKE-1"].state is JournalState.CODED


def test_an_outcome_is_known_though_the_disk_is_full(tmp_path: Path) -> None:
    with DispositionJournal(tmp_path, *PLACE) as journal:
        journal.begin(disposition(), AT)
        with files_up_to(journal.path.stat().st_size), pytest.raises(JournalError, match="cannot be written"):
            journal.end("FAKE-1", DispositionResult(DispositionOutcome.CODED), AT)
        assert journal.entry("FAKE-1").state is JournalState.CODED
    # The next run does not know it, and so does not code him again either.
    assert read_entries(tmp_path, *PLACE)["FAKE-1"].state is JournalState.UNKNOWN


def test_without_room_for_the_line_before_nothing_is_begun(tmp_path: Path) -> None:
    with DispositionJournal(tmp_path, *PLACE) as journal:
        with files_up_to(journal.path.stat().st_size), pytest.raises(JournalError):
            journal.begin(disposition(), AT)
        assert journal.entry("FAKE-1").state is JournalState.FREE


def test_campaigns_and_operations_have_journals_of_their_own(tmp_path: Path) -> None:
    state_after(tmp_path, DispositionResult(DispositionOutcome.CODED))
    for place in [("other", *PLACE[1:]), (PLACE[0], "https://wv1.example", "4875"), (*PLACE[:2], "48")]:
        assert read_entries(tmp_path, *place) == {}
        with DispositionJournal(tmp_path, *place) as journal:
            assert journal.entry("FAKE-1").state is JournalState.FREE


def test_looking_makes_no_file(tmp_path: Path) -> None:
    assert read_entries(tmp_path / "none", *PLACE) == {}
    assert not (tmp_path / "none").exists()


def test_forgetting(tmp_path: Path) -> None:
    assert not remove_journal(tmp_path, *PLACE)
    state_after(tmp_path, DispositionResult(DispositionOutcome.CODED))
    with DispositionJournal(tmp_path, *PLACE), pytest.raises(JournalBusyError):
        remove_journal(tmp_path, *PLACE)
    assert remove_journal(tmp_path, *PLACE)
    assert read_entries(tmp_path, *PLACE) == {}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b'{"journal": "codify", "version": 2}\n', "another version"),
        (b"{}\n", "not a journal of this campaign"),
    ],
)
def test_another_file_is_not_taken_for_a_journal(tmp_path: Path, content: bytes, problem: str) -> None:
    journal_path(tmp_path, *PLACE).write_bytes(content)
    with pytest.raises(JournalError, match=problem):
        DispositionJournal(tmp_path, *PLACE)
    assert remove_journal(tmp_path, *PLACE)


@pytest.mark.parametrize(
    "line", [b"{}", b'{"end": "FAKE-2", "outcome": "coded"}', b'{"begin": 1}', b'{"end": "FAKE-1"}']
)
def test_lines_that_make_no_sense_are_named(tmp_path: Path, line: bytes) -> None:
    state_after(tmp_path, None)
    with journal_path(tmp_path, *PLACE).open("ab") as stream:
        stream.write(line + b"\n")
    with pytest.raises(JournalError, match="line 3"):
        DispositionJournal(tmp_path, *PLACE)


class Crashes(RuleBasedStateMachine):
    """A batch that dies anywhere, also in the middle of writing a line, against a vendor that remembers."""

    customers: ClassVar = ["FAKE-1", "FAKE-2", "FAKE-3"]

    def __init__(self) -> None:
        super().__init__()
        self.coded: dict[str, int] = dict.fromkeys(self.customers, 0)
        self.told: set[str] = set()
        self.journal: DispositionJournal | None = None

    @initialize()
    def start(self) -> None:
        # Another one each time, for an example is run more than once.
        self.folder = Path(tempfile.mkdtemp(dir=os.environ["XDG_STATE_HOME"]))
        self.open()

    @precondition(lambda self: self.journal is None)
    @rule()
    def open(self) -> None:
        self.journal = DispositionJournal(self.folder, *PLACE)

    def begin(self, customer: str) -> bool:
        assert self.journal is not None
        if self.journal.entry(customer).state is not JournalState.FREE:
            return False
        self.journal.begin(disposition(customer), AT)
        return True

    @precondition(lambda self: self.journal is not None)
    @rule(
        customer=st.sampled_from(customers), outcome=st.sampled_from(DispositionOutcome), does=st.booleans()
    )
    def code(self, customer: str, outcome: DispositionOutcome, does: bool) -> None:
        assert self.journal is not None
        if self.begin(customer):
            self.coded[customer] += outcome is DispositionOutcome.CODED or (
                outcome is DispositionOutcome.UNKNOWN and does
            )
            self.journal.end(customer, DispositionResult(outcome), AT)
            if outcome is DispositionOutcome.CODED:
                self.told.add(customer)

    @precondition(lambda self: self.journal is not None)
    @rule(customer=st.sampled_from(customers), does=st.booleans(), torn=st.integers(0, 200))
    def die_in_the_call(self, customer: str, does: bool, torn: int) -> None:
        """Die after the line before, with or without the call, and in the middle of the line after."""
        assert self.journal is not None
        if self.begin(customer):
            self.coded[customer] += does
            before = self.journal.path.stat().st_size
            self.journal.end(
                customer,
                DispositionResult(DispositionOutcome.CODED if does else DispositionOutcome.NOT_SENT),
                AT,
            )
            after = self.journal.path.stat().st_size
            os.truncate(self.journal.path, min(before + torn, after - 1))
        self.die()

    @precondition(lambda self: self.journal is not None)
    @rule(customer=st.sampled_from(customers), torn=st.integers(0, 200))
    def die_before_the_call(self, customer: str, torn: int) -> None:
        """Die in the middle of the line before: then the call is not made."""
        assert self.journal is not None
        before = self.journal.path.stat().st_size
        if self.begin(customer):
            after = self.journal.path.stat().st_size
            os.truncate(self.journal.path, min(before + torn, after - 1))
        self.die()

    @precondition(lambda self: self.journal is not None)
    @rule()
    def die(self) -> None:
        assert self.journal is not None
        self.journal.close()
        self.journal = None

    @invariant()
    def nobody_is_coded_twice(self) -> None:
        assert max(self.coded.values()) <= 1

    @invariant()
    def nothing_is_lost(self) -> None:
        if self.journal is None:
            return
        for customer, count in self.coded.items():
            state = self.journal.entry(customer).state
            if count:
                assert state in {JournalState.CODED, JournalState.UNKNOWN}
            if customer in self.told:
                assert state is JournalState.CODED
            if state is JournalState.CODED:
                assert count

    def teardown(self) -> None:
        if self.journal is not None:
            self.journal.close()


TestCrashes = Crashes.TestCase
TestCrashes.settings = settings(max_examples=20, stateful_step_count=20, deadline=None)
