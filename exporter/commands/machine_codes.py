"""`machine-codes`: report campaign_8, rows a telephone or sums a campaign."""

import argparse
from collections.abc import Callable, Mapping, Sequence

from exporter.apis import PollContext, campaigns
from exporter.apis.machine_codes import report
from exporter.apis.telephones import CodeSums, Telephone, TelephoneReader
from exporter.commands.support.command_context import Desk, run_command, say
from exporter.operators.cells import Cells
from exporter.operators.choice import COLUMNS, SUM_COLUMNS, Choice, cells, sum_cells
from exporter.operators.delivery import Delivery, writer
from exporter.operators.span import Span, span
from exporter.operators.terminal import meter
from exporter.wolkvox import ALL_CAMPAIGNS, MAX_ROWS


def run(arguments: argparse.Namespace) -> int:
    """Print the report; 0 when it is whole."""
    return run_command(arguments, lambda desk: _report(desk, arguments))


def _report(desk: Desk, arguments: argparse.Namespace) -> int:
    asked = span(arguments.first, arguments.last, desk.operation.timezone, desk.now())
    choice = Choice(
        desk.unreachable_after,
        arguments.unreachable,
        arguments.min_attempts,
        tuple(arguments.codes or ()),
    )
    with Delivery(arguments.output_file) as delivery:
        if arguments.sums:
            columns: Sequence[str] = ("campaign_id", "campaign", *SUM_COLUMNS)
            out = writer(arguments.output, delivery.stream, columns)
            for row in _sums(desk, arguments.campaign, asked, choice):
                out.row(row)
        else:
            out = writer(arguments.output, delivery.stream, COLUMNS)
            ask(desk, arguments.campaign, asked, choice, lambda telephone: out.row(cells(telephone)))
        out.finish()
        delivery.commit()
    return 0


def ask(
    desk: Desk, campaign_id: str, asked: Span, choice: Choice, take: Callable[[Telephone], object]
) -> TelephoneReader:
    """Ask for the report of a campaign and give the wanted telephones to `take` as they arrive."""
    reader = TelephoneReader()
    with meter("telephones") as progress:

        def sink(rows: list[object]) -> None:
            for telephone in reader.read(rows):
                if choice.wants(telephone):
                    take(telephone)
            progress.advance(len(rows))

        desk.line.fetch(report(campaign_id, asked.start, asked.end), sink)
    if reader.rows >= MAX_ROWS:
        say(f"the answer has {reader.rows} rows, and wolkvox gives {MAX_ROWS} at most: some may be missing")
        say("ask for one campaign, or for a shorter range")
    if reader.discarded:
        say(f"{reader.discarded} rows were no telephones and are left out")
    if reader.unreadable:
        say(f"{reader.unreadable} figures were unreadable and are left empty")
    return reader


def _sums(desk: Desk, campaign_id: str, asked: Span, choice: Choice) -> Sequence[Cells]:
    names = _dialled(desk) if campaign_id == ALL_CAMPAIGNS else {campaign_id: ""}
    desk.need_room(len(names), f"the report of {len(names)} campaigns", "name one with --campaign")
    rows = []
    with meter("campaigns", len(names)) as progress:
        for number, name in names.items():
            sums = _sums_of(desk, number, asked, choice)
            rows.append({"campaign_id": number, "campaign": name, **sum_cells(sums)})
            progress.advance()
    return rows


def _sums_of(desk: Desk, campaign_id: str, asked: Span, choice: Choice) -> CodeSums:
    sums = CodeSums(choice.unreachable_after)
    ask(desk, campaign_id, asked, choice, lambda telephone: sums.add(telephone.counts))
    return sums


def _dialled(desk: Desk) -> Mapping[str, str]:
    """Return the names by id of the campaigns that `campaigns` shows with records dialled (one call)."""
    context = PollContext(desk.now(), limit=MAX_ROWS)
    reader = campaigns.API.reader(context)
    desk.line.fetch(campaigns.API.call(context), reader.add)
    return {
        row.labels[0]: row.labels[1]
        for row in reader.rows()
        if row.labels[0] and campaigns.API.value(row, "dial") != 0
    }
