"""What `machine-codes` and `clean-list` share: the telephones of the report campaign_8."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from exporter.apis import machine_codes
from exporter.apis.telephones import Telephone, TelephoneReader
from exporter.commands.support.command_context import CommandContext, say
from exporter.commands.support.empty_answer import named
from exporter.operators.telephone_filter import TelephoneFilter
from exporter.operators.terminal import progress_bar
from exporter.operators.time_range import TimeRange, clock_text
from exporter.operators.translation import translated
from exporter.wolkvox import MAX_ROWS, Answer, Cause, RequestFailed


@dataclass(frozen=True, slots=True)
class TelephoneReport:
    """One answer of campaign_8: how many telephones it has, and how many of them were wanted and taken."""

    answer: Answer
    count: int
    taken: int


def read_telephones(
    context: CommandContext,
    campaign_id: str,
    period: TimeRange,
    wanted: TelephoneFilter,
    take: Callable[[Telephone], object],
) -> TelephoneReport:
    """Return a campaign's report (one call); the telephones that are wanted go to `take`.

    The person is told what of it could not be used. Raises what `CommandClient.fetch` raises; RequestFailed
    also when no row can be used.
    """
    reader = TelephoneReader()
    with progress_bar(translated("telephones")) as progress:

        def sink(rows: list[object]) -> None:
            reader.add(rows)
            progress.advance(len(rows))

        answer = context.client.fetch(machine_codes.report(campaign_id, period.start, period.end), sink)
    if reader.discarded and not reader.count:
        raise RequestFailed(Cause.SHAPE, "no row has the expected shape", http_status=answer.http_status)
    if reader.rows >= MAX_ROWS:
        say("the report has {rows} rows, the most that wolkvox sends: some may be missing", rows=reader.rows)
        say("use --campaign, or a shorter time range")
    if reader.discarded:
        say("rows left out because they are not telephones: {count}", count=reader.discarded)
    if reader.unreadable:
        say("counts left empty because they are unreadable: {count}", count=reader.unreadable)
    taken = unknown = 0
    for telephone in reader.telephones():
        if wanted.matches(telephone):
            take(telephone)
            taken += 1
        else:
            unknown += telephone.attempts is None
    if unknown:
        say("telephones left out because not all of their codes are known: {count}", count=unknown)
    return TelephoneReport(answer, reader.count, taken)


def report_call(campaigns: Iterable[str], period: TimeRange) -> str:
    """Return what was asked for, for people."""
    return translated(
        "report campaign_8 of {campaigns} from {first} to {last} ({zone})",
        campaigns=named(campaigns),
        first=clock_text(period.start),
        last=clock_text(period.end),
        zone=period.start.tzinfo,
    )
