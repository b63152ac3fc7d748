"""The journal: every way a disposition can end, and every place where a process can die."""

import os
import tempfile
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from exporter.operators.journal import Journal, Standing, forget, journal_path, peek
from exporter.operators.linefile import JournalBusyError, JournalError
from exporter.wolkvox import Cause, Disposition, DispositionOutcome, DispositionResult
from operators.limits import files_up_to

PLACE = ("ventas", "https://wv0042.example", "4875")
AT = "2026-08-12T10:00:00Z"


def disposition(customer: str = "FAKE-1", code: str = "SIN_SERVICIO") -> Disposition:
    return Disposition("4875", "predictive", customer, code)


def standing_after(folder: Path, end: DispositionResult | None) -> Standing:
    with Journal(folder, *PLACE) as journal:
        journal.begin(disposition(), AT)
        if end is not None:
            journal.end("FAKE-1", end, AT)
        now = journal.of("FAKE-1")
    assert peek(folder, *PLACE)["FAKE-1"] == now
    assert now.cod_act == "SIN_SERVICIO"
    return now.standing


@pytest.mark.parametrize(
    ("end", "standing"),
    [
        (None, Standing.UNKNOWN),
        (DispositionResult(DispositionOutcome.CODED, "has been coded"), Standing.CODED),
        (DispositionResult(DispositionOutcome.REFUSED, "HTTP 404"), Standing.REFUSED),
        (DispositionResult(DispositionOutcome.REFUSED, "HTTP 403", Cause.QUOTA), Standing.FREE),
        (
            DispositionResult(DispositionOutcome.UNKNOWN, "no complete answer", Cause.TIMEOUT),
            Standing.UNKNOWN,
        ),
        (DispositionResult(DispositionOutcome.NOT_SENT, "refused", Cause.CONNECTION), Standing.FREE),
    ],
)
def test_how_a_customer_stands(tmp_path: Path, end: DispositionResult | None, standing: Standing) -> None:
    assert standing_after(tmp_path, end) is standing


def test_who_is_coded_cannot_be_begun_again(tmp_path: Path) -> None:
    standing_after(tmp_path, DispositionResult(DispositionOutcome.CODED))
    with Journal(tmp_path, *PLACE) as journal:
        for again in (False, True):
            with pytest.raises(ValueError, match="coded is not coded again"):
                journal.begin(disposition(), AT, again=again)


def test_who_is_unknown_is_begun_again_only_by_decision(tmp_path: Path) -> None:
    standing_after(tmp_path, None)
    with Journal(tmp_path, *PLACE) as journal:
        with pytest.raises(ValueError, match="unknown is not coded again"):
            journal.begin(disposition(), AT)
        journal.begin(disposition(), AT, again=True)
        journal.end("FAKE-1", DispositionResult(DispositionOutcome.CODED), AT)
    assert peek(tmp_path, *PLACE)["FAKE-1"].standing is Standing.CODED


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
    standing_after(tmp_path, None)
    with Journal(tmp_path, *PLACE) as journal:
        journal.begin(disposition(), AT, again=True)
        journal.end("FAKE-1", end, AT)
    assert peek(tmp_path, *PLACE)["FAKE-1"].standing is Standing.UNKNOWN


def test_what_is_found_out_is_kept(tmp_path: Path) -> None:
    standing_after(tmp_path, None)
    with Journal(tmp_path, *PLACE) as journal:
        journal.found("FAKE-1", "find_record shows the disposition", AT)
    assert peek(tmp_path, *PLACE)["FAKE-1"].standing is Standing.CODED


def test_an_outcome_is_known_though_the_disk_is_full(tmp_path: Path) -> None:
    with Journal(tmp_path, *PLACE) as journal:
        journal.begin(disposition(), AT)
        with files_up_to(journal.path.stat().st_size), pytest.raises(JournalError, match="cannot be written"):
            journal.end("FAKE-1", DispositionResult(DispositionOutcome.CODED), AT)
        assert journal.of("FAKE-1").standing is Standing.CODED
    # The next run does not know it, and so does not code him again either.
    assert peek(tmp_path, *PLACE)["FAKE-1"].standing is Standing.UNKNOWN


def test_without_room_for_the_line_before_nothing_is_begun(tmp_path: Path) -> None:
    with Journal(tmp_path, *PLACE) as journal:
        with files_up_to(journal.path.stat().st_size), pytest.raises(JournalError):
            journal.begin(disposition(), AT)
        assert journal.of("FAKE-1").standing is Standing.FREE


def test_campaigns_and_operations_have_journals_of_their_own(tmp_path: Path) -> None:
    standing_after(tmp_path, DispositionResult(DispositionOutcome.CODED))
    for place in [("other", *PLACE[1:]), (PLACE[0], "https://wv1.example", "4875"), (*PLACE[:2], "48")]:
        assert peek(tmp_path, *place) == {}
        with Journal(tmp_path, *place) as journal:
            assert journal.of("FAKE-1").standing is Standing.FREE


def test_looking_makes_no_file(tmp_path: Path) -> None:
    assert peek(tmp_path / "none", *PLACE) == {}
    assert not (tmp_path / "none").exists()


def test_forgetting(tmp_path: Path) -> None:
    assert not forget(tmp_path, *PLACE)
    standing_after(tmp_path, DispositionResult(DispositionOutcome.CODED))
    with Journal(tmp_path, *PLACE), pytest.raises(JournalBusyError):
        forget(tmp_path, *PLACE)
    assert forget(tmp_path, *PLACE)
    assert peek(tmp_path, *PLACE) == {}


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
        Journal(tmp_path, *PLACE)
    assert forget(tmp_path, *PLACE)


@pytest.mark.parametrize(
    "line", [b"{}", b'{"end": "FAKE-2", "outcome": "coded"}', b'{"begin": 1}', b'{"end": "FAKE-1"}']
)
def test_lines_that_make_no_sense_are_named(tmp_path: Path, line: bytes) -> None:
    standing_after(tmp_path, None)
    with journal_path(tmp_path, *PLACE).open("ab") as stream:
        stream.write(line + b"\n")
    with pytest.raises(JournalError, match="line 3"):
        Journal(tmp_path, *PLACE)


class Crashes(RuleBasedStateMachine):
    """A batch that dies anywhere, also in the middle of writing a line, against a vendor that remembers."""

    customers: ClassVar = ["FAKE-1", "FAKE-2", "FAKE-3"]

    def __init__(self) -> None:
        super().__init__()
        self.coded: dict[str, int] = dict.fromkeys(self.customers, 0)
        self.told: set[str] = set()
        self.journal: Journal | None = None

    @initialize()
    def start(self) -> None:
        # Another one each time, for an example is run more than once.
        self.folder = Path(tempfile.mkdtemp(dir=os.environ["XDG_STATE_HOME"]))
        self.open()

    @precondition(lambda self: self.journal is None)
    @rule()
    def open(self) -> None:
        self.journal = Journal(self.folder, *PLACE)

    def begin(self, customer: str) -> bool:
        assert self.journal is not None
        if self.journal.of(customer).standing is not Standing.FREE:
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
            standing = self.journal.of(customer).standing
            if count:
                assert standing in {Standing.CODED, Standing.UNKNOWN}
            if customer in self.told:
                assert standing is Standing.CODED
            if standing is Standing.CODED:
                assert count

    def teardown(self) -> None:
        if self.journal is not None:
            self.journal.close()


TestCrashes = Crashes.TestCase
TestCrashes.settings = settings(max_examples=20, stateful_step_count=20, deadline=None)
