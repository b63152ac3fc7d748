"""From dead telephones and the records that have them to who is to be coded, with the reason. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from exporter.apis.telephones import CODES, Telephone
from exporter.operators.choice import counts
from exporter.wolkvox import FoundRecord

COLUMNS = ("telephone", "customer_id", *CODES, "action", "reason")


class Action(StrEnum):
    """What is to be done about a telephone's customer."""

    CODE = "code"
    KEEP = "keep"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One telephone and one customer who has it; "" where there is none."""

    telephone: Telephone
    customer_id: str = field(repr=False)
    action: Action
    reason: str

    def cells(self) -> Mapping[str, str | int | None]:
        """Return the row by column."""
        return {
            "telephone": self.telephone.number,
            "customer_id": self.customer_id,
            **{code: count for code, count in counts(self.telephone).items() if code in CODES},
            "action": self.action.value,
            "reason": self.reason,
        }


def make_plan(
    campaign_id: str,
    dead: Sequence[Telephone],
    records: Mapping[str, Iterable[FoundRecord]],
    cod_act: str,
    *,
    any_telephone: bool = False,
) -> list[PlanRow]:
    """Return what to do about each dead telephone that was looked up; `records` are those that have it.

    A disposition ends all calls to the customer, so one is coded only when every telephone that the record
    shows is dead; with `any_telephone` when one is. A record that shows none is kept.
    """
    numbers = frozenset(telephone.number for telephone in dead)
    rows = []
    for telephone in dead:
        if telephone.number not in records:
            continue
        own = [r for r in records[telephone.number] if r.campaign_id in {"", campaign_id}]
        if not own:
            rows.append(PlanRow(telephone, "", Action.NONE, "no record of this campaign has it"))
        for record in own:
            action, reason = _judged(record, numbers, cod_act, any_telephone=any_telephone)
            rows.append(PlanRow(telephone, record.customer_id, action, reason))
    return rows if any_telephone else _without_kept(rows)


def _without_kept(rows: Sequence[PlanRow]) -> list[PlanRow]:
    """Keep a customer, who is coded as a whole, for the sake of each record that is kept."""
    kept = {row.customer_id for row in rows if row.action is Action.KEEP}
    return [
        replace(row, action=Action.KEEP, reason="another record of the customer is kept")
        if row.action is Action.CODE and row.customer_id in kept
        else row
        for row in rows
    ]


def _judged(
    record: FoundRecord, dead: frozenset[str], cod_act: str, *, any_telephone: bool
) -> tuple[Action, str]:
    if not record.customer_id:
        return Action.NONE, "the record has no customer id"
    if cod_act and record.result.casefold() == cod_act.casefold():
        return Action.NONE, "coded already"
    alive = [f"tel{slot}" for slot, number in record.telephones.items() if number not in dead]
    if len(alive) == len(record.telephones):
        # It shows none at all, or wolkvox takes something else for a match than we do.
        return Action.KEEP, "no telephone of the record is known to be dead"
    if not alive:
        return Action.CODE, "every telephone of the record gives congestion or failed only"
    names = " and ".join(alive)
    if any_telephone:
        return Action.CODE, f"gives congestion or failed only; given up: {names}"
    return Action.KEEP, f"not known to be dead: {names}"


def customers(rows: Iterable[PlanRow]) -> list[str]:
    """Return the customers to be coded, each once, in the order of the plan."""
    return list(dict.fromkeys(row.customer_id for row in rows if row.action is Action.CODE))
