"""The simulated APIs: one entry for each, with the function that answers it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from exporter.simulator import answers
from exporter.simulator.access import Access
from exporter.simulator.answers import Answer, found
from exporter.simulator.queues import agents_at, skills_at
from exporter.simulator.settings import OperationStyle
from exporter.simulator.shapes import (
    agent_row,
    attempt_rows,
    audit_row,
    campaign_row,
    campaign_settings_row,
    found_row,
    machine_code_rows,
    services_row,
    skill_row,
    token_info_row,
)
from exporter.simulator.trail import trail
from exporter.simulator.world import Operation

_MAX_ROWS = 60_000
_LONGEST_RANGE = timedelta(days=31)
_STAMP = "%Y%m%d%H%M%S"
_STAMP_LENGTH = 14


@dataclass(frozen=True, slots=True)
class Question:
    """A call that is answered: what is asked of which operation, by which token, at `now` (Unix seconds)."""

    operation: Operation
    access: Access
    params: Mapping[str, str]
    token: str
    now: float

    @property
    def style(self) -> OperationStyle:
        """The habits of the operation."""
        return self.operation.facts.style

    @property
    def campaigns(self) -> list[str] | None:
        """The ids of the campaigns that it is about, None for all."""
        return None if self.params["campaign_id"] == "all" else [self.params["campaign_id"]]

    @property
    def span(self) -> tuple[float, float]:
        """First and last instant (Unix seconds). Raises ValueError for a range that wolkvox refuses.

        The vendor writes them in local time as YYYYmmddHHiiss (ii = minutes).
        """
        texts = self.params["date_ini"], self.params["date_end"]
        if any(len(text) != _STAMP_LENGTH for text in texts):
            raise ValueError(texts)
        zone = self.operation.zone
        first, last = (datetime.strptime(text, _STAMP).replace(tzinfo=zone) for text in texts)
        if not first <= last <= first + _LONGEST_RANGE:
            raise ValueError(texts)
        # `date_end` is inclusive: the whole second counts.
        return first.timestamp(), last.timestamp() + 1


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One API of the vendor.

    name: as the exporter calls it. file, vendor_name: of the call; the second is its parameter `api`. needs:
    the parameters without which it is refused, one of each group.
    """

    name: str
    file: str
    vendor_name: str
    answer: Callable[[Question], Answer]
    needs: tuple[tuple[str, ...], ...] = ()
    method: str = "GET"

    def wrong_with(self, question: Question) -> str:
        """Return what the vendor says of a question that makes no sense, else ""."""
        if not all(any(question.params.get(name) for name in names) for names in self.needs):
            return answers.PARAMETERS_MISSING
        if _RANGE[0] in self.needs:
            try:
                _ = question.span
            except ValueError:
                return answers.BAD_RANGE
        return ""


def _campaigns(asked: Question) -> Answer:
    rows = [campaign_row(figures) for figures in asked.operation.figures(asked.now)]
    return found(rows, asked.style, bare=not asked.style.envelope)


def _campaign_settings(asked: Question) -> Answer:
    operation, style = asked.operation, asked.style
    rows = [
        campaign_settings_row(figures, style, operation.last_use(figures.last_dial))
        for figures in operation.figures(asked.now)
    ]
    return found(rows, style)


def _token_info(asked: Question) -> Answer:
    usage = asked.access.usage(asked.operation.facts, asked.now)
    return found([token_info_row(asked.operation.facts.name, asked.token, usage)], asked.style)


def _services(asked: Question) -> Answer:
    return found([services_row(asked.operation)], asked.style, lone=asked.style.lone_row)


def _skills(asked: Question) -> Answer:
    wanted = asked.params["skill_id"]
    skills = skills_at(asked.operation, asked.now)
    return found([skill_row(one) for one in skills if wanted in {"all", one.skill_id}], asked.style)


def _agents(asked: Question) -> Answer:
    rows = [agent_row(one) for one in agents_at(asked.operation, asked.now)]
    return found(rows, asked.style, bare=not asked.style.envelope)


def _campaign_results(asked: Question) -> Answer:
    attempts = asked.operation.attempts(asked.campaigns, asked.span, asked.now)
    return found(attempt_rows(attempts, asked.style), asked.style)


def _audit_log(asked: Question) -> Answer:
    lines = trail(asked.operation, asked.span, asked.now)
    order = -1 if asked.style.newest_first else 1
    return found([audit_row(line) for line in lines[::order]], asked.style)


def _machine_codes(asked: Question) -> Answer:
    """Return report campaign_8; a wrong campaign and one without calls are both "no data"."""
    style = asked.style
    most = _MAX_ROWS - style.total_row
    codes = asked.operation.machine_codes(asked.campaigns, asked.span, asked.now, most)
    if not codes:
        return answers.nothing()
    rows = machine_code_rows(codes, total=style.total_row)
    return Answer(HTTPStatus.OK, rows=rows, found=len(codes), style=style)


def _find_record(asked: Question) -> Answer:
    phone, customer_id = (asked.params.get(name, "") for name in ("customer_phone", "customer_id"))
    records = asked.operation.records(asked.campaigns, phone, customer_id, asked.now)
    return found([found_row(record) for record in records], asked.style)


def _codify(asked: Question) -> Answer:
    """Code a customer, as page "Codificar registro desde aplicación externa" has it."""
    params, style = asked.params, asked.style
    customer_id, disposition = params["customer_id"], params["cod_act"]
    campaign, kind = params["campaign_id"], params["type_campaign"]
    if asked.operation.code(campaign, kind, customer_id, disposition, asked.now):
        said = f"customer_id {customer_id} has been coded"
        return Answer(HTTPStatus.ACCEPTED, said, done=True, style=style)
    # The vendor's wording is not known.
    return Answer(HTTPStatus.NOT_FOUND, f"customer_id {customer_id} was not found", style=style)


_CAMPAIGN = ("campaign_id",)
_RANGE = (("date_ini",), ("date_end",))
_CODED = (("type_campaign",), _CAMPAIGN, ("cod_act",), ("customer_id",))
_FOUND_BY = ("customer_phone", "customer_id")

ENDPOINTS = (
    Endpoint("campaigns", "real_time.php", "campaigns", _campaigns),
    Endpoint("campaign_settings", "information.php", "campaigns", _campaign_settings),
    Endpoint("token_info", "information.php", "token_info", _token_info),
    Endpoint("services", "information.php", "services", _services),
    Endpoint("skills", "real_time.php", "skills", _skills, (("skill_id",),)),
    Endpoint("agents", "real_time.php", "agents", _agents),
    Endpoint(
        "campaign_results", "reports_manager.php", "campaign_4", _campaign_results, (_CAMPAIGN, *_RANGE)
    ),
    Endpoint("machine_codes", "reports_manager.php", "campaign_8", _machine_codes, (_CAMPAIGN, *_RANGE)),
    Endpoint("audit_log", "information.php", "audit_log", _audit_log, _RANGE),
    Endpoint("find_record", "campaign.php", "find_record", _find_record, (_CAMPAIGN, _FOUND_BY)),
    Endpoint("codify", "campaign.php", "codify", _codify, _CODED, "PUT"),
)
"""All simulated APIs."""

BY_CALL: Mapping[tuple[str, str], Endpoint] = {(one.file, one.vendor_name): one for one in ENDPOINTS}
"""File and parameter `api` of a call -> what answers it."""
