"""The table of the campaign families: adding a metric is adding an entry here.

Sources of the fields: the vendor's pages "Real time reporting of campaigns", "Information: Campaigns" and
"Reports Manager: machine codes grouped by telephone" (campaign_8).
"""

from collections.abc import Callable, Mapping
from datetime import tzinfo

from exporter import parsing
from exporter.api import Api
from exporter.families.model import SCOPE_LABELS, Column, Family, Reader, Scope, Value
from exporter.parsing import Absent

CAMPAIGN_LABELS = SCOPE_LABELS[Scope.CAMPAIGN]

MACHINE_CODES = ("no_answer", "answer_machine", "busy", "congestion", "failed")
"""The vendor's machine codes, as campaign_8 names its fields."""


def _of(field: str, read: Callable[[object], Value | Absent]) -> Reader:
    def read_field(row: Mapping[str, object], _zone: tzinfo) -> Value | Absent:
        return read(row.get(field))

    return read_field


def _real_time(field: str, read: Callable[[object], Value | Absent], *labels: str) -> Column:
    return Column(Api.CAMPAIGNS, field, _of(field, read), labels)


def _information(field: str, read: Callable[[object], Value | Absent], *labels: str) -> Column:
    return Column(Api.CAMPAIGN_SETTINGS, field, _of(field, read), labels)


def _summed(field: str, *labels: str) -> Column:
    """Return a column of the sums over a report's rows, which are numbers already."""
    return Column(Api.MACHINE_CODES, field, _of(field, parsing.count), labels)


def _by_line(figures: Mapping[str, float] | Absent) -> Value | Absent:
    """Turn figures by line (tel1, Strategy, ...) into samples labelled with it."""
    if isinstance(figures, Absent):
        return figures
    return {(line,): figure for line, figure in figures.items()} or Absent.MISSING


def _shares(raw: object) -> Value | Absent:
    parsed = parsing.campaign(raw)
    if isinstance(parsed, Absent):
        return parsed
    if parsed.unreadable_share and not parsed.shares:
        return Absent.UNREADABLE
    return _by_line(parsed.shares)


def _ring_seconds(raw: object) -> Value | Absent:
    return _by_line(parsing.ring_seconds(raw))


def _last_use(row: Mapping[str, object], zone: tzinfo) -> Value | Absent:
    return parsing.timestamp(row.get("last_use"), zone)


def _info(row: Mapping[str, object], _zone: tzinfo) -> Value | Absent:
    """Return the figure 1 labelled with what is known of the campaign; unknown is the empty label."""
    texts = (
        parsing.label(row.get(field)) for field in ("type_campaign", "dial_mode", "campaign_description")
    )
    return {tuple("" if isinstance(text, Absent) else text for text in texts): 1.0}


