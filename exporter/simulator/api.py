"""The API itself: a call in, the vendor's answer out. No sockets and no clock: both belong to the caller."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from exporter.simulator import answers
from exporter.simulator.access import AT_ONCE, Access, Gone, Usage
from exporter.simulator.answers import Answer
from exporter.simulator.faults import ActiveFault
from exporter.simulator.settings import OperationStyle
from exporter.simulator.shapes import (
    Row,
    campaign_row,
    campaign_settings_row,
    found_row,
    machine_code_rows,
    token_info_row,
)
from exporter.simulator.wire import Request
from exporter.simulator.world import Operation

APIS = {
    ("real_time.php", "campaigns"): "campaigns",
    ("information.php", "campaigns"): "campaign_settings",
    ("information.php", "token_info"): "token_info",
    ("reports_manager.php", "campaign_8"): "machine_codes",
    ("campaign.php", "find_record"): "find_record",
    ("campaign.php", "codify"): "codify",
}
"""File and parameter `api` of a call -> the name of the API."""

METHODS = {"codify": "PUT"}
"""The APIs that are not called with GET."""

_NEEDED = {
    "machine_codes": (("campaign_id",), ("date_ini",), ("date_end",)),
    "find_record": (("campaign_id",), ("customer_phone", "customer_id")),
    "codify": (("type_campaign",), ("campaign_id",), ("cod_act",), ("customer_id",)),
}
"""API -> the parameters that it needs; one of each group."""

_MAX_ROWS = 60_000
_LONGEST_RANGE = timedelta(days=31)
_STAMP = "%Y%m%d%H%M%S"
_STAMP_LENGTH = 14


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """One call of the API, as it came.

    token: None without one. operation: the one that the token opens, None for none. api: None for one that
    does not exist. params: the query, `api` included, and the texts in the JSON of a PUT. in_flight: calls of
    the token in flight, this one included. gone: whether the caller has hung up. met: the fault of the call.
    """

    request: Request
    token: str | None
    operation: Operation | None
    api: str | None
    params: Mapping[str, str]
    in_flight: int
    gone: Gone
    met: ActiveFault | None

    @property
    def style(self) -> OperationStyle:
        """The habits of the operation."""
        return self.operation.facts.style if self.operation else OperationStyle()


def answer_to(call: Call, access: Access, now: float) -> Answer:
    """Return the answer to a call at `now` (Unix seconds); unless it is a refusal, the call is counted."""
    operation = call.operation
    if call.token is None or operation is None:
        status, words = (403, answers.BAD_TOKEN) if call.token else (401, answers.NO_TOKEN)
    elif call.in_flight > AT_ONCE:
        status, words = 403, answers.TOO_MANY_AT_ONCE
    elif wrong := _wrong_with(call.api, call.params, operation):
        status, words = 400, wrong
    elif not access.spend(operation.facts, call.token, now):
        status, words = 403, answers.QUOTA_USED_UP
    else:
        return _answer(call, operation, access.usage(operation.facts, now), now)
    return Answer(status, words, style=call.style)


def _answer(call: Call, operation: Operation, usage: Usage, now: float) -> Answer:
    style = operation.facts.style
    match call.api:
        case "campaigns":
            rows = [campaign_row(figures) for figures in operation.figures(now)]
        case "campaign_settings":
            rows = [
                campaign_settings_row(figures, style, operation.real_at(figures.last_dial))
                for figures in operation.figures(now)
            ]
        case "token_info":
            rows = [token_info_row(operation.facts.name, call.token or "", usage)]
        case "find_record":
            rows = _find_record(operation, call.params, now)
        case "codify":
            return _codify(operation, call.params, now)
        case _:
            return _machine_codes(operation, call.params, now)
    return answers.found(rows, style, bare=call.api == "campaigns" and not style.envelope)


def _wrong_with(api: str | None, params: Mapping[str, str], operation: Operation) -> str:
    """Return what the vendor says of a call that asks for nothing that exists, else ""."""
    if not params.get("api"):
        return answers.PARAMETERS_MISSING
    if api is None:
        return answers.UNKNOWN_API
    if not all(any(params.get(name) for name in names) for names in _NEEDED.get(api, ())):
        return answers.PARAMETERS_MISSING
    if api == "machine_codes":
        try:
            first, last = _range(params, operation)
        except ValueError:
            return answers.BAD_RANGE
        if not first <= last <= first + _LONGEST_RANGE:
            return answers.BAD_RANGE
    return ""


def _find_record(operation: Operation, params: Mapping[str, str], now: float) -> list[Row]:
    phone, customer_id = params.get("customer_phone", ""), params.get("customer_id", "")
    return [found_row(record) for record in operation.records(_chosen(params), phone, customer_id, now)]


def _codify(operation: Operation, params: Mapping[str, str], now: float) -> Answer:
    """Code a customer, as page "Codificar registro desde aplicación externa" has it."""
    customer_id, style = params["customer_id"], operation.facts.style
    campaign, kind, disposition = params["campaign_id"], params["type_campaign"], params["cod_act"]
    if operation.code(campaign, kind, customer_id, disposition, now):
        said = f"customer_id {customer_id} has been coded"
        return Answer(HTTPStatus.ACCEPTED, said, done=True, style=style)
    # The vendor's wording is not known.
    return Answer(HTTPStatus.NOT_FOUND, f"customer_id {customer_id} was not found", style=style)


def _machine_codes(operation: Operation, params: Mapping[str, str], now: float) -> Answer:
    """Return report campaign_8; a wrong campaign and one without calls are both "no data"."""
    style = operation.facts.style
    first, last = _range(params, operation)
    # `date_end` is inclusive: the whole second counts.
    span = first.timestamp(), last.timestamp() + 1
    codes = operation.machine_codes(_chosen(params), span, now, _MAX_ROWS - style.total_row)
    if not codes:
        return answers.nothing()
    rows = machine_code_rows(codes, total=style.total_row)
    return Answer(HTTPStatus.OK, rows=rows, found=len(codes), style=style)


def _chosen(params: Mapping[str, str]) -> list[str] | None:
    """Return the ids of the campaigns that a call is about, None for all."""
    return None if params["campaign_id"] == "all" else [params["campaign_id"]]


def _range(params: Mapping[str, str], operation: Operation) -> tuple[datetime, datetime]:
    """Return first and last second, in local time as YYYYmmddHHiiss (ii = minutes). Raises ValueError."""
    texts = params["date_ini"], params["date_end"]
    if any(len(text) != _STAMP_LENGTH for text in texts):
        raise ValueError(texts)
    first, last = (datetime.strptime(text, _STAMP).replace(tzinfo=operation.zone) for text in texts)
    return first, last
