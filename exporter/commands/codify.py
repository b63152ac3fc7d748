"""`codify`: set the disposition of customers, so that they are not dialled any more."""

import argparse
from collections.abc import Sequence

from exporter.commands.support.command_context import CommandContext, Refusal, run_command, say
from exporter.commands.support.disposition_batch import (
    MAX_CUSTOMERS,
    forget_journal,
    preview_batch,
    run_batch,
)
from exporter.operators.batch import RetryPolicy
from exporter.operators.sheet import SheetColumns, read_sheet, shown_lines
from exporter.operators.translation import translated
from exporter.wolkvox import Disposition


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
        raise Refusal(translated("--type is required: predictive or preview"))
    codes = {
        "cod_act": arguments.cod_act or "",
        "cod_act_2": arguments.cod_act_2 or "",
        "comment": arguments.comment,
    }
    if arguments.from_csv is not None:
        sheet = read_sheet(arguments.from_csv, SheetColumns(("customer_id",), codes), MAX_CUSTOMERS)
        if sheet.note:
            say(sheet.note)
        if without := [row.line for row in sheet.rows if not row.values["cod_act"]]:
            raise Refusal(
                translated(
                    "--cod-act is required for {file}, line {lines}",
                    file=arguments.from_csv,
                    lines=shown_lines(without),
                )
            )
        given = [row.values for row in sheet.rows]
    elif arguments.customer:
        if not arguments.cod_act:
            raise Refusal(translated("--cod-act is required"))
        given = [{"customer_id": customer, **codes} for customer in dict.fromkeys(arguments.customer)]
        if len(given) < len(arguments.customer):
            say("customers who are named more than once count once")
        if len(given) > MAX_CUSTOMERS:
            raise Refusal(
                translated("more than {count} customers, the maximum of one batch", count=MAX_CUSTOMERS)
            )
    else:
        raise Refusal(translated("--customer or --from-csv is required"))
    return [Disposition(arguments.campaign, arguments.type, **values) for values in given]
