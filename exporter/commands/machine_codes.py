"""`machine-codes`: report campaign_8, one row per telephone, or sums per campaign."""

import argparse
from collections.abc import Mapping

from exporter.apis import PollContext, campaigns
from exporter.apis.telephones import CodeSums
from exporter.commands.support.command_context import CommandContext, run_command, say
from exporter.commands.support.empty_answer import explain_empty, named
from exporter.commands.support.telephone_report import (
    read_telephones,
    report_call,
)
from exporter.operators.command_client import read_answer
from exporter.operators.output import StagedOutput, row_writer
from exporter.operators.telephone_filter import (
    SUM_COLUMNS,
    TELEPHONE_COLUMNS,
    TelephoneFilter,
    sum_cells,
    telephone_cells,
)
from exporter.operators.terminal import progress_bar
from exporter.operators.time_range import time_range
from exporter.operators.translation import counted, translated
from exporter.wolkvox import ALL_CAMPAIGNS, Answer, RequestFailed


def run(arguments: argparse.Namespace) -> int:
    """Return 0 when the report is printed; 1 also when there is no such campaign."""
    return run_command(arguments, lambda context: _print_report(context, arguments))


def _print_report(context: CommandContext, arguments: argparse.Namespace) -> int:
    period = time_range(arguments.first, arguments.last, context.operation.timezone, context.now())
    wanted = TelephoneFilter(
        context.unreachable_after,
        arguments.unreachable,
        arguments.min_attempts,
        tuple(arguments.codes or ()),
    )
    empty: dict[str, Answer] = {}
    left_out: dict[str, int] = {}
    with StagedOutput(arguments.output_file) as output:
        sums = arguments.sums
        columns = ("campaign_id", "campaign", *SUM_COLUMNS) if sums else TELEPHONE_COLUMNS
        writer = row_writer(arguments.output, output.stream, columns, output.width)
        names = _campaigns(context, arguments.campaign) if sums else {arguments.campaign: ""}
        with progress_bar(translated("campaigns"), len(names)) as progress:
            for campaign_id, name in names.items():
                total = CodeSums(wanted.unreachable_after)
                take = total.add if sums else lambda one: writer.row(telephone_cells(one))
                try:
                    report = read_telephones(context, campaign_id, period, wanted, take)
                except RequestFailed:
                    if len(names) > 1:
                        say("the report of campaign {campaign} failed", campaign=f"{campaign_id} ({name})")
                    raise
                if not report.count:
                    empty[campaign_id] = report.answer
                elif not report.taken:
                    left_out[campaign_id] = report.count
                elif sums:
                    writer.row({"campaign_id": campaign_id, "campaign": name, **sum_cells(total)})
                progress.advance()
        writer.finish()
        output.commit()
    if left_out:
        say(
            "none of {telephones} of {campaigns} is known to meet {conditions}",
            telephones=counted(sum(left_out.values()), "telephone"),
            campaigns=named(left_out),
            conditions=translated(" and ").join(wanted.conditions),
        )
    if empty:
        call = report_call(empty, period)
        return explain_empty(context, "no telephones", call, empty.values(), arguments.campaign)
    return 0


def _campaigns(context: CommandContext, campaign_id: str) -> Mapping[str, str]:
    """Return the names by id of the campaigns to be added up, for whose reports the budget has room."""
    names = _dialled_campaigns(context) if campaign_id == ALL_CAMPAIGNS else {campaign_id: ""}
    purpose = translated("the report of {campaigns}", campaigns=counted(len(names), "campaign"))
    context.require_budget(len(names), purpose, translated("use --campaign to ask for one"))
    return names


def _dialled_campaigns(context: CommandContext) -> Mapping[str, str]:
    """Return the names by id of the campaigns that `campaigns` shows with dialled records (one call)."""
    answer, reader = read_answer(context.client.fetch, campaigns.API, PollContext(context.now()))
    rows = reader.rows()
    if not rows:
        explain_empty(context, "no campaigns", translated("the list of campaigns"), [answer], ALL_CAMPAIGNS)
    without_id = sum(not row.labels[0] for row in rows)
    if without_id:
        say("{campaigns} left out: their ids cannot be read", campaigns=counted(without_id, "campaign"))
    dialled = {
        row.labels[0]: row.labels[1]
        for row in rows
        if row.labels[0] and campaigns.API.value(row, "dial") != 0
    }
    if rows and not dialled:
        say("none of {campaigns} has dialled records", campaigns=counted(len(rows), "campaign"))
    return dialled
