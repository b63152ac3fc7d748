"""`codify`: set the disposition of customers, so that the dialler leaves them alone."""

import argparse
from collections.abc import Sequence

from exporter.commands import coding, operating
from exporter.commands.operating import Desk, Refusal, say
from exporter.operators.batch import Again
from exporter.operators.sheet import Columns, Row, SheetError, read_rows, read_sheet
from exporter.wolkvox import Coding

_COLUMNS = Columns("customer_id", ("cod_act", "cod_act_2", "comment"))


def run(arguments: argparse.Namespace) -> int:
    """Code, or with no `--yes` tell what would be done; 0 when all are coded, or could be."""
    personal = [*(arguments.customer or ()), arguments.comment]
    return operating.run(arguments, lambda desk: _codify(desk, arguments), personal)


def _codify(desk: Desk, arguments: argparse.Namespace) -> int:
    if arguments.forget:
        return coding.forget_journal(desk, arguments.campaign)
    codings = _codings(arguments)
    again = Again(arguments.retry_refused, arguments.retry_unknown)
    if arguments.yes:
        return coding.code(desk, codings, again, "codify")
    coding.preview(desk, codings, again)
    say("dry run: nothing was sent, --yes sends it")
    return 0


def _codings(arguments: argparse.Namespace) -> Sequence[Coding]:
    if arguments.type is None:
        raise Refusal("--type predictive or --type preview is needed")
    if arguments.from_csv is not None:
        rows, place = (
            read_sheet(arguments.from_csv, _COLUMNS, coding.MOST_CUSTOMERS),
            f"{arguments.from_csv}: ",
        )
    elif arguments.customer:
        # Through the same eyes as a file, so that what is refused there is refused here.
        text = "\n".join(
            ["customer_id", *(f'"{c.replace(chr(34), chr(34) * 2)}"' for c in arguments.customer)]
        )
        try:
            rows, place = read_rows(text.encode(), _COLUMNS, coding.MOST_CUSTOMERS), ""
        except SheetError as error:
            raise Refusal(*(p.replace("line ", "--customer, line ") for p in error.problems)) from None
    else:
        raise Refusal("--customer or --from-csv is needed")
    without = [row.line for row in rows if not (row.values["cod_act"] or arguments.cod_act)]
    if without:
        shown = ", ".join(map(str, without[:10]))
        raise Refusal(
            f"{place}no cod_act in line {shown}{' ...' if len(without) > 10 else ''}: give --cod-act"
        )  # noqa: PLR2004
    return [_coding(row, arguments) for row in rows]


def _coding(row: Row, arguments: argparse.Namespace) -> Coding:
    return Coding(
        campaign_id=arguments.campaign,
        campaign_type=arguments.type,
        customer_id=row.values["customer_id"],
        cod_act=row.values["cod_act"] or arguments.cod_act,
        cod_act_2=row.values["cod_act_2"] or arguments.cod_act_2,
        comment=row.values["comment"] or arguments.comment,
    )
