"""An empty answer is no clean bill: what was asked, what wolkvox said, and whether the campaign exists."""

from collections.abc import Iterable, Sequence

from exporter.apis import APIS, PollContext, campaign_settings
from exporter.commands.support.command_context import CommandContext, say
from exporter.operators.command_client import OutOfBudget, StateNotShared, read_answer
from exporter.operators.translation import counted, translated
from exporter.snapshot import Row
from exporter.wolkvox import ALL_CAMPAIGNS, MAX_ROWS, Answer, RequestFailed


def explain_empty(
    context: CommandContext, found: str, call: str, answers: Iterable[Answer], campaign_id: str
) -> int:
    """Return the exit code of an empty answer, which is explained: 1 if there is no such campaign, else 0.

    `found` says that it is nothing, and `call` what was asked for, to people; `answers` are what wolkvox
    answered, `campaign_id` may be "all". What campaigns there are is known from the exporter's stored
    answers, or costs one call.
    """
    say("{found}; asked for {call}", found=translated(found), call=call)
    for text in dict.fromkeys(f"{answer}, {counted(answer.rows, 'row')}" for answer in answers):
        say("wolkvox answered {answer}", answer=text)
    if campaign_id == ALL_CAMPAIGNS:
        return 0
    exists = campaign_exists(context, campaign_id)
    campaign = context.campaign_text(campaign_id)
    if exists:
        say("campaign {campaign} exists", campaign=campaign)
    elif exists is None:
        say(
            "whether campaign {campaign} exists is not known: there is no full list of campaigns",
            campaign=campaign,
        )
    else:
        say(
            "campaign {campaign} does not exist: {operation} has no such campaign",
            campaign=campaign,
            operation=context.operation.name,
        )
    return 1 if exists is False else 0


def campaign_exists(context: CommandContext, campaign_id: str) -> bool | None:
    """Return whether the operation has a campaign; None when that is not known.

    By what the exporter has stored: it does not exist when every list of campaigns that is polled lacks it
    (one alone may do so for a poll) and each is whole and young enough to be published. Where that says
    nothing, wolkvox is asked.
    """
    operation, now, stored = context.operation, context.clock.now(), context.snapshot().unfiltered
    polled = [api.name for api in APIS if api.lists_campaigns and operation.apis[api.name].enabled]
    if any(campaign_id == row.labels[0] for listing in stored.values() for row in listing.rows):
        return True

    def certain(api: str) -> bool:
        known = stored.get(api)
        return known is not None and known.fresh(now, operation.apis[api].max_age) and _whole(known.rows)

    if polled and all(map(certain, polled)):
        return False
    rows = _settings(context)
    if any(campaign_id == row.labels[0] for row in rows):
        return True
    return False if _whole(rows) else None


def _settings(context: CommandContext) -> Sequence[Row]:
    """Return the campaigns that `campaign_settings` lists now (one call); none when that fails."""
    try:
        _, reader = read_answer(context.client.fetch, campaign_settings.API, PollContext(context.now()))
    except (RequestFailed, OutOfBudget, StateNotShared):
        return ()
    return reader.rows() if not reader.discarded.get("shape") else ()


def _whole(rows: Sequence[Row]) -> bool:
    """Return whether rows can be all campaigns that there are, each with its id."""
    return 0 < len(rows) < MAX_ROWS and all(row.labels[0] for row in rows)


def named(campaigns: Iterable[str]) -> str:
    """Return campaigns by their ids, for people: "campaign 4875", "campaigns 4875, 4876", "all campaigns"."""
    ids = list(campaigns)
    if ids == [ALL_CAMPAIGNS]:
        return translated("all campaigns")
    return f"{translated('campaign' if len(ids) == 1 else 'campaigns')} {', '.join(ids)}"
