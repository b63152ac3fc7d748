"""Answers of wolkvox as they are kept, and what the doctor says of them."""

import json
from collections.abc import Sequence

from exporter.capture import Exchange
from exporter.config import Operation
from exporter.doctor import Check, Circumstances, Grade, Observation, examine
from support.fakes import MORNING, campaign_settings_row, campaigns_row, make_operation

AT = MORNING


def kept(
    api: str, body: object, *, status: int = 200, campaign_id: str = "", date: float | None = AT
) -> Exchange:
    """Return an answer with a body: JSON, or bytes as they are."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Exchange("ventas", api, campaign_id, AT, 0.6, status, date, "TLSv1.3", data)


TOKEN_INFO = [
    {
        "description": "BI",
        "token_limit": "25000",
        "token_use_today": "3",
        "all_token_today": "100",
        "available_consumption_options": "24900",
    }
]

GOOD = {
    "token_info": TOKEN_INFO,
    "campaigns": [campaigns_row()],
    "campaign_settings": {
        "code": "200",
        "error": None,
        "msg": "1 records were found",
        "data": [campaign_settings_row(last_use="2026-08-12 09:58:00")],
    },
}
"""What three APIs answer when nothing is wrong."""

FINE = Circumstances(
    addresses=1, state_problem="", own_count="3", used="103", limit="25,000", budget="12,500"
)


def checks(
    exchanges: Sequence[Exchange] | None = None,
    *,
    operation: Operation | None = None,
    facts: Circumstances = FINE,
) -> Sequence[Check]:
    """Return what the doctor says of answers; of the good ones unless given."""
    given = [kept(api, body) for api, body in GOOD.items()] if exchanges is None else exchanges
    return examine(Observation(operation or make_operation(), "operations[0]", facts, given)).checks


def said(found: Sequence[Check], subject: str) -> list[str]:
    """Return what was said of a subject: grade and text."""
    return [f"{check.grade}: {check.text}" for check in found if check.subject == subject]


def worse(found: Sequence[Check]) -> list[str]:
    """Return what is not good: subject, grade and text."""
    return [f"{one.subject} {one.grade}: {one.text}" for one in found if one.grade is not Grade.GOOD]
