"""What `codify` and `clean-list` share: code a batch of customers and tell what became of it."""

import sys
from collections.abc import Sequence

from exporter.commands.support.command_context import INTERRUPTED, Desk, Refusal, duration, say
from exporter.operators.batch import Again, Batch, Report, work_of
from exporter.operators.journal import Entry, Journal, Standing, forget, journal_path, peek
from exporter.operators.terminal import meter
from exporter.wolkvox import Disposition

MAX_CUSTOMERS = 10_000
"""Customers of one batch: the vendor's limit of records that are uploaded at once."""

_SENT_BEFORE = (
    "were sent before, and nobody saw the answer: they are looked up, and stay as they are "
    "(--retry-unknown takes them in)"
)
_NOTHING = Entry(Standing.FREE, "")


def preview_batch(desk: Desk, dispositions: Sequence[Disposition], again: Again) -> int:
    """Tell what coding would do and cost, without call and change; returns how many would be coded."""
    campaign_id = dispositions[0].campaign_id
    known = peek(desk.folder, desk.operation.name, desk.operation.base_url, campaign_id)
    work = work_of(dispositions, lambda customer: known.get(customer, _NOTHING), again)
    calls = len(work.todo)
    left = desk.line.room(ask=False).left
    room = "" if left is None else f" of {left} that today's budget has room for"
    say(f"{calls} customers to code: {calls} calls{room}, about {duration(desk.line.seconds(calls))}")
    for customers, text in (
        (work.coded, "are coded already and stay as they are"),
        (work.refused, "were refused before and are left out (--retry-refused takes them in)"),
        (work.unknown, _SENT_BEFORE),
    ):
        if customers:
            say(f"{len(customers)} {text}")
    return calls


def run_batch(desk: Desk, dispositions: Sequence[Disposition], again: Again, action: str) -> int:
    """Code the batch and return the exit code: 0 only when every customer of it is coded."""
    if not desk.config.writes_enabled:
        raise Refusal("nothing is changed in wolkvox unless the configuration has `writes: {enabled: true}`")
    operation, campaign_id = desk.operation, dispositions[0].campaign_id
    with Journal(desk.folder, operation.name, operation.base_url, campaign_id) as journal:
        batch = Batch(dispositions, book=journal, calls=desk.line, now=desk.stamp)
        started = desk.line.calls
        with meter("customers", len(work_of(dispositions, journal.of, again).todo)) as progress:
            report = batch.run(again, progress.advance)
        desk.audit(
            action,
            campaign_id,
            customers=len(dispositions),
            coded=report.coded,
            coded_before=report.before,
            refused=len(report.refused),
            unknown=len(report.unknown),
            left=report.left,
            calls=desk.line.calls - started,
            result="complete" if report.complete else "interrupted" if report.interrupted else "incomplete",
        )
        _tell(report, journal)
    if report.complete:
        return 0
    return INTERRUPTED if report.interrupted else 1


def _tell(report: Report, journal: Journal) -> None:
    """Print the summary, with the customers that need a person; they go to standard output alone."""
    before = f", {report.before} before" if report.before else ""
    lines = [f"coded {report.coded}{before}"]
    for outcome, entries in (("refused", report.refused), ("unknown", report.unknown)):
        lines.append(f"{outcome} {len(entries)}")
        lines += [f"  {customer}: {words}" if words else f"  {customer}" for customer, words in entries]
    lines.append(f"left {report.left}")
    sys.stdout.write("\n".join(map(_plain, lines)) + "\n")
    sys.stdout.flush()
    if report.stopped:
        say(report.stopped)
    if report.unknown:
        say("unknown: sent, and no answer was seen; see in wolkvox whether they are coded")
        say("--retry-unknown codes once more who is unknown")
    if report.refused:
        say("who was refused is left out from now on, unless --retry-refused takes them in")
    if report.left:
        say("the same command goes on where this one ended")
    if not report.complete:
        say(f"the journal is {journal.path}")


def forget_journal(desk: Desk, campaign_id: str) -> int:
    """Remove the journal of a campaign: its customers may be coded again."""
    operation = desk.operation
    place = (desk.folder, operation.name, operation.base_url, campaign_id)
    if not forget(*place):
        say(f"there is no journal {journal_path(*place)}")
        return 0
    say(f"{journal_path(*place)} is removed: what it knew of customers is forgotten")
    desk.audit("forget", campaign_id)
    return 0


def _plain(words: str) -> str:
    return "".join(c if c.isprintable() else " " for c in words)
