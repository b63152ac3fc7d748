"""What to ask the vendor for, how to read what comes, and where it lands: one job an API."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from exporter.api import Api
from exporter.clock import Moment
from exporter.config import Operation, day_of
from exporter.families import COLUMNS
from exporter.polling import landing
from exporter.snapshot import Listing, OperationSnapshot
from exporter.snapshot.machine_codes import MachineCodeSums
from exporter.snapshot.reading import CampaignReader, RowReader
from exporter.snapshot.telephone_rows import decode_rows
from exporter.snapshot.token_use import TokenUseReader
from exporter.wolkvox import INFORMATION, REAL_TIME, TOKEN_INFO, Call, campaign_8

Land = Callable[[OperationSnapshot, Moment], OperationSnapshot]

_LISTS = {Api.CAMPAIGNS: REAL_TIME, Api.CAMPAIGN_SETTINGS: INFORMATION}
_DIALED = next(i for i, column in enumerate(COLUMNS[Api.CAMPAIGNS]) if column.field == "dial")


@dataclass(frozen=True, slots=True)
class Job:
    """One request: the call, the reader of its rows, and the landing of what was read at a moment."""

    call: Call
    reader: RowReader
    land: Land


def list_job(operation: Operation, api: Api, snapshot: OperationSnapshot) -> Job:
    """Return the job that polls a list of campaigns: `campaigns` or `campaign_settings`."""
    names = snapshot.names if api is Api.CAMPAIGNS else {}
    campaigns = operation.campaigns
    reader = CampaignReader(api, operation.timezone, names, campaigns.selects, campaigns.limit)

    def land(snapshot: OperationSnapshot, at: Moment) -> OperationSnapshot:
        return landing.listed(snapshot, api, Listing(at, reader.rows()))

    return Job(_LISTS[api], reader, land)


def token_info_job() -> Job:
    """Return the job that polls `token_info`."""
    reader = TokenUseReader()

    def land(snapshot: OperationSnapshot, at: Moment) -> OperationSnapshot:
        return landing.told_token_use(snapshot, reader.token_use(at))

    return Job(TOKEN_INFO, reader, land)


def machine_codes_job(operation: Operation, campaign_id: str, now: Moment) -> Job:
    """Return the job that asks for a campaign's machine codes from local midnight until now."""
    midnight, next_midnight = day_of(now.wall, operation.timezone)
    reader = MachineCodeSums(operation.unreachable_after)
    max_age = operation.apis[Api.MACHINE_CODES].max_age

    def land(snapshot: OperationSnapshot, at: Moment) -> OperationSnapshot:
        listing = Listing(at, (reader.row(campaign_id),), valid_until=next_midnight.timestamp())
        return landing.coded(snapshot, campaign_id, listing, now=at, max_age=max_age)

    call = campaign_8(campaign_id, midnight, datetime.fromtimestamp(now.wall, operation.timezone))
    return Job(replace(call, decode=decode_rows), reader, land)


def dialling_campaigns(operation: Operation, snapshot: OperationSnapshot, now: Moment) -> tuple[str, ...]:
    """Return the ids of the campaigns that a fresh `campaigns` shows with dialled records."""
    listing = snapshot.listings.get(Api.CAMPAIGNS)
    if listing is None or not listing.fresh(now, operation.apis[Api.CAMPAIGNS].max_age):
        return ()
    ids = (row.campaign_id for row in listing.rows if row.campaign_id and _has_dialled(row.values[_DIALED]))
    return tuple(dict.fromkeys(ids))


def _has_dialled(dialled: object) -> bool:
    return isinstance(dialled, float) and dialled > 0
