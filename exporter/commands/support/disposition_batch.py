"""What `codify` and `clean-list` share: code a batch of customers and report what became of it."""

import sys
from collections.abc import Sequence

from exporter.commands.support.command_context import (
    INTERRUPTED_EXIT_CODE,
    CommandContext,
    say,
)
from exporter.operators.batch import Batch, BatchReport, RetryPolicy, plan_batch
from exporter.operators.cells import printable
from exporter.operators.journal import (
    NO_ENTRY,
    DispositionJournal,
    journal_path,
    read_entries,
    remove_journal,
)
from exporter.operators.terminal import progress_bar
from exporter.operators.translation import counted, translated
from exporter.wolkvox import Disposition

MAX_CUSTOMERS = 10_000
"""Customers of one batch: the vendor's limit of records that are uploaded at once."""


def preview_batch(context: CommandContext, dispositions: Sequence[Disposition], retry: RetryPolicy) -> int:
    """Return how many customers would be coded, and say what it costs; no call is made."""
    campaign_id = dispositions[0].campaign_id
    known = read_entries(context.folder, context.operation.name, context.operation.base_url, campaign_id)
    plan = plan_batch(dispositions, lambda customer: known.get(customer, NO_ENTRY), retry)
    calls = len(plan.todo)
    say(
        "{customers} to code: {cost}",
        customers=counted(calls, "customer"),
        cost=context.cost(calls, ask=False),
    )
    for text, customers in (
        (translated("already coded, left as they are"), plan.coded),
        (translated("already coded with another code, which they keep"), plan.coded_otherwise),
        (translated("refused before, left out (use --retry-refused to try them again)"), plan.refused),
        (
            translated(
                "sent before without an answer, only looked up (use --retry-unknown to try them again)"
            ),
            plan.unknown,
        ),
    ):
        if customers:
            say(f"{text}: {counted(len(customers), 'customer')}")
    return calls


def run_batch(
    context: CommandContext, dispositions: Sequence[Disposition], retry: RetryPolicy, action: str
) -> int:
    """Return the exit code of coding the batch: 0 only when every customer of it is coded."""
    context.require_writes()
    operation, campaign_id = context.operation, dispositions[0].campaign_id
    with DispositionJournal(context.folder, operation.name, operation.base_url, campaign_id) as journal:
        batch = Batch(dispositions, journal=journal, client=context.client, now=context.timestamp)
        todo = len(plan_batch(dispositions, journal.entry, retry).todo)
        left = context.client.remaining_budget(ask=todo > 1).left if todo else None
        if left is not None and left < todo:
            say(
                "today's budget has room for {calls} of {todo}: the rest is reserved for other clients and "
                "for the exporter until midnight; run the same command tomorrow to continue",
                calls=counted(left, "call"),
                todo=todo,
            )
        started = context.client.calls
        with progress_bar(translated("customers"), todo) as progress:
            report = batch.run(retry, progress.advance)
        context.audit(
            action,
            campaign_id,
            customers=len(dispositions),
            coded=report.coded,
            coded_before=report.coded_before,
            coded_otherwise=len(report.coded_otherwise),
            refused=len(report.refused),
            unknown=len(report.unknown),
            left=report.left,
            calls=context.client.calls - started,
            result="complete" if report.complete else "interrupted" if report.interrupted else "incomplete",
        )
        _print_report(context, report, journal, campaign_id)
    if report.complete:
        return 0
    return INTERRUPTED_EXIT_CODE if report.interrupted else 1


def _print_report(
    context: CommandContext, report: BatchReport, journal: DispositionJournal, campaign_id: str
) -> None:
    """Print the summary, with the customers that need a person; only standard output names them."""
    lines = [
        translated(
            "coded {coded}, {before} before" if report.coded_before else "coded {coded}",
            coded=report.coded,
            before=report.coded_before,
        )
    ]
    otherwise = translated("coded before with another code, which they keep:")
    outcomes = [(otherwise, report.coded_otherwise)] if report.coded_otherwise else []
    outcomes += [(translated("refused"), report.refused), (translated("unknown"), report.unknown)]
    for outcome, entries in outcomes:
        lines.append(f"{outcome} {len(entries)}")
        lines += [
            f"  {customer}: {translated(words)}" if words else f"  {customer}" for customer, words in entries
        ]
    lines.append(translated("left {count}", count=report.left))
    sys.stdout.write("\n".join(map(printable, lines)) + "\n")
    sys.stdout.flush()
    if report.stop_reason:
        say(f"{context.place(campaign_id)}: {report.stop_reason}")
    if report.unknown:
        say("unknown: the request got no answer; check in wolkvox whether these customers are coded")
        say("use --retry-unknown to code them once more")
    if report.coded_otherwise:
        say("no customer is coded twice; --forget, for the whole campaign, allows it")
    if report.refused:
        say("refused customers are left out from now on; use --retry-refused to try them again")
    if report.left:
        say("run the same command again to continue")
    if not report.complete:
        say("journal: {path}", path=journal.path)


def forget_journal(context: CommandContext, campaign_id: str) -> int:
    """Return the exit code of removing a campaign's journal: its customers may be coded again."""
    operation = context.operation
    place = (context.folder, operation.name, operation.base_url, campaign_id)
    if not remove_journal(*place):
        say("there is no journal {path}", path=journal_path(*place))
        return 0
    say("removed the journal {path}; its customers may be coded again", path=journal_path(*place))
    context.audit("forget", campaign_id)
    return 0
