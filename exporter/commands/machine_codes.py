"""`machine-codes`: report campaign_8, one row per telephone, or sums per campaign."""

import argparse
from collections.abc import Mapping, Sequence

from exporter.apis import PollContext, campaigns
from exporter.apis.telephones import CodeSums
from exporter.commands.support.command_context import CommandContext, counted, run_command
from exporter.commands.support.telephone_report import read_telephones
from exporter.operators.cells import Cells
from exporter.operators.output import StagedOutput, row_writer
from exporter.operators.telephone_filter import (
    SUM_COLUMNS,
    TELEPHONE_COLUMNS,
    TelephoneFilter,
    sum_cells,
    telephone_cells,
)
from exporter.operators.terminal import progress_bar
from exporter.operators.time_range import TimeRange, time_range
from exporter.wolkvox import ALL_CAMPAIGNS


def run(arguments: argparse.Namespace) -> int:
    """Return 0 when the report is printed."""
    return run_command(arguments, lambda context: _print_report(context, arguments))


def _print_report(context: CommandContext, arguments: argparse.Namespace) -> int:
    period = time_range(arguments.first, arguments.last, context.operation.timezone, context.now())
    wanted = TelephoneFilter(
        context.unreachable_after,
        arguments.unreachable,
        arguments.min_attempts,
        tuple(arguments.codes or ()),
    )
    campaign_id = arguments.campaign
    with StagedOutput(arguments.output_file) as output:
        if arguments.sums:
            columns: Sequence[str] = ("campaign_id", "campaign", *SUM_COLUMNS)
            writer = row_writer(arguments.output, output.stream, columns)
            for row in _sums(context, campaign_id, period, wanted):
                writer.row(row)
        else:
            writer = row_writer(arguments.output, output.stream, TELEPHONE_COLUMNS)
            read_telephones(
                context, campaign_id, period, wanted, lambda telephone: writer.row(telephone_cells(telephone))
            )
        writer.finish()
        output.commit()
    return 0


def _sums(
    context: CommandContext, campaign_id: str, period: TimeRange, wanted: TelephoneFilter
) -> Sequence[Cells]:
    names = _dialled_campaigns(context) if campaign_id == ALL_CAMPAIGNS else {campaign_id: ""}
    purpose = f"the report of {counted(len(names), 'campaign')}"
    context.require_budget(len(names), purpose, "use --campaign to ask for one")
    rows = []
    with progress_bar("campaigns", len(names)) as progress:
        for number, name in names.items():
            sums = _sums_of(context, number, period, wanted)
            rows.append({"campaign_id": number, "campaign": name, **sum_cells(sums)})
            progress.advance()
    return rows


def _sums_of(
    context: CommandContext, campaign_id: str, period: TimeRange, wanted: TelephoneFilter
) -> CodeSums:
    sums = CodeSums(wanted.unreachable_after)
    read_telephones(context, campaign_id, period, wanted, lambda telephone: sums.add(telephone.counts))
    return sums


def _dialled_campaigns(context: CommandContext) -> Mapping[str, str]:
    """Return the names by id of the campaigns that `campaigns` shows with dialled records (one call)."""
    poll_context = PollContext(context.now())
    reader = campaigns.API.reader(poll_context)
    context.client.fetch(campaigns.API.call(poll_context), reader.add)
    return {
        row.labels[0]: row.labels[1]
        for row in reader.rows()
        if row.labels[0] and campaigns.API.value(row, "dial") != 0
    }
