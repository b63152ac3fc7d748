"""From unreachable telephones and the records that have them to the customers to code, with reasons. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from exporter.apis.telephones import CODES, Telephone
from exporter.operators.telephone_filter import known_counts
from exporter.operators.translation import translated
from exporter.wolkvox import FoundRecord

COLUMNS = ("telephone", "customer_id", *CODES, "action", "reason")

_NO_RECORD = "no record of this campaign has this telephone"
_NO_CUSTOMER_ID = "the record has no customer id"
_ALREADY_CODED = "already coded"
_NONE_UNREACHABLE = "no telephone of the record is known to be unreachable"
_ALL_UNREACHABLE = "every telephone of the record is unreachable"
_ALSO_GIVES_UP = "this telephone is unreachable; also gives up {telephones}"
_NOT_UNREACHABLE = "not known to be unreachable: {telephones}"
_OTHER_RECORD_KEPT = "another record of this customer is kept"
REASONS = (
    *(_NO_RECORD, _NO_CUSTOMER_ID, _ALREADY_CODED, _NONE_UNREACHABLE, _ALL_UNREACHABLE),
    *(_ALSO_GIVES_UP, _NOT_UNREACHABLE, _OTHER_RECORD_KEPT),
)
"""Why a customer is coded or not, in all cases; `telephones` are fields of the record."""


class Action(StrEnum):
    """What to do about a telephone's customer."""

    CODE = "code"
    KEEP = "keep"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One telephone and one customer who has it; the customer is "" if there is none.

    `reason` may have a blank for the `others`: the fields of the record's telephones that count against it.
    """

    telephone: Telephone
    customer_id: str = field(repr=False)
    action: Action
    reason: str
    others: Sequence[str] = ()

    def cells(self, *, for_people: bool) -> Mapping[str, str | int | None]:
        """Return the row by column; for people in the language of the command, else always the same."""
        if for_people:
            action = translated(self.action.value)
            reason = translated(self.reason, telephones=translated(" and ").join(self.others))
        else:
            action = self.action.value
            reason = self.reason.format(telephones=" and ".join(self.others))
        return {
            "telephone": self.telephone.number,
            "customer_id": self.customer_id,
            **{code: count for code, count in known_counts(self.telephone).items() if code in CODES},
            "action": action,
            "reason": reason,
        }


def make_plan(
    campaign_id: str,
    unreachable: Sequence[Telephone],
    records: Mapping[str, Iterable[FoundRecord]],
    cod_act: str,
    *,
    any_telephone: bool = False,
) -> list[PlanRow]:
    """Return what to do about each unreachable telephone that was looked up, one row for each of its records.

    `records` are the records by telephone. A disposition ends all calls to a customer, so a customer is coded
    only if every telephone of the record is unreachable; with `any_telephone` if one is. A customer whose
    record shows none of them is kept.
    """
    numbers = frozenset(telephone.number for telephone in unreachable)
    rows = []
    for telephone in unreachable:
        if telephone.number not in records:
            continue
        found = [r for r in records[telephone.number] if r.campaign_id in {"", campaign_id}]
        if not found:
            rows.append(PlanRow(telephone, "", Action.NONE, _NO_RECORD))
        for record in found:
            action, reason, others = _judged(record, numbers, cod_act, any_telephone=any_telephone)
            rows.append(PlanRow(telephone, record.customer_id, action, reason, others))
    return rows if any_telephone else _without_kept(rows)


def _without_kept(rows: Sequence[PlanRow]) -> list[PlanRow]:
    """Return the rows with every customer kept who has a record to keep: a disposition is for all records."""
    kept = {row.customer_id for row in rows if row.action is Action.KEEP}
    return [
        replace(row, action=Action.KEEP, reason=_OTHER_RECORD_KEPT, others=())
        if row.action is Action.CODE and row.customer_id in kept
        else row
        for row in rows
    ]


def _judged(
    record: FoundRecord, unreachable: frozenset[str], cod_act: str, *, any_telephone: bool
) -> tuple[Action, str, Sequence[str]]:
    """Return what to do, why, and the fields of the record's telephones that are not unreachable."""
    if not record.customer_id:
        return Action.NONE, _NO_CUSTOMER_ID, ()
    if cod_act and record.result.casefold() == cod_act.casefold():
        return Action.NONE, _ALREADY_CODED, ()
    others = [f"tel{slot}" for slot, number in record.telephones.items() if number not in unreachable]
    if len(others) == len(record.telephones):
        # The record has no telephones, or wolkvox matches them in another way than we do.
        return Action.KEEP, _NONE_UNREACHABLE, ()
    if not others:
        return Action.CODE, _ALL_UNREACHABLE, ()
    if any_telephone:
        return Action.CODE, _ALSO_GIVES_UP, others
    return Action.KEEP, _NOT_UNREACHABLE, others


def customers(rows: Iterable[PlanRow]) -> list[str]:
    """Return the customers to be coded, each once, in the order of the plan."""
    return list(dict.fromkeys(row.customer_id for row in rows if row.action is Action.CODE))
