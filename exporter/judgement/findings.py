"""What is wrong with an operation's contract with wolkvox, as far as the polled APIs tell. Pure."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from exporter.apis.services import CALLS_PER_LICENCE
from exporter.evidence import Evidence, Statement
from exporter.glossary import GlossaryEnum
from exporter.judgement.view import OperationView
from exporter.schedules import LEY_2300, ScheduleSet

_LICENCES_PER_PREDICTIVE = 4
_MORE_PREDICTIVES = 2

STATEMENTS = (
    Statement(
        "On a dedicated server as many predictive campaigns may be started at once as a quarter of the "
        "licences, rounded, and two; on a shared one a seventh and two.",
        Evidence.DOCUMENTED,
        "the vendor's documentation beside its pages of APIs",
    ),
)


class Finding(GlossaryEnum, kind="finding"):
    """Something about a whole operation that somebody should put right."""

    LICENCES_DIFFER = "licences_differ"
    CUSTOMER_PROTECTION_OFF = "customer_protection_off"
    PREDICTIVES_OVER_LIMIT = "predictives_over_limit"


@dataclass(frozen=True, slots=True)
class Terms:
    """What the configuration says of an operation; None is "not said".

    `abandonment_limit` is the share of live answers that may be abandoned.
    """

    licences: int | None = None
    predictives_limit: int | None = None
    abandonment_limit: float | None = None


UNSAID = Terms()


def predictives_limit(view: OperationView, terms: Terms) -> float | None:
    """Return how many predictive campaigns may be started at once; None where it is not known."""
    if terms.predictives_limit is not None:
        return float(terms.predictives_limit)
    licences: float | None = view.licences if view.licences is not None else terms.licences
    if licences is None and view.calls_limit is not None:
        licences = view.calls_limit / CALLS_PER_LICENCE
    if licences is None:
        return None
    # Halves are rounded up, which Python's round() does not do.
    return math.floor(licences / _LICENCES_PER_PREDICTIVE + 0.5) + float(_MORE_PREDICTIVES)


def findings(
    view: OperationView, terms: Terms, schedules: ScheduleSet, started_predictives: float | None
) -> Mapping[Finding, bool]:
    """Return whether each finding is so; one that is not known is not in it."""
    found = {}
    if terms.licences is not None and view.licences is not None:
        found[Finding.LICENCES_DIFFER] = terms.licences != view.licences
    if view.customer_protection is not None and schedules.uses(LEY_2300.name):
        found[Finding.CUSTOMER_PROTECTION_OFF] = not view.customer_protection
    limit = predictives_limit(view, terms)
    if limit is not None and started_predictives is not None:
        found[Finding.PREDICTIVES_OVER_LIMIT] = started_predictives > limit
    return found
