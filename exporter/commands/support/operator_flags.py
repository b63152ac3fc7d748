"""The flags of the commands for one operation: doctor, machine-codes, find-record, codify, clean-list."""

import argparse
from pathlib import Path

from exporter.apis.telephones import CODES
from exporter.operators.translation import translated

FORMATS = ("table", "csv", "json", "jsonl")

_ALL = "all"
_DEFAULT_LIMIT_TELEPHONES = 10_000


def doctor(parser: argparse.ArgumentParser) -> None:
    """Add the flags of `doctor`."""
    parser.add_argument("--operation", metavar="NAME", help="only this operation (default: all)")
    files = parser.add_mutually_exclusive_group()
    files.add_argument(
        "--capture",
        type=Path,
        metavar="FILE",
        help="also write the answers to a new file, made anonymous, to be read by a person and sent",
    )
    files.add_argument(
        "--replay", type=Path, metavar="FILE", help="look at the answers of such a file; makes no call"
    )
    parser.add_argument(
        "--output", choices=("table", "json"), default="table", help="format (default: %(default)s)"
    )


def machine_codes(parser: argparse.ArgumentParser) -> None:
    """Add the flags of `machine-codes`."""
    _operation(parser)
    parser.add_argument(
        "--campaign", type=_word, default=_ALL, metavar="ID", help="id of a campaign (default: %(default)s)"
    )
    _time_range(parser)
    parser.add_argument(
        "--unreachable", action="store_true", help="only telephones whose codes are all congestion or failed"
    )
    _min_attempts(parser)
    parser.add_argument(
        "--code",
        dest="codes",
        action="append",
        choices=CODES,
        help="only telephones that have had this code; may be repeated, and then all of them are required",
    )
    parser.add_argument(
        "--sums",
        action="store_true",
        help="sums of each campaign that has dialled; makes one call for each of them and one more",
    )
    _output(parser)


def find_record(parser: argparse.ArgumentParser) -> None:
    """Add the flags of `find-record`."""
    _operation(parser)
    parser.add_argument(
        "--campaign", type=_word, default=_ALL, metavar="ID", help="id of a campaign (default: %(default)s)"
    )
    who = parser.add_mutually_exclusive_group(required=True)
    who.add_argument("--phone", type=_id, metavar="NUMBER", help="telephone to look up")
    who.add_argument("--customer", type=_id, metavar="ID", help="customer id to look up")
    who.add_argument(
        "--from-csv",
        type=Path,
        metavar="FILE",
        help="CSV file with a column phone, telephone or customer_id to look up; run it again to continue",
    )
    who.add_argument("--forget", action="store_true", help="delete the saved answers of an unfinished list")
    _output(parser)


def codify(parser: argparse.ArgumentParser) -> None:
    """Add the flags of `codify`."""
    _operation(parser)
    _campaign(parser)
    parser.add_argument("--type", choices=("predictive", "preview"), help="type of the campaign")
    _disposition(parser, required=False)
    who = parser.add_mutually_exclusive_group()
    who.add_argument(
        "--customer", type=_id, action="extend", nargs="+", metavar="ID", help="customer ids to code"
    )
    who.add_argument(
        "--from-csv",
        type=Path,
        metavar="FILE",
        help="CSV file with a column customer_id and, optionally, cod_act, cod_act_2 and comment",
    )
    who.add_argument(
        "--forget",
        action="store_true",
        help="delete the journal of the campaign, so that its customers may be coded again",
    )
    _changes(parser)


def clean_list(parser: argparse.ArgumentParser) -> None:
    """Add the flags of `clean-list`."""
    _operation(parser)
    _campaign(parser)
    parser.add_argument(
        "--type", choices=("predictive", "preview"), required=True, help="type of the campaign"
    )
    _disposition(parser, required=True)
    _time_range(parser)
    _min_attempts(parser)
    parser.add_argument(
        "--any-telephone",
        action="store_true",
        help="also code customers of whom only some telephones are unreachable (default: all must be)",
    )
    parser.add_argument(
        "--max-share",
        type=_share,
        default=0.3,
        metavar="RATIO",
        help="refuse --yes if a larger share is unreachable, as after an outage (default: %(default)s)",
    )
    parser.add_argument(
        "--limit",
        type=_count,
        default=_DEFAULT_LIMIT_TELEPHONES,
        metavar="N",
        help="take at most N telephones, those with the most attempts first (default: %(default)s)",
    )
    parser.add_argument(
        "--plan",
        type=Path,
        metavar="FILE",
        help="write the plan to a file of mode 0600 (default: stdout; with --yes it is not written)",
    )
    parser.add_argument(
        "--output", choices=FORMATS, default="csv", help="format of the plan (default: %(default)s)"
    )
    _changes(parser)


def _operation(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--operation", metavar="NAME", help="name of the operation; required if the configuration has several"
    )


def _campaign(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--campaign", type=_word, required=True, metavar="ID", help="id of the campaign")


def _time_range(parser: argparse.ArgumentParser) -> None:
    text = "ISO 8601 date, or date and time in the operation's time zone"
    parser.add_argument("--from", dest="first", metavar="TIME", help=f"{text} (default: midnight)")
    parser.add_argument(
        "--to", dest="last", metavar="TIME", help=f"{text} (default: now); at most 31 days after --from"
    )


def _min_attempts(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--min-attempts",
        type=_count,
        default=0,
        metavar="N",
        help="only telephones with at least N machine codes",
    )


def _disposition(parser: argparse.ArgumentParser, *, required: bool) -> None:
    parser.add_argument(
        "--cod-act", type=_word, required=required, metavar="CODE", help="code of the disposition"
    )
    parser.add_argument("--cod-act-2", type=_word, metavar="CODE", help="second code of the disposition")
    parser.add_argument("--comment", default="", metavar="TEXT", help="comment to the disposition")


def _changes(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--yes",
        action="store_true",
        help="send the changes (default: dry run); requires writes.enabled in the configuration",
    )
    parser.add_argument(
        "--retry-refused", action="store_true", help="also retry customers whom wolkvox refused before"
    )
    parser.add_argument(
        "--retry-unknown",
        action="store_true",
        help="also retry customers whose earlier request got no answer",
    )


def _output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--output", choices=FORMATS, default="table", help="format (default: %(default)s)")
    parser.add_argument(
        "--output-file", type=Path, metavar="FILE", help="write to a file of mode 0600 (default: stdout)"
    )


def _word(text: str) -> str:
    if not text.strip() or not text.isprintable():
        # Without the text: it may be a telephone or a customer.
        raise argparse.ArgumentTypeError(translated("must be a text of one line"))
    return text.strip()


def _id(text: str) -> str:
    # Here, because the flags are made for every command.
    from exporter.operators.formulas import without_apostrophes  # noqa: PLC0415
    from exporter.operators.spoiled_values import id_problem  # noqa: PLC0415

    cell = _word(text)
    problem = id_problem(cell)
    if not problem and any(c in cell for c in ",;"):
        problem = translated("contains a separator; give each of several by itself")
    if problem:
        raise argparse.ArgumentTypeError(problem)  # again without the text
    return without_apostrophes(cell).strip()


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = 0.0
    if not 0 < share <= 1:
        raise argparse.ArgumentTypeError(translated("must be a ratio above 0 and up to 1"))
    return share


def _count(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(translated("must be a number above 0"))
    return number
