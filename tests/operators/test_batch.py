"""Batches against the simulator: nobody is coded twice, and the report says what is known."""

from collections.abc import Callable, Sequence

import pytest

from exporter.operators.batch import Batch, BatchReport, RetryPolicy, plan_batch
from exporter.operators.command_client import StateNotShared
from exporter.operators.journal import DispositionJournal, JournalEntry, JournalState, read_entries
from exporter.wolkvox import Cause, Disposition, DispositionOutcome, DispositionResult
from operators.conftest import Bench
from operators.limits import files_up_to
from support.mischief import Fault

MakeBench = Callable[..., Bench]
MEN = [f"FAKE-00000{number:06d}" for number in range(600, 610)]
ALL_CODED: tuple[object, ...] = (len(MEN), 0, [], [], 0)


def dispositions(customers: Sequence[str] = MEN, code: str = "SIN_SERVICIO") -> list[Disposition]:
    return [Disposition("4875", "predictive", customer, code) for customer in customers]


def run(bench: Bench, customers: Sequence[str] = MEN, retry: RetryPolicy | None = None) -> BatchReport:
    with DispositionJournal(*bench.place) as journal:
        batch = Batch(
            dispositions(customers), journal=journal, client=bench.client, now=lambda: "2026-08-12T10:00:00Z"
        )
        return batch.run(retry or RetryPolicy(), lambda: None)


def figures(report: BatchReport) -> tuple[object, ...]:
    names = [customer for customer, _ in report.refused], [customer for customer, _ in report.unknown]
    return report.coded, report.coded_before, *names, report.left


def test_all_are_coded_once_and_a_second_run_asks_nothing(bench: MakeBench) -> None:
    b = bench()
    report = run(b)
    assert figures(report) == ALL_CODED
    assert (report.complete, report.stop_reason) == (True, "")
    assert b.sent("codify") == MEN
    assert {b.result(customer) for customer in MEN} == {"SIN_SERVICIO"}
    again = run(b)
    assert figures(again) == (0, len(MEN), [], [], 0)
    assert again.complete
    assert len(b.simulator.requests) == len(MEN)


def test_customers_who_are_coded_otherwise_keep_their_code_and_are_told(bench: MakeBench) -> None:
    b = bench()
    run(b, MEN[:1])
    with DispositionJournal(*b.place) as journal:
        other = [
            Disposition("4875", "predictive", MEN[0], "OTRA"),
            Disposition("4875", "predictive", MEN[1], "OTRA"),
        ]
        batch = Batch(other, journal=journal, client=b.client, now=lambda: "2026-08-12T11:00:00Z")
        report = batch.run(RetryPolicy(), lambda: None)
    assert figures(report) == (1, 0, [], [], 0)
    assert report.coded_otherwise == [(MEN[0], "SIN_SERVICIO")]
    assert not report.complete
    assert b.sent("codify") == MEN[:2]
    assert run(b, MEN[:1]).complete


def test_customers_that_wolkvox_has_not_are_told_and_not_asked_for_again(bench: MakeBench) -> None:
    b = bench()
    men = [MEN[0], "nobody", MEN[1]]
    report = run(b, men)
    assert figures(report) == (2, 0, ["nobody"], [], 0)
    assert report.refused[0][1] == "HTTP 404: customer_id *** was not found"
    assert not report.complete
    assert figures(run(b, men)) == (0, 2, ["nobody"], [], 0)
    assert b.sent("codify") == men
    run(b, men, RetryPolicy(refused=True))
    assert b.sent("codify") == [*men, "nobody"]


def test_an_unknown_campaign_ends_the_batch_after_some_refusals(bench: MakeBench) -> None:
    b = bench()
    men = [f"FAKE-x{number}" for number in range(50)]
    report = run(b, men)
    assert (len(report.refused), report.left) == (20, 30)
    assert report.stop_reason.startswith("wolkvox refused 20 customers in a row, the last with HTTP 404")


