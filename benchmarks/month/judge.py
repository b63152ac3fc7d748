"""Judges pages against the truth of the month: right, late, twice or false, and what nobody was told.

A ring is a notification to a pager with an alert that the one before did not have. It is true when it is the
first of an incident, in time and before its end; late after that time; twice when the incident was told; over
when it comes after the end; arguable when the incident need not ring; false when nothing is wrong.
"""

import statistics
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from benchmarks.month.incidents import ALL_STOPPED, Incident
from benchmarks.month.pager import Alertmanager, Firing, Notification

SEEN_LATER_SECONDS = 7 * 60
"""An end is known one poll later."""
HELD_SECONDS = 20 * 60
"""Rings that come so long after an end are of that incident, and wrong; later ones are of nothing."""


@dataclass
class Told:
    """What was told of one incident."""

    incident: Incident
    rings: list[Notification] = field(default_factory=list)
    messages: list[Notification] = field(default_factory=list)
    firings: list[Firing] = field(default_factory=list)


@dataclass
class Verdict:
    """What became of the month of one operation.

    `rings` and `messages`: the verdict, the notification, and what it is about.
    """

    operation: str
    zone: ZoneInfo
    told: list[Told]
    rings: list[tuple[str, Notification, Incident | None]] = field(default_factory=list)
    messages: list[tuple[str, Notification, Incident | None]] = field(default_factory=list)
    mails: int = 0
    resolved: int = 0
    reminders: int = 0
    days: dict[str, int] = field(default_factory=dict)
    """Chat messages of each day on which nothing was wrong."""


class Shares:
    """The shares that were to be expected in each hour, before chance."""

    def __init__(self, hours: Mapping[str, Sequence[tuple[int, Mapping[str, float]]]], start: float) -> None:
        self._hours = hours
        self._start = start

    def really(self, alert: str, campaign: str, at: float) -> bool:
        """Return whether what an alert about shares says was so, although no incident made it so."""
        hour = int((at - self._start) / 3600)
        known = self._hours.get(campaign)
        if campaign and known is None:
            return False
        rows = known if known is not None else [row for rows in self._hours.values() for row in rows]
        lately = _total(figures for number, figures in rows if hour - 1 <= number <= hour)
        before = _total(figures for number, figures in rows if number < hour - 1)
        if not lately["calls"] or not before["calls"]:
            return False
        now = {name: lately[name] / lately["calls"] for name in lately}
        then = {name: before[name] / before["calls"] for name in before}
        answers = lately["answer"] and before["answer"]
        return {
            "WolkvoxContactRateLow": now["answer"] < 0.65 * then["answer"],
            "WolkvoxFailedShareHigh": now["failed"] > 0.22,
            "WolkvoxRefilledListUnreachable": now["failed"] > 0.22,
            "WolkvoxMachineShareHigh": now["machine"] > 0.36 or now["machine"] - then["machine"] > 0.09,
            "WolkvoxHitRateLow": bool(answers)
            and lately["hits"] / lately["answer"] < 0.65 * before["hits"] / before["answer"],
        }.get(alert, False)


def _total(rows: Iterator[Mapping[str, float]]) -> dict[str, float]:
    total = dict.fromkeys(("calls", "answer", "failed", "machine", "hits"), 0.0)
    for figures in rows:
        for name in total:
            total[name] += figures[name]
    return total


def judge(
    operation: str,
    zone: ZoneInfo,
    incidents: Sequence[Incident],
    firings: Sequence[Firing],
    alertmanager: Alertmanager,
    shares: Shares,
    days: Sequence[tuple[float, float]],
) -> Verdict:
    """Return the verdict on the firings of an operation. `days`: begin and end of each local day."""
    verdict = Verdict(operation, zone, [Told(incident) for incident in incidents])
    for firing in firings:
        for told in verdict.told:
            if _about(told.incident, firing, firing.begin, firing.end):
                told.firings.append(firing)
    chats: list[float] = []
    for notification in alertmanager.notifications(firings):
        kinds = alertmanager.kinds(notification.receiver)
        if notification.repeated:
            verdict.reminders += 1
        if "pagerduty" in kinds and notification.new:
            verdict.rings.append(_weigh(verdict, notification, shares, pager=True))
        elif "slack" in kinds:
            if notification.new:
                verdict.messages.append(_weigh(verdict, notification, shares, pager=False))
                chats.append(notification.at)
            elif notification.resolved:
                verdict.resolved += 1
        elif "email" in kinds:
            verdict.mails += 1
    wrong = [incident for incident in incidents if incident.must != "nothing"]
    for begin, end in days:
        if not any(incident.begin < end and begin < incident.end + HELD_SECONDS for incident in wrong):
            date = datetime.fromtimestamp(begin, zone).date().isoformat()
            verdict.days[date] = sum(begin <= at < end for at in chats)
    return verdict


