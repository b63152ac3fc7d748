"""The vendor's campaign API: finding a customer's record, and setting its disposition ("codify").

Vendor's pages "Search Campaign Registration" and "Codificar registro desde aplicación externa".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from exporter import parsing
from exporter.evidence import PAGE, Evidence, Statement
from exporter.parsing import Absent
from exporter.wolkvox.call import Call
from exporter.wolkvox.errors import Cause, RequestFailed
from exporter.wolkvox.refusals import Effect, judge_change, words

ALL_CAMPAIGNS: Final = "all"

STATEMENTS: Final = (
    Statement(
        'find_record takes "all" for every campaign, and an empty text for what is not searched by.',
        Evidence.ASSUMED,
        f'{PAGE} of campaign_8 has "all", and that of find_record only says "or in all campaigns"',
    ),
    Statement(
        "codify answers with code 202 when it has set the disposition.",
        Evidence.DOCUMENTED,
        f"{PAGE} of codify",
    ),
    Statement(
        "codify has also succeeded where error is blank and the code, or without one the HTTP status, is "
        "another one from 200 to 299.",
        Evidence.ASSUMED,
        "codes of success differ from page to page",
    ),
)

_PATH = "campaign.php"
_NUMBERED = re.compile(r"(tel|opt)([0-9]{1,2})")


def find_record(campaign_id: str, *, phone: str = "", customer: str = "") -> Call:
    """Return the call that finds records by telephone or customer id, in one campaign or in "all".

    The page names both parameters in its address, so the one that is not used is sent empty. That "all" is
    understood here too is an inference from the page of campaign_8; the page itself only says "or in all
    campaigns".
    """
    query = {
        "api": "find_record",
        "campaign_id": campaign_id,
        "customer_phone": phone,
        "customer_id": customer,
    }
    return Call(_PATH, query, personal=(phone, customer))


@dataclass(frozen=True, slots=True)
class FoundRecord:
    """One row of find_record; a text that is missing is "". About a person, hence nothing of it in the repr.

    `telephones` and `options` are the fields tel1, tel2, ... and opt1, opt2, ... by their number.
    """

    customer_id: str = field(repr=False)
    customer_name: str = field(repr=False)
    customer_last_name: str = field(repr=False)
    telephones: Mapping[int, str] = field(repr=False)
    options: Mapping[int, str] = field(repr=False)
    date: str = field(repr=False)
    calls: str = field(repr=False)
    conn_id: str = field(repr=False)
    result: str = field(repr=False)
    campaign_id: str

    @classmethod
    def read(cls, row: object) -> "FoundRecord | None":
        """Return the record of a row as JSON gave it; None when it names neither customer nor telephone."""
        if not isinstance(row, Mapping):
            return None
        numbered: dict[str, dict[int, str]] = {"tel": {}, "opt": {}}
        for name in row:
            if (match := _NUMBERED.fullmatch(str(name))) and (text := _text(row, name)):
                numbered[match[1]][int(match[2])] = text
        record = cls(
            customer_id=_text(row, "customer_id"),
            customer_name=_text(row, "customer_name"),
            customer_last_name=_text(row, "customer_last_name"),
            telephones=dict(sorted(numbered["tel"].items())),
            options=dict(sorted(numbered["opt"].items())),
            date=_text(row, "date"),
            calls=_text(row, "calls"),
            conn_id=_text(row, "conn_id"),
            result=_text(row, "result"),
            campaign_id=_text(row, "campaign_id"),
        )
        return record if record.customer_id or record.telephones else None


def _text(row: Mapping[object, object], name: str) -> str:
    text = parsing.text(row.get(name))
    return "" if isinstance(text, Absent) else text


@dataclass(frozen=True, slots=True)
class Disposition:
    """One customer's disposition as it is to be set; the customer shows in no repr."""

    campaign_id: str
    campaign_type: str
    customer_id: str = field(repr=False)
    cod_act: str
    cod_act_2: str = ""
    comment: str = field(default="", repr=False)

    @property
    def call(self) -> Call:
        """Where it is sent to."""
        query = {"api": "codify", "type_campaign": self.campaign_type, "campaign_id": self.campaign_id}
        return Call(_PATH, query)

    @property
    def body(self) -> Mapping[str, str]:
        """What is sent, as the vendor's page has it."""
        return {
            "cod_act": self.cod_act,
            "cod_act_2": self.cod_act_2,
            "comment": self.comment,
            "customer_id": self.customer_id,
        }


class DispositionOutcome(StrEnum):
    """What became of a disposition that was to be set."""

    CODED = "coded"
    """wolkvox says that the customer is coded."""
    REFUSED = "refused"
    """wolkvox says that it did not do it."""
    UNKNOWN = "unknown"
    """It was sent, and no answer was seen that tells: the customer may be coded or not."""
    NOT_SENT = "not_sent"
    """Nothing of it left this machine."""


@dataclass(frozen=True, slots=True)
class DispositionResult:
    """What became of a disposition, and why; `words` are wolkvox's, else ours, without the customer.

    `cause` is None when wolkvox decided about this customer. Else it says why there is no such answer, for
    example a refusal that any customer would have met (auth, quota, ...).
    """

    outcome: DispositionOutcome
    words: str = ""
    cause: Cause | None = None
    hint: str = ""


def judge_disposition(
    http_status: int, envelope: object, disposition: Disposition, token: str
) -> DispositionResult:
    """Return what an answer says about a disposition."""
    effect, cause = judge_change(http_status, envelope)
    said = words(envelope, (token, disposition.customer_id))
    if effect is Effect.DONE:
        return DispositionResult(DispositionOutcome.CODED, said)
    said = f"HTTP {http_status}: {said}" if said else f"HTTP {http_status}"
    return DispositionResult(
        DispositionOutcome.REFUSED if effect is Effect.REFUSED else DispositionOutcome.UNKNOWN, said, cause
    )


def result_of_failure(failure: RequestFailed) -> DispositionResult:
    """Return the result of a call without an answer: only a request that never left is certain."""
    outcome = DispositionOutcome.UNKNOWN if failure.sent else DispositionOutcome.NOT_SENT
    return DispositionResult(outcome, failure.detail, failure.cause, failure.hint)
