"""`clean-list`: from unreachable telephones to their customers, whose disposition then ends the calls."""

import argparse
from collections.abc import Mapping, Sequence
from contextlib import nullcontext

from exporter.apis.telephones import Telephone
from exporter.commands.support.command_context import (
    CommandContext,
    Refusal,
    run_command,
    say,
)
from exporter.commands.support.disposition_batch import MAX_CUSTOMERS, preview_batch, run_batch
from exporter.commands.support.empty_answer import explain_empty, named
from exporter.commands.support.telephone_report import TelephoneReport, read_telephones, report_call
from exporter.operators.batch import RetryPolicy
from exporter.operators.lookups import Subject, cache_path, look_up, open_cache, remove_cache
from exporter.operators.output import StagedOutput, row_writer
from exporter.operators.plan import COLUMNS, Action, customers, make_plan
from exporter.operators.telephone_filter import TelephoneFilter
from exporter.operators.terminal import progress_bar
from exporter.operators.time_range import TimeRange, time_range
from exporter.operators.translation import counted, translated
from exporter.wolkvox import ALL_CAMPAIGNS, Answer, Disposition, FoundRecord

_INSTEAD = "use --limit to take a part of them, or try again tomorrow"


def run(arguments: argparse.Namespace) -> int:
    """Return 0 when the plan is complete and, with `--yes`, all of its customers are coded.

    1 also when there is no such campaign.
    """
    return run_command(arguments, lambda context: _clean(context, arguments), [arguments.comment])


def _clean(context: CommandContext, arguments: argparse.Namespace) -> int:
    if arguments.campaign.casefold() == ALL_CAMPAIGNS:
        raise Refusal(
            translated(
                "--campaign must name one campaign: the report of all of them does not say which one a "
                "telephone belongs to"
            )
        )
    if arguments.yes:
        context.require_writes()
    period = time_range(arguments.first, arguments.last, context.operation.timezone, context.now())
    report, chosen = _plan(context, arguments, period)
    if not report.count:
        call = report_call([arguments.campaign], period)
        return explain_empty(context, "no telephones", call, [report.answer], arguments.campaign)
    if not chosen:
        say("no customers to code")
        return 0
    if len(chosen) > MAX_CUSTOMERS:
        raise Refusal(
            translated(
                "{count} customers are too many for one batch of {most}; use --limit",
                count=len(chosen),
                most=MAX_CUSTOMERS,
            )
        )
    codes = (arguments.cod_act, arguments.cod_act_2 or "", arguments.comment)
    dispositions = [Disposition(arguments.campaign, arguments.type, customer, *codes) for customer in chosen]
    retry = RetryPolicy(arguments.retry_refused, arguments.retry_unknown)
    calls = preview_batch(context, dispositions, retry)
    purpose = translated("coding {customers}", customers=counted(calls, "customer"))
    context.require_budget(calls, purpose, translated(_INSTEAD))
    if not arguments.yes:
        say("dry run: nothing was sent; use --yes to send it (the look-ups are kept for a day)")
        return 0
    code = run_batch(context, dispositions, retry, "clean-list")
    if code == 0:
        operation = context.operation
        remove_cache(cache_path(context.folder, operation.name, operation.base_url, arguments.campaign))
    return code


def _plan(
    context: CommandContext, arguments: argparse.Namespace, period: TimeRange
) -> tuple[TelephoneReport, Sequence[str]]:
    """Return the report, and the customers to code by the plan, which is written out."""
    # A file that cannot be written is reported before a call is made for it. With --yes and no file there is
    # no plan: standard output is for what became of the customers.
    wanted = arguments.plan is not None or not arguments.yes
    with StagedOutput(arguments.plan) if wanted else nullcontext() as output:
        report, unreachable = _unreachable(context, arguments, period)
        taken = unreachable[: arguments.limit]
        records = _records(context, arguments.campaign, taken) if taken else {}
        plan = make_plan(
            arguments.campaign,
            unreachable,
            records,
            arguments.cod_act,
            any_telephone=arguments.any_telephone,
        )
        if output is not None:
            writer = row_writer(arguments.output, output.stream, COLUMNS, output.width)
            for row in plan:
                writer.row(row.cells(for_people=arguments.output == "table"))
            writer.finish()
            output.commit()
    counts = {action: sum(row.action is action for row in plan) for action in Action}
    chosen = customers(plan)
    if plan:
        say(
            "plan: {customers} to code ({telephones}), {kept} to keep, {nothing} with nothing to do",
            customers=counted(len(chosen), "customer"),
            telephones=counted(counts[Action.CODE], "telephone"),
            kept=counted(counts[Action.KEEP], "telephone"),
            nothing=counts[Action.NONE],
        )
    return report, chosen


def _unreachable(
    context: CommandContext, arguments: argparse.Namespace, period: TimeRange
) -> tuple[TelephoneReport, Sequence[Telephone]]:
    """Return the report, and the unreachable telephones, those with the most attempts first (one call)."""
    wanted = TelephoneFilter(context.unreachable_after, unreachable=True, min_attempts=arguments.min_attempts)
    found: list[Telephone] = []
    report = read_telephones(context, arguments.campaign, period, wanted, found.append)
    if not report.count:
        return report, ()
    say(
        "{count} of {telephones} are unreachable and have at least {codes}"
        if wanted.min_attempts
        else "{count} of {telephones} are unreachable",
        count=len(found),
        telephones=counted(report.count, "telephone"),
        codes=counted(wanted.min_attempts, "code"),
    )
    if len(found) > report.count * arguments.max_share:
        # After an outage of the carrier every telephone that was called during it looks unreachable.
        problem = translated(
            "that is more than --max-share allows: the carrier may be at fault, not the list; "
            "check the other campaigns, use a longer time range, or raise --max-share"
        )
        if arguments.yes:
            raise Refusal(problem)
        say("{problem} (--yes would be refused)", problem=problem)
    return report, sorted(found, key=lambda telephone: telephone.attempts or 0, reverse=True)


def _records(
    context: CommandContext, campaign_id: str, telephones: Sequence[Telephone]
) -> Mapping[str, Sequence[FoundRecord]]:
    """Return the records of each telephone, one call each unless the answer is in the cache."""
    operation = context.operation
    subjects = [Subject(phone=telephone.number) for telephone in telephones]
    path = cache_path(context.folder, operation.name, operation.base_url, campaign_id)
    with open_cache(path, context.unix_time) as cache:
        new = sum(not cache.has(subject) for subject in subjects)
        if new:
            purpose = translated("looking up {telephones}", telephones=counted(new, "telephone"))
            context.require_budget(new, purpose, translated(_INSTEAD))
            say(f"{purpose}: {context.cost(new)}")
        records: dict[str, Sequence[FoundRecord]] = {}
        failures: list[str] = []
        answers: list[Answer] = []
        with progress_bar(translated("look-ups"), len(subjects)) as progress:
            for result in look_up(context.client, cache, campaign_id, subjects):
                records[result.subject.phone] = result.records
                failures += [result.failure] if result.failure else []
                answers += [result.answer] if result.answer else []
                progress.advance()
    if failures:
        raise Refusal(
            translated(
                "{telephones} could not be looked up (the first: {failure}); run the same command again to "
                "continue",
                telephones=counted(len(failures), "telephone"),
                failure=failures[0],
            )
        )
    if not any(records.values()):
        call = translated("find_record by telephone in {campaigns}", campaigns=named([campaign_id]))
        explain_empty(context, "no record was found", call, answers, campaign_id)
    return records
