"""`codify`: set the disposition of customers, so that they are not dialled any more."""

import argparse
import csv
import io
from collections.abc import Sequence

from exporter.commands.support.command_context import CommandContext, Refusal, run_command, say
from exporter.commands.support.disposition_batch import (
    MAX_CUSTOMERS,
    forget_journal,
    preview_batch,
    run_batch,
)
from exporter.operators.batch import RetryPolicy
from exporter.operators.sheet import SheetColumns, SheetError, SheetRow, read_rows, read_sheet
from exporter.wolkvox import Disposition

_MAX_SHOWN_LINES = 10
_COLUMNS = SheetColumns("customer_id", ("cod_act", "cod_act_2", "comment"))


def run(arguments: argparse.Namespace) -> int:
    """Return 0 when all customers are coded, or without `--yes` could be."""
    personal = [*(arguments.customer or ()), arguments.comment]
    return run_command(arguments, lambda context: _codify(context, arguments), personal)


def _codify(context: CommandContext, arguments: argparse.Namespace) -> int:
    if arguments.forget:
        return forget_journal(context, arguments.campaign)
    dispositions = _dispositions(arguments)
    retry = RetryPolicy(arguments.retry_refused, arguments.retry_unknown)
    if arguments.yes:
        return run_batch(context, dispositions, retry, "codify")
    preview_batch(context, dispositions, retry)
    say("dry run: nothing was sent; use --yes to send it")
    return 0


def _dispositions(arguments: argparse.Namespace) -> Sequence[Disposition]:
    if arguments.type is None:
        raise Refusal("--type is required: predictive or preview")
    if arguments.from_csv is not None:
        rows: Sequence[SheetRow] = read_sheet(arguments.from_csv, _COLUMNS, MAX_CUSTOMERS)
    elif arguments.customer:
        rows = _rows_of(arguments.customer)
    else:
        raise Refusal("--customer or --from-csv is required")
    without = [str(row.line) for row in rows if not (row.values["cod_act"] or arguments.cod_act)]
    if without:
        more = " ..." if len(without) > _MAX_SHOWN_LINES else ""
        lines = ", ".join(without[:_MAX_SHOWN_LINES]) + more
        where = f" for {arguments.from_csv}, line {lines}" if arguments.from_csv else ""
        raise Refusal(f"--cod-act is required{where}")
    return [_disposition(row, arguments) for row in rows]


def _rows_of(customers: Sequence[str]) -> Sequence[SheetRow]:
    """Return the customers of the command line as rows: what is refused in a file is refused here too."""
    stream = io.StringIO()
    csv.writer(stream).writerows([[_COLUMNS.key], *([customer] for customer in customers)])
    try:
        return read_rows(stream.getvalue().encode("utf-8", "replace"), _COLUMNS, MAX_CUSTOMERS)
    except SheetError as error:
        # Line 1 is the header.
        raise Refusal(
            *(f"--customer (the first one is line 2): {problem}" for problem in error.problems)
        ) from None


def _disposition(row: SheetRow, arguments: argparse.Namespace) -> Disposition:
    return Disposition(
        campaign_id=arguments.campaign,
        campaign_type=arguments.type,
        customer_id=row.values["customer_id"],
        cod_act=row.values["cod_act"] or arguments.cod_act,
        cod_act_2=row.values["cod_act_2"] or arguments.cod_act_2 or "",
        comment=row.values["comment"] or arguments.comment,
    )
