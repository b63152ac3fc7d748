"""An empty answer is no clean bill: what was asked, what wolkvox said, and whether the campaign exists."""

from collections.abc import Iterable

from exporter.apis import APIS
from exporter.commands.support.command_context import CommandContext, counted, say
from exporter.wolkvox import ALL_CAMPAIGNS, Answer


def explain_empty(
    context: CommandContext, found: str, call: str, answers: Iterable[Answer], campaign_id: str
) -> int:
    """Return the exit code of an empty answer, which is explained: 1 if there is no such campaign, else 0.

    `found` says that it is nothing, and `call` what was asked for, to people; `answers` are what wolkvox
    answered, `campaign_id` may be "all". Makes no call: what campaigns there are is known from the exporter's
    stored answers.
    """
    say(f"{found}; asked for {call}")
    for text in dict.fromkeys(f"{answer}, {counted(answer.rows, 'row')}" for answer in answers):
        say(f"wolkvox answered {text}")
    if campaign_id == ALL_CAMPAIGNS:
        return 0
    exists = campaign_exists(context, campaign_id)
    if exists:
        say(f"campaign {campaign_id} exists")
    elif exists is None:
        say(f"whether campaign {campaign_id} exists is not known: the exporter has no full list of campaigns")
    else:
        say(f"campaign {campaign_id} does not exist: {context.operation.name} has no such campaign")
    return 1 if exists is False else 0


def campaign_exists(context: CommandContext, campaign_id: str) -> bool | None:
    """Return whether the operation has a campaign, by what the exporter has stored; None when not known.

    A campaign does not exist when every list of campaigns that is polled lacks it (one alone may do so for a
    poll) and each is whole: young enough to be published, not empty, all ids read, and nothing left out for
    the configured `include`, `exclude` and `limit`.
    """
    operation, now = context.operation, context.clock.now()
    snapshot, wanted = context.snapshot(), operation.campaigns
    polled = [api.name for api in APIS if api.lists_campaigns and operation.apis[api.name].enabled]
    listings = {name: snapshot.listing(name) for name in polled}
    ids = [row.labels[0] for listing in listings.values() if listing for row in listing.rows]
    if campaign_id in ids:
        return True
    whole = all(
        listing and listing.fresh(now, operation.apis[name].max_age) and 0 < len(listing.rows) < wanted.limit
        for name, listing in listings.items()
    )
    selected = wanted.selects(campaign_id, "") and not wanted.exclude
    return False if ids and all(ids) and whole and selected else None


def named(campaigns: Iterable[str]) -> str:
    """Return campaigns by their ids, for people: "campaign 4875", "campaigns 4875, 4876", "all campaigns"."""
    ids = list(campaigns)
    if ids == [ALL_CAMPAIGNS]:
        return "all campaigns"
    return f"campaign{'s' if len(ids) > 1 else ''} {', '.join(ids)}"
