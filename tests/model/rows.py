"""What a row says (CONTRACT section 4): who it is about, its figures, and what in it cannot be read."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from model import reading
from model.reading import MISSING, UNREADABLE, Reading
from model.series import Series, labels

CODES = ("no_answer", "answer_machine", "busy", "congestion", "failed")
OUTCOMES = {
    "answer": "answer",
    "no_answer": "no_answer",
    "busy/congestion/failed": "busy_congestion_failed",
    "answer_machine": "answer_machine",
}
RESULTS = {
    "abandon", "answer", "answer_machine", "busy", "clean", "congestion", "do_not_call", "failed",
    "no_answer", "recall",
}  # fmt: skip
"""The results that the vendor documents."""
STATUSES = {"ready", "talk", "acw", "auxiliary", "logout"}
"""The statuses that clients rely on."""
FIELDS = {
    "campaigns": (
        "status", "speed", "records", "clean", "dial", *OUTCOMES, "penetration_day", "penetration_now",
        "hits", "calls_x_min", "recycled", "campaign",
    ),
    "campaign_settings": ("status", "speed", "records", "recycled", "turbo_dial", "last_use", "dial_mode"),
    "token_info": ("token_limit", "all_token_today"),
    "machine_codes": (*CODES, "total_machine_recognitions"),
    "services": ("licenses", "customer_prot"),
    "skills": (
        "calls_in_queue_now", "stat_inbound", "stat_answer", "stat_abandon", "by_abandon",
        "service_level_10seg", "service_level_20seg", "service_level_30seg",
    ),
    "agents": ("agent_status",),
    "campaign_results": ("records",),
    "audit_log": ("date",),
}  # fmt: skip
"""The vendor's fields whose unreadable values are counted."""


@dataclass(frozen=True)
class Row:
    """One campaign of a list: who it is, and its row as it came."""

    campaign: str
    name: str
    skill: str
    raw: Mapping[str, object]


def identified(api: str, raw: object) -> Row | None:
    """Return the campaign that a row is about; None where it is about none."""
    if not isinstance(raw, dict):
        return None
    skill = reading.text(raw.get("skill_id"))
    if api == "campaigns":
        campaign, name, _ = reading.campaign(raw.get("campaign"))
    else:
        campaign, name = reading.text(raw.get("campaign_id")), reading.text(raw.get("campaign_name"))
    return Row(campaign, name, skill, raw) if campaign or name else None


_Column = tuple[str, str, Callable[[object], Reading], Mapping[str, str]]

_LIVE: Sequence[_Column] = (
    ("running", "status", reading.started, {}),
    ("speed_ratio", "speed", reading.percent, {}),
    ("records", "records", reading.count, {}),
    ("clean_records", "clean", reading.count, {}),
    ("dialed_records", "dial", reading.count, {}),
    *(("outcome_records", name, reading.count, {"outcome": label}) for name, label in OUTCOMES.items()),
    ("penetration_day_ratio", "penetration_day", reading.percent, {}),
    ("penetration_now_ratio", "penetration_now", reading.percent, {}),
    ("hits", "hits", lambda raw: reading.hits(raw)[0], {}),
    ("hit_ratio", "hits", lambda raw: reading.hits(raw)[1], {}),
    ("calls_per_minute", "calls_x_min", reading.rate, {}),
    ("recycles", "recycled", reading.count, {}),
)
_SKILL: Sequence[tuple[str, Callable[[object], Reading], str, Mapping[str, str]]] = (
    ("calls_in_queue_now", reading.count, "queued_calls", {}),
    ("stat_inbound", reading.count, "inbound_calls", {}),
    ("stat_answer", reading.count, "answered_calls", {}),
    ("stat_abandon", reading.count, "abandoned_calls", {}),
    ("by_abandon", reading.percent, "abandoned_ratio", {}),
    *(
        (f"service_level_{within}seg", reading.percent, "service_level_ratio", {"within": f"{within}s"})
        for within in (10, 20, 30)
    ),
)
_EITHER = _LIVE[:3]
_KNOWN: Sequence[_Column] = (
    ("recycled_records", "recycled", reading.count, {}),
    ("turbo_dial", "turbo_dial", reading.switch, {}),
)