CAMPAIGN_FAMILIES: tuple[Family, ...] = (
    Family(
        "wolkvox_campaign_running",
        "1 when the campaign is started, 0 when it is stopped. Started does not mean dialling.",
        Scope.CAMPAIGN,
        columns=(_real_time("status", parsing.started),),
        fallback=_information("status", parsing.started),
    ),
    Family(
        "wolkvox_campaign_speed_ratio",
        "Dialling speed that is set for the campaign; 1.1 is 110 %.",
        Scope.CAMPAIGN,
        unit="ratio",
        columns=(_real_time("speed", parsing.percent),),
        fallback=_information("speed", parsing.percent),
    ),
    Family(
        "wolkvox_campaign_records",
        "Records (customers) in the campaign's list.",
        Scope.CAMPAIGN,
        columns=(_real_time("records", parsing.count),),
        fallback=_information("records", parsing.count),
    ),
    Family(
        "wolkvox_campaign_clean_records",
        "Records of the list that were not called yet.",
        Scope.CAMPAIGN,
        columns=(_real_time("clean", parsing.count),),
    ),
    Family(
        "wolkvox_campaign_dialed_records",
        "Records of the list that were dialled.",
        Scope.CAMPAIGN,
        columns=(_real_time("dial", parsing.count),),
    ),
    Family(
        "wolkvox_campaign_outcome_records",
        "Records by the result of their dialling.",
        Scope.CAMPAIGN,
        labels=("outcome",),
        columns=(
            _real_time("answer", parsing.count, "answer"),
            _real_time("no_answer", parsing.count, "no_answer"),
            _real_time("busy/congestion/failed", parsing.count, "busy_congestion_failed"),
            _real_time("answer_machine", parsing.count, "answer_machine"),
        ),
    ),
    Family(
        "wolkvox_campaign_penetration_day_ratio",
        "Share of the list worked today, as wolkvox figures it; can be over 1.",
        Scope.CAMPAIGN,
        unit="ratio",
        columns=(_real_time("penetration_day", parsing.percent),),
    ),
    Family(
        "wolkvox_campaign_penetration_now_ratio",
        "Share of the list worked at this moment, as wolkvox figures it; can be over 1.",
        Scope.CAMPAIGN,
        unit="ratio",
        columns=(_real_time("penetration_now", parsing.percent),),
    ),
    Family(
        "wolkvox_campaign_hits",
        "Records that an agent coded as a hit (success).",
        Scope.CAMPAIGN,
        columns=(_real_time("hits", parsing.hits_count),),
    ),
    Family(
        "wolkvox_campaign_hit_ratio",
        "Hit rate, as wolkvox figures it: the percentage in brackets.",
        Scope.CAMPAIGN,
        unit="ratio",
        columns=(_real_time("hits", parsing.hits_ratio),),
    ),
    Family(
        "wolkvox_campaign_calls_per_minute",
        "Calls a minute; wolkvox does not say over which window.",
        Scope.CAMPAIGN,
        columns=(_real_time("calls_x_min", parsing.number),),
    ),
    Family(
        "wolkvox_campaign_recycles",
        "Times that the campaign's list was recycled.",
        Scope.CAMPAIGN,
        columns=(_real_time("recycled", parsing.count),),
    ),
    Family(
        "wolkvox_campaign_dialing_share_ratio",
        "Share of the dialling by telephone column or strategy of the record (line as wolkvox writes it).",
        Scope.CAMPAIGN,
        labels=("line",),
        unit="ratio",
        columns=(_real_time("campaign", _shares),),
    ),
    Family(
        "wolkvox_campaign_info",
        "What the campaign is; the value is always 1.",
        Scope.CAMPAIGN,
        labels=("type", "dial_mode", "description"),
        columns=(Column(Api.CAMPAIGN_SETTINGS, "type_campaign, dial_mode, campaign_description", _info),),
    ),
    Family(
        "wolkvox_campaign_recycled_records",
        "Records of the campaign that were recycled (not the times it was, see wolkvox_campaign_recycles).",
        Scope.CAMPAIGN,
        columns=(_information("recycled", parsing.count),),
    ),
    Family(
        "wolkvox_campaign_turbo_dial",
        "1 when turbo dial is on for the campaign, 0 when it is off.",
        Scope.CAMPAIGN,
        columns=(_information("turbo_dial", parsing.switch),),
    ),
    Family(
        "wolkvox_campaign_last_use_timestamp_seconds",
        "When the campaign was last used, in Unix time.",
        Scope.CAMPAIGN,
        unit="seconds",
        columns=(Column(Api.CAMPAIGN_SETTINGS, "last_use", _last_use),),
    ),
    Family(
        "wolkvox_campaign_ring_timeout_seconds",
        "How long a telephone rings before the dialler gives up (line as wolkvox writes it).",
        Scope.CAMPAIGN,
        labels=("line",),
        unit="seconds",
        columns=(_information("dial_mode", _ring_seconds),),
    ),
    Family(
        "wolkvox_campaign_machine_codes",
        "Machine codes since local midnight, summed over the campaign's telephones.",
        Scope.CAMPAIGN,
        labels=("code",),
        columns=tuple(_summed(code, code) for code in MACHINE_CODES),
    ),
    Family(
        "wolkvox_campaign_machine_recognitions",
        "Calls that a machine answered since local midnight, summed over the campaign's telephones.",
        Scope.CAMPAIGN,
        columns=(_summed("total_machine_recognitions"),),
    ),
    Family(
        "wolkvox_campaign_telephones",
        "Telephones with machine codes since local midnight.",
        Scope.CAMPAIGN,
        columns=(_summed("telephone"),),
    ),
    Family(
        "wolkvox_campaign_unreachable_telephones",
        "Telephones with at least unreachable_after machine codes since local midnight, "
        "all of them congestion or failed.",
        Scope.CAMPAIGN,
        columns=(_summed("congestion, failed"),),
    ),
)
"""Every family whose samples are about a campaign."""


def _columns(api: Api) -> tuple[Column, ...]:
    used = [column for family in CAMPAIGN_FAMILIES for column in (*family.columns, family.fallback) if column]
    return tuple(column for column in used if column.api is api)


COLUMNS: Mapping[Api, tuple[Column, ...]] = {api: _columns(api) for api in Api}
"""Every column that is read from an API's rows, in the order of a row's values."""
