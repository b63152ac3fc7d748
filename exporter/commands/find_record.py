"""`find-record`: whose record is it? One look-up, or a list of them that goes on where it ended."""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from exporter.commands.support.command_context import INTERRUPTED, Desk, Refusal, duration, run_command, say
from exporter.operators.cells import Cells
from exporter.operators.delivery import Delivery, writer
from exporter.operators.line import Interrupted, OutOfBudget
from exporter.operators.lookups import (
    Found,
    Subject,
    book_path,
    forget_book,
    look_up,
    open_book,
    read_records,
)
from exporter.operators.sheet import Columns, SheetError, read_sheet
from exporter.operators.terminal import meter
from exporter.wolkvox import FoundRecord, RequestFailed, find_record

_MAX_LOOKUPS = 10_000
_TELEPHONES, _OPTIONS = 10, 12
_TOO_MUCH = {"conn_id", *(f"tel{number}" for number in range(4, _TELEPHONES + 1))}
_COLUMNS = (
    "asked",
    "found",
    "campaign_id",
    "customer_id",
    "customer_name",
    "customer_last_name",
    *(f"tel{number}" for number in range(1, _TELEPHONES + 1)),
    "date",
    "calls",
    "conn_id",
    "result",
    *(f"opt{number}" for number in range(1, _OPTIONS + 1)),
)
_SHORT = tuple(name for name in _COLUMNS if name not in _TOO_MUCH and not name.startswith("opt"))


class _End(NamedTuple):
    """How a list of look-ups ended: the answers, why it ended early, and the exit code."""

    answers: list[Found]
    reason: str
    code: int


def run(arguments: argparse.Namespace) -> int:
    """Look up; 0 when every look-up had an answer, whether or not it found anybody."""
    personal = [arguments.phone, arguments.customer]
    return run_command(arguments, lambda desk: _find(desk, arguments), personal)


def _find(desk: Desk, arguments: argparse.Namespace) -> int:
    operation, campaign_id = desk.operation, arguments.campaign
    path = book_path(desk.folder, operation.name, operation.base_url, campaign_id)
    if arguments.forget:
        say("the answers kept so far are removed" if forget_book(path) else "no answers are kept")
        return 0
    # What cannot be written is told before a call is made for it.
    with Delivery(arguments.output_file) as delivery:
        if arguments.from_csv is not None:
            return _find_list(desk, arguments, path, delivery)
        rows: list[object] = []
        subject = Subject(arguments.phone or "", arguments.customer or "")
        call = find_record(campaign_id, phone=subject.phone, customer=subject.customer)
        desk.line.fetch(call, rows.extend)
        _print([Found(subject, read_records(rows))], arguments.output, delivery)
    if not rows:
        say("no record was found")
    return 0


def _find_list(desk: Desk, arguments: argparse.Namespace, path: Path, delivery: Delivery) -> int:
    subjects = _subjects(arguments)
    with open_book(path, desk.wall) as book:
        new = sum(not book.knows(subject) for subject in subjects)
        known = f", {len(subjects) - new} answers are kept from before" if new < len(subjects) else ""
        room = desk.line.room().left if new else None
        say(f"{new} look-ups, about {duration(desk.line.seconds(new))}{known}")
        if room is not None and room < new:
            say(f"today's budget has room for {room} of them; run it again tomorrow for the rest")
        end = _walk(look_up(desk.line, book, arguments.campaign, subjects), len(subjects))
        _print(end.answers, arguments.output, delivery)
    failed = [found for found in end.answers if found.failure]
    for found in failed[:1]:
        say(f"{len(failed)} look-ups had no answer, the first because of {found.failure}")
    missing = len(subjects) - len(end.answers)
    if missing:
        say(f"{end.reason}; {missing} look-ups are left, the same command goes on with them")
    elif not failed:
        forget_book(path)  # the list is through, and the answers are where the person wants them
    return end.code or (1 if failed else 0)


def _subjects(arguments: argparse.Namespace) -> Sequence[Subject]:
    """Read the list: a column `phone` (or `telephone`), or a column `customer_id`."""
    problems: list[str] = []
    for column in ("customer_id", "phone", "telephone"):
        try:
            rows = read_sheet(arguments.from_csv, Columns(column), _MAX_LOOKUPS)
        except SheetError as error:
            if not any("is missing" in problem for problem in error.problems):
                raise
            problems.extend(error.problems)
            continue
        values = [row.values[column] for row in rows]
        return [Subject(customer=v) if column == "customer_id" else Subject(phone=v) for v in values]
    raise Refusal(f"{arguments.from_csv}: a column phone, telephone or customer_id is expected in line 1")


def _walk(answers: Iterator[Found], total: int) -> _End:
    done: list[Found] = []
    try:
        with meter("look-ups", total) as progress:
            for found in answers:
                done.append(found)
                progress.advance()
    except OutOfBudget as end:
        return _End(done, str(end), 1)
    except Interrupted:
        return _End(done, "ended on request", INTERRUPTED)
    except RequestFailed as failure:
        return _End(done, f"wolkvox: {failure}", 1)
    return _End(done, "", 0)


def _print(answers: Sequence[Found], form: str, delivery: Delivery) -> None:
    out = writer(form, delivery.stream, _SHORT if form == "table" else _COLUMNS)
    for found in answers:
        if found.failure:
            continue
        head: Cells = {"asked": found.subject.value, "found": len(found.records)}
        for record in found.records:
            out.row({**head, **cells_of(record)})
        if not found.records:
            out.row(head)
    out.finish()
    delivery.commit()


def cells_of(record: FoundRecord) -> Cells:
    """Return a record by column."""
    return {
        "campaign_id": record.campaign_id,
        "customer_id": record.customer_id,
        "customer_name": record.customer_name,
        "customer_last_name": record.customer_last_name,
        **{f"tel{number}": text for number, text in record.telephones.items()},
        "date": record.date,
        "calls": record.calls,
        "conn_id": record.conn_id,
        "result": record.result,
        **{f"opt{number}": text for number, text in record.options.items()},
    }