def figures(
    live: Row | None, known: Row | None, zone: ZoneInfo, *, fallback: bool
) -> Iterator[tuple[str, Mapping[str, str], float]]:
    """Yield the figures of a campaign by its rows in the two lists: family, labels beyond its own, value.

    With `fallback` it is in the settings alone, which then say three figures more.
    """
    if live is not None:
        yield from _plain(_LIVE, live.raw)
        shares = reading.campaign(live.raw.get("campaign"))[2]
        for line, share in shares.items() if isinstance(shares, dict) else ():
            yield "wolkvox_campaign_dialing_share_ratio", {"line": line}, share
    if known is None:
        return
    raw = known.raw
    if fallback:
        yield from _plain(_EITHER, raw)
    yield from _plain(_KNOWN, raw)
    used = reading.last_use(raw.get("last_use"), zone)
    if isinstance(used, float):
        yield "wolkvox_campaign_last_use_timestamp_seconds", {}, used
    info = {"type": "type_campaign", "dial_mode": "dial_mode", "description": "campaign_description"}
    yield (
        "wolkvox_campaign_info",
        {label: reading.text(raw.get(name)) for label, name in info.items()},
        1.0,
    )
    rings = reading.ring(raw.get("dial_mode"))
    for line, seconds in rings.items() if isinstance(rings, dict) else ():
        yield "wolkvox_campaign_ring_timeout_seconds", {"line": line}, seconds


def _plain(
    table: Sequence[_Column], raw: Mapping[str, object]
) -> Iterator[tuple[str, Mapping[str, str], float]]:
    for family, name, read, more in table:
        value: Reading = read(raw.get(name))
        if isinstance(value, float):
            yield f"wolkvox_campaign_{family}", more, value


def unreadable_fields(api: str, raw: Mapping[str, object], zone: ZoneInfo) -> set[str]:
    """Return the fields of a row that are there and cannot be read; a field counts once a row."""
    table = _LIVE if api == "campaigns" else (*_EITHER, *_KNOWN)
    bad = {name for _, name, read, _ in table if read(raw.get(name)) == UNREADABLE}
    if api == "campaigns":
        bad |= {"campaign"} if reading.campaign(raw.get("campaign"))[2] == UNREADABLE else set()
    else:
        bad |= {"last_use"} if reading.last_use(raw.get("last_use"), zone) == UNREADABLE else set()
        bad |= {"dial_mode"} if reading.ring(raw.get("dial_mode")) == UNREADABLE else set()
    return bad


def telephone_sums(  # noqa: C901 - one telephone after the other, each by all the rules
    rows: Sequence[object], after: int, discarded: Counter[str], unreadable: Counter[str]
) -> Mapping[Series, float]:
    """Return the sums over the telephones of a report; a number that stands in several rows counts once."""
    sums: dict[str, float] = {}
    telephones: dict[str, dict[str, Reading]] = {}
    for row in rows:
        number = reading.text(row.get("telephone")) if isinstance(row, dict) else ""
        if number.upper().startswith("TOTAL"):
            continue
        if not isinstance(row, dict) or not any(one.isdigit() for one in number):
            discarded["shape"] += 1
            continue
        codes = telephones.setdefault(number, dict.fromkeys(CODES, 0.0))
        for name in (*CODES, "total_machine_recognitions"):
            value = reading.count(row.get(name))
            unreadable[name] += value == UNREADABLE
            if isinstance(value, float):
                sums[name] = sums.get(name, 0.0) + value
        for code in CODES:
            codes[code] = _added(codes[code], reading.count(row.get(code)))
    known = [codes for codes in telephones.values() if MISSING not in codes.values()]
    if not telephones and not discarded["shape"]:
        sums = dict.fromkeys((*CODES, "total_machine_recognitions"), 0.0)
        known = [{}]
    shown: dict[Series, float] = {
        ("wolkvox_campaign_machine_codes", labels(code=code)): sums[code] for code in CODES if code in sums
    }
    if "total_machine_recognitions" in sums:
        shown["wolkvox_campaign_machine_recognitions", ()] = sums["total_machine_recognitions"]
    if telephones or known:
        shown["wolkvox_campaign_telephones", ()] = float(len(telephones))
    if known:
        lost = sum(_lost(codes, after) for codes in known)
        shown["wolkvox_campaign_unreachable_telephones", ()] = float(lost)
    return shown


def attempt_sums(
    rows: Sequence[object], family: str, discarded: Counter[str], unreadable: Counter[str]
) -> Mapping[Series, float]:
    """Return the attempts of a report by result; of two rows about one result the last counts."""
    attempts: dict[str, Reading] = {}
    whole = True
    for row in rows:
        written = reading.text(row.get("result")) if isinstance(row, dict) else ""
        if written.upper().startswith("TOTAL"):
            continue
        result = "_".join(written.lower().replace("-", " ").replace("_", " ").split())
        if not isinstance(row, dict) or not result:
            discarded["shape"] += 1
            whole = False
            continue
        discarded["duplicate"] += isinstance(attempts.get(result), float)
        attempts[result] = reading.count(row.get("records"))
        unreadable["records"] += attempts[result] == UNREADABLE
        whole = whole and isinstance(attempts[result], float)
    known = {result: count for result, count in attempts.items() if isinstance(count, float)}
    if whole and known.keys() <= RESULTS:
        known = {"answer": 0.0, "abandon": 0.0, **known}
    return {(family, labels(result=result)): count for result, count in known.items()}


