"""`find-record`: whose record is it? One look-up, or a list of them that continues where it ended."""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from exporter.commands.support.command_context import (
    INTERRUPTED_EXIT_CODE,
    CommandContext,
    duration,
    run_command,
    say,
)
from exporter.commands.support.empty_answer import explain_empty, named
from exporter.operators.cells import Cells
from exporter.operators.command_client import Interrupted, OutOfBudget, failure_text
from exporter.operators.lookups import (
    LookupResult,
    Subject,
    ask,
    cache_path,
    look_up,
    open_cache,
    read_records,
    remove_cache,
)
from exporter.operators.output import StagedOutput, row_writer
from exporter.operators.sheet import SheetColumns, read_sheet
from exporter.operators.terminal import progress_bar
from exporter.operators.translation import counted, translated
from exporter.wolkvox import FoundRecord, RequestFailed

_MAX_LOOKUP_CALLS = 10_000
_TELEPHONE_FIELDS, _OPTION_FIELDS = 10, 12
_NOT_IN_TABLES = {"conn_id", *(f"tel{number}" for number in range(4, _TELEPHONE_FIELDS + 1))}
_COLUMNS = (
    "asked",
    "found",
    "campaign_id",
    "customer_id",
    "customer_name",
    "customer_last_name",
    *(f"tel{number}" for number in range(1, _TELEPHONE_FIELDS + 1)),
    "date",
    "calls",
    "conn_id",
    "result",
    *(f"opt{number}" for number in range(1, _OPTION_FIELDS + 1)),
)
_TABLE_COLUMNS = tuple(name for name in _COLUMNS if name not in _NOT_IN_TABLES and not name.startswith("opt"))


class _ListResult(NamedTuple):
    """How a list of look-ups ended: the answers, why it ended early, and the exit code."""

    answers: list[LookupResult]
    reason: str
    code: int


def run(arguments: argparse.Namespace) -> int:
    """Return 0 when every look-up had an answer, even if it found nobody; 1 also without such a campaign."""
    personal = [arguments.phone, arguments.customer]
    return run_command(arguments, lambda context: _find(context, arguments), personal)


def _find(context: CommandContext, arguments: argparse.Namespace) -> int:
    operation, campaign_id = context.operation, arguments.campaign
    path = cache_path(context.folder, operation.name, operation.base_url, campaign_id)
    if arguments.forget:
        say("removed the saved answers" if remove_cache(path) else "there are no saved answers")
        return 0
    # A file that cannot be written is reported before a call is made for it.
    with StagedOutput(arguments.output_file) as output:
        if arguments.from_csv is not None:
            return _find_list(context, arguments, path, output)
        subject = Subject(arguments.phone or "", arguments.customer or "")
        rows, answer = ask(context.client, campaign_id, subject)
        found = LookupResult(subject, read_records(rows), answer=answer)
        _print([found], arguments.output, output)
    return _explain_missing(context, campaign_id, [found])


def _find_list(
    context: CommandContext, arguments: argparse.Namespace, path: Path, output: StagedOutput
) -> int:
    subjects = _subjects(arguments)
    with open_cache(path, context.unix_time) as cache:
        new = sum(not cache.has(subject) for subject in subjects)
        left = context.client.remaining_budget(ask=new > 1).left if new else None
        about = duration(context.client.estimated_seconds(new))
        say("{calls}, about {duration}", calls=counted(new, "look-up"), duration=about)
        if new < len(subjects):
            say("already answered: {count}", count=len(subjects) - new)
        if left is not None and left < new:
            say(
                "only {calls} left today; run the same command tomorrow for the rest",
                calls=counted(left, "call"),
            )
        end = _look_up_all(look_up(context.client, cache, arguments.campaign, subjects), len(subjects))
        _print(end.answers, arguments.output, output)
    missing_code = _explain_missing(context, arguments.campaign, end.answers)
    failed = [found for found in end.answers if found.failure]
    for found in failed[:1]:
        say(
            "{calls} failed (the first: {failure})",
            calls=counted(len(failed), "look-up"),
            failure=found.failure,
        )
    missing = len(subjects) - len(end.answers)
    if missing:
        say(
            "{place}: {reason}; look-ups left: {count}; run the same command again to continue",
            place=context.place(arguments.campaign),
            reason=end.reason,
            count=missing,
        )
    elif not failed:
        remove_cache(path)  # the list is finished, and the answers are where the person wants them
    return end.code or (1 if failed else missing_code)


def _explain_missing(context: CommandContext, campaign_id: str, found: Sequence[LookupResult]) -> int:
    """Return the exit code of look-ups, 1 if the campaign does not exist; those without a record are told."""
    answered = [one for one in found if not one.failure]
    nobody = [one for one in answered if not one.records]
    if not nobody:
        return 0
    if len(nobody) < len(answered):
        say(
            "no record was found for {count} of {calls}",
            count=len(nobody),
            calls=counted(len(answered), "look-up"),
        )
        return 0
    call = translated(
        "find_record by telephone in {campaigns}"
        if nobody[0].subject.phone
        else "find_record by customer id in {campaigns}",
        campaigns=named([campaign_id]),
    )
    answers = [one.answer for one in nobody if one.answer]
    return explain_empty(context, "no record was found", call, answers, campaign_id)


def _subjects(arguments: argparse.Namespace) -> Sequence[Subject]:
    """Return the list: of a column `customer_id`, or of a column `phone` (or `telephone`)."""
    columns = SheetColumns(("customer_id", "phone", "telephone"))
    sheet = read_sheet(arguments.from_csv, columns, _MAX_LOOKUP_CALLS)
    if sheet.note:
        say(sheet.note)
    values = [row.values[sheet.key] for row in sheet.rows]
    return [Subject(customer=v) if sheet.key == "customer_id" else Subject(phone=v) for v in values]


def _look_up_all(answers: Iterator[LookupResult], total: int) -> _ListResult:
    done: list[LookupResult] = []
    try:
        with progress_bar(translated("look-ups"), total) as progress:
            for found in answers:
                done.append(found)
                progress.advance()
    except OutOfBudget as end:
        return _ListResult(done, str(end), 1)
    except Interrupted:
        return _ListResult(done, translated("interrupted"), INTERRUPTED_EXIT_CODE)
    except RequestFailed as failure:
        return _ListResult(done, f"wolkvox: {failure_text(failure)}", 1)
    return _ListResult(done, "", 0)


def _print(answers: Sequence[LookupResult], format_: str, output: StagedOutput) -> None:
    columns = _TABLE_COLUMNS if format_ == "table" else _COLUMNS
    writer = row_writer(format_, output.stream, columns, output.width)
    for found in answers:
        if found.failure:
            continue
        head: Cells = {"asked": found.subject.value, "found": len(found.records)}
        for record in found.records:
            writer.row({**head, **cells_of(record)})
        if not found.records:
            writer.row(head)
    writer.finish()
    output.commit()


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