def test_an_answer_that_got_lost_is_looked_up(bench: MakeBench) -> None:
    b = bench()
    b.simulator.faults.set(Fault("reset", times=1), api="codify")
    report = run(b)
    assert figures(report) == ALL_CODED
    assert b.sent("codify") == MEN
    assert b.sent("find_record") == MEN[:1]


def test_a_time_out_after_the_request_was_sent_is_looked_up(bench: MakeBench) -> None:
    b = bench(timeout=0.5)
    b.simulator.faults.set(Fault("hang", times=1), api="codify")
    assert figures(run(b)) == ALL_CODED
    assert b.sent("codify") == MEN


def test_who_cannot_be_told_stays_unknown_until_a_person_decides(bench: MakeBench) -> None:
    b = bench()
    b.simulator.faults.set(Fault("http_status", times=1, status=502), api="codify")
    for _ in range(2):
        report = run(b)
        assert figures(report)[3:] == ([MEN[0]], 0)
        assert not report.complete
    assert b.sent("codify") == MEN  # nobody a second time
    assert b.sent("find_record") == [MEN[0]] * 2
    assert figures(run(b, retry=RetryPolicy(unknown=True))) == (1, len(MEN) - 1, [], [], 0)
    assert b.result(MEN[0]) == "SIN_SERVICIO"


def test_who_is_unknown_is_looked_up_before_anybody_codes_him_again(bench: MakeBench) -> None:
    b = bench()
    with DispositionJournal(*b.place) as journal:
        journal.begin(dispositions()[0], "2026-08-12T10:00:00Z")
        b.client.codify(dispositions()[0], lambda: None)  # and dies before the line after
    assert figures(run(b, retry=RetryPolicy(unknown=True))) == (len(MEN) - 1, 1, [], [], 0)
    assert b.sent("codify") == MEN


def test_another_disposition_of_an_unknown_customer_proves_nothing(bench: MakeBench) -> None:
    b = bench()
    b.client.codify(dispositions([MEN[0]], "OTRA")[0], lambda: None)
    with DispositionJournal(*b.place) as journal:
        journal.begin(dispositions()[0], "2026-08-12T10:00:00Z")
    assert figures(run(b))[3:] == ([MEN[0]], 0)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("quota", "wolkvox refuses every call (quota): HTTP 403: TOKEN LIMIT EXCEEDED"),
        ("bad_token", "wolkvox refuses every call (auth)"),
        ("concurrency", "wolkvox refuses every call (concurrency)"),
        ("maintenance", "wolkvox refuses every call (forbidden)"),
    ],
)
def test_a_403_in_the_middle_ends_the_batch_and_loses_nobody(bench: MakeBench, kind: str, words: str) -> None:
    b = bench()
    assert figures(run(b, MEN[:4])) == (4, 0, [], [], 0)
    b.simulator.faults.set(Fault(kind), api="codify")
    report = run(b)
    assert figures(report) == (0, 4, [], [], 6)
    assert report.stop_reason.startswith(words)
    assert b.sent("codify") == MEN[:5]
    b.simulator.faults.clear()
    if kind != "quota":  # after that the day is closed
        assert figures(run(b)) == (6, 4, [], [], 0)


def test_the_vendors_own_limit_in_the_middle(bench: MakeBench) -> None:
    b = bench(licences=1)
    b.simulator.set_used_today(b.facts.name, 997)
    report = run(b)
    assert figures(report) == (3, 0, [], [], 7)
    assert "TOKEN LIMIT EXCEEDED" in report.stop_reason
    # From here on our own books say no, and wolkvox is not asked.
    assert run(b).stop_reason.startswith("today's call budget is used up")
    assert len(b.sent("codify")) == 4


def test_a_dead_network_ends_the_batch_with_everybody_left(bench: MakeBench) -> None:
    b = bench()
    b.simulator.stop()
    report = run(b)
    assert figures(report) == (0, 0, [], [], len(MEN))
    assert report.stop_reason.startswith(
        "3 calls in a row without a usable answer: the connection was refused"
    )


