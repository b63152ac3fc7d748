"""One poll of one API: its call, the reader of the rows, and the answer that they make. Pure."""

from dataclasses import dataclass
from datetime import datetime

from exporter.apis import Api, PollContext, RowReader, campaign_settings, campaigns, token_info
from exporter.clock import Moment
from exporter.config import Operation
from exporter.snapshot import Listing, OperationSnapshot
from exporter.wolkvox import Call, Cause


@dataclass(frozen=True, slots=True)
class PollRequest:
    """One poll: its call, the reader of the rows, and what is known of the answer beforehand.

    `campaign_id` is "" of an API that is not asked by campaign; `valid_until` is as in Listing.
    """

    api: Api
    campaign_id: str
    call: Call
    reader: RowReader
    valid_until: float | None

    def listing(self, at: Moment) -> Listing:
        """Return what the reader has read, as a good answer that had arrived whole at `at`."""
        return Listing(at, self.reader.rows(), self.valid_until, self.reader.notes)


def poll_request(
    api: Api, operation: Operation, snapshot: OperationSnapshot, now: Moment, campaign_id: str = ""
) -> PollRequest:
    """Return the request that polls an API at `now`.

    `campaign_id` is for an API that is asked by campaign, whose figures count from local midnight until now.
    """
    context = PollContext(
        datetime.fromtimestamp(now.wall, operation.timezone),
        campaign_id=campaign_id,
        selects=operation.campaigns.selects,
        names=campaign_settings.names(snapshot.unfiltered.get(campaign_settings.NAME))
        if api.lists_campaigns
        else {},
        options=operation.apis[api.name].options,
        before=snapshot.answers.get(api.name, {}).get(campaign_id),
    )
    until = context.day[1].timestamp() if api.by_campaign else None
    return PollRequest(api, campaign_id, api.call(context), api.reader(context), until)


def dialling_campaigns(operation: Operation, snapshot: OperationSnapshot, now: Moment) -> tuple[str, ...]:
    """Return the ids of the campaigns that a fresh answer of `campaigns` shows with dialled records."""
    listing = snapshot.listing(campaigns.NAME)
    if listing is None or not listing.fresh(now, operation.apis[campaigns.NAME].max_age):
        return ()
    return tuple(dict.fromkeys(campaigns.dialled(listing)))


def hourly_api(operation: Operation, snapshot: OperationSnapshot) -> str:
    """Return the API that looks whether there is room again, after the vendor has refused a call.

    It is `token_info`, unless that is off or cannot be read; then the most important other one.
    """
    others = [api for api in operation.enabled() if api != token_info.NAME]
    status = snapshot.polls.get(token_info.NAME)
    if status is None:
        return others[0]
    told = token_info.token_use(snapshot.listing(token_info.NAME))
    unreadable = told is None or told.used is None or snapshot.quota is None or snapshot.quota.limit is None
    failed = status.up is False and status.last_failure != Cause.QUOTA
    return others[0] if others and (failed or (status.up and unreadable)) else token_info.NAME
