"""What `machine-codes` and `clean-list` share: the telephones of the report campaign_8."""

from collections.abc import Callable

from exporter.apis.machine_codes import report
from exporter.apis.telephones import Telephone, TelephoneReader
from exporter.commands.support.command_context import CommandContext, say
from exporter.operators.telephone_filter import TelephoneFilter
from exporter.operators.terminal import progress_bar
from exporter.operators.time_range import TimeRange
from exporter.wolkvox import MAX_ROWS


def read_telephones(
    context: CommandContext,
    campaign_id: str,
    period: TimeRange,
    wanted: TelephoneFilter,
    take: Callable[[Telephone], object],
) -> TelephoneReader:
    """Return the reader of a campaign's report (one call); the telephones that are wanted go to `take`."""
    reader = TelephoneReader()
    with progress_bar("telephones") as progress:

        def sink(rows: list[object]) -> None:
            for telephone in reader.read(rows):
                if wanted.matches(telephone):
                    take(telephone)
            progress.advance(len(rows))

        context.client.fetch(report(campaign_id, period.start, period.end), sink)
    if reader.rows >= MAX_ROWS:
        say(f"the report has {reader.rows} rows, the most that wolkvox sends: some may be missing")
        say("use --campaign, or a shorter time range")
    if reader.discarded:
        say(f"rows left out because they are not telephones: {reader.discarded}")
    if reader.unreadable:
        say(f"counts left empty because they are unreadable: {reader.unreadable}")
    return reader
