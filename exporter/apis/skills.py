"""The queues of the skills at present (vendor's API real_time, "skills")."""

from collections.abc import Mapping
from functools import partial

from exporter import parsing
from exporter.apis.model import Api
from exporter.apis.rows import TableReader, is_total, label
from exporter.evidence import CLIENTS, COLLECTION, Content, Evidence, fields_alike
from exporter.families import Family, Scope, column, columns_of
from exporter.snapshot.model import Listing

NAME = "skills"

_column = partial(column, NAME)

QUEUED = _column("calls_in_queue_now", parsing.count, example=("2", 2.0))

FAMILIES = (
    Family(
        "wolkvox_skill_queued_calls",
        "Calls that wait for an agent of the skill now.",
        Scope.SKILL,
        columns=(QUEUED,),
    ),
    Family(
        "wolkvox_skill_inbound_calls",
        "Calls that came to the skill; wolkvox does not say since when.",
        Scope.SKILL,
        columns=(_column("stat_inbound", parsing.count, example=("120", 120.0)),),
    ),
    Family(
        "wolkvox_skill_answered_calls",
        "Calls of these that an agent answered.",
        Scope.SKILL,
        columns=(_column("stat_answer", parsing.count, example=("110", 110.0)),),
    ),
    Family(
        "wolkvox_skill_abandoned_calls",
        "Calls of these that were abandoned before an agent answered.",
        Scope.SKILL,
        columns=(_column("stat_abandon", parsing.count, example=("10", 10.0)),),
    ),
    Family(
        "wolkvox_skill_abandoned_ratio",
        "Share of the skill's calls that were abandoned, as wolkvox figures it.",
        Scope.SKILL,
        unit="ratio",
        columns=(_column("by_abandon", parsing.percent, example=("8.33 %", 0.0833)),),
    ),
    Family(
        "wolkvox_skill_service_level_ratio",
        "Share of the skill's calls that were answered within so many seconds, as wolkvox figures it.",
        Scope.SKILL,
        labels=("within",),
        unit="ratio",
        columns=(
            _column("service_level_10seg", parsing.percent, "10s", example=("70.00 %", 0.7)),
            _column("service_level_20seg", parsing.percent, "20s", example=("86.49 %", 0.8649)),
            _column("service_level_30seg", parsing.percent, "30s", example=("90.00 %", 0.9)),
        ),
    ),
)

COLUMNS = columns_of(FAMILIES)


def _identify(row: Mapping[str, object]) -> tuple[str, str] | None:
    skill_id, name = label(row.get("skill_id")), label(row.get("skill_name"))
    known_as = skill_id or name
    # A row with the sum of all skills would count every call twice.
    return (skill_id, name) if known_as and not is_total(known_as) else None


def queued_calls(listing: Listing | None) -> float | None:
    """Return how many calls wait by an answer, all skills together; None where one of them is not known."""
    rows = () if listing is None else listing.rows
    queued = [figure for row in rows if isinstance(figure := API.value(row, QUEUED.field), float)]
    return sum(queued) if rows and len(queued) == len(rows) else None


API = Api(
    NAME,
    path="real_time.php",
    vendor_name="skills",
    title={"en": "Skills", "es": "Skills"},
    description="The queue and the service level of each skill.",
    enabled=False,
    interval=300.0,
    columns=COLUMNS,
    families=FAMILIES,
    about=Scope.SKILL,
    query=lambda _context: {"skill_id": "all"},
    reader=partial(TableReader, COLUMNS, _identify),
    identity={"skill_id": "4000", "skill_name": "VENTAS"},
    evidence=Evidence.DOCUMENTED,
    source=f"{COLLECTION}; no real answer was seen whole",
    vendor_fields=(
        *fields_alike(Content.TEXT, Evidence.DOCUMENTED, COLLECTION, "skill_id", "skill_name"),
        *fields_alike(
            Content.FIGURE,
            Evidence.DOCUMENTED,
            COLLECTION,
            *("calls_in_queue_now", "stat_inbound", "stat_answer", "stat_abandon", "by_abandon"),
        ),
        *fields_alike(
            Content.FIGURE,
            Evidence.SEEN,
            f"{CLIENTS} read a percentage with a blank before its sign",
            *("service_level_10seg", "service_level_20seg", "service_level_30seg"),
        ),
    ),
)
