"""The campaigns in real time (vendor's page "Real time reporting of campaigns")."""

from collections.abc import Iterator, Mapping
from functools import partial

from exporter import parsing
from exporter.apis import campaign_settings
from exporter.apis.model import Api
from exporter.apis.rows import CampaignReader, label
from exporter.evidence import ANSWERS, CLIENTS, PAGE, Content, Evidence, VendorField, fields_alike
from exporter.families import Family, Scope, Value, column, columns_of
from exporter.parsing import Absent
from exporter.snapshot.model import Listing

NAME = "campaigns"

_column = partial(column, NAME)


def _shares(raw: object) -> Value | Absent:
    """Return the dialling shares in the text of a campaign, by line."""
    parsed = parsing.campaign(raw)
    if isinstance(parsed, Absent):
        return parsed
    if parsed.unreadable_share and not parsed.shares:
        return Absent.UNREADABLE
    return parsing.by_label(parsed.shares)


def _identify(row: Mapping[str, object]) -> tuple[str, str, str] | None:
    parsed = parsing.campaign(row.get("campaign"))
    if isinstance(parsed, Absent) or not (parsed.campaign_id or parsed.name):
        return None
    return parsed.campaign_id, parsed.name, label(row.get("skill_id"))


FAMILIES = (
    Family(
        "wolkvox_campaign_running",
        "1 when the campaign is started, 0 when it is stopped. Started does not mean dialling.",
        Scope.CAMPAIGN,
        columns=(_column("status", parsing.started, example=("started", 1.0)),),
        fallback=campaign_settings.STATUS,
    ),
    Family(
        "wolkvox_campaign_speed_ratio",
        "Dialling speed that is set for the campaign; 1.1 is 110 %.",
        Scope.CAMPAIGN,
        unit="ratio",
        columns=(_column("speed", parsing.percent, example=("110%", 1.1)),),
        fallback=campaign_settings.SPEED,
    ),
    Family(
        "wolkvox_campaign_records",
        "Records (customers) in the campaign's list.",
        Scope.CAMPAIGN,
        columns=(_column("records", parsing.count, example=("1,000", 1000.0)),),
        fallback=campaign_settings.RECORDS,
    ),
    Family(
        "wolkvox_campaign_clean_records",
        "Records of the list that were not called yet.",
        Scope.CAMPAIGN,
        columns=(_column("clean", parsing.count, example=("400", 400.0)),),
    ),
    Family(
        "wolkvox_campaign_dialed_records",
        "Records of the list that were dialled.",
        Scope.CAMPAIGN,
        columns=(_column("dial", parsing.count, example=("600", 600.0)),),
    ),
    Family(
        "wolkvox_campaign_outcome_records",
        "Records by the result of their dialling.",
        Scope.CAMPAIGN,
        labels=("outcome",),
        columns=(
            _column("answer", parsing.count, "answer", example=("100", 100.0)),
            _column("no_answer", parsing.count, "no_answer", example=("200", 200.0)),
            _column(
                "busy/congestion/failed", parsing.count, "busy_congestion_failed", example=("250", 250.0)
            ),
            _column("answer_machine", parsing.count, "answer_machine", example=("50", 50.0)),
        ),
    ),
    Family(
        "wolkvox_campaign_penetration_day_ratio",
        "Share of the list worked today, as wolkvox figures it; can be over 1.",
        Scope.CAMPAIGN,
        unit="ratio",
        columns=(_column("penetration_day", parsing.percent, example=("60.00 %", 0.6)),),
    ),
    Family(
        "wolkvox_campaign_penetration_now_ratio",
        "Share of the list worked at this moment, as wolkvox figures it; can be over 1.",
        Scope.CAMPAIGN,
        unit="ratio",
        columns=(_column("penetration_now", parsing.percent, example=("15,233.33 %", 152.3333)),),
    ),
    Family(
        "wolkvox_campaign_hits",
        "Records that an agent coded as a hit (success).",
        Scope.CAMPAIGN,
        columns=(_column("hits", parsing.hits_count, example=("6 (14.29 %)", 6.0)),),
    ),
    Family(
        "wolkvox_campaign_hit_ratio",
        "Hit rate, as wolkvox figures it: the percentage in brackets.",
        Scope.CAMPAIGN,
        unit="ratio",
        columns=(_column("hits", parsing.hits_ratio, example=("6 (14.29 %)", 0.1429)),),
    ),
    Family(
        "wolkvox_campaign_calls_per_minute",
        "Calls per minute; wolkvox does not say over which window.",
        Scope.CAMPAIGN,
        columns=(_column("calls_x_min", parsing.number, example=("12", 12.0)),),
    ),
    Family(
        "wolkvox_campaign_recycles",
        "Times that the campaign's list was recycled.",
        Scope.CAMPAIGN,
        columns=(_column("recycled", parsing.count, example=("2", 2.0)),),
    ),
    Family(
        "wolkvox_campaign_dialing_share_ratio",
        "Share of the dialling by telephone column or strategy of the record (line as wolkvox writes it).",
        Scope.CAMPAIGN,
        labels=("line",),
        unit="ratio",
        columns=(_column("campaign", _shares, example=("4875 - VENTAS - tel1 (100%)", {("tel1",): 1.0})),),
    ),
)

COLUMNS = columns_of(FAMILIES)


def dialled(listing: Listing) -> Iterator[str]:
    """Yield the ids of the campaigns of an answer that have dialled records."""
    for row in listing.rows:
        count = API.value(row, "dial")
        if row.labels[0] and isinstance(count, float) and count > 0:
            yield row.labels[0]


API = Api(
    NAME,
    path="real_time.php",
    vendor_name="campaigns",
    title={"en": "Campaigns", "es": "Campañas"},
    description="The campaigns in real time.",
    enabled=True,
    vital=True,
    interval=300.0,
    columns=COLUMNS,
    families=FAMILIES,
    about=Scope.CAMPAIGN,
    lists_campaigns=True,
    reader=partial(CampaignReader, COLUMNS, _identify),
    identity={"skill_id": "4000"},
    evidence=Evidence.SEEN,
    source=f'{CLIENTS} read the rows under "data"; {PAGE} shows a bare list',
    vendor_fields=(
        VendorField(
            "campaign",
            Content.TEXT,
            Evidence.SEEN,
            f"{ANSWERS}, and {PAGE}",
            ("tel", "phone", "telefono", "autopilot", "strategy", "estrategia"),
        ),
        VendorField("status", Content.WORD, Evidence.SEEN, ANSWERS, parsing.STATUS_WORDS),
        VendorField("skill_id", Content.TEXT, Evidence.DOCUMENTED, PAGE),
        VendorField("speed", Content.FIGURE, Evidence.DOCUMENTED, f'{PAGE} has "110%"'),
        *fields_alike(
            Content.FIGURE,
            Evidence.SEEN,
            f"{CLIENTS} compare them, to see whether the list is used up",
            *("records", "clean", "dial"),
        ),
        *fields_alike(
            Content.FIGURE,
            Evidence.DOCUMENTED,
            PAGE,
            *("answer", "no_answer", "busy/congestion/failed", "answer_machine", "calls_x_min", "recycled"),
        ),
        *fields_alike(
            Content.FIGURE,
            Evidence.DOCUMENTED,
            f'{PAGE} has "0.00 %"',
            *("penetration_day", "penetration_now"),
        ),
        VendorField("hits", Content.FIGURE, Evidence.DOCUMENTED, f'{PAGE} has "0 (0.00 %)"'),
    ),
)
