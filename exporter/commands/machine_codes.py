"""`machine-codes`: report campaign_8, rows a telephone or sums a campaign."""

import argparse
from collections.abc import Callable, Mapping, Sequence

from exporter.commands import operating
from exporter.commands.operating import Desk, say
from exporter.operators.cells import Cells
from exporter.operators.delivery import Delivery, writer
from exporter.operators.span import Span, span
from exporter.operators.telephones import COLUMNS, SUM_COLUMNS, Choice, Sums, Telephone, TelephoneReader
from exporter.operators.terminal import meter
from exporter.parsing import Absent, campaign, count
from exporter.wolkvox import ALL_CAMPAIGNS, MOST_ROWS, REAL_TIME, campaign_8


def run(arguments: argparse.Namespace) -> int:
    """Print the report; 0 when it is whole."""
    return operating.run(arguments, lambda desk: _report(desk, arguments))


def _report(desk: Desk, arguments: argparse.Namespace) -> int:
    asked = span(arguments.first, arguments.last, desk.operation.timezone, desk.now())
    choice = Choice(
        desk.operation.unreachable_after,
        arguments.unreachable,
        arguments.min_attempts,
        tuple(arguments.codes or ()),
    )
    with Delivery(arguments.output_file) as delivery:
        if arguments.sums:
            columns: Sequence[str] = ("campaign_id", "campaign", *SUM_COLUMNS)
            out = writer(arguments.output, delivery.stream, columns)
            for cells in _sums(desk, arguments.campaign, asked, choice):
                out.row(cells)
        else:
            out = writer(arguments.output, delivery.stream, COLUMNS)
            ask(desk, arguments.campaign, asked, choice, lambda telephone: out.row(telephone.cells()))
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

        desk.line.fetch(campaign_8(campaign_id, asked.start, asked.end), sink)
    if reader.rows >= MOST_ROWS:
        say(f"the answer has {reader.rows} rows, and wolkvox gives {MOST_ROWS} at most: some may be missing")
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
            sums = Sums(choice.unreachable_after)
            ask(desk, number, asked, choice, sums.add)
            rows.append({"campaign_id": number, "campaign": name, **sums.cells()})
            progress.advance()
    return rows


def _dialled(desk: Desk) -> Mapping[str, str]:
    """Return the names by id of the campaigns that `campaigns` shows with records dialled (one call)."""
    names: dict[str, str] = {}

    def sink(rows: list[object]) -> None:
        for row in rows:
            if not isinstance(row, dict):
                continue
            parsed, dialled = campaign(row.get("campaign")), count(row.get("dial"))
            if not isinstance(parsed, Absent) and parsed.campaign_id and dialled != 0.0:
                names[parsed.campaign_id] = parsed.name

    desk.line.fetch(REAL_TIME, sink)
    return names
