"""`clean-list`: from telephones that only ever fail to their customers, and to the end of calling them."""

import argparse
from collections.abc import Mapping, Sequence
from contextlib import nullcontext

from exporter.apis.telephones import Telephone
from exporter.commands.machine_codes import ask
from exporter.commands.support.command_context import Desk, Refusal, duration, run_command, say
from exporter.commands.support.disposition_batch import MAX_CUSTOMERS, preview_batch, run_batch
from exporter.operators.batch import Again
from exporter.operators.choice import Choice
from exporter.operators.delivery import Delivery, writer
from exporter.operators.lookups import Subject, book_path, forget_book, look_up, open_book
from exporter.operators.plan import COLUMNS, Action, customers, make_plan
from exporter.operators.span import span
from exporter.operators.terminal import meter
from exporter.wolkvox import ALL_CAMPAIGNS, Disposition, FoundRecord

_INSTEAD = "take a part with --limit, or try again tomorrow"


def run(arguments: argparse.Namespace) -> int:
    """Plan, and with `--yes` code; 0 when the plan is whole, and with `--yes` all are coded."""
    return run_command(arguments, lambda desk: _clean(desk, arguments), [arguments.comment])


def _clean(desk: Desk, arguments: argparse.Namespace) -> int:
    if arguments.campaign == ALL_CAMPAIGNS:
        raise Refusal(
            "one campaign is needed: the report of all of them does not tell which one a telephone is of"
        )
    if arguments.yes and not desk.config.writes_enabled:
        raise Refusal("nothing is changed in wolkvox unless the configuration has `writes: {enabled: true}`")
    chosen = _chosen(desk, arguments)
    if not chosen:
        say("no customer is to be coded")
        return 0
    if len(chosen) > MAX_CUSTOMERS:
        raise Refusal(f"{len(chosen)} customers, and one batch has {MAX_CUSTOMERS} at the most: use --limit")
    codes = (arguments.cod_act, arguments.cod_act_2 or "", arguments.comment)
    dispositions = [Disposition(arguments.campaign, arguments.type, customer, *codes) for customer in chosen]
    again = Again(arguments.retry_refused, arguments.retry_unknown)
    calls = preview_batch(desk, dispositions, again)
    desk.need_room(calls, "coding them", _INSTEAD)
    if not arguments.yes:
        say("dry run: nothing was sent, --yes sends it; the answers of the look-ups are kept for a day")
        return 0
    code = run_batch(desk, dispositions, again, "clean-list")
    if code == 0:
        operation = desk.operation
        forget_book(book_path(desk.folder, operation.name, operation.base_url, arguments.campaign))
    return code


def _chosen(desk: Desk, arguments: argparse.Namespace) -> Sequence[str]:
    """Write the plan, and return the customers that it wants coded."""
    # What cannot be written is told before a call is made for it. With --yes and no file there is no plan:
    # the standard output is for what became of the customers.
    wanted = arguments.plan is not None or not arguments.yes
    with Delivery(arguments.plan) if wanted else nullcontext() as delivery:
        dead = _dead(desk, arguments)
        taken = dead[: arguments.limit]
        records = _records(desk, arguments.campaign, taken) if taken else {}
        plan = make_plan(
            arguments.campaign, dead, records, arguments.cod_act, any_telephone=arguments.any_telephone
        )
        if delivery is not None:
            out = writer(arguments.output, delivery.stream, COLUMNS)
            for row in plan:
                out.row(row.cells())
            out.finish()
            delivery.commit()
    counts = {action: sum(row.action is action for row in plan) for action in Action}
    chosen = customers(plan)
    say(
        f"plan: {counts[Action.CODE]} telephones of {len(chosen)} customers to code, "
        f"{counts[Action.KEEP]} to keep, {counts[Action.NONE]} with nothing to do"
    )
    return chosen


def _dead(desk: Desk, arguments: argparse.Namespace) -> Sequence[Telephone]:
    """Return the unreachable telephones, those with the most attempts first (one call)."""
    asked = span(arguments.first, arguments.last, desk.operation.timezone, desk.now())
    choice = Choice(desk.unreachable_after, unreachable=True, min_attempts=arguments.min_attempts)
    dead: list[Telephone] = []
    reader = ask(desk, arguments.campaign, asked, choice, dead.append)
    say(f"{len(dead)} of {reader.telephones} telephones are unreachable")
    if len(dead) > reader.telephones * arguments.max_share:
        # After an outage of the carrier every telephone that was called in it looks dead.
        advice = "look at the other campaigns, ask for a longer range, or raise --max-share"
        if arguments.yes:
            raise Refusal(
                f"that is more than --max-share allows: it may be the carrier and not the list; {advice}"
            )
        say(f"that is more than --yes would accept: it may be the carrier and not the list; {advice}")
    return sorted(dead, key=lambda telephone: telephone.attempts or 0, reverse=True)


def _records(desk: Desk, campaign_id: str, dead: Sequence[Telephone]) -> Mapping[str, Sequence[FoundRecord]]:
    """Return the records of each telephone, one call each but for those whose answer is kept."""
    operation = desk.operation
    subjects = [Subject(phone=telephone.number) for telephone in dead]
    path = book_path(desk.folder, operation.name, operation.base_url, campaign_id)
    with open_book(path, desk.wall) as book:
        new = sum(not book.knows(subject) for subject in subjects)
        if new:
            desk.need_room(new, f"looking up {new} telephones", _INSTEAD)
            room = desk.line.room()
            left = "" if room.left is None else f" of {room.left} that today's budget has room for"
            say(f"looking up {new} telephones: {new} calls{left}, about {duration(desk.line.seconds(new))}")
        records: dict[str, Sequence[FoundRecord]] = {}
        failures: list[str] = []
        with meter("look-ups", len(subjects)) as progress:
            for found in look_up(desk.line, book, campaign_id, subjects):
                records[found.subject.phone] = found.records
                failures += [found.failure] if found.failure else []
                progress.advance()
    if failures:
        raise Refusal(
            f"{len(failures)} telephones could not be looked up, the first because of {failures[0]}; "
            "the same command goes on with them"
        )
    return records
