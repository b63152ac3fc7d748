"""The flags of the operator's commands: machine-codes, find-record, codify, clean-list."""

import argparse
from pathlib import Path

from exporter.apis.telephones import CODES

FORMS = ("table", "csv", "json", "jsonl")

_ALL = "all"
_MANY = 10_000


def machine_codes(parser: argparse.ArgumentParser) -> None:
    """Add the flags of `machine-codes`."""
    _operation(parser)
    parser.add_argument(
        "--campaign", type=_word, default=_ALL, metavar="ID", help="one campaign (default: %(default)s)"
    )
    _span(parser)
    parser.add_argument("--unreachable", action="store_true", help="only telephones that only ever fail")
    _min_attempts(parser)
    parser.add_argument(
        "--code",
        dest="codes",
        action="append",
        choices=CODES,
        help="only telephones with this code; may be repeated, then with all of them",
    )
    parser.add_argument(
        "--sums",
        action="store_true",
        help="sums of each campaign that dialled; one call for each and one more",
    )
    _output(parser)


def find_record(parser: argparse.ArgumentParser) -> None:
    """Add the flags of `find-record`."""
    _operation(parser)
    parser.add_argument(
        "--campaign", type=_word, default=_ALL, metavar="ID", help="one campaign (default: %(default)s)"
    )
    who = parser.add_mutually_exclusive_group(required=True)
    who.add_argument("--phone", type=_word, metavar="P", help="a telephone")
    who.add_argument("--customer", type=_word, metavar="C", help="a customer id")
    who.add_argument(
        "--from-csv",
        type=Path,
        metavar="FILE",
        help="many: a CSV file with a column phone, telephone or customer_id; goes on where it ended",
    )
    who.add_argument("--forget", action="store_true", help="remove the answers of an unfinished list")
    _output(parser)


def codify(parser: argparse.ArgumentParser) -> None:
    """Add the flags of `codify`."""
    _operation(parser)
    _campaign(parser)
    parser.add_argument("--type", choices=("predictive", "preview"), help="type of the campaign")
    _disposition(parser, required=False)
    who = parser.add_mutually_exclusive_group()
    who.add_argument("--customer", type=_word, action="extend", nargs="+", metavar="C", help="customer ids")
    who.add_argument(
        "--from-csv",
        type=Path,
        metavar="FILE",
        help="a CSV file with the column customer_id and, if wanted, cod_act, cod_act_2, comment",
    )
    who.add_argument(
        "--forget",
        action="store_true",
        help="remove the campaign's journal: its customers may be coded again",
    )
    _doing(parser)


def clean_list(parser: argparse.ArgumentParser) -> None:
    """Add the flags of `clean-list`."""
    _operation(parser)
    _campaign(parser)
    parser.add_argument(
        "--type", choices=("predictive", "preview"), required=True, help="type of the campaign"
    )
    _disposition(parser, required=True)
    _span(parser)
    _min_attempts(parser)
    parser.add_argument(
        "--any-telephone",
        action="store_true",
        help="code customers with one dead telephone too (default: only when all of the record are dead)",
    )
    parser.add_argument(
        "--max-share",
        type=_share,
        default=0.3,
        metavar="RATIO",
        help="code nobody when more telephones are unreachable: is it the carrier? (default: %(default)s)",
    )
    parser.add_argument(
        "--limit",
        type=_count,
        default=_MANY,
        metavar="N",
        help="take so many telephones, those with the most attempts (default: %(default)s)",
    )
    parser.add_argument(
        "--plan",
        type=Path,
        metavar="FILE",
        help="write the plan to a file of mode 0600 (default: stdout, with --yes none)",
    )
    parser.add_argument(
        "--output", choices=FORMS, default="csv", help="form of the plan (default: %(default)s)"
    )
    _doing(parser)


def _operation(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--operation", metavar="NAME", help="operation of the configuration (default: the only one)"
    )


def _campaign(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--campaign", type=_word, required=True, metavar="ID", help="the campaign's id")


def _span(parser: argparse.ArgumentParser) -> None:
    text = "ISO 8601 date, or date and time in the operation's zone"
    parser.add_argument("--from", dest="first", metavar="T", help=f"{text} (default: midnight)")
    parser.add_argument("--to", dest="last", metavar="T", help=f"{text} (default: now); at most 31 days")


def _min_attempts(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--min-attempts", type=_count, default=0, metavar="N", help="only telephones with at least N codes"
    )


def _disposition(parser: argparse.ArgumentParser, *, required: bool) -> None:
    parser.add_argument("--cod-act", type=_word, required=required, metavar="C", help="disposition")
    parser.add_argument("--cod-act-2", type=_word, metavar="C", help="second disposition")
    parser.add_argument("--comment", default="", metavar="TEXT", help="comment")


def _doing(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--yes", action="store_true", help="do it (default: dry run); needs writes.enabled")
    parser.add_argument(
        "--retry-refused", action="store_true", help="code those again who were refused before"
    )
    parser.add_argument(
        "--retry-unknown",
        action="store_true",
        help="code those again who were sent before and of whom no answer was seen",
    )


def _output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--output", choices=FORMS, default="table", help="form (default: %(default)s)")
    parser.add_argument(
        "--output-file", type=Path, metavar="FILE", help="write to a file of mode 0600 (default: stdout)"
    )


def _word(text: str) -> str:
    if not text.strip() or not text.isprintable():
        # Not what it is: it may be a telephone or a customer.
        raise argparse.ArgumentTypeError("a text of one line is expected")
    return text.strip()


def _share(text: str) -> float:
    share = float(text)
    if not 0 < share <= 1:
        raise argparse.ArgumentTypeError("a ratio over 0, at most 1, is expected")
    return share


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("a number over 0 is expected")
    return number
