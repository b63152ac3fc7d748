"""Attempts by result, of the operation and of each campaign that dials (vendor's report campaign_4)."""

import re
from collections.abc import Mapping, Sequence
from datetime import tzinfo

from exporter import parsing
from exporter.apis.model import Api, PollContext
from exporter.apis.report_range import report_range
from exporter.apis.rows import CountingReader, is_total, written
from exporter.evidence import CLIENTS, COLLECTION, Content, Evidence, Statement, VendorField, fields_alike
from exporter.families import Column, Family, Labelled, Scope, Value
from exporter.parsing import Absent
from exporter.snapshot.model import Row

NAME = "campaign_results"

ABANDON, ANSWER = "abandon", "answer"

_RESULTS = frozenset(
    (
        ABANDON,
        ANSWER,
        "answer_machine",
        "busy",
        "clean",
        "congestion",
        "do_not_call",
        "failed",
        "no_answer",
        "recall",
    )
)
"""The results that the vendor documents."""

STATEMENTS = (
    Statement(
        'campaign_4 counts each attempt between two times by its result, and takes "all" for the operation.',
        Evidence.DOCUMENTED,
        COLLECTION,
    ),
    Statement(
        "Results are the same word whether they are written with hyphens, blanks or underscores, in small "
        "letters or capitals.",
        Evidence.DOCUMENTED,
        f"{COLLECTION} writes them differently from API to API",
    ),
    Statement(
        "An attempt that a person answered is either answer or abandon, never both.",
        Evidence.ASSUMED,
        f"{COLLECTION} lists both among the results, and each attempt has one",
    ),
    Statement(
        "A report without rows means that nothing was dialled.",
        Evidence.ASSUMED,
        '"no data" is what wolkvox answers then, as it does for an API that a server does not have',
    ),
)

_MAX_RESULTS = 100
_JOINTS = re.compile(r"[\s_-]+")


def _result(raw: object) -> str | Absent:
    """Return the word of a result: hyphens, blanks and case vary between the vendor's APIs."""
    text = parsing.label(raw)
    if isinstance(text, Absent) or is_total(text):
        return text
    return _JOINTS.sub("_", text.lower()).strip("_") or Absent.UNREADABLE


def _attempts(row: Mapping[str, object], _zone: tzinfo) -> Value | Absent:
    result, count = _result(row.get("result")), parsing.count(row.get("records"))
    if isinstance(result, Absent) or isinstance(count, Absent):
        return result if isinstance(result, Absent) else count
    return {(result,): count}


ATTEMPTS = Column(NAME, ("records",), _attempts, (("3",), {(ABANDON,): 3.0, (ANSWER,): 0.0}))

_HELP = (
    "by result (small letters); answer and abandon are 0 where the report has documented results alone, and "
    "none of these."
)

FAMILIES = (
    Family(
        "wolkvox_campaign_attempts",
        f"Dialling attempts of the campaign since local midnight {_HELP}",
        Scope.CAMPAIGN,
        labels=("result",),
        columns=(ATTEMPTS,),
    ),
    Family(
        "wolkvox_operation_attempts",
        f"Dialling attempts of all campaigns since local midnight {_HELP}",
        Scope.OPERATION,
        labels=("result",),
        columns=(ATTEMPTS,),
    ),
)


class AttemptReader(CountingReader):
    """Reads the report of one campaign, or of the operation; never raises."""

    def __init__(self, context: PollContext) -> None:
        super().__init__()
        self._campaign_id = context.campaign_id
        self._zone = context.zone
        self._counts: dict[tuple[str, ...], float] = {}
        self._whole = True

    def add(self, rows: Sequence[object]) -> None:
        """Read a batch of rows as JSON gave them."""
        for row in rows:
            result = _result(row.get("result")) if isinstance(row, Mapping) else Absent.UNREADABLE
            if isinstance(result, Absent) or not isinstance(row, Mapping):
                self._leave_out("shape")
            elif not is_total(result):
                self._count(result, row)

    def _count(self, result: str, row: Mapping[str, object]) -> None:
        if (result,) in self._counts:
            self._discarded["duplicate"] += 1
        elif len(self._counts) >= _MAX_RESULTS:
            self._leave_out("limit")
            return
        value = _attempts(row, self._zone)
        if isinstance(value, Mapping):
            self._counts.update(value)
            return
        self._counts.pop((result,), None)
        self._whole = False
        if value is Absent.UNREADABLE:
            self._count_unreadable("records", written(row.get("records")))

    def _leave_out(self, reason: str) -> None:
        self._discarded[reason] += 1
        self._whole = False

    def rows(self) -> tuple[Row, ...]:
        """Return one row about the campaign; without a result the report is a true 0 of everything.

        Nobody was called, or nobody abandoned a call, where the report can be read whole and does not say
        otherwise; with a result of another name, that may be what it calls it.
        """
        counts: Labelled = self._counts
        if self._whole and all(result in _RESULTS for (result,) in self._counts):
            counts = {(ANSWER,): 0.0, (ABANDON,): 0.0, **self._counts}
        return (Row((self._campaign_id, "", ""), (counts or None,)),)


def abandonment(attempts: Value | None) -> float | None:
    """Return the share of live answers that were abandoned; None without live answers, or if not known.

    Live answers are the attempts that people answered: those that an agent took, and those abandoned before
    (16 CFR 310.4).
    """
    counts = attempts if isinstance(attempts, Mapping) else {}
    abandoned, answered = counts.get((ABANDON,)), counts.get((ANSWER,))
    if abandoned is None or answered is None or not abandoned + answered:
        return None
    return abandoned / (abandoned + answered)


API = Api(
    NAME,
    path="reports_manager.php",
    vendor_name="campaign_4",
    title={"en": "Campaign results", "es": "Resultados de campaña"},
    description="Report campaign_4, one call for the operation and one for each campaign that dials.",
    enabled=False,
    interval=900.0,
    columns=(ATTEMPTS,),
    families=FAMILIES,
    about=Scope.CAMPAIGN,
    by_campaign=True,
    and_whole=True,
    query=lambda context: {
        "campaign_id": context.campaign_id or "all",
        **report_range(context.day[0], context.now),
    },
    reader=AttemptReader,
    identity={"result": "abandon"},
    evidence=Evidence.DOCUMENTED,
    source=f"{COLLECTION}; no real answer was seen",
    vendor_fields=(
        VendorField(
            "result",
            Content.WORD,
            Evidence.DOCUMENTED,
            f"{COLLECTION}: ten results; {CLIENTS} rely on five of them in the sibling report campaign_3",
            (*sorted(_RESULTS), "total"),
        ),
        *fields_alike(Content.FIGURE, Evidence.DOCUMENTED, COLLECTION, "records", "percent"),
    ),
)