def agent_sums(
    rows: Sequence[object], discarded: Counter[str], unreadable: Counter[str]
) -> Mapping[Series, float]:
    """Return how many agents have each status; of two rows of one agent the last counts."""
    statuses: dict[str, str] = {}
    for number, row in enumerate(rows):
        if not isinstance(row, dict) or "agent_status" not in row:
            discarded["shape"] += 1
            continue
        agent = reading.text(row.get("agent_id")) or f"row {number}"
        discarded["duplicate"] += agent in statuses
        raw = row["agent_status"]
        status = reading.text(raw).lower()
        missing = raw is None or (isinstance(raw, str) and raw.strip() in {"", "-"})
        # No word of the month's statuses is in an agent's name, and one with a digit may be a telephone.
        bad = not missing and (not status or any(one.isdigit() for one in status))
        unreadable["agent_status"] += bad
        statuses[agent] = "" if bad else status
    counts = Counter(status for status in statuses.values() if status)
    found = {status: float(count) for status, count in counts.items()}
    if found and not discarded["shape"] and set(statuses.values()) <= STATUSES:
        found = {**dict.fromkeys(STATUSES, 0.0), **found}
    return {("wolkvox_agents", labels(status=status)): count for status, count in found.items()}


def skill_sums(
    rows: Sequence[object], discarded: Counter[str], unreadable: Counter[str]
) -> Mapping[Series, float]:
    """Return the figures of the skills, told apart by id and name; of two rows about one the last counts."""
    last: dict[tuple[str, str], Mapping[str, object]] = {}
    for row in rows:
        named = row if isinstance(row, dict) else {}
        skill = (reading.text(named.get("skill_id")), reading.text(named.get("skill_name")))
        if not isinstance(row, dict) or not any(skill):
            discarded["shape"] += 1
            continue
        discarded["duplicate"] += skill in last
        last[skill] = row
        unreadable.update(name for name, read, _, _ in _SKILL if read(row.get(name)) == UNREADABLE)
    return {
        (f"wolkvox_skill_{family}", labels(skill_id=skill_id, skill=name, **more)): value
        for (skill_id, name), row in last.items()
        for field, read, family, more in _SKILL
        if isinstance(value := read(row.get(field)), float)
    }


def service_sums(
    rows: Sequence[object], discarded: Counter[str], unreadable: Counter[str]
) -> Mapping[Series, float]:
    """Return the licences and the protection of the operation; of two rows the last counts."""
    shown: dict[Series, float] = {}
    for number, row in enumerate(rows):
        if not isinstance(row, dict) or not {"licenses", "customer_prot"} & set(row):
            discarded["shape"] += 1
            continue
        discarded["duplicate"] += number > 0
        licences, protection = reading.count(row.get("licenses")), reading.switch(row.get("customer_prot"))
        unreadable["licenses"] += licences == UNREADABLE
        unreadable["customer_prot"] += protection == UNREADABLE
        shown = {}
        if isinstance(licences, float) and licences:
            shown["wolkvox_licences", ()] = licences
        if isinstance(protection, float):
            shown["wolkvox_customer_protection", ()] = protection
    return shown


def token_sums(rows: Sequence[object], discarded: Counter[str], unreadable: Counter[str]) -> None:
    """Count what is wrong with the rows of `token_info`."""
    for row in rows:
        if not isinstance(row, dict) or not set(FIELDS["token_info"]) & set(row):
            discarded["shape"] += 1
            continue
        for one in FIELDS["token_info"]:
            unreadable[one] += reading.count(row.get(one)) == UNREADABLE


def audit_sums(
    rows: Sequence[object], zone: ZoneInfo, discarded: Counter[str], unreadable: Counter[str]
) -> None:
    """Count what is wrong with the lines of the log: only those matter that start or stop a campaign."""
    for row in rows:
        if not isinstance(row, dict) or "action" not in row:
            discarded["shape"] += 1
            continue
        action = reading.text(row["action"])
        if action.startswith(("Predictive: stop campaign ", "Predictive: start campaign ")):
            unreadable["date"] += reading.last_use(row.get("date"), zone) == UNREADABLE


def _added(before: Reading, more: Reading) -> Reading:
    """Return the sum of two counts, MISSING where one of them is not known."""
    return before + more if isinstance(before, float) and isinstance(more, float) else MISSING


def _lost(codes: Mapping[str, Reading], after: int) -> bool:
    """Return whether a telephone has at least `after` codes, all of them congestion or failed."""
    made = {code: count for code, count in codes.items() if isinstance(count, float) and count}
    return sum(made.values()) >= after and set(made) <= {"congestion", "failed"}
