"""`codify`: set the disposition of customers, so that the dialler leaves them alone."""

import argparse
import csv
import io
from collections.abc import Sequence

from exporter.commands.support.command_context import Desk, Refusal, run_command, say
from exporter.commands.support.disposition_batch import (
    MAX_CUSTOMERS,
    forget_journal,
    preview_batch,
    run_batch,
)
from exporter.operators.batch import Again
from exporter.operators.sheet import Columns, Row, SheetError, read_rows, read_sheet
from exporter.wolkvox import Disposition

_SHOWN = 10
_COLUMNS = Columns("customer_id", ("cod_act", "cod_act_2", "comment"))


def run(arguments: argparse.Namespace) -> int:
    """Code, or with no `--yes` tell what would be done; 0 when all are coded, or could be."""
    personal = [*(arguments.customer or ()), arguments.comment]
    return run_command(arguments, lambda desk: _codify(desk, arguments), personal)


def _codify(desk: Desk, arguments: argparse.Namespace) -> int:
    if arguments.forget:
        return forget_journal(desk, arguments.campaign)
    dispositions = _dispositions(arguments)
    again = Again(arguments.retry_refused, arguments.retry_unknown)
    if arguments.yes:
        return run_batch(desk, dispositions, again, "codify")
    preview_batch(desk, dispositions, again)
    say("dry run: nothing was sent, --yes sends it")
    return 0


def _dispositions(arguments: argparse.Namespace) -> Sequence[Disposition]:
    if arguments.type is None:
        raise Refusal("--type predictive or --type preview is needed")
    if arguments.from_csv is not None:
        rows: Sequence[Row] = read_sheet(arguments.from_csv, _COLUMNS, MAX_CUSTOMERS)
    elif arguments.customer:
        rows = _given(arguments.customer)
    else:
        raise Refusal("--customer or --from-csv is needed")
    without = [row.line for row in rows if not (row.values["cod_act"] or arguments.cod_act)]
    if without:
        lines = ", ".join(map(str, without[:_SHOWN])) + (" ..." if len(without) > _SHOWN else "")
        where = f" for {arguments.from_csv}, line {lines}" if arguments.from_csv else ""
        raise Refusal(f"--cod-act is needed{where}")
    return [_disposition(row, arguments) for row in rows]


def _given(customers: Sequence[str]) -> Sequence[Row]:
    """Read customers of the command line like those of a file: what is refused there is refused here."""
    stream = io.StringIO()
    csv.writer(stream).writerows([[_COLUMNS.key], *([customer] for customer in customers)])
    try:
        return read_rows(stream.getvalue().encode("utf-8", "replace"), _COLUMNS, MAX_CUSTOMERS)
    except SheetError as error:
        # The first one stands in line 2.
        raise Refusal(
            *(f"--customer, counted from line 2: {problem}" for problem in error.problems)
        ) from None


def _disposition(row: Row, arguments: argparse.Namespace) -> Disposition:
    return Disposition(
        campaign_id=arguments.campaign,
        campaign_type=arguments.type,
        customer_id=row.values["customer_id"],
        cod_act=row.values["cod_act"] or arguments.cod_act,
        cod_act_2=row.values["cod_act_2"] or arguments.cod_act_2 or "",
        comment=row.values["comment"] or arguments.comment,
    )
