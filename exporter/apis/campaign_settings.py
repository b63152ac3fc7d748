"""What the campaigns are: names, types, dial modes (vendor's page "Campaigns" of the information API)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import tzinfo
from functools import partial

from exporter import parsing
from exporter.apis.model import Api, PollContext
from exporter.apis.rows import CampaignReader, label
from exporter.evidence import PAGE, Content, Evidence, VendorField, fields_alike
from exporter.families import Column, Family, Scope, Value, column, columns_of
from exporter.parsing import Absent
from exporter.snapshot.model import Listing, id_rank

NAME = "campaign_settings"

_DIAL_MODE = "phone1 – ring: 60(seg)"  # noqa: RUF001 - the dash of the vendor's page
_INFO = ("type_campaign", "dial_mode", "campaign_description")

_column = partial(column, NAME)


def _ring_seconds(raw: object) -> Value | Absent:
    return parsing.by_label(parsing.ring_seconds(raw))


def _last_use(row: Mapping[str, object], zone: tzinfo) -> Value | Absent:
    return parsing.timestamp(row.get("last_use"), zone)


def _info(row: Mapping[str, object], _zone: tzinfo) -> Value | Absent:
    """Return the figure 1 labelled with what is known of the campaign; unknown is the empty label."""
    return {tuple(label(row.get(name)) for name in _INFO): 1.0}


def _identify(row: Mapping[str, object]) -> tuple[str, str, str] | None:
    campaign_id, name = label(row.get("campaign_id")), label(row.get("campaign_name"))
    return (campaign_id, name, label(row.get("skill_id"))) if campaign_id or name else None


def names(listing: Listing | None) -> Mapping[str, str]:
    """Return the clean names of campaigns by id, of the last good answer however old it is.

    Identity does not age: a label must not change because this API failed for a while. Of a campaign with
    several names, that of its least skill id counts: wolkvox may list its rows in any order.
    """
    rows = sorted(listing.rows, key=lambda row: id_rank(row.labels[2]), reverse=True) if listing else ()
    return {row.labels[0]: row.labels[1] for row in rows if row.labels[0] and row.labels[1]}


STATUS = _column("status", parsing.started, example=("Started", 1.0))
SPEED = _column("speed", parsing.percent, example=("110%", 1.1))
RECORDS = _column("records", parsing.count, example=("1000", 1000.0))

FAMILIES = (
    Family(
        "wolkvox_campaign_info",
        "What the campaign is; the value is always 1.",
        Scope.CAMPAIGN,
        labels=("type", "dial_mode", "description"),
        columns=(
            Column(
                NAME,
                _INFO,
                _info,
                (
                    ("predictive", _DIAL_MODE, "Lista ficticia"),
                    {("predictive", _DIAL_MODE, "Lista ficticia"): 1.0},
                ),
            ),
        ),
    ),
    Family(
        "wolkvox_campaign_recycled_records",
        "Records of the campaign that were recycled (not the times it was, see wolkvox_campaign_recycles).",
        Scope.CAMPAIGN,
        columns=(_column("recycled", parsing.count, example=("30", 30.0)),),
    ),
    Family(
        "wolkvox_campaign_turbo_dial",
        "1 when turbo dial is on for the campaign, 0 when it is off.",
        Scope.CAMPAIGN,
        columns=(_column("turbo_dial", parsing.switch, example=("yes", 1.0)),),
    ),
    Family(
        "wolkvox_campaign_last_use_timestamp_seconds",
        "When the campaign was last used, in Unix time.",
        Scope.CAMPAIGN,
        unit="seconds",
        columns=(
            # The example is a time in Bogotá.
            Column(NAME, ("last_use",), _last_use, (("2026-08-12 08:02:08",), 1_786_539_728.0)),
        ),
    ),
    Family(
        "wolkvox_campaign_ring_timeout_seconds",
        "How long a telephone rings before the dialler gives up (line as wolkvox writes it).",
        Scope.CAMPAIGN,
        labels=("line",),
        unit="seconds",
        columns=(_column("dial_mode", _ring_seconds, example=(_DIAL_MODE, {("phone1",): 60.0})),),
    ),
)

COLUMNS = (STATUS, SPEED, RECORDS, *columns_of(FAMILIES))


def _reader(context: PollContext) -> CampaignReader:
    # This API is where the names come from: those of the answer before say nothing of this one.
    return CampaignReader(COLUMNS, _identify, replace(context, names={}))


API = Api(
    NAME,
    path="information.php",
    vendor_name="campaigns",
    title={"en": "Campaign settings", "es": "Configuración de campañas"},
    description="What the campaigns are: names, types, dial modes.",
    enabled=True,
    interval=300.0,
    columns=COLUMNS,
    families=FAMILIES,
    about=Scope.CAMPAIGN,
    lists_campaigns=True,
    reader=_reader,
    identity={"campaign_id": "4875", "campaign_name": "VENTAS", "skill_id": "4000"},
    evidence=Evidence.DOCUMENTED,
    source=f"{PAGE}; no real answer was seen",
    vendor_fields=(
        *fields_alike(
            Content.TEXT,
            Evidence.DOCUMENTED,
            PAGE,
            *("campaign_id", "campaign_name", "campaign_description", "skill_id"),
        ),
        VendorField("type_campaign", Content.WORD, Evidence.DOCUMENTED, PAGE, ("predictive", "preview")),
        VendorField("status", Content.WORD, Evidence.DOCUMENTED, PAGE, parsing.STATUS_WORDS),
        *fields_alike(Content.FIGURE, Evidence.DOCUMENTED, PAGE, "records", "recycled"),
        VendorField(
            "speed",
            Content.FIGURE,
            Evidence.ASSUMED,
            f"{PAGE} does not show one; read as the speed of campaigns, a percentage",
        ),
        VendorField(
            "dial_mode",
            Content.TEXT,
            Evidence.DOCUMENTED,
            f"{PAGE}; how several telephones stand in it is assumed",
            ("autopilot", "strategy", "phone", "ring", "seg", "sec"),
        ),
        VendorField(
            "last_use",
            Content.TIME,
            Evidence.ASSUMED,
            f'{PAGE} says "year-month-day-hour" without an example; other times of the API are like '
            '"2026-08-12 08:02:08"',
        ),
        VendorField(
            "turbo_dial",
            Content.WORD,
            Evidence.ASSUMED,
            f"{PAGE} does not say how on and off are written: words, 1 and 0 are taken",
            parsing.SWITCH_WORDS,
        ),
    ),
)
