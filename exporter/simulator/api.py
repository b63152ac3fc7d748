"""The API itself: a request in, the vendor's answer out. No sockets, no clock: both belong to the caller."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from exporter.simulator import answers
from exporter.simulator.access import AT_ONCE, Access, Presence
from exporter.simulator.answers import Answer
from exporter.simulator.shapes import (
    found_row,
    information_row,
    machine_code_rows,
    real_time_row,
    token_info_row,
)
from exporter.simulator.world import Operation

APIS = {
    ("real_time.php", "campaigns"): "campaigns",
    ("information.php", "campaigns"): "campaign_settings",
    ("information.php", "token_info"): "token_info",
    ("reports_manager.php", "campaign_8"): "machine_codes",
    ("campaign.php", "find_record"): "find_record",
    ("campaign.php", "codify"): "codify",
}
"""(file, api) -> the name of the api."""

METHODS = {"codify": "PUT"}
"""The apis that are not asked with GET."""

_NEEDED = {
    "machine_codes": (("campaign_id",), ("date_ini",), ("date_end",)),
    "find_record": (("campaign_id",), ("customer_phone", "customer_id")),
    "codify": (("type_campaign",), ("campaign_id",), ("cod_act",), ("customer_id",)),
}
"""api -> the parameters that it needs; one of each group."""

MAX_ROWS = 60_000
MOST_DAYS = 31
_STAMP = "%Y%m%d%H%M%S"
_STAMP_LENGTH = 14


@dataclass(frozen=True, slots=True)
class Call:
    """One call by a known token. real: Unix seconds. params: the query, `api` included, and a PUT's JSON."""

    operation: Operation
    token: str
    api: str | None
    params: Mapping[str, str]
    real: float


def admit(access: Access, presence: Presence, call: Call) -> Answer | None:
    """Return the refusal that a call meets before it is answered, and count it when there is none."""
    style = call.operation.facts.style
    if presence.in_flight > AT_ONCE:
        return answers.too_many_at_once(style)
    usage = access.usage(call.operation.facts, call.real)
    if usage.total >= usage.limit:
        return answers.quota_used_up(style)
    if refusal := _unfit(call):
        return refusal
    if not access.spend(call.operation.facts, call.token, call.real):
        return answers.quota_used_up(style)
    return None


def respond(access: Access, call: Call) -> Answer:
    """Answer an admitted call."""
    facts = call.operation.facts
    match call.api:
        case "campaigns":
            rows = [real_time_row(figures) for figures in call.operation.figures(call.real)]
            return answers.found(rows, facts.style, bare=not facts.style.envelope)
        case "campaign_settings":
            return answers.found(
                [
                    information_row(
                        figures,
                        facts.style,
                        None if figures.last_dial is None else call.operation.real_at(figures.last_dial),
                    )
                    for figures in call.operation.figures(call.real)
                ],
                facts.style,
            )
        case "token_info":
            usage = access.usage(facts, call.real)
            return answers.found([token_info_row(facts.name, call.token, usage)], facts.style)
        case "find_record":
            return _find_record(call)
        case "codify":
            return _codify(call)
        case _:
            return _machine_codes(call)


def _unfit(call: Call) -> Answer | None:
    """Return the refusal of a call that asks for nothing that exists."""
    style = call.operation.facts.style
    if not call.params.get("api"):
        return answers.parameters_missing(style)
    if call.api is None:
        return answers.unknown_api(style)
    if not all(any(call.params.get(name) for name in names) for names in _NEEDED.get(call.api, ())):
        return answers.parameters_missing(style)
    if call.api != "machine_codes":
        return None
    try:
        first, last = _span(call)
    except ValueError:
        return answers.bad_range(style)
    return answers.bad_range(style) if last < first or last - first > timedelta(days=MOST_DAYS) else None


def _find_record(call: Call) -> Answer:
    style, wanted = call.operation.facts.style, call.params["campaign_id"]
    records = call.operation.records(
        None if wanted == "all" else [wanted],
        call.params.get("customer_phone", ""),
        call.params.get("customer_id", ""),
        call.real,
    )
    return answers.found([found_row(record) for record in records], style)


def _codify(call: Call) -> Answer:
    style, params = call.operation.facts.style, call.params
    customer_id = params["customer_id"]
    kind, disposition = params["type_campaign"], params["cod_act"]
    if call.operation.code(params["campaign_id"], kind, customer_id, disposition, call.real):
        return answers.coded(customer_id, style)
    return answers.no_such_customer(customer_id, style)


def _machine_codes(call: Call) -> Answer:
    """Answer report campaign_8; a wrong campaign and one without calls are both "no data"."""
    style = call.operation.facts.style
    first, last = _span(call)
    wanted = call.params["campaign_id"]
    codes = call.operation.machine_codes(
        None if wanted == "all" else [wanted],
        # `date_end` is inclusive: the whole second counts.
        (first.timestamp(), last.timestamp() + 1),
        call.real,
        MAX_ROWS - style.total_row,
    )
    if not codes:
        return answers.nothing(style)
    rows = machine_code_rows(codes, total=style.total_row)
    return Answer(200, rows=rows, found=len(codes), style=style)


def _span(call: Call) -> tuple[datetime, datetime]:
    """Read YYYYmmddHHiiss (ii = minutes) as local times of the operation. Raises ValueError."""
    return _local(call, "date_ini"), _local(call, "date_end")


def _local(call: Call, name: str) -> datetime:
    text = call.params[name]
    if len(text) != _STAMP_LENGTH:
        raise ValueError(text)
    return datetime.strptime(text, _STAMP).replace(tzinfo=call.operation.zone)
