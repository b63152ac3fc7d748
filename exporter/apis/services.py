"""What the operation has of wolkvox: licences, customer protection (vendor's API information, "services")."""

from collections.abc import Mapping
from functools import partial

from exporter import parsing
from exporter.apis.model import Api
from exporter.apis.rows import TableReader
from exporter.evidence import COLLECTION, Content, Evidence, VendorField, fields_alike
from exporter.families import Family, Scope, column, columns_of
from exporter.parsing import Absent
from exporter.snapshot.model import Listing

NAME = "services"

_column = partial(column, NAME)


CALLS_PER_LICENCE = 1000
"""Calls a day and licence that the vendor allows (all its pages, "Límite diario de tokens")."""

_MAX_LICENCES = 1_000_000


def _licences(raw: object) -> float | Absent:
    count = parsing.count(raw)
    if isinstance(count, float) and count > _MAX_LICENCES:
        return Absent.UNREADABLE
    return count or Absent.MISSING  # nobody has none: 0 is "not known"


LICENCES = _column("licenses", _licences, example=("25", 25.0))
PROTECTION = _column("customer_prot", parsing.switch, example=("yes", 1.0))

FAMILIES = (
    Family("wolkvox_licences", "Licences of the operation.", Scope.OPERATION, columns=(LICENCES,)),
    Family(
        "wolkvox_customer_protection",
        "1 when customer protection (contact hours, Ley 2300) is switched on in wolkvox, 0 when it is off.",
        Scope.OPERATION,
        columns=(PROTECTION,),
    ),
)

COLUMNS = columns_of(FAMILIES)


def _identify(row: Mapping[str, object]) -> tuple[()] | None:
    return () if any(column.field in row for column in COLUMNS) else None


def licences(listing: Listing | None) -> int | None:
    """Return the licences by an answer, None where they are not known."""
    value = API.value(listing.rows[0], LICENCES.field) if listing else None
    return int(value) if isinstance(value, float) else None


def protection(listing: Listing | None) -> bool | None:
    """Return whether customer protection is on by an answer, None where that is not known."""
    value = API.value(listing.rows[0], PROTECTION.field) if listing else None
    return None if value is None else value == 1


API = Api(
    NAME,
    path="information.php",
    vendor_name="services",
    title={"en": "Services", "es": "Servicios"},
    description="The operation's licences, and whether customer protection is on.",
    enabled=True,
    interval=86400.0,
    always_has_rows=True,
    vital=True,  # the quota is by the licences that it told last: only it can correct them
    columns=COLUMNS,
    families=FAMILIES,
    reader=partial(TableReader, COLUMNS, _identify),
    evidence=Evidence.DOCUMENTED,
    source=f'{COLLECTION}: one row, a list or "data" itself; no real answer was seen',
    vendor_fields=(
        VendorField("licenses", Content.FIGURE, Evidence.DOCUMENTED, COLLECTION),
        *fields_alike(
            Content.WORD,
            Evidence.DOCUMENTED,
            f"{COLLECTION}: yes or no",
            *("pbx", "intelligentdial", "customer_prot", "turbo_dial"),
            words=("yes", "no"),
        ),
    ),
    more_fields=True,
)
