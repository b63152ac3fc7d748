"""An empty answer is no clean bill: what was asked, what wolkvox said, and whether the campaign exists."""

from collections.abc import Iterable

from exporter.apis import APIS
from exporter.commands.support.command_context import CommandContext, counted, say
from exporter.wolkvox import ALL_CAMPAIGNS, Answer


def explain_empty(context: CommandContext, asked: str, answers: Iterable[Answer], campaign_id: str) -> int:
    """Say why nothing was found, and return the exit code: 1 if there is no such campaign, else 0.

    `asked` is the call for people, `answers` what wolkvox answered to it, `campaign_id` may be "all". Makes
    no call: what campaigns there are is known from the exporter's stored answers.
    """
    say(f"asked: {asked}")
    for text in dict.fromkeys(f"{answer}, {counted(answer.rows, 'row')}" for answer in answers):
        say(f"wolkvox answered: {text}")
    if campaign_id == ALL_CAMPAIGNS:
        return 0
    exists = campaign_exists(context, campaign_id)
    if exists:
        say(f"campaign {campaign_id} exists")
    elif exists is None:
        say(f"whether campaign {campaign_id} exists is not known: the exporter has no full list of campaigns")
    else:
        say(f"there is no campaign {campaign_id} in operation {context.operation.name}")
    return 1 if exists is False else 0


def campaign_exists(context: CommandContext, campaign_id: str) -> bool | None:
    """Return whether the operation has a campaign, by what the exporter has stored; None when not known.

    A campaign is missing only where every list of campaigns that is polled is young enough to be published,
    is not empty, and was not cut by the operator's own `include`, `exclude` and `limit`: one list alone may
    lack a campaign for one poll.
    """
    operation, snapshot, now = context.operation, context.snapshot(), context.clock.now()
    polled = [api.name for api in APIS if api.lists_campaigns and operation.apis[api.name].enabled]
    listings = {name: listing for name in polled if (listing := snapshot.listing(name))}
    ids = {name: [row.labels[0] for row in listing.rows] for name, listing in listings.items()}
    if any(campaign_id in found for found in ids.values()):
        return True
    wanted = operation.campaigns
    selected = wanted.selects(campaign_id, "") and not wanted.exclude
    whole = [
        listing.fresh(now, operation.apis[name].max_age)
        and 0 < len(ids[name]) < wanted.limit
        and all(ids[name])
        for name, listing in listings.items()
    ]
    return False if selected and whole and all(whole) and len(whole) == len(polled) else None


def named(campaigns: Iterable[str]) -> str:
    """Return campaigns by their ids, for people: "campaign 4875", "campaigns 4875, 4876", "all campaigns"."""
    ids = list(campaigns)
    if ids == [ALL_CAMPAIGNS]:
        return "all campaigns"
    return f"campaign{'s' if len(ids) > 1 else ''} {', '.join(ids)}"