def _about(incident: Incident, firing: Firing, begin: float, end: float) -> bool:
    """Return whether an alert can be about an incident: its name, its campaign, its time."""
    if firing.label("alertname") not in incident.tells + incident.may:
        return False
    if begin >= incident.end + HELD_SECONDS or end <= incident.begin:
        return False
    campaign = firing.label("campaign_id")
    return not (campaign and incident.campaigns) or campaign in incident.campaigns


def _weigh(
    verdict: Verdict, notification: Notification, shares: Shares, *, pager: bool
) -> tuple[str, Notification, Incident | None]:
    found: list[tuple[str, Incident | None]] = []
    for alert in notification.new:
        matches = [
            told
            for told in verdict.told
            if told.incident.must != "nothing"
            and _about(told.incident, alert, notification.at, notification.at + 1)
        ] or _stopped_together(verdict, alert, notification.at)
        if not matches:
            real = shares.really(alert.label("alertname"), alert.label("campaign_id"), notification.at)
            found.append(("arguable" if real else "false", None))
            continue
        for told in matches:
            found.append((_word(told, notification, pager=pager), told.incident))
            (told.rings if pager else told.messages).append(notification)
    order = ("true", "late", "arguable", "twice", "over", "false")
    best = min(found, key=lambda entry: order.index(entry[0]))
    return best[0], notification, best[1]


def _stopped_together(verdict: Verdict, alert: Firing, at: float) -> list[Told]:
    """Return single stops that come to a stop of the operation, if that is what an alert tells."""
    if alert.label("alertname") not in ALL_STOPPED:
        return []
    stops = [
        told
        for told in verdict.told
        if "WolkvoxCampaignStopped" in told.incident.tells and told.incident.begin <= at < told.incident.end
    ]
    return stops if len(stops) > 1 else []


def _word(told: Told, notification: Notification, *, pager: bool) -> str:
    incident = told.incident
    if notification.at >= incident.end + SEEN_LATER_SECONDS:
        return "over"
    before = told.rings if pager else told.messages
    if any(earlier is not notification for earlier in before):
        return "twice"
    if pager and incident.must != "page":
        return "arguable"
    if incident.must in ("page", "warn") and notification.at > incident.due:
        return "late"
    return "true"


def report(verdicts: Sequence[Verdict], *, details: bool = True) -> str:
    """Return the verdict for a person."""
    lines: list[str] = []
    for name, all_ in (
        ("rings", [entry for v in verdicts for entry in v.rings]),
        ("chat messages", [entry for v in verdicts for entry in v.messages]),
    ):
        counts = Counter(word for word, _, _ in all_)
        lines.append(f"{name}: {len(all_)}: " + ", ".join(f"{n} {w}" for w, n in counts.most_common()))
    lines += _missed(verdicts)
    lines += _minutes(verdicts)
    normal = [number for v in verdicts for number in v.days.values()]
    if normal:
        lines.append(
            f"days on which nothing was wrong: {len(normal)}; chat messages on them: {sum(normal)}, "
            f"{sum(normal) / len(normal):.2f} a day and operation, most {max(normal)}"
        )
    lines.append(
        f"mails: {sum(v.mails for v in verdicts)}; ends told in chat: {sum(v.resolved for v in verdicts)}; "
        f"reminders: {sum(v.reminders for v in verdicts)}"
    )
    if details:
        lines += ["", "what was not right:"]
        for verdict in verdicts:
            lines += _wrong(verdict)
    return "\n".join(lines)