def test_three_answers_in_a_row_that_do_not_tell_end_the_batch(bench: MakeBench) -> None:
    b = bench()
    b.simulator.faults.set(Fault("html_200"), api="codify")
    report = run(b)
    assert figures(report)[3:] == (MEN[:3], 7)
    assert "3 calls in a row" in report.stop_reason
    b.simulator.faults.clear()
    # html_200 stands for an answer that hides that it was done.
    assert figures(run(b)) == (7, 3, [], [], 0)
    assert b.sent("codify") == MEN


def test_a_look_up_that_fails_leaves_him_unknown_and_does_not_stop_the_others(bench: MakeBench) -> None:
    b = bench()
    b.simulator.faults.set(Fault("reset", times=1), api="codify")
    b.simulator.faults.set(Fault("http_status", status=500), api="find_record")
    assert figures(run(b)) == (len(MEN) - 1, 0, [], [MEN[0]], 0)


def test_a_full_disk_under_the_journal_ends_it_before_the_next_call(bench: MakeBench) -> None:
    b = bench()
    run(b, MEN[:1])
    room = peek_size(b) + 400
    with files_up_to(room):
        report = run(b)
    assert report.stop_reason.endswith("File too large")
    done = b.sent("codify")
    assert len(done) == len(set(done)) == report.coded + report.coded_before < len(MEN)
    assert report.left == len(MEN) - len(done)
    # What the line after could not say any more, find_record tells.
    assert figures(run(b))[2:] == ([], [], 0)
    assert b.sent("codify") == MEN


def peek_size(bench: Bench) -> int:
    (file,) = bench.folder.iterdir()
    return file.stat().st_size


def test_the_end_that_a_person_asks_for_comes_after_the_running_call(bench: MakeBench) -> None:
    b = bench()
    codify = b.client.codify

    def asked_for_in_the_third(disposition: Disposition, before: Callable[[], None]) -> DispositionResult:
        end = codify(disposition, before)
        b.stop.requested = len(b.sent("codify")) == 3
        return end

    b.client.codify = asked_for_in_the_third  # type: ignore[method-assign]
    report = run(b)
    assert (figures(report), report.interrupted) == ((3, 0, [], [], 7), True)
    b.stop.requested = False
    assert figures(run(b)) == (7, 3, [], [], 0)
    assert b.sent("codify") == MEN


def test_a_call_that_was_begun_and_not_made_is_not_unknown(bench: MakeBench) -> None:
    b = bench()

    def away(disposition: Disposition, before: Callable[[], None]) -> DispositionResult:
        before()
        raise StateNotShared(disposition.campaign_id)

    b.client.codify = away  # type: ignore[method-assign]
    report = run(b)
    assert figures(report) == (0, 0, [], [], len(MEN))
    assert "state store is unavailable" in report.stop_reason
    assert {entry.state for entry in read_entries(*b.place).values()} == {JournalState.FREE}


def test_work_keeps_its_order() -> None:
    with_state = {MEN[1]: JournalState.CODED, MEN[2]: JournalState.REFUSED, MEN[3]: JournalState.UNKNOWN}

    def entry(customer: str) -> JournalEntry:
        return JournalEntry(with_state.get(customer, JournalState.FREE), "", "SIN_SERVICIO")

    plan = plan_batch(dispositions(), entry, RetryPolicy(refused=True, unknown=True))
    assert [disposition.customer_id for disposition in plan.todo] == [MEN[0], *MEN[2:]]
    assert [disposition.customer_id for disposition in plan.coded] == [MEN[1]]


def test_outcomes_hold_no_customer(bench: MakeBench) -> None:
    b = bench()
    assert MEN[0] not in repr(run(b))
    assert DispositionResult(DispositionOutcome.UNKNOWN, cause=Cause.TIMEOUT).hint == ""