def _missed(verdicts: Sequence[Verdict]) -> list[str]:
    lines = []
    for must in ("page", "warn"):
        all_ = [told for v in verdicts for told in v.told if told.incident.must == must]
        missed = [told for told in all_ if _first_word(told) is None]
        lines.append(f"incidents that must {must}: {len(all_)}, missed {len(missed)}")
        for told in missed:
            zone = next(v.zone for v in verdicts if v.operation == told.incident.operation)
            fired = sorted({f.label("alertname") + "/" + f.label("severity") for f in told.firings})
            lines.append(
                f"  MISSED {_about_incident(told.incident, zone)}"
                + (f" (fired: {', '.join(fired)})" if fired else "")
            )
    return lines


def _first_word(told: Told) -> float | None:
    """Return when people were first told. As chat is silent at night, a warning that fires is enough."""
    if told.incident.must == "page":
        return min((notification.at for notification in told.rings), default=None)
    tells = [firing for firing in told.firings if firing.label("alertname") in told.incident.tells]
    return min((max(firing.begin, told.incident.begin) for firing in tells), default=None)


def _minutes(verdicts: Sequence[Verdict]) -> list[str]:
    waits: dict[str, list[float]] = {}
    stays: dict[str, list[float]] = {}
    pauses: Counter[str] = Counter()
    for told in (told for v in verdicts for told in v.told):
        incident = told.incident
        if incident.must not in ("page", "warn"):
            continue
        first = _first_word(told)
        if first is None:
            continue
        waits.setdefault(incident.kind, []).append((first - incident.begin) / 60)
        by_labels: dict[object, list[Firing]] = {}
        for firing in told.firings:
            if firing.label("alertname") in incident.tells and firing.begin < incident.end:
                by_labels.setdefault(firing.labels, []).append(firing)
        ends = [firing.end for spans in by_labels.values() for firing in spans]
        if ends:
            stays.setdefault(incident.kind, []).append((max(ends) - incident.end) / 60)
        pauses[incident.kind] += sum(len(spans) - 1 for spans in by_labels.values())
    lines = ["minutes from the begin to the first word, least / median / most; from its end to the alert's:"]
    for kind, found in sorted(waits.items()):
        after = stays.get(kind, [])
        lines.append(
            f"  {kind:45} {len(found):3} {_spread(found)}"
            + (f"  {_spread(after)}" if after else "")
            + (f"   {pauses[kind]} pauses" if pauses[kind] else "")
        )
    return lines


def _spread(minutes: Sequence[float]) -> str:
    return f"{min(minutes):6.1f} /{statistics.median(minutes):6.1f} /{max(minutes):6.1f}"


def _wrong(verdict: Verdict) -> Iterator[str]:
    for name, entries in (("RING", verdict.rings), ("chat", verdict.messages)):
        for word, notification, incident in entries:
            if word == "true":
                continue
            alerts = Counter(
                f"{alert.label('alertname')}/{alert.label('severity')} {alert.label('campaign_id')}".strip()
                for alert in notification.new
            )
            at = datetime.fromtimestamp(notification.at, verdict.zone)
            around = incident or _trap(verdict, notification)
            yield (
                f"{name} {word:8} {verdict.operation} {at:%a %d %H:%M:%S} {', '.join(alerts)[:160]}"
                + (f"  <- {_about_incident(around, verdict.zone)}" if around else "")
            )


def _trap(verdict: Verdict, notification: Notification) -> Incident | None:
    """Return what was going on with the campaign of a false alert, if anything was."""
    campaigns = {alert.label("campaign_id") for alert in notification.new}
    for told in verdict.told:
        incident = told.incident
        if incident.begin - 600 <= notification.at < incident.end + 3600 and (
            not incident.campaigns or campaigns & set(incident.campaigns)
        ):
            return incident
    return None


def _about_incident(incident: Incident, zone: ZoneInfo) -> str:
    begin, end = (datetime.fromtimestamp(at, zone) for at in (incident.begin, incident.end))
    who = ",".join(incident.campaigns[:3]) + ("..." if len(incident.campaigns) > 3 else "")
    when = f"{begin:%a %d %H:%M} to {end:%a %d %H:%M}"
    return f"{incident.kind} ({incident.must}) {incident.operation} {who} {when}"
